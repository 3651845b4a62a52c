// SPDX-License-Identifier: MIT
// The acts of fs_act_test.h.
#include "fs_act_test.h"

#include <stdio.h>

struct run m;

uint32_t below(uint32_t most) { return (uint32_t)(fake_random(&m.random) >> 16) % most; }

// ---- What happens ---------------------------------------------------------------------------------------------------

static int any_item(bool is_directory)
{
	int start = (int)below(TREE_ITEMS);
	for (int i = 0; i < TREE_ITEMS; i++) {
		int item = (start + i) % TREE_ITEMS;
		if (m.now.items[item].id && m.now.items[item].is_directory == is_directory)
			return item;
	}
	return TREE_NONE;
}

static void random_name(char name[64])
{
	static const char filler[] = "a-name-that-takes-room-in-a-directory-so-that-blocks-fill";
	snprintf(name, 64, "%u%.*s", below(150), (int)below(45), filler);
}

static const char *fail(const char *what, kern_return_t error)
{
	static char text[160];
	snprintf(text, sizeof(text), "%s: %s", what, gila_error_text(error));
	return text;
}

// The act has happened.
static void settle_act(void)
{
	tree_copy(&m.before, &m.now);
	tree_copy(&m.now, &m.after);
	m.last = m.act;
	m.act = ACT_NONE;
}

static const char *create(bool is_directory)
{
	struct place place;
	char name[64], path[FILE_PATH_MAX + 1];
	ext2_ino_t ino;
	int parent = any_item(true);
	random_name(name);
	tree_copy(&m.after, &m.now);
	int item = tree_child(&m.now, parent, name) == TREE_NONE ? tree_add(&m.after, parent, name, is_directory)
								 : TREE_NONE;
	if (item == TREE_NONE)
		return NULL;
	tree_path(&m.after, item, path);
	if (strlen(path) > 500)
		return NULL;
	kern_return_t error = tree_resolve(m.rig.fs, EXT2_ROOT_INO, path, false, &place);
	if (error || place.ino)
		return fail("a free name", error);
	m.act = is_directory ? ACT_MKDIR : ACT_CREATE;
	error = tree_create(m.rig.fs, &place, is_directory, &ino);
	if (error == FILE_NO_SPACE) {
		m.act = ACT_NONE;
		return NULL;
	}
	if (error)
		return fail("create", error);
	settle_act();
	return NULL;
}

static const char *write_file(void)
{
	m.item = any_item(false);
	ext2_ino_t ino = m.item == TREE_NONE ? 0 : tree_inode(m.rig.fs, &m.now, m.item);
	if (m.item == TREE_NONE)
		return NULL;
	if (!ino)
		return "a file is not there";
	static const uint32_t most[] = {20, 300, 3000, 30000, 300000};
	size_t here = m.now.items[m.item].size;
	m.old_size = here;
	m.size = 1 + below(most[below(5)]);
	m.offset = below(3) == 0 ? here : below(4) == 0 ? here + below(60000) : here ? below((uint32_t)here) : 0;
	for (size_t i = 0; i < m.size; i++)
		m.bytes[i] = (uint8_t)fake_random(&m.random);
	tree_copy(&m.after, &m.now);
	tree_write(&m.after, m.item, m.offset, m.bytes, m.size);
	lates_add(&m.lates, m.now.items[m.item].id, m.offset, m.bytes, m.size);
	m.act = ACT_WRITE;
	kern_return_t error = data_write(m.rig.fs, ino, m.offset, m.bytes, m.size);
	if (error == FILE_NO_SPACE) { // some part of it is there
		tree_copy(&m.after, &m.now);
		tree_adopt(m.rig.fs, &m.after);
		settle_act();
		return NULL;
	}
	if (error)
		return fail("write", error);
	settle_act();
	return NULL;
}

static const char *truncate_file(void)
{
	m.item = any_item(false);
	ext2_ino_t ino = m.item == TREE_NONE ? 0 : tree_inode(m.rig.fs, &m.now, m.item);
	if (m.item == TREE_NONE)
		return NULL;
	size_t here = m.now.items[m.item].size, size = below(3) == 0   ? 0
						       : below(4) == 0 ? here + below(50000)
								       : below((uint32_t)here + 1);
	tree_copy(&m.after, &m.now);
	tree_resize(&m.after, m.item, size);
	m.act = ACT_TRUNCATE;
	kern_return_t error = data_resize(m.rig.fs, ino, size);
	if (error)
		return fail("truncate", error);
	settle_act();
	return NULL;
}

// The inode lost its name; sometimes somebody has it open.
static void orphaned(ext2_ino_t ino, const struct tree_item *item)
{
	if (!ino)
		return;
	if (below(3) != 0 || m.held_count == 8) {
		orphan_release(m.rig.fs, ino);
		return;
	}
	struct held *held = &m.held[m.held_count++];
	*held = (struct held){.ino = ino, .size = item->size, .bytes = malloc(item->size + 1)};
	if (item->size)
		memcpy(held->bytes, item->bytes, item->size);
}

static const char *remove_item(void)
{
	struct place place;
	char path[FILE_PATH_MAX + 1];
	ext2_ino_t orphan;
	int item = any_item(below(4) == 0);
	if (item == TREE_NONE || item == TREE_ROOT)
		return NULL;
	struct tree_item old = m.now.items[item];
	tree_path(&m.now, item, path);
	bool full = tree_has_children(&m.now, item);
	tree_copy(&m.after, &m.now);
	if (!full)
		tree_drop(&m.after, item);
	kern_return_t error = tree_resolve(m.rig.fs, EXT2_ROOT_INO, path, false, &place);
	if (error || !place.ino)
		return fail("what is removed", error);
	m.act = ACT_REMOVE;
	error = tree_remove(m.rig.fs, &place, &orphan);
	if (error != (full ? FILE_NOT_EMPTY : KERN_SUCCESS))
		return fail("remove", error);
	if (!full)
		orphaned(orphan, &old);
	settle_act();
	return NULL;
}

