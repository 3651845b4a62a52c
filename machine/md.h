// SPDX-License-Identifier: MIT
// The seam: everything that kernel/ asks of the machine it stands on, and nothing else.
//
// A machine is a folder that defines these functions and md_types.h (struct md_lock, md_context, md_task, md_thread,
// md_memory, md_descriptor; MD_STACK_SIZE). They are bound at link time. Every function has a meaning on every
// machine; what one cannot do is answered with KERN_NOT_SUPPORTED. Functions marked *may suspend* may block the
// calling thread with its stack kept; the caller holds no lock. All others neither block nor call back into kernel/.
// What the machine tells the kernel goes through kern.h. machine/md_test.c is the conformance test.
//
// "Thread" below is a kernel thread, which has user context if it belongs to a user task. Addresses of user memory
// are uint64_t and are never dereferenced above the seam. Times are nanoseconds.
#ifndef MACHINE_MD_H
#define MACHINE_MD_H

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <md_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MD_PAGE_SIZE 4096u
#define MD_CPU_LIMIT 64u

struct account;
struct kern_quick;
struct task;
struct thread;

// ---- CPUs ----------------------------------------------------------------------------------------------------------
// A CPU is numbered from 0. It runs kernel code on a pooled stack, or idles. It gives up the kernel only where the
// kernel says so; a machine never preempts kernel code for other kernel code on the same CPU.

unsigned md_cpu_count(void);
#ifndef MD_INLINE
unsigned md_cpu_self(void);
#endif
// Starts CPUs 1..count-1; each calls kern_cpu_main() on a stack of its own. Called once, by CPU 0.
void md_cpu_start_others(void);
// Waits for something to happen and reports it by kern_ up-calls (trap entries, timer, deaths, input); returns after
// at least one report or a kick. A kick that came before the call is not lost. Costs no CPU time while it waits.
void md_cpu_idle(void);
// The same without waiting: called now and then by a busy CPU, so that runnable threads do not starve events.
void md_cpu_poll(void);
// Makes `cpu` leave md_cpu_idle(), now or the next time it enters.
void md_cpu_kick(unsigned cpu);

// ---- Locks ---------------------------------------------------------------------------------------------------------
// Short mutual exclusion between CPUs. Never held while a thread blocks.

// A machine for which these, md_cpu_self and md_clock_now are a few instructions defines them in md_types.h, and MD_INLINE;
// md_lock_wait() is what is left: called when another CPU holds the lock, it returns with the lock held.

#ifndef MD_INLINE
void md_lock_init(struct md_lock *lock);
void md_lock_acquire(struct md_lock *lock);
bool md_lock_try(struct md_lock *lock);
void md_lock_release(struct md_lock *lock);
#else
void md_lock_wait(struct md_lock *lock);
#endif

// ---- Time ----------------------------------------------------------------------------------------------------------

// Monotonic nanoseconds since boot; never goes back, the same on all CPUs. A stamp is the same as the machine reads it; who wants to
// know the time of one asks md_clock_of.
#ifndef MD_INLINE
uint64_t md_clock_now(void);
struct md_stamp {
	uint32_t low, high;
};
static inline struct md_stamp md_clock_stamp(void)
{
	uint64_t now = md_clock_now();
	return (struct md_stamp){(uint32_t)now, (uint32_t)(now >> 32)};
}
static inline uint64_t md_clock_of(struct md_stamp stamp) { return stamp.low | (uint64_t)stamp.high << 32; }
#endif
// Nanoseconds since 1970-01-01T00:00:00Z.
int64_t md_clock_calendar(void);
// kern_timer_due() is to be called once, on any CPU, at `deadline` or soon after. UINT64_MAX: no timer. Replaces the
// earlier deadline.
void md_timer_arm(uint64_t deadline);

// ---- Stacks and contexts -------------------------------------------------------------------------------------------
// md_stack_alloc gives MD_STACK_SIZE bytes with a guard page below, as its lowest usable address; NULL when there is no
// memory. A context is the saved state of suspended kernel code.

void *md_stack_alloc(void);
void md_stack_free(void *stack);
// Makes a context that calls entry(argument) on the stack when first switched to. entry must not return.
void md_context_make(struct md_context *context, void *stack, void (*entry)(void *), void *argument);
// Saves the running code in `save` and continues `resume`.
void md_context_switch(struct md_context *save, struct md_context *resume);
// Abandons whatever is on the running stack `stack` and calls entry(argument) at its top.
_Noreturn void md_stack_restart(void *stack, void (*entry)(void *), void *argument);

// ---- Kernel memory -------------------------------------------------------------------------------------------------

