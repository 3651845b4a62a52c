// SPDX-License-Identifier: MIT
// Notifications by name, within a process and from a child of it.
#include "check.h"

#include <fcntl.h>
#include <notify.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char name[64];
static atomic_int signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static dispatch_time_t limit(void)
{
	return dispatch_time(DISPATCH_TIME_NOW, 10 * (long long)NSEC_PER_SEC);
}

static void post_from_child(char *program)
{
	int status, child = fork();
	if (child == 0) {
		char *words[] = {program, name, NULL}, *none[] = {NULL};
		execve(program, words, none);
		_exit(9);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int count, char **words)
{
	static int told;
	int token, file, other, again, by_signal, posted, own;
	uint64_t state;
	if (count > 1) { // the child
		CHECK(notify_register_check(words[1], &token) == NOTIFY_STATUS_OK && notify_set_state(token, 77) == 0);
		return (int)notify_post(words[1]);
	}
	snprintf(name, sizeof(name), "org.example.gila.%d", getpid());
	CHECK(notify_post("") == NOTIFY_STATUS_INVALID_NAME && notify_check(12345, &posted) == NOTIFY_STATUS_INVALID_TOKEN);
	CHECK(!notify_is_valid_token(12345) && notify_post(name) == NOTIFY_STATUS_OK);
	CHECK(notify_register_check(name, &token) == NOTIFY_STATUS_OK && notify_is_valid_token(token));
	CHECK(notify_check(token, &posted) == 0 && posted == 1); // the first time always
	CHECK(notify_check(token, &posted) == 0 && posted == 0);
	CHECK(notify_post(name) == 0 && notify_check(token, &posted) == 0 && posted == 1);

	dispatch_queue_t queue = dispatch_queue_create("notices", NULL);
	dispatch_semaphore_t heard = dispatch_semaphore_create(0);
	CHECK(notify_register_dispatch(name, &told, queue, ^(int which) {
		CHECK(which == told);
		dispatch_semaphore_signal(heard);
	}) == 0 && told != token);
	struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	CHECK(notify_register_signal(name, SIGUSR1, &by_signal) == 0);
	CHECK(notify_register_file_descriptor(name, &file, 0, &other) == 0);
	CHECK(notify_register_file_descriptor("self.other", &file, NOTIFY_REUSE, &again) == 0);
	post_from_child(words[0]);
	CHECK(dispatch_semaphore_wait(heard, limit()) == 0);
	CHECK(notify_check(token, &posted) == 0 && posted == 1 && notify_get_state(token, &state) == 0 && state == 77);
	unsigned char bytes[4];
	CHECK(read(file, bytes, 4) == 4 && (int)(bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]) == other);
	CHECK(notify_post("self.other") == 0 && read(file, bytes, 4) == 4 && bytes[3] == again % 256);
	for (int i = 0; i < 10000 && signals == 0; i++)
		usleep(1000);
	CHECK(signals == 1);
	CHECK(notify_register_check("self.other", &own) == 0 && notify_check(own, &posted) == 0 && posted == 1);

	CHECK(notify_suspend(told) == 0 && notify_post(name) == 0 && notify_post(name) == 0);
	CHECK(dispatch_semaphore_wait(heard, dispatch_time(DISPATCH_TIME_NOW, 20000000)) != 0);
	CHECK(notify_resume(told) == 0 && dispatch_semaphore_wait(heard, limit()) == 0);
	CHECK(dispatch_semaphore_wait(heard, dispatch_time(DISPATCH_TIME_NOW, 20000000)) != 0);
	CHECK(notify_cancel(told) == 0 && notify_cancel(told) == NOTIFY_STATUS_INVALID_TOKEN);
	CHECK(notify_post(name) == 0 && dispatch_semaphore_wait(heard, dispatch_time(DISPATCH_TIME_NOW, 20000000)) != 0);
	CHECK(notify_cancel(other) == 0 && fcntl(file, 1 /* F_GETFD */) >= 0 && notify_cancel(again) == 0);
	CHECK(fcntl(file, 1) < 0 && notify_cancel(token) == 0 && notify_cancel(by_signal) == 0);
	puts("notices are fine");
	return 0;
}
