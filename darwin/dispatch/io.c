// SPDX-License-Identifier: MIT
// Channels of libdispatch, dispatch_read and dispatch_write; see io.h. Facts: <dispatch/io.h>.
//
// What a program asks of a channel goes through its `order` queue: operations go on to their lanes; a barrier holds the queue up until
// all before it have ended; closing is an entry, too, after which others are refused. Water marks are as set when it is asked.
#include "io.h"

#include "../libsystem/errno.h"
#include "../libsystem/report.h"

#include <stdlib.h>
#include <unistd.h>

enum { IO_STOP = 1 };

struct dispatch_io {
	struct dispatch_object head;
	enum io_type type;	      // [I]
	struct io_file *file;	      // [I] NULL: it could not be opened
	int descriptor, error;	      // [I]
	bool own;		      // [I] the descriptor was opened for it
	int64_t base;		      // [I] where it was when the channel was made
	struct dispatch_queue *order; // [I]
	struct dispatch_group *group; // [I] of operations
	struct dispatch_queue *cleanup_queue;
	struct block *cleanup;	      // [order] NULL once it was called
	bool closed;		      // [order]
	_Atomic uint32_t stop;
	_Atomic size_t low, high;
};

int darwin_open(const char *path, int flags, ...);
int darwin_close(int file);
int *darwin_error(void);
struct dispatch_queue *darwin_dispatch_queue_create(const char *label, const void *attr);
struct dispatch_group *darwin_dispatch_group_create(void);
void darwin_dispatch_group_notify_f(struct dispatch_group *group, struct dispatch_queue *queue, void *context,
				    void (*function)(void *));

// ---- life -----------------------------------------------------------------------------------------------------------

struct ending { // of a channel that is gone itself
	struct io_file *file;
	int descriptor, error;
	struct block *cleanup;
};
struct block_of_error {
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, int error);
};

static void cleanup_call(void *argument)
{
	struct ending *ending = argument;
	if (ending->cleanup) {
		((struct block_of_error *)ending->cleanup)->invoke(ending->cleanup, ending->error);
		block_release(ending->cleanup);
	}
	free(ending);
}

// All operations have ended, and the channel is closed or nobody's: the program has its descriptor back.
static void channel_end(struct dispatch_io *channel)
{
	struct ending *ending = malloc(sizeof(*ending));
	if (!ending)
		report_fatal("dispatch: no memory");
	*ending = (struct ending){channel->file, channel->descriptor, channel->error, channel->cleanup};
	channel->cleanup = NULL;
	if (channel->file)
		io_file_close(channel->file);
	channel->file = NULL;
	if (channel->own)
		darwin_close(channel->descriptor);
	channel->own = false;
	dispatch_queue_add(channel->cleanup_queue, ending, cleanup_call);
}

static void channel_destroy(struct dispatch_object *object)
{
	struct dispatch_io *channel = (struct dispatch_io *)object;
	if (!channel->closed)
		channel_end(channel);
	darwin_dispatch_release(&channel->order->head);
	darwin_dispatch_release((struct dispatch_object *)channel->group);
	dispatch_object_unref(&channel->cleanup_queue->head);
}

static const struct dispatch_class io_class = {.kind = DISPATCH_IO, .destroy = channel_destroy};

static struct dispatch_io *channel_new(unsigned long type, int file, int error, struct dispatch_queue *queue,
				       struct block *cleanup)
{
	struct dispatch_io *channel = type > IO_RANDOM ? NULL : dispatch_object_new(sizeof(*channel), &io_class);
	if (!channel)
		return NULL;
	channel->type = (enum io_type)type;
	channel->descriptor = file;
	channel->error = error;
	channel->order = darwin_dispatch_queue_create("com.apple.libdispatch-io.channel", NULL);
	channel->group = darwin_dispatch_group_create();
	if (!channel->order || !channel->group)
		report_fatal("dispatch: no memory");
	channel->cleanup_queue = queue ? queue : dispatch_root_default();
	dispatch_object_ref(&channel->cleanup_queue->head);
	channel->cleanup = block_copy(cleanup);
	channel->low = 1;
	channel->high = SIZE_MAX;
	if (error)
		return channel;
	channel->file = io_file_open(file);
	channel->base = type == IO_RANDOM ? lseek(file, 0, SEEK_CUR) : 0;
	if (channel->base < 0)
		channel->base = 0;
	return channel;
}

