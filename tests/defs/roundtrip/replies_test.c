// SPDX-License-Identifier: MIT
// Malformed replies: cut, lengthened, changed byte by byte, contradicting themselves. The spoiler of the transport works on
// what the dispatcher made; a stub must refuse it and hand nothing out.
#include "transport.h"

#include "file_user.h"

#include <gila/test.h>
#include <string.h>

static const uint8_t masks[] = {0x01, 0x04, 0x80, 0xff};

static mach_msg_size_t spoil_at, spoil_to;
static uint8_t spoil_mask;
static bool spoiled_some;

static void cut_reply(mach_msg_header_t *message, mach_msg_size_t *size)
{
	spoiled_some = spoil_to < *size && spoil_to >= sizeof(*message);
	if (spoiled_some)
		message->msgh_size = *size = spoil_to;
}

static void lengthen_reply(mach_msg_header_t *message, mach_msg_size_t *size)
{
	memset((char *)message + *size, 0, 8);
	message->msgh_size = *size = *size + spoil_to;
	spoiled_some = true;
}

static void change_reply(mach_msg_header_t *message, mach_msg_size_t *size)
{
	spoiled_some = spoil_at < *size && (spoil_at < 4 || spoil_at > 7); // the kernel vouches for msgh_size
	if (spoiled_some)
		((uint8_t *)message)[spoil_at] ^= spoil_mask;
}

static void nothing(void)
{
}

TEST(replies_of_the_wrong_length_are_refused)
{
	char joined[1024], label[13], data[8192];
	uint64_t total, stat[6];
	uint8_t last;
	uint32_t written;
	mach_port_t port;
	transport.spoil_reply = cut_reply;
	for (spoil_to = 24; spoil_to < 300; spoil_to++) {
		mach_msg_type_number_t count = sizeof(data);
		kern_return_t result[] = {
			file_strings(1, "ab", 1, "cd", "t", &total, joined, label, &last),
			file_read(1, 0, 99, data, &count),
			file_write(1, 9, "hello", 5, 3, &written),
			file_open(1, "/", 7, "me", &port, stat),
		};
		mach_msg_size_t sizes[] = {72 + 8, 40 + 100, 40, 96};
		for (unsigned i = 0; i < 4; i++)
			CHECK_EQ(result[i], spoil_to < sizes[i] ? MIG_TYPE_ERROR : KERN_SUCCESS);
	}
	transport.spoil_reply = lengthen_reply;
	for (spoil_to = 1; spoil_to <= 8; spoil_to++) {
		kern_return_t result = file_strings(1, "ab", 1, "cd", "t", &total, joined, label, &last);
		CHECK_EQ(result, MIG_TYPE_ERROR);
		CHECK(file_get_port(1, &port) != KERN_SUCCESS);
	}
	transport.spoil_reply = NULL;
}

TEST(replies_with_any_byte_changed_do_no_harm)
{
	transport.spoil_reply = change_reply;
	for (unsigned m = 0; m < sizeof(masks); m++)
		for (spoil_at = 0; spoil_at < 200; spoil_at++) {
			spoil_mask = masks[m];
			calls_all(nothing);
		}
	transport.spoil_reply = NULL;
}

static mach_msg_id_t other_id;
static void change_id(mach_msg_header_t *message, mach_msg_size_t *size)
{
	message->msgh_id = other_id;
}

static unsigned wrong;
static kern_return_t expected;
static void expect(void)
{
	mach_msg_bits_t bits = ((mach_msg_header_t *)transport.request)->msgh_bits;
	bool one_way = MACH_MSGH_BITS_REMOTE(bits) == 0;
	wrong += call_result != expected && !(one_way && !transport.fail);
}

TEST(every_stub_reports_that_the_server_failed)
{
	wrong = 0;
	expected = served.fail = KERN_NO_ACCESS;
	calls_all(expect);
	served.fail = KERN_SUCCESS;
	CHECK_EQ(wrong, 0);
}

