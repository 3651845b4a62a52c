// SPDX-License-Identifier: MIT
// Threads, %gs and Mach's traps of programs that make their own system calls; see raw.h. Go up to 1.11 is such a program.
//
// Facts: xnu's bsd/pthread/pthread_shims.c and pthread_support (bsdthread_register, _create, _terminate; the registers of a new thread),
// osfmk/i386/machdep_call.c (call 3 of class 3 sets %gs), osfmk/mach/syscall_sw.h (numbers of traps), osfmk/mach/task.defs (messages
// 3418 and 3419 make and destroy semaphores), bsd/sys/errno.h.
//
// 1. %gs is the program's while its code runs, and libSystem's while ours does: handlers of signals exchange it (raw_enter, raw_leave).
// 2. A thread of the program is one of libSystem's, which jumps to the program on the stack that that gave; it ends by going back.
#include "raw_threads.h"

#include "errno.h"
#include "mach_names.h"
#include "raw.h"
#include "signals.h"
#include "thread.h"

#include <asm/prctl.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

enum { START_CUSTOM = 0x1000000, RED_ZONE = 128 };

// ---- %gs ------------------------------------------------------------------------------------------------------------

static __thread uintptr_t own_gs, program_gs; // program_gs 0: the program has none

static void gs_set(uintptr_t base)
{
	if (getauxval(AT_HWCAP2) & 2) // HWCAP2_FSGSBASE
		__asm__ volatile("wrgsbase %0" : : "r"(base) : "memory");
	else
		syscall(SYS_arch_prctl, ARCH_SET_GS, base);
}

static uintptr_t gs_get(void)
{
	uintptr_t base;
	if (getauxval(AT_HWCAP2) & 2)
		__asm__ volatile("rdgsbase %0" : "=r"(base));
	else
		syscall(SYS_arch_prctl, ARCH_GET_GS, &base);
	return base;
}

uintptr_t raw_enter(void)
{
	if (!program_gs)
		return 0;
	uintptr_t before = gs_get();
	gs_set(own_gs);
	return before == own_gs ? 0 : before;
}

void raw_leave(uintptr_t before)
{
	if (before && program_gs)
		gs_set(program_gs);
}

// From now on, when the handler is left.
static uintptr_t gs_take(uintptr_t base)
{
	if (!own_gs)
		own_gs = gs_get();
	program_gs = base;
	return base;
}

// ---- threads --------------------------------------------------------------------------------------------------------

struct raw_thread {
	uint64_t function, argument, stack, pthread, flags;
};
static _Atomic uint64_t thread_start; // of the program: bsdthread_register
static __thread jmp_buf *thread_back;

// With the registers that xnu gives a thread, on its stack.
_Noreturn static void jump(const struct raw_thread *thread, uint64_t start, uint64_t port)
{
	register uint64_t r8 __asm__("r8") = thread->stack;
	register uint64_t r9 __asm__("r9") = thread->flags;
	register uint64_t r10 __asm__("r10") = thread->stack - RED_ZONE;
	register uint64_t r11 __asm__("r11") = start;
	__asm__ volatile("mov %%r10, %%rsp\n\txor %%ebp, %%ebp\n\tjmp *%%r11"
			 :
			 : "D"(thread->pthread), "S"(port), "d"(thread->function), "c"(thread->argument), "r"(r8),
			   "r"(r9), "r"(r10), "r"(r11)
			 : "memory");
	__builtin_unreachable();
}

static void *thread_body(void *argument)
{
	struct raw_thread thread = *(struct raw_thread *)argument;
	jmp_buf back;
	free(argument);
	thread_back = &back;
	if (_setjmp(back) == 0)
		jump(&thread, thread_start, mach_thread_name(thread_self()->id));
	return NULL;
}

struct attributes;
int darwin_pthread_create(struct thread **thread, const struct attributes *attributes, void *(*start)(void *), void *argument);
int darwin_pthread_detach(struct thread *thread);

static long bsdthread_create(uint64_t function, uint64_t argument, uint64_t stack, uint64_t pthread, uint64_t flags)
{
	struct thread *made;
	struct raw_thread *thread = malloc(sizeof(*thread));
	if (!(flags & START_CUSTOM) || !thread_start) { // libpthread's own way of making a stack is libpthread's alone
		free(thread);
		return errno_set(DARWIN_ENOTSUP);
	}
	if (!thread)
		return errno_set(DARWIN_ENOMEM);
	*thread = (struct raw_thread){function, argument, stack, pthread, flags};
	int error = darwin_pthread_create(&made, NULL, thread_body, thread);
	if (error) {
		free(thread);
		return errno_set(error);
	}
	darwin_pthread_detach(made);
	return (long)pthread;
}

static long bsdthread_terminate(void)
{
	program_gs = 0;
	if (thread_back)
		_longjmp(*thread_back, 1);
	syscall(SYS_exit, 0); // the first thread
	return 0;
}

