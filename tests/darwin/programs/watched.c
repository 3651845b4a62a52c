// SPDX-License-Identifier: MIT
// A child is watched: it forks, is sent a signal, becomes another program, ends. "watched again": the program that it becomes.
#include "check.h"

#include <dispatch/dispatch.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/event.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTE_FORK 0x40000000u
#define NOTE_EXEC 0x20000000u
#define NOTE_SIGNAL 0x08000000u
#define NOTE_EXITSTATUS 0x04000000u

static int queue, orders[2], answers[2];

// The notes that come next.
static unsigned next(long *data)
{
	struct timespec limit = {20, 0};
	struct kevent event;
	CHECK(kevent(queue, NULL, 0, &event, 1, &limit) == 1);
	*data = (long)event.data;
	return event.fflags;
}

static void order(char what)
{
	CHECK(write(orders[1], &what, 1) == 1);
}

static char answer(void)
{
	char what = 0;
	CHECK(read(answers[0], &what, 1) == 1);
	return what;
}

static void child(char *path)
{
	char *again[] = {path, "again", NULL}, what;
	dup2(orders[0], 0);
	dup2(answers[1], 1);
	close(orders[1]); // so that it ends with its parent
	close(answers[0]);
	signal(SIGUSR1, SIG_IGN);
	while (read(0, &what, 1) == 1 && what == 'f') {
		pid_t grandchild = fork();
		if (grandchild == 0)
			_exit(0);
		waitpid(grandchild, NULL, 0);
		what = 'F';
		write(1, &what, 1);
	}
	execv(path, again);
	_exit(1);
}

static void watch(pid_t process, unsigned notes, int wanted)
{
	struct kevent change = {.ident = (uintptr_t)process, .filter = EVFILT_PROC, .flags = EV_ADD, .fflags = notes};
	int result = kevent(queue, &change, 1, NULL, 0, NULL);
	CHECK(wanted ? result == -1 && errno == wanted : result == 0);
}

int main(int count, char **words)
{
	long data;
	int status;
	char what;
	if (count > 1) {
		what = 'E';
		write(1, &what, 1);
		return read(0, &what, 1) == 1 && what == 'x' ? 9 : 1;
	}
	CHECK(pipe(orders) == 0 && pipe(answers) == 0 && (queue = kqueue()) >= 0);
	pid_t process = fork();
	if (process == 0)
		child(words[0]);
	watch(process, 1 /* NOTE_TRACK */, 45 /* ENOTSUP */);
	watch(process, NOTE_EXIT, 0);
	watch(process, NOTE_EXIT | NOTE_EXITSTATUS | NOTE_FORK | NOTE_EXEC | NOTE_SIGNAL, 0); // more than at first
	order('f');
	CHECK(answer() == 'F' && next(&data) == NOTE_FORK);
	CHECK(kill(process, SIGUSR1) == 0);
	CHECK(next(&data) == NOTE_SIGNAL && data == SIGUSR1);
	order('e');
	CHECK(answer() == 'E' && next(&data) == NOTE_EXEC);
	order('x');
	CHECK(next(&data) == (NOTE_EXIT | NOTE_EXITSTATUS) && data == 9 << 8);
	CHECK(waitpid(process, &status, 0) == process && WEXITSTATUS(status) == 9);

	// libdispatch's source for the same; and nobody watches the first one any more.
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	process = fork();
	if (process == 0)
		child(words[0]);
	dispatch_source_t source = dispatch_source_create(DISPATCH_SOURCE_TYPE_PROC, (uintptr_t)process, NOTE_FORK, NULL);
	dispatch_source_set_registration_handler(source, ^{ order('f'); });
	dispatch_source_set_event_handler(source, ^{
		CHECK(dispatch_source_get_data(source) == NOTE_FORK);
		dispatch_semaphore_signal(told);
	});
	dispatch_activate(source);
	CHECK(answer() == 'F');
	CHECK(dispatch_semaphore_wait(told, dispatch_time(DISPATCH_TIME_NOW, 20ll * (long long)NSEC_PER_SEC)) == 0);
	order('e');
	CHECK(answer() == 'E');
	order('y');
	CHECK(waitpid(process, &status, 0) == process && WEXITSTATUS(status) == 1);
	puts("watching is fine");
	return 0;
}
