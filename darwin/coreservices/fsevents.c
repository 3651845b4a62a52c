// SPDX-License-Identifier: MIT
// FSEvents on inotify: a stream tells what happens below its paths, by calls on a run loop or a dispatch queue.
//
// A stream that was started has a thread, which reads the inotify descriptor, puts together what happens within the stream's latency, and
// has the callback called. Every folder below the paths has a watch (watch.c). Event ids count up in this process alone: what
// happened before the stream was made is not known, and sinceWhen is taken as "now".
// Facts: FSEvents.h of CoreServices (FSEventStreamCreate and its kin, kFSEventStream*).
#include "watch.h"

#include "../corefoundation/object.h"
#include "../corefoundation/url.h"
#include "../corefoundation/runloop.h"
#include "../libsystem/dispatch.h"
#include "../libsystem/futex.h"
#include "../libsystem/report.h"
#include "../libsystem/thread.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CREATE_CFTYPES = 0x1, CREATE_NO_DEFER = 0x2, CREATE_FILE_EVENTS = 0x10 };

struct stream_context { // FSEventStreamContext
	int64_t version;
	void *info;
	const void *(*retain)(const void *);
	void (*release)(const void *);
	void *describe;
};
struct stream;
typedef void stream_callback(const struct stream *stream, void *info, size_t count, void *paths, const uint32_t *flags,
			     const uint64_t *ids);

enum stream_state { STREAM_MADE, STREAM_RUNS, STREAM_STOPS, STREAM_STOPPED }; // Start, Stop, and its thread's end

struct stream {
	_Atomic int32_t references; // the program's, the thread's, and of deliveries on their way
	_Atomic enum stream_state state;
	stream_callback *callback;
	struct stream_context context;
	struct array *paths, *excluded; // the second may be NULL
	double latency;
	uint32_t flags;
	_Atomic uint32_t lock; // the program may change these while the thread delivers
	struct runloop *loop; // [lock] where it is delivered, or
	struct dispatch_queue *queue; // [lock]
	struct watch *watch;
	int wake; // eventfd: look at the state, or at `flush`
	_Atomic uint64_t flush_asked, flush_done;
};

static _Atomic uint64_t event_id = 1;

struct stream *darwin_FSEventStreamCreate(const void *allocator, stream_callback *callback,
					  const struct stream_context *context, struct array *paths, uint64_t since,
					  double latency, uint32_t flags)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	(void)allocator, (void)since;
	if (!stream)
		return NULL;
	stream->references = 1;
	stream->callback = callback;
	if (context)
		stream->context = *context;
	if (stream->context.retain)
		stream->context.retain(stream->context.info);
	stream->paths = (struct array *)(uintptr_t)darwin_CFRetain(paths);
	stream->latency = latency;
	stream->flags = flags;
	stream->wake = -1;
	return stream;
}

// The paths are below where the device's file system is mounted. Darwin's numbers of devices: xnu's bsd/sys/types.h (major, minor).
struct stream *darwin_FSEventStreamCreateRelativeToDevice(const void *allocator, stream_callback *callback,
							  const struct stream_context *context, int32_t device,
							  struct array *paths, uint64_t since, double latency,
							  uint32_t flags)
{
	char point[4096];
	struct array *whole = array_make(true);
	if (!volume_mount_point((uint32_t)device >> 24, (uint32_t)device & 0xffffff, point))
		point[0] = '\0';
	for (int64_t i = 0; i < darwin_CFArrayGetCount(paths); i++) {
		char *path = string_to_utf8(darwin_CFArrayGetValueAtIndex(paths, i));
		array_add(whole, string_format("%s/%s", strcmp(point, "/") == 0 ? "" : point, path + (*path == '/')));
		free(path);
	}
	struct stream *stream =
		*point ? darwin_FSEventStreamCreate(allocator, callback, context, whole, since, latency, flags) : NULL;
	darwin_CFRelease(whole);
	return stream;
}

void darwin_FSEventStreamRetain(struct stream *stream)
{
	stream->references++;
}

void darwin_dispatch_retain(void *object);
void darwin_dispatch_release(void *object);

void darwin_FSEventStreamRelease(struct stream *stream)
{
	if (--stream->references > 0)
		return;
	if (stream->context.release)
		stream->context.release(stream->context.info);
	if (stream->watch)
		watch_free(stream->watch);
	if (stream->wake >= 0)
		close(stream->wake);
	if (stream->queue)
		darwin_dispatch_release(stream->queue);
	darwin_CFRelease(stream->paths);
	darwin_CFRelease(stream->excluded);
	free(stream);
}

