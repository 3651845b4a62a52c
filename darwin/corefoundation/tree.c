// SPDX-License-Identifier: MIT
// CFTree: a node keeps its children, and knows its parent. Facts: CFTree.h.
#include "runloop.h"

#include <stdlib.h>

struct tree {
	struct object head;
	struct tree *parent, *first, *next; // no references but those that a parent has to its children
	struct callback_context context;
};

static void children_drop(struct tree *tree);

static void tree_destroy(struct object *object)
{
	children_drop((struct tree *)object);
	context_drop(&((struct tree *)object)->context);
}

static const struct object_type tree_type = {.name = "CFTree", .destroy = tree_destroy};

static struct tree **last_of(struct tree *tree)
{
	struct tree **at = &tree->first;
	while (*at)
		at = &(*at)->next;
	return at;
}

static void link_at(struct tree *parent, struct tree **at, struct tree *child)
{
	darwin_CFRetain(child);
	child->parent = parent;
	child->next = *at;
	*at = child;
}

void darwin_CFTreeRemove(struct tree *tree)
{
	struct tree *parent = tree->parent;
	if (!parent)
		return;
	struct tree **at = &parent->first;
	while (*at != tree)
		at = &(*at)->next;
	*at = tree->next;
	tree->parent = tree->next = NULL;
	darwin_CFRelease(tree);
}

static void children_drop(struct tree *tree)
{
	while (tree->first)
		darwin_CFTreeRemove(tree->first);
}

uint64_t darwin_CFTreeGetTypeID(void)
{
	return (uintptr_t)&tree_type;
}

struct tree *darwin_CFTreeCreate(const void *allocator, const struct callback_context *context)
{
	struct tree *tree = object_make(&tree_type, sizeof(*tree));
	context_take(&tree->context, context);
	return tree;
}

struct tree *darwin_CFTreeGetParent(const struct tree *tree)
{
	return tree->parent;
}

struct tree *darwin_CFTreeGetNextSibling(const struct tree *tree)
{
	return tree->next;
}

struct tree *darwin_CFTreeGetFirstChild(const struct tree *tree)
{
	return tree->first;
}

void darwin_CFTreeGetContext(const struct tree *tree, struct callback_context *context)
{
	*context = tree->context;
}

void darwin_CFTreeSetContext(struct tree *tree, const struct callback_context *context)
{
	struct callback_context old = tree->context;
	tree->context = (struct callback_context){0};
	context_take(&tree->context, context);
	context_drop(&old);
}

int64_t darwin_CFTreeGetChildCount(const struct tree *tree)
{
	int64_t count = 0;
	for (const struct tree *child = tree->first; child; child = child->next)
		count++;
	return count;
}

struct tree *darwin_CFTreeGetChildAtIndex(const struct tree *tree, int64_t index)
{
	struct tree *child = tree->first;
	while (child && index-- > 0)
		child = child->next;
	return child;
}

void darwin_CFTreeGetChildren(const struct tree *tree, struct tree **children)
{
	for (struct tree *child = tree->first; child; child = child->next)
		*children++ = child;
}

void darwin_CFTreeApplyFunctionToChildren(const struct tree *tree, void (*function)(const void *child, void *context),
					  void *context)
{
	for (struct tree *child = tree->first, *next; child; child = next) {
		next = child->next; // the function may remove it
		function(child, context);
	}
}

struct tree *darwin_CFTreeFindRoot(struct tree *tree)
{
	while (tree->parent)
		tree = tree->parent;
	return tree;
}

// A child must not have a parent yet.
void darwin_CFTreePrependChild(struct tree *tree, struct tree *child)
{
	if (!child->parent)
		link_at(tree, &tree->first, child);
}

void darwin_CFTreeAppendChild(struct tree *tree, struct tree *child)
{
	if (!child->parent)
		link_at(tree, last_of(tree), child);
}

void darwin_CFTreeInsertSibling(struct tree *tree, struct tree *sibling)
{
	if (tree->parent && !sibling->parent)
		link_at(tree->parent, &tree->next, sibling);
}

void darwin_CFTreeRemoveAllChildren(struct tree *tree)
{
	children_drop(tree);
}

struct sort {
	int64_t (*compare)(const void *left, const void *right, void *context);
	void *context;
};

static int sort_compare(const void *left, const void *right, void *context)
{
	const struct sort *sort = context;
	int64_t order = sort->compare(*(const void *const *)left, *(const void *const *)right, sort->context);
	return order < 0 ? -1 : order > 0;
}

void darwin_CFTreeSortChildren(struct tree *tree,
			       int64_t (*compare)(const void *left, const void *right, void *context), void *context)
{
	struct sort sort = {compare, context};
	size_t count = (size_t)darwin_CFTreeGetChildCount(tree);
	struct tree **children = malloc((count + 1) * sizeof(*children)), **at = &tree->first;
	if (!children)
		abort();
	darwin_CFTreeGetChildren(tree, children);
	qsort_r(children, count, sizeof(*children), sort_compare, &sort);
	for (size_t i = 0; i < count; i++) {
		*at = children[i];
		at = &children[i]->next;
	}
	*at = NULL;
	free(children);
}
