// SPDX-License-Identifier: MIT
// Streams, what programs call; see stream.h. Functions that are the same for both directions are named after the reading one; the table
// binds both names to them.
#include "stream.h"

#include "../libsystem/dispatch.h"
#include "../libsystem/errno.h"

#include <stdlib.h>

void darwin_CFRunLoopAddSource(struct runloop *loop, void *source, const void *mode);
void darwin_CFRunLoopRemoveSource(struct runloop *loop, const void *source, const void *mode);
extern const void *const darwin_kCFErrorDomainPOSIX;
struct error *darwin_CFErrorCreate(const void *allocator, const void *domain, int64_t code,
				   const struct dictionary *information);

static void stream_close(struct stream *stream)
{
	if (stream->state == STREAM_MADE || stream->state == STREAM_CLOSED)
		return;
	stream->kind->close(stream);
	stream->state = STREAM_CLOSED;
}

static void stream_destroy(struct object *object)
{
	struct stream *stream = (struct stream *)object;
	stream_close(stream);
	if (stream->source)
		darwin_CFRunLoopSourceInvalidate(stream->source);
	darwin_CFRelease(stream->source);
	if (stream->queue)
		darwin_dispatch_release((struct dispatch_object *)stream->queue);
	context_drop(&stream->context);
	if (stream->kind->destroy)
		stream->kind->destroy(stream);
	free(stream->path);
}

static const struct object_type read_type = {.name = "CFReadStream", .destroy = stream_destroy},
				write_type = {.name = "CFWriteStream", .destroy = stream_destroy};

uint64_t darwin_CFReadStreamGetTypeID(void)
{
	return (uintptr_t)&read_type;
}

uint64_t darwin_CFWriteStreamGetTypeID(void)
{
	return (uintptr_t)&write_type;
}

struct stream *stream_make(const struct stream_kind *kind, bool writes)
{
	struct stream *stream = object_make(writes ? &write_type : &read_type, sizeof(*stream));
	stream->kind = kind;
	stream->writes = writes;
	stream->file = -1;
	stream->ready.file = -1;
	return stream;
}

// ---- telling --------------------------------------------------------------------------------------------------------

int64_t stream_fail(struct stream *stream, int darwin_error)
{
	stream->code = darwin_error;
	stream->state = STREAM_FAILED;
	stream_tell(stream, STREAM_ERROR);
	return -1;
}

int64_t stream_fail_host(struct stream *stream, int host_error)
{
	return stream_fail(stream, errno_to_darwin(host_error));
}

bool stream_is_told(const struct stream *stream)
{
	return stream->source || stream->queue;
}

static void perform(void *object)
{
	struct stream *stream = object;
	uint32_t happened = atomic_exchange(&stream->happened, 0);
	if (happened & (STREAM_OPENED | STREAM_ERROR) && (stream->state == STREAM_OPENING || stream->state == STREAM_OPEN))
		stream->kind->ask(stream);
	for (uint32_t event = STREAM_OPENED; event <= STREAM_ENDED; event <<= 1)
		if (happened & stream->events & event && stream->called && stream->state != STREAM_CLOSED)
			stream->called(stream, event, stream->context.info);
}

static void perform_release(void *object)
{
	perform(object);
	darwin_CFRelease(object);
}

void stream_tell(struct stream *stream, enum stream_event event)
{
	stream->happened |= event;
	if (stream->source)
		source_tell(stream->source);
	else if (stream->queue)
		dispatch_queue_add(stream->queue, (void *)(uintptr_t)darwin_CFRetain(stream), perform_release);
}

// What happened before somebody was to be told.
static void stream_begin(struct stream *stream)
{
	if (stream->happened)
		stream_tell(stream, 0);
	if (stream->state == STREAM_OPEN)
		stream->kind->ask(stream);
}

// False for a mask of events and no function: whatever is wanted is told.
uint8_t darwin_CFReadStreamSetClient(struct stream *stream, uint64_t events,
				     void (*called)(struct stream *stream, uint64_t event, void *info),
				     const struct callback_context *context)
{
	context_drop(&stream->context);
	stream->context = (struct callback_context){0};
	stream->called = called;
	stream->events = called ? events : 0;
	if (called)
		context_take(&stream->context, context);
	if (called && stream_is_told(stream))
		stream_begin(stream);
	return 1;
}

