// SPDX-License-Identifier: MIT
// The bus and its client library, in one process.
#include "bus.h"

#include <abi/bus.h>
#include <abi/bus_server.h>
#include <gila/topic.h>
#include <serve/serve_fake.h>

static bool (*const demux[])(struct lpc_request *) = {bus_demux, NULL};
static struct bus bus = {.epoch = 77};
static struct serve serve = {.seat = "bus", .demux = demux, .gone = bus_gone, .message = bus_message, .context = &bus};

static void begin(void)
{
	bus_close(&bus);
	bus.sequence = 0;
	fake_begin(&serve);
}

TEST(topics_match_patterns)
{
	CHECK(topic_match("seat/*", "seat/crashed"));
	CHECK(topic_match("*", "a/b/c"));
	CHECK(topic_match("a*b*c", "a/b/b/c"));
	CHECK(topic_match("a/b", "a/b"));
	CHECK(!topic_match("a/b", "a/bc"));
	CHECK(!topic_match("a*b", "a/bc"));
	CHECK(!topic_match("seat/*", "seat"));
	CHECK(topic_match("**", ""));
	CHECK(topic_valid("a/b-c.d", false));
	CHECK(!topic_valid("a/*", false));
	CHECK(topic_valid("a/*", true));
	CHECK(!topic_valid("", false));
	CHECK(!topic_valid("/a", false));
	CHECK(!topic_valid("a//b", false));
	CHECK(!topic_valid("a b", false));
}

TEST(events_arrive_once_and_in_order)
{
	begin();
	static struct gila_bus listener;
	static struct gila_bus_event event;
	CHECK_EQ(gila_bus_open(&listener, "news/*"), KERN_SUCCESS);
	CHECK_EQ(gila_bus_publish("news/a", "1", 1), KERN_SUCCESS);
	CHECK_EQ(gila_bus_publish("other", "x", 1), KERN_SUCCESS);
	CHECK_EQ(gila_bus_publish("news/b", "", 0), KERN_SUCCESS);
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK(strcmp(event.topic, "news/a") == 0 && strcmp((char *)event.data, "1") == 0 && event.sequence == 1);
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK(strcmp(event.topic, "news/b") == 0 && event.size == 0 && event.sequence == 3);
	CHECK_EQ(gila_bus_publish("seat/crashed", "", 0), BUS_BAD_TOPIC);
	CHECK_EQ(gila_bus_publish("no good", "", 0), BUS_BAD_TOPIC);
	gila_bus_close(&listener);
	fake_settle();
	CHECK(!bus.subscriptions[0]);
	CHECK_EQ(fake_rights(), 0);
}

TEST(slow_subscribers_lose_the_oldest_and_are_told)
{
	begin();
	static struct gila_bus listener;
	static struct gila_bus_event event;
	char text[8];
	CHECK_EQ(gila_bus_open(&listener, "*"), KERN_SUCCESS);
	for (int i = 1; i <= (int)BUS_BACKLOG + 10; i++) {
		snprintf(text, sizeof(text), "%d", i);
		CHECK_EQ(gila_bus_publish("n", text, strlen(text)), KERN_SUCCESS);
	}
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK_EQ(event.lost, 10);
	CHECK_EQ(atoi((char *)event.data), 11);
	for (int i = 12; i <= (int)BUS_BACKLOG + 10; i++) {
		CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
		CHECK_EQ(event.lost, 0);
		CHECK_EQ(atoi((char *)event.data), i);
	}
	gila_bus_close(&listener);
	fake_settle();
}

TEST(who_waits_is_answered)
{
	begin();
	mach_port_t subscription;
	static uint8_t batch[BUS_BATCH_MAX];
	mach_msg_type_number_t count = sizeof(batch);
	uint64_t lost;
	CHECK_EQ(bus_subscribe(FAKE_SEAT, "a", &subscription), KERN_SUCCESS);
	CHECK_EQ(bus_wait(subscription, 0, &lost, batch, &count), MACH_RCV_TIMED_OUT); // the fake's word for later
	CHECK_EQ(fake_answers, 0);
	CHECK_EQ(gila_bus_publish("b", "", 0), KERN_SUCCESS);
	CHECK_EQ(fake_answers, 0);
	CHECK_EQ(gila_bus_publish("a", "now", 3), KERN_SUCCESS);
	CHECK_EQ(fake_answers, 1);
	CHECK_EQ(fake_answer.head.msgh_id, 73402 + 100);
	CHECK_EQ(((mig_reply_error_t *)&fake_answer)->RetCode, KERN_SUCCESS);
	// The same again until it is acknowledged.
	count = sizeof(batch);
	CHECK_EQ(bus_wait(subscription, 0, &lost, batch, &count), KERN_SUCCESS);
	count = sizeof(batch);
	CHECK_EQ(bus_wait(subscription, 2, &lost, batch, &count), MACH_RCV_TIMED_OUT);
	CHECK_EQ(bus_wait(subscription, 2, &lost, batch, &count), MACH_RCV_TIMED_OUT);
	CHECK_EQ(fake_answers, 2);
	CHECK_EQ(((mig_reply_error_t *)&fake_answer)->RetCode, BUS_BUSY);
	gila_port_drop(subscription);
	fake_settle();
}

