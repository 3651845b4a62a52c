// SPDX-License-Identifier: MIT
// Threads in user mode; see user.h.
//
// Each CPU has two lists. Threads that come from the kernel are `fresh`: they have waited for something and mostly want
// little. Who was interrupted, or has had a slice, is `spent` and comes after all fresh ones: a thread that computes
// cannot delay one that answers. When a tick finds a fresh one at work, a spent one comes next: nobody waits for ever.
#include "user.h"

#include "cpu_state.h"
#include "life.h"
#include "address_space.h"

#include <abi/trap_numbers.h>

static _Atomic unsigned waiting; // on all CPUs

bool user_any_waits(void) { return atomic_load(&waiting) > 0; }

// ---- Lists ---------------------------------------------------------------------------------------------------------

static void queue_push(struct cpu_state *cpu, struct thread *thread, bool spent)
{
	md_lock_acquire(&cpu->users_lock);
	if (cpu->slice_over && cpu->last == thread)
		list_push_back(&cpu->spent, &thread->md.queue_link);
	else if (spent)
		list_push_front(&cpu->spent, &thread->md.queue_link); // was interrupted: goes on where it was
	else
		list_push_back(&cpu->fresh, &thread->md.queue_link);
	unsigned here = atomic_fetch_add(&cpu->users, 1) + 1;
	md_lock_release(&cpu->users_lock);
	atomic_fetch_add(&waiting, 1);
	if (cpu->slice_over && cpu->last == thread)
		cpu->last = NULL;
	if (here > 1)
		cpu_wake_idle();
}

static struct thread *queue_pop(struct cpu_state *cpu, bool spent_first, bool *spent)
{
	if (atomic_load_explicit(&cpu->users, memory_order_relaxed) == 0)
		return NULL;
	md_lock_acquire(&cpu->users_lock);
	*spent = !list_empty(&cpu->spent) && (spent_first || list_empty(&cpu->fresh));
	struct list *link = list_pop(*spent ? &cpu->spent : &cpu->fresh);
	if (link)
		atomic_fetch_sub(&cpu->users, 1);
	md_lock_release(&cpu->users_lock);
	if (!link)
		return NULL;
	atomic_fetch_sub(&waiting, 1);
	return container_of(link, struct thread, md.queue_link);
}

// Its state is KERNEL; whoever ended it meanwhile has reported it already.
static void user_queue_as(struct thread *thread, bool spent)
{
	uint16_t state = MD_THREAD_KERNEL;
	if (atomic_compare_exchange_strong(&thread->md_word.state, &state, MD_THREAD_QUEUED))
		queue_push(cpu_state_here(), thread, spent);
}

void user_queue(struct thread *thread) { user_queue_as(thread, false); }

struct thread *user_take(struct cpu_state *cpu)
{
	for (;;) {
		struct thread *thread = queue_pop(cpu, cpu->spent_first, &cpu->turn_spent);
		cpu->spent_first = false;
		unsigned here = (unsigned)(cpu - cpu_states), count = md_cpu_count();
		for (unsigned i = 1; !thread && i < count && user_any_waits(); i++)
			thread = queue_pop(&cpu_states[(here + i) % count], false, &cpu->turn_spent);
		if (!thread)
			return NULL;
		thread->md.cpu = (uint32_t)(cpu - cpu_states);
		atomic_store(&thread->md_word.state, MD_THREAD_RUNNING);
		if (likely(!(atomic_load(&thread->md_word.asked) & USER_ASKED_END)))
			return thread;
		thread_reference(thread);
		atomic_store(&thread->md_word.state, MD_THREAD_KERNEL);
		life_user_ends(thread);
		thread_release(thread);
	}
}

void user_ask(struct thread *thread, enum user_asked what)
{
	atomic_fetch_or(&thread->md_word.asked, what);
	uint16_t state = atomic_load(&thread->md_word.state);
	if (state == MD_THREAD_RUNNING)
		md_cpu_kick(thread->md.cpu);
	else if (what == USER_ASKED_END && state == MD_THREAD_KERNEL)
		life_user_ends(thread);
}

