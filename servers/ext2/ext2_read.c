// SPDX-License-Identifier: MIT
// Reading files of ext2: by value, into memory of the client, and by a lane.
//
// Who needs blocks that are not cached does not keep others waiting: the blocks are asked for, the request is put aside,
// and it is carried out when they have come. So the disk has many requests at once though the server has one thread.
// What is put aside, here, in ext2_data.c and in ext2_direct.c, goes on here.
// 1. A read that was put aside is checked again from the beginning when its turn comes: the file may be gone by then.
// 2. It has its blocks then, or reads them again while all wait (others needed the room); so each is carried out at its second try.
#include "ext2.h"

#include <abi/file_server.h>
#include <serve/serve_buffer.h>

bool ext2_aside_room(const struct ext2 *ext2) { return ext2->aside_count < EXT2_ASIDES; }

kern_return_t ext2_aside(struct ext2 *ext2, struct lpc_request *rq, const struct aside *aside)
{
	struct aside *place = &ext2->asides[ext2->aside_count++];
	*place = *aside;
	return place->way == ASIDE_BY_LANE ? LPC_NO_REPLY : serve_defer(rq, &place->reply);
}

// Asks for the blocks. True: the request is to be put aside until they are there. *asked: data_read_asked will do.
static bool must_wait(struct ext2 *ext2, const struct ext2_target *target, struct aside *read, bool *asked, kern_return_t *error)
{
	*asked = false;
	if (!ext2_aside_room(ext2))
		return false;
	*error = data_ask(target->fs, target->node, read->offset, read->size, &read->ticket);
	*asked = read->ticket != STORE_NOT_ASKED;
	return !*error && *asked && read->ticket != 0;
}

static kern_return_t read_now(const struct ext2_target *target, const struct aside *read, bool asked, void *to, size_t *got)
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
	struct aside read = {.badge = rq->badge, .offset = offset, .size = size < most ? size : most};
	*dataCnt = 0;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_READ, &target);
	if (error)
		return error;
	if (must_wait(ext2, &target, &read, &asked, &error))
		return ext2_aside(ext2, rq, &read);
	if (!error)
		error = read_now(&target, &read, asked, data, &got);
	*dataCnt = (mach_msg_type_number_t)got;
	return error;
}

kern_return_t ext2_read_into(struct lpc_request *rq, struct aside *read)
{
	struct ext2 *ext2 = ((struct serve *)rq->context)->context;
	struct ext2_target target;
	uint8_t *to;
	bool asked;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_READ, &target);
	if (!error && read->size > FILE_MEMORY_MAX)
		error = FILE_TOO_LARGE;
	if (!error)
		error = serve_buffer_map(read->memory, read->start, read->size, true, &to);
	if (error)
		return error;
	read->kind = ASIDE_DIRECT_READ;
	if (ext2_direct_begin(rq, &target, read, to, &error))
		return error;
	read->kind = ASIDE_READ_INTO;
	error = KERN_SUCCESS;
	if (must_wait(ext2, &target, read, &asked, &error))
		return ext2_aside(ext2, rq, read);
	return error ? error : read_now(&target, read, asked, to, &read->got);
}

kern_return_t file_serve_read_into(struct lpc_request *rq, uint64_t offset, mach_port_t memory, uint64_t start,
				   uint64_t size, uint64_t *count)
{
	struct aside read = {.badge = rq->badge, .offset = offset, .size = size, .memory = memory, .start = start};
	kern_return_t error = ext2_read_into(rq, &read);
	if (error)
		return error;
	*count = read.got;
	serve_buffer_done(memory);
	return KERN_SUCCESS;
}

kern_return_t ext2_read_lane(struct lpc_request *rq, struct aside *read)
{
	struct ext2 *ext2 = ((struct serve *)rq->context)->context;
	struct ext2_target target;
	bool asked;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_READ, &target);
	if (error)
		return error;
	if (must_wait(ext2, &target, read, &asked, &error))
		return ext2_aside(ext2, rq, read);
	return error ? error : read_now(&target, read, asked, serve_lane_data(&read->lane), &read->got);
}

// ---- Put aside ------------------------------------------------------------------------------------------------------

static void answer_by_value(struct aside *read, kern_return_t error, const uint8_t *bytes)
{
	struct lpc_request answer;
	serve_answer_begin(&read->reply, &answer);
	if (!error)
		error = file_answer_read(&answer, bytes, (mach_msg_type_number_t)read->got);
	serve_answer_send(&read->reply, &answer, error);
}

void ext2_answer_memory(struct aside *aside, kern_return_t error)
{
	struct lpc_request answer;
	if (aside->way == ASIDE_BY_LANE) {
		serve_lane_done(&aside->lane, error, aside->got);
		return;
	}
	serve_answer_begin(&aside->reply, &answer);
	if (!error)
		error = aside->kind == ASIDE_DIRECT_WRITE ? file_answer_write_memory(&answer) : file_answer_read_into(&answer, aside->got);
	serve_answer_send(&aside->reply, &answer, error);
	if (error)
		gila_port_drop(aside->memory);
	else
		serve_buffer_done(aside->memory);
}

// Its blocks are there.
static void finish_read(const struct ext2_target *target, struct aside *read, kern_return_t error)
{
	static uint8_t bytes[FILE_INLINE_MAX];
	uint8_t *to = read->way == ASIDE_BY_LANE ? serve_lane_data(&read->lane) : bytes;
	if (!error && read->kind == ASIDE_READ_INTO)
		error = serve_buffer_map(read->memory, read->start, read->size, true, &to);
	if (!error)
		error = read_now(target, read, true, to, &read->got);
	if (read->kind == ASIDE_READ && read->way == ASIDE_BY_MESSAGE)
		answer_by_value(read, error, bytes);
	else
		ext2_answer_memory(read, error);
}

static bool sync_is_over(struct fs *fs, struct aside *sync)
{
	struct lpc_request answer;
	kern_return_t error;
	if (!ext2_sync_go_on(fs, sync, &error))
		return false;
	serve_answer_begin(&sync->reply, &answer);
	if (!error)
		error = file_answer_sync(&answer);
	serve_answer_send(&sync->reply, &answer, error);
	return true;
}

static bool go_on(struct serve *serve, struct aside *aside)
{
	struct ext2 *ext2 = serve->context;
	struct ext2_target target;
	struct lpc_request again = {.badge = aside->badge, .context = serve};
	if (aside->kind == ASIDE_DIRECT_READ || aside->kind == ASIDE_DIRECT_WRITE)
		return ext2_direct_go_on(serve, aside);
	if (aside->kind == ASIDE_SYNC)
		return sync_is_over(ext2->fs, aside);
	if (!store_is_read(ext2->fs->store, aside->ticket))
		return false;
	finish_read(&target, aside, ext2_target_file(&again, FILE_OPEN_READ, &target));
	return true;
}

bool ext2_asides_go_on(struct serve *serve)
{
	struct ext2 *ext2 = serve->context;
	uint32_t left = 0, count = ext2->aside_count;
	for (uint32_t i = 0; i < count; i++) {
		struct aside aside = ext2->asides[i];
		if (!go_on(serve, &aside))
			ext2->asides[left++] = aside;
	}
	ext2->aside_count = left;
	return left < count;
}
