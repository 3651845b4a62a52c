// SPDX-License-Identifier: MIT
// The ext2 server between the file interface and the file system (fs.h).
//
// Requests come in through the functions of abi/file_server.h (ext2_name.c, ext2_data.c, ext2_read.c); rq->context is a struct serve
// whose context is a struct ext2. Each begins with ext2_target, which also lets go of what the one before it had in
// memory.
#ifndef EXT2_EXT2_H
#define EXT2_EXT2_H

#include "fs.h"

#include <serve/handle.h>
#include <serve/serve.h>
#include <serve/serve_lane.h>

#define EXT2_READS 32u

// A read whose blocks are on their way.
struct read_aside {
	struct serve_reply reply;
	uint64_t badge, offset, size;
	mach_port_t memory; // of the client, with a right of ours; MACH_PORT_NULL: by value, or by lane
	uint64_t start;     // in it
	bool by_lane;
	struct lane_request lane;
	uint64_t ticket;    // of data_ask
};

struct ext2 {
	struct fs *fs;         // NULL: it could not be mounted
	kern_return_t refusal; // then: what every request is answered
	struct watched *watched; // orphans whose handles the kernel watches
	uint32_t watched_count, watched_room;
	struct read_aside reads[EXT2_READS]; // in the order of their coming
	uint32_t read_count;
};

// What a request is about: the inode of its handle and what the handle may do.
struct ext2_target {
	struct fs *fs;
	ext2_ino_t ino;
	uint32_t rights;
	struct node *node;
};

// KERN_SUCCESS, FILE_STALE, or FILE_DAMAGED; the refusal, if nothing is mounted.
kern_return_t ext2_target(struct lpc_request *rq, struct ext2_target *target) GILA_CHECKED;
// The same for a handle that must be a file with the right `need`. FILE_IS_DIRECTORY, FILE_NO_RIGHT.
kern_return_t ext2_target_file(struct lpc_request *rq, uint32_t need, struct ext2_target *target) GILA_CHECKED;

// A read or write that came by a lane (serve.move), and what of it must wait.
int ext2_move(struct serve *serve, const struct lane_request *request, kern_return_t *error, uint64_t *count);
int ext2_read_lane(struct serve *serve, const struct lane_request *request, kern_return_t *error, uint64_t *count);

// Carries out the reads whose blocks have come. True: there were some.
bool ext2_reads_go_on(struct serve *serve);

// Orphans that an earlier server left are watched again.
void ext2_adopt_orphans(struct serve *serve);
// The inode has just lost its last name: it is watched. 0: nothing.
void ext2_orphaned(struct serve *serve, ext2_ino_t ino);
// A kind of handle is gone (serve.gone).
void ext2_gone(struct serve *serve, uint64_t badge);
void ext2_forget_watches(struct ext2 *ext2);

#endif
