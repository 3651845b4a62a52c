// SPDX-License-Identifier: MIT
// task_info and thread_info: what Mach tells about tasks and threads, as far as Gila counts it. Times of user mode and
// sizes of address spaces are the machine's; they are told as 0.
#include "task.h"

#include "../core/sched.h"
#include "../ipc/request.h"
#include "thread.h"

#include <abi/task_server.h>
#include <abi/thread_act_server.h>
#include <mach/task_info.h>
#include <mach/thread_info.h>

#define POLICY_TIMESHARE_VALUE 1

// As much of a structure as the caller has room for, but at least `least` words, as on macOS.
static kern_return_t give(const void *info, mach_msg_type_number_t words, mach_msg_type_number_t least, integer_t *out,
			  mach_msg_type_number_t *count)
{
	if (*count < least)
		return KERN_INVALID_ARGUMENT;
	if (*count > words)
		*count = words;
	memcpy(out, info, *count * sizeof(integer_t));
	return KERN_SUCCESS;
}

static kern_return_t give_events(struct task *task, integer_t *out, mach_msg_type_number_t *count)
{
	struct task_events_info info = {0};
	uint64_t traps = 0;
	lock_acquire(&task->lock);
	list_for_each(link, &task->threads)
		traps += container_of(link, struct thread, task_link)->traps;
	lock_release(&task->lock);
	info.syscalls_mach = (integer_t)traps;
	return give(&info, TASK_EVENTS_INFO_COUNT, TASK_EVENTS_INFO_COUNT, out, count);
}

static kern_return_t give_tokens(struct task *task, bool audit, integer_t *out, mach_msg_type_number_t *count)
{
	// The form of macOS: auid, euid, egid, ruid, rgid, pid, asid, pid version.
	audit_token_t token = task->audit;
	security_token_t security = {{token.val[1], token.val[2]}};
	if (audit)
		return give(&token, TASK_AUDIT_TOKEN_COUNT, TASK_AUDIT_TOKEN_COUNT, out, count);
	return give(&security, TASK_SECURITY_TOKEN_COUNT, TASK_SECURITY_TOKEN_COUNT, out, count);
}

static kern_return_t give_basic(struct task *task, task_flavor_t flavor, integer_t *out, mach_msg_type_number_t *count)
{
	uint64_t memory = atomic_load(&task->account->count[ACCOUNT_MEMORY_BYTES]);
	if (flavor == MACH_TASK_BASIC_INFO) {
		struct mach_task_basic_info info = {.resident_size = memory, .policy = POLICY_TIMESHARE_VALUE};
		info.suspend_count = task->suspend_count;
		return give(&info, MACH_TASK_BASIC_INFO_COUNT, MACH_TASK_BASIC_INFO_COUNT, out, count);
	}
	if (flavor == TASK_BASIC_INFO_32 || flavor == TASK_BASIC2_INFO_32) {
		struct task_basic_info_32 info = {.resident_size = (natural_t)memory, .policy = POLICY_TIMESHARE_VALUE};
		info.suspend_count = task->suspend_count;
		return give(&info, TASK_BASIC_INFO_32_COUNT, TASK_BASIC_INFO_32_COUNT, out, count);
	}
	struct task_basic_info_64 info = {.resident_size = memory, .policy = POLICY_TIMESHARE_VALUE};
	info.suspend_count = task->suspend_count;
	return give(&info, TASK_BASIC_INFO_64_COUNT, TASK_BASIC_INFO_64_COUNT, out, count);
}

kern_return_t task_call_task_info(struct lpc_request *rq, task_flavor_t flavor, integer_t *out,
				  mach_msg_type_number_t *count)
{
	struct task *task = container_of(request_object(rq), struct task, object);
	struct task_thread_times_info times = {{0, 0}, {0, 0}};
	struct task_absolutetime_info absolute = {0};
	struct task_flags_info flags = {TF_LP64 | TF_64B_DATA};
	struct task_dyld_info dyld = {0};
	switch (flavor) {
	case MACH_TASK_BASIC_INFO:
	case TASK_BASIC_INFO_32:
	case TASK_BASIC2_INFO_32:
	case TASK_BASIC_INFO_64:
	case TASK_BASIC_INFO_64_2:
		return give_basic(task, flavor, out, count);
	case TASK_EVENTS_INFO:
		return give_events(task, out, count);
	case TASK_THREAD_TIMES_INFO:
		return give(&times, TASK_THREAD_TIMES_INFO_COUNT, TASK_THREAD_TIMES_INFO_COUNT, out, count);
	case TASK_ABSOLUTETIME_INFO:
		return give(&absolute, TASK_ABSOLUTETIME_INFO_COUNT, TASK_ABSOLUTETIME_INFO_COUNT, out, count);
	case TASK_AUDIT_TOKEN:
	case TASK_SECURITY_TOKEN:
		return give_tokens(task, flavor == TASK_AUDIT_TOKEN, out, count);
	case TASK_FLAGS_INFO:
		return give(&flags, TASK_FLAGS_INFO_COUNT, TASK_FLAGS_INFO_COUNT, out, count);
	case TASK_DYLD_INFO:
		return give(&dyld, TASK_DYLD_INFO_COUNT, TASK_DYLD_INFO_COUNT, out, count);
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

// ---- Threads -------------------------------------------------------------------------------------------------------

static integer_t run_state(struct thread *thread)
{
	enum thread_state state = atomic_load(&thread->state);
	if (atomic_load(&thread->ast) & AST_SUSPEND)
		return TH_STATE_STOPPED;
	if (state == THREAD_DEAD)
		return TH_STATE_HALTED;
	return state == THREAD_BLOCKED || state == THREAD_NEW ? TH_STATE_WAITING : TH_STATE_RUNNING;
}

static kern_return_t give_extended(struct thread *thread, integer_t *out, mach_msg_type_number_t *count)
{
	struct thread_extended_info info = {.pth_policy = POLICY_TIMESHARE_VALUE, .pth_run_state = run_state(thread)};
	lock_acquire(&thread->task->lock);
	memcpy(info.pth_name, thread->name, sizeof(thread->name));
	lock_release(&thread->task->lock);
	return give(&info, THREAD_EXTENDED_INFO_COUNT, THREAD_EXTENDED_INFO_COUNT, out, count);
}

kern_return_t thread_call_thread_info(struct lpc_request *rq, natural_t flavor, integer_t *out,
				      mach_msg_type_number_t *count)
{
	struct thread *thread = container_of(request_object(rq), struct thread, object);
	struct thread_basic_info basic = {.policy = POLICY_TIMESHARE_VALUE, .run_state = run_state(thread)};
	struct thread_identifier_info identifier = {.thread_id = thread->id};
	switch (flavor) {
	case THREAD_BASIC_INFO:
		basic.suspend_count = thread->suspend_count;
		return give(&basic, THREAD_BASIC_INFO_COUNT, THREAD_BASIC_INFO_COUNT, out, count);
	case THREAD_IDENTIFIER_INFO:
		return give(&identifier, THREAD_IDENTIFIER_INFO_COUNT, THREAD_IDENTIFIER_INFO_COUNT, out, count);
	case THREAD_EXTENDED_INFO:
		return give_extended(thread, out, count);
	default:
		return KERN_INVALID_ARGUMENT;
	}
}
