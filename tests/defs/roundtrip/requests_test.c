// SPDX-License-Identifier: MIT
// Malformed requests: each good one is cut at every byte, lengthened, changed byte by byte, and made to contradict itself.
#include "transport.h"

#include "file_user.h"

#include <gila/test.h>
#include <string.h>

static unsigned wrong; // checks that failed in a callback
static uint32_t good[TRANSPORT_LARGEST / 4], spoiled[TRANSPORT_LARGEST / 4];
static mach_msg_size_t good_size;
static const uint8_t masks[] = {0x01, 0x04, 0x80, 0xff};

static mach_msg_header_t *keep_request(void)
{
	memcpy(good, transport.request, sizeof(good));
	good_size = transport.request_size;
	memcpy(spoiled, good, sizeof(good));
	return (mach_msg_header_t *)spoiled;
}

// A refused request: an error reply, nothing reached a handler.
static void expect_refused(kern_return_t code)
{
	mig_reply_error_t *reply = (mig_reply_error_t *)transport.reply;
	bool is = transport.result != KERN_SUCCESS && transport.result != LPC_NO_REPLY &&
		  (!code || transport.result == code) && served.calls == 0 && reply->RetCode == transport.result &&
		  reply->Head.msgh_size == sizeof(*reply) && reply->Head.msgh_remote_port == REPLY_PORT &&
		  reply->Head.msgh_bits == MACH_MSG_TYPE_MOVE_SEND_ONCE;
	wrong += !is;
	served.calls = 0;
}

static void dispatch(mach_msg_size_t size)
{
	served.calls = 0;
	transport_dispatch((mach_msg_header_t *)spoiled, size, TRANSPORT_LARGEST);
}

static void cut_request(void)
{
	mach_msg_header_t *head = keep_request();
	for (mach_msg_size_t size = 0; size < good_size; size++) {
		head->msgh_size = good_size; // says more than there is
		dispatch(size);
		expect_refused(MIG_BAD_ARGUMENTS);
		head->msgh_size = size; // is shorter than it should be
		dispatch(good_size);
		expect_refused(MIG_BAD_ARGUMENTS);
	}
	for (mach_msg_size_t more = 1; more <= 8; more++) {
		head->msgh_size = good_size + more;
		dispatch(good_size + more);
		expect_refused(MIG_BAD_ARGUMENTS);
	}
	head->msgh_size = good_size;
	transport_dispatch(head, good_size + 8, TRANSPORT_LARGEST); // a trailer does no harm
	wrong += transport.result != KERN_SUCCESS;
}

TEST(requests_of_the_wrong_length_are_refused)
{
	wrong = 0;
	served.inert = true;
	calls_all(cut_request);
	served.inert = false;
	CHECK_EQ(wrong, 0);
}

static void change_request(void)
{
	uint8_t *bytes = (uint8_t *)keep_request();
	for (mach_msg_size_t i = 0; i < good_size; i++)
		for (unsigned m = 0; m < sizeof(masks); m++) {
			bytes[i] ^= masks[m];
			dispatch(good_size);
			if (transport.result == KERN_SUCCESS)
				wrong += served.calls != 1 || transport.reply_size > TRANSPORT_LARGEST;
			bytes[i] ^= masks[m];
		}
}

TEST(requests_with_any_byte_changed_do_no_harm)
{
	wrong = 0;
	served.inert = true;
	calls_all(change_request);
	served.inert = false;
	CHECK_EQ(wrong, 0);
}

static void change_head(void)
{
	mach_msg_header_t *head = keep_request();
	head->msgh_bits ^= MACH_MSGH_BITS_COMPLEX;
	dispatch(good_size);
	expect_refused(MIG_BAD_ARGUMENTS);
	head->msgh_bits ^= MACH_MSGH_BITS_COMPLEX;
	mach_msg_id_t ids[] = {3999, 4003, 4012, 4018, 4100, 0, -1, INT32_MIN, INT32_MAX};
	for (unsigned i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		head->msgh_id = ids[i];
		served.calls = 0;
		wrong += transport_dispatch(head, good_size, TRANSPORT_LARGEST); // must be "not mine"
		expect_refused(MIG_BAD_ID);
		wrong += ((mach_msg_header_t *)transport.reply)->msgh_id != (mach_msg_id_t)((uint32_t)ids[i] + 100);
	}
}

