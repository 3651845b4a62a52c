// SPDX-License-Identifier: MIT
// A disk for tests of the ext2 server, in place of lib/block's client: an image in memory that can fail, and that can
// lose its power. The functions of <block/client.h> are defined in store_fake_test.c.
//
// Requests are carried out when somebody waits or polls, in an order that the seed decides. Writes are remembered until a
// flush that came after them is done: fake_power_loss leaves a random choice of their sectors on the medium,
// fake_disk_image what reads see. fake_step is called at every moment at which a killed server's memory or the disk may
// differ from the moment before.
#ifndef EXT2_STORE_FAKE_H
#define EXT2_STORE_FAKE_H

#include <block/client.h>
#include <setjmp.h>

struct fake_write {
	uint64_t sector;
	uint8_t bytes[BLOCK_SECTOR];
};

struct fake_disk {
	uint8_t *image;   // as reads see it
	uint8_t *medium;  // as of the last flush
	uint64_t size;
	struct fake_write *unflushed;
	size_t unflushed_count, unflushed_room;
	uint64_t random;      // state of the choices
	bool shuffle;         // requests are carried out in any order
	uint64_t writes, flushes, reads; // requests so far
	uint64_t fail_writes, fail_reads; // how many of the next ones fail; UINT64_MAX: all
	uint64_t bad_sector;  // reads and writes of it fail; UINT64_MAX: none
	bool no_flush;        // the device has no flush: writes are on the medium when answered
	// What must never be written, for the tests of replay: sectors from .. up to.
	uint64_t guard_from, guard_to;
	uint64_t guard_hits;
};

// The step at which the server is killed (longjmp to fake_killed), 0: never; and those so far. Only those are counted for
// which fake_when, if there is one, says true.
extern uint64_t fake_until, fake_steps;
extern bool (*fake_when)(void);
extern jmp_buf fake_killed;
void fake_step(void);

uint64_t fake_random(uint64_t *state);

void fake_disk_make(struct fake_disk *disk, uint64_t size, uint64_t seed);
// From a file; false: it cannot be read.
bool fake_disk_load(struct fake_disk *disk, const char *path, uint64_t seed);
bool fake_disk_save(const struct fake_disk *disk, const char *path);
void fake_disk_copy(struct fake_disk *to, const struct fake_disk *from);
void fake_disk_free(struct fake_disk *disk);
// The power goes: what was not flushed is on the medium or not, sector by sector.
void fake_power_loss(struct fake_disk *disk);

// Memory of areas. For tests with a kernel of their own: how a memory object is made, and where one is; NULL: memory without an object.
extern mach_port_t (*fake_area_make)(uint64_t size);
extern uint8_t *(*fake_area_bytes)(mach_port_t memory);
extern unsigned fake_area_takes;   // calls of block_area_take so far
extern bool fake_areas_refused;    // nothing is shared any more, and what was is lost
uint8_t *fake_area(const struct block_client *client, uint32_t area);

// A client with a data area of its own, zeroed.
void fake_client_make(struct block_client *client, struct fake_disk *disk, uint64_t data_size);
// The server was killed: what was under way is carried out or not, and the memory goes to a new client, at another
// address.
void fake_client_killed(struct block_client *client);
// And it is lost.
void fake_client_forget(struct block_client *client);
void fake_client_free(struct block_client *client);

#endif
