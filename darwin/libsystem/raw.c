// SPDX-License-Identifier: MIT
// Raw system calls; see raw.h. Facts: Linux' Documentation/admin-guide/syscall-user-dispatch.rst; xnu's osfmk/mach/i386/syscall_sw.h (the
// class of a call is in bits 24 and up: 1 Mach, 2 BSD, 3 of the machine), bsd/kern/syscalls.master (numbers); registers as in the x86_64
// ABI with r10 for rcx; a call that failed sets the carry flag and has the error in rax; the second result is in rdx.
//
// The handler runs on the thread's other stack: goroutines of old Go programs have no room for a signal's frame. What a call changes of the
// signal mask is put into the context, as the return from the handler would undo it.
#include "raw.h"
#include "raw_table.h"
#include "raw_threads.h"

#include "abi.h"
#include "errno.h"
#include "report.h"
#include "signals.h"
#include "thread.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ucontext.h>

#define RAW_HOST 0x400000000000ull // images of programs lie below, what Linux maps by itself above
#define RAW_STACK (64u * 1024)
#define CARRY 1
#ifndef SYS_USER_DISPATCH
#define SYS_USER_DISPATCH 2 // asm-generic/siginfo.h
#endif

typedef long raw_function(long, long, long, long, long, long);
enum raw_kind { RAW_INT, RAW_WIDE, RAW_FORK, RAW_PIPE, RAW_MASK, RAW_STACK_SET, RAW_SIGACTION };

#define DECLARE(number, function, kind) extern char raw_##number[] __asm__(#function);
RAW_CALLS(DECLARE)

static const struct raw_call {
	uint16_t number;
	enum raw_kind kind;
	const char *name;
	void *function;
} calls[] = {
#define ENTRY(number, function, kind) {number, kind, #function, raw_##number},
    RAW_CALLS(ENTRY)};

static bool raw_on;
static unsigned long stack_key; // of the stack that a thread has for the handler

