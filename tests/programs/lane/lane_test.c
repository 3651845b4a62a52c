// SPDX-License-Identifier: MIT
// Lanes, both sides in one process: the server looks in a thread of its own, as long as the test wants it to.
#include <serve/serve_lane.h>

#include <abi/lane.h>
#include <abi/lane_server.h>
#include <gila/file.h>
#include <lib/gila/look.h>
#include <mach/mig_errors.h>
#include <pthread.h>
#include <sched.h>
#include <serve/serve_buffer.h>
#include <serve/serve_fake.h>

enum { FILE_SIZE = 100000, BADGE = 9, WARM = 16 };

static uint8_t content[FILE_SIZE];
static unsigned lanes_offered, moves;
static bool later;                  // the next read is answered by hand
static struct lane_request waiting; // that one
static _Atomic bool asked, stop;

kern_return_t lane_serve_open(struct lpc_request *rq, mach_port_t memory)
{
	kern_return_t error = serve_lane_add(rq->badge, memory);
	lanes_offered++;
	if (!error)
		gila_port_drop(memory);
	return error;
}

kern_return_t lane_serve_lend(struct lpc_request *rq, mach_port_t lane, uint32_t number, mach_port_t memory)
{
	return serve_lane_lend(rq->badge, lane, number, memory);
}

kern_return_t lane_serve_settle(struct lpc_request *rq, mach_port_t lane, uint32_t place) { return serve_lane_settle(rq, lane, place); }

static bool is_write(const struct lane_request *request)
{
	return request->operation == FILE_LANE_WRITE || request->operation == FILE_LANE_WRITE_FROM;
}

// Where its bytes are. NULL: nowhere.
static uint8_t *bytes_of(const struct lane_request *request)
{
	uint8_t *bytes = serve_lane_data(request);
	if (request->memory != MACH_PORT_NULL && serve_buffer_map(request->memory, request->start, request->size, !is_write(request), &bytes))
		return NULL;
	return bytes;
}

static int move(struct serve *server, const struct lane_request *request, kern_return_t *error, uint64_t *count)
{
	moves++;
	if (request->badge != BADGE) {
		*error = FILE_NO_RIGHT;
		return SERVE_MOVED;
	}
	if (later) {
		waiting = *request;
		atomic_store(&asked, true);
		return SERVE_MOVES_LATER;
	}
	uint64_t left = request->offset < FILE_SIZE ? FILE_SIZE - request->offset : 0;
	*count = request->size < left ? request->size : left;
	uint8_t *bytes = bytes_of(request);
	if (!bytes)
		*error = KERN_INVALID_ARGUMENT;
	else if (*count > 0 && is_write(request))
		memcpy(content + request->offset, bytes, *count);
	else if (*count > 0)
		memcpy(bytes, content + request->offset, *count);
	return SERVE_MOVED;
}

static bool (*const demux[])(struct lpc_request *) = {lane_demux, NULL};
static struct serve serve = {.seat = "x", .demux = demux, .move = move};

static void *look_thread(void *argument)
{
	while (!atomic_load(&stop)) {
		serve_lanes_serve(&serve);
		fake_time += 100;
		sched_yield();
	}
	return NULL;
}

static pthread_t thread;
static void looks_begin(void)
{
	atomic_store(&stop, false);
	serve_lanes_open();
	CHECK_EQ(pthread_create(&thread, NULL, look_thread, NULL), 0);
}
static void looks_end(void)
{
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
}

static mach_port_t begin(uint64_t badge)
{
	mach_port_t file = MACH_PORT_NULL;
	fake_begin(&serve);
	fake_time = 1000;
	lanes_offered = moves = 0;
	later = false;
	atomic_store(&asked, false);
	for (unsigned i = 0; i < FILE_SIZE; i++)
		content[i] = (uint8_t)(i * 7 + i / 256);
	if (gila_badge_make(FAKE_SEAT, badge, &file))
		abort();
	return file;
}

static bool read_by_lane(mach_port_t file, uint64_t offset, uint8_t *to, size_t size, size_t *got, kern_return_t *error)
{
	return file_lane_move(file, FILE_LANE_READ, offset, to, size, got, error);
}

// Nothing is left.
static void end(mach_port_t file)
{
	file_lane_close(file);
	gila_port_drop(file);
	serve_lanes_drop_all();
	serve_buffer_drop_all();
	CHECK_EQ(fake_rights(), 0);
}

