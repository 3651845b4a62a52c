// SPDX-License-Identifier: MIT
// Notification centers: observers by name and object. The program's own tells at once; what other programs post comes by notify(3)
// (Darwin's center) or by sockets (the distributed one), in the main thread. Facts: CFNotificationCenter.h.
#ifndef DARWIN_NOTIFICATION_CENTER_H
#define DARWIN_NOTIFICATION_CENTER_H

#include "object.h"

enum center_kind { CENTER_LOCAL, CENTER_DARWIN, CENTER_DISTRIBUTED };

struct center;
struct center *center_of(enum center_kind kind);
// Calls who observes that. Any may be NULL but the name.
void center_deliver(struct center *center, const void *name, const void *object, const void *information);

// ---- distributed.c: between the programs of a user ------------------------------------------------------------------
// From now on what is posted is delivered in the main thread.
void distributed_listen(void);
void distributed_post(const void *name, const void *object, const void *information);

#endif
