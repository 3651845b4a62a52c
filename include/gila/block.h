// SPDX-License-Identifier: MIT
// Block devices as they share memory with their clients: the layout of a session's memory object. The calls that open and wake
// are in abi/block.defs; clients use <block/client.h>, drivers <block/session.h>.
//
// A session is one memory object: a struct block_ring, then page lists, then the data area. The client writes a request, moves
// submit_tail on and, if the driver sleeps, rings; the driver writes a reply, moves reply_tail on and, if the client sleeps,
// sends BLOCK_DONE_ID. Replies come in any order. Each side says how far it has read, so neither ring overflows.
// 1. Neither side trusts the other: each field is read once, and the copy is checked.
// 2. A request is known by its sequence number. A driver carries out a number once at most: what it has done already it only answers
//    again; what is older than the `sequence` of the attach, or than BLOCK_WINDOW numbers before the newest, it ignores. So a client
//    that got no reply sends the request again under the same number, and one that got wrong data asks under a new one.
// 3. Requests and replies carry checksums of themselves, so that what anybody in between damaged is noticed: BLOCK_DAMAGED asks for the
//    request again. Of the data too, if the session says BLOCK_SUMS_DATA: a driver shares the very memory with its client and has
//    nothing to lose on the way, a server between them that copies data does, and asks for it. Sums are XXH3 (64 bits) of xxhash 0.8 (lib/block/sum.h).
// 4. The data of a request under way belongs to the driver.
// 5. Requests under way are carried out in any order. Barriers are kept by the client, which sends nothing past one before it is
//    answered: a driver cannot keep them, since it does not know of a request that was lost on the way.
// 6. A session may have more memory, in areas (abi/block.defs, share): without rings, so it can be given to others, who then can spoil their
//    own data at any time. A session with BLOCK_SUMS_DATA has none.
#ifndef GILA_BLOCK_H
#define GILA_BLOCK_H

#include <mach/message.h>
#include <stdatomic.h>
#include <stdint.h>

#define BLOCK_SECTOR 512u         // bytes; `sector` and `count` are in these, whatever the device's own blocks are
#define BLOCK_PAGE 4096u
#define BLOCK_SLOTS 64u           // places of each ring; requests under way
#define BLOCK_WINDOW 256u         // sequence numbers that a driver remembers
#define BLOCK_TRANSFER_MAX (1u << 20) // bytes of one request
#define BLOCK_PAGES_MAX 256u      // pieces of one request
#define BLOCK_RING_MAGIC 0x676e6972u
#define BLOCK_RING_VERSION 2u
#define BLOCK_DONE_ID 76900       // driver to client, a bare header: look at the replies
#define BLOCK_DATA_OFFSET (BLOCK_PAGE + BLOCK_SLOTS * BLOCK_PAGES_MAX * 4u + 2 * BLOCK_PAGE) // of the data area in the object
#define BLOCK_DATA_MAX (UINT64_C(1) << 30)
#define BLOCK_AREAS 16u           // of a session, from 1; 0 is the data area
#define BLOCK_AREA_MAX (UINT64_C(1) << 20) // bytes
#define BLOCK_AREA_SHIFT 32       // of the area's number in a place

enum block_operation {
	BLOCK_READ = 1,
	BLOCK_WRITE,
	BLOCK_FLUSH,        // what was answered before it is on the medium when this is answered
	BLOCK_DISCARD,      // the sectors' content does not matter any more
	BLOCK_WRITE_ZEROES, // the sectors read as zeros
};

// Of struct block_io (lib/block/client.h); a request has none.
enum block_flags {
	BLOCK_BARRIER = 1, // begins when all requests before it have ended; those after it begin when it has ended
};

enum block_status {
	BLOCK_OK = 1,
	BLOCK_ERROR,       // the device failed
	BLOCK_UNSUPPORTED, // it has no such operation
	BLOCK_INVALID,     // outside of the device or the session, or makes no sense
	BLOCK_READ_ONLY,
	BLOCK_DAMAGED,     // a sum is wrong: send it again
	BLOCK_BUSY,        // this number is being carried out already; it is answered when it has ended
};

