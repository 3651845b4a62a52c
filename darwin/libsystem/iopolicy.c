// SPDX-License-Identifier: MIT
// setiopolicy_np. Facts: xnu's bsd/sys/resource.h (IOPOL_*), getiopolicy_np(3); ioprio_set(2): threads inherit the priority of their
// maker, so a process' policy is that of the thread that sets it and of those made later.
#include "errno.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TYPE_DISK, TYPE_ATIME = 2, TYPE_LAST = 11 };
enum { SCOPE_PROCESS, SCOPE_THREAD, SCOPE_DARWIN_BG };
enum { POLICY_DEFAULT, POLICY_IMPORTANT, POLICY_PASSIVE, POLICY_THROTTLE, POLICY_UTILITY, POLICY_STANDARD };

static _Atomic int of_process[TYPE_LAST + 1];
static __thread int of_thread[TYPE_LAST + 1]; // 0: the process'

// A class of Linux' in bits 13 and up (2 best effort, 3 idle) and a level in it, 0 the first.
static void priority_set(int policy)
{
	static const int priorities[] = {[POLICY_DEFAULT] = 0, [POLICY_IMPORTANT] = 2 << 13 | 2, [POLICY_PASSIVE] = 2 << 13 | 4, [POLICY_THROTTLE] = 3 << 13,
					 [POLICY_UTILITY] = 2 << 13 | 7, [POLICY_STANDARD] = 2 << 13 | 5};
	syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS: a thread */, 0, priorities[policy]);
}

static int is_known(int type, int scope)
{
	return (type == TYPE_DISK || (type >= TYPE_ATIME && type <= TYPE_LAST)) && scope >= SCOPE_PROCESS && scope <= SCOPE_DARWIN_BG;
}

// What is not about the disk's order (when times are written, datasets that are not there) is kept and told.
int darwin_setiopolicy_np(int type, int scope, int policy)
{
	int most = type == TYPE_DISK ? POLICY_STANDARD : 2;
	if (!is_known(type, scope) || policy < 0 || policy > most || (scope == SCOPE_DARWIN_BG && type != TYPE_DISK))
		return errno_set(DARWIN_EINVAL);
	if (type == TYPE_DISK && scope != SCOPE_DARWIN_BG)
		priority_set(policy);
	if (scope == SCOPE_THREAD)
		of_thread[type] = policy;
	else if (scope == SCOPE_PROCESS)
		of_process[type] = policy;
	return 0;
}

int darwin_getiopolicy_np(int type, int scope)
{
	if (!is_known(type, scope))
		return errno_set(DARWIN_EINVAL);
	if (scope == SCOPE_DARWIN_BG)
		return POLICY_THROTTLE;
	int policy = scope == SCOPE_THREAD ? of_thread[type] : of_process[type];
	return type == TYPE_DISK && policy == POLICY_DEFAULT ? POLICY_IMPORTANT : policy;
}
