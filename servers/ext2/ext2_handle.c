// SPDX-License-Identifier: MIT
// Handles of ext2, and files that have no name any more but are still open.
//
// A handle is a badge: inode number, the lower 24 bits of i_generation, rights. When a file loses its last name, the
// kernel is asked to tell when the last right of each of its three possible badges is gone; then it is freed. A server
// that takes over asks again, for what it finds on the list of orphans. Nothing about handles is in a table that a
// crash could lose.
#include "ext2.h"

struct watched {
	ext2_ino_t ino;
	uint32_t generation;
	uint8_t kinds; // bit n: badges with the rights n may be left
};

kern_return_t ext2_target(struct lpc_request *rq, struct ext2_target *target)
{
	struct serve *serve = rq->context;
	struct ext2 *ext2 = serve->context;
	struct handle handle = {.node = EXT2_ROOT_INO, .rights = HANDLE_RIGHTS};
	if (!ext2->fs)
		return ext2->refusal;
	target->fs = ext2->fs;
	fs_trim(target->fs);
	if (rq->badge != 0 && !handle_from_badge(rq->badge, &handle))
		return FILE_STALE;
	kern_return_t error = node_get(target->fs, handle.node, &target->node);
	if (error)
		return error;
	if (rq->badge != 0 && (target->node->inode.i_generation & 0xffffff) != handle.generation)
		return FILE_STALE;
	if (target->node->inode.i_links_count == 0 &&
	    !(node_is_file(target->node) && orphan_find(target->fs, handle.node)))
		return FILE_STALE;
	target->ino = handle.node;
	target->rights = handle.rights;
	return KERN_SUCCESS;
}

kern_return_t ext2_target_file(struct lpc_request *rq, uint32_t need, struct ext2_target *target)
{
	kern_return_t error = ext2_target(rq, target);
	if (!error && node_is_directory(target->node))
		error = FILE_IS_DIRECTORY;
	if (!error && ((target->rights & need) != need || !node_is_file(target->node)))
		error = FILE_NO_RIGHT;
	return error;
}

// ---- Orphans --------------------------------------------------------------------------------------------------------

static struct watched *find(struct ext2 *ext2, ext2_ino_t ino)
{
	for (uint32_t i = ext2->watched_count; i > 0; i--)
		if (ext2->watched[i - 1].ino == ino)
			return &ext2->watched[i - 1];
	return NULL;
}

static struct watched *add(struct ext2 *ext2, ext2_ino_t ino, uint32_t generation)
{
	struct watched *known = find(ext2, ino);
	if (!known && ext2->watched_count == ext2->watched_room) {
		uint32_t room = ext2->watched_room ? ext2->watched_room * 2 : 16;
		struct watched *more = realloc(ext2->watched, room * sizeof(*more));
		if (!more)
			return NULL;
		ext2->watched = more;
		ext2->watched_room = room;
	}
	if (!known)
		known = &ext2->watched[ext2->watched_count++];
	*known = (struct watched){.ino = ino, .generation = generation & 0xffffff};
	return known;
}

void ext2_orphaned(struct serve *serve, ext2_ino_t ino)
{
	struct ext2 *ext2 = serve->context;
	struct node *node;
	if (!ino)
		return;
	struct watched *watched = node_get(ext2->fs, ino, &node) ? NULL : add(ext2, ino, node->inode.i_generation);
	if (!watched) {
		gila_logf("cannot watch a removed file; its space stays taken until a restart");
		return;
	}
	for (uint32_t rights = 1; rights <= HANDLE_RIGHTS; rights++) {
		struct handle handle = {.node = ino, .generation = watched->generation, .rights = rights};
		kern_return_t error = serve_watch(serve, handle_badge(handle));
		if (error) {
			gila_logf("cannot watch a removed file: %s; its space stays taken until a restart",
				  gila_error_text(error));
			watched->kinds |= 1u << 7; // never empty
		}
		watched->kinds |= (uint8_t)(1u << rights);
	}
}

void ext2_adopt_orphans(struct serve *serve)
{
	struct ext2 *ext2 = serve->context;
	for (uint32_t i = 0; i < ext2->fs->orphan_count; i++)
		if (ext2->fs->orphans[i].kind == ORPHAN_OPEN || ext2->fs->orphans[i].kind == ORPHAN_OPEN_CUT)
			ext2_orphaned(serve, ext2->fs->orphans[i].ino);
}

void ext2_gone(struct serve *serve, uint64_t badge)
{
	struct ext2 *ext2 = serve->context;
	if (!ext2->fs)
		return;
	struct handle handle;
	bool done;
	struct watched *watched = handle_from_badge(badge, &handle) ? find(ext2, handle.node) : NULL;
	fs_trim(ext2->fs);
	if (!watched || watched->generation != handle.generation || !(watched->kinds & 1u << handle.rights))
		return;
	watched->kinds &= (uint8_t)~(1u << handle.rights);
	if (watched->kinds)
		return;
	*watched = ext2->watched[--ext2->watched_count];
	orphan_release(ext2->fs, handle.node);
	// Most are gone in one step; of the others the rest follows between requests (fs_work), which also reports
	// errors.
	if (orphan_step(ext2->fs, handle.node, &done))
		gila_logf("%s: a removed file is freed later", serve->seat);
}

void ext2_forget_watches(struct ext2 *ext2)
{
	free(ext2->watched);
	ext2->watched = NULL;
	ext2->watched_count = ext2->watched_room = 0;
}
