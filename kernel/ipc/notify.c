// SPDX-License-Identifier: MIT
// Notification messages; see notify.h. When there is no memory for one it is lost, with a line in the log: the send-once
// right is used up either way.
#include "notify.h"

#include "message.h"
#include "transit.h"
#include <mach/notify.h>

_Static_assert(offsetof(mach_dead_name_notification_t, not_port) == offsetof(mach_no_senders_notification_t, not_count),
	       "the word of all plain notifications is at the same place");

static bool notify_wanted(struct right notify)
{
	if (!right_valid(notify))
		return false;
	if (port_alive(right_port(notify)))
		return true;
	send_once_used(right_port(notify));
	return false;
}

static struct message *notify_create(struct right notify, mach_msg_id_t id, uint32_t size)
{
	struct message *message =
		message_create_kernel(&account_kernel, size, id, notify, (struct right){NULL, RIGHT_NONE});
	if (!message)
		log_line("ipc", "notification %d was lost: no memory for it", id);
	return message;
}

// One with NDR record and a word.
static void notify_word(struct right notify, mach_msg_id_t id, uint32_t word, uint64_t badge)
{
	if (!notify_wanted(notify))
		return;
	const uint32_t size = offsetof(mach_dead_name_notification_t, trailer);
	struct message *message = notify_create(notify, id, size);
	if (!message)
		return;
	memcpy(message->data + offsetof(mach_dead_name_notification_t, NDR), &NDR_record, sizeof(NDR_record));
	memcpy(message->data + offsetof(mach_dead_name_notification_t, not_port), &word, sizeof(word));
	message->badge = badge;
	message_send_kernel(message);
}

void notify_port_deleted(struct right notify, mach_port_name_t name)
{
	notify_word(notify, MACH_NOTIFY_PORT_DELETED, name, 0);
}

void notify_send_possible(struct right notify, mach_port_name_t name)
{
	notify_word(notify, MACH_NOTIFY_SEND_POSSIBLE, name, 0);
}

void notify_dead_name(struct right notify, mach_port_name_t name)
{
	notify_word(notify, MACH_NOTIFY_DEAD_NAME, name, 0);
}

void notify_no_senders(struct right notify, uint32_t make_send_count, uint64_t badge)
{
	notify_word(notify, MACH_NOTIFY_NO_SENDERS, make_send_count, badge);
}

void notify_send_once(struct right notify)
{
	if (!notify_wanted(notify))
		return;
	struct message *message =
		notify_create(notify, MACH_NOTIFY_SEND_ONCE, offsetof(mach_send_once_notification_t, trailer));
	if (message)
		message_send_kernel(message);
}

void notify_port_destroyed(struct right notify, struct right receive, struct doom *doom)
{
	struct message *message = NULL;
	if (notify_wanted(notify))
		message = notify_create(notify, MACH_NOTIFY_PORT_DESTROYED,
					offsetof(mach_port_destroyed_notification_t, trailer));
	if (!message) {
		right_doom(receive, doom);
		return;
	}
	mach_port_destroyed_notification_t *body = (void *)message->data;
	body->not_header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	body->not_body.msgh_descriptor_count = 1;
	body->not_port = (mach_msg_port_descriptor_t){
		.name = MESSAGE_NAME_BASE + MESSAGE_FIXED_ITEMS,
		.disposition = MACH_MSG_TYPE_PORT_RECEIVE,
		.type = MACH_MSG_PORT_DESCRIPTOR,
	};
	bool room = message_set_item_count(message, MESSAGE_FIXED_ITEMS + 1);
	assert(room);
	message_set_right(message, MESSAGE_FIXED_ITEMS, receive);
	if (!transit_enter(right_port(receive), right_port(notify)))
		message->flags |= MESSAGE_CIRCULAR;
	message_post(message, doom);
}
