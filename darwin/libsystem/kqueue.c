// SPDX-License-Identifier: MIT
// kqueue: changes and waiting; see kqueue.h.
#include "kqueue.h"

#include "errno.h"
#include "futex.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 64

struct kqueue {
	int file;
	struct source **places; // by index
	uint32_t place_count;
	struct source **by_file; // of descriptors
	uint32_t by_file_count;
	struct source *others;
	unsigned handles; // descriptors that it has
};

// A descriptor of a kqueue; dup makes more of them.
struct handle {
	int file;
	struct kqueue *kqueue;
	struct handle *next;
};

_Atomic bool kqueue_any;
static _Atomic uint32_t kqueue_lock;
static struct handle *handles; // [kqueue_lock]

static struct kqueue *kqueue_find(int file)
{
	for (struct handle *handle = handles; handle; handle = handle->next)
		if (handle->file == file)
			return handle->kqueue;
	return NULL;
}

static void handle_add(int file, struct kqueue *kqueue)
{
	struct handle *handle = malloc(sizeof(*handle));
	if (!handle)
		abort();
	*handle = (struct handle){file, kqueue, handles};
	handles = handle;
	kqueue->handles++;
}

void kqueue_copied(int from, int to)
{
	futex_lock(&kqueue_lock);
	struct kqueue *kqueue = kqueue_find(from);
	if (kqueue)
		handle_add(to, kqueue);
	futex_unlock(&kqueue_lock);
}

int darwin_kqueue(void)
{
	int file = epoll_create1(EPOLL_CLOEXEC);
	struct kqueue *kqueue = file < 0 ? NULL : calloc(1, sizeof(*kqueue));
	if (!kqueue) {
		errno_result(-1);
		if (file >= 0)
			close(file);
		return -1;
	}
	kqueue->file = file;
	futex_lock(&kqueue_lock);
	handle_add(file, kqueue);
	kqueue_any = true;
	futex_unlock(&kqueue_lock);
	return file;
}

// ---- sources --------------------------------------------------------------------------------------------------------

static bool is_descriptor(int16_t filter)
{
	return filter == EVFILT_READ || filter == EVFILT_WRITE;
}

static struct source *source_find(struct kqueue *kqueue, uint64_t ident, int16_t filter)
{
	if (is_descriptor(filter))
		return ident < kqueue->by_file_count ? kqueue->by_file[ident] : NULL;
	for (struct source *source = kqueue->others; source; source = source->next)
		if (source->ident == ident && source->filter == filter)
			return source;
	return NULL;
}

// Makes room for one more entry at that index.
static bool table_grow(struct source ***table, uint32_t *count, uint64_t index)
{
	if (index < *count)
		return true;
	if (index > 1u << 24)
		return false;
	uint32_t more = *count ? *count : 64;
	while (more <= index)
		more *= 2;
	struct source **grown = realloc(*table, more * sizeof(*grown));
	if (!grown)
		return false;
	for (uint32_t i = *count; i < more; i++)
		grown[i] = NULL;
	*table = grown;
	*count = more;
	return true;
}

static bool source_place(struct kqueue *kqueue, struct source *source)
{
	static uint32_t generation;
	uint32_t index = 0;
	while (index < kqueue->place_count && kqueue->places[index])
		index++;
	if (!table_grow(&kqueue->places, &kqueue->place_count, index))
		return false;
	kqueue->places[index] = source;
	source->index = index;
	source->generation = ++generation;
	return true;
}

static void source_remove(struct kqueue *kqueue, struct source *source)
{
	if (source->in_set)
		epoll_ctl(kqueue->file, EPOLL_CTL_DEL, source->file, NULL);
	source_close(source);
	kqueue->places[source->index] = NULL;
	if (is_descriptor(source->filter))
		kqueue->by_file[source->ident] = NULL;
	for (struct source **at = &kqueue->others; *at; at = &(*at)->next)
		if (*at == source) {
			*at = source->next;
			break;
		}
	free(source);
}

static struct source *source_add(struct kqueue *kqueue, const struct kqueue_event *change, int *error)
{
	struct source *source = calloc(1, sizeof(*source));
	bool descriptor = is_descriptor(change->filter);
	if (!source)
		return *error = DARWIN_ENOMEM, NULL;
	source->ident = change->ident;
	source->filter = descriptor ? EVFILT_READ : change->filter;
	if (descriptor && !table_grow(&kqueue->by_file, &kqueue->by_file_count, change->ident))
		*error = DARWIN_EBADF;
	else
		*error = source_open(source, change);
	if (!*error && !source_place(kqueue, source)) {
		source_close(source);
		*error = DARWIN_ENOMEM;
	}
	if (*error) {
		free(source);
		return NULL;
	}
	if (descriptor)
		kqueue->by_file[change->ident] = source;
	else {
		source->next = kqueue->others;
		kqueue->others = source;
	}
	return source;
}

