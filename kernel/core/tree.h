// SPDX-License-Identifier: MIT
// Intrusive ordered tree (a treap: a search tree on keys, a heap on hashes of the node's address), O(log n) expected.
// The embedder supplies one comparison; nodes are owned by the embedder. The caller locks.
#ifndef KERNEL_CORE_TREE_H
#define KERNEL_CORE_TREE_H

#include "base.h"

struct tree_node {
	struct tree_node *left, *right, *parent;
};

struct tree {
	struct tree_node *root;
	// <0, 0, >0: where `key` stands relative to the node.
	int (*compare)(const void *key, const struct tree_node *node);
};

void tree_init(struct tree *tree, int (*compare)(const void *key, const struct tree_node *node));
struct tree_node *tree_find(const struct tree *tree, const void *key);
// The first node whose key is not less than `key`; NULL when there is none.
struct tree_node *tree_find_from(const struct tree *tree, const void *key);
// False (and nothing changed) when a node with that key is there.
bool must_check tree_insert(struct tree *tree, const void *key, struct tree_node *node);
void tree_remove(struct tree *tree, struct tree_node *node);
struct tree_node *tree_first(const struct tree *tree);
struct tree_node *tree_next(const struct tree_node *node);

#endif