struct block_request {
	uint64_t sequence;  // from 1
	uint64_t sector;    // of the session's range
	uint32_t count;     // sectors; BLOCK_FLUSH: 0
	uint16_t operation; // enum block_operation
	uint16_t flags;     // 0
	uint32_t pieces;    // 0: no data. 1: they lie at `place`. More: in pages of the data area that the page list names
	uint32_t piece_size; // bytes of each piece but the last, a multiple of the device's block_size, at most BLOCK_PAGE if pieces > 1
	uint64_t place;     // area << BLOCK_AREA_SHIFT | bytes from its beginning, a multiple of BLOCK_SECTOR; 0 if pieces > 1
	uint64_t data_sum;  // BLOCK_WRITE with BLOCK_SUMS_DATA: of the data, piece after piece; else 0
	uint64_t zero;
	uint64_t sum;       // of all fields above and the page list in use
};

struct block_reply {
	uint64_t sequence;
	uint32_t status;   // enum block_status
	uint32_t zero;
	uint64_t data_sum; // BLOCK_READ that went well, with BLOCK_SUMS_DATA: of the data; else 0
	uint64_t sum;      // of all fields above
};

// Fits in BLOCK_PAGE * 3. Counts grow for ever and wrap at 2^32: number n is at n % BLOCK_SLOTS. Who is about to sleep says for which
// number it wants to be woken (`waits`), makes that seen by all, and looks once more; who moves a tail past it wakes.
struct block_ring {
	uint32_t magic, version; // written by the driver at attach
	uint32_t unused[14];
	_Atomic uint32_t submit_tail __attribute__((aligned(64))); // client: requests written so far
	_Atomic uint32_t reply_head;   // client: replies read so far
	_Atomic uint32_t client_waits; // client: wake it when this reply has been written
	_Atomic uint32_t reply_tail __attribute__((aligned(64))); // driver: replies written so far
	_Atomic uint32_t submit_head;  // driver: requests read so far
	_Atomic uint32_t driver_waits; // driver: ring when this request has been written
	struct block_request requests[BLOCK_SLOTS] __attribute__((aligned(64)));
	struct block_reply replies[BLOCK_SLOTS];
};

// Whether moving a tail from `before` to `after` passes the number that the other side waits for.
static inline _Bool block_must_wake(uint32_t waits, uint32_t before, uint32_t after)
{
	return (uint32_t)(after - waits - 1) < (uint32_t)(after - before);
}

// The page list of the request at that place of the ring: numbers of pages of the data area.
#define BLOCK_PAGE_LISTS (3u * BLOCK_PAGE) // their offset in the object

struct block_info {
	uint64_t sectors;     // of the range
	uint32_t block_size;  // bytes that the device reads and writes at a time, at least BLOCK_SECTOR
	uint32_t transfer;    // bytes of one request, whole pages, at most BLOCK_TRANSFER_MAX
	uint32_t pieces;      // of one request, at most BLOCK_PAGES_MAX
	uint32_t features;    // enum block_features
	uint32_t range;       // sectors of one BLOCK_DISCARD or BLOCK_WRITE_ZEROES
	uint32_t unused;
	char serial[24];      // zero-terminated; "": the device does not say
};

enum block_attach_flags {
	BLOCK_ATTACH_WRITE = 1, // the session may write
	BLOCK_ATTACH_SUMS = 2,  // BLOCK_SUMS_DATA is wanted: said by a server that passes requests on
	BLOCK_ATTACH_DOUBT = 4, // nothing was right in the last sessions: who has run for a while had best end, to be launched afresh
};

enum block_features {
	BLOCK_CAN_WRITE = 1,
	BLOCK_CAN_FLUSH = 2, // without it every write is on the medium when it is answered
	BLOCK_CAN_DISCARD = 4,
	BLOCK_CAN_WRITE_ZEROES = 8,
	BLOCK_SUMS_DATA = 16, // requests and replies of the session carry sums of the data
};

_Static_assert(sizeof(struct block_request) == 64, "a request is a cache line");
_Static_assert(sizeof(struct block_reply) == 32, "struct block_reply has no padding");
_Static_assert(sizeof(struct block_ring) <= 3 * BLOCK_PAGE, "the ring fits before the page lists");
_Static_assert(BLOCK_DATA_OFFSET % BLOCK_PAGE == 0, "the data area begins on a page");
_Static_assert(sizeof(struct block_info) == 56, "struct block_info has no padding");

#endif