// Uses the file until it has a lane.
static void warm(mach_port_t file)
{
	uint8_t byte;
	size_t got;
	kern_return_t error;
	for (unsigned i = 0; i < WARM; i++)
		CHECK(!read_by_lane(file, 0, &byte, 1, &got, &error));
	CHECK_EQ(lanes_offered, 1);
}

TEST(lanes_move_bytes_both_ways)
{
	static uint8_t buffer[FILE_LANE_DATA];
	mach_port_t file = begin(BADGE);
	kern_return_t error;
	size_t got;
	warm(file);
	looks_begin();
	CHECK(read_by_lane(file, 1000, buffer, sizeof(buffer), &got, &error));
	CHECK_EQ(error, KERN_SUCCESS);
	CHECK_EQ(got, sizeof(buffer));
	CHECK_EQ(memcmp(buffer, content + 1000, got), 0);
	CHECK(read_by_lane(file, FILE_SIZE - 10, buffer, 4096, &got, &error)); // the end
	CHECK_EQ(got, 10);
	CHECK(read_by_lane(file, FILE_SIZE + 10, buffer, 4096, &got, &error));
	CHECK_EQ(got, 0);
	memset(buffer, 0xab, 5000);
	CHECK(file_lane_move(file, FILE_LANE_WRITE, 333, buffer, 5000, &got, &error));
	CHECK_EQ(error, KERN_SUCCESS);
	CHECK_EQ(memcmp(content + 333, buffer, 5000), 0);
	CHECK(content[332] != 0xab || content[5333] != 0xab);
	CHECK(!read_by_lane(file, 0, buffer, FILE_LANE_DATA + 1, &got, &error)); // by message
	looks_end();
	end(file);
}

TEST(lanes_serve_memory_in_place)
{
	struct gila_file_buffer buffer;
	mach_port_t file = begin(BADGE);
	size_t got;
	CHECK_EQ(gila_file_buffer_make(file, 8192, &buffer), KERN_SUCCESS);
	warm(file);
	looks_begin();
	CHECK_EQ(gila_file_read_in_place(file, 500, &buffer, 100, 4096, &got), KERN_SUCCESS);
	CHECK_EQ(got, 4096);
	CHECK_EQ(memcmp(buffer.data + 100, content + 500, 4096), 0);
	CHECK_EQ(gila_file_write_in_place(file, 9000, &buffer, 100, 4096), KERN_SUCCESS);
	CHECK_EQ(memcmp(buffer.data + 100, content + 9000, 4096), 0);
	CHECK_EQ(moves, 2);
	CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 4097, 4096, &got), KERN_INVALID_ARGUMENT);
	CHECK_EQ(gila_file_write_in_place(file, 0, &buffer, 8192, 1), KERN_INVALID_ARGUMENT);
	looks_end();
	gila_file_buffer_drop(&buffer);
	end(file);
}

// ---- Clients that write their page by hand ------------------------------------------------------------------------------------------

static struct file_lane *offer_memory(uint64_t badge, mach_port_t *memory)
{
	void *address;
	if (gila_memory_make(FILE_LANE_SIZE, memory) || gila_map(*memory, 0, FILE_LANE_SIZE, VM_PROT_READ | VM_PROT_WRITE, &address) ||
	    serve_lane_add(badge, *memory))
		abort();
	return address;
}

static struct file_lane *offer(uint64_t badge)
{
	mach_port_t memory;
	struct file_lane *page = offer_memory(badge, &memory);
	gila_port_drop(memory);
	return page;
}

static void post(struct file_lane *page, uint32_t place, uint32_t operation, uint64_t size, uint32_t buffer)
{
	page->places[place].operation = operation;
	page->places[place].size = size;
	page->places[place].buffer = buffer;
	atomic_store(&page->places[place].state, FILE_LANE_POSTED);
	atomic_fetch_or(&page->posted, UINT32_C(1) << place);
}

static bool late;

// The answer comes when the client has asked by message.
static bool answer_late(void)
{
	late = true;
	serve_lane_done(&waiting, KERN_SUCCESS, 5);
	return true;
}