TEST(every_stub_reports_that_sending_failed)
{
	wrong = 0;
	expected = transport.fail = MACH_SEND_INVALID_DEST;
	calls_all(expect);
	transport.fail = MACH_MSG_SUCCESS;
	CHECK_EQ(wrong, 0);
}

TEST(every_stub_refuses_another_id)
{
	wrong = 0;
	transport.spoil_reply = change_id;
	expected = MIG_REPLY_MISMATCH;
	other_id = 1;
	calls_all(expect);
	expected = MIG_SERVER_DIED;
	other_id = MACH_NOTIFY_SEND_ONCE;
	calls_all(expect);
	transport.spoil_reply = NULL;
	CHECK_EQ(wrong, 0);
}

TEST(replies_with_the_wrong_id_are_refused)
{
	mach_port_t port;
	unsigned refused = transport.refused;
	transport.spoil_reply = change_id;
	other_id = 4011;
	kern_return_t mismatch = file_ping(1);
	other_id = MACH_NOTIFY_SEND_ONCE;
	kern_return_t died = file_ping(1), died_too = file_get_port(1, &port);
	transport.spoil_reply = NULL;
	CHECK_EQ(mismatch, MIG_REPLY_MISMATCH);
	CHECK_EQ(died, MIG_SERVER_DIED);
	CHECK_EQ(died_too, MIG_SERVER_DIED);
	CHECK_EQ(transport.refused, refused + 3);
}

static unsigned descriptor_byte, descriptor_value;
static void change_descriptor(mach_msg_header_t *message, mach_msg_size_t *size)
{
	((uint8_t *)message)[28 + descriptor_byte] = (uint8_t)descriptor_value;
}

TEST(replies_with_a_wrong_descriptor_are_refused)
{
	mach_port_t port = 0;
	transport.spoil_reply = change_descriptor;
	for (descriptor_byte = 10; descriptor_byte <= 11; descriptor_byte++)
		for (descriptor_value = 0; descriptor_value < 256; descriptor_value++) {
			bool right = descriptor_value ==
				     (descriptor_byte == 10 ? MACH_MSG_TYPE_PORT_SEND : MACH_MSG_PORT_DESCRIPTOR);
			CHECK_EQ(file_get_port(1, &port), right ? KERN_SUCCESS : MIG_TYPE_ERROR);
		}
	transport.spoil_reply = NULL;
}

// One word of the reply of one routine is replaced; the stub must refuse it.
struct patch {
	mach_msg_id_t id;
	unsigned offset, value;
	const char *what;
};

static const struct patch patches[] = {
	{4100, 36, 8193, "read: count above its limit"},
	{4100, 36, 95, "read: count below what is there"},
	{4100, 36, 101, "read: count above what is there"},
	{4100, 36, 0xffffffff, "read: huge count"},
	{4102, 24, 2, "open: number of descriptors"},
	{4102, 36, MACH_MSG_OOL_DESCRIPTOR << 24 | MACH_MSG_TYPE_PORT_SEND << 16, "open: kind of descriptor"},
	{4102, 36, MACH_MSG_TYPE_PORT_RECEIVE << 16, "open: disposition"},
	{4104, 48, 1025, "strings: count above its limit"},
	{4104, 48, 7, "strings: no NUL"},
	{4104, 60, 0x78787878, "strings: a fixed string (patched whole) without NUL"},
	{4105, 36, 17, "arrays: first count above its limit"},
	{4105, 36, 2, "arrays: first count below what is there"},
	{4105, 36, 4, "arrays: first count above what is there"},
	{4105, 64, 9, "arrays: second count above its limit"},
	{4105, 64, 3, "arrays: second count above what is there"},
	{4105, 64, 1, "arrays: second count below what is there"},
	{4105, 100, 6, "arrays: third count above its limit"},
	{4105, 100, 5, "arrays: third count above what is there"},
	{4105, 100, 2, "arrays: third count below what is there"},
	{4107, 36, MACH_MSG_PORT_DESCRIPTOR, "memory: kind of the first descriptor"},
	{4107, 52, MACH_MSG_OOL_PORTS_DESCRIPTOR << 24, "memory: kind of the second descriptor"},
	{4107, 40, 11, "memory: size of the first"},
	{4107, 68, 9, "memory: count of the first"},
	{4107, 56, 33, "memory: size of the second"},
	{4107, 72, 2 + 0x10000000, "memory: count of the second, the same times 16 in 32 bits"},
	{4108, 36, 0, "ports: disposition of the first"},
	{4108, 48, MACH_MSG_OOL_DESCRIPTOR << 24, "ports: kind of the second"},
	{4108, 60, MACH_MSG_OOL_PORTS_DESCRIPTOR << 24 | MACH_MSG_TYPE_PORT_RECEIVE << 16, "ports: disposition of the third"},
	{4108, 60, MACH_MSG_PORT_DESCRIPTOR << 24 | MACH_MSG_TYPE_PORT_SEND << 16, "ports: kind of the third"},
	{4108, 64, 2, "ports: count in the descriptor"},
	{4108, 76, 4, "ports: count after it"},
};

