// SPDX-License-Identifier: MIT
// Ballast; see ballast.h. The child writes the number that it reached to descriptor 1 and goes when descriptor 0 ends.
#include "ballast.h"
#include "link.h"

#include <abi/traps.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE (64u << 10)
#define QUEUE_DEPTH 1024u // MACH_PORT_QLIMIT_LARGE
#define MESSAGE_BODY 64u

// ---- The parent --------------------------------------------------------------------------------------------------------

static pid_t spawn(const char *kind, unsigned count, int in, int out)
{
	char number[16];
	snprintf(number, sizeof(number), "%u", count);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(in, 0);
		dup2(out, 1);
		execl("/proc/self/exe", "bench", "ballast", kind, number, (char *)NULL);
		_exit(127);
	}
	if (pid < 0) {
		perror("bench: fork");
		exit(2);
	}
	return pid;
}

void ballast_start(struct ballast *ballast, const char *kind, unsigned count)
{
	int hold[2], ready[2];
	if (pipe2(hold, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0) {
		perror("bench: pipe");
		exit(2);
	}
	ballast->pid = spawn(kind, count, hold[0], ready[1]);
	ballast->hold = hold[1];
	ballast->count = 0;
	close(hold[0]);
	close(ready[1]);
	if (read(ready[0], &ballast->count, sizeof(ballast->count)) != sizeof(ballast->count)) {
		fprintf(stderr, "bench: the ballast of %u %s did not come up\n", count, kind);
		exit(2);
	}
	close(ready[0]);
}

void ballast_end(struct ballast *ballast)
{
	close(ballast->hold);
	waitpid(ballast->pid, NULL, 0);
}

// ---- The child -----------------------------------------------------------------------------------------------------------

static struct link self;
static mach_port_t shared;
static _Atomic unsigned there;

static void *idle_thread(void *argument)
{
	struct bench_buffer buffer;
	gila_null(); // its check-in
	atomic_fetch_add(&there, 1);
	for (;;)
		if (mach_msg(&buffer.head, MACH_RCV_MSG, 0, sizeof(buffer), shared, 0, MACH_PORT_NULL))
			pause();
	return NULL;
}

static unsigned make_threads(unsigned count)
{
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	shared = link_port(&self);
	unsigned made = 0;
	for (pthread_t thread; made < count; made++)
		if (pthread_create(&thread, &attributes, idle_thread, NULL))
			break;
	while (atomic_load(&there) < made)
		usleep(1000);
	return made;
}

static unsigned make_ports(unsigned count)
{
	mach_port_t port;
	for (unsigned i = 0; i < count; i++)
		if (kernelrpc_mach_port_allocate_trap(self.task, MACH_PORT_RIGHT_RECEIVE, &port))
			return i;
	return count;
}

static unsigned make_messages(unsigned count)
{
	struct bench_buffer buffer;
	mach_port_t port = MACH_PORT_NULL;
	memset(&buffer, 0, sizeof(buffer));
	for (unsigned i = 0; i < count; i++) {
		if (i % QUEUE_DEPTH == 0)
			port = link_deep_port(&self, QUEUE_DEPTH);
		buffer.head = (mach_msg_header_t){.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
						  .msgh_size = sizeof(buffer.head) + MESSAGE_BODY,
						  .msgh_remote_port = port};
		if (mach_msg(&buffer.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, buffer.head.msgh_size, 0, MACH_PORT_NULL, 0,
			     MACH_PORT_NULL))
			return i;
	}
	return count;
}

// Its own descriptors are shared with the children: they end with the same end of file.
static unsigned make_tasks(unsigned count)
{
	int ready[2];
	unsigned one;
	if (pipe2(ready, O_CLOEXEC) < 0)
		return 0;
	for (unsigned i = 0; i < count; i++) {
		spawn("task", 1, 0, ready[1]);
		if (read(ready[0], &one, sizeof(one)) != sizeof(one))
			return i;
	}
	return count;
}

int ballast_main(const char *kind, unsigned count)
{
	char end;
	self.task = task_self_trap();
	if (strcmp(kind, "threads") == 0)
		count = make_threads(count);
	else if (strcmp(kind, "ports") == 0)
		count = make_ports(count);
	else if (strcmp(kind, "messages") == 0)
		count = make_messages(count);
	else if (strcmp(kind, "tasks") == 0)
		count = make_tasks(count);
	else if (strcmp(kind, "task") != 0)
		return 2;
	if (write(1, &count, sizeof(count)) != sizeof(count))
		return 2;
	while (read(0, &end, 1) > 0)
		continue;
	_exit(0);
}