// ---- Turns ---------------------------------------------------------------------------------------------------------

// What is a call of another system is served in user mode, by lib/linux.
static struct user_exit user_foreign(struct thread *thread)
{
	uint64_t entry = thread->task->md.space->linux_entry;
	if (entry) {
		arch_user_divert(thread, entry);
		return (struct user_exit){USER_CONTINUES, 0};
	}
	log_line("task", "task %u (%s), thread %u: a call of Linux, and no lib/linux", thread->task->id,
		 thread->task->name, thread->id);
	return (struct user_exit){USER_FAULTED, 31}; // SIGSYS
}

// A trap is the kernel's; the entry has tried it as kern_trap_quick before. `away` stays 1 meanwhile: who asks something of this
// CPU sends an interrupt, which comes when it is in user mode again. The turn may have become another thread's: threads that call each
// other have one slice together.
static struct user_exit user_step(struct cpu_state *cpu, struct thread **turn)
{
	struct user_exit exit = {USER_INTERRUPTED, 0};
	atomic_store(&cpu->away, 1);
	if (likely(!cpu_is_asked(cpu) && !(atomic_load(&(*turn)->md_word.asked) & (USER_ASKED_END | USER_ASKED_ENTER)))) {
		exit = arch_user_run(*turn);
		*turn = cpu->last = arch_user_turn();
	}
	atomic_store(&cpu->away, 0);
	if (exit.why == USER_TRAPPED && unlikely(!arch_user_is_trap(*turn)))
		return user_foreign(*turn);
	if (exit.why == USER_TRAPPED)
		arch_user_frame(*turn, kern_trap_frame(*turn));
	return exit;
}

// The thread goes back to its list, or to the kernel if that asked for it. It is not touched any more once its state
// says that others may: a reference keeps it.
static void user_give_up(struct thread *thread, struct user_exit exit)
{
	bool enters = exit.why == USER_TRAPPED;
	if (unlikely(atomic_load(&thread->md_word.asked) & USER_ASKED_WHOLE))
		atomic_fetch_and(&thread->md_word.asked, (uint16_t)~USER_ASKED_WHOLE);
	if (exit.why == USER_INTERRUPTED && atomic_load(&thread->md_word.asked) & USER_ASKED_ENTER) {
		atomic_fetch_and(&thread->md_word.asked, (uint16_t)~USER_ASKED_ENTER);
		*kern_trap_frame(thread) = (struct kern_trap_frame){.number = TRAP_ast};
		enters = true;
	}
	thread_reference(thread);
	atomic_store(&thread->md_word.state, MD_THREAD_KERNEL);
	if (exit.why == USER_FAULTED)
		life_fault(thread, exit.signal);
	else if (unlikely(atomic_load(&thread->md_word.asked) & USER_ASKED_END))
		life_user_ends(thread);
	else if (enters)
		kern_trap(thread);
	else
		user_queue_as(thread, true);
	thread_release(thread);
}

void user_turn(struct cpu_state *cpu, struct thread *thread)
{
	cpu_load_space(thread->task->md.space);
	timer_turn_begin(cpu, thread);
	struct user_exit exit;
	do
		exit = user_step(cpu, &thread);
	while (exit.why == USER_CONTINUES);
	cpu_flush_serve();
	arch_user_leave(thread);
	user_give_up(thread, exit);
}

void md_user_resume(struct thread *thread, uint64_t result)
{
	if (likely(arch_user_in_trap(thread)))
		arch_user_result(thread, result);
	user_queue(thread);
}

void md_user_stay(struct thread *to)
{
	atomic_store(&to->md_word.state, MD_THREAD_KERNEL);
	if (atomic_load(&to->md_word.asked) & USER_ASKED_END)
		life_user_ends(to);
}

void md_user_interrupt(struct thread *thread) { user_ask(thread, USER_ASKED_ENTER); }