// ---- delivery -------------------------------------------------------------------------------------------------------

struct delivery {
	struct stream *stream;
	struct watch_events events;
};

static void deliver(void *argument)
{
	struct delivery *delivery = argument;
	struct stream *stream = delivery->stream;
	size_t count = delivery->events.count;
	uint64_t *ids = malloc(count * sizeof(*ids) + 1);
	struct array *objects = NULL;
	if (!ids)
		abort();
	for (size_t i = 0; i < count; i++)
		ids[i] = ++event_id;
	if (stream->flags & CREATE_CFTYPES) {
		objects = array_make(true);
		for (size_t i = 0; i < count; i++) {
			struct string *path =
				string_from_utf8(delivery->events.paths[i], strlen(delivery->events.paths[i]));
			darwin_CFArrayAppendValue(objects, path ? path : string_format("?"));
			darwin_CFRelease(path);
		}
	}
	if (stream->state == STREAM_RUNS)
		stream->callback(stream, stream->context.info, count,
				 objects ? (void *)objects : (void *)delivery->events.paths, delivery->events.flags,
				 ids);
	darwin_CFRelease(objects);
	free(ids);
	watch_events_free(&delivery->events);
	free(delivery);
	darwin_FSEventStreamRelease(stream);
}

static void send(struct stream *stream, struct watch_events *events)
{
	struct delivery *delivery = malloc(sizeof(*delivery));
	if (!delivery)
		abort();
	*delivery = (struct delivery){stream, *events};
	*events = (struct watch_events){0};
	darwin_FSEventStreamRetain(stream);
	futex_lock(&stream->lock);
	bool somewhere = stream->queue || stream->loop;
	if (stream->queue)
		dispatch_queue_add(stream->queue, delivery, deliver);
	else if (stream->loop)
		runloop_add(stream->loop, delivery, deliver);
	futex_unlock(&stream->lock);
	if (!somewhere) { // it was invalidated meanwhile
		watch_events_free(&delivery->events);
		free(delivery);
		darwin_FSEventStreamRelease(stream);
	}
}

// Waits for something to happen, then for the latency, in which more may; sends it all.
static void stream_look(struct stream *stream)
{
	struct pollfd files[2] = {{stream->wake, POLLIN, 0}, {watch_file(stream->watch), POLLIN, 0}};
	struct watch_events events = {0};
	uint64_t asked = stream->flush_asked, count;
	bool flush = asked != stream->flush_done;
	int milliseconds = (int)(stream->latency * 1000);
	if (!flush && poll(files, 2, -1) > 0 && !(files[0].revents & POLLIN) && milliseconds > 0)
		poll(files, 1, milliseconds);
	if ((files[0].revents & POLLIN) && read(stream->wake, &count, sizeof(count)) < 0)
		return; // nobody woke it after all
	watch_read(stream->watch, stream->flags & CREATE_FILE_EVENTS, &events);
	if (events.count > 0)
		send(stream, &events);
	stream->flush_done = asked;
}

