// SPDX-License-Identifier: MIT
// Telling others of exceptions, as a debugger that forwards what it does not want does: the calls of exc.defs and mach_exc.defs. Facts:
// xnu's osfmk/mach/{exc,mach_exc}.defs (messages 2401 and 2405 on).
#include "mach_names.h"

#include <abi/traps.h>
#include <mach/exception_types.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/ndr.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ROOM 2048u
#define STATE_MOST 614u // words: THREAD_STATE_MAX
#define RAISE 2401
#define RAISE_WIDE 2405
enum { KIND_PLAIN, KIND_STATE, KIND_IDENTITY };

mach_port_t darwin_mig_get_reply_port(void);
void darwin_mig_dealloc_reply_port(mach_port_t port);
mach_msg_return_t darwin_mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
				  mach_msg_size_t receive_size, mach_port_name_t name, mach_msg_timeout_t timeout, mach_port_name_t notify);

struct request {
	_Alignas(8) uint8_t bytes[4 * STATE_MOST + ROOM];
	uint32_t used;
};

// What is told: of exceptions with narrow codes `codes` has words, with wide ones pairs of them.
struct told {
	mach_port_t thread, task;
	exception_type_t exception;
	const void *codes;
	uint32_t code_count;
	int *flavor;
	const natural_t *state;
	uint32_t state_count;
	natural_t *new_state;
	uint32_t *new_count;
};

static void put(struct request *to, const void *bytes, size_t size)
{
	memcpy(to->bytes + to->used, bytes, size);
	to->used += (uint32_t)size;
}

static void put_word(struct request *to, uint32_t word)
{
	put(to, &word, sizeof(word));
}

static void put_port(struct request *to, mach_port_t name)
{
	mach_msg_port_descriptor_t port = {
		.name = name, .disposition = MACH_MSG_TYPE_COPY_SEND, .type = MACH_MSG_PORT_DESCRIPTOR};
	put(to, &port, sizeof(port));
}

static kern_return_t request_make(struct request *to, const struct told *told, int kind, bool wide)
{
	NDR_record_t ndr = {.int_rep = 1};
	if (told->code_count > EXCEPTION_CODE_MAX || (kind != KIND_PLAIN && told->state_count > STATE_MOST))
		return MIG_ARRAY_TOO_LARGE;
	to->used = sizeof(mach_msg_header_t);
	if (kind != KIND_STATE) {
		put_word(to, 2);
		put_port(to, told->thread);
		put_port(to, told->task);
	}
	put(to, &ndr, sizeof(ndr));
	put_word(to, (uint32_t)told->exception);
	put_word(to, told->code_count);
	put(to, told->codes, told->code_count * (wide ? 8u : 4u));
	if (kind != KIND_PLAIN) {
		put_word(to, (uint32_t)*told->flavor);
		put_word(to, told->state_count);
		put(to, told->state, told->state_count * 4);
	}
	return KERN_SUCCESS;
}

// Code, and with a state: flavor, count, the words.
static kern_return_t answer_take(const struct request *answer, const struct told *told, int kind)
{
	const mach_msg_header_t *head = (const mach_msg_header_t *)(const void *)answer->bytes;
	uint32_t words[3] = {0}, fixed = sizeof(*head) + sizeof(NDR_record_t);
	if (head->msgh_size < fixed + 4)
		return MIG_TYPE_ERROR;
	memcpy(words, answer->bytes + fixed, head->msgh_size < fixed + sizeof(words) ? 4 : sizeof(words));
	if (words[0] != KERN_SUCCESS || kind == KIND_PLAIN)
		return (kern_return_t)words[0];
	if (head->msgh_size < fixed + sizeof(words) || words[2] > (head->msgh_size - fixed - sizeof(words)) / 4)
		return MIG_TYPE_ERROR;
	uint32_t room = *told->new_count, count = words[2] < room ? words[2] : room;
	*told->flavor = (int)words[1];
	memcpy(told->new_state, answer->bytes + fixed + sizeof(words), count * 4);
	*told->new_count = words[2];
	return count < words[2] ? MIG_ARRAY_TOO_LARGE : KERN_SUCCESS;
}

static kern_return_t raise_exception(mach_port_t port, const struct told *told, int kind, bool wide)
{
	struct request message;
	kern_return_t error = request_make(&message, told, kind, wide);
	if (error)
		return error;
	mach_msg_header_t *head = (mach_msg_header_t *)(void *)message.bytes;
	mach_port_t reply = darwin_mig_get_reply_port();
	int id = (wide ? RAISE_WIDE : RAISE) + kind;
	*head = (mach_msg_header_t){.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
				    .msgh_size = message.used,
				    .msgh_remote_port = port,
				    .msgh_local_port = reply,
				    .msgh_id = id};
	if (kind != KIND_STATE)
		head->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	error = darwin_mach_msg(head, MACH_SEND_MSG | MACH_RCV_MSG, message.used, sizeof(message.bytes), reply, MACH_MSG_TIMEOUT_NONE,
				MACH_PORT_NULL);
	if (error) {
		darwin_mig_dealloc_reply_port(reply);
		return error;
	}
	return head->msgh_id == id + 100 ? answer_take(&message, told, kind) : MIG_REPLY_MISMATCH;
}

#define CALLS(prefix, code_type, wide)                                                                                 \
	kern_return_t darwin_##prefix(mach_port_t port, mach_port_t thread, mach_port_t task, exception_type_t exception, \
				      const code_type *codes, uint32_t count)                                          \
	{                                                                                                              \
		struct told told = {                                                                                   \
			.thread = thread, .task = task, .exception = exception, .codes = codes, .code_count = count};  \
		return raise_exception(port, &told, KIND_PLAIN, wide);                                                 \
	}                                                                                                              \
	kern_return_t darwin_##prefix##_state(mach_port_t port, exception_type_t exception, const code_type *codes, uint32_t count, \
					      int *flavor, const natural_t *state, uint32_t state_count, natural_t *new_state, \
					      uint32_t *new_count)                                                     \
	{                                                                                                              \
		struct told told = {.exception = exception, .codes = codes, .code_count = count, .flavor = flavor, .state = state, \
				    .state_count = state_count, .new_state = new_state, .new_count = new_count};       \
		return raise_exception(port, &told, KIND_STATE, wide);                                                 \
	}                                                                                                              \
	kern_return_t darwin_##prefix##_state_identity(mach_port_t port, mach_port_t thread, mach_port_t task,         \
						       exception_type_t exception, const code_type *codes, uint32_t count, int *flavor, \
						       const natural_t *state, uint32_t state_count, natural_t *new_state, \
						       uint32_t *new_count)                                            \
	{                                                                                                              \
		struct told told = {.thread = thread, .task = task, .exception = exception, .codes = codes, .code_count = count, \
				    .flavor = flavor, .state = state, .state_count = state_count, .new_state = new_state, \
				    .new_count = new_count};                                                           \
		return raise_exception(port, &told, KIND_IDENTITY, wide);                                              \
	}
CALLS(exception_raise, int32_t, false)
CALLS(mach_exception_raise, int64_t, true)
