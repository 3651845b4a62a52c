// SPDX-License-Identifier: MIT
// Files and their lanes; see io.h.
#include "io.h"

#include "../libsystem/errno.h"
#include "../libsystem/futex.h"
#include "../libsystem/kqueue.h"
#include "../libsystem/report.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536u
#define CHUNK_PIPE 4096u // what a pipe or terminal that is ready takes without waiting: PIPE_BUF, pipe(7)

struct io_lane {
	struct dispatch_watch watch; // first: the manager's pointer is the lane
	struct io_file *file;
	struct dispatch_queue *queue;
	struct io_operation *first, **last;
	bool watched;
};

struct io_file {
	int file;
	unsigned users;		 // [files_lock]
	bool is_socket, is_slow; // [I] slow: a pipe, a terminal
	struct io_lane lanes[2];
	struct io_file *next; // [files_lock]
};

enum progress { PROGRESS_SOME, PROGRESS_WAIT, PROGRESS_DONE };

static _Atomic uint32_t files_lock;
static struct io_file *files; // [files_lock]

struct dispatch_queue *darwin_dispatch_queue_create(const char *label, const void *attr);

// ---- telling the program --------------------------------------------------------------------------------------------

struct io_result {
	struct block *handler;
	struct dispatch_data *data;
	int error;
	bool done, once;
};
struct block_of_result {
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, bool done, struct dispatch_data *data, int error);
};
struct block_of_once {
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, struct dispatch_data *data, int error);
};

static void result_tell(void *argument)
{
	struct io_result *result = argument;
	if (result->once)
		((struct block_of_once *)result->handler)->invoke(result->handler, result->data, result->error);
	else
		((struct block_of_result *)result->handler)->invoke(result->handler, result->done, result->data, result->error);
	block_release(result->handler);
	data_release(result->data);
	free(result);
}

// Takes the data.
static void deliver(struct io_operation *operation, bool done, struct dispatch_data *data, int error)
{
	struct io_result *result = malloc(sizeof(*result));
	if (!result)
		report_fatal("dispatch: no memory");
	*result = (struct io_result){block_copy(operation->handler), data, error, done, operation->once};
	dispatch_queue_add(operation->queue, result, result_tell);
}

static void operation_end(struct io_operation *operation, int error)
{
	struct dispatch_data *data = operation->data;
	if (operation->direction == IO_WRITE && darwin_dispatch_data_get_size(data) == 0)
		data = NULL; // all was written
	deliver(operation, true, data, error);
	dispatch_group_leave(operation->group);
	block_release(operation->handler);
	dispatch_object_unref(&operation->queue->head);
	free(operation);
}

void io_operation_refuse(struct io_operation *operation, int error)
{
	operation_end(operation, error);
}

// ---- doing what can be done ------------------------------------------------------------------------------------------

static bool is_ready(int file, enum io_direction direction)
{
	struct pollfd poll_of = {file, direction == IO_READ ? POLLIN : POLLOUT, 0};
	return poll(&poll_of, 1, 0) != 0; // an error is told by the call itself
}

