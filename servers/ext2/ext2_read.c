// SPDX-License-Identifier: MIT
// Reading files of ext2: by value, into memory of the client, and by a lane.
//
// Who needs blocks that are not cached does not keep others waiting: the blocks are asked for, the request is put aside,
// and it is carried out when they have come. So the disk has many requests at once though the server has one thread.
// 1. A request that was put aside is checked again from the beginning when its turn comes: the file may be gone by then.
// 2. It has its blocks then, or reads them again while all wait (others needed the room); so each is carried out at its second try.
#include "ext2.h"

#include <abi/file_server.h>
#include <serve/serve_buffer.h>

static struct read_aside *aside(struct ext2 *ext2, const struct read_aside *read)
{
	struct read_aside *place = &ext2->reads[ext2->read_count++];
	*place = *read;
	return place;
}

// Asks for the blocks. True: the request is to be put aside until they are there. *asked: data_read_asked will do.
static bool must_wait(struct ext2 *ext2, const struct ext2_target *target, struct read_aside *read, bool *asked, kern_return_t *error)
{
	*asked = false;
	if (ext2->read_count == EXT2_READS)
		return false;
	*error = data_ask(target->fs, target->node, read->offset, read->size, &read->ticket);
	*asked = read->ticket != STORE_NOT_ASKED;
	return !*error && *asked && read->ticket != 0;
}

static kern_return_t read_now(const struct ext2_target *target, const struct read_aside *read, bool asked, void *to, size_t *got)
{
	return asked ? data_read_asked(target->fs, target->node, read->offset, to, read->size, got)
		     : data_read(target->fs, target->node, read->offset, to, read->size, got);
}

kern_return_t file_serve_read(struct lpc_request *rq, uint64_t offset, uint32_t size, uint8_t *data,
			      mach_msg_type_number_t *dataCnt)
{
	struct ext2 *ext2 = ((struct serve *)rq->context)->context;
	struct ext2_target target;
	size_t most = *dataCnt, got = 0;
	bool asked;
	struct read_aside read = {.badge = rq->badge, .offset = offset, .size = size < most ? size : most};
	*dataCnt = 0;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_READ, &target);
	if (error)
		return error;
	if (must_wait(ext2, &target, &read, &asked, &error))
		return serve_defer(rq, &aside(ext2, &read)->reply);
	if (!error)
		error = read_now(&target, &read, asked, data, &got);
	*dataCnt = (mach_msg_type_number_t)got;
	return error;
}

kern_return_t file_serve_read_into(struct lpc_request *rq, uint64_t offset, mach_port_t memory, uint64_t start,
				   uint64_t size, uint64_t *count)
{
	struct ext2 *ext2 = ((struct serve *)rq->context)->context;
	struct ext2_target target;
	uint8_t *to;
	size_t got = 0;
	bool asked;
	struct read_aside read = {.badge = rq->badge, .offset = offset, .size = size, .memory = memory, .start = start};
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_READ, &target);
	if (!error && size > FILE_MEMORY_MAX)
		error = FILE_TOO_LARGE;
	if (!error)
		error = serve_buffer_map(memory, start, size, true, &to);
	if (error)
		return error;
	if (must_wait(ext2, &target, &read, &asked, &error))
		return serve_defer(rq, &aside(ext2, &read)->reply);
	if (!error)
		error = read_now(&target, &read, asked, to, &got);
	if (error)
		return error;
	*count = got;
	serve_buffer_done(memory);
	return KERN_SUCCESS;
}

int ext2_read_lane(struct serve *serve, const struct lane_request *request, kern_return_t *error, uint64_t *count)
{
	struct ext2 *ext2 = serve->context;
	struct ext2_target target;
	struct lpc_request rq = {.badge = request->badge, .context = serve};
	struct read_aside read = {
		.badge = request->badge, .offset = request->offset, .size = request->size, .by_lane = true, .lane = *request};
	size_t got = 0;
	bool asked;
	*error = ext2_target_file(&rq, FILE_OPEN_READ, &target);
	if (*error)
		return SERVE_MOVED;
	if (must_wait(ext2, &target, &read, &asked, error)) {
		aside(ext2, &read);
		return SERVE_MOVES_LATER;
	}
	if (!*error)
		*error = read_now(&target, &read, asked, serve_lane_data(request), &got);
	*count = got;
	return SERVE_MOVED;
}

// ---- Put aside ------------------------------------------------------------------------------------------------------

static void answer_by_value(const struct ext2_target *target, struct read_aside *read, kern_return_t error)
{
	static uint8_t bytes[FILE_INLINE_MAX];
	struct lpc_request answer;
	size_t got = 0;
	if (!error)
		error = read_now(target, read, true, bytes, &got);
	serve_answer_begin(&read->reply, &answer);
	if (!error)
		error = file_answer_read(&answer, bytes, (mach_msg_type_number_t)got);
	serve_answer_send(&read->reply, &answer, error);
}

static void answer_by_memory(const struct ext2_target *target, struct read_aside *read, kern_return_t error)
{
	struct lpc_request answer;
	uint8_t *to;
	size_t got = 0;
	if (!error)
		error = serve_buffer_map(read->memory, read->start, read->size, true, &to);
	if (!error)
		error = read_now(target, read, true, to, &got);
	serve_answer_begin(&read->reply, &answer);
	if (!error)
		error = file_answer_read_into(&answer, got);
	serve_answer_send(&read->reply, &answer, error);
	if (error)
		gila_port_drop(read->memory);
	else
		serve_buffer_done(read->memory);
}

static void answer_by_lane(const struct ext2_target *target, struct read_aside *read, kern_return_t error)
{
	size_t got = 0;
	if (!error)
		error = read_now(target, read, true, serve_lane_data(&read->lane), &got);
	serve_lane_done(&read->lane, error, got);
}

bool ext2_reads_go_on(struct serve *serve)
{
	struct ext2 *ext2 = serve->context;
	uint32_t left = 0, count = ext2->read_count;
	for (uint32_t i = 0; i < count; i++) {
		struct read_aside *read = &ext2->reads[i];
		struct ext2_target target;
		struct lpc_request again = {.badge = read->badge, .context = serve};
		if (!store_is_read(ext2->fs->store, read->ticket)) {
			ext2->reads[left++] = *read;
			continue;
		}
		kern_return_t error = ext2_target_file(&again, FILE_OPEN_READ, &target);
		if (read->by_lane)
			answer_by_lane(&target, read, error);
		else if (read->memory == MACH_PORT_NULL)
			answer_by_value(&target, read, error);
		else
			answer_by_memory(&target, read, error);
	}
	ext2->read_count = left;
	return left < count;
}