TEST(several_are_under_way_at_a_time)
{
	struct gila_file_buffer buffer;
	struct gila_file_flight flights[FILE_LANE_PLACES];
	mach_port_t file = begin(BADGE);
	size_t got;
	CHECK_EQ(gila_file_buffer_make(file, 65536, &buffer), KERN_SUCCESS);
	warm(file);
	serve_lanes_open();
	for (unsigned i = 0; i < FILE_LANE_PLACES - 1; i++) // one place is for bytes in the lane
		CHECK_EQ(gila_file_read_begin(file, i * 999, &buffer, i * 4096, 4000, &flights[i]), KERN_SUCCESS);
	CHECK_EQ(moves, 0);
	CHECK(!gila_file_flight_is_over(&flights[3]));
	CHECK(serve_lanes_serve(&serve));
	CHECK_EQ(moves, FILE_LANE_PLACES - 1);
	CHECK(gila_file_flight_is_over(&flights[3]));
	for (unsigned i = FILE_LANE_PLACES - 1; i-- > 0;) {
		CHECK_EQ(gila_file_flight_end(&flights[i], &got), KERN_SUCCESS);
		CHECK_EQ(got, 4000);
		CHECK_EQ(memcmp(buffer.data + i * 4096, content + i * 999, 4000), 0);
	}
	CHECK_EQ(gila_file_write_begin(file, 70000, &buffer, 4096, 4000, &flights[0]), KERN_SUCCESS);
	CHECK_EQ(gila_file_read_begin(file, 99000, &buffer, 0, 4000, &flights[1]), KERN_SUCCESS); // less than that is there
	serve_lanes_serve(&serve);
	CHECK_EQ(gila_file_flight_end(&flights[0], NULL), KERN_SUCCESS);
	CHECK_EQ(memcmp(content + 70000, buffer.data + 4096, 4000), 0);
	CHECK_EQ(gila_file_flight_end(&flights[1], &got), KERN_SUCCESS);
	CHECK_EQ(got, 1000);
	gila_file_buffer_drop(&buffer);
	end(file);
}

static void *tick_thread(void *argument)
{
	while (!atomic_load(&stop)) {
		fake_time += 10000;
		sched_yield();
	}
	return NULL;
}

// A read that the server has taken and does not answer while it is looked for.
static void begin_late(mach_port_t file, const struct gila_file_buffer *buffer, struct gila_file_flight *flight)
{
	later = true;
	late = false;
	serve_lanes_open();
	CHECK_EQ(gila_file_read_begin(file, 0, buffer, 0, 4096, flight), KERN_SUCCESS);
	CHECK(serve_lanes_serve(&serve));
	atomic_store(&stop, false);
	CHECK_EQ(pthread_create(&thread, NULL, tick_thread, NULL), 0);
}

// Memory that the disk may still write is waited for, by a message in the end.
TEST(what_is_lent_is_waited_for)
{
	struct gila_file_buffer buffer;
	struct gila_file_flight flight;
	mach_port_t file = begin(BADGE);
	size_t got;
	CHECK_EQ(gila_file_buffer_make(file, 4096, &buffer), KERN_SUCCESS);
	warm(file);
	fake_idle = answer_late;
	begin_late(file, &buffer, &flight);
	CHECK_EQ(gila_file_flight_end(&flight, &got), KERN_SUCCESS);
	looks_end();
	CHECK_EQ(got, 5);
	CHECK(late);
	gila_file_buffer_drop(&buffer);
	end(file);
}

// The next server does not know the lane: the request goes there by message, which nobody here answers.
TEST(what_was_lent_to_a_server_that_died_is_asked_for_again)
{
	struct gila_file_buffer buffer;
	struct gila_file_flight flight;
	mach_port_t file = begin(BADGE);
	size_t got;
	CHECK_EQ(gila_file_buffer_make(file, 4096, &buffer), KERN_SUCCESS);
	warm(file);
	begin_late(file, &buffer, &flight);
	serve_lanes_drop_all();
	CHECK_EQ(gila_file_flight_end(&flight, &got), MIG_BAD_ID);
	looks_end();
	CHECK_EQ(got, 0);
	CHECK_EQ(moves, 1);
	later = false;
	for (unsigned i = 0; i < WARM; i++) // the lane is gone; there will be another
		CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 0, 4096, &got), MIG_BAD_ID);
	CHECK_EQ(lanes_offered, 2);
	looks_begin();
	CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 0, 4096, &got), KERN_SUCCESS);
	CHECK_EQ(memcmp(buffer.data, content, 4096), 0);
	looks_end();
	gila_file_buffer_drop(&buffer);
	end(file);
}

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

