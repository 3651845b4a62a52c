// SPDX-License-Identifier: MIT
// Handles of tmpfs, and files that have no name any more but are still open.
//
// A handle is a badge: node, generation, rights. When a file loses its name, the kernel is asked to tell when the last
// right of each of its three possible badges is gone; then its memory is freed. Nothing about handles is in a table that
// a crash could lose.
#include "tmpfs.h"

#include <stdlib.h>
#include <string.h>

kern_return_t tmpfs_target(struct lpc_request *rq, struct tmpfs_target *target)
{
	struct serve *serve = rq->context;
	struct handle handle = {.node = STORE_ROOT, .rights = HANDLE_RIGHTS};
	target->fs = serve->context;
	if (rq->badge != 0) {
		if (!handle_from_badge(rq->badge, &handle) ||
		    !store_valid(&target->fs->store, handle.node, handle.generation))
			return FILE_STALE;
	}
	target->node = handle.node;
	target->rights = handle.rights;
	store_info(&target->fs->store, handle.node, &target->info);
	return KERN_SUCCESS;
}

kern_return_t tmpfs_target_file(struct lpc_request *rq, uint32_t need, struct tmpfs_target *target)
{
	kern_return_t error = tmpfs_target(rq, target);
	if (!error && target->info.state == STORE_DIRECTORY)
		error = FILE_IS_DIRECTORY;
	if (!error && (target->rights & need) != need)
		error = FILE_NO_RIGHT;
	return error;
}

static bool make_room(struct tmpfs *fs, uint32_t node)
{
	if (node < fs->open_count)
		return true;
	uint32_t count = node < 64 ? 128 : node * 2;
	uint8_t *kinds = realloc(fs->open_kinds, count);
	if (!kinds)
		return false;
	memset(kinds + fs->open_count, 0, count - fs->open_count);
	fs->open_kinds = kinds;
	fs->open_count = count;
	return true;
}

// Asks to be told of the last handles to an orphan. Without memory for that the orphan stays until the next server.
static void watch_orphan(struct serve *serve, uint32_t node)
{
	struct tmpfs *fs = serve->context;
	struct store_info info;
	store_info(&fs->store, node, &info);
	if (!make_room(fs, node)) {
		gila_logf("no memory to watch a removed file; its space stays taken until a restart");
		return;
	}
	fs->open_kinds[node] = 0;
	for (uint32_t rights = 1; rights <= HANDLE_RIGHTS; rights++) {
		struct handle handle = {.node = node, .generation = info.generation, .rights = rights};
		kern_return_t error = serve_watch(serve, handle_badge(handle));
		if (error) {
			gila_logf("cannot watch a removed file: %s; its space stays taken until a restart",
				  gila_error_text(error));
			fs->open_kinds[node] |= 1u << 7; // never empty
		}
		fs->open_kinds[node] |= 1u << rights;
	}
}

void tmpfs_adopt_orphans(struct serve *serve)
{
	struct tmpfs *fs = serve->context;
	for (uint32_t node = 0; (node = store_next_orphan(&fs->store, node));)
		watch_orphan(serve, node);
}

void tmpfs_orphaned(struct serve *serve, uint32_t node)
{
	struct tmpfs *fs = serve->context;
	struct store_info info;
	store_info(&fs->store, node, &info);
	if (info.state == STORE_ORPHAN)
		watch_orphan(serve, node);
}

void tmpfs_gone(struct serve *serve, uint64_t badge)
{
	struct tmpfs *fs = serve->context;
	struct handle handle;
	if (!handle_from_badge(badge, &handle) || !store_valid(&fs->store, handle.node, handle.generation) ||
	    handle.node >= fs->open_count)
		return;
	struct store_info info;
	store_info(&fs->store, handle.node, &info);
	if (info.state != STORE_ORPHAN || !(fs->open_kinds[handle.node] & 1u << handle.rights))
		return;
	fs->open_kinds[handle.node] &= (uint8_t)~(1u << handle.rights);
	if (fs->open_kinds[handle.node] == 0)
		store_release(&fs->store, handle.node);
}

void tmpfs_close(struct tmpfs *fs)
{
	store_close(&fs->store);
	free(fs->open_kinds);
	fs->open_kinds = NULL;
	fs->open_count = 0;
}