// `count` zeroed pages in a row, page aligned; NULL when there is none. They may be freed in parts.
void *md_pages_alloc(size_t count);
void md_pages_free(void *pages, size_t count);
// Whether somebody who would have `bytes` of the machine's memory then may get more: the less is free the less anybody may have, so that
// who takes too much is refused before others are. Always, where memory is not the kernel's to give.
bool md_memory_allows(uint64_t bytes);

// ---- Memory objects ------------------------------------------------------------------------------------------------
// The backing store of a memory object: `size` bytes (whole pages), zero at first. The embedder is struct memory.

// `payer` is charged for the page frames that it takes (ACCOUNT_PAGES), where there are such.
__attribute__((warn_unused_result)) kern_return_t md_memory_create(struct md_memory *memory, struct account *payer,
								    uint64_t size);
void md_memory_destroy(struct md_memory *memory);
__attribute__((warn_unused_result)) kern_return_t md_memory_resize(struct md_memory *memory, uint64_t size);
__attribute__((warn_unused_result)) kern_return_t md_memory_read(struct md_memory *memory, uint64_t offset, void *to,
								  size_t size);
__attribute__((warn_unused_result)) kern_return_t md_memory_write(struct md_memory *memory, uint64_t offset,
								   const void *from, size_t size);
// Fills `memory` at offset 0 with a snapshot of the task's memory (copy-on-write where the machine can, else a copy).
// KERN_INVALID_ADDRESS when the task has no such memory. May suspend.
__attribute__((warn_unused_result)) kern_return_t md_memory_capture(struct md_memory *memory, struct task *task,
								     uint64_t address, uint64_t size);
// The same from another memory object.
__attribute__((warn_unused_result)) kern_return_t md_memory_copy(struct md_memory *memory, struct md_memory *source,
								  uint64_t offset, uint64_t size);
// From now on the object cannot be resized, by md_memory_resize or by anybody who has it mapped: what maps it never finds
// less than `size` bytes. Idempotent. KERN_PROTECTION_FAILURE: somebody has made that impossible.
__attribute__((warn_unused_result)) kern_return_t md_memory_fix(struct md_memory *memory);
// One that devices can reach, at `size` bytes in a row from *bus_address (whole pages, not 0), and that is fixed from the
// beginning.
__attribute__((warn_unused_result)) kern_return_t md_memory_create_dma(struct md_memory *memory, struct account *payer,
									uint64_t size, uint64_t *bus_address);
// Registers of a device: `size` bytes (whole pages) at `address` of the machine, to be mapped without caching; fixed.
// KERN_NOT_SUPPORTED: the machine has none there.
__attribute__((warn_unused_result)) kern_return_t md_memory_create_device(struct md_memory *memory, uint64_t address,
									   uint64_t size);

// ---- User memory ---------------------------------------------------------------------------------------------------
// The thread's own task for copies during its trap. KERN_INVALID_ADDRESS when any byte is not there (then what was
// copied is unspecified). Never more than once from the same place: the user may change it meanwhile.

__attribute__((warn_unused_result)) kern_return_t md_copy_in(struct thread *thread, void *to, uint64_t from,
							      size_t size);
__attribute__((warn_unused_result)) kern_return_t md_copy_out(struct thread *thread, uint64_t to, const void *from,
							       size_t size);
// The same for any task.
__attribute__((warn_unused_result)) kern_return_t md_task_read(struct task *task, void *to, uint64_t from, size_t size);
__attribute__((warn_unused_result)) kern_return_t md_task_write(struct task *task, uint64_t to, const void *from,
								 size_t size);

// Fault injection: one bit of the task's program text is flipped, which `choice` (any number) chooses, in this task's memory only.
// *address: of its byte. KERN_PROTECTION_FAILURE: the machine is not allowed to; KERN_NOT_SUPPORTED.
__attribute__((warn_unused_result)) kern_return_t md_task_flip(struct task *task, uint64_t choice, uint64_t *address,
								unsigned *bit);

enum md_map_flags {
	MD_MAP_FIXED = 1,     // at *address, which must be free unless MD_MAP_OVERWRITE; else the machine chooses
	MD_MAP_OVERWRITE = 2, // with MD_MAP_FIXED: replaces what is there
	MD_MAP_COPY = 4,      // private: the task's writes do not reach the object
};
// Maps size bytes (whole pages) of the object at offset, or fresh zero memory when memory is NULL, into the task;
// *address in and out. prot: VM_PROT_*. Never writable and executable at once. All three may suspend.
__attribute__((warn_unused_result)) kern_return_t md_map(struct task *task, uint64_t *address, uint64_t size,
							  struct md_memory *memory, uint64_t offset, vm_prot_t prot,
							  unsigned flags);
