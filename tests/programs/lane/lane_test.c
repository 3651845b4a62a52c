// SPDX-License-Identifier: MIT
// Lanes, as they are meant to be used; rig.h has the server.
#include "rig.h"

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