struct dispatch_io *darwin_dispatch_io_create(unsigned long type, int file, struct dispatch_queue *queue,
					      struct block *cleanup)
{
	return channel_new(type, file, 0, queue, cleanup);
}

struct dispatch_io *darwin_dispatch_io_create_with_path(unsigned long type, const char *path, int flags, uint16_t mode,
							struct dispatch_queue *queue, struct block *cleanup)
{
	int *error = darwin_error(), saved = *error;
	if (!path || path[0] != '/')
		return NULL;
	int file = darwin_open(path, flags, mode);
	struct dispatch_io *channel = channel_new(type, file, file < 0 ? *error : 0, queue, cleanup);
	*error = saved;
	if (channel)
		channel->own = file >= 0;
	else if (file >= 0)
		darwin_close(file);
	return channel;
}

struct dispatch_io *darwin_dispatch_io_create_with_io(unsigned long type, struct dispatch_io *channel,
						      struct dispatch_queue *queue, struct block *cleanup)
{
	return channel_new(type, channel->descriptor, channel->error, queue, cleanup);
}

// ---- in order -------------------------------------------------------------------------------------------------------

struct entry {
	struct dispatch_io *channel;
	struct io_operation *operation; // or
	struct block *barrier;		// or: the channel is closed
};

static void entry_add(struct dispatch_io *channel, struct io_operation *operation, struct block *barrier,
		      void (*function)(void *))
{
	struct entry *entry = malloc(sizeof(*entry));
	if (!entry)
		report_fatal("dispatch: no memory");
	*entry = (struct entry){channel, operation, barrier};
	dispatch_object_ref(&channel->head);
	dispatch_queue_add(channel->order, entry, function);
}

static void entry_free(struct entry *entry)
{
	dispatch_object_unref(&entry->channel->head);
	free(entry);
}

static void operation_left(void *argument)
{
	dispatch_object_unref(argument);
}

static void operation_start(struct dispatch_io *channel, struct io_operation *operation)
{
	dispatch_group_enter(channel->group);
	// The lane looks at the channel until the operation has ended.
	dispatch_object_ref(&channel->head);
	darwin_dispatch_group_notify_f(channel->group, dispatch_root_default(), channel, operation_left);
	operation->file = channel->file;
	operation->offset += channel->base;
	if (channel->closed || channel->error)
		io_operation_refuse(operation, channel->error ? channel->error : DARWIN_ECANCELED);
	else
		io_file_perform(operation);
}

static void operation_begin(void *argument)
{
	struct entry *entry = argument;
	operation_start(entry->channel, entry->operation);
	entry_free(entry);
}

static void barrier_call(void *argument)
{
	struct entry *entry = argument;
	block_call_release(entry->barrier);
	dispatch_queue_resume(entry->channel->order);
	entry_free(entry);
}

static void barrier_begin(void *argument)
{
	struct entry *entry = argument;
	dispatch_queue_suspend(entry->channel->order);
	darwin_dispatch_group_notify_f(entry->channel->group, dispatch_root_default(), entry, barrier_call);
}

static void close_end(void *argument)
{
	struct entry *entry = argument;
	channel_end(entry->channel);
	entry_free(entry);
}

static void close_begin(void *argument)
{
	struct entry *entry = argument;
	struct dispatch_io *channel = entry->channel;
	if (channel->closed) {
		entry_free(entry);
		return;
	}
	channel->closed = true;
	if (channel->stop && channel->file)
		io_file_wake(channel->file);
	darwin_dispatch_group_notify_f(channel->group, channel->order, entry, close_end);
}