static const char *rename_item(void)
{
	struct place from, to;
	char from_path[FILE_PATH_MAX + 1], to_path[FILE_PATH_MAX + 1], name[64];
	ext2_ino_t orphan;
	int item = any_item(below(3) == 0), parent = any_item(true);
	random_name(name);
	if (item == TREE_NONE || item == TREE_ROOT)
		return NULL;
	int there = below(2) ? tree_child(&m.now, parent, name) : any_item(below(2));
	if (there == TREE_ROOT)
		return NULL;
	if (there != TREE_NONE) {
		parent = m.now.items[there].parent;
		snprintf(name, sizeof(name), "%s", m.now.items[there].name);
	}
	bool bad = tree_is_below(&m.now, parent, item);
	struct tree_item gone = {0};
	if (there != TREE_NONE && there != item) {
		gone = m.now.items[there];
		bad |= gone.is_directory != m.now.items[item].is_directory || tree_has_children(&m.now, there);
	}
	tree_path(&m.now, item, from_path);
	tree_path(&m.now, parent, to_path);
	if (strlen(to_path) > 400)
		return NULL;
	snprintf(to_path + strlen(to_path), sizeof(to_path) - strlen(to_path), "%s%s", *to_path ? "/" : "", name);
	tree_copy(&m.after, &m.now);
	if (!bad && there != item) {
		if (there != TREE_NONE)
			tree_drop(&m.after, there);
		m.after.items[item].parent = parent;
		snprintf(m.after.items[item].name, sizeof(m.after.items[item].name), "%s", name);
	}
	kern_return_t error = tree_resolve(m.rig.fs, EXT2_ROOT_INO, from_path, false, &from);
	if (!error)
		error = tree_resolve(m.rig.fs, EXT2_ROOT_INO, to_path, false, &to);
	if (error)
		return fail("names of a rename", error);
	m.act = ACT_RENAME;
	error = tree_rename(m.rig.fs, &from, &to, &orphan);
	if (error == FILE_NO_SPACE) {
		m.act = ACT_NONE;
		return NULL;
	}
	if ((error != KERN_SUCCESS) != (bad && there != item))
		return fail("rename", error);
	if (!error)
		orphaned(orphan, &gone);
	settle_act();
	return NULL;
}

// ---- Commits and handles --------------------------------------------------------------------------------------------

void committed(void)
{
	tree_copy(&m.committed, &m.now);
	lates_clear(&m.lates);
	m.in_commit = false;
	m.last = ACT_NONE;
}

const char *commit(void)
{
	tree_copy(&m.committing, &m.now);
	m.in_commit = true;
	kern_return_t error = below(4) ? fs_commit(m.rig.fs) : fs_settle(m.rig.fs);
	if (error)
		return fail("commit", error);
	committed();
	return NULL;
}

const char *check_held(void)
{
	struct node *node;
	for (unsigned i = 0; i < m.held_count; i++) {
		size_t got;
		uint8_t *bytes = malloc(m.held[i].size + 1);
		kern_return_t error = node_get(m.rig.fs, m.held[i].ino, &node);
		if (!error)
			error = data_read(m.rig.fs, node, 0, bytes, m.held[i].size, &got);
		bool same = !error && got == m.held[i].size && memcmp(bytes, m.held[i].bytes, got) == 0;
		free(bytes);
		if (!same)
			return fail("a file without a name", error);
	}
	return NULL;
}

void let_go(unsigned i)
{
	free(m.held[i].bytes);
	m.held[i] = m.held[--m.held_count];
}

// Orphans that nobody has open, as after a kill in the middle of a removal, are released, as the kernel's notifications
// would.
void release_others(void)
{
	for (uint32_t i = 0; i < m.rig.fs->orphan_count; i++) {
		bool held = false;
		for (unsigned j = 0; j < m.held_count; j++)
			held |= m.held[j].ino == m.rig.fs->orphans[i].ino;
		if (!held)
			orphan_release(m.rig.fs, m.rig.fs->orphans[i].ino);
	}
}

static const char *one_act(void)
{
	fs_trim(m.rig.fs);
	switch (below(20)) {
	case 0 ... 3: return create(false);
	case 4: return create(true);
	case 5 ... 10: return write_file();
	case 11 ... 12: return truncate_file();
	case 13 ... 14: return remove_item();
	case 15 ... 16: return rename_item();
	case 17:
		if (m.held_count > 0 && below(2)) {
			ext2_ino_t ino = m.held[0].ino;
			let_go(0);
			orphan_release(m.rig.fs, ino);
		}
		return orphan_waits(m.rig.fs) && orphan_work(m.rig.fs) ? "orphan_work" : NULL;
	case 18: return check_held();
	}
	return commit();
}

static uint64_t commits(void)
{
	struct store_statistics statistics;
	store_statistics(m.rig.fs->store, &statistics);
	return statistics.commits;
}

// An operation that finds no room commits by itself. Then the model cannot know how much of the act was in it, and
// commits again.
const char *act(void)
{
	uint64_t before = commits();
	const char *wrong = one_act();
	if (!wrong && commits() != before)
		wrong = commit();
	m.last = ACT_NONE;
	return wrong;
}
