// SPDX-License-Identifier: MIT
// What a client sends arrives, and what the server returns comes back, for every kind of argument.
#include "transport.h"

#include "file_server.h"
#include "file_user.h"

#include <gila/test.h>
#include <string.h>

TEST(counted_bytes_come_back)
{
	char data[8192];
	mach_msg_type_number_t count = sizeof(data);
	CHECK_EQ(file_read(1, 7, 5, data, &count), KERN_SUCCESS);
	CHECK_EQ(count, 5);
	CHECK(!memcmp(data, "\7\10\11\12\13", 5));
	CHECK_EQ(transport.flags, LPC_IDEMPOTENT);
	count = sizeof(data);
	CHECK_EQ(file_read(1, 0, 0, data, &count), KERN_SUCCESS);
	CHECK_EQ(count, 0);
	count = sizeof(data);
	CHECK_EQ(file_read(1, 0, 100000, data, &count), KERN_SUCCESS);
	CHECK_EQ(count, 8192);
}

// The halves of a call: the answer is its receiver's, whatever is wrong with it.
TEST(requests_and_replies_of_split_routines_go_apart)
{
	char data[8192] = "", label[13];
	mach_msg_type_number_t count = sizeof(data);
	const mach_msg_header_t *answer = (const mach_msg_header_t *)transport.reply;
	unsigned refused = transport.refused;
	CHECK_EQ(file_send_read(1, 7, 5, 0x77), KERN_SUCCESS);
	CHECK(((mach_msg_header_t *)transport.request)->msgh_remote_port == 0x77 && transport.flags == 0);
	CHECK_EQ(file_take_read(answer, data, &count), KERN_SUCCESS);
	CHECK(count == 5 && !memcmp(data, "\7\10\11\12\13", 5));
	count = 3;
	CHECK_EQ(file_take_read(answer, data, &count), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(count, 5);
	CHECK_EQ(file_take_strings(answer, &(uint64_t){0}, data, label, &(uint8_t){0}), MIG_REPLY_MISMATCH);
	transport.reply_size = ((mach_msg_header_t *)transport.reply)->msgh_size -= 4;
	count = sizeof(data);
	CHECK_EQ(file_take_read(answer, data, &count), MIG_TYPE_ERROR);
	CHECK_EQ(file_send_read(1, 0, 0xbad, 0x77), KERN_SUCCESS);
	CHECK_EQ(file_take_read(answer, data, &count), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_take_read(&(mach_msg_header_t){.msgh_id = MACH_NOTIFY_SEND_ONCE, .msgh_size = 24}, data, &count), MIG_SERVER_DIED);
	CHECK_EQ(transport.refused, refused);
}

TEST(too_small_an_array_is_told_how_much_there_was)
{
	char data[4] = "abc";
	mach_msg_type_number_t count = 3;
	CHECK_EQ(file_read(1, 0, 10, data, &count), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(count, 10);
	CHECK(!strcmp(data, "abc"));
}

TEST(errors_of_the_server_come_back)
{
	char data[10];
	mach_msg_type_number_t count = sizeof(data);
	CHECK_EQ(file_read(1, 0, 0xbad, data, &count), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_port_only(1, 0xdead), KERN_INVALID_RIGHT);
	CHECK_EQ(transport.reply_size, sizeof(mig_reply_error_t));
}

static unsigned failures;
static void expect_failure(void)
{
	failures += transport.result == KERN_NO_ACCESS && transport.reply_size == sizeof(mig_reply_error_t) &&
		    ((mig_reply_error_t *)transport.reply)->RetCode == KERN_NO_ACCESS;
}

TEST(every_routine_can_fail)
{
	uint32_t number;
	served.fail = KERN_NO_ACCESS;
	failures = 0;
	calls_all(expect_failure);
	kern_return_t simple = file_write(1, 0, NULL, 0, 0, &number), later = file_later(1, 5, 0, 0, 1, &number);
	served.fail = KERN_SUCCESS;
	CHECK_EQ(failures, 15);
	CHECK_EQ(simple, KERN_NO_ACCESS);
	CHECK_EQ(later, KERN_NO_ACCESS);
}

TEST(scalars_follow_an_array_of_any_length)
{
	char data[8192] = {0};
	uint32_t written;
	for (unsigned size = 0; size <= sizeof(data); size += size < 9 ? 1 : 1021) {
		data[size ? size - 1 : 0] = 10;
		CHECK_EQ(file_write(1, 1, data, size, -3, &written), KERN_SUCCESS);
		CHECK_EQ(written, size - 3 + (size ? 10 : 0));
		CHECK_EQ(transport.request_size, 48 + ((size + 3) & ~3u));
	}
	unsigned before = served.calls;
	CHECK_EQ(file_write(1, 1, data, 8193, 0, &written), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(served.calls, before);
}

TEST(strings_and_rights)
{
	mach_port_t handle;
	uint64_t stat[6], total;
	char joined[1024], label[13], longest[1025];
	uint8_t last;
	CHECK_EQ(file_open(1, "/etc", 7, "someone", &handle, stat), KERN_SUCCESS);
	CHECK_EQ(handle, 0x1004);
	CHECK_EQ(stat[5], 70000000012ull);
	CHECK_EQ(file_strings(1, "", -7, "abcdefghi", "xyz", &total, joined, label, &last), KERN_SUCCESS);
	CHECK_EQ(total, 2);
	CHECK(!strcmp(joined, "abcdefghi") && !strcmp(label, "xyz"));
	CHECK_EQ(last, 'x');
	CHECK_EQ(transport.flags, LPC_INTERRUPTIBLE);
	memset(longest, 'y', 1024);
	longest[1024] = 0;
	CHECK_EQ(file_strings(1, longest, 0, "", "t", &total, joined, label, &last), MIG_ARRAY_TOO_LARGE);
	longest[1023] = 0;
	CHECK_EQ(file_strings(1, longest, 0, "", "t", &total, joined, label, &last), KERN_SUCCESS);
	CHECK(!strcmp(joined, longest));
	CHECK_EQ(file_strings(1, "", 0, "", "thirteen bytes", &total, joined, label, &last), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(file_strings(1, longest, 0, "more", "t", &total, joined, label, &last), MIG_ARRAY_TOO_LARGE);
}

TEST(arrays_of_every_alignment)
{
	uint64_t words[16], sums[16];
	struct sample_point points[8], mirrored[8];
	struct sample_triple triples[5], turned[5];
	uint8_t digest[5] = {1, 2, 3, 4, 5}, crest[5];
	for (unsigned i = 0; i < 16; i++)
		words[i] = i;
	for (unsigned i = 0; i < 8; i++)
		points[i] = (struct sample_point){i, -(int64_t)i};
	for (unsigned i = 0; i < 5; i++)
		triples[i] = (struct sample_triple){{(uint8_t)i, 1, 2}};
	for (unsigned n = 0; n <= 16; n++) {
		unsigned p = n / 2, t = n / 4 + (n & 1);
		mach_msg_type_number_t ns = 16, np = 8, nt = 5;
		CHECK_EQ(file_arrays(1, words, n, points, p, triples, t, digest, sums, &ns, mirrored, &np, turned, &nt,
				     crest), KERN_SUCCESS);
		CHECK(ns == n && np == p && nt == t);
		CHECK(!n || sums[n - 1] == n * (n - 1) / 2);
		CHECK(!p || (mirrored[p - 1].y == p - 1 && mirrored[p - 1].x == -(int64_t)(p - 1)));
		CHECK(!t || (turned[t - 1].byte[0] == 2 && turned[t - 1].byte[2] == t - 1));
		CHECK_EQ(crest[0], 5);
	}
}

TEST(the_server_learns_how_much_the_caller_takes)
{
	uint64_t words[16] = {1, 1, 1, 1, 1}, sums[3];
	struct sample_point mirrored[8];
	struct sample_triple turned[5];
	uint8_t digest[5] = {0}, crest[5];
	mach_msg_type_number_t ns = 3, np = 8, nt = 5;
	CHECK_EQ(file_arrays(1, words, 5, NULL, 0, NULL, 0, digest, sums, &ns, mirrored, &np, turned, &nt, crest),
		 KERN_SUCCESS);
	CHECK_EQ(ns, 3);
	CHECK_EQ(sums[2], 3);
}

TEST(values_go_both_ways)
{
	int64_t number = -21;
	struct sample_info info = {.size = 5, .kind = 9}, more = {.size = 6, .times = {42}};
	uint8_t digest[5] = {1, 2, 3, 4, 5}, tiny = 255;
	CHECK_EQ(file_update(1, &number, &info, digest, &tiny, &more), KERN_SUCCESS);
	CHECK_EQ(number, -42);
	CHECK(info.size == 11 && info.kind == 9 && info.times[3] == 42);
	CHECK(!memcmp(digest, "\5\4\3\2\1", 5));
	CHECK_EQ(tiny, 0);
}

TEST(memory_travels_by_descriptor)
{
	char blob[10] = "blob", *result = NULL;
	struct sample_point records[2] = {{3, 4}, {5, 6}}, *found = NULL;
	mach_msg_type_number_t result_count = 0, found_count = 0;
	CHECK_EQ(file_memory(1, blob, 10, records, 2, 7, &result, &result_count, &found, &found_count, 250), KERN_SUCCESS);
	CHECK(result == blob && result_count == 10 && found == records && found_count == 2);
	CHECK_EQ(records[0].x, 21);
	CHECK_EQ(transport.flags, LPC_TIMEOUT);
	CHECK_EQ(transport.timeout_ms, 250);
	CHECK_EQ(file_memory(1, blob, 1, records, 1001, 7, &result, &result_count, &found, &found_count, 0),
		 MIG_ARRAY_TOO_LARGE);
	mach_msg_ool_descriptor_t *first = (void *)((char *)transport.request + 28), *second = first + 1;
	CHECK(first->deallocate && first->copy == MACH_MSG_VIRTUAL_COPY);
	CHECK(!second->deallocate && second->copy == MACH_MSG_PHYSICAL_COPY && second->size == 32);
}

TEST(rights_travel_by_descriptor)
{
	mach_port_t many[3] = {5, 6, 7}, back, any, *all;
	mach_msg_type_number_t count;
	mach_msg_type_name_t type;
	CHECK_EQ(file_ports(1, 2, 3, 4, MACH_MSG_TYPE_MAKE_SEND_ONCE, many, 3, &back, &any, &type, &all, &count),
		 KERN_SUCCESS);
	CHECK(back == 5 && any == 4 && all == many && count == 3);
	CHECK_EQ(type, MACH_MSG_TYPE_PORT_SEND_ONCE);
	unsigned refused = transport.refused;
	mach_port_t five[5] = {0};
	CHECK_EQ(file_ports(1, 2, 3, 4, MACH_MSG_TYPE_COPY_SEND, five, 5, &back, &any, &type, &all, &count),
		 MIG_ARRAY_TOO_LARGE); // the server may return four
	CHECK_EQ(transport.refused, refused + 1);
	CHECK_EQ(file_get_port(1, &back), KERN_SUCCESS);
	CHECK_EQ(back, 0x4242);
	CHECK_EQ(transport.reply_size, 40);
}

TEST(one_way_messages)
{
	struct sample_info info = {.times = {0, 0, 0, 99}};
	CHECK_EQ(file_note(1, 2, "hello"), KERN_SUCCESS);
	CHECK_EQ(served.note_level, 2);
	CHECK(!strcmp(served.note, "hello"));
	CHECK_EQ(((mach_msg_header_t *)transport.request)->msgh_remote_port, MACH_PORT_NULL);
	CHECK_EQ(file_hint(1, &info, 33), KERN_SUCCESS);
	CHECK_EQ(served.hint, 99);
	CHECK(transport.flags == LPC_TIMEOUT && transport.timeout_ms == 33);
}

TEST(reply_ports_and_options)
{
	uint32_t twice;
	CHECK_EQ(file_later(1, 0x99, MACH_SEND_NOTIFY, 44, 21, &twice), KERN_SUCCESS);
	CHECK_EQ(twice, 42);
	CHECK_EQ(((mach_msg_header_t *)transport.request)->msgh_remote_port, 0x99);
	CHECK_EQ(transport.flags, LPC_TIMEOUT | MACH_SEND_NOTIFY);
	CHECK_EQ(served.reply_port, REPLY_PORT);
	served.reply_port = 0;
	CHECK_EQ(file_served(1, 1), KERN_SUCCESS);
	CHECK_EQ(served.reply_port, REPLY_PORT);
	CHECK_EQ(file_served(1, 99), MIG_SERVER_DIED); // never answered
	CHECK_EQ(file_ping(1), KERN_SUCCESS);
}

TEST(a_server_that_breaks_its_promises_is_an_error)
{
	uint64_t words[2] = {1, 2}, sums[16], total;
	struct sample_point mirrored[8];
	struct sample_triple turned[5];
	uint8_t digest[5] = {0}, crest[5], last;
	char joined[1024], label[13];
	for (served.lie = 1; served.lie <= 3; served.lie++) {
		mach_msg_type_number_t ns = 16, np = 8, nt = 5;
		kern_return_t result = file_arrays(1, words, 2, NULL, 0, NULL, 0, digest, sums, &ns, mirrored, &np, turned,
						   &nt, crest);
		CHECK_EQ(result, MIG_ARRAY_TOO_LARGE);
	}
	kern_return_t result = file_strings(1, "a", 0, "b", "c", &total, joined, label, &last);
	served.lie = 0;
	CHECK_EQ(result, MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(transport.result, MIG_ARRAY_TOO_LARGE);
}

// What file_answer_strings makes, as the reply of the next call.
static void answer_instead(mach_msg_header_t *message, mach_msg_size_t *size)
{
	struct lpc_request rq = {.reply = message, .capacity = TRANSPORT_LARGEST, .reply_port = 5};
	if (file_answer_strings(&rq, 12, "later", "label", 8) == KERN_SUCCESS)
		*size = message->msgh_size;
}

TEST(a_late_answer_is_a_good_reply)
{
	uint64_t total;
	char joined[1024], label[13];
	uint8_t last;
	CHECK_EQ(file_strings(1, "a", 99, "b", "c", &total, joined, label, &last), MIG_SERVER_DIED);
	transport.spoil_reply = answer_instead;
	kern_return_t result = file_strings(1, "a", 0, "b", "c", &total, joined, label, &last);
	transport.spoil_reply = NULL;
	CHECK_EQ(result, KERN_SUCCESS);
	CHECK(total == 12 && last == 8 && !strcmp(joined, "later") && !strcmp(label, "label"));
	struct lpc_request rq = {.reply = (mach_msg_header_t *)transport.reply, .capacity = 100};
	CHECK_EQ(file_answer_strings(&rq, 12, "later", "label", 8), KERN_RESOURCE_SHORTAGE);
	rq.capacity = TRANSPORT_LARGEST;
	char longest[1025] = {0};
	memset(longest, 'z', 1024);
	CHECK_EQ(file_answer_strings(&rq, 12, longest, "label", 8), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(file_answer_strings(&rq, 12, "later", "far too long a label", 8), MIG_ARRAY_TOO_LARGE);
}