static void *stream_thread(void *argument)
{
	struct stream *stream = argument;
	thread_adopt();
	while (stream->state == STREAM_RUNS)
		stream_look(stream);
	stream->state = STREAM_STOPPED;
	darwin_FSEventStreamRelease(stream);
	return NULL;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

void darwin_FSEventStreamScheduleWithRunLoop(struct stream *stream, struct runloop *loop, const void *mode)
{
	(void)mode;
	runloop_attach(loop);
	futex_lock(&stream->lock);
	stream->loop = loop;
	futex_unlock(&stream->lock);
}

void darwin_FSEventStreamSetDispatchQueue(struct stream *stream, struct dispatch_queue *queue)
{
	// The program may release its queue: it stays until the stream goes.
	if (queue)
		darwin_dispatch_retain(queue);
	futex_lock(&stream->lock);
	struct dispatch_queue *before = stream->queue;
	stream->queue = queue;
	futex_unlock(&stream->lock);
	if (before)
		darwin_dispatch_release(before);
}

// Folders whose events are not wanted, before the start: FSEvents.h has at most eight.
uint8_t darwin_FSEventStreamSetExclusionPaths(struct stream *stream, struct array *paths)
{
	if (stream->state != STREAM_MADE || !paths || darwin_CFArrayGetCount(paths) > 8)
		return 0;
	darwin_CFRelease(stream->excluded);
	stream->excluded = (struct array *)(uintptr_t)darwin_CFRetain(paths);
	return 1;
}

uint8_t darwin_FSEventStreamStart(struct stream *stream)
{
	pthread_t thread;
	if (stream->state != STREAM_MADE || !(stream->watch = watch_make()))
		return 0;
	for (int64_t i = 0; stream->excluded && i < darwin_CFArrayGetCount(stream->excluded); i++) {
		char *path = string_to_utf8(darwin_CFArrayGetValueAtIndex(stream->excluded, i));
		watch_exclude(stream->watch, path);
		free(path);
	}
	for (int64_t i = 0; i < darwin_CFArrayGetCount(stream->paths); i++) {
		char *path = string_to_utf8(darwin_CFArrayGetValueAtIndex(stream->paths, i));
		watch_tree(stream->watch, path);
		free(path);
	}
	stream->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stream->wake < 0)
		return 0;
	stream->state = STREAM_RUNS;
	darwin_FSEventStreamRetain(stream);
	if (thread_start_helper(&thread, stream_thread, stream) == 0)
		return 1;
	stream->state = STREAM_STOPPED;
	darwin_FSEventStreamRelease(stream);
	return 0;
}

static void stream_wake(struct stream *stream)
{
	uint64_t one = 1;
	if (stream->wake >= 0 && write(stream->wake, &one, sizeof(one)) < 0)
		report("FSEvents: a stream cannot be woken");
}

void darwin_FSEventStreamStop(struct stream *stream)
{
	enum stream_state runs = STREAM_RUNS;
	if (atomic_compare_exchange_strong(&stream->state, &runs, STREAM_STOPS))
		stream_wake(stream);
}

static void unschedule(struct stream *stream)
{
	futex_lock(&stream->lock);
	struct runloop *loop = stream->loop;
	stream->loop = NULL;
	futex_unlock(&stream->lock);
	if (loop)
		runloop_detach(loop);
}

void darwin_FSEventStreamUnscheduleFromRunLoop(struct stream *stream, struct runloop *loop, const void *mode)
{
	(void)mode;
	if (loop == stream->loop)
		unschedule(stream);
}

void darwin_FSEventStreamInvalidate(struct stream *stream)
{
	darwin_FSEventStreamStop(stream);
	unschedule(stream);
}

void darwin_FSEventStreamFlushSync(struct stream *stream)
{
	uint64_t wanted = ++stream->flush_asked;
	stream_wake(stream);
	while (stream->state == STREAM_RUNS && stream->flush_done < wanted)
		usleep(1000);
}

// What it has flushed up to: events that are delivered after the call come first.
uint64_t darwin_FSEventStreamFlushAsync(struct stream *stream)
{
	++stream->flush_asked;
	stream_wake(stream);
	return event_id;
}

uint64_t darwin_FSEventStreamGetLatestEventId(const struct stream *stream)
{
	(void)stream;
	return event_id;
}

int32_t darwin_FSEventStreamGetDeviceBeingWatched(const struct stream *stream)
{
	(void)stream;
	return 0; // any
}

// The caller releases it.
const struct string *darwin_FSEventStreamCopyDescription(const struct stream *stream)
{
	return string_format("<FSEventStream %p: %ld paths, latency %g, flags 0x%x>", (const void *)stream,
			     (long)darwin_CFArrayGetCount(stream->paths), stream->latency, stream->flags);
}

// No history is kept: a device has no database of events, and nothing happened before.
const void *darwin_FSEventsCopyUUIDForDevice(int32_t device)
{
	(void)device;
	return NULL;
}

uint64_t darwin_FSEventsGetLastEventIdForDeviceBeforeTime(int32_t device, double time)
{
	(void)device, (void)time;
	return 0;
}

// The caller releases it.
const struct array *darwin_FSEventStreamCopyPathsBeingWatched(const struct stream *stream)
{
	return darwin_CFRetain(stream->paths);
}

uint64_t darwin_FSEventsGetCurrentEventId(void)
{
	return event_id;
}

uint8_t darwin_FSEventsPurgeEventsForDeviceUpToEventId(int32_t device, uint64_t id)
{
	(void)device, (void)id;
	return 1; // none is kept
}
