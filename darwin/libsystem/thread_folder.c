// SPDX-License-Identifier: MIT
// A working folder of a thread's own. Facts: pthread_chdir_np and pthread_fchdir_np of libpthread's private/pthread/private.h: the folder
// holds for the calling thread until it gives -1; unshare(2) with CLONE_FS: the thread's root, folder and umask are its own from then on.
#include "errno.h"
#include "thread.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

static __thread int left_folder = -1; // of the process, when the first thread went its own way

static bool has_own(struct thread *thread)
{
	return thread->own_folder || unshare(CLONE_FS) == 0;
}

// Back to that of the process: /proc/self is its first thread.
static int go_back(struct thread *thread)
{
	if (!thread->own_folder)
		return 0;
	int result = left_folder >= 0 ? fchdir(left_folder) : chdir("/proc/self/cwd");
	return (int)errno_result(result);
}

static void go_begin(struct thread *thread)
{
	if (!thread->own_folder && thread->id == getpid())
		left_folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int darwin_pthread_chdir_np(const char *path)
{
	struct thread *thread = thread_self();
	go_begin(thread);
	if (!has_own(thread))
		return (int)errno_result(-1);
	thread->own_folder = true;
	return (int)errno_result(chdir(path));
}

int darwin_pthread_fchdir_np(int file)
{
	struct thread *thread = thread_self();
	if (file < 0)
		return go_back(thread);
	go_begin(thread);
	if (!has_own(thread))
		return (int)errno_result(-1);
	thread->own_folder = true;
	return (int)errno_result(fchdir(file));
}
