// SPDX-License-Identifier: MIT
// What a task calls itself and its own, and how it joins the session's kernel; see mach_names.h.
#include "mach_names.h"

#include "futex.h"
#include "mach_session.h"
#include "report.h"
#include "thread.h"

#include <abi/mach_port.h>
#include <abi/traps.h>
#include <lib/gila/hosted.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

uint32_t darwin_mach_task_self_ = MACH_TASK_SELF;
uint32_t darwin_bootstrap_port = MACH_BOOTSTRAP;
uint64_t darwin_vm_page_size = 4096, darwin_vm_page_mask = 4095;
uint64_t darwin_vm_kernel_page_size = 4096, darwin_vm_kernel_page_mask = 4095;
int darwin_vm_page_shift = 12, darwin_vm_kernel_page_shift = 12;

// ---- joining --------------------------------------------------------------------------------------------------------

enum { JOIN_NOT_YET, JOIN_DONE, JOIN_IN_VAIN };
static _Atomic uint32_t joined, join_lock;

// A child of fork is a task of its own, which joins when it first needs to.
static void join_forget(void)
{
	joined = JOIN_NOT_YET;
	join_lock = 0;
	hosted_forget();
}

// The first names of a task. Its program may have been another before (execve): then it has lost all names, but they
// may begin elsewhere.
static bool take_name(mach_port_t name, mach_port_t wanted)
{
	return name == wanted ||
	       (MACH_PORT_VALID(name) && mach_port_rename(task_self_trap(), name, wanted) == KERN_SUCCESS);
}

// The kernel's signal may come while a program is on a stack that has no room for a handler: Go's are small, and have
// another for signals.
static void use_signal_stack(void)
{
	struct sigaction action;
	int signal = hosted_page()->signal;
	if (sigaction(signal, NULL, &action) < 0)
		return;
	action.sa_flags |= SA_ONSTACK;
	sigaction(signal, &action, NULL);
}

static void join_locked(void)
{
	static bool registered;
	mach_session_begin();
	if (!registered)
		registered = pthread_atfork(NULL, NULL, join_forget) == 0;
	mach_port_t task = task_self_trap();
	if (task == MACH_PORT_NULL) {
		joined = JOIN_IN_VAIN;
		return;
	}
	use_signal_stack();
	mach_port_t host = host_self_trap();
	if (!take_name(task, MACH_TASK_SELF) || !take_name(host, MACH_HOST_SELF))
		report_fatal("mach: the kernel's names of task and host are taken (0x%x, 0x%x)", task, host);
	joined = JOIN_DONE;
}

bool mach_owns_file(int file)
{
	return joined == JOIN_DONE && hosted_owns(file);
}

bool mach_ready(void)
{
	if (joined == JOIN_DONE)
		return true;
	futex_lock(&join_lock);
	if (joined == JOIN_NOT_YET)
		join_locked();
	futex_unlock(&join_lock);
	return joined == JOIN_DONE;
}

// ---- own names ------------------------------------------------------------------------------------------------------

int mach_thread_id(mach_port_t name)
{
	char path[48];
	int id = (int)(name >> 8);
	if ((name & 0xff) != 2 || id == 0)
		return 0;
	if (id == thread_self()->id)
		return id;
	snprintf(path, sizeof(path), "/proc/self/task/%d", id);
	return access(path, F_OK) == 0 ? id : 0;
}

uint32_t darwin_mach_task_self(void)
{
	return MACH_TASK_SELF;
}

uint32_t darwin_mach_thread_self(void)
{
	return mach_thread_name(thread_self()->id);
}

uint32_t darwin_pthread_mach_thread_np(struct thread *thread)
{
	while (!atomic_load(&thread->started))
		sched_yield(); // it was created just now
	return mach_thread_name(thread->id);
}

uint32_t darwin_mach_host_self(void)
{
	return MACH_HOST_SELF;
}