TEST(requests_with_a_wrong_head_are_refused)
{
	wrong = 0;
	calls_all(change_head);
	CHECK_EQ(wrong, 0);
}

// Kind, disposition and number of every descriptor are checked.
static void change_descriptors(void)
{
	mach_msg_header_t *head = keep_request();
	if (!(head->msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	mach_msg_base_t *base = (mach_msg_base_t *)head;
	unsigned count = base->body.msgh_descriptor_count;
	for (unsigned other = 0; other < 6; other++) {
		base->body.msgh_descriptor_count = other;
		dispatch(good_size);
		if (other != count)
			expect_refused(MIG_BAD_ARGUMENTS);
	}
	base->body.msgh_descriptor_count = count;
	uint8_t *at = (uint8_t *)(base + 1);
	for (unsigned i = 0; i < count; i++) {
		uint8_t type = at[11], disposition = at[10];
		for (unsigned other = 0; other < 256; other++) {
			at[11] = (uint8_t)other;
			dispatch(good_size);
			if (other != type)
				expect_refused(MIG_TYPE_ERROR);
			at[11] = type;
			at[10] = (uint8_t)other;
			dispatch(good_size);
			bool any = type == MACH_MSG_OOL_DESCRIPTOR || (head->msgh_id == 4008 && i == 2);
			if (other != disposition && !any)
				expect_refused(MIG_TYPE_ERROR);
			at[10] = disposition;
		}
		at += type == MACH_MSG_PORT_DESCRIPTOR ? 12 : 16;
	}
}

TEST(requests_with_wrong_descriptors_are_refused)
{
	wrong = 0;
	served.inert = true;
	calls_all(change_descriptors);
	served.inert = false;
	CHECK_EQ(wrong, 0);
}

TEST(counts_that_disagree_are_refused)
{
	uint32_t *words = spoiled, written;
	wrong = 0;
	(void)!file_write(1, 9, "hello", 5, 3, &written);
	keep_request();
	for (uint32_t count = 0; count < 20; count++) {
		words[10] = count; // dataCnt
		dispatch(good_size);
		if (count < 5 || count > 8)
			expect_refused(MIG_BAD_ARGUMENTS);
	}
	uint32_t huge[] = {8193, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
	for (unsigned i = 0; i < 5; i++) {
		words[10] = huge[i];
		dispatch(good_size);
		expect_refused(MIG_BAD_ARGUMENTS);
	}
	CHECK_EQ(wrong, 0);
}

// Counts above their limits in messages that are no longer than the longest: one array takes the room of another.
TEST(counts_above_their_limit_are_refused)
{
	uint64_t words[16] = {0}, sums[16], total;
	struct sample_point points[8] = {{0, 0}}, mirrored[8];
	struct sample_triple turned[5];
	uint8_t digest[5] = {0}, crest[5], last;
	char joined[1024], label[13];
	mach_msg_type_number_t ns = 16, np = 8, nt = 5;
	wrong = 0;
	(void)!file_arrays(1, words, 16, points, 4, NULL, 0, digest, sums, &ns, mirrored, &np, turned, &nt, crest);
	keep_request();
	spoiled[8] = 17; // words: one more, which was the count and part of the first point
	spoiled[8 + 35] = 3;
	memset(&spoiled[8 + 36], 0, 4 * 64);
	mach_msg_size_t size = good_size + 8 - 16;
	((mach_msg_header_t *)spoiled)->msgh_size = size;
	dispatch(size);
	expect_refused(MIG_BAD_ARGUMENTS);
	(void)!file_strings(1, "ab", 1, "cd", "t", &total, joined, label, &last);
	keep_request();
	memset(spoiled + 10, 0, 1200);
	spoiled[9] = 1028; // first
	spoiled[10 + 257 + 2] = 1; // second is empty
	size = 40 + 1028 + 4 + 8 + 4 + 16;
	((mach_msg_header_t *)spoiled)->msgh_size = size;
	dispatch(size);
	expect_refused(MIG_BAD_ARGUMENTS);
	spoiled[9] = 1024; // the same with the longest that is allowed
	spoiled[10 + 257 + 2] = 0;
	spoiled[10 + 256 + 2] = 1;
	((mach_msg_header_t *)spoiled)->msgh_size = size - 4;
	dispatch(size - 4);
	CHECK_EQ(transport.result, KERN_SUCCESS);
	CHECK_EQ(wrong, 0);
}

TEST(strings_without_nul_are_refused)
{
	char joined[1024], label[13];
	uint64_t total;
	uint8_t last;
	unsigned nul[] = {40 + 2, 56 + 2, 60 + 1}; // first, second, tag: where each string ends
	wrong = 0;
	(void)!file_strings(1, "ab", 1, "cd", "t", &total, joined, label, &last);
	for (unsigned i = 0; i < 3; i++) {
		uint8_t *bytes = (uint8_t *)keep_request();
		CHECK_EQ(bytes[nul[i]], 0);
		memset(bytes + nul[i], 'x', i == 2 ? 12 : 1);
		dispatch(good_size);
		expect_refused(MIG_BAD_ARGUMENTS);
	}
	CHECK_EQ(wrong, 0);
}

// The count of out-of-line data is in its descriptor and after the NDR record; both must agree and obey the limit.
TEST(out_of_line_counts_that_disagree_are_refused)
{
	wrong = 0;
	mach_msg_type_number_t counts[2];
	char blob[10] = "blob", *result;
	struct sample_point records[2] = {{1, 2}, {3, 4}}, *found;
	mach_port_t many[3] = {5, 6, 7}, back, any, *all;
	mach_msg_type_name_t type;
	served.inert = true;
	(void)!file_memory(1, blob, 10, records, 2, 5, &result, &counts[0], &found, &counts[1], 100);
	keep_request();
	uint32_t *blob_count = spoiled + 17, *record_count = spoiled + 18, *record_size = spoiled + 14;
	CHECK(*blob_count == 10 && *record_count == 2 && *record_size == 32);
	*blob_count = 11;
	dispatch(good_size);
	expect_refused(MIG_BAD_ARGUMENTS);
	*blob_count = 10;
	*record_count = 2 + 0x10000000; // times 16: the same in 32 bits
	dispatch(good_size);
	expect_refused(MIG_BAD_ARGUMENTS);
	*record_count = 1001;
	*record_size = 1001 * 16;
	dispatch(good_size);
	expect_refused(MIG_BAD_ARGUMENTS);
	*record_count = 1000;
	*record_size = 1000 * 16;
	dispatch(good_size);
	CHECK_EQ(transport.result, KERN_SUCCESS);
	(void)!file_ports(1, 2, 3, 4, MACH_MSG_TYPE_MOVE_SEND, many, 3, &back, &any, &type, &all, &counts[0]);
	keep_request();
	CHECK_EQ(spoiled[22], 3);
	spoiled[22] = 4;
	dispatch(good_size);
	expect_refused(MIG_BAD_ARGUMENTS);
	served.inert = false;
	CHECK_EQ(wrong, 0);
}

static void small_reply(void)
{
	for (mach_msg_size_t capacity = sizeof(mig_reply_error_t); capacity <= 1200; capacity++) {
		transport_dispatch((mach_msg_header_t *)transport.request, transport.request_size, capacity);
		wrong += transport.reply_size > capacity;
		wrong += transport.result != KERN_SUCCESS && transport.result != KERN_RESOURCE_SHORTAGE &&
			 transport.result != MIG_ARRAY_TOO_LARGE;
	}
}

TEST(a_small_reply_buffer_is_respected)
{
	wrong = 0;
	calls_all(small_reply);
	CHECK_EQ(wrong, 0);
}
