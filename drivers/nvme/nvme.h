// SPDX-License-Identifier: MIT
// An NVMe controller (NVM Express Base Specification 1.4) with one namespace and one pair of I/O queues. It knows no sessions.
//
// To use one: make memory of nvme_bytes() that it reaches, nvme_attach, nvme_open; nvme_submit as long as nvme_has_room, then nvme_publish
// once for a batch; nvme_take until nothing is left; nvme_check now and then while something is in flight.
// 1. The controller is not believed: identify data is copied and checked, completions must be of commands that are in flight, and no wait
//    is longer than CAP.TO or COMMAND_NS. One that makes no sense is `broken`, and gives nothing any more.
// 2. Data is described by PRP lists: what does not fit one command's rules is cut into several by whoever fills a nvme_run.
// One thread.
#ifndef NVME_NVME_H
#define NVME_NVME_H

#include "nvme_queue.h"

#include <driver/pci.h>

#define NVME_COMMANDS 128u     // in flight
#define NVME_TRANSFER_MAX (1u << 20) // bytes of one command
#define NVME_PAGES (NVME_TRANSFER_MAX / NVME_PAGE + 1) // that it touches
#define NVME_COMMAND_NS UINT64_C(30000000000) // nanoseconds, after which a command is lost

enum nvme_result {
	NVME_OK,
	NVME_UNSUPPORTED,
	NVME_FAILED,
};

struct nvme {
	// Where it is.
	uint8_t *registers;
	uint64_t cap;
	uint8_t *memory;        // zeroed before each nvme_open
	uint64_t bus_address;
	// What it is.
	uint32_t namespace;
	unsigned shift;         // log2 of the block's bytes: 9 to 12
	uint64_t blocks;
	uint32_t transfer;      // bytes of one command
	bool read_only, has_cache, can_discard, can_zero;
	char serial[NVME_SERIAL_BYTES + 1];
	// Its queues, and what is in them.
	struct nvme_queue admin, io;
	uint16_t admin_id;      // of the last admin command
	struct nvme_slot {
		void *token;    // NULL: not in flight
		uint64_t begun;
		uint16_t next;  // free
	} slots[NVME_COMMANDS];
	uint16_t free;
	unsigned in_flight, room;
	uint16_t last_error;    // status of the last command that failed
	const char *broken;     // why it makes no sense any more; NULL: it does
	const char *problem;    // why the last nvme_attach or nvme_open failed
	char text[96];          // of `problem`
};

// Data of one command: at most `most` bytes.
struct nvme_run {
	uint64_t pages[NVME_PAGES]; // PRP entries (4.3)
	unsigned count;
	uint32_t bytes, most;
	uint64_t end;               // bus address behind the last byte
	bool closed;                // nothing more can be added
};

size_t nvme_bytes(void);
// Finds the registers and resets the controller. KERN_FAILURE with nvme->problem.
kern_return_t nvme_attach(struct nvme *nvme, struct driver_pci *pci) GILA_CHECKED;
kern_return_t nvme_reset(struct nvme *nvme) GILA_CHECKED;
// Gets it to work with the memory at nvme->memory. `vector`: of the I/O queue. KERN_FAILURE with nvme->problem.
kern_return_t nvme_open(struct nvme *nvme, uint16_t vector) GILA_CHECKED;
// What is wrong with it; NULL: nothing. `now`: of the same clock as nvme_submit's.
const char *nvme_check(const struct nvme *nvme, uint64_t now);

// Data of the next command, piece by piece, until it is closed. Each piece is whole blocks.
void nvme_run_begin(const struct nvme *nvme, struct nvme_run *run);
void nvme_run_add(struct nvme_run *run, uint64_t bus_address, uint32_t size);

bool nvme_has_room(const struct nvme *nvme);
// There is room. `run`: of reads and writes, else NULL. `blocks`: at most NVME_BLOCKS_MAX; of a flush: 0. `token` is not NULL.
void nvme_submit(struct nvme *nvme, enum nvme_opcode opcode, uint64_t block, uint32_t blocks, const struct nvme_run *run, void *token,
		 uint64_t now);
void nvme_publish(struct nvme *nvme);
// The token of a command that has ended; NULL: none.
void *nvme_take(struct nvme *nvme, enum nvme_result *result);
// Tells the controller how far completions were taken, which comes before more is submitted: so it has room for them all.
void nvme_taken(struct nvme *nvme);
// Whether another command has ended.
bool nvme_has_ended(const struct nvme *nvme);

#endif
