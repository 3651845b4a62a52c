// SPDX-License-Identifier: MIT
// forked: a child of fork is a task of its own. It must not use the names that its parent knew (cached seats, the reply
// port, the task port), and threads that end must leave nothing behind.
#include "client.h"

#include <gila/gila.h>
#include <gila/file.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// One call over a cached seat; tells who failed.
static void look(const char *who)
{
	mach_port_t seat;
	kern_return_t error = gila_seat("fs/tmp", &seat);
	struct file_info info;
	if (!error)
		error = gila_path_info("/tmp", &info);
	if (error)
		client_fail("%s: %s", who, gila_error_text(error));
}

static void *thread_look(void *argument)
{
	look("a thread");
	return NULL;
}

int main(void)
{
	struct client_accounts before;
	client_limit(60);
	look("the parent");
	// Other names where the child's new space will have its own.
	for (int i = 0; i < 20; i++)
		client_port();
	for (int i = 0; i < 5; i++) {
		fflush(stdout);
		pid_t child = fork();
		if (child == 0) {
			mach_port_t before_fork = mach_task_self();
			look("the child");
			if (before_fork == MACH_PORT_NULL)
				client_fail("the child has no task port");
			_exit(client_status());
		}
		int status = -1;
		waitpid(child, &status, 0);
		if (status != 0)
			client_fail("child %d ended with status 0x%x", i, status);
		look("the parent after fork");
	}
	client_accounts_read(&before);
	for (int i = 0; i < 50; i++) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, thread_look, NULL) != 0)
			client_fail("no thread");
		else
			pthread_join(thread, NULL);
	}
	client_accounts_await(&before, 30);
	return client_status();
}