// ---- what programs call ---------------------------------------------------------------------------------------------

static struct io_operation *operation_new(struct dispatch_io *channel, enum io_direction direction, int64_t offset,
					  size_t size, struct dispatch_data *data, struct dispatch_queue *queue,
					  struct block *handler)
{
	struct io_operation *operation = calloc(1, sizeof(*operation));
	if (!operation)
		report_fatal("dispatch: no memory");
	*operation = (struct io_operation){.direction = direction,
					   .type = channel->type,
					   .queue = queue,
					   .handler = block_copy(handler),
					   .stop = &channel->stop,
					   .group = channel->group,
					   .offset = offset,
					   .left = size,
					   .low = channel->low,
					   .high = channel->high,
					   .data = data ? data : &darwin_dispatch_data_empty};
	darwin_dispatch_retain((struct dispatch_object *)operation->data);
	dispatch_object_ref(&queue->head);
	return operation;
}

void darwin_dispatch_io_read(struct dispatch_io *channel, int64_t offset, size_t size, struct dispatch_queue *queue,
			     struct block *handler)
{
	entry_add(channel, operation_new(channel, IO_READ, offset, size, NULL, queue, handler), NULL, operation_begin);
}

void darwin_dispatch_io_write(struct dispatch_io *channel, int64_t offset, struct dispatch_data *data,
			      struct dispatch_queue *queue, struct block *handler)
{
	entry_add(channel, operation_new(channel, IO_WRITE, offset, 0, data, queue, handler), NULL, operation_begin);
}

void darwin_dispatch_io_barrier(struct dispatch_io *channel, struct block *barrier)
{
	entry_add(channel, NULL, block_copy(barrier), barrier_begin);
}

void darwin_dispatch_io_close(struct dispatch_io *channel, unsigned long flags)
{
	if (flags & IO_STOP)
		channel->stop = 1;
	entry_add(channel, NULL, NULL, close_begin);
}

int darwin_dispatch_io_get_descriptor(const struct dispatch_io *channel)
{
	return channel->closed || channel->error ? -1 : channel->descriptor;
}

void darwin_dispatch_io_set_high_water(struct dispatch_io *channel, size_t mark)
{
	channel->high = mark ? mark : 1;
	if (channel->low > channel->high)
		channel->low = channel->high;
}

void darwin_dispatch_io_set_low_water(struct dispatch_io *channel, size_t mark)
{
	channel->low = mark;
	if (channel->high < channel->low)
		channel->high = channel->low ? channel->low : 1;
}

// Handlers are called as soon as there is something, which is often enough for any interval.
void darwin_dispatch_io_set_interval(struct dispatch_io *channel, uint64_t interval, unsigned long flags)
{
	(void)channel, (void)interval, (void)flags;
}

// A channel for one operation: it begins at once, so that those of a descriptor keep their order.
static void once(int file, enum io_direction direction, size_t size, struct dispatch_data *data,
		 struct dispatch_queue *queue, struct block *handler)
{
	struct dispatch_io *channel = channel_new(IO_STREAM, file, 0, NULL, NULL);
	if (!channel)
		report_fatal("dispatch: no memory");
	struct io_operation *operation = operation_new(channel, direction, 0, size, data, queue, handler);
	operation->once = true;
	operation_start(channel, operation);
	darwin_dispatch_release(&channel->head);
}

void darwin_dispatch_read(int file, size_t size, struct dispatch_queue *queue, struct block *handler)
{
	once(file, IO_READ, size, NULL, queue, handler);
}

void darwin_dispatch_write(int file, struct dispatch_data *data, struct dispatch_queue *queue, struct block *handler)
{
	once(file, IO_WRITE, 0, data, queue, handler);
}
