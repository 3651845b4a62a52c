// SPDX-License-Identifier: MIT
// The tmpfs server between the file interface and the store.
//
// Requests come in through the functions of abi/file_server.h (tmpfs_name.c, tmpfs_data.c); rq->context is a struct serve
// whose context is a struct tmpfs. main.c brings in the kept memory.
#ifndef TMPFS_TMPFS_H
#define TMPFS_TMPFS_H

#include "store.h"

#include <gila/file_name.h>
#include <serve/handle.h>
#include <serve/serve.h>
#include <serve/serve_lane.h>

struct tmpfs {
	struct store store;
	uint8_t *open_kinds;   // by node: kinds of handles that an orphan may still have
	uint32_t open_count;   // how many nodes it has room for
};

// What a request is about: the node of its handle and what the handle may do.
struct tmpfs_target {
	struct tmpfs *fs;
	uint32_t node;
	uint32_t rights;
	struct store_info info;
};

// KERN_SUCCESS, or FILE_STALE.
kern_return_t tmpfs_target(struct lpc_request *rq, struct tmpfs_target *target) GILA_CHECKED;
// The same for a handle that must be a file with the right `need`. FILE_IS_DIRECTORY, FILE_NO_RIGHT.
kern_return_t tmpfs_target_file(struct lpc_request *rq, uint32_t need, struct tmpfs_target *target) GILA_CHECKED;

// Orphans that an earlier server left are watched again.
void tmpfs_adopt_orphans(struct serve *serve);
// The node has just lost its name: if it is an orphan now, it is watched.
void tmpfs_orphaned(struct serve *serve, uint32_t node);
// A kind of handle is gone (serve.gone).
void tmpfs_gone(struct serve *serve, uint64_t badge);
// Everything that is not in the store.
void tmpfs_close(struct tmpfs *fs);

// A read or write that came by a lane (serve.move).
int tmpfs_move(struct serve *serve, const struct lane_request *request, kern_return_t *error, uint64_t *count);

#endif
