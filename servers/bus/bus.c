// SPDX-License-Identifier: MIT
// Publishing, subscriptions and their queues.
#include "bus.h"

#include <abi/bus_server.h>
#include <gila/topic.h>
#include <stdlib.h>
#include <string.h>

static void item_release(struct bus_item *item)
{
	if (--item->references == 0)
		free(item);
}

static void drop_oldest(struct bus_subscription *subscription)
{
	item_release(subscription->items[subscription->first]);
	subscription->first = (subscription->first + 1) % BUS_BACKLOG;
	subscription->count--;
}

static void keep(struct bus_subscription *subscription, struct bus_item *item)
{
	if (subscription->count == BUS_BACKLOG) {
		drop_oldest(subscription);
		subscription->lost++;
	}
	item->references++;
	subscription->items[(subscription->first + subscription->count++) % BUS_BACKLOG] = item;
}

// Packs as many events as fit; they stay until the next call says that they have arrived.
static size_t pack(const struct bus_subscription *subscription, uint8_t *batch, size_t room)
{
	size_t used = 0;
	for (unsigned i = 0; i < subscription->count; i++) {
		const struct bus_item *item = subscription->items[(subscription->first + i) % BUS_BACKLOG];
		if (!gila_bus_put(batch, room, &used, &item->head, item->topic, item->data))
			break;
	}
	return used;
}

static void answer(struct bus_subscription *subscription)
{
	static uint8_t batch[BUS_BATCH_MAX];
	struct lpc_request rq;
	serve_answer_begin(&subscription->waiting, &rq);
	size_t used = pack(subscription, batch, sizeof(batch));
	kern_return_t error = bus_answer_wait(&rq, subscription->lost, batch, (mach_msg_type_number_t)used);
	serve_answer_send(&subscription->waiting, &rq, error);
}

void bus_deliver(struct bus *bus, uint64_t time, const char *topic, const void *data, size_t size)
{
	struct bus_item *item = NULL;
	bus->sequence++;
	for (size_t i = 0; i < BUS_SUBSCRIPTIONS; i++) {
		struct bus_subscription *subscription = bus->subscriptions[i];
		if (!subscription || !topic_match(subscription->pattern, topic))
			continue;
		if (!item) {
			item = malloc(sizeof(*item) + size);
			if (!item) {
				subscription->lost++;
				continue;
			}
			item->references = 1;
			item->head = (struct bus_event_head){.sequence = bus->sequence,
							     .time = time,
							     .topic_length = (uint32_t)strlen(topic),
							     .data_length = (uint32_t)size};
			strcpy(item->topic, topic);
			if (size > 0)
				memcpy(item->data, data, size);
		}
		keep(subscription, item);
		if (subscription->waiting.port != MACH_PORT_NULL)
			answer(subscription);
	}
	if (item)
		item_release(item);
}

// ---- Requests ----------------------------------------------------------------------------------------------------------

static struct bus *bus_of(struct lpc_request *rq) { return ((struct serve *)rq->context)->context; }

static bool is_kernel_topic(const char *topic) { return strncmp(topic, "seat/", 5) == 0 || strncmp(topic, "task/", 5) == 0; }

kern_return_t bus_serve_publish(struct lpc_request *rq, const char *topic, const uint8_t *data,
				mach_msg_type_number_t dataCnt)
{
	if (!topic_valid(topic, false) || is_kernel_topic(topic))
		return BUS_BAD_TOPIC;
	bus_deliver(bus_of(rq), gila_time(), topic, data, dataCnt);
	return KERN_SUCCESS;
}

static void subscription_end(struct bus *bus, size_t place)
{
	struct bus_subscription *subscription = bus->subscriptions[place];
	bus->subscriptions[place] = NULL;
	while (subscription->count > 0)
		drop_oldest(subscription);
	serve_reply_drop(&subscription->waiting);
	free(subscription);
}

kern_return_t bus_serve_subscribe(struct lpc_request *rq, const char *pattern, mach_port_t *handle)
{
	struct bus *bus = bus_of(rq);
	size_t place = 0;
	if (!topic_valid(pattern, true))
		return BUS_BAD_TOPIC;
	while (place < BUS_SUBSCRIPTIONS && bus->subscriptions[place])
		place++;
	if (place == BUS_SUBSCRIPTIONS)
		return BUS_FULL;
	struct bus_subscription *subscription = calloc(1, sizeof(*subscription));
	if (!subscription)
		return KERN_RESOURCE_SHORTAGE;
	subscription->badge = UINT64_C(1) << 63 | (uint64_t)(bus->epoch & 0x7fffffff) << 32 | ++bus->opened;
	strcpy(subscription->pattern, pattern);
	kern_return_t error = serve_mint(rq->context, subscription->badge, handle);
	if (!error)
		error = serve_watch(rq->context, subscription->badge);
	bus->subscriptions[place] = subscription;
	if (error)
		subscription_end(bus, place);
	return error;
}

// The place of the subscription with the badge; BUS_SUBSCRIPTIONS: none.
static size_t find(const struct bus *bus, uint64_t badge)
{
	size_t place = 0;
	while (place < BUS_SUBSCRIPTIONS && (!bus->subscriptions[place] || bus->subscriptions[place]->badge != badge))
		place++;
	return place;
}

kern_return_t bus_serve_wait(struct lpc_request *rq, uint64_t after, uint64_t *lost, uint8_t *events,
			     mach_msg_type_number_t *eventsCnt)
{
	struct bus *bus = bus_of(rq);
	size_t place = find(bus, rq->badge);
	if (place == BUS_SUBSCRIPTIONS)
		return BUS_STALE;
	struct bus_subscription *subscription = bus->subscriptions[place];
	if (subscription->waiting.port != MACH_PORT_NULL) {
		// Who asked before has given up, or should have: the last one gets the events.
		struct lpc_request old;
		serve_answer_begin(&subscription->waiting, &old);
		serve_answer_send(&subscription->waiting, &old, BUS_BUSY);
	}
	while (subscription->count > 0 && subscription->items[subscription->first]->head.sequence <= after)
		drop_oldest(subscription);
	if (subscription->count == 0)
		return serve_defer(rq, &subscription->waiting);
	*eventsCnt = (mach_msg_type_number_t)pack(subscription, events, *eventsCnt);
	*lost = subscription->lost;
	return KERN_SUCCESS;
}

void bus_gone(struct serve *serve, uint64_t badge)
{
	struct bus *bus = serve->context;
	size_t place = find(bus, badge);
	if (place < BUS_SUBSCRIPTIONS)
		subscription_end(bus, place);
}

void bus_close(struct bus *bus)
{
	for (size_t i = 0; i < BUS_SUBSCRIPTIONS; i++)
		if (bus->subscriptions[i])
			subscription_end(bus, i);
}
