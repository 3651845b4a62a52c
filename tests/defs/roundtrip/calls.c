// SPDX-License-Identifier: MIT
// One good call of every routine, for the tests that spoil messages.
#include "transport.h"

#include "file_user.h"


kern_return_t call_result;

static void call_simple(void (*each)(void))
{
	char data[8192];
	mach_msg_type_number_t count = sizeof(data);
	uint32_t written;
	mach_port_t port;
	uint64_t stat[6];
	call_result = file_read(1, 5, 100, data, &count);
	each();
	call_result = file_write(1, 9, "hello", 5, 3, &written);
	each();
	call_result = file_open(1, "/etc/motd", 7, "me", &port, stat);
	each();
	call_result = file_port_only(1, 0x55);
	each();
	call_result = file_get_port(1, &port);
	each();
	call_result = file_ping(1);
	each();
	call_result = file_later(1, 0x77, 0, 10, 21, &written);
	each();
	call_result = file_served(1, 4);
	each();
}

static void call_arrays(void (*each)(void))
{
	uint64_t words[3] = {1, 2, 3}, sums[16], total;
	struct sample_point points[2] = {{1, 2}, {3, 4}}, mirrored[8];
	struct sample_triple triples[3] = {{{1, 2, 3}}, {{4, 5, 6}}, {{7, 8, 9}}}, turned[5];
	uint8_t digest[5] = {1, 2, 3, 4, 5}, crest[5], last, tiny = 1;
	mach_msg_type_number_t sum_count = 16, mirrored_count = 8, turned_count = 5;
	char joined[1024], label[13];
	int64_t number = 21;
	struct sample_info info = {.size = 1}, more = {.size = 2};
	call_result = file_arrays(1, words, 3, points, 2, triples, 3, digest, sums, &sum_count, mirrored, &mirrored_count, turned,
			   &turned_count, crest);
	each();
	call_result = file_strings(1, "ab", -1, "cdefg", "tag", &total, joined, label, &last);
	each();
	call_result = file_update(1, &number, &info, digest, &tiny, &more);
	each();
	call_result = file_note(1, 1, "note this");
	each();
	call_result = file_hint(1, &more, 10);
	each();
}

static void call_descriptors(void (*each)(void))
{
	char blob[10] = "blob", *result;
	struct sample_point records[2] = {{1, 2}, {3, 4}}, *found;
	mach_port_t many[3] = {5, 6, 7}, back, any, *all;
	mach_msg_type_number_t result_count, found_count, all_count;
	mach_msg_type_name_t type;
	call_result = file_memory(1, blob, 10, records, 2, 5, &result, &result_count, &found, &found_count, 100);
	each();
	call_result = file_ports(1, 2, 3, 4, MACH_MSG_TYPE_MOVE_SEND, many, 3, &back, &any, &type, &all, &all_count);
	each();
}

void calls_all(void (*each)(void))
{
	call_simple(each);
	call_arrays(each);
	call_descriptors(each);
}
