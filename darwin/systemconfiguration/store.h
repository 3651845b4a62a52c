// SPDX-License-Identifier: MIT
// The inside of SCDynamicStore: store.c says what is, store_notify.c tells when it changes.
#ifndef DARWIN_STORE_H
#define DARWIN_STORE_H

#include "watch.h"

#include "../corefoundation/runloop.h"

struct store;
typedef void store_callback(struct store *store, const struct array *keys, void *info);

struct store {
	struct object head;
	struct changes_watcher watcher;
	bool watches;		      // the watcher was added
	store_callback *called;	      // or NULL
	struct callback_context context;
	_Atomic uint32_t lock;
	struct source *source;	      // [lock] or NULL; it keeps the store, not the other way round
	struct dispatch_queue *queue; // [lock] or NULL
	const struct array *keys, *patterns; // what is wanted; or NULL
	struct dictionary *seen;	     // its values when they were last looked at
	struct array *changed;		     // keys that were told, for SCDynamicStoreCopyNotifiedKeys
};

// What has one of the keys, or fits one of the patterns.
struct dictionary *darwin_SCDynamicStoreCopyMultiple(const struct store *store, const struct array *keys,
						     const struct array *patterns);
void store_forget(struct store *store);

#endif
