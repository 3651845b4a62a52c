// SPDX-License-Identifier: MIT
// Inside the machine linux: what its files share. `gila boot` uses linux.h.
//
//   boot.c        start and end, options             cpu.c      workers, the event loop, kicks, the timer, signals
//   spin.c        looking at channels, not sleeping  host.c     clocks, pages, stacks, log; lock.c; terminal.c
//   process.c     processes: births, deaths          checkin.c  sockets: who asks to become a task
//   channel.c     traps: rings, answers              sweep.c    threads that are lost
//   launch.c      programs that the kernel starts    output.c   what they write
//   s2c.c         what clients are asked to do       map.c      memory of tasks, by S2C
//   memory.c      memory objects                     user.c     copies to and from tasks
//   descriptor.c  descriptors on their way           state.c    registers, interrupts, new threads, clones
//   interrupt.c   lines of devices                   backend.c  what stands behind devices: sockets
//   disk.c        --disk: qemu-storage-daemon        tree.c     device trees: --dtb, and the one of --disk
//   daemon.c      the qemu-storage-daemons             flip.c     a bit of a program changes
//
// Locks: `process.lock` guards the process, its channel pointer, its threads' md_thread and its S2C queue. Under it the
// kernel's wait queues, timers and run queues may be used (wait_begin, wait_claim_thread, thread_ready), no other
// up-call. registry.lock is taken alone. md_task.lock is taken before process.lock.
#ifndef MACHINE_LINUX_MACHINE_H
#define MACHINE_LINUX_MACHINE_H

#include "linux.h"

#include <kernel/core/base.h>
#include <kernel/core/list.h>
#include <kernel/core/wait.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>
#include <lib/gila/hosted_channel.h>
#include <machine/kern.h>
#include <machine/md.h>
#include <signal.h>
#include <sys/types.h>

#define PROCESS_LIMIT 32768u
#define CHANNEL_CHUNK 64u // slots of a channel that share an allocation

// ---- host.c ---------------------------------------------------------------------------------------------------------

// A line to standard error: the machine itself has something to say to the person who booted it.
void host_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void host_log_open(const struct linux_options *options);
// The newest log text to standard error, if it has not been there yet: before the end by a panic.
void host_log_tail(void);
// terminal.c
void host_terminal_save(void);
void host_terminal_restore(void);
// CLOCK_MONOTONIC at boot: what md_clock_now counts from.
uint64_t host_clock_base(void);
long host_futex_wait(_Atomic uint32_t *word, uint32_t value);
long host_futex_wake(_Atomic uint32_t *word, unsigned count);

// ---- cpu.c ----------------------------------------------------------------------------------------------------------

// What an epoll event is about; with an index and a generation it makes the event's 64 bits.
enum source_kind {
	SOURCE_NONE,
	SOURCE_TIMER,
	SOURCE_LISTEN,
	SOURCE_SIGNAL,
	SOURCE_INTERRUPT, // `index`: the line
	SOURCE_DISK,      // `index`: the disk; something of its qemu-storage-daemon
	SOURCE_IDLE,      // nobody has used the kernel for a while
	SOURCE_PROCESS, // from here on: of the process `index`
	SOURCE_DOORBELL = SOURCE_PROCESS,
	SOURCE_DEATH,  // pidfd
	SOURCE_SOCKET,
	SOURCE_OUTPUT,
};

bool cpu_module_init(unsigned workers);
// The Linux CPU that the caller runs on.
unsigned cpu_host_number(void);
// Events of `file` from now on, edge-triggered. False: no room (errno).
bool must_check source_add(int file, enum source_kind kind, uint32_t index, uint32_t generation);
// Before `file` is closed.
void source_remove(int file);
// The calling pthread becomes CPU `number`.
void cpu_enter(unsigned number);
// kern_thread_detach(thread) soon, by a CPU with no lock held. Any lock may be held.
void cpu_defer_detach(struct thread *thread);

// ---- channel.c ------------------------------------------------------------------------------------------------------

