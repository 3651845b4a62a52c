// SPDX-License-Identifier: MIT
// mach_msg2, of macOS 13 and later: mach_msg whose header travels in registers, two fields in each. Options are as those of mach_msg, and
// in the upper half of the word what kind of destination is meant, which is found out here as always. A vector's first part is the
// message, its second auxiliary data, which Gila's messages have not. Facts: xnu's osfmk/mach/message.h, libsyscall's mach/mach_msg.c.
#include <mach/message.h>
#include <stdint.h>

#define MSG64_VECTOR 0x100000000ull

struct vector { // mach_msg_vector_t
	uint64_t data, receive;
	uint32_t send_size, receive_size;
};

mach_msg_return_t darwin_mach_msg_overwrite(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
					    mach_msg_size_t receive_size, mach_port_name_t name, mach_msg_timeout_t timeout,
					    mach_port_name_t notify, mach_msg_header_t *received, mach_msg_size_t limit);

static uint32_t low(uint64_t pair) { return (uint32_t)pair; }
static uint32_t high(uint64_t pair) { return (uint32_t)(pair >> 32); }

mach_msg_return_t darwin_mach_msg2(void *data, uint64_t options, uint64_t bits_and_send_size, uint64_t remote_and_local,
				   uint64_t voucher_and_id, uint64_t descriptors_and_receive_name, uint64_t receive_size_and_priority,
				   uint64_t timeout)
{
	mach_msg_header_t *message = data, *received = NULL;
	uint32_t send_size = high(bits_and_send_size), receive_size = low(receive_size_and_priority);
	if (options & MSG64_VECTOR) {
		const struct vector *vector = data;
		if ((options & MACH_SEND_MSG) && send_size > 1 && vector[1].send_size > 0)
			return MACH_SEND_INVALID_DATA;
		message = (mach_msg_header_t *)(uintptr_t)vector->data; // NOLINT
		received = (mach_msg_header_t *)(uintptr_t)vector->receive; // NOLINT
		send_size = vector->send_size;
		receive_size = vector->receive_size;
	}
	if (options & MACH_SEND_MSG) {
		if (send_size < sizeof(*message))
			return MACH_SEND_MSG_TOO_SMALL;
		*message = (mach_msg_header_t){.msgh_bits = low(bits_and_send_size),
					       .msgh_size = send_size,
					       .msgh_remote_port = low(remote_and_local),
					       .msgh_local_port = high(remote_and_local),
					       .msgh_voucher_port = low(voucher_and_id),
					       .msgh_id = (mach_msg_id_t)high(voucher_and_id)};
		if (message->msgh_bits & MACH_MSGH_BITS_COMPLEX) {
			if (send_size < sizeof(mach_msg_base_t))
				return MACH_SEND_MSG_TOO_SMALL;
			((mach_msg_base_t *)message)->body.msgh_descriptor_count = low(descriptors_and_receive_name);
		}
	}
	return darwin_mach_msg_overwrite(message, (mach_msg_option_t)low(options), options & MACH_SEND_MSG ? send_size : 0,
					 options & MACH_RCV_MSG ? receive_size : 0, high(descriptors_and_receive_name),
					 (mach_msg_timeout_t)timeout, high(receive_size_and_priority), received, 0);
}