void darwin_CFReadStreamScheduleWithRunLoop(struct stream *stream, struct runloop *loop, const void *mode)
{
	struct source_context context = {.info = stream, .perform = perform}; // the stream goes first, and invalidates it
	bool first = !stream->source;
	if (first)
		stream->source = darwin_CFRunLoopSourceCreate(NULL, 0, &context);
	darwin_CFRunLoopAddSource(loop, stream->source, mode);
	if (first)
		stream_begin(stream);
}

void darwin_CFReadStreamUnscheduleFromRunLoop(struct stream *stream, struct runloop *loop, const void *mode)
{
	if (stream->source)
		darwin_CFRunLoopRemoveSource(loop, stream->source, mode);
}

void darwin_CFReadStreamSetDispatchQueue(struct stream *stream, struct dispatch_queue *queue)
{
	if (queue)
		darwin_dispatch_retain((struct dispatch_object *)queue);
	if (stream->queue)
		darwin_dispatch_release((struct dispatch_object *)stream->queue);
	stream->queue = queue;
	if (queue)
		stream_begin(stream);
}

struct dispatch_queue *darwin_CFReadStreamCopyDispatchQueue(const struct stream *stream)
{
	if (stream->queue)
		darwin_dispatch_retain((struct dispatch_object *)stream->queue);
	return stream->queue;
}

// ---- opening, closing -----------------------------------------------------------------------------------------------

uint8_t darwin_CFReadStreamOpen(struct stream *stream)
{
	if (stream->state != STREAM_MADE)
		return 0;
	if (!stream->kind->open(stream))
		return 0;
	if (stream->state == STREAM_MADE) {
		stream->state = STREAM_OPEN;
		stream_tell(stream, STREAM_OPENED);
	}
	return 1;
}

void darwin_CFReadStreamClose(struct stream *stream)
{
	stream_close(stream);
}

int64_t darwin_CFReadStreamGetStatus(struct stream *stream)
{
	if (stream->state == STREAM_OPENING)
		stream->kind->can(stream); // sees whether it is
	return stream->state;
}

struct error *darwin_CFReadStreamCopyError(const struct stream *stream)
{
	return stream->state == STREAM_FAILED
		       ? darwin_CFErrorCreate(NULL, darwin_kCFErrorDomainPOSIX, stream->code, NULL)
		       : NULL;
}

struct stream_error { // CFStreamError
	int64_t domain;
	int32_t code;
};

struct stream_error darwin_CFReadStreamGetError(const struct stream *stream)
{
	enum { DOMAIN_POSIX = 1 };
	struct stream_error none = {0, 0}, error = {DOMAIN_POSIX, stream->code};
	return stream->state == STREAM_FAILED ? error : none;
}

const void *darwin_CFReadStreamCopyProperty(struct stream *stream, const void *key)
{
	return stream->kind->get ? stream->kind->get(stream, key) : NULL;
}

uint8_t darwin_CFReadStreamSetProperty(struct stream *stream, const void *key, const void *value)
{
	return stream->kind->set && stream->kind->set(stream, key, value);
}

// ---- bytes ----------------------------------------------------------------------------------------------------------

uint8_t darwin_CFReadStreamHasBytesAvailable(struct stream *stream)
{
	return stream->state == STREAM_OPEN && stream->kind->can(stream);
}

// How many; 0: the stream is at its end, or not open for it; -1: CFReadStreamCopyError says why. What comes next is told again.
static int64_t move(struct stream *stream, uint8_t *bytes, int64_t count)
{
	if (stream->state == STREAM_AT_END)
		return 0;
	if ((stream->state != STREAM_OPEN && stream->state != STREAM_OPENING) || count <= 0)
		return count == 0 ? 0 : -1;
	int64_t moved = stream->kind->move(stream, bytes, count);
	if (moved == 0 && !stream->writes && stream->state != STREAM_AT_END) {
		stream->state = STREAM_AT_END;
		stream_tell(stream, STREAM_ENDED);
	}
	if (stream->state == STREAM_OPEN && stream_is_told(stream))
		stream->kind->ask(stream);
	return moved;
}

int64_t darwin_CFReadStreamRead(struct stream *stream, uint8_t *to, int64_t room)
{
	return move(stream, to, room);
}

int64_t darwin_CFWriteStreamWrite(struct stream *stream, const uint8_t *from, int64_t count)
{
	return move(stream, (uint8_t *)(uintptr_t)from, count);
}
