// SPDX-License-Identifier: MIT
// Trap channels: what has rung is reported to the kernel, what the kernel answers is published. hosted_channel.h is the
// layout and the protocol; nothing in the shared memory is believed.
//
// 1. thread->md.state, under the process lock, decides what a ring may mean; the slot's own word only says whether the
//    client claims to have rung. A ring that makes no sense is dropped: the client waits for ever, by its own doing.
// 2. A thread that is reported is referenced for that time: its process may die meanwhile on another CPU.
// 3. Futex wakes are done after the lock is released; the address may be unmapped by then, which Linux tells as EFAULT.
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ATTACHES_AT_ONCE 64u // of threads that a pass over a channel may check in: others wait for the next pass

// ---- Life ----------------------------------------------------------------------------------------------------------

static struct channel_header *channel_map(int *file)
{
	*file = memfd_create("gila-channel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*file < 0)
		return NULL;
	if (ftruncate(*file, CHANNEL_SIZE) == 0 &&
	    fcntl(*file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) {
		void *map = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, *file, 0);
		if (map != MAP_FAILED)
			return map;
	}
	close(*file);
	return NULL;
}

struct channel *channel_create(struct process *process, int *file)
{
	struct channel *channel = kalloc(&account_kernel, sizeof(*channel));
	errno = ENOMEM;
	if (!channel)
		return NULL;
	atomic_init(&channel->references, 1);
	channel->process = process;
	channel->sweep_at = CHANNEL_SWEEP;
	channel->header = channel_map(file);
	if (!channel->header)
		goto free;
	channel->header->magic = CHANNEL_MAGIC;
	channel->header->version = CHANNEL_VERSION;
	channel->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (channel->doorbell >= 0 &&
	    source_add(channel->doorbell, SOURCE_DOORBELL, process->index, process->generation))
		return channel;
	int error = errno;
	if (channel->doorbell >= 0)
		close(channel->doorbell);
	munmap(channel->header, CHANNEL_SIZE);
	close(*file);
	errno = error;
free:
	kfree(&account_kernel, channel, sizeof(*channel));
	return NULL;
}

void channel_release(struct channel *channel)
{
	if (atomic_fetch_sub(&channel->references, 1) > 1)
		return;
	source_remove(channel->doorbell);
	close(channel->doorbell);
	munmap(channel->header, CHANNEL_SIZE);
	for (unsigned i = 0; i < array_count(channel->chunks); i++)
		kfree(&account_kernel, channel->chunks[i], CHANNEL_CHUNK * sizeof(struct thread *));
	kfree(&account_kernel, channel, sizeof(*channel));
}

bool channel_set_thread_locked(struct channel *channel, unsigned slot, struct thread *thread)
{
	struct thread ***chunk = &channel->chunks[slot / CHANNEL_CHUNK];
	if (!*chunk)
		*chunk = kalloc(&account_kernel, CHANNEL_CHUNK * sizeof(struct thread *));
	if (!*chunk)
		return false;
	(*chunk)[slot % CHANNEL_CHUNK] = thread;
	return true;
}

static bool is_thread(struct thread *entry) { return entry && entry != SLOT_ATTACHING && entry != SLOT_KILLED; }

unsigned channel_detach_locked(struct channel *channel, struct thread **threads, unsigned room)
{
	unsigned count = 0;
	for (unsigned slot = 0; slot < CHANNEL_SLOTS && count < room; slot++) {
		if (!channel->chunks[slot / CHANNEL_CHUNK]) {
			slot |= CHANNEL_CHUNK - 1;
			continue;
		}
		struct thread *thread = channel_thread(channel, slot);
		if (!thread)
			continue;
		channel->chunks[slot / CHANNEL_CHUNK][slot % CHANNEL_CHUNK] = NULL;
		if (!is_thread(thread))
			continue;
		thread->md.state = MD_THREAD_DETACHED;
		threads[count++] = thread;
	}
	return count;
}

struct thread *channel_carrier_locked(struct channel *channel)
{
	for (unsigned slot = 0; slot < CHANNEL_SLOTS; slot++) {
		if (!channel->chunks[slot / CHANNEL_CHUNK]) {
			slot |= CHANNEL_CHUNK - 1;
			continue;
		}
		struct thread *thread = channel_thread(channel, slot);
		if (is_thread(thread) && thread->md.state == MD_THREAD_KERNEL && !thread->md.s2c)
			return thread;
	}
	return NULL;
}

// ---- Answers -------------------------------------------------------------------------------------------------------

_Atomic uint32_t *channel_answer_locked(struct channel *channel, unsigned slot, uint32_t state)
{
	_Atomic uint32_t *word = &channel_slot(channel, slot)->state;
	return atomic_exchange(word, state) & CHANNEL_SLEEPING ? word : NULL;
}

void channel_wake(_Atomic uint32_t *word)
{
	if (word)
		host_futex_wake(word, 1);
}

_Atomic uint32_t *channel_publish_locked(struct thread *thread)
{
	struct md_thread *md = &thread->md;
	struct channel_slot *slot = channel_slot(md->channel, md->slot);
	slot->result = md->result;
	slot->out_begin = md->out_begin;
	slot->out_end = md->out_end;
	md->answered = false;
	md->state = MD_THREAD_USER;
	spin_linger(md->channel);
	return channel_answer_locked(md->channel, md->slot, CHANNEL_DONE);
}

void md_user_resume(struct thread *thread, uint64_t result)
{
	struct process *process = thread->task->md.process;
	if (!process)
		return;
	_Atomic uint32_t *word = NULL;
	md_lock_acquire(&process->lock);
	if (thread->md.state == MD_THREAD_KERNEL) {
		thread->md.result = result;
		if (thread->md.s2c)
			thread->md.answered = true;
		else
			word = channel_publish_locked(thread);
	}
	md_lock_release(&process->lock);
	channel_wake(word);
}

kern_return_t md_thread_init(struct thread *thread)
{
	thread->md = (struct md_thread){.state = MD_THREAD_NEW};
	return KERN_SUCCESS;
}

void md_thread_destroy(struct thread *thread)
{
	if (thread->md.channel)
		channel_release(thread->md.channel);
	thread->md.channel = NULL;
}

void md_thread_kill(struct thread *thread)
{
	struct process *process = thread->task->md.process;
	if (!process)
		return;
	_Atomic uint32_t *word = NULL, *next = NULL;
	struct md_thread *md = &thread->md;
	md_lock_acquire(&process->lock);
	bool attached = md->state == MD_THREAD_USER || md->state == MD_THREAD_KERNEL;
	if (attached) {
		bool waits = md->state == MD_THREAD_KERNEL && !md->s2c;
		// It may fail only for a chunk that is not there, and this one is.
		(void)channel_set_thread_locked(md->channel, md->slot, waits ? NULL : SLOT_KILLED);
		if (md->s2c)
			s2c_carrier_gone_locked(process, thread);
		if (waits)
			word = channel_answer_locked(md->channel, md->slot, CHANNEL_KILL);
		else
			s2c_interrupt_locked(process, thread);
		md->state = MD_THREAD_DETACHED;
		next = s2c_start_locked(process);
	}
	md_lock_release(&process->lock);
	channel_wake(word);
	channel_wake(next);
	if (attached)
		cpu_defer_detach(thread);
}

// ---- Rings ---------------------------------------------------------------------------------------------------------

// Process lock held, released here. The thread rang from user mode.
static void ring_trap(struct process *process, struct channel *channel, struct thread *thread)
{
	struct md_thread *md = &thread->md;
	volatile struct channel_slot *slot = channel_slot(channel, md->slot); // each field is read once
	struct kern_trap_frame *frame = kern_trap_frame(thread);
	frame->number = slot->number;
	for (unsigned i = 0; i < CHANNEL_ARGUMENTS; i++)
		frame->arguments[i] = slot->arguments[i];
	uint32_t in_size = slot->in_size, out_size = slot->out_size, cpu = slot->cpu;
	md->in_address = slot->in_address;
	md->out_address = slot->out_address;
	md->in_size = in_size <= CHANNEL_BODY_SIZE ? in_size : 0;
	md->out_size = out_size <= CHANNEL_BODY_SIZE && md->out_address <= UINT64_MAX - out_size ? out_size : 0;
	md->out_begin = md->out_end = 0;
	md->dirty = md->answered = false;
	md->state = MD_THREAD_KERNEL;
	_Atomic uint32_t *word = process->s2c || list_empty(&process->s2c_queue) ? NULL : s2c_offer_locked(process, thread);
	thread_reference(thread);
	md_lock_release(&process->lock);
	channel_wake(word);
	spin_heat(channel, cpu);
	kern_trap(thread);
	thread_release(thread);
}

// The kernel half of the thread that rang; NULL: refused.
static struct thread *ring_make_thread(struct process *process, struct task *task, pid_t pid, uint32_t tid,
				       uint32_t token)
{
	if (tid == 0 || tid > INT32_MAX || syscall(SYS_tgkill, pid, (pid_t)tid, 0) != 0) {
		log_line("linux", "process %d (task %u) checks in a thread %u that it does not have", pid, task->id, tid);
		return NULL;
	}
	return token ? start_claim(process, token) : kern_thread_attach(task);
}

// Process lock held, released here. The slot's thread is not known: its check-in, together with its first trap.
static bool ring_attach(struct process *process, struct channel *channel, unsigned index)
{
	volatile struct channel_slot *slot = channel_slot(channel, index);
	uint32_t tid = slot->tid, token = slot->token;
	bool room = channel_set_thread_locked(channel, index, SLOT_ATTACHING);
	struct task *task = task_reference(process->task);
	pid_t pid = process->pid;
	md_lock_release(&process->lock);
	struct thread *thread = room ? ring_make_thread(process, task, pid, tid, token) : NULL;
	task_release(task);

	md_lock_acquire(&process->lock);
	if (process->channel != channel) {
		md_lock_release(&process->lock);
		if (thread)
			kern_thread_detach(thread);
		return false;
	}
	if (!thread) {
		if (room)
			(void)channel_set_thread_locked(channel, index, NULL);
		slot->result = KERN_RESOURCE_SHORTAGE;
		slot->out_begin = slot->out_end = 0;
		_Atomic uint32_t *word = channel_answer_locked(channel, index, CHANNEL_DONE);
		md_lock_release(&process->lock);
		channel_wake(word);
		return false;
	}
	(void)channel_set_thread_locked(channel, index, thread);
	atomic_fetch_add(&channel->references, 1);
	thread->md.channel = channel;
	thread->md.slot = (uint16_t)index;
	thread->md.tid = (int32_t)tid;
	channel->attached++;
	ring_trap(process, channel, thread);
	channel_sweep(channel);
	return true;
}

// Process lock held, released here. The thread says that it is going, or its kernel half has gone already.
static void ring_leave(struct process *process, struct channel *channel, unsigned slot, struct thread *thread,
		       uint32_t state)
{
	(void)channel_set_thread_locked(channel, slot, NULL);
	if (thread)
		thread->md.state = MD_THREAD_DETACHED;
	_Atomic uint32_t *word = channel_answer_locked(channel, slot, state);
	md_lock_release(&process->lock);
	channel_wake(word);
	if (thread)
		kern_thread_detach(thread);
}

// Process lock held, released here.
static void ring_s2c_done(struct process *process, struct channel *channel, struct thread *thread)
{
	struct md_thread *md = &thread->md;
	volatile struct channel_slot *slot = channel_slot(channel, md->slot);
	_Atomic uint32_t *next = s2c_answered_locked(process, thread, (int64_t)slot->result); // perhaps another thread's
	_Atomic uint32_t *own = !md->s2c && md->answered ? channel_publish_locked(thread) : NULL;
	md_lock_release(&process->lock);
	channel_wake(next);
	if (own != next)
		channel_wake(own);
}

// One slot whose bit was set. Returns whether anything was reported; *attaches counts check-ins down.
static bool channel_ring(struct channel *channel, unsigned index, unsigned *attaches)
{
	struct process *process = channel->process;
	md_lock_acquire(&process->lock);
	if (process->channel != channel)
		goto out;
	struct thread *thread = channel_thread(channel, index);
	uint32_t state = atomic_load(&channel_slot(channel, index)->state) & CHANNEL_STATE_MASK;
	if (thread == SLOT_ATTACHING || (state != CHANNEL_RUNG && state != CHANNEL_S2C_DONE && state != CHANNEL_LEAVE))
		goto out;
	if (thread == SLOT_KILLED || (!thread && state == CHANNEL_LEAVE)) {
		ring_leave(process, channel, index, NULL, state == CHANNEL_LEAVE ? CHANNEL_FREE : CHANNEL_KILL);
		return true;
	}
	if (!thread && state == CHANNEL_RUNG) {
		// A launched program may ring before it is bound to its task: process_bind rings again.
		if (*attaches > 0 && process->task) {
			--*attaches;
			return ring_attach(process, channel, index);
		}
		atomic_fetch_or(&channel->header->pending[index / 64], 1ull << index % 64);
		atomic_fetch_or(&channel->header->summary[index / 4096], 1ull << index / 64 % 64);
	} else if (!thread) {
		goto out;
	} else if (thread->md.state == MD_THREAD_USER && state == CHANNEL_RUNG) {
		ring_trap(process, channel, thread);
		return true;
	} else if (thread->md.state == MD_THREAD_USER && state == CHANNEL_LEAVE) {
		ring_leave(process, channel, index, thread, CHANNEL_FREE);
		return true;
	} else if (thread->md.state == MD_THREAD_KERNEL && thread->md.s2c && state == CHANNEL_S2C_DONE) {
		ring_s2c_done(process, channel, thread);
		return true;
	}
out:
	md_lock_release(&process->lock);
	return false;
}

bool channel_rung(struct channel *channel)
{
	uint64_t any = 0;
	for (unsigned i = 0; i < array_count(channel->header->summary); i++)
		any |= atomic_load_explicit(&channel->header->summary[i], memory_order_relaxed);
	return any != 0;
}

static bool channel_serve_word(struct channel *channel, unsigned word, unsigned *attaches)
{
	bool reported = false;
	uint64_t bits = atomic_exchange(&channel->header->pending[word], 0);
	for (; bits; bits &= bits - 1)
		reported |= channel_ring(channel, word * 64 + (unsigned)__builtin_ctzll(bits), attaches);
	return reported;
}

bool channel_serve(struct channel *channel)
{
	bool reported = false;
	unsigned attaches = ATTACHES_AT_ONCE;
	for (unsigned i = 0; i < array_count(channel->header->summary); i++) {
		_Atomic uint64_t *summary = &channel->header->summary[i];
		if (atomic_load_explicit(summary, memory_order_relaxed) == 0)
			continue;
		uint64_t words = atomic_exchange(summary, 0);
		for (; words; words &= words - 1)
			reported |= channel_serve_word(channel, i * 64 + (unsigned)__builtin_ctzll(words), &attaches);
	}
	uint64_t one = 1;
	if (attaches == 0 && write(channel->doorbell, &one, sizeof(one)) < 0)
		log_line("linux", "process %d has filled its doorbell", channel->process->pid);
	return reported;
}
