// SPDX-License-Identifier: MIT
// FSEvents on a queue of libdispatch, which the program releases as soon as the stream has it.
// Facts: FSEvents.h, CFString.h, CFArray.h.
#include "check.h"

#include <dispatch/dispatch.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef const void *ref;
typedef void callback(ref, void *, size_t, void *, const uint32_t *, const uint64_t *);
ref CFStringCreateWithCString(ref, const char *, uint32_t);
ref CFArrayCreate(ref, const void **, long, ref);
extern struct array_callbacks { long fields[5]; } kCFTypeArrayCallBacks;
long CFArrayGetCount(ref);
void CFRelease(ref);
ref FSEventStreamCreate(ref, callback *, void *, ref, uint64_t, double, uint32_t);
void FSEventStreamSetDispatchQueue(ref, dispatch_queue_t);
unsigned char FSEventStreamStart(ref);
void FSEventStreamStop(ref);
ref FSEventStreamCopyPathsBeingWatched(ref);
ref FSEventStreamCopyDescription(ref);
uint64_t FSEventStreamFlushAsync(ref);
uint64_t FSEventStreamGetLatestEventId(ref);
void FSEventStreamInvalidate(ref);
void FSEventStreamRelease(ref);
enum { UTF8 = 0x08000100, FILE_EVENTS = 0x10, CREATED = 0x100 };

static dispatch_semaphore_t told;
static dispatch_queue_t queue;
static int finals;

static void happened(ref stream, void *info, size_t count, void *paths, const uint32_t *flags, const uint64_t *ids)
{
	(void)stream, (void)info, (void)ids;
	CHECK(strcmp(dispatch_queue_get_label(DISPATCH_CURRENT_QUEUE_LABEL), "streams") == 0);
	for (size_t i = 0; i < count; i++)
		if ((flags[i] & CREATED) && strstr(((char **)paths)[i], "/made-now"))
			dispatch_semaphore_signal(told);
}

static void final(void *context)
{
	(void)context;
	finals++;
	dispatch_semaphore_signal(told);
}

int main(void)
{
	char path[1024];
	dispatch_time_t limit = dispatch_time(DISPATCH_TIME_NOW, 10 * (long long)NSEC_PER_SEC);
	CHECK(getcwd(path, sizeof(path)) != NULL);
	ref string = CFStringCreateWithCString(NULL, path, UTF8);
	ref paths = CFArrayCreate(NULL, &string, 1, &kCFTypeArrayCallBacks);
	ref stream = FSEventStreamCreate(NULL, happened, NULL, paths, ~0ull, 0.01, FILE_EVENTS);
	told = dispatch_semaphore_create(0);
	queue = dispatch_queue_create("streams", NULL);
	dispatch_set_context(queue, path);
	dispatch_set_finalizer_f(queue, final);
	FSEventStreamSetDispatchQueue(stream, queue);
	dispatch_release(queue);
	CHECK(FSEventStreamStart(stream));
	CHECK(close(open("made-now", O_WRONLY | O_CREAT, 0600)) == 0);
	CHECK(dispatch_semaphore_wait(told, limit) == 0 && finals == 0);
	ref watched = FSEventStreamCopyPathsBeingWatched(stream), text = FSEventStreamCopyDescription(stream);
	CHECK(CFArrayGetCount(watched) == 1 && text);
	CFRelease(watched);
	CFRelease(text);
	CHECK(FSEventStreamFlushAsync(stream) <= FSEventStreamGetLatestEventId(stream));
	FSEventStreamStop(stream);
	FSEventStreamInvalidate(stream);
	FSEventStreamRelease(stream);
	CHECK(unlink("made-now") == 0);
	while (finals == 0)
		CHECK(dispatch_semaphore_wait(told, limit) == 0); // the queue went with the stream
	puts("streams are fine");
	return 0;
}
