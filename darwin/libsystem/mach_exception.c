// SPDX-License-Identifier: MIT
// A fault becomes a message to whoever takes such exceptions (mach_exception_ports.c), before it becomes a signal.
//
// The thread that faulted sends it from its signal handler, and is held (mach_thread.h) until the answer: KERN_SUCCESS
// lets it go on, with the registers that the receiver has set; anything else, and a receiver that is gone, lets the
// signal take its course. Facts: xnu's osfmk/mach/{exc,mach_exc}.defs (messages 2401 and 2405 on), exception_types.h,
// i386/trap.c and bsd/dev/i386/unix_signal.c (codes).
#include "mach_exception.h"

#include "abi.h"
#include "mach_names.h"
#include "mach_thread.h"

#include <abi/traps.h>
#include <mach/exception_types.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/ndr.h>
#include <mach/notify.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define ROOM 1024u     // bytes of a message: the largest state has 524
#define BASE 2401      // exception_raise; exception_raise_state and _state_identity follow
#define BASE_WIDE 2405 // the same with 64-bit codes

// ---- what happened --------------------------------------------------------------------------------------------------

struct exception {
	exception_type_t type;
	int64_t code[2];
};

static struct exception exception_of(int signal, const siginfo_t *info)
{
	int64_t address = (int64_t)(uintptr_t)info->si_addr;
	switch (signal) {
	case SIGSEGV:
		if (info->si_code == SI_KERNEL) // no address: not canonical, or a privileged access
			return (struct exception){EXC_BAD_ACCESS, {EXC_I386_GPFLT, 0}};
		return (struct exception){
			EXC_BAD_ACCESS,
			{info->si_code == SEGV_ACCERR ? KERN_PROTECTION_FAILURE : KERN_INVALID_ADDRESS, address}};
	case SIGBUS: return (struct exception){EXC_BAD_ACCESS, {KERN_MEMORY_ERROR, address}};
	case SIGILL: return (struct exception){EXC_BAD_INSTRUCTION, {EXC_I386_INVOP, 0}};
	case SIGFPE:
		return (struct exception){EXC_ARITHMETIC,
					  {info->si_code == FPE_INTDIV ? EXC_I386_DIV : EXC_I386_SSEEXTERR, 0}};
	default:
		return (struct exception){EXC_BREAKPOINT,
					  {info->si_code == TRAP_TRACE ? EXC_I386_SGL : EXC_I386_BPT, 0}};
	}
}

// ---- the message ----------------------------------------------------------------------------------------------------

struct writer {
	_Alignas(8) uint8_t bytes[ROOM];
	size_t used;
};

static void put(struct writer *to, const void *bytes, size_t size)
{
	memcpy(to->bytes + to->used, bytes, size);
	to->used += size;
}

static void put_word(struct writer *to, uint32_t word)
{
	put(to, &word, sizeof(word));
}

static void put_port(struct writer *to, mach_port_t name)
{
	mach_msg_port_descriptor_t port = {
		.name = name, .disposition = MACH_MSG_TYPE_COPY_SEND, .type = MACH_MSG_PORT_DESCRIPTOR};
	put(to, &port, sizeof(port));
}

static void put_codes(struct writer *to, const struct exception *exception, bool wide)
{
	put_word(to, (uint32_t)exception->type);
	put_word(to, 2);
	for (int i = 0; i < 2; i++)
		if (wide)
			put(to, &exception->code[i], sizeof(exception->code[i]));
		else
			put_word(to, (uint32_t)exception->code[i]);
}

// The state that the receiver asked for, in the room of the largest one.
static bool put_state(struct writer *to, int flavor, const ucontext_t *context)
{
	struct darwin_mcontext machine;
	natural_t state[sizeof(machine.floats) / 4 + 2];
	uint32_t words = mach_state_read(flavor, context, &machine, state);
	if (words == 0)
		return false;
	put_word(to, (uint32_t)flavor);
	put_word(to, words);
	put(to, state, words * 4);
	return true;
}

