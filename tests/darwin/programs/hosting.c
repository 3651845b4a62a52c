// SPDX-License-Identifier: MIT
// What language runtimes and databases ask of the system and few other programs do. Words: the part to show, then what it needs.
// Facts: kqueue(2), <sys/event.h>, connect(2), <sys/dirent.h>, pthread_is_threaded_np in <pthread.h>, ICU's uchar.h, sysctlbyname(3).
#include "check.h"

#include <dispatch/dispatch.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libproc.h>
#include <pthread.h>
#include <string.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int pthread_is_threaded_np(void);
long __getdirentries64(int file, void *buffer, size_t size, long *base);
int u_toupper(int c);
int u_charType(int c);
const char *u_errorName(int code);

static void *nothing(void *argument)
{
	return argument;
}

static int threaded(void)
{
	pthread_t thread;
	int status;
	CHECK(!pthread_is_threaded_np());
	CHECK(pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0);
	CHECK(pthread_is_threaded_np());
	pid_t child = fork();
	if (child == 0)
		_exit(pthread_is_threaded_np());
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	return 0;
}

// kevent64 that asks for errors alone does not wait, and tells them.
static int only_errors(void)
{
	int queue = kqueue();
	struct kevent64_s change = {.ident = 1, .filter = EVFILT_USER, .flags = EV_ADD};
	CHECK(kevent64(queue, &change, 1, &change, 1, KEVENT_FLAG_ERROR_EVENTS, NULL) == 0);
	change = (struct kevent64_s){.ident = 1, .filter = EVFILT_USER, .fflags = NOTE_TRIGGER};
	CHECK(kevent64(queue, &change, 1, &change, 1, KEVENT_FLAG_ERROR_EVENTS, NULL) == 0);
	change = (struct kevent64_s){.ident = 999, .filter = EVFILT_READ, .flags = EV_ADD};
	CHECK(kevent64(queue, &change, 1, &change, 1, KEVENT_FLAG_ERROR_EVENTS, NULL) == 1);
	CHECK((change.flags & EV_ERROR) && change.data == EBADF && change.ident == 999);
	CHECK(kevent64(queue, NULL, 0, &change, 1, 0, NULL) == 1 && change.filter == EVFILT_USER);
	return 0;
}

// Nobody listens at port 1: the event says that it is over, SO_ERROR says why.
static int refused(void)
{
	struct sockaddr_in nobody = {.sin_len = sizeof(nobody), .sin_family = AF_INET, .sin_port = 0x0100, .sin_addr = 0x0100007f};
	int file = socket(AF_INET, SOCK_STREAM, 0), queue = kqueue(), error = 0;
	socklen_t size = sizeof(error);
	struct kevent change = {.ident = (uintptr_t)file, .filter = EVFILT_WRITE, .flags = EV_ADD}, event;
	CHECK(fcntl(file, F_SETFL, O_NONBLOCK) == 0);
	CHECK(connect(file, (struct sockaddr *)&nobody, sizeof(nobody)) == -1);
	CHECK(errno == EINPROGRESS || errno == ECONNREFUSED);
	if (errno == ECONNREFUSED)
		return 0;
	CHECK(kevent(queue, &change, 1, &event, 1, NULL) == 1 && (event.flags & EV_EOF));
	CHECK(getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == ECONNREFUSED);
	return 0;
}

struct entry { // <sys/dirent.h>, 64-bit inodes
	uint64_t inode, seek;
	uint16_t record, length;
	uint8_t type;
	char name[1];
};

static int entries(const char *folder, int wanted)
{
	static _Alignas(8) char buffer[2048];
	int file = open(folder, O_RDONLY), found = 0;
	long base, size;
	while ((size = __getdirentries64(file, buffer, sizeof(buffer), &base)) > 0)
		for (long at = 0; at < size;) {
			const struct entry *entry = (const struct entry *)(buffer + at);
			CHECK(entry->inode && strlen(entry->name) == entry->length && entry->record >= 22 + entry->length - 1);
			CHECK(entry->type == 8 || entry->type == 4); // DT_REG, DT_DIR
			found += entry->name[0] == 'f';
			at += entry->record;
		}
	CHECK(size == 0 && found == wanted && (*(unsigned *)(buffer + sizeof(buffer) - 4) & 1));
	return 0;
}

// An idle thread of libdispatch ends after five seconds; another one comes.
static int idle(void)
{
	for (int i = 0; i < 2; i++) {
		dispatch_semaphore_t done = dispatch_semaphore_create(0);
		dispatch_async_f(dispatch_get_global_queue(0, 0), done, (dispatch_function_t)dispatch_semaphore_signal);
		CHECK(dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER) == 0);
		for (unsigned left = 6; i == 0 && left;)
			left = sleep(left);
	}
	return 0;
}

int main(int count, char **words)
{
	char text[1024];
	size_t size = sizeof(text);
	const char *part = words[1];
	if (strcmp(part, "threaded") == 0)
		return threaded();
	if (strcmp(part, "errors") == 0)
		return only_errors();
	if (strcmp(part, "refused") == 0)
		return refused();
	if (strcmp(part, "entries") == 0)
		return entries(words[2], atoi(words[3]));
	if (strcmp(part, "idle") == 0)
		return idle();
	if (strcmp(part, "icu") == 0)
		return !(u_toupper(0xe4) == 0xc4 && u_charType('a') == 2 && strcmp(u_errorName(1), "U_ILLEGAL_ARGUMENT_ERROR") == 0);
	if (strcmp(part, "features") == 0) {
		CHECK(sysctlbyname("machdep.cpu.features", text, &size, NULL, 0) == 0 && strlen(text) + 1 == size);
		return puts(text) < 0;
	}
	if (strcmp(part, "export") == 0) { // of a library without a trie
		void *library = dlopen(words[2], RTLD_NOW);
		CHECK(library && dlsym(library, words[3]) && !dlsym(library, "nothing_of_that_name"));
		return 0;
	}
	if (strcmp(part, "shell") == 0) { // a simple command: this program again
		execl("/bin/sh", "sh", "-c", words[2], (char *)NULL);
		return 9;
	}
	if (strcmp(part, "say") == 0) {
		fprintf(stderr, "to error\n");
		return puts(count > 2 ? words[2] : "said") < 0 ? 8 : 7;
	}
	return 2;
}