__attribute__((warn_unused_result)) kern_return_t md_unmap(struct task *task, uint64_t address, uint64_t size);
__attribute__((warn_unused_result)) kern_return_t md_protect(struct task *task, uint64_t address, uint64_t size,
							      vm_prot_t prot);

// ---- Tasks and threads with user context ---------------------------------------------------------------------------

// What a new program starts with. Strings and image belong to the caller and are needed only during md_task_launch.
struct md_launch {
	const char *name;             // for people: shown by the machine's own tools
	const void *image;            // a static-PIE ELF file in kernel memory
	size_t image_size;
	uint64_t image_id;            // tells images apart that were in the same place one after the other; 0: this one stays
	const char *const *arguments; // NULL-terminated
	const char *const *environment;
	bool terminal;                // gets the machine's own terminal (hosted: standard streams)
};

// Prepares the machine's part of a task that the kernel made (md_task in struct task), or of a thread.
__attribute__((warn_unused_result)) kern_return_t md_task_init(struct task *task);
void md_task_destroy(struct task *task);
__attribute__((warn_unused_result)) kern_return_t md_thread_init(struct thread *thread);
void md_thread_destroy(struct thread *thread);
// Loads the program into the (empty) task and lets its first thread run. The thread is reported by
// kern_thread_attach(). A program that cannot be loaded is an error here or a later kern_task_died(). May suspend.
__attribute__((warn_unused_result)) kern_return_t md_task_launch(struct task *task, const struct md_launch *launch);
// Makes `child` (fresh, empty) a copy-on-write clone of the parent's memory; its first thread continues in a copy of
// `thread`, with `result` as the result of the trap it is in. May suspend.
__attribute__((warn_unused_result)) kern_return_t md_task_clone(struct task *child, struct thread *thread,
								 uint64_t result);
// Ends every user thread of the task at once. kern_task_died() follows.
void md_task_kill(struct task *task);
// Starts a fresh user thread at `entry` with that stack pointer and argument. May suspend.
__attribute__((warn_unused_result)) kern_return_t md_thread_start(struct thread *thread, uint64_t entry, uint64_t stack,
								   uint64_t argument);
// Ends the user half of one thread. The kernel will not resume it again.
void md_thread_kill(struct thread *thread);
// Lets the thread go to user mode with `result` of the trap it was in, and returns: user mode runs elsewhere, or on this
// CPU when it idles (md_cpu_idle). The thread is not touched after it was let go.
void md_user_resume(struct thread *thread, uint64_t result);
// A thread in user mode is made to enter the kernel soon, with trap number TRAP_ast.
void md_user_interrupt(struct thread *thread);
// Registers of a thread that is in the kernel (in a trap or stopped), in Mach's flavours (mach/thread_status.h).
// *count in words, in and out.
__attribute__((warn_unused_result)) kern_return_t md_thread_get_state(struct thread *thread, int flavor, uint32_t *state,
								       uint32_t *count);
__attribute__((warn_unused_result)) kern_return_t md_thread_set_state(struct thread *thread, int flavor,
								       const uint32_t *state, uint32_t count);

// ---- Quick messages ------------------------------------------------------------------------------------------------
// What kern_message_quick asks, with locks held but for md_quick_write, which may serve faults. A machine for which they are a few
// instructions defines them in md_quick.h, and MD_INLINE.
//
// MD_WORD_USER and MD_WORD_TRAP (md_types.h): what the machine's part of a thread's word (struct md_word in struct thread) says of
// one that is in user mode, in a trap, and nothing else. The kernel changes it from one to the other together with its own.

// Of a message's header what differs.
struct md_quick_header {
	uint32_t bits, remote, local, id;
};
// It was given that, but stays in its trap.
void md_user_stay(struct thread *to);
#ifndef MD_INLINE
// The end of kern_message_quick, which returns what this returns, if it does: `to` goes on in user mode with that result.
struct kern_quick md_user_go(struct thread *to, uint64_t result);
// The arguments of the trap that the thread is in.
const uint64_t *md_user_arguments(const struct thread *thread);
// Whether `to`, which waits in a trap, may go on in user mode on this CPU, `cpu`: it may be given MD_WORD_USER then.
__attribute__((warn_unused_result)) bool md_user_prepare(struct thread *to, unsigned cpu);
// It goes on in the place of `from`, which was given MD_WORD_TRAP and will wait. What of `from` is only in this CPU's registers is
// put away, so that it can be resumed anywhere. Cannot fail.
void md_user_switch(struct thread *from, struct thread *to, unsigned cpu);
// Whether that may be the address of a message in a program's memory, as far as can be told without looking there.
__attribute__((warn_unused_result)) bool md_user_holds(uint64_t address);
// Copies a message of `size` bytes, at least a header, from the thread's memory, each byte once; the body is what follows the header.
// False: it is not there. True says as much as md_user_holds does.
__attribute__((warn_unused_result)) bool md_quick_read(struct thread *from, uint64_t address, uint32_t size,
						       struct md_quick_header *header, void *body);