static bool message_make(struct writer *to, const struct exception_action *action, const struct exception *exception,
			 const ucontext_t *context, mach_port_t thread, mach_port_t reply)
{
	int kind = action->behavior & ~(int)MACH_EXCEPTION_MASK;
	bool wide = (unsigned)action->behavior & MACH_EXCEPTION_CODES, identity = kind != EXCEPTION_STATE;
	mach_msg_header_t head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
				  .msgh_remote_port = action->port,
				  .msgh_local_port = reply,
				  .msgh_id = (wide ? BASE_WIDE : BASE) + kind - EXCEPTION_DEFAULT};
	NDR_record_t ndr = {.int_rep = 1};
	to->used = 0;
	put(to, &head, sizeof(head));
	if (identity) {
		put_word(to, 2);
		put_port(to, thread);
		put_port(to, MACH_TASK_SELF);
	}
	put(to, &ndr, sizeof(ndr));
	put_codes(to, exception, wide);
	if (kind != EXCEPTION_DEFAULT && !put_state(to, action->flavor, context))
		return false;
	mach_msg_header_t *header = (mach_msg_header_t *)(void *)to->bytes;
	header->msgh_size = (mach_msg_size_t)to->used;
	if (identity)
		header->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	return true;
}

// The answer: whether the thread goes on, and for behaviors with a state with which registers.
static bool answer_take(const struct exception_action *action, const uint8_t *bytes, mach_msg_id_t asked,
			ucontext_t *context)
{
	const mach_msg_header_t *head = (const mach_msg_header_t *)(const void *)bytes;
	const uint32_t *words = (const uint32_t *)(const void *)(bytes + sizeof(*head) +
								 sizeof(NDR_record_t)); // code, flavor, count, state
	uint32_t have = (head->msgh_size - (uint32_t)sizeof(*head) - (uint32_t)sizeof(NDR_record_t)) / 4;
	if (head->msgh_id != asked + 100 || head->msgh_size < sizeof(*head) + sizeof(NDR_record_t) + 4 ||
	    words[0] != KERN_SUCCESS)
		return false;
	if ((action->behavior & ~(int)MACH_EXCEPTION_MASK) != EXCEPTION_DEFAULT && have >= 3 && words[2] <= have - 3)
		mach_state_write((int)words[1], words + 3, words[2], context);
	return true;
}

// False: refused, or the receiver is gone.
static bool ask(const struct exception_action *action, const struct exception *exception, ucontext_t *context)
{
	struct writer message;
	mach_port_t thread = thread_self_trap(), reply = mach_reply_port();
	bool handled = false;
	struct held *held = held_begin(thread, context);
	if (message_make(&message, action, exception, context, thread, reply)) {
		mach_msg_header_t *head = (mach_msg_header_t *)(void *)message.bytes;
		mach_msg_id_t id = head->msgh_id;
		mach_msg_option_t option = MACH_SEND_MSG | MACH_RCV_MSG;
		mach_msg_return_t result;
		while ((result = mach_msg_trap(head, option, head->msgh_size, ROOM, reply, 0, MACH_PORT_NULL)) ==
			       MACH_SEND_INTERRUPTED ||
		       result == MACH_RCV_INTERRUPTED)
			if (result == MACH_RCV_INTERRUPTED)
				option = MACH_RCV_MSG;
		handled = result == MACH_MSG_SUCCESS && answer_take(action, message.bytes, id, context);
	}
	held_end(held);
	kernelrpc_mach_port_mod_refs_trap(MACH_TASK_SELF, reply, MACH_PORT_RIGHT_RECEIVE, -1);
	kernelrpc_mach_port_deallocate_trap(MACH_TASK_SELF, thread);
	return handled;
}

// First who takes the thread's, then who takes the task's.
bool exception_deliver(int signal, const siginfo_t *info, ucontext_t *context)
{
	struct exception exception = exception_of(signal, info);
	struct exception_action action;
	return (exception_taker(exception.type, true, &action) && ask(&action, &exception, context)) ||
	       (exception_taker(exception.type, false, &action) && ask(&action, &exception, context));
}
