// SPDX-License-Identifier: MIT
// Threads that are gone without a word. A thread that ends says LEAVE; one that was cancelled or called exit(2) itself
// cannot. A descriptor for each thread would tell, at the cost of a descriptor; so Linux is asked about all threads of a
// process in user mode now and then: when as many have checked in as were left by the last sweep. That is O(1) for each
// check-in, and bounds what is lost to as much as is in use.
#include "machine.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_gone(struct process *process, struct thread *thread)
{
	return thread->md.state == MD_THREAD_USER && syscall(SYS_tgkill, process->pid, thread->md.tid, 0) < 0 &&
	       errno == ESRCH;
}

// Looks at one slot. Returns whether a living thread has it.
static bool sweep_slot(struct process *process, struct channel *channel, unsigned slot)
{
	md_lock_acquire(&process->lock);
	struct thread *thread = process->channel == channel ? channel_thread(channel, slot) : NULL;
	bool known = thread && thread != SLOT_ATTACHING && thread != SLOT_KILLED;
	bool gone = known && is_gone(process, thread);
	if (gone) {
		(void)channel_set_thread_locked(channel, slot, NULL);
		thread->md.state = MD_THREAD_DETACHED;
		atomic_store(&channel_slot(channel, slot)->state, CHANNEL_FREE);
	}
	md_lock_release(&process->lock);
	if (gone)
		kern_thread_detach(thread);
	return known && !gone;
}

// How many living threads its slots have.
static uint32_t sweep_chunk(struct process *process, struct channel *channel, unsigned chunk)
{
	md_lock_acquire(&process->lock); // chunks come meanwhile; none goes
	bool there = channel->chunks[chunk] != NULL;
	md_lock_release(&process->lock);
	uint32_t alive = 0;
	for (unsigned i = 0; there && i < CHANNEL_CHUNK; i++)
		alive += sweep_slot(process, channel, chunk * CHANNEL_CHUNK + i);
	return alive;
}

void channel_sweep(struct channel *channel)
{
	struct process *process = channel->process;
	md_lock_acquire(&process->lock);
	bool due = process->channel == channel && channel->attached >= channel->sweep_at;
	if (due)
		channel->attached = 0;
	md_lock_release(&process->lock);
	if (!due)
		return;
	uint32_t alive = 0;
	for (unsigned chunk = 0; chunk < CHANNEL_SLOTS / CHANNEL_CHUNK; chunk++)
		alive += sweep_chunk(process, channel, chunk);
	md_lock_acquire(&process->lock);
	channel->sweep_at = alive > CHANNEL_SWEEP ? alive : CHANNEL_SWEEP;
	md_lock_release(&process->lock);
}