// The memory that is shared with one process. Referenced by the process (until exec or death), by its threads, and by
// CPUs that poll it. A reference keeps the memory mapped.
struct channel {
	_Atomic uint32_t references;
	struct process *process;       // [I] not a reference: compare process->channel under its lock before use
	struct channel_header *header; // [I]
	int doorbell;                  // [I] eventfd
	uint32_t attached, sweep_at; // [process lock] threads that checked in since the last sweep; when the next is due
	// [process lock] the thread of each slot, in chunks made on demand; SLOT_* for the rest.
	struct thread **chunks[CHANNEL_SLOTS / CHANNEL_CHUNK];
};
#define CHANNEL_SWEEP 512u                   // check-ins before the first sweep
#define SLOT_ATTACHING ((struct thread *)1) // its kernel half is being made
#define SLOT_KILLED ((struct thread *)2)    // its kernel half is gone, the client is to be told when it traps

// Makes the memory and the doorbell; *file is the memfd, to be sent to the client and closed. NULL: errno.
struct channel *channel_create(struct process *process, int *file);
void channel_release(struct channel *channel);
static inline struct channel_slot *channel_slot(struct channel *channel, unsigned slot)
{
	char *base = (char *)channel->header;
	return (struct channel_slot *)(void *)(base + CHANNEL_SLOTS_OFFSET + (size_t)slot * CHANNEL_SLOT_SIZE);
}
static inline void *channel_body(struct channel *channel, unsigned slot)
{
	return (char *)channel->header + CHANNEL_BODIES_OFFSET + (size_t)slot * CHANNEL_BODY_SIZE;
}
static inline struct thread *channel_thread(struct channel *channel, unsigned slot)
{
	struct thread **chunk = channel->chunks[slot / CHANNEL_CHUNK];
	return chunk ? chunk[slot % CHANNEL_CHUNK] : NULL;
}
// Process lock held. False: no memory for the chunk (never if the slot had a thread).
bool channel_set_thread_locked(struct channel *channel, unsigned slot, struct thread *thread);
// True when some thread seems to have rung.
bool channel_rung(struct channel *channel);
// Reports what has rung to the kernel. Returns whether it reported anything.
bool channel_serve(struct channel *channel);
// Process lock held: gives the slot back to the client in that state. The word is to be given to channel_wake once the
// lock is released; NULL: the client does not sleep.
_Atomic uint32_t *channel_answer_locked(struct channel *channel, unsigned slot, uint32_t state) must_check;
// The word may be unmapped by then.
void channel_wake(_Atomic uint32_t *word);
// Process lock held: publishes the result that waits in thread->md. As channel_answer_locked.
_Atomic uint32_t *channel_publish_locked(struct thread *thread) must_check;
// Process lock held: takes all threads of the channel out; the caller calls kern_thread_detach for each one given. Fills
// up to `room`, returns how many; 0: none is left.
unsigned channel_detach_locked(struct channel *channel, struct thread **threads, unsigned room);
// Detaches threads that are gone without having said so (SYS_exit, cancellation), if enough have come meanwhile.
void channel_sweep(struct channel *channel);
// Process lock held: the first thread that is in a trap and whose slot is not busy; NULL: none.
struct thread *channel_carrier_locked(struct channel *channel);

// ---- spin.c ---------------------------------------------------------------------------------------------------------

// A thread of the channel rang from another Linux CPU: polling it may pay.
void spin_heat(struct channel *channel, uint32_t client_cpu);
// A client of the channel is about to be answered: this CPU will look at it again before it sleeps. Its process's lock is
// held.
void spin_linger(struct channel *channel);
// Serves the channels that this CPU polls. Returns whether anything was reported.
bool spin_serve(void);
// Looks once, and for a while if that has been paying off. `stop` ends it early: then, or if anything was reported, the
// result is true. When it is false nothing is polled any more and doorbells ring again.
bool spin_wait(bool (*stop)(void));

// ---- process.c ------------------------------------------------------------------------------------------------------

