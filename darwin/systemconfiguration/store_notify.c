// SPDX-License-Identifier: MIT
// SCDynamicStore: being told of changes. When Linux says that something changed, the wanted values are made anew in the run loop's (or the
// queue's) thread, and the keys whose values differ are told. Facts: SCDynamicStore.h.
#include "network.h"
#include "store.h"

#include "../dispatch/object.h"
#include "../libsystem/dispatch.h"
#include "../libsystem/futex.h"

#include <stddef.h>
#include <stdlib.h>

const void *darwin_CFArrayCreateCopy(const void *allocator, const struct array *array);

// Keys of the left whose values are not those of the right.
static void add_different(struct array *to, const struct dictionary *left, const struct dictionary *right, bool only_new)
{
	size_t count = (size_t)darwin_CFDictionaryGetCount(left);
	const void **keys = malloc((count * 2 + 1) * sizeof(*keys)), **values = keys + count;
	if (!keys)
		abort();
	darwin_CFDictionaryGetKeysAndValues(left, keys, values);
	for (size_t i = 0; i < count; i++) {
		const void *other = darwin_CFDictionaryGetValue(right, keys[i]);
		if (!other || (!only_new && !darwin_CFEqual(other, values[i])))
			darwin_CFArrayAppendValue(to, keys[i]);
	}
	free(keys);
}

static struct array *look(struct store *store)
{
	struct array *changed = array_make(true);
	struct dictionary *now = darwin_SCDynamicStoreCopyMultiple(store, store->keys, store->patterns);
	if (store->seen) {
		add_different(changed, now, store->seen, false);
		add_different(changed, store->seen, now, true);
		darwin_CFRelease(store->seen);
	}
	store->seen = now;
	return changed;
}

static void perform(void *object)
{
	struct store *store = object;
	struct array *changed = store->keys || store->patterns ? look(store) : NULL;
	if (changed && darwin_CFArrayGetCount(changed)) {
		darwin_CFRelease(store->changed);
		store->changed = (struct array *)(uintptr_t)darwin_CFRetain(changed);
		if (store->called)
			store->called(store, changed, store->context.info);
	}
	darwin_CFRelease(changed);
}

static void perform_release(void *object)
{
	perform(object);
	darwin_CFRelease(object);
}

static void changed(struct changes_watcher *watcher)
{
	struct store *store = (struct store *)((char *)watcher - offsetof(struct store, watcher));
	futex_lock(&store->lock);
	if (store->source)
		source_tell(store->source);
	if (store->queue && object_try_retain(store))
		dispatch_queue_add(store->queue, store, perform_release);
	futex_unlock(&store->lock);
}

// ---- what programs call ---------------------------------------------------------------------------------------------

static void watch(struct store *store)
{
	store->watcher = (struct changes_watcher){.kind = CHANGES_NETWORK, .changed = changed};
	if (!store->watches)
		store->watches = changes_watch(&store->watcher);
}

uint8_t darwin_SCDynamicStoreSetNotificationKeys(struct store *store, const struct array *keys,
						 const struct array *patterns)
{
	if (!store)
		return sc_fail(SC_INVALID_ARGUMENT);
	const void *old_keys = store->keys, *old_patterns = store->patterns;
	store->keys = keys ? darwin_CFArrayCreateCopy(NULL, keys) : NULL;
	store->patterns = patterns ? darwin_CFArrayCreateCopy(NULL, patterns) : NULL;
	darwin_CFRelease(old_keys);
	darwin_CFRelease(old_patterns);
	darwin_CFRelease(store->seen);
	store->seen = NULL;
	darwin_CFRelease(look(store));
	watch(store);
	return store->watches || sc_fail(SC_FAILED);
}

// Programs let go of the store once its source is in a run loop: the source keeps it.
static void source_gone(const void *object)
{
	struct store *store = (struct store *)(uintptr_t)object;
	futex_lock(&store->lock);
	store->source = NULL;
	futex_unlock(&store->lock);
	darwin_CFRelease(store);
}

struct source *darwin_SCDynamicStoreCreateRunLoopSource(const void *allocator, struct store *store, int64_t order)
{
	if (!store) {
		sc_fail(SC_INVALID_ARGUMENT);
		return NULL;
	}
	struct source_context context = {
		.info = store, .retain = darwin_CFRetain, .release = source_gone, .perform = perform};
	if (store->source)
		return (struct source *)(uintptr_t)darwin_CFRetain(store->source);
	struct source *source = darwin_CFRunLoopSourceCreate(NULL, order, &context);
	futex_lock(&store->lock);
	store->source = source;
	futex_unlock(&store->lock);
	return source;
}

uint8_t darwin_SCDynamicStoreSetDispatchQueue(struct store *store, struct dispatch_queue *queue)
{
	if (queue)
		darwin_dispatch_retain((struct dispatch_object *)queue);
	futex_lock(&store->lock);
	struct dispatch_queue *old = store->queue;
	store->queue = queue;
	futex_unlock(&store->lock);
	if (old)
		darwin_dispatch_release((struct dispatch_object *)old);
	return 1;
}

// What was told last, or for who has neither run loop nor queue: what has changed by now.
struct array *darwin_SCDynamicStoreCopyNotifiedKeys(struct store *store)
{
	if (!store->source && !store->queue && (store->keys || store->patterns))
		return look(store);
	struct array *told = store->changed;
	store->changed = NULL;
	return told ? told : array_make(true);
}

void store_forget(struct store *store)
{
	if (store->watches)
		changes_forget(&store->watcher);
	if (store->queue)
		darwin_dispatch_release((struct dispatch_object *)store->queue);
	context_drop(&store->context);
	darwin_CFRelease(store->keys);
	darwin_CFRelease(store->patterns);
	darwin_CFRelease(store->seen);
	darwin_CFRelease(store->changed);
}

// ---- to change values: only configd's own processes may on macOS, and here there is nobody to keep them ----------------

static uint8_t refuse(void)
{
	return sc_fail(SC_ACCESS);
}

uint8_t darwin_SCDynamicStoreSetValue(struct store *store, const void *key, const void *value)
{
	return refuse();
}

uint8_t darwin_SCDynamicStoreAddValue(struct store *store, const void *key, const void *value)
{
	return refuse();
}

uint8_t darwin_SCDynamicStoreAddTemporaryValue(struct store *store, const void *key, const void *value)
{
	return refuse();
}

uint8_t darwin_SCDynamicStoreRemoveValue(struct store *store, const void *key)
{
	return refuse();
}

uint8_t darwin_SCDynamicStoreSetMultiple(struct store *store, const void *set, const void *remove, const void *notify)
{
	return refuse();
}
