// SPDX-License-Identifier: MIT
#include "machine.h"
#include "test_system.h"

#include <dirent.h>
#include <errno.h>
#include <kernel/core/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 20000 // ms

static pid_t kernel_pid;
static char directory[64], socket_path[80];

void test_nap(unsigned milliseconds)
{
	struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
	nanosleep(&time, NULL);
}

pid_t system_pid(void) { return kernel_pid; }
const char *system_socket(void) { return socket_path; }

// ---- Inside the kernel ---------------------------------------------------------------------------------------------

// What the test program asks of a thread of the kernel, in memory that both have.
static struct inside {
	_Atomic unsigned state; // 0: idle, 1: asked, 2: answered
	unsigned from, to;
	int number;
	bool by_client;
	int result;
} *inside;

static int move_descriptor(struct task *from, struct task *to)
{
	struct md_descriptor descriptor;
	int number;
	if (!from || !to)
		return -KERN_INVALID_TASK;
	kern_return_t error = inside->by_client ? descriptor_take_by_client(&descriptor, from, inside->number)
						: md_descriptor_take(&descriptor, from, inside->number);
	if (error)
		return -error;
	error = md_descriptor_give(&descriptor, to, &number);
	md_descriptor_close(&descriptor);
	return error ? -error : number;
}

static void inside_thread(void *argument)
{
	for (;;) {
		wait_begin(NULL, md_clock_now() + 1000000, WAIT_NO_KILL, "the test");
		thread_block();
		wait_end(thread_current());
		if (atomic_load(&inside->state) != 1)
			continue;
		struct task *from = task_find(inside->from), *to = task_find(inside->to);
		inside->result = move_descriptor(from, to);
		if (from)
			task_release(from);
		if (to)
			task_release(to);
		atomic_store(&inside->state, 2);
	}
}

int system_move_descriptor(unsigned from, int number, bool by_client, unsigned to)
{
	inside->from = from;
	inside->number = number;
	inside->by_client = by_client;
	inside->to = to;
	atomic_store(&inside->state, 1);
	for (int i = 0; i < 5000 && atomic_load(&inside->state) == 1; i++)
		test_nap(1);
	return atomic_load(&inside->state) == 2 ? inside->result : -KERN_OPERATION_TIMED_OUT;
}

// The kernel's last call before its threads run (linked with --wrap).
void __real_md_cpu_start_others(void);
void __wrap_md_cpu_start_others(void);
void __wrap_md_cpu_start_others(void)
{
	if (thread_create_kernel("test", inside_thread, NULL) != KERN_SUCCESS)
		panic("no memory for the test's thread");
	__real_md_cpu_start_others();
}

// ---- Kernel and clients --------------------------------------------------------------------------------------------

static void system_forget(void)
{
	if (kernel_pid)
		system_end(SIGKILL);
	if (directory[0]) {
		unlink(socket_path);
		rmdir(directory);
	}
}

static bool system_answers(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool answers = connect(file, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(file);
	return answers;
}

bool system_start(void)
{
	if (kernel_pid)
		return true;
	if (!directory[0]) {
		snprintf(directory, sizeof(directory), "/tmp/gila-test-XXXXXX");
		if (!mkdtemp(directory))
			return false;
		snprintf(socket_path, sizeof(socket_path), "%s/session", directory);
		setenv("GILA_SOCKET", socket_path, 1);
		atexit(system_forget);
	}
	if (!inside)
		inside = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	atomic_store(&inside->state, 0);
	kernel_pid = fork();
	if (kernel_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		struct linux_options options = {.socket = socket_path, .verbose = getenv("VERBOSE") != NULL};
		const char *workers = getenv("WORKERS");
		options.workers = workers ? (unsigned)atoi(workers) : 2;
		_exit(linux_boot(&options));
	}
	for (int i = 0; i < 1000; i++, test_nap(5))
		if (system_answers())
			return true;
	return false;
}

void system_end(int signal)
{
	kill(kernel_pid, signal);
	waitpid(kernel_pid, NULL, 0);
	kernel_pid = 0;
}

pid_t system_client_start(bool (*function)(void))
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(function() ? 0 : 1);
	return pid;
}

bool system_client_end(pid_t client)
{
	int status = 1;
	for (int waited = 0; waited < PATIENCE; waited += 2, test_nap(2))
		if (waitpid(client, &status, WNOHANG) == client)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
	printf("client %d hangs\n", client);
	if (getenv("KEEP_HANGING"))
		pause();
	kill(client, SIGKILL);
	waitpid(client, &status, 0);
	return false;
}

bool system_client(bool (*function)(void)) { return system_client_end(system_client_start(function)); }

unsigned system_descriptors(void)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd", kernel_pid);
	DIR *files = opendir(path);
	unsigned count = 0;
	while (files && readdir(files))
		count++;
	if (files)
		closedir(files);
	return count;
}

unsigned system_memory(void)
{
	char path[64], line[128];
	snprintf(path, sizeof(path), "/proc/%d/status", kernel_pid);
	FILE *file = fopen(path, "r");
	unsigned kib = 0;
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %u", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

bool system_descriptors_return(unsigned count)
{
	for (int i = 0; i < 500; i++, test_nap(10))
		if (system_descriptors() <= count)
			return true;
	printf("%u descriptors, there were %u\n", system_descriptors(), count);
	return false;
}
