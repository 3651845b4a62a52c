// SPDX-License-Identifier: MIT
// Programs that the kernel starts: a memfd with the image, a socket with its welcome already in it, and a child that
// shares this process's memory until it has executed the image (so that nothing is copied, and an error comes back).
//
// The child dies with the kernel (PR_SET_PDEATHSIG) and has no descriptors but the standard ones and its socket.
// Images are kept by address and id: a restart writes nothing. Environment: what the recipe gave, and how to find the kernel.
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <lib/gila/hosted_clone.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IMAGES_KEPT 64u
#define CHILD_STACK (64u << 10)
#define SOCKET_NUMBER 3 // in the child
#define IMAGE_NUMBER 4
#define STRINGS_LIMIT 4096u

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u // Linux 6.3
#endif

static struct image {
	const void *bytes;
	size_t size;
	uint64_t id;
	int file;
	uint64_t used; // counts up
} images[IMAGES_KEPT];
static struct md_lock images_lock;
static uint64_t images_clock;

static _Atomic bool terminal_given;

bool launch_terminal_given(void) { return terminal_given; }

// What programs get: the limit as it was when the kernel started.
static struct rlimit files_limit;

// ---- Images --------------------------------------------------------------------------------------------------------

static int image_write(const char *name, const void *bytes, size_t size)
{
	int file = memfd_create(name, MFD_CLOEXEC | MFD_EXEC);
	if (file < 0 && errno == EINVAL)
		file = memfd_create(name, MFD_CLOEXEC);
	if (file < 0)
		return -1;
	for (size_t done = 0; done < size;) {
		ssize_t written = write(file, (const char *)bytes + done, size - done);
		if (written <= 0) {
			close(file);
			return -1;
		}
		done += (size_t)written;
	}
	return file;
}

int launch_image_open(const struct md_launch *launch)
{
	md_lock_acquire(&images_lock);
	struct image *oldest = &images[0];
	for (unsigned i = 0; i < IMAGES_KEPT; i++) {
		if (images[i].bytes == launch->image && images[i].size == launch->image_size &&
		    images[i].id == launch->image_id) {
			images[i].used = ++images_clock;
			int file = fcntl(images[i].file, F_DUPFD_CLOEXEC, 0);
			md_lock_release(&images_lock);
			return file;
		}
		if (images[i].used < oldest->used)
			oldest = &images[i];
	}
	int file = image_write(launch->name, launch->image, launch->image_size);
	if (file >= 0) {
		if (oldest->bytes)
			close(oldest->file);
		*oldest = (struct image){launch->image, launch->image_size, launch->image_id, file, ++images_clock};
		file = fcntl(file, F_DUPFD_CLOEXEC, 0);
	}
	md_lock_release(&images_lock);
	return file;
}

// ---- The child -----------------------------------------------------------------------------------------------------

struct child {
	int image, socket, null, output; // output: -1: the kernel's own terminal
	pid_t kernel;
	const char *const *arguments;
	char **environment;
	_Atomic int error;
};

// First out of the way of the targets, then to them. Plain system calls: this is not the process that libraries think.
BARE static bool child_descriptors(const struct child *child)
{
	long image = syscall(SYS_fcntl, child->image, F_DUPFD_CLOEXEC, 16);
	long socket = syscall(SYS_fcntl, child->socket, F_DUPFD, 16), null = syscall(SYS_fcntl, child->null, F_DUPFD, 16);
	if (image < 0 || socket < 0 || null < 0)
		return false;
	if (child->output >= 0) {
		long output = syscall(SYS_fcntl, child->output, F_DUPFD, 16);
		if (output < 0 || syscall(SYS_dup3, null, 0, 0) < 0 || syscall(SYS_dup3, output, 1, 0) < 0 ||
		    syscall(SYS_dup3, output, 2, 0) < 0)
			return false;
	}
	return syscall(SYS_dup3, socket, SOCKET_NUMBER, 0) >= 0 &&
	       syscall(SYS_dup3, image, IMAGE_NUMBER, O_CLOEXEC) >= 0 &&
	       syscall(SYS_close_range, IMAGE_NUMBER + 1, ~0u, 0) == 0;
}

// Runs in the memory of the kernel, which waits: touches nothing but its argument and the process's own state.
BARE void launch_child_prepare(void)
{
	struct { // the system call's own sigaction: all zero is SIG_DFL
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} standard = {NULL, 0, NULL, 0};
	syscall(SYS_rt_sigaction, SIGPIPE, &standard, NULL, sizeof(standard.mask)); // the only one that is ignored
	syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
	syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &files_limit, NULL);
	uint64_t no_signals = 0;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, sizeof(no_signals));
}

BARE static void child_main(void *argument)
{
	struct child *child = argument;
	launch_child_prepare();
	if (syscall(SYS_getppid) != child->kernel)
		_exit(127);
	if (child->output >= 0)
		syscall(SYS_setsid);
	if (!child_descriptors(child))
		goto failed;
	syscall(SYS_execveat, IMAGE_NUMBER, "", child->arguments, child->environment, AT_EMPTY_PATH);
failed:
	atomic_store(&child->error, errno);
	_exit(127);
}

