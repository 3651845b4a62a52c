// SPDX-License-Identifier: MIT
#include "tree.h"

#include <gila/test.h>

struct item {
	struct tree_node node;
	uint32_t key;
	bool in;
};

static int compare(const void *key, const struct tree_node *node)
{
	uint32_t a = *(const uint32_t *)key, b = container_of(node, struct item, node)->key;
	return a < b ? -1 : a > b;
}

static unsigned depth(const struct tree_node *node)
{
	if (!node)
		return 0;
	unsigned left = depth(node->left), right = depth(node->right);
	return 1 + (left > right ? left : right);
}

static struct item items[2000];

TEST(tree_keeps_order_through_inserts_and_removes)
{
	struct tree tree;
	tree_init(&tree, compare);
	uint32_t random = 12345;
	unsigned count = 0;
	for (unsigned i = 0; i < array_count(items); i++)
		items[i] = (struct item){.key = i};
	for (unsigned step = 0; step < 20000; step++) {
		random = random * 1664525 + 1013904223;
		struct item *item = &items[(random >> 8) % array_count(items)];
		if (item->in) {
			tree_remove(&tree, &item->node);
			item->in = false;
			count--;
		} else {
			CHECK(tree_insert(&tree, &item->key, &item->node));
			CHECK(!tree_insert(&tree, &item->key, &(struct tree_node){0}));
			item->in = true;
			count++;
		}
	}
	unsigned seen = 0;
	int64_t last = -1;
	for (struct tree_node *node = tree_first(&tree); node; node = tree_next(node), seen++) {
		uint32_t key = container_of(node, struct item, node)->key;
		CHECK(key > last);
		CHECK(items[key].in);
		last = key;
	}
	CHECK_EQ(seen, count);
	CHECK(depth(tree.root) < 60);
	for (uint32_t key = 0; key < array_count(items); key++) {
		struct tree_node *found = tree_find(&tree, &key);
		CHECK_EQ(found != NULL, items[key].in);
		struct tree_node *from = tree_find_from(&tree, &key);
		uint32_t expected = key;
		while (expected < array_count(items) && !items[expected].in)
			expected++;
		CHECK_EQ(from != NULL, expected < array_count(items));
		if (from)
			CHECK_EQ(container_of(from, struct item, node)->key, expected);
	}
}