static const struct patch *patch;
static bool patched;

static void apply(mach_msg_header_t *message, mach_msg_size_t *size)
{
	patched = message->msgh_id == patch->id;
	if (!patched)
		return;
	memcpy((char *)message + patch->offset, &patch->value, 4);
	if (patch->offset == 60 && patch->id == 4104)
		memset((char *)message + 60, 'x', 13);
}

static void expect_patched(void)
{
	if (patched && call_result != MIG_TYPE_ERROR)
		wrong++;
	patched = false;
}

TEST(replies_that_contradict_themselves_are_refused)
{
	transport.spoil_reply = apply;
	served.inert = true;
	unsigned refused = transport.refused;
	for (unsigned i = 0; i < sizeof(patches) / sizeof(*patches); i++) {
		patch = &patches[i];
		wrong = 0;
		calls_all(expect_patched);
		if (wrong)
			test_fail(__FILE__, __LINE__, patch->what);
	}
	served.inert = false;
	transport.spoil_reply = NULL;
	CHECK_EQ(transport.refused - refused, sizeof(patches) / sizeof(*patches));
}

// Counts above their limits in replies that are no longer than the longest.
static void grow_first(mach_msg_header_t *message, mach_msg_size_t *size)
{
	uint32_t *words = (uint32_t *)message;
	if (message->msgh_id != 4105)
		return;
	memset(words + 10, 0, 600);
	words[9] = 17; // 17 numbers, nothing else
	message->msgh_size = *size = 40 + 17 * 8 + 4 + 4 + 8;
}

TEST(requests_that_do_not_fit_are_not_sent)
{
	uint64_t words[17] = {0}, sums[16], stat[6], total;
	struct sample_point points[9] = {{0, 0}}, mirrored[8];
	struct sample_triple triples[6] = {{{0}}}, turned[5];
	uint8_t digest[5] = {0}, crest[5], last;
	char path[1025] = {0}, joined[1024], label[13];
	mach_port_t port;
	mach_msg_type_number_t ns = 16, np = 8, nt = 5;
	unsigned before = served.calls;
	memset(path, 'p', 1024);
	for (unsigned i = 0; i < 3; i++) {
		kern_return_t result = file_arrays(1, words, 16 + (i == 0), points, 8 + (i == 1), triples, 5 + (i == 2),
						   digest, sums, &ns, mirrored, &np, turned, &nt, crest);
		CHECK_EQ(result, MIG_ARRAY_TOO_LARGE);
	}
	CHECK_EQ(file_open(1, path, 0, "x", &port, stat), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(file_open(1, "x", 0, path, &port, stat), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(file_strings(1, "", 0, path, "t", &total, joined, label, &last), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(file_note(1, 0, path), MIG_ARRAY_TOO_LARGE);
	CHECK_EQ(served.calls, before);
	transport.spoil_reply = grow_first;
	kern_return_t result = file_arrays(1, words, 16, points, 8, triples, 5, digest, sums, &ns, mirrored, &np, turned, &nt,
					   crest);
	transport.spoil_reply = NULL;
	CHECK_EQ(result, MIG_TYPE_ERROR);
}
