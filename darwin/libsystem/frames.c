// SPDX-License-Identifier: MIT
// __register_frame: frames of code that a program makes while it runs. Darwin's takes one FDE, not a section as libgcc's does
// (libunwind's UnwindLevel1-gcc-ext.c), so they are kept here, by the addresses of their functions, and found by unwinding.c.
//
// Lock: frames_lock, around the tree; taken before fork (process.c).
#include "frames.h"

#include "../loader/unwind.h"
#include "report.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>

struct frame {
	uint64_t start, end;
	const void *fde;
};

static pthread_mutex_t frames_lock = PTHREAD_MUTEX_INITIALIZER;
static void *frames; // [frames_lock] a tree of them
static _Atomic bool any;

void frames_lock_all(void)
{
	pthread_mutex_lock(&frames_lock);
}

void frames_unlock_all(void)
{
	pthread_mutex_unlock(&frames_lock);
}

// Those that overlap are the same: one address finds the function that has it.
static int compare(const void *left, const void *right)
{
	const struct frame *one = left, *other = right;
	return one->end <= other->start ? -1 : one->start >= other->end;
}

static bool frame_of(const void *fde, struct frame *frame)
{
	uint64_t size;
	frame->fde = fde;
	if (!unwind_fde_range(fde, &frame->start, &size) || size == 0 || frame->start + size < frame->start)
		return false;
	frame->end = frame->start + size;
	return true;
}

// What is no FDE is passed over, as on Darwin.
void darwin_register_frame(const void *fde)
{
	struct frame *frame = malloc(sizeof(*frame));
	if (!frame)
		report_fatal("__register_frame: no memory");
	pthread_mutex_lock(&frames_lock);
	struct frame **place = frame_of(fde, frame) ? tsearch(frame, &frames, compare) : NULL;
	if (place && *place != frame)
		(*place)->fde = fde, (*place)->start = frame->start, (*place)->end = frame->end;
	any = true;
	pthread_mutex_unlock(&frames_lock);
	if (!place || *place != frame)
		free(frame);
}

void darwin_deregister_frame(const void *fde)
{
	struct frame key, **place, *frame = NULL;
	pthread_mutex_lock(&frames_lock);
	if (frame_of(fde, &key) && (place = tfind(&key, &frames, compare)) && (*place)->fde == fde) {
		frame = *place;
		tdelete(&key, &frames, compare);
	}
	pthread_mutex_unlock(&frames_lock);
	free(frame);
}

const void *frames_find(const void *address, void **function)
{
	const void *fde = NULL;
	if (!any)
		return NULL;
	struct frame key = {(uintptr_t)address, (uintptr_t)address + 1, NULL}, **place;
	pthread_mutex_lock(&frames_lock);
	if ((place = tfind(&key, &frames, compare))) {
		fde = (*place)->fde;
		*function = (void *)(uintptr_t)(*place)->start;
	}
	pthread_mutex_unlock(&frames_lock);
	return fde;
}