enum process_state {
	PROCESS_FREE,      // in the pool
	PROCESS_CONNECTED, // a socket; nobody knows yet whether it becomes a task     -> LIVE, FREE
	PROCESS_LIVE,      // has a task                                               -> DEAD
	PROCESS_DEAD,      // reported; kept for its task                              -> FREE
};

// Never returned to Linux: a stale event or pointer finds another generation, not other memory.
struct process {
	struct md_lock lock;
	struct md_lock life;     // held, before any other, while the kernel is told of its end or of its new program: one at a time
	uint32_t index;          // [I]
	uint32_t generation;     // [l]
	enum process_state state;
	pid_t pid;
	int pidfd, socket;       // -1: none
	int output;              // [output_lock] -1: none
	bool child;              // the kernel's own: there is a status to wait for
	bool client;             // connected by itself: counts for idle.c
	uint32_t user, group;    // [I] of a client
	bool refused;            // broke the protocol: reported as that
	bool greeted;            // its hello is being looked at, or was
	struct task *task;       // the machine's reference, while LIVE
	struct channel *channel; // a reference; NULL before check-in and after exec
	uint32_t references;     // [l] task->md, and LIVE or CONNECTED
	uint32_t interrupt_next; // slot to look at first for a thread to interrupt
	struct s2c *s2c;         // the request under way
	struct list s2c_queue;
	struct process *hash_next; // [registry.lock]
	struct list received;    // descriptors that came by socket, see checkin.c
	struct md_lock output_lock; // taken after lock, where both are held
	bool output_ended;       // [output_lock] an event may still come to another CPU
	char *line;              // [output_lock] unfinished line of output; OUTPUT_LINE bytes
	uint32_t line_length;
	char name[CHANNEL_NAME_SIZE]; // changed with both locks held, so either is enough to read it
};

// A fresh one in CONNECTED with one reference, lock not held. NULL: too many.
struct process *process_create(pid_t pid);
// Finds by event; with a reference. NULL: stale.
struct process *process_get(uint32_t index, uint32_t generation);
// The LIVE or CONNECTED process with the pid, registered; with a reference. NULL: none.
struct process *process_find(pid_t pid);
void process_register(struct process *process);
void process_reference(struct process *process);
void process_release(struct process *process);
// The name has CHANNEL_NAME_SIZE bytes.
void process_rename_locked(struct process *process, const char *name);
// Its pidfd is readable, or it never came to life.
void process_died(struct process *process);
// Its socket is gone but it lives on: another program runs in it.
void process_execed(struct process *process);
// It broke the protocol: logged and killed.
void process_refuse(struct process *process, const char *why);
// Has `process` become the user half of the task; false: the task is to be killed at once (it was done).
void process_bind(struct process *process, struct task *task);
// Kills and reaps every child of the kernel: the end of the machine.
void process_end_all(void);
// The parent's pid and the state letter from /proc/PID/stat; false: no such process.
bool process_stat(pid_t pid, pid_t *parent, char *state);
// Whether the process is on its way out (or gone): its files are closed before its pidfd tells of the end.
bool process_exiting(pid_t pid);
unsigned process_count(void);

// ---- idle.c ---------------------------------------------------------------------------------------------------------

// The kernel ends when it had no client for so long (ns); 0: never.
bool idle_module_init(uint64_t time);
// False: the kernel is ending.
bool idle_client_came(void) must_check;
void idle_client_went(void);
void idle_event(void);

// ---- checkin.c, launch.c, output.c ----------------------------------------------------------------------------------

// Listens at the path, with the socket `listening` if that is not 0. False: standard error says why.
bool checkin_listen(const char *path, int listening);
// Who connects from now on is refused.
void checkin_close(void);
void checkin_unlink(void);
void checkin_accept(void);
void checkin_socket_event(struct process *process);
// Makes the channel and sends it to the other end of the process's socket. 0, or errno.
int checkin_welcome(struct process *process);
// The kernel's socket path, for the environment of programs.
const char *checkin_path(void);
void launch_module_init(void);
// Whether a program ever had the machine's own terminal.
bool launch_terminal_given(void);
// The launch's image as a file, a descriptor of the caller's own; -1: errno. For launch.c and its test.
int launch_image_open(const struct md_launch *launch);
// Runs main(argument) in a child that shares the kernel's memory until it has executed a program or exited; the kernel's
// thread waits for that. The pid and *pidfd; -1: errno.
pid_t launch_bare(void (*main)(void *), void *argument, int *pidfd);
// The child's beginning: dies with the kernel, has ordinary signals and limits.
void launch_child_prepare(void);
void output_event(struct process *process);
void output_end(struct process *process);

