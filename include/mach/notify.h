// SPDX-License-Identifier: MIT
// Notifications: the messages that the kernel sends about ports. Ids and layouts of macOS <mach/notify.h>.
// To ask for one, call mach_port_request_notification. The structures have room for a security trailer; a receiver
// that asks for a larger one needs a larger buffer.
#ifndef MACH_NOTIFY_H
#define MACH_NOTIFY_H

#include <mach/message.h>
#include <mach/ndr.h>
#include <mach/port.h>

#define MACH_NOTIFY_FIRST 0100
#define MACH_NOTIFY_PORT_DELETED (MACH_NOTIFY_FIRST + 001)   // 65: a name with a request on it was deleted
#define MACH_NOTIFY_SEND_POSSIBLE (MACH_NOTIFY_FIRST + 002)  // 66: the queue has room again
#define MACH_NOTIFY_PORT_DESTROYED (MACH_NOTIFY_FIRST + 005) // 69: brings the receive right that was dropped
#define MACH_NOTIFY_NO_SENDERS (MACH_NOTIFY_FIRST + 006)     // 70: the last send right is gone
#define MACH_NOTIFY_SEND_ONCE (MACH_NOTIFY_FIRST + 007)	     // 71: a send-once right was dropped unused
#define MACH_NOTIFY_DEAD_NAME (MACH_NOTIFY_FIRST + 010)	     // 72: a send right became a dead name
#define MACH_NOTIFY_LAST (MACH_NOTIFY_FIRST + 015)

typedef mach_port_t notify_port_t;

typedef struct {
	mach_msg_header_t not_header;
	NDR_record_t NDR;
	mach_port_name_t not_port;
	mach_msg_format_0_trailer_t trailer;
} mach_port_deleted_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	NDR_record_t NDR;
	mach_port_name_t not_port;
	mach_msg_format_0_trailer_t trailer;
} mach_send_possible_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	mach_msg_body_t not_body;
	mach_msg_port_descriptor_t not_port; // MACH_MSG_TYPE_PORT_RECEIVE
	mach_msg_format_0_trailer_t trailer;
} mach_port_destroyed_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	NDR_record_t NDR;
	mach_msg_type_number_t not_count; // make-send count
	mach_msg_format_0_trailer_t trailer;
} mach_no_senders_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	mach_msg_format_0_trailer_t trailer;
} mach_send_once_notification_t;

typedef struct {
	mach_msg_header_t not_header;
	NDR_record_t NDR;
	mach_port_name_t not_port;
	mach_msg_format_0_trailer_t trailer;
} mach_dead_name_notification_t;

_Static_assert(sizeof(mach_port_deleted_notification_t) == 56, "port-deleted notification");
_Static_assert(sizeof(mach_send_possible_notification_t) == 56, "send-possible notification");
_Static_assert(sizeof(mach_port_destroyed_notification_t) == 60, "port-destroyed notification");
_Static_assert(sizeof(mach_no_senders_notification_t) == 56, "no-senders notification");
_Static_assert(sizeof(mach_send_once_notification_t) == 44, "send-once notification");
_Static_assert(sizeof(mach_dead_name_notification_t) == 56, "dead-name notification");
_Static_assert(MACH_NOTIFY_DEAD_NAME == 72, "notification ids are octal");

#endif