bool raw_thread_call(unsigned number, ucontext_t *context, long *result)
{
	const greg_t *in = context->uc_mcontext.gregs;
	int id, host;
	switch (number) {
	case 360:
		*result = bsdthread_create((uint64_t)in[REG_RDI], (uint64_t)in[REG_RSI], (uint64_t)in[REG_RDX], (uint64_t)in[REG_R10],
					   (uint64_t)in[REG_R8]);
		return true;
	case 361: *result = bsdthread_terminate(); return true;
	case 366:
		thread_start = (uint64_t)in[REG_RDI];
		*result = 0; // no features
		return true;
	case 328: // __pthread_kill
		id = mach_thread_id((mach_port_t)in[REG_RDI]);
		host = signals_to_host((int)in[REG_RSI]);
		*result = !id			    ? errno_set(DARWIN_ESRCH)
			  : in[REG_RSI] && !host ? errno_set(DARWIN_EINVAL)
						 : errno_result(syscall(SYS_tgkill, getpid(), id, host));
		return true;
	case 372: *result = thread_self()->id; return true; // thread_selfid
	default: return false;
	}
}

// ---- class 3 and Mach -----------------------------------------------------------------------------------------------

bool raw_machine_call(unsigned number, ucontext_t *context, uintptr_t *gs)
{
	if (number != 3) // thread_fast_set_cthread_self64
		return false;
	*gs = gs_take((uintptr_t)context->uc_mcontext.gregs[REG_RDI]);
	context->uc_mcontext.gregs[REG_RAX] = 0xf; // the selector of %gs' segment, as xnu answers
	return true;
}

uint32_t darwin_mach_reply_port(void), darwin_mach_thread_self(void), darwin_mach_host_self(void);
int darwin_mach_msg_trap(void *message, int option, uint32_t send_size, uint32_t receive_size, uint32_t name,
			 uint32_t timeout, uint32_t notify);
int darwin_semaphore_create(uint32_t task, uint32_t *semaphore, int policy, int value);
int darwin_semaphore_destroy(uint32_t task, uint32_t semaphore);
int darwin_semaphore_signal(uint32_t semaphore), darwin_semaphore_signal_all(uint32_t semaphore), darwin_semaphore_wait(uint32_t semaphore);
int darwin_semaphore_timedwait(uint32_t semaphore, uint64_t time);
int darwin_mach_port_deallocate(uint32_t task, uint32_t name);
int darwin_swtch_pri(int priority), darwin_thread_switch(uint32_t thread, int option, uint32_t time);

struct head { // mach_msg_header_t
	uint32_t bits, size, remote, local, voucher;
	int32_t id;
};
struct port { // mach_msg_port_descriptor_t
	uint32_t name, pad;
	uint32_t kinds; // two bytes nobody reads, the disposition, the type
};

// Semaphores are the program's own (semaphore.c), so that messages to the task about them are answered here. False: another message.
static bool task_message(uint32_t *words)
{
	struct head *head = (struct head *)words;
	uint32_t body[12], name = 0;
	enum { HEAD = 6, COMPLEX = 0x80000000, MOVE_SEND_ONCE = 18 };
	memcpy(body, words + HEAD, sizeof(body));
	if (head->remote != MACH_TASK_SELF || (head->id != 3418 && head->id != 3419))
		return false;
	int32_t id = head->id + 100;
	uint32_t reply = head->local;
	int code = head->id == 3418 ? darwin_semaphore_create(MACH_TASK_SELF, &name, (int)body[2], (int)body[3])
				    : darwin_semaphore_destroy(MACH_TASK_SELF, body[1]);
	*head = (struct head){MOVE_SEND_ONCE << 8, 36, 0, reply, 0, id};
	if (code == 0 && id == 3518) {
		head->bits |= COMPLEX;
		head->size = 40;
		words[HEAD] = 1; // descriptor
		struct port port = {name, 0, 17u << 16};
		memcpy(words + HEAD + 1, &port, sizeof(port));
		return true;
	}
	memset(words + HEAD, 0, 8);
	words[HEAD + 1] = 1; // NDR: little-endian
	words[HEAD + 2] = (uint32_t)code;
	return true;
}

bool raw_mach_call(unsigned number, ucontext_t *context)
{
	greg_t *in = context->uc_mcontext.gregs;
	uint32_t name = (uint32_t)in[REG_RDI];
	long result = 0;
	switch (number) {
	case 18: result = darwin_mach_port_deallocate(name, (uint32_t)in[REG_RSI]); break;
	case 26: result = darwin_mach_reply_port(); break;
	case 27: result = darwin_mach_thread_self(); break;
	case 28: result = MACH_TASK_SELF; break;
	case 29: result = darwin_mach_host_self(); break;
	case 31:
		if (!task_message((uint32_t *)in[REG_RDI]))
			result = darwin_mach_msg_trap((void *)in[REG_RDI], (int)in[REG_RSI], (uint32_t)in[REG_RDX], (uint32_t)in[REG_R10],
						      (uint32_t)in[REG_R8], (uint32_t)in[REG_R9], 0);
		break;
	case 33: result = darwin_semaphore_signal(name); break;
	case 34: result = darwin_semaphore_signal_all(name); break;
	case 36: result = darwin_semaphore_wait(name); break;
	case 38: // seconds and nanoseconds apart
		result = darwin_semaphore_timedwait(name, (uint64_t)(uint32_t)in[REG_RSI] | (uint64_t)in[REG_RDX] << 32);
		break;
	case 59: result = darwin_swtch_pri((int)name); break;
	case 61: result = darwin_thread_switch(name, (int)in[REG_RSI], (uint32_t)in[REG_RDX]); break;
	default: return false;
	}
	in[REG_RAX] = (greg_t)(uint32_t)result;
	return true;
}