// ---- s2c.c ----------------------------------------------------------------------------------------------------------

// A request to a client, on the stack of the kernel thread that waits for it.
struct s2c {
	struct list link;       // process->s2c_queue
	uint32_t operation;
	uint32_t id;
	uint64_t arguments[6];
	int file;               // to be sent along under the id, -1: none
	struct thread *only;    // must be done by this thread (in its trap); NULL: any
	bool settled;
	kern_return_t error;    // of the delivery
	int64_t result;         // of the client: Linux's, or -errno
	struct thread *carrier; // whose slot asks it, while it does
	struct wait_queue waiters;
};

#define S2C_ABANDONED ((struct s2c *)1) // in md_thread.s2c: nobody waits for the answer any more
// Asks and waits. KERN_SUCCESS: the client answered, request->result is its word. May suspend.
kern_return_t must_check s2c_call(struct task *task, struct s2c *request);
// Process lock held, nothing under way. A thread has entered the kernel: it may carry what is queued. To be woken, as
// channel_answer_locked.
_Atomic uint32_t *s2c_offer_locked(struct process *process, struct thread *thread) must_check;
// Process lock held. The slot's client has done what it was asked; it may be asked for more. To be woken.
_Atomic uint32_t *s2c_answered_locked(struct process *process, struct thread *thread, int64_t result) must_check;
// Process lock held. Starts the first of what is queued, if nothing is under way and somebody can carry it. To be woken.
_Atomic uint32_t *s2c_start_locked(struct process *process) must_check;
// Process lock held. The thread will not carry it any more; what is queued behind it is to be started (s2c_start_locked).
void s2c_carrier_gone_locked(struct process *process, struct thread *thread);
// Process lock held. The client is gone.
void s2c_end_locked(struct process *process);
kern_return_t s2c_error(int64_t result);
int s2c_signal(void);
// Sends one descriptor over the process's socket. 0, or errno.
int s2c_send_descriptor(struct process *process, uint32_t id, int file);
// Takes the descriptor that came for the request; -1: none.
int s2c_received(struct process *process, uint32_t id);
// The thread is made to trap. Process lock held.
void s2c_interrupt_locked(struct process *process, struct thread *thread);

// ---- memory.c, user.c, descriptor.c, state.c --------------------------------------------------------------------------------

// The pid of the task's process; 0: it has none (any more).
pid_t task_pid(struct task *task);
// The object's memfd (or file), made now if it had none; -1: errno.
int memory_file(struct md_memory *memory);
// Whether [offset, offset + size) lies in it now.
bool memory_holds_range(struct md_memory *memory, uint64_t offset, uint64_t size);
// The way of md_descriptor_take where Linux does not let us reach into the process.
kern_return_t must_check descriptor_take_by_client(struct md_descriptor *descriptor, struct task *task, int number);

// ---- interrupt.c, backend.c, disk.c, tree.c ------------------------------------------------------------------------

#define INTERRUPT_LINES 1024u
#define INTERRUPT_DISKS 512u // the line of the first --disk; lower ones are free for --dtb
void interrupt_event(uint32_t line);
// The rest of these files is in disk.h.
void disk_event(uint32_t number);

// A check-in with a token: the task of the clone that the parent was asked for, with the machine's reference; NULL: none.
struct task *clone_claim(pid_t parent, uint32_t token);
// A first ring with a token: the thread that md_thread_start waits for; NULL: none.
struct thread *start_claim(struct process *process, uint32_t token);

#endif
