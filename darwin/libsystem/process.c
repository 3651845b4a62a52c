// SPDX-License-Identifier: MIT
// Processes: fork, wait, identity, limits, the end. Facts: xnu's bsd/sys/{wait,resource}.h.
#include "process.h"

#include "../loader/image.h"
#include "abi.h"
#include "dispatch.h"
#include "errno.h"
#include "frames.h"
#include "kqueue.h"
#include "mach_names.h"
#include "process_notes.h"
#include "raw.h"
#include "semaphore.h"
#include "signals.h"
#include "thread.h"

#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- fork: the child has the calling thread alone, so nobody else may hold a lock of this program at that time -------

static void fork_before(void)
{
	pthread_mutex_lock(&image_lock);
	thread_lock_all();
	kqueue_lock_all();
	frames_lock_all();
}

static void fork_parent(void)
{
	frames_unlock_all();
	kqueue_unlock_all();
	thread_unlock_all();
	pthread_mutex_unlock(&image_lock);
}

static void fork_child(void)
{
	frames_unlock_all();
	kqueue_unlock_all();
	thread_unlock_all();
	thread_forked();
	raw_begin_thread();
	image_lock = (pthread_mutex_t)PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP; // its owner was known by another number
	kqueue_forget_all();						      // a kqueue is not inherited: kqueue(2)
	semaphore_forget_all();
	dispatch_forget_all();
}

static void at_exit(void)
{
	thread_run_exits(thread_self());
	image_stop_all();
}

void process_begin(void)
{
	atexit(at_exit);
	// First, so that what the program registers runs before the locks are taken, and after they are free.
	pthread_atfork(fork_before, fork_parent, fork_child);
}

int darwin_fork(void)
{
	int child = fork();
	if (child > 0)
		process_note(0, NOTE_FORK, 0);
	return (int)errno_result(child);
}

// ---- the end --------------------------------------------------------------------------------------------------------

_Noreturn void darwin__exit(int status)
{
	_exit(status);
}

// Thread-local variables of the calling thread go first, then what was registered, terminators of images last: exit(3), Libc's exit.
_Noreturn void darwin_exit(int status)
{
	thread_run_exits(thread_self());
	exit(status);
}

int darwin_atexit(void (*function)(void))
{
	return atexit(function);
}

int __cxa_atexit(void (*function)(void *), void *argument, void *image);

int darwin_cxa_atexit(void (*function)(void *), void *argument, void *image)
{
	(void)image; // images stay until the end
	return __cxa_atexit(function, argument, NULL);
}

void darwin_cxa_finalize(void *image)
{
	(void)image;
}

// ---- wait -----------------------------------------------------------------------------------------------------------

static struct darwin_timeval timeval_of(struct timeval from)
{
	return (struct darwin_timeval){from.tv_sec, (int32_t)from.tv_usec, 0};
}

static void rusage_to_darwin(const struct rusage *from, struct darwin_rusage *to)
{
	*to = (struct darwin_rusage){timeval_of(from->ru_utime),
				     timeval_of(from->ru_stime),
				     from->ru_maxrss * 1024 /* bytes on Darwin */,
				     {from->ru_ixrss, from->ru_idrss, from->ru_isrss, from->ru_minflt, from->ru_majflt,
				      from->ru_nswap, from->ru_inblock, from->ru_oublock, from->ru_msgsnd,
				      from->ru_msgrcv, from->ru_nsignals, from->ru_nvcsw, from->ru_nivcsw}};
}

int darwin_wait4(int process, int *status, int options, struct darwin_rusage *usage)
{
	struct rusage host_usage;
	int host_status,
	    host_options = (options & 3) | (options & 0x10 ? WCONTINUED : 0); // WNOHANG and WUNTRACED are the same
	thread_cancel_point();
	int result = wait4(process, &host_status, host_options, usage ? &host_usage : NULL);
	if (result > 0 && status)
		*status = signals_status_to_darwin(host_status);
	if (result > 0 && usage)
		rusage_to_darwin(&host_usage, usage);
	return (int)errno_result(result);
}

int darwin_waitpid(int process, int *status, int options)
{
	return darwin_wait4(process, status, options, NULL);
}

int darwin_wait(int *status)
{
	return darwin_wait4(-1, status, 0, NULL);
}

int darwin_wait3(int *status, int options, struct darwin_rusage *usage)
{
	return darwin_wait4(-1, status, options, usage);
}

