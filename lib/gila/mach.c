// SPDX-License-Identifier: MIT
// Mach's message library: mach_msg with restart, the task's port, a reply port for each thread, destruction of messages.
#include <mach/mach.h>

#include <abi/trap_numbers.h>
#include <abi/traps.h>
#include <gila/trap_entry.h>
#include <pthread.h>
#include <stdatomic.h>

static _Atomic mach_port_t task_self;
static _Thread_local mach_port_t reply_port;

mach_port_t mach_task_self(void)
{
	mach_port_t self = atomic_load_explicit(&task_self, memory_order_relaxed);
	if (self == MACH_PORT_NULL) {
		self = task_self_trap();
		atomic_store_explicit(&task_self, self, memory_order_relaxed);
	}
	return self;
}

mach_port_t mach_thread_self(void) { return thread_self_trap(); }
mach_port_t mach_host_self(void) { return host_self_trap(); }

// ---- Messages ----------------------------------------------------------------------------------------------------------

// Interrupted halves are repeated; what was sent is not sent again.
static mach_msg_return_t restart(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
				 mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
				 mach_port_name_t notify, mach_msg_header_t *rcv_msg)
{
	mach_msg_return_t result;
	do {
		result = rcv_msg ? mach_msg_overwrite_trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify, rcv_msg)
				 : mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
		if (result == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT))
			option &= ~MACH_SEND_MSG;
		else if (result != MACH_SEND_INTERRUPTED || (option & MACH_SEND_INTERRUPT))
			return result;
	} while (true);
}

#define ARGUMENTS                                                                                                      \
	mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,         \
		mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify

__attribute__((used)) static mach_msg_return_t hosted_mach_msg(ARGUMENTS)
{
	return restart(msg, option, send_size, rcv_size, rcv_name, timeout, notify, NULL);
}

__attribute__((used)) static mach_msg_return_t mach_msg_send_interrupted(ARGUMENTS)
{
	if (option & MACH_SEND_INTERRUPT)
		return MACH_SEND_INTERRUPTED;
	return restart(msg, option, send_size, rcv_size, rcv_name, timeout, notify, NULL);
}

__attribute__((used)) static mach_msg_return_t mach_msg_receive_interrupted(ARGUMENTS)
{
	if (option & MACH_RCV_INTERRUPT)
		return MACH_RCV_INTERRUPTED;
	return restart(msg, option & ~MACH_SEND_MSG, send_size, rcv_size, rcv_name, timeout, notify, NULL);
}

// On the metal a call that was not interrupted is the instruction and little else: it leaves all arguments where they were
// (<gila/trap_entry.h>), so what is to be repeated is repeated by C functions with the same arguments.
_Static_assert(TRAP_CLASS + TRAP_mach_msg_trap == 0x100001f && MACH_SEND_INTERRUPTED == 0x10000007 &&
		       MACH_RCV_INTERRUPTED == 0x10004005,
	       "numbers below");
#define STUB(name, hosted, send_interrupted, receive_interrupted)                                                       \
	__asm__(".pushsection .text." #name ",\"ax\",@progbits\n"                                                      \
		"	.globl " #name "\n"                                                                            \
		"	.type " #name ", @function\n"                                                                  \
		"	.p2align 4\n" #name ":\n"                                                                      \
		"	.cfi_startproc\n"                                                                              \
		"	cmpb $0, gila_trap_bare(%rip)\n"                                                               \
		"	je " #hosted "\n"                                                                              \
		"	movq %rcx, %r10\n"                                                                             \
		"	movl $0x100001f, %eax\n"                                                                       \
		"	syscall\n"                                                                                     \
		"	testl %eax, %eax\n"                                                                            \
		"	jne 1f\n"                                                                                      \
		"	ret\n"                                                                                         \
		"1:	movq %r10, %rcx\n"                                                                             \
		"	cmpl $0x10000007, %eax\n"                                                                      \
		"	je " #send_interrupted "\n"                                                                    \
		"	cmpl $0x10004005, %eax\n"                                                                      \
		"	je " #receive_interrupted "\n"                                                                 \
		"	ret\n"                                                                                         \
		"	.cfi_endproc\n"                                                                                \
		"	.size " #name ", . - " #name "\n"                                                              \
		"	.popsection\n")

STUB(mach_msg, hosted_mach_msg, mach_msg_send_interrupted, mach_msg_receive_interrupted);

// What the kernel finds as time-out and notification it does not look at.
#define PLAIN_ARGUMENTS                                                                                                \
	mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,         \
		mach_port_name_t rcv_name

__attribute__((used)) static mach_msg_return_t hosted_mach_msg_plain(PLAIN_ARGUMENTS)
{
	return restart(msg, option, send_size, rcv_size, rcv_name, 0, MACH_PORT_NULL, NULL);
}

__attribute__((used)) static mach_msg_return_t plain_send_interrupted(PLAIN_ARGUMENTS)
{
	return mach_msg_send_interrupted(msg, option, send_size, rcv_size, rcv_name, 0, MACH_PORT_NULL);
}

__attribute__((used)) static mach_msg_return_t plain_receive_interrupted(PLAIN_ARGUMENTS)
{
	return mach_msg_receive_interrupted(msg, option, send_size, rcv_size, rcv_name, 0, MACH_PORT_NULL);
}

STUB(mach_msg_plain, hosted_mach_msg_plain, plain_send_interrupted, plain_receive_interrupted);

