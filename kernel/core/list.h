// SPDX-License-Identifier: MIT
// Intrusive doubly linked circular list. A node that is on no list points to itself (after list_init) so that
// list_remove may be called twice.
#ifndef KERNEL_CORE_LIST_H
#define KERNEL_CORE_LIST_H

#include "base.h"

struct list {
	struct list *next, *previous;
};

static inline void list_init(struct list *list) { list->next = list->previous = list; }
static inline bool list_empty(const struct list *list) { return list->next == list; }

static inline void list_insert_between(struct list *node, struct list *previous, struct list *next)
{
	node->previous = previous;
	node->next = next;
	previous->next = node;
	next->previous = node;
}

static inline void list_push_back(struct list *list, struct list *node)
{
	list_insert_between(node, list->previous, list);
}

static inline void list_push_front(struct list *list, struct list *node) { list_insert_between(node, list, list->next); }

static inline void list_remove(struct list *node)
{
	node->previous->next = node->next;
	node->next->previous = node->previous;
	list_init(node);
}

// The same for a node that is put on another list before anybody looks at it.
static inline void list_remove_loose(struct list *node)
{
	struct list *previous = node->previous, *next = node->next;
	previous->next = next;
	next->previous = previous;
}

// The first node, taken off; NULL when empty.
static inline struct list *list_pop(struct list *list)
{
	struct list *node = list->next;
	if (node == list)
		return NULL;
	list_remove(node);
	return node;
}

// Moves all nodes of `from` to the end of `to`.
static inline void list_splice(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->previous = to->previous;
	to->previous->next = from->next;
	from->previous->next = to;
	to->previous = from->previous;
	list_init(from);
}

#define list_for_each(node, head) for (struct list *node = (head)->next; node != (head); node = node->next)
#define list_for_each_safe(node, head)                                                                                 \
	for (struct list *node = (head)->next, *node##_next = node->next; node != (head);                              \
	     node = node##_next, node##_next = node->next)

#endif