// Tells epoll what the notes ask for.
static int source_arm(struct kqueue *kqueue, struct source *source)
{
	struct epoll_event event = {.data.u64 = (uint64_t)source->generation << 32 | source->index};
	bool level = false, any = false;
	for (int i = 0; i < 2; i++) {
		const struct note *note = &source->note[i];
		if (!note->used || !note->enabled)
			continue;
		any = true;
		event.events |= i ? EPOLLOUT : EPOLLIN | EPOLLRDHUP;
		level = level || !(note->flags & EV_CLEAR);
	}
	// What was made for the source is read when it is taken, which re-arms it.
	if (!level && !source->own)
		event.events |= EPOLLET;
	int operation = !any ? EPOLL_CTL_DEL : source->in_set ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (!any && !source->in_set)
		return 0;
	if (epoll_ctl(kqueue->file, operation, source->file, &event) < 0)
		return errno_to_darwin(errno);
	source->in_set = any;
	return 0;
}

// ---- changes --------------------------------------------------------------------------------------------------------

static void note_drop(struct kqueue *kqueue, struct source *source, struct note *note)
{
	note->used = false;
	if (source->note[0].used || source->note[1].used)
		source_arm(kqueue, source);
	else
		source_remove(kqueue, source);
}

static int change_apply(struct kqueue *kqueue, const struct kqueue_event *change)
{
	int error = 0;
	bool writing = change->filter == EVFILT_WRITE;
	struct source *source = source_find(kqueue, change->ident, change->filter);
	struct note *note = source ? &source->note[writing] : NULL;
	if (change->flags & EV_DELETE) {
		if (!note || !note->used)
			return DARWIN_ENOENT;
		note_drop(kqueue, source, note);
		return 0;
	}
	if (!(change->flags & EV_ADD) && (!note || !note->used))
		return DARWIN_ENOENT;
	bool fresh = !source;
	if (fresh && !(source = source_add(kqueue, change, &error)))
		return error;
	note = &source->note[writing];
	if (change->flags & EV_ADD) {
		*note = (struct note){true,	     note->used ? note->enabled : true,
				      change->flags, note->fflags,
				      change->data,  change->udata,
				      {change->ext[0], change->ext[1]}};
		if (change->filter != EVFILT_USER)
			note->fflags = change->fflags;
	}
	if (!error && !fresh)
		error = source_change(source, change);
	if (change->flags & (EV_ENABLE | EV_DISABLE))
		note->enabled = change->flags & EV_ENABLE;
	if (!error)
		error = source_arm(kqueue, source);
	if (error && fresh)
		source_remove(kqueue, source);
	return error;
}

// ---- events ---------------------------------------------------------------------------------------------------------

static int note_deliver(struct kqueue *kqueue, struct source *source, bool writing, uint32_t happened,
			struct kqueue_event *event)
{
	struct note *note = &source->note[writing];
	*event = (struct kqueue_event){.ident = source->ident,
					.filter = writing ? EVFILT_WRITE : source->filter,
					.flags = note->flags,
					.udata = note->udata,
					.ext = {note->ext[0], note->ext[1]}};
	event->flags &= (uint16_t) ~(EV_ADD | EV_ENABLE | EV_RECEIPT);
	if (!source_take(source, happened, writing, event))
		return 0;
	if (event->flags & EV_ONESHOT) // asked for, or a process that has ended
		note_drop(kqueue, source, note);
	else if (note->flags & EV_DISPATCH) {
		note->enabled = false;
		source_arm(kqueue, source);
	}
	return 1;
}

static bool wants(const struct source *source, bool writing, uint32_t happened)
{
	uint32_t mask = writing ? EPOLLOUT | EPOLLERR | EPOLLHUP : EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP;
	return source->note[writing].used && source->note[writing].enabled && (happened & mask);
}

// Turns what epoll reported into events; a descriptor may give two.
static int take_events(struct kqueue *kqueue, const struct epoll_event *happened, int count, const struct kqueue_form *form,
		       void *events, int room)
{
	int taken = 0;
	for (int i = 0; i < count; i++) {
		uint32_t index = (uint32_t)happened[i].data.u64, generation = (uint32_t)(happened[i].data.u64 >> 32);
		for (int writing = 0; writing < 2 && taken < room; writing++) {
			struct source *source = index < kqueue->place_count ? kqueue->places[index] : NULL;
			struct kqueue_event event;
			if (source && source->generation == generation && wants(source, writing, happened[i].events) &&
			    note_deliver(kqueue, source, writing, happened[i].events, &event))
				form->put(events, taken++, &event);
		}
	}
	return taken;
}