static ssize_t transfer(const struct io_operation *operation, void *bytes, size_t size)
{
	const struct io_file *file = operation->file;
	if (operation->type == IO_RANDOM)
		return operation->direction == IO_READ ? pread(file->file, bytes, size, operation->offset)
						       : pwrite(file->file, bytes, size, operation->offset);
	if (operation->direction == IO_READ)
		return read(file->file, bytes, size);
	if (file->is_socket)
		return send(file->file, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	return write(file->file, bytes, file->is_slow && size > CHUNK_PIPE ? CHUNK_PIPE : size);
}

static void data_replace(struct io_operation *operation, struct dispatch_data *data)
{
	data_release(operation->data);
	operation->data = data;
}

static enum progress failed(int *error)
{
	if (errno == EAGAIN || errno == EINTR)
		return errno == EINTR ? PROGRESS_SOME : PROGRESS_WAIT;
	*error = errno_to_darwin(errno);
	return PROGRESS_DONE;
}

static enum progress read_some(struct io_operation *operation, int *error)
{
	size_t room = operation->left < CHUNK ? operation->left : CHUNK;
	size_t held = darwin_dispatch_data_get_size(operation->data);
	if (room && !operation->once && room > operation->high - held)
		room = operation->high - held;
	uint8_t *bytes = room ? malloc(room) : NULL;
	if (room == 0)
		return PROGRESS_DONE;
	if (!bytes)
		report_fatal("dispatch: no memory");
	ssize_t size = transfer(operation, bytes, room);
	if (size <= 0) {
		free(bytes);
		return size == 0 ? PROGRESS_DONE : failed(error);
	}
	struct dispatch_data *more = data_of_malloc(bytes, (size_t)size);
	data_replace(operation, darwin_dispatch_data_create_concat(operation->data, more));
	data_release(more);
	operation->offset += size;
	if (operation->left != SIZE_MAX)
		operation->left -= (size_t)size;
	return operation->left ? PROGRESS_SOME : PROGRESS_DONE;
}

static enum progress write_some(struct io_operation *operation, int *error)
{
	size_t size;
	const uint8_t *bytes = data_bytes_at(operation->data, 0, &size);
	if (!bytes)
		return PROGRESS_DONE;
	ssize_t written = transfer(operation, (void *)(uintptr_t)bytes, size < CHUNK ? size : CHUNK);
	if (written < 0)
		return failed(error);
	operation->offset += written;
	data_replace(operation, darwin_dispatch_data_create_subrange(operation->data, (size_t)written, SIZE_MAX));
	return darwin_dispatch_data_get_size(operation->data) ? PROGRESS_SOME : PROGRESS_DONE;
}

// What was read is told when it is enough, or when more has to be waited for.
static void deliver_part(struct io_operation *operation, size_t least)
{
	size_t size = darwin_dispatch_data_get_size(operation->data);
	if (operation->once || operation->direction == IO_WRITE || size == 0 || size < least)
		return;
	deliver(operation, false, operation->data, 0);
	operation->data = &darwin_dispatch_data_empty;
}

static enum progress operation_step(struct io_operation *operation, int *error)
{
	enum progress progress;
	if (*operation->stop) {
		*error = DARWIN_ECANCELED;
		return PROGRESS_DONE;
	}
	if (!is_ready(operation->file->file, operation->direction))
		progress = PROGRESS_WAIT;
	else
		progress = operation->direction == IO_READ ? read_some(operation, error) : write_some(operation, error);
	if (progress != PROGRESS_DONE)
		deliver_part(operation, progress == PROGRESS_WAIT ? operation->low : operation->high);
	return progress;
}

// ---- lanes ----------------------------------------------------------------------------------------------------------

// False: nobody can tell when the descriptor is ready.
static bool lane_wait(struct io_lane *lane, int *error)
{
	if (lane->watched) {
		dispatch_watch_again(&lane->watch);
		return true;
	}
	*error = dispatch_watch_add(&lane->watch);
	lane->watched = *error == 0;
	return lane->watched;
}

static void lane_run(void *argument)
{
	struct io_lane *lane = argument;
	struct io_operation *operation;
	while ((operation = lane->first)) {
		int error = 0;
		enum progress progress = operation_step(operation, &error);
		if (progress == PROGRESS_SOME)
			continue;
		if (progress == PROGRESS_WAIT && lane_wait(lane, &error))
			return;
		if (!(lane->first = operation->next))
			lane->last = &lane->first;
		operation_end(operation, error);
	}
	if (lane->watched)
		dispatch_watch_remove(&lane->watch);
	lane->watched = false;
}

static void lane_ready(struct dispatch_watch *watch, int64_t data, uint32_t fflags)
{
	(void)data, (void)fflags;
	struct io_lane *lane = (struct io_lane *)watch;
	dispatch_queue_add(lane->queue, lane, lane_run);
}

static void lane_add(void *argument)
{
	struct io_operation *operation = argument;
	struct io_lane *lane = &operation->file->lanes[operation->direction];
	operation->next = NULL;
	*lane->last = operation;
	lane->last = &operation->next;
	if (lane->first == operation)
		lane_run(lane);
}

void io_file_perform(struct io_operation *operation)
{
	dispatch_queue_add(operation->file->lanes[operation->direction].queue, operation, lane_add);
}

void io_file_wake(struct io_file *file)
{
	for (int i = 0; i < 2; i++)
		dispatch_queue_add(file->lanes[i].queue, &file->lanes[i], lane_run);
}

// ---- files ----------------------------------------------------------------------------------------------------------

static struct io_file *file_new(int file)
{
	struct io_file *made = calloc(1, sizeof(*made));
	struct stat status;
	if (!made || fstat(file, &status) < 0)
		status.st_mode = 0;
	if (!made)
		report_fatal("dispatch: no memory");
	made->file = file;
	made->is_socket = S_ISSOCK(status.st_mode);
	made->is_slow = S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode);
	for (int i = 0; i < 2; i++) {
		struct io_lane *lane = &made->lanes[i];
		lane->file = made;
		lane->last = &lane->first;
		lane->queue = darwin_dispatch_queue_create("com.apple.libdispatch-io", NULL);
		lane->watch = (struct dispatch_watch){.ident = (uint64_t)file,
						      .filter = i == IO_READ ? EVFILT_READ : EVFILT_WRITE,
						      .once = true,
						      .happened = lane_ready};
		if (!lane->queue)
			report_fatal("dispatch: no memory");
	}
	return made;
}

struct io_file *io_file_open(int file)
{
	futex_lock(&files_lock);
	struct io_file *found = files;
	while (found && found->file != file)
		found = found->next;
	if (!found) {
		found = file_new(file);
		found->next = files;
		files = found;
	}
	found->users++;
	futex_unlock(&files_lock);
	return found;
}

static void file_free(void *argument)
{
	struct io_file *file = argument;
	darwin_dispatch_release((struct dispatch_object *)file->lanes[IO_READ].queue);
	darwin_dispatch_release((struct dispatch_object *)file->lanes[IO_WRITE].queue);
	free(file);
}

static void file_free_write_first(void *argument)
{
	struct io_file *file = argument;
	dispatch_queue_add(file->lanes[IO_READ].queue, file, file_free);
}

// Lanes may still have something to do that finds nothing: the file goes behind it.
void io_file_close(struct io_file *file)
{
	futex_lock(&files_lock);
	bool last = --file->users == 0;
	for (struct io_file **at = &files; last && *at; at = &(*at)->next)
		if (*at == file) {
			*at = file->next;
			break;
		}
	futex_unlock(&files_lock);
	if (last)
		dispatch_queue_add(file->lanes[IO_WRITE].queue, file, file_free_write_first);
}
