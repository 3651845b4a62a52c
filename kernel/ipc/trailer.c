// SPDX-License-Identifier: MIT
// Trailers: what the kernel adds to a received message; layouts in include/mach/message.h.
#include "mach_msg.h"

uint32_t trailer_size(uint32_t option)
{
	if (likely(option >> 24 == 0))
		return sizeof(mach_msg_trailer_t);
	if (option >> 28 != MACH_MSG_TRAILER_FORMAT_0)
		return 0;
	return (uint32_t)REQUESTED_TRAILER_SIZE(option);
}

uint32_t trailer_fill(const struct message *message, uint64_t context, uint32_t option, void *to)
{
	if (likely(GET_RCV_ELEMENTS(option) == MACH_RCV_TRAILER_NULL)) {
		mach_msg_trailer_t *least = to;
		*least = (mach_msg_trailer_t){MACH_MSG_TRAILER_FORMAT_0, sizeof(*least)};
		return sizeof(*least);
	}
	union {
		mach_msg_mac_trailer_t mac;
		mach_msg_badge_trailer_t badge;
	} trailer = {.mac = {
			     .msgh_trailer_type = MACH_MSG_TRAILER_FORMAT_0,
			     .msgh_trailer_size = trailer_size(option),
			     .msgh_seqno = message->sequence,
			     .msgh_sender = message->security,
			     .msgh_audit = message->audit,
			     .msgh_context = context,
		     }};
	if (GET_RCV_ELEMENTS(option) == MACH_RCV_TRAILER_BADGE)
		trailer.badge.msgh_badge = message->badge;
	memcpy(to, &trailer, trailer.mac.msgh_trailer_size);
	return trailer.mac.msgh_trailer_size;
}
