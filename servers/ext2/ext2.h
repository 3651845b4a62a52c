// SPDX-License-Identifier: MIT
// The ext2 server between the file interface and the file system (fs.h).
//
// Requests come in through the functions of abi/file_server.h (ext2_name.c, ext2_data.c, ext2_read.c, ext2_direct.c); rq->context is a struct serve
// whose context is a struct ext2. Each begins with ext2_target, which also lets go of what the one before it had in
// memory.
#ifndef EXT2_EXT2_H
#define EXT2_EXT2_H

#include "fs.h"

#include <serve/handle.h>
#include <serve/serve.h>
#include <serve/serve_lane.h>

#define EXT2_ASIDES 32u
#define EXT2_REFUSED 32u
#define EXT2_AREA_TIME UINT64_C(1000000000) // ns: an area that was not used for so long is given up; its client may be gone

// What a request that was put aside waits for.
enum aside_kind {
	ASIDE_READ,         // by value, until `ticket` is there
	ASIDE_READ_INTO,    // the same, into memory
	ASIDE_SYNC,         // until that which `ticket`, a number of store_changes, stands for is on the medium
	ASIDE_DIRECT_READ,  // the disk writes into the memory, until `ticket`, a number of data_read_direct, is over
	ASIDE_DIRECT_WRITE, // the same with data_write_direct
};

enum aside_way { ASIDE_BY_MESSAGE, ASIDE_BY_LANE };

struct aside {
	enum aside_kind kind;
	enum aside_way way;       // how it came, and is answered
	struct serve_reply reply; // ASIDE_BY_MESSAGE
	struct lane_request lane; // ASIDE_BY_LANE
	uint64_t badge, offset, size;
	mach_port_t memory; // of the client; by message with a right of ours; ASIDE_READ: none
	uint64_t start;     // in it
	uint64_t ticket;
	uint32_t area;      // direct: that the memory is
	size_t got;         // direct: what a read will have
};

// What is known of an area of the block client, by number - 1.
struct ext2_area {
	uint32_t running; // requests that are put aside
	uint64_t used;    // gila_time
};

// Memory that the disk does not reach, with a right of ours.
struct ext2_refused {
	mach_port_t memory;
	uint64_t until;
};

struct ext2 {
	struct fs *fs;         // NULL: it could not be mounted
	kern_return_t refusal; // then: what every request is answered
	struct watched *watched; // orphans whose handles the kernel watches
	uint32_t watched_count, watched_room;
	struct aside asides[EXT2_ASIDES]; // in the order of their coming
	uint32_t aside_count;
	struct ext2_area areas[BLOCK_AREAS];
	struct ext2_refused refused[EXT2_REFUSED];
	uint32_t refused_next;
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
// Reads and writes in memory of the client, however they came. LPC_NO_REPLY: it was put aside; else *got is set.
kern_return_t ext2_read_into(struct lpc_request *rq, struct aside *read) GILA_CHECKED;
kern_return_t ext2_write_from(struct lpc_request *rq, struct aside *write) GILA_CHECKED;
// By value, in a lane.
kern_return_t ext2_read_lane(struct lpc_request *rq, struct aside *read) GILA_CHECKED;

// Carries out what was put aside and need not wait any more. True: there was some.
bool ext2_asides_go_on(struct serve *serve);
// One more can be put aside.
bool ext2_aside_room(const struct ext2 *ext2);
// Puts it aside. Always LPC_NO_REPLY.
kern_return_t ext2_aside(struct ext2 *ext2, struct lpc_request *rq, const struct aside *aside);
// A sync goes on. True: *error is the answer; false: it waits for a commit.
bool ext2_sync_go_on(struct fs *fs, const struct aside *sync, kern_return_t *error);
// Answers one that was put aside, by a lane or with no bytes in the message, `got` of them.
void ext2_answer_memory(struct aside *aside, kern_return_t error);

// ext2_direct.c: large reads and writes without a copy. True: it was put aside, or *error is the answer; false: the other way.
bool ext2_direct_begin(struct lpc_request *rq, const struct ext2_target *target, struct aside *aside, uint8_t *bytes,
		       kern_return_t *error);
// Answers it, if it is over. False: it is not.
bool ext2_direct_go_on(struct serve *serve, struct aside *aside);
// Gives up areas that nobody uses any more. When the next one is due (gila_time).
uint64_t ext2_areas_expire(struct ext2 *ext2);
void ext2_areas_forget(struct ext2 *ext2); // all of them; nothing is put aside

// Orphans that an earlier server left are watched again.
void ext2_adopt_orphans(struct serve *serve);
// The inode has just lost its last name: it is watched. 0: nothing.
void ext2_orphaned(struct serve *serve, ext2_ino_t ino);
// A kind of handle is gone (serve.gone).
void ext2_gone(struct serve *serve, uint64_t badge);
void ext2_forget_watches(struct ext2 *ext2);

#endif
