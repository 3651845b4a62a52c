// SPDX-License-Identifier: MIT
// Lanes of clients and servers that write nonsense, or too much; ../lane/rig.h has the server.
#include "../lane/rig.h"

// A server that let go of the lane, or another one, does not know it.
TEST(only_who_has_the_lane_lends_to_it)
{
	mach_port_t file = begin(BADGE), other, memory, page_memory;
	CHECK_EQ(gila_badge_make(FAKE_SEAT, BADGE + 1, &other), KERN_SUCCESS);
	CHECK_EQ(gila_memory_make(8192, &memory), KERN_SUCCESS);
	struct file_lane *page = offer_memory(BADGE, &page_memory);
	CHECK_EQ(lane_lend(other, page_memory, 0, memory), KERN_INVALID_NAME);
	CHECK_EQ(lane_lend(file, memory, 0, memory), KERN_INVALID_NAME);
	CHECK_EQ(lane_lend(file, page_memory, FILE_LANE_BUFFERS, memory), KERN_INVALID_ARGUMENT);
	CHECK_EQ(lane_settle(file, page_memory, FILE_LANE_PLACES), KERN_INVALID_ARGUMENT);
	CHECK_EQ(lane_settle(other, page_memory, 0), KERN_INVALID_NAME);
	CHECK_EQ(lane_settle(file, page_memory, 0), KERN_SUCCESS); // nothing is under way
	CHECK_EQ(lane_lend(file, page_memory, 3, memory), KERN_SUCCESS);
	later = true;
	post(page, 5, FILE_LANE_READ_INTO, 4096, 3);
	CHECK(serve_lanes_serve(&serve));
	CHECK_EQ(waiting.memory, memory);
	CHECK_EQ(lane_lend(file, page_memory, 3, MACH_PORT_NULL), KERN_INVALID_ARGUMENT); // it is in use
	CHECK_EQ(lane_lend(file, page_memory, 4, memory), KERN_SUCCESS);
	serve_lane_done(&waiting, KERN_SUCCESS, 4096);
	CHECK_EQ(lane_lend(file, page_memory, 3, MACH_PORT_NULL), KERN_SUCCESS);
	post(page, 5, FILE_LANE_READ_INTO, 4096, 3);
	CHECK(!serve_lanes_serve(&serve));
	CHECK_EQ(page->places[5].error, KERN_INVALID_ARGUMENT);
	fake_time += 2 * SERVE_LANE_TIME;
	serve_lanes_expire();
	CHECK_EQ(lane_lend(file, page_memory, 3, memory), KERN_INVALID_NAME);
	gila_unmap(page, FILE_LANE_SIZE);
	gila_port_drop(page_memory);
	gila_port_drop(memory);
	gila_port_drop(other);
	end(file);
}

TEST(a_server_checks_what_is_posted)
{
	mach_port_t file = begin(BADGE);
	struct file_lane *page = offer(BADGE);
	static const struct {
		uint32_t place, operation;
		uint64_t size;
		uint32_t buffer;
	} bad[] = {{0, 4, 1, 0}, {0, UINT32_MAX, 1, 0}, {0, FILE_LANE_READ, FILE_LANE_DATA + 1, 0}, {0, FILE_LANE_WRITE, UINT64_MAX, 0},
		   {1, FILE_LANE_READ, 1, 0}, {15, FILE_LANE_WRITE, 1, 0}, {1, FILE_LANE_READ_INTO, 1, 0}, // nothing was lent
		   {2, FILE_LANE_WRITE_FROM, 1, FILE_LANE_BUFFERS}, {2, FILE_LANE_WRITE_FROM, 1, UINT32_MAX}};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		post(page, bad[i].place, bad[i].operation, bad[i].size, bad[i].buffer);
		CHECK(!serve_lanes_serve(&serve));
		CHECK_EQ(atomic_load(&page->places[bad[i].place].state), FILE_LANE_DONE);
		CHECK_EQ(page->places[bad[i].place].error, KERN_INVALID_ARGUMENT);
	}
	atomic_store(&page->posted, UINT32_MAX); // nothing is
	CHECK(!serve_lanes_serve(&serve));
	CHECK_EQ(moves, 0);
	later = true; // posted twice: the second one waits for the first
	post(page, 0, FILE_LANE_READ, 1, 0);
	CHECK(serve_lanes_serve(&serve));
	post(page, 0, FILE_LANE_READ, 1, 0);
	CHECK(!serve_lanes_serve(&serve));
	CHECK_EQ(moves, 1);
	serve_lane_done(&waiting, KERN_SUCCESS, 1);
	gila_unmap(page, FILE_LANE_SIZE);
	gila_port_drop(file);
}

