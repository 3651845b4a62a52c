// SPDX-License-Identifier: MIT
// dispatch_data and channels of libdispatch.
#include "check.h"

#include <dispatch/dispatch.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGE 1000000u
static dispatch_queue_t queue;

#define await(semaphore)                                                                                               \
	CHECK(dispatch_semaphore_wait(semaphore, dispatch_time(DISPATCH_TIME_NOW, 10 * (long long)NSEC_PER_SEC)) == 0)

static bool is(dispatch_data_t data, const char *text)
{
	const void *bytes;
	size_t size;
	dispatch_data_t map = dispatch_data_create_map(data, &bytes, &size);
	bool same = size == strlen(text) && memcmp(bytes, text, size) == 0;
	dispatch_release(map);
	return same;
}

static void test_data(void)
{
	static int freed, regions;
	dispatch_semaphore_t gone = dispatch_semaphore_create(0);
	char word[] = "hello ";
	dispatch_data_t left = dispatch_data_create(word, 6, NULL, DISPATCH_DATA_DESTRUCTOR_DEFAULT);
	dispatch_data_t right = dispatch_data_create("world", 5, queue, ^{ freed++; dispatch_semaphore_signal(gone); });
	memset(word, 'x', 6); // it was copied
	dispatch_data_t both = dispatch_data_create_concat(left, right), twice = dispatch_data_create_concat(both, both);
	dispatch_data_t middle = dispatch_data_create_subrange(twice, 4, 12), part;
	CHECK(dispatch_data_get_size(twice) == 22 && is(both, "hello world") && is(middle, "o worldhello"));
	CHECK(dispatch_data_apply(middle, ^bool(dispatch_data_t region, size_t offset, const void *bytes, size_t size) {
		static const size_t offsets[] = {0, 2, 7}, sizes[] = {2, 5, 5};
		CHECK(offset == offsets[regions] && size == sizes[regions] && dispatch_data_get_size(region) == size);
		CHECK(memcmp(bytes, &"o worldhello"[offset], size) == 0);
		return ++regions < 10;
	}) && regions == 3);
	size_t offset;
	part = dispatch_data_copy_region(twice, 8, &offset);
	CHECK(offset == 6 && is(part, "world"));
	CHECK(dispatch_data_create_subrange(twice, 22, 5) == dispatch_data_empty && dispatch_data_get_size(dispatch_data_empty) == 0);
	char *memory = malloc(3);
	dispatch_data_t own = dispatch_data_create(memcpy(memory, "own", 3), 3, NULL, DISPATCH_DATA_DESTRUCTOR_FREE);
	CHECK(is(own, "own"));
	dispatch_data_t all[] = {left, right, both, twice, part, own};
	for (int i = 0; i < 6; i++)
		dispatch_release(all[i]);
	CHECK(freed == 0 && is(middle, "o worldhello"));
	dispatch_release(middle);
	await(gone);
	CHECK(freed == 1);
	dispatch_release(gone);
}