pid_t launch_bare(void (*main)(void *), void *argument, int *pidfd)
{
	char *stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return -1;
	sigset_t all, mask;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	unsigned long flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
	long pid = bare_clone(flags, stack + CHILD_STACK, pidfd, main, argument);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	munmap(stack, CHILD_STACK);
	errno = pid < 0 ? (int)-pid : 0;
	return pid < 0 ? -1 : (pid_t)pid;
}

// ---- Environment ---------------------------------------------------------------------------------------------------

// The given strings and two more; one allocation of *size bytes, NULL: no memory.
static char **environment_make(const char *const *given, size_t *size)
{
	size_t count = 0;
	while (given && given[count] && count < STRINGS_LIMIT)
		count++;
	*size = (count + 3) * sizeof(char *) + 32 + 160;
	char **strings = kalloc(&account_kernel, *size);
	if (!strings)
		return NULL;
	char *text = (char *)(strings + count + 3);
	for (size_t i = 0; i < count; i++)
		strings[i] = (char *)(uintptr_t)given[i];
	strings[count] = text;
	snprintf(text, 32, "%s=%d", CHANNEL_VARIABLE_FD, SOCKET_NUMBER);
	strings[count + 1] = text + 32;
	snprintf(text + 32, 160, "%s=%s", CHANNEL_VARIABLE_SOCKET, checkin_path());
	return strings;
}

// ---- Launch --------------------------------------------------------------------------------------------------------

// The kernel's side is in the process, the child's in *child_socket and *child_output (-1 with a terminal).
static int launch_files(struct process *process, bool terminal, int *child_socket, int *child_output)
{
	int pair[2], pipe_ends[2] = {-1, -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return errno;
	process->socket = pair[0];
	*child_socket = pair[1];
	if (terminal)
		return 0;
	if (pipe2(pipe_ends, O_CLOEXEC) < 0)
		return errno;
	fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK);
	process->output = pipe_ends[0];
	*child_output = pipe_ends[1];
	return 0;
}

static int launch_child(struct process *process, const struct md_launch *launch, int child_socket, int child_output)
{
	size_t environment_size = 0;
	char **environment = environment_make(launch->environment, &environment_size);
	int image = launch_image_open(launch), null = open("/dev/null", O_RDONLY | O_CLOEXEC), error = errno, pidfd = -1;
	struct child child = {
		.image = image,
		.socket = child_socket,
		.null = null,
		.output = child_output,
		.kernel = getpid(),
		.arguments = launch->arguments,
		.environment = environment,
	};
	pid_t pid = environment && image >= 0 && null >= 0 ? launch_bare(child_main, &child, &pidfd) : -1;
	if (pid > 0)
		error = atomic_load(&child.error);
	else if (image >= 0 && null >= 0)
		error = environment ? errno : ENOMEM;
	process->pid = pid;
	process->pidfd = pidfd;
	process->child = true;
	kfree(&account_kernel, environment, environment_size);
	if (image >= 0)
		close(image);
	if (null >= 0)
		close(null);
	return error;
}

static void launch_failed(struct process *process, const struct md_launch *launch, int error)
{
	log_line("linux", "the program %s cannot be started: %s", launch->name, strerror(error));
	if (process->pidfd >= 0) {
		int status;
		syscall(SYS_wait4, process->pid, &status, 0, NULL);
	}
	process_died(process);
}

// It is known to others by now. The last source may find it dead at once; before, its program may have been replaced by one
// that has said hello already (checkin_exec), with a socket that is watched.
static bool launch_watch(struct process *process)
{
	md_lock_acquire(&process->lock);
	bool fine = process->socket < 0 || source_add(process->socket, SOURCE_SOCKET, process->index, process->generation) ||
		    errno == EEXIST;
	fine = fine && (process->output < 0 || source_add(process->output, SOURCE_OUTPUT, process->index, process->generation));
	fine = fine && source_add(process->pidfd, SOURCE_DEATH, process->index, process->generation);
	md_lock_release(&process->lock);
	return fine;
}

kern_return_t md_task_launch(struct task *task, const struct md_launch *launch)
{
	int child_socket = -1, child_output = -1;
	struct process *process = process_create(0);
	if (!process)
		return KERN_RESOURCE_SHORTAGE;
	process->greeted = true;
	snprintf(process->name, sizeof(process->name), "%s", launch->name);
	int error = launch_files(process, launch->terminal, &child_socket, &child_output);
	if (!error)
		error = checkin_welcome(process);
	if (!error)
		error = launch_child(process, launch, child_socket, child_output);
	if (child_socket >= 0)
		close(child_socket);
	if (child_output >= 0)
		close(child_output);
	if (error) {
		launch_failed(process, launch, error);
		return error == ENOEXEC || error == EACCES ? KERN_INVALID_ARGUMENT : KERN_RESOURCE_SHORTAGE;
	}
	terminal_given |= launch->terminal;
	process_register(process);
	process_bind(process, task);
	if (!launch_watch(process))
		process_refuse(process, "no room for its event sources");
	return KERN_SUCCESS;
}

void launch_module_init(void)
{
	getrlimit(RLIMIT_NOFILE, &files_limit);
	struct rlimit most = files_limit;
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
}
