// SPDX-License-Identifier: MIT
// The three forms of kevent: kevent, kevent64 and kevent_qos, over kqueue_run. Facts: xnu's
// bsd/sys/{event,event_private}.h.
#include "kqueue.h"

#include "errno.h"

enum { FLAG_IMMEDIATE = 1, FLAG_ERROR_EVENTS = 2 }; // KEVENT_FLAG_IMMEDIATE, KEVENT_FLAG_ERROR_EVENTS

struct kevent64 {
	uint64_t ident;
	int16_t filter;
	uint16_t flags;
	uint32_t fflags;
	int64_t data;
	uint64_t udata, ext[2];
};
struct kevent_qos {
	uint64_t ident;
	int16_t filter;
	uint16_t flags;
	int32_t qos;
	uint64_t udata;
	uint32_t fflags, xflags;
	int64_t data;
	uint64_t ext[4];
};
_Static_assert(sizeof(struct darwin_kevent) == 32 && sizeof(struct kevent64) == 48 && sizeof(struct kevent_qos) == 72,
	       "<sys/event.h>");

static void *pointer(uint64_t value)
{
	return (void *)(uintptr_t)value;
} // NOLINT

static void plain_get(const void *array, int index, struct kqueue_event *event)
{
	const struct darwin_kevent *from = (const struct darwin_kevent *)array + index;
	*event = (struct kqueue_event){from->ident, from->filter, from->flags, from->fflags,
				       from->data,  from->udata,  {0}};
}

static void plain_put(void *array, int index, const struct kqueue_event *event)
{
	((struct darwin_kevent *)array)[index] = (struct darwin_kevent){event->ident,  event->filter, event->flags,
									event->fflags, event->data,   event->udata};
}

static void wide_get(const void *array, int index, struct kqueue_event *event)
{
	const struct kevent64 *from = (const struct kevent64 *)array + index;
	*event = (struct kqueue_event){from->ident,
				       from->filter,
				       from->flags,
				       from->fflags,
				       from->data,
				       pointer(from->udata),
				       {from->ext[0], from->ext[1]}};
}

static void wide_put(void *array, int index, const struct kqueue_event *event)
{
	((struct kevent64 *)array)[index] = (struct kevent64){event->ident,
							      event->filter,
							      event->flags,
							      event->fflags,
							      event->data,
							      (uintptr_t)event->udata,
							      {event->ext[0], event->ext[1]}};
}

static void qos_get(const void *array, int index, struct kqueue_event *event)
{
	const struct kevent_qos *from = (const struct kevent_qos *)array + index;
	*event = (struct kqueue_event){from->ident,
				       from->filter,
				       from->flags,
				       from->fflags,
				       from->data,
				       pointer(from->udata),
				       {from->ext[0], from->ext[1]}};
}

static void qos_put(void *array, int index, const struct kqueue_event *event)
{
	((struct kevent_qos *)array)[index] = (struct kevent_qos){.ident = event->ident,
								  .filter = event->filter,
								  .flags = event->flags,
								  .udata = (uintptr_t)event->udata,
								  .fflags = event->fflags,
								  .data = event->data,
								  .ext = {event->ext[0], event->ext[1]}};
}

static const struct kqueue_form plain = {plain_get, plain_put}, wide = {wide_get, wide_put}, qos = {qos_get, qos_put};
static const struct timespec at_once = {0, 0};

int darwin_kevent(int file, const struct darwin_kevent *changes, int change_count, struct darwin_kevent *events,
		  int room, const struct timespec *timeout)
{
	return kqueue_run(file, &plain, changes, change_count, events, room, timeout, false);
}

int darwin_kevent64(int file, const struct kevent64 *changes, int change_count, struct kevent64 *events, int room,
		    unsigned flags, const struct timespec *timeout)
{
	return kqueue_run(file, &wide, changes, change_count, events, room,
			  flags & FLAG_IMMEDIATE ? &at_once : timeout, flags & FLAG_ERROR_EVENTS);
}

// Without a work queue there is no time-out: it waits unless it is told not to.
int darwin_kevent_qos(int file, const struct kevent_qos *changes, int change_count, struct kevent_qos *events, int room,
		      void *data, size_t *data_size, unsigned flags)
{
	(void)data, (void)data_size; // messages go where ext[0] says
	return kqueue_run(file, &qos, changes, change_count, events, room, flags & FLAG_IMMEDIATE ? &at_once : NULL,
			  flags & FLAG_ERROR_EVENTS);
}