TEST(subscriptions_of_an_earlier_bus_are_stale)
{
	begin();
	static struct gila_bus listener;
	static struct gila_bus_event event;
	static uint8_t batch[BUS_BATCH_MAX];
	mach_msg_type_number_t count = sizeof(batch);
	uint64_t lost;
	CHECK_EQ(gila_bus_open(&listener, "*"), KERN_SUCCESS);
	bus_close(&bus);
	bus.epoch++;
	CHECK_EQ(bus_wait(listener.subscription, 0, &lost, batch, &count), BUS_STALE);
	CHECK_EQ(gila_bus_next(&listener, &event), MACH_RCV_TIMED_OUT); // it has subscribed again and waits
	CHECK(bus.subscriptions[0]);
	gila_bus_close(&listener);
	fake_settle();
}

TEST(subscriptions_are_limited)
{
	begin();
	mach_port_t subscriptions[BUS_SUBSCRIPTIONS + 1];
	for (unsigned i = 0; i < BUS_SUBSCRIPTIONS; i++)
		CHECK_EQ(bus_subscribe(FAKE_SEAT, "a", &subscriptions[i]), KERN_SUCCESS);
	CHECK_EQ(bus_subscribe(FAKE_SEAT, "a", &subscriptions[BUS_SUBSCRIPTIONS]), BUS_FULL);
	for (unsigned i = 0; i < BUS_SUBSCRIPTIONS; i++)
		gila_port_drop(subscriptions[i]);
	fake_settle();
	CHECK_EQ(bus_subscribe(FAKE_SEAT, "a*", &subscriptions[0]), KERN_SUCCESS);
	gila_port_drop(subscriptions[0]);
	fake_settle();
}

TEST(kernel_events_become_topics)
{
	begin();
	static struct gila_bus listener;
	static struct gila_bus_event event;
	struct seat_event crash = {.kind = SEAT_EVENT_STATE,
				   .state = SEAT_STARTING,
				   .before = SEAT_OCCUPIED,
				   .reason = SEAT_REASON_SIGNAL,
				   .code = 9,
				   .task = 12,
				   .generation = 3,
				   .restarts = 2,
				   .lost = 5,
				   .name = "fs/tmp"};
	CHECK_EQ(gila_bus_open(&listener, "*"), KERN_SUCCESS);
	bus_kernel_event(&bus, &crash);
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK(strcmp(event.topic, "kernel/lost") == 0 && strcmp((char *)event.data, "lost=5") == 0);
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK(strcmp(event.topic, "seat/crashed") == 0);
	CHECK(strcmp((char *)event.data, "seat=fs/tmp state=starting before=occupied reason=signal code=9 task=12 "
					 "generation=3 restarts=2") == 0);
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK(strcmp(event.topic, "seat/starting") == 0);
	crash = (struct seat_event){.kind = SEAT_EVENT_STATE, .state = SEAT_OCCUPIED, .before = SEAT_STARTING,
				    .reason = SEAT_REASON_SIGNAL, .name = "x"};
	bus_kernel_event(&bus, &crash);
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK(strcmp(event.topic, "seat/occupied") == 0);
	bus_kernel_event(&bus, &(struct seat_event){.kind = SEAT_EVENT_DEVICE_ADDED, .name = "blk/0"});
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK(strcmp(event.topic, "device/added") == 0 && strcmp((char *)event.data, "seat=blk/0") == 0);
	bus_kernel_event(&bus, &(struct seat_event){.kind = SEAT_EVENT_DEVICE_REMOVED, .name = "blk/0"});
	CHECK_EQ(gila_bus_next(&listener, &event), KERN_SUCCESS);
	CHECK(strcmp(event.topic, "device/removed") == 0);
	gila_bus_close(&listener);
	fake_settle();
}
