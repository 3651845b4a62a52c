// SPDX-License-Identifier: MIT
// Events of the bus on the wire; see bus.h.
#include <gila/bus.h>
#include <gila/topic.h>

#include <string.h>

static size_t padded(const struct bus_event_head *head)
{
	return sizeof(*head) + (((size_t)head->topic_length + head->data_length + 7) & ~(size_t)7);
}

bool gila_bus_put(uint8_t *batch, size_t room, size_t *used, const struct bus_event_head *head, const char *topic,
		  const void *data)
{
	size_t size = padded(head);
	uint8_t *to = batch + *used;
	if (size > room - *used)
		return false;
	memset(to, 0, size);
	memcpy(to, head, sizeof(*head));
	memcpy(to + sizeof(*head), topic, head->topic_length);
	if (head->data_length > 0)
		memcpy(to + sizeof(*head) + head->topic_length, data, head->data_length);
	*used += size;
	return true;
}

bool gila_bus_take(const uint8_t *batch, size_t size, size_t *used, struct gila_bus_event *event, kern_return_t *error)
{
	struct bus_event_head head;
	*error = KERN_SUCCESS;
	if (*used == size)
		return false;
	*error = FILE_DAMAGED;
	if (*used > size || size - *used < sizeof(head))
		return false;
	memcpy(&head, batch + *used, sizeof(head));
	if (head.topic_length > BUS_TOPIC_MAX || head.data_length > BUS_DATA_MAX || padded(&head) > size - *used)
		return false;
	const uint8_t *from = batch + *used + sizeof(head);
	memcpy(event->topic, from, head.topic_length);
	event->topic[head.topic_length] = 0;
	if (strlen(event->topic) != head.topic_length || !topic_valid(event->topic, false))
		return false;
	memcpy(event->data, from + head.topic_length, head.data_length);
	event->data[head.data_length] = 0;
	event->size = head.data_length;
	event->sequence = head.sequence;
	event->time = head.time;
	*used += padded(&head);
	*error = KERN_SUCCESS;
	return true;
}