static const struct raw_call *call_find(unsigned number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

// ---- signals: a raw sigaction names the function that calls the handler and then makes the call sigreturn ------------

enum { BSD_SIGRETURN = 184, STYLE_SIGINFO = 1, MASK_SYS = 1 << 11 };
typedef void trampoline(void *handler, int style, int number, struct darwin_siginfo *info,
			struct darwin_ucontext *context);
struct raw_sigaction { // struct __sigaction of xnu's bsd/sys/signal.h
	void *handler;
	trampoline *trampoline;
	uint32_t mask;
	int32_t flags;
};
static struct raw_sigaction raw_actions[32];
static __thread jmp_buf *raw_return; // where the innermost handler of the thread returns to

static void raw_handler(int number, struct darwin_siginfo *info, struct darwin_ucontext *context)
{
	jmp_buf here, *outer = raw_return;
	const struct raw_sigaction *action = &raw_actions[number];
	raw_return = &here;
	if (_setjmp(here) == 0) {
		raw_leave(1);
		action->trampoline(action->handler, STYLE_SIGINFO, number, info, context);
	}
	raw_return = outer;
}

int darwin_sigaction(int number, const struct darwin_sigaction *new, struct darwin_sigaction *old);

static int raw_sigaction(int number, const struct raw_sigaction *new, struct darwin_sigaction *old)
{
	struct darwin_sigaction want = {0};
	void *before = number > 0 && number < 32 ? raw_actions[number].handler : NULL;
	if (new) {
		bool plain = (uintptr_t) new->handler <= 1; // SIG_DFL, SIG_IGN
		want = (struct darwin_sigaction){plain ? new->handler : (void *)raw_handler, new->mask & ~MASK_SYS, new->flags};
		if (number > 0 && number < 32)
			raw_actions[number] = *new;
	}
	int result = darwin_sigaction(number, new ? &want : NULL, old);
	if (result == 0 && old && old->handler == (void *)raw_handler)
		old->handler = before;
	return result;
}

// ---- calls ----------------------------------------------------------------------------------------------------------

// While the handler runs on it the stack cannot be exchanged, nor by the context: a few instructions do it after the return. rcx and r11,
// which a system call loses anyway, bring them the new stack and the address to go on at.
void raw_exchange_stack(void);
__asm__(".text\n"
	".hidden raw_exchange_stack\n"
	"raw_exchange_stack:\n"
	"	lea -128(%rsp), %rsp\n"
	"	push %r11\n"
	"	push %rdi\n"
	"	push %rsi\n"
	"	mov %rcx, %rdi\n"
	"	xor %esi, %esi\n"
	"	mov $131, %eax\n" // sigaltstack
	"	syscall\n"
	"	pop %rsi\n"
	"	pop %rdi\n"
	"	pop %r11\n"
	"	lea 128(%rsp), %rsp\n"
	"	xor %eax, %eax\n" // no carry, either
	"	jmp *%r11\n");

static int raw_sigaltstack(const struct darwin_stack *new, struct darwin_stack *old, ucontext_t *context)
{
	static __thread stack_t wanted;
	const stack_t *now = &context->uc_stack;
	bool own = now->ss_sp == thread_self()->slots[stack_key];
	if (old)
		*old = own ? (struct darwin_stack){NULL, 0, DARWIN_SS_DISABLE, 0}
			   : (struct darwin_stack){now->ss_sp, now->ss_size, 0, 0};
	if (!new || (new->flags &DARWIN_SS_DISABLE))
		return 0; // the handler needs one: the last stays
	wanted = (stack_t){.ss_sp = new->address, .ss_size = new->size};
	context->uc_mcontext.gregs[REG_RCX] = (greg_t)&wanted;
	context->uc_mcontext.gregs[REG_R11] = context->uc_mcontext.gregs[REG_RIP];
	context->uc_mcontext.gregs[REG_RIP] = (greg_t)raw_exchange_stack;
	return 0;
}

static long call_make(const struct raw_call *call, ucontext_t *context)
{
	const greg_t *in = context->uc_mcontext.gregs;
	raw_function *function = (raw_function *)call->function;
	int ends[2];
	long result;
	switch (call->kind) {
	case RAW_SIGACTION: return raw_sigaction((int)in[REG_RDI], (const void *)in[REG_RSI], (void *)in[REG_RDX]);
	case RAW_STACK_SET: return raw_sigaltstack((const void *)in[REG_RDI], (void *)in[REG_RSI], context);
	case RAW_PIPE:
		result = (int)function((long)ends, 0, 0, 0, 0, 0);
		context->uc_mcontext.gregs[REG_RDX] = ends[1];
		return result < 0 ? result : ends[0];
	default: break;
	}
	result = function(in[REG_RDI], in[REG_RSI], in[REG_RDX], in[REG_R10], in[REG_R8], in[REG_R9]);
	if (call->kind == RAW_MASK) { // the signal that calls are caught by is never held back
		pthread_sigmask(SIG_BLOCK, NULL, &context->uc_sigmask);
		sigdelset(&context->uc_sigmask, SIGSYS);
	}
	if (call->kind == RAW_FORK) { // the child's second result is 1
		context->uc_mcontext.gregs[REG_RDX] = (int)result == 0;
		return (int)result == 0 ? getppid() : (int)result;
	}
	return call->kind == RAW_WIDE ? result : (int)result;
}

void raw_answer(ucontext_t *context)
{
	unsigned number = (unsigned)context->uc_mcontext.gregs[REG_RAX] & 0xffffff;
	greg_t *out = context->uc_mcontext.gregs;
	const struct raw_call *call = call_find(number);
	if (number == BSD_SIGRETURN && raw_return)
		_longjmp(*raw_return, 1);
	if (number == 0) { // syscall(2): the number is the first argument
		number = (unsigned)out[REG_RDI];
		out[REG_RDI] = out[REG_RSI], out[REG_RSI] = out[REG_RDX], out[REG_RDX] = out[REG_R10];
		out[REG_R10] = out[REG_R8], out[REG_R8] = out[REG_R9];
		call = call_find(number);
	}
	long result;
	if (call)
		result = call_make(call, context);
	else if (!raw_thread_call(number, context, &result)) {
		report("system call %u of BSD was made, which is not there yet", number);
		result = errno_set(DARWIN_ENOSYS);
	}
	if (call && call->kind != RAW_FORK && call->kind != RAW_PIPE)
		out[REG_RDX] = 0; // the second result
	out[REG_RAX] = result == -1 ? thread_self()->error : result;
	out[REG_EFL] = result == -1 ? out[REG_EFL] | CARRY : out[REG_EFL] & ~(greg_t)CARRY;
}

static void raw_arrived(int signal, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	int saved = errno;
	uintptr_t gs = raw_enter();
	unsigned class = (unsigned)user->uc_mcontext.gregs[REG_RAX] >> 24,
		 number = (unsigned)user->uc_mcontext.gregs[REG_RAX] & 0xffffff;
	if (info->si_code != SYS_USER_DISPATCH) { // somebody sent it
		raw_leave(gs);
		signals_arrived(signal, info, context);
		return;
	}
	if (class == 2)
		raw_answer(user);
	else if (!(class == 1 && raw_mach_call(number, user)) && !(class == 3 && raw_machine_call(number, user, &gs))) {
		report("system call %u of class %u was made, which is not there yet", number, class);
		user->uc_mcontext.gregs[REG_RAX] = class == 1 ? 46 /* KERN_NOT_SUPPORTED */ : DARWIN_ENOSYS;
		user->uc_mcontext.gregs[REG_EFL] |= CARRY;
	}
	errno = saved;
	raw_leave(gs);
}

bool raw_is_on(void)
{
	return raw_on;
}

void raw_begin_thread(void)
{
	stack_t stack = {.ss_size = RAW_STACK}, before;
	static const char selector = 1; // SYSCALL_DISPATCH_FILTER_BLOCK
	if (!raw_on)
		return;
	if (sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE)) {
		if (!(stack.ss_sp = malloc(RAW_STACK)))
			report_fatal("raw system calls: no memory");
		thread_self()->slots[stack_key] = stack.ss_sp; // goes with the thread
		sigaltstack(&stack, NULL);
	}
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, RAW_HOST, RAW_HOST, &selector) < 0)
		report_fatal("raw system calls: Linux has no Syscall User Dispatch");
}

bool raw_begin(void)
{
	struct sigaction action = {.sa_sigaction = raw_arrived,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART};
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0) < 0)
		return false;
	stack_key = thread_key_create(thread_free_block);
	raw_on = sigaction(SIGSYS, &action, NULL) == 0 && stack_key;
	raw_begin_thread();
	return raw_on;
}

// ---- syscall(2): the same numbers, called as a function -------------------------------------------------------------

// Calls whose answer is one number; fork and those with an own form of arguments have functions of their own.
long darwin_syscall(int number, long a, long b, long c, long d, long e, long f)
{
	const struct raw_call *call = call_find((unsigned)number);
	if (!call || (call->kind != RAW_INT && call->kind != RAW_WIDE))
		return errno_set(DARWIN_ENOSYS);
	long result = ((raw_function *)call->function)(a, b, c, d, e, f);
	return call->kind == RAW_INT ? (int)result : result;
}