mach_msg_return_t mach_msg_overwrite(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
				     mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
				     mach_port_name_t notify, mach_msg_header_t *rcv_msg, mach_msg_size_t rcv_limit)
{
	return restart(msg, option, send_size, rcv_size, rcv_name, timeout, notify, rcv_msg);
}

mach_msg_return_t mach_msg_send(mach_msg_header_t *message)
{
	return mach_msg(message, MACH_SEND_MSG, message->msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

// ---- Destruction -------------------------------------------------------------------------------------------------------

static void destroy_right(mach_port_t name, mach_msg_type_name_t disposition)
{
	mach_port_t self = mach_task_self(), port;
	if (!MACH_PORT_VALID(name))
		return;
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		kernelrpc_mach_port_deallocate_trap(self, name);
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		kernelrpc_mach_port_mod_refs_trap(self, name, MACH_PORT_RIGHT_RECEIVE, -1);
		break;
	case MACH_MSG_TYPE_MAKE_SEND:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		// Never sent: a right that is made and dropped brings about the notifications that sending would have.
		if (disposition == MACH_MSG_TYPE_MAKE_SEND &&
		    kernelrpc_mach_port_insert_right_trap(self, name, name, MACH_MSG_TYPE_MAKE_SEND) == KERN_SUCCESS) {
			port = name;
			kernelrpc_mach_port_deallocate_trap(self, port);
		}
		break;
	default: // COPY_SEND, a mere name: the task keeps its own
		break;
	}
}

static void destroy_memory(uint64_t address, uint64_t size)
{
	if (size > 0)
		kernelrpc_mach_vm_deallocate_trap(mach_task_self(), address, size);
}

// Returns the size of the descriptor; 0: of an unknown kind, after which nothing can be found.
static mach_msg_size_t destroy_descriptor(mach_msg_descriptor_t *descriptor)
{
	switch (descriptor->type.type) {
	case MACH_MSG_PORT_DESCRIPTOR:
		destroy_right(descriptor->port.name, descriptor->port.disposition);
		return sizeof(descriptor->port);
	case MACH_MSG_GUARDED_PORT_DESCRIPTOR:
		destroy_right(descriptor->guarded_port.name, descriptor->guarded_port.disposition);
		return sizeof(descriptor->guarded_port);
	case MACH_MSG_OOL_DESCRIPTOR:
	case MACH_MSG_OOL_VOLATILE_DESCRIPTOR:
		if (descriptor->out_of_line.deallocate)
			destroy_memory((uint64_t)(uintptr_t)descriptor->out_of_line.address, descriptor->out_of_line.size);
		return sizeof(descriptor->out_of_line);
	case MACH_MSG_OOL_PORTS_DESCRIPTOR: {
		const mach_port_t *names = descriptor->ool_ports.address;
		for (mach_msg_size_t i = 0; i < descriptor->ool_ports.count; i++)
			destroy_right(names[i], descriptor->ool_ports.disposition);
		if (descriptor->ool_ports.deallocate)
			destroy_memory((uint64_t)(uintptr_t)names, (uint64_t)descriptor->ool_ports.count * sizeof(*names));
		return sizeof(descriptor->ool_ports);
	}
	default:
		return 0;
	}
}

void mach_msg_destroy(mach_msg_header_t *message)
{
	mach_msg_bits_t bits = message->msgh_bits;
	destroy_right(message->msgh_remote_port, MACH_MSGH_BITS_REMOTE(bits));
	destroy_right(message->msgh_voucher_port, MACH_MSGH_BITS_VOUCHER(bits));
	if (!(bits & MACH_MSGH_BITS_COMPLEX))
		return;
	mach_msg_base_t *base = (mach_msg_base_t *)message;
	char *at = (char *)(base + 1);
	for (mach_msg_size_t i = 0; i < base->body.msgh_descriptor_count; i++) {
		mach_msg_size_t size = destroy_descriptor((mach_msg_descriptor_t *)(void *)at);
		if (size == 0)
			return;
		at += size;
	}
}

// ---- Reply ports -------------------------------------------------------------------------------------------------------

static pthread_key_t reply_key; // has a value in threads that have a reply port
static bool reply_key_made;

// A thread ends. If it has left the kernel before, the trap makes it check in again, and leave in the next round.
static void reply_port_drop(void *value)
{
	if (reply_port != MACH_PORT_NULL)
		mig_dealloc_reply_port(reply_port);
}

// A child of fork is another task with a space of its own: the names known here mean nothing in it.
static void names_forget(void)
{
	atomic_store(&task_self, MACH_PORT_NULL);
	reply_port = MACH_PORT_NULL;
}

__attribute__((constructor)) static void mach_library_init(void)
{
	reply_key_made = pthread_key_create(&reply_key, reply_port_drop) == 0;
	pthread_atfork(NULL, NULL, names_forget);
}

mach_port_t mig_get_reply_port(void)
{
	if (reply_port == MACH_PORT_NULL) {
		reply_port = mach_reply_port();
		if (reply_key_made)
			pthread_setspecific(reply_key, &reply_port);
	}
	return reply_port;
}

void mig_put_reply_port(mach_port_t port) {}

void mig_dealloc_reply_port(mach_port_t port)
{
	if (reply_port == MACH_PORT_NULL)
		return;
	reply_port = MACH_PORT_NULL;
	kernelrpc_mach_port_mod_refs_trap(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
}