static int64_t now_milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_for_events(int file, const struct kqueue_form *form, void *events, int room, const struct timespec *timeout)
{
	struct epoll_event happened[BATCH];
	int64_t until = -1;
	// Each report may become two events: an edge that does not fit would be lost.
	int most = room < 2 ? 1 : room / 2 < BATCH ? room / 2 : BATCH;
	if (timeout && timeout->tv_sec < INT_MAX / 1000)
		until = timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000 +
			(timeout->tv_sec || timeout->tv_nsec ? now_milliseconds() : 0);
	for (;;) {
		int64_t left = until < 0 ? -1 : until == 0 ? 0 : until - now_milliseconds();
		int count = epoll_wait(file, happened, most, left < 0 && until >= 0 ? 0 : (int)left);
		if (count < 0)
			return (int)errno_result(-1);
		futex_lock(&kqueue_lock);
		struct kqueue *kqueue = kqueue_find(file);
		int taken = kqueue ? take_events(kqueue, happened, count, form, events, room) : 0;
		futex_unlock(&kqueue_lock);
		if (taken > 0 || !kqueue || (until >= 0 && (count == 0 || left <= 0)))
			return taken;
	}
}

int kqueue_run(int file, const struct kqueue_form *form, const void *changes, int change_count, void *events, int room,
	       const struct timespec *timeout, bool only_errors)
{
	int answers = 0;
	futex_lock(&kqueue_lock);
	struct kqueue *kqueue = kqueue_find(file);
	if (!kqueue) {
		futex_unlock(&kqueue_lock);
		return errno_set(DARWIN_EBADF);
	}
	for (int i = 0; i < change_count; i++) {
		struct kqueue_event change;
		form->get(changes, i, &change); // `events` may be the same array
		int error = change_apply(kqueue, &change);
		if (!error && !(change.flags & EV_RECEIPT))
			continue;
		if (answers >= room) {
			futex_unlock(&kqueue_lock);
			return error ? errno_set(error) : answers;
		}
		change.flags |= EV_ERROR;
		change.data = error;
		form->put(events, answers++, &change);
	}
	futex_unlock(&kqueue_lock);
	return answers || room <= 0 || only_errors ? answers : wait_for_events(file, form, events, room, timeout);
}

// ---- the end of descriptors -----------------------------------------------------------------------------------------

// Removes a descriptor of a kqueue, and with the last one the kqueue. The epoll set is known by another one until then.
static void handle_remove(struct handle **at, bool shared)
{
	struct handle *handle = *at;
	struct kqueue *kqueue = handle->kqueue;
	*at = handle->next;
	bool own = kqueue->file == handle->file;
	free(handle);
	if (--kqueue->handles > 0) {
		for (handle = handles; own && handle; handle = handle->next)
			if (handle->kqueue == kqueue)
				kqueue->file = handle->file;
		return;
	}
	for (uint32_t i = 0; i < kqueue->place_count; i++)
		if (kqueue->places[i]) {
			kqueue->places[i]->in_set &= !shared;
			source_remove(kqueue, kqueue->places[i]);
		}
	free(kqueue->places);
	free(kqueue->by_file);
	free(kqueue);
}

static void forget_sources(struct kqueue *kqueue, int file)
{
	struct source *source = source_find(kqueue, (uint64_t)file, EVFILT_READ);
	if (source)
		source_remove(kqueue, source);
	if ((source = source_find(kqueue, (uint64_t)file, EVFILT_VNODE)))
		source_remove(kqueue, source);
}

void kqueue_forget(int file)
{
	if (file < 0)
		return;
	futex_lock(&kqueue_lock);
	for (struct handle **at = &handles; *at;) {
		if ((*at)->file == file) {
			handle_remove(at, false);
			continue;
		}
		forget_sources((*at)->kqueue, file);
		at = &(*at)->next;
	}
	futex_unlock(&kqueue_lock);
}

void kqueue_lock_all(void)
{
	futex_lock(&kqueue_lock);
}

void kqueue_unlock_all(void)
{
	futex_unlock(&kqueue_lock);
}

void kqueue_forget_all(void)
{
	while (handles) {
		close(handles->file);
		handle_remove(&handles, true); // the epoll set is the parent's: nothing is taken out of it here
	}
	kqueue_any = false;
}