// More than a pipe holds goes through it.
static void test_pipe(void)
{
	static int ends[2];
	static size_t written, left;
	char *bytes = malloc(LARGE);
	dispatch_semaphore_t done = dispatch_semaphore_create(0);
	CHECK(pipe(ends) == 0);
	for (size_t i = 0; i < LARGE; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	dispatch_data_t data = dispatch_data_create(bytes, LARGE, NULL, DISPATCH_DATA_DESTRUCTOR_FREE);
	dispatch_write(ends[1], data, queue, ^(dispatch_data_t rest, int error) {
		CHECK(error == 0 && rest == NULL);
		written = LARGE;
		close(ends[1]);
	});
	dispatch_read(ends[0], 1000, queue, ^(dispatch_data_t some, int error) {
		CHECK(error == 0 && dispatch_data_get_size(some) == 1000);
		left = 1000;
	});
	dispatch_read(ends[0], SIZE_MAX, queue, ^(dispatch_data_t rest, int error) {
		const void *got;
		size_t size;
		CHECK(error == 0 && left == 1000);
		dispatch_data_t map = dispatch_data_create_map(rest, &got, &size);
		CHECK(size == LARGE - 1000 && memcmp(got, bytes + 1000, size) == 0);
		dispatch_release(map);
		dispatch_semaphore_signal(done);
	});
	await(done);
	CHECK(written == LARGE);
	dispatch_release(data);
	close(ends[0]);
	dispatch_read(ends[0], 1, queue, ^(dispatch_data_t none, int error) {
		CHECK(error == EBADF && dispatch_data_get_size(none) == 0);
		dispatch_semaphore_signal(done);
	});
	await(done);
	dispatch_release(done);
}

static void test_stream(void)
{
	static int pair[2], calls, closed;
	static dispatch_data_t got;
	dispatch_semaphore_t told = dispatch_semaphore_create(0), cleaned = dispatch_semaphore_create(0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	got = dispatch_data_empty;
	dispatch_io_t channel = dispatch_io_create(DISPATCH_IO_STREAM, pair[0], queue, ^(int error) {
		CHECK(error == 0);
		closed++;
		dispatch_semaphore_signal(cleaned);
	});
	CHECK(dispatch_io_get_descriptor(channel) == pair[0]);
	dispatch_io_read(channel, 0, 10, queue, ^(bool done, dispatch_data_t data, int error) {
		CHECK(error == 0);
		got = dispatch_data_create_concat(got, data);
		calls++;
		if (dispatch_data_get_size(got) == 5 || done)
			dispatch_semaphore_signal(told);
	});
	CHECK(write(pair[1], "first", 5) == 5);
	await(told); // what is there comes before the rest is waited for
	CHECK(is(got, "first") && calls == 1 && write(pair[1], "then!more", 9) == 9);
	await(told);
	CHECK(is(got, "firstthen!"));
	// Ended from outside while it waits.
	static int cancelled;
	dispatch_io_read(channel, 0, 100, queue, ^(bool done, dispatch_data_t data, int error) {
		if (done)
			CHECK(error == ECANCELED);
		else
			CHECK(is(data, "more"));
		cancelled += done;
		dispatch_semaphore_signal(told);
	});
	await(told);
	dispatch_io_close(channel, DISPATCH_IO_STOP);
	await(told);
	await(cleaned);
	CHECK(cancelled == 1 && closed == 1);
	dispatch_io_read(channel, 0, 1, queue, ^(bool done, dispatch_data_t data, int error) {
		CHECK(done && error == ECANCELED && dispatch_data_get_size(data) == 0);
		dispatch_semaphore_signal(told);
	});
	await(told);
	dispatch_release(channel);
	CHECK(write(pair[0], "x", 1) == 1); // the descriptor is the program's again
	close(pair[0]);
	close(pair[1]);
	dispatch_release(told);
	dispatch_release(cleaned);
}

static void test_file(void)
{
	static int order;
	char path[1024];
	CHECK(getcwd(path, sizeof(path) - 8) != NULL);
	strcpy(path + strlen(path), "/random");
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	dispatch_io_t channel =
		dispatch_io_create_with_path(DISPATCH_IO_RANDOM, path, O_RDWR | O_CREAT, 0600, queue, ^(int error) {
			CHECK(error == 0);
			dispatch_semaphore_signal(told);
		});
	dispatch_data_t data = dispatch_data_create("0123456789", 10, NULL, DISPATCH_DATA_DESTRUCTOR_DEFAULT);
	for (int i = 0; i < 3; i++)
		dispatch_io_write(channel, i * 10, data, queue, ^(bool done, dispatch_data_t rest, int error) {
			CHECK(done && !rest && error == 0);
			order++;
		});
	dispatch_io_barrier(channel, ^{ dispatch_sync(queue, ^{ CHECK(order++ == 3); }); });
	dispatch_io_set_high_water(channel, 4);
	dispatch_io_read(channel, 15, 8, queue, ^(bool done, dispatch_data_t some, int error) {
		CHECK(error == 0);
		if (dispatch_data_get_size(some) > 0)
			CHECK(order++ == 4 ? is(some, "5678") : is(some, "9012"));
		if (done)
			dispatch_semaphore_signal(told);
	});
	await(told);
	dispatch_io_close(channel, 0);
	await(told);
	dispatch_release(channel);
	dispatch_release(data);
	CHECK(dispatch_io_create_with_path(DISPATCH_IO_STREAM, "relative", O_RDONLY, 0, queue, NULL) == NULL);
	channel = dispatch_io_create_with_path(DISPATCH_IO_STREAM, "/nowhere/at/all", O_RDONLY, 0, queue, ^(int error) {
		CHECK(error == ENOENT);
		dispatch_semaphore_signal(told);
	});
	dispatch_io_read(channel, 0, 1, queue, ^(bool done, dispatch_data_t none, int error) {
		CHECK(done && error == ENOENT && dispatch_data_get_size(none) == 0);
		dispatch_semaphore_signal(told);
	});
	await(told);
	dispatch_release(channel); // its cleanup handler is called then, too
	await(told);
	dispatch_release(told);
}

int main(void)
{
	queue = dispatch_queue_create("channels", NULL);
	test_data();
	test_pipe();
	test_stream();
	test_file();
	puts("channels are fine");
	return 0;
}