// After md_user_switch, where md_user_holds a message: header, the rest of it, and a trailer: `trailer` bytes that follow the body, or
// if that is 0 an empty one. False: the memory is not there.
__attribute__((warn_unused_result)) bool md_quick_write(struct thread *to, uint64_t address, uint32_t size,
							const struct md_quick_header *header, const void *body, uint32_t trailer);
#endif

// ---- Host descriptors ----------------------------------------------------------------------------------------------
// A file descriptor of the host on its way between tasks. KERN_NOT_SUPPORTED where there is no host.

__attribute__((warn_unused_result)) kern_return_t md_descriptor_take(struct md_descriptor *descriptor,
								      struct task *task, int number);
__attribute__((warn_unused_result)) kern_return_t md_descriptor_give(struct md_descriptor *descriptor,
								      struct task *task, int *number);
void md_descriptor_close(struct md_descriptor *descriptor);
// Host descriptors of devices. A fresh connection to what stands behind a device (its property gila,backend);
// KERN_NOT_FOUND: there is no such backend, KERN_FAILURE: it cannot be reached, the log says why.
__attribute__((warn_unused_result)) kern_return_t md_descriptor_backend(struct md_descriptor *descriptor, uint32_t backend);
// Writing to it raises the interrupt line. KERN_INVALID_ARGUMENT: no such line.
__attribute__((warn_unused_result)) kern_return_t md_descriptor_interrupt(struct md_descriptor *descriptor, uint32_t line);
// The memory object, which must be fixed.
__attribute__((warn_unused_result)) kern_return_t md_descriptor_memory(struct md_descriptor *descriptor,
									struct md_memory *memory);

// ---- Devices -------------------------------------------------------------------------------------------------------

// The flattened device trees that the machine reports, from 0 (Devicetree Specification v0.4, chapter 5). They stay
// valid for ever. NULL: no more.
const void *md_boot_device_tree(unsigned index, size_t *size);
// I/O ports of devices, in one access of `width` bytes (1, 2 or 4) from that port on; the kernel has checked that they are the
// device's. KERN_INVALID_ARGUMENT: another width, or no such port; KERN_NOT_SUPPORTED: the machine has no ports.
__attribute__((warn_unused_result)) kern_return_t md_port_read(uint64_t port, unsigned width, uint32_t *value);
__attribute__((warn_unused_result)) kern_return_t md_port_write(uint64_t port, unsigned width, uint32_t value);
// From now on kern_interrupt(line) is called when the line is raised. A level-triggered line stays masked from each such
// call until md_interrupt_ack; for others that does nothing. A call that is under way may still come after a disable.
// KERN_INVALID_ARGUMENT: no such line. KERN_RESOURCE_SHORTAGE.
__attribute__((warn_unused_result)) kern_return_t md_interrupt_enable(uint32_t line);
void md_interrupt_disable(uint32_t line);
void md_interrupt_ack(uint32_t line);
// Whether a device may read and write memory by itself, and send interrupts as messages; not so at first. `number` is what the property
// gila,master of its node says; unknown ones are ignored. Once it is off the device begins nothing more, whatever its driver left to it.
void md_device_master(uint32_t number, bool on);

// ---- Boot, log, end ------------------------------------------------------------------------------------------------

// The boot archive (.tar.lzma) as the machine found it, and the kernel's command line (words separated by spaces;
// valid for ever). An absent archive is size 0.
void md_boot_archive(const void **data, size_t *size);
const char *md_boot_command_line(void);
// One piece of log text to wherever the machine shows it. Must work at any time, on any CPU, with any lock held.
void md_log_write(const char *text, size_t size);
// Random bytes from the machine's best source.
void md_entropy(void *to, size_t size);
// The end of the machine: power off (hosted: exit with `status`), or a reboot where there is such a thing.
enum md_end {
	MD_END_POWER_OFF,
	MD_END_REBOOT,
	MD_END_PANIC,
	MD_END_FAILED, // the system gave up: a power-off, but if people have seen nothing yet they should see the log
};
_Noreturn void md_end(enum md_end how, int status);

#endif