int darwin_waitid(int type, uint32_t id, struct darwin_siginfo *told, int options)
{
	siginfo_t info = {0};
	// WNOHANG 1, WSTOPPED 8, WEXITED 4, WCONTINUED 0x10, WNOWAIT 0x20; WUNTRACED 2 is WSTOPPED's old name
	int host = (options & 1 ? WNOHANG : 0) | (options & (2 | 8) ? WSTOPPED : 0) | (options & 4 ? WEXITED : 0) |
		   (options & 0x10 ? WCONTINUED : 0) | (options & 0x20 ? WNOWAIT : 0);
	thread_cancel_point();
	if (type < 0 || type > 2 || waitid((idtype_t)type, id, &info, host) < 0) // P_ALL, P_PID, P_PGID: the same
		return type < 0 || type > 2 ? errno_set(DARWIN_EINVAL) : (int)errno_result(-1);
	*told = (struct darwin_siginfo){0};
	if (info.si_pid) {
		*told = (struct darwin_siginfo){.signal = signals_to_darwin(SIGCHLD),
						.code = info.si_code, // CLD_*: the same
						.process = info.si_pid,
						.user = info.si_uid};
		told->status = info.si_code == CLD_EXITED ? info.si_status : signals_to_darwin(info.si_status);
	}
	return 0;
}

int darwin_getrusage(int who, struct darwin_rusage *usage)
{
	struct rusage host;
	int result = getrusage(who, &host); // RUSAGE_SELF 0, RUSAGE_CHILDREN -1
	if (result == 0)
		rusage_to_darwin(&host, usage);
	return (int)errno_result(result);
}

// ---- limits ---------------------------------------------------------------------------------------------------------

static int limit_to_host(int darwin)
{
	static const int hosts[] = {RLIMIT_CPU, RLIMIT_FSIZE,	RLIMIT_DATA,  RLIMIT_STACK, RLIMIT_CORE,
				    RLIMIT_AS,	RLIMIT_MEMLOCK, RLIMIT_NPROC, RLIMIT_NOFILE};
	darwin &= ~0x1000; // _RLIMIT_POSIX_FLAG
	return darwin >= 0 && darwin < (int)(sizeof(hosts) / sizeof(*hosts)) ? hosts[darwin] : -1;
}

int darwin_getrlimit(int resource, uint64_t values[2])
{
	struct rlimit host;
	int result = getrlimit(limit_to_host(resource), &host);
	if (result == 0) {
		values[0] = host.rlim_cur == RLIM_INFINITY ? DARWIN_RLIM_INFINITY : host.rlim_cur;
		values[1] = host.rlim_max == RLIM_INFINITY ? DARWIN_RLIM_INFINITY : host.rlim_max;
	}
	return (int)errno_result(result);
}

int darwin_setrlimit(int resource, const uint64_t values[2])
{
	struct rlimit host = {values[0] == DARWIN_RLIM_INFINITY ? RLIM_INFINITY : values[0],
			      values[1] == DARWIN_RLIM_INFINITY ? RLIM_INFINITY : values[1]};
	return (int)errno_result(setrlimit(limit_to_host(resource), &host));
}

int darwin_getdtablesize(void)
{
	return getdtablesize();
}

// ---- identity -------------------------------------------------------------------------------------------------------

int darwin_setuid(uint32_t user)
{
	return (int)errno_result(setuid(user));
}

int darwin_setgid(uint32_t group)
{
	return (int)errno_result(setgid(group));
}

int darwin_setgroups(int count, const uint32_t *groups)
{
	return (int)errno_result(setgroups((size_t)count, groups));
}

int darwin_getgroups(int count, uint32_t *groups)
{
	return (int)errno_result(getgroups(count, groups));
}

int darwin_setsid(void)
{
	return (int)errno_result(setsid());
}

int darwin_setpgid(int process, int group)
{
	return (int)errno_result(setpgid(process, group));
}

int darwin_getpgid(int process)
{
	return (int)errno_result(getpgid(process));
}

int darwin_getsid(int process)
{
	return (int)errno_result(getsid(process));
}

int darwin_issetugid(void)
{
	return getuid() != geteuid() || getgid() != getegid();
}

// PT_TRACE_ME 0, PT_DENY_ATTACH 31: nothing is to be traced here.
int darwin_ptrace(int request, int process, void *at, int data)
{
	(void)process, (void)at, (void)data;
	return request == 31 ? 0 : errno_set(DARWIN_ENOTSUP);
}

int darwin_getpriority(int which, int who)
{
	errno = 0;
	int result = getpriority((__priority_which_t)which, (id_t)who);
	if (result == -1 && errno)
		errno_result(-1);
	return result;
}

int darwin_setpriority(int which, int who, int priority)
{
	return (int)errno_result(setpriority((__priority_which_t)which, (id_t)who, priority));
}

int darwin_pthread_atfork(void (*before)(void), void (*parent)(void), void (*child)(void))
{
	return errno_to_darwin(pthread_atfork(before, parent, child));
}
