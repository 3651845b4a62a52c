// SPDX-License-Identifier: MIT
// A treap; see tree.h. Priorities are hashes of the nodes' addresses, so nodes need no space for them.
#include "tree.h"

static uint64_t priority(const struct tree_node *node)
{
	uint64_t x = (uint64_t)(uintptr_t)node;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u; // the finaliser of splitmix64
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

void tree_init(struct tree *tree, int (*compare)(const void *key, const struct tree_node *node))
{
	tree->root = NULL;
	tree->compare = compare;
}

struct tree_node *tree_find(const struct tree *tree, const void *key)
{
	struct tree_node *node = tree->root;
	while (node) {
		int order = tree->compare(key, node);
		if (order == 0)
			return node;
		node = order < 0 ? node->left : node->right;
	}
	return NULL;
}

struct tree_node *tree_find_from(const struct tree *tree, const void *key)
{
	struct tree_node *node = tree->root, *best = NULL;
	while (node) {
		if (tree->compare(key, node) <= 0) {
			best = node;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return best;
}

static struct tree_node **parent_slot(struct tree *tree, struct tree_node *node)
{
	if (!node->parent)
		return &tree->root;
	return node->parent->left == node ? &node->parent->left : &node->parent->right;
}

// Lifts `node` above its parent.
static void rotate_up(struct tree *tree, struct tree_node *node)
{
	struct tree_node *parent = node->parent;
	*parent_slot(tree, parent) = node;
	node->parent = parent->parent;
	struct tree_node *moved;
	if (parent->left == node) {
		moved = node->right;
		node->right = parent;
		parent->left = moved;
	} else {
		moved = node->left;
		node->left = parent;
		parent->right = moved;
	}
	if (moved)
		moved->parent = parent;
	parent->parent = node;
}

bool tree_insert(struct tree *tree, const void *key, struct tree_node *node)
{
	struct tree_node *parent = NULL, **slot = &tree->root;
	while (*slot) {
		parent = *slot;
		int order = tree->compare(key, parent);
		if (order == 0)
			return false;
		slot = order < 0 ? &parent->left : &parent->right;
	}
	*node = (struct tree_node){.parent = parent};
	*slot = node;
	while (node->parent && priority(node) > priority(node->parent))
		rotate_up(tree, node);
	return true;
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
	while (node->left || node->right) {
		struct tree_node *up = node->left;
		if (!up || (node->right && priority(node->right) > priority(up)))
			up = node->right;
		rotate_up(tree, up);
	}
	*parent_slot(tree, node) = NULL;
	*node = (struct tree_node){0};
}

struct tree_node *tree_first(const struct tree *tree)
{
	struct tree_node *node = tree->root;
	while (node && node->left)
		node = node->left;
	return node;
}

struct tree_node *tree_next(const struct tree_node *node)
{
	if (node->right) {
		struct tree_node *next = node->right;
		while (next->left)
			next = next->left;
		return next;
	}
	while (node->parent && node->parent->right == node)
		node = node->parent;
	return node->parent;
}