TEST(what_a_lane_answers_is_what_a_message_would)
{
	uint8_t byte;
	size_t got = 5;
	kern_return_t error = 0;
	mach_port_t file = begin(BADGE + 1);
	warm(file);
	looks_begin();
	CHECK(read_by_lane(file, 0, &byte, 1, &got, &error));
	CHECK_EQ(error, FILE_NO_RIGHT);
	CHECK_EQ(got, 0);
	looks_end();
	file_lane_close(file);
	gila_port_drop(file);
}

TEST(who_does_not_look_gets_messages)
{
	uint8_t byte;
	size_t got;
	kern_return_t error;
	mach_port_t file = begin(BADGE);
	warm(file);
	CHECK(!read_by_lane(file, 0, &byte, 1, &got, &error)); // it sleeps
	CHECK_EQ(moves, 0);
	for (unsigned i = 0; i < 63; i++)
		CHECK(!read_by_lane(file, 0, &byte, 1, &got, &error));
	CHECK_EQ(fake_rights(), 2); // the lane's own right to the file went with it; the server has its memory
	for (unsigned i = 0; i < WARM; i++)
		CHECK(!read_by_lane(file, 0, &byte, 1, &got, &error));
	CHECK_EQ(lanes_offered, 2);
	end(file);
}

// The server said that it looks, and died.
TEST(what_nobody_takes_is_taken_back)
{
	uint8_t byte;
	size_t got;
	kern_return_t error;
	mach_port_t file = begin(BADGE);
	warm(file);
	serve_lanes_open();
	atomic_store(&stop, false);
	CHECK_EQ(pthread_create(&thread, NULL, tick_thread, NULL), 0);
	CHECK(!read_by_lane(file, 0, &byte, 1, &got, &error));
	looks_end();
	serve_lanes_serve(&serve);
	CHECK_EQ(moves, 0);
	file_lane_close(file);
	gila_port_drop(file);
}

static void *answer_thread(void *argument)
{
	while (!atomic_load(&stop)) {
		serve_lanes_serve(&serve);
		fake_time += 5000;
		if (atomic_load(&asked) && fake_time > 2000000) { // the client sleeps by then
			memset(serve_lane_data(&waiting), 0x77, waiting.size);
			serve_lane_done(&waiting, KERN_SUCCESS, waiting.size);
			atomic_store(&asked, false);
		}
		sched_yield();
	}
	return NULL;
}

TEST(a_read_may_wait_for_the_disk)
{
	uint8_t bytes[64];
	size_t got;
	kern_return_t error;
	mach_port_t file = begin(BADGE);
	warm(file);
	later = true;
	serve_lanes_open();
	atomic_store(&stop, false);
	CHECK_EQ(pthread_create(&thread, NULL, answer_thread, NULL), 0);
	CHECK(read_by_lane(file, 0, bytes, sizeof(bytes), &got, &error));
	CHECK_EQ(got, sizeof(bytes));
	CHECK_EQ(bytes[63], 0x77);
	looks_end();
	// One that is never answered is asked for by message, and the lane is not used any more.
	looks_begin();
	CHECK(!read_by_lane(file, 0, bytes, sizeof(bytes), &got, &error));
	CHECK(!read_by_lane(file, 0, bytes, sizeof(bytes), &got, &error));
	looks_end();
	CHECK_EQ(moves, 2);
	fake_time += 2 * SERVE_LANE_TIME;
	CHECK_EQ(serve_lanes_expire(), fake_time + SERVE_LANE_TIME); // a lane with a read that waits stays
	CHECK(serve_lanes_any());
	serve_lane_done(&waiting, KERN_SUCCESS, 1);
	later = false;
	looks_begin();
	CHECK(read_by_lane(file, 7, bytes, sizeof(bytes), &got, &error)); // and then again
	CHECK_EQ(memcmp(bytes, content + 7, sizeof(bytes)), 0);
	looks_end();
	file_lane_close(file);
	gila_port_drop(file);
}

// ---- Clients and servers that write nonsense ----------------------------------------------------------------------------

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