TEST(a_server_has_so_many_lanes)
{
	mach_port_t file = begin(BADGE), small;
	struct file_lane *pages[SERVE_LANES + 1];
	for (unsigned i = 0; i <= SERVE_LANES; i++, fake_time++)
		pages[i] = offer(i);
	CHECK_EQ(atomic_load(&pages[0]->looks), FILE_LANE_OVER); // the oldest went
	CHECK_EQ(atomic_load(&pages[1]->looks), FILE_LANE_SLEEPS);
	serve_lanes_open();
	CHECK_EQ(atomic_load(&pages[SERVE_LANES]->looks), FILE_LANE_LOOKS);
	serve_lanes_close();
	CHECK_EQ(atomic_load(&pages[SERVE_LANES]->looks), FILE_LANE_SLEEPS);
	fake_time += SERVE_LANE_TIME + 100;
	CHECK_EQ(serve_lanes_expire(), UINT64_MAX);
	CHECK(!serve_lanes_any());
	CHECK_EQ(atomic_load(&pages[5]->looks), FILE_LANE_OVER);
	for (unsigned i = 0; i <= SERVE_LANES; i++)
		gila_unmap(pages[i], FILE_LANE_SIZE);
	CHECK_EQ(gila_memory_make(4096, &small), KERN_SUCCESS);
	CHECK_EQ(serve_lane_add(BADGE, small), KERN_INVALID_ARGUMENT);
	CHECK_EQ(serve_lane_add(BADGE, file), KERN_INVALID_CAPABILITY);
	CHECK_EQ(serve_lane_add(BADGE, MACH_PORT_NULL), KERN_INVALID_CAPABILITY);
	gila_port_drop(small);
	gila_port_drop(file);
	CHECK_EQ(fake_rights(), 0);
}

static int lie(struct serve *server, const struct lane_request *request, kern_return_t *error, uint64_t *count)
{
	*count = request->operation == FILE_LANE_READ ? request->size + 1 : request->size - 1;
	return SERVE_MOVED;
}

TEST(a_client_checks_what_is_answered)
{
	uint8_t bytes[64];
	size_t got;
	kern_return_t error;
	mach_port_t file = begin(BADGE);
	warm(file);
	serve.move = lie;
	looks_begin();
	CHECK(read_by_lane(file, 0, bytes, sizeof(bytes), &got, &error));
	CHECK_EQ(error, FILE_DAMAGED);
	CHECK_EQ(got, 0);
	CHECK(file_lane_move(file, FILE_LANE_WRITE, 0, bytes, sizeof(bytes), &got, &error));
	CHECK_EQ(error, FILE_DAMAGED);
	looks_end();
	serve.move = move;
	file_lane_close(file);
	gila_port_drop(file);
}

// Another file with the same name is another file.
TEST(a_lane_goes_with_its_file)
{
	uint8_t byte;
	size_t got;
	kern_return_t error;
	mach_port_t file = begin(BADGE), next;
	warm(file);
	CHECK_EQ(fake_ports[file].rights, 2);
	file_lane_close(file);
	gila_port_drop(file);
	CHECK_EQ(gila_badge_make(FAKE_SEAT, BADGE + 1, &next), KERN_SUCCESS);
	CHECK_EQ(next, file);
	looks_begin();
	CHECK(!read_by_lane(next, 0, &byte, 1, &got, &error));
	looks_end();
	CHECK_EQ(moves, 0);
	gila_port_drop(next);
}

static uint32_t place_of(mach_port_t file) { return (file * UINT32_C(0x9e3779b1)) >> 26; } // as in file_lane.c

// One that was used much and that nobody closed gives its place to another file in the end.
TEST(a_lane_does_not_keep_its_place_for_ever)
{
	uint8_t byte;
	size_t got;
	kern_return_t error;
	mach_port_t file = begin(BADGE), other = MACH_PORT_NULL;
	warm(file);
	looks_begin();
	for (unsigned i = 0; i < 10000; i++)
		CHECK(read_by_lane(file, 0, &byte, 1, &got, &error));
	looks_end();
	while (other == MACH_PORT_NULL || place_of(other) != place_of(file))
		CHECK_EQ(gila_badge_make(FAKE_SEAT, BADGE + 1, &other), KERN_SUCCESS);
	unsigned tries = 0;
	while (lanes_offered == 1 && tries++ < 5000)
		CHECK(!read_by_lane(other, 0, &byte, 1, &got, &error));
	CHECK_EQ(lanes_offered, 2);
	file_lane_close(other);
}
