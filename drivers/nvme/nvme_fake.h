// SPDX-License-Identifier: MIT
// An NVMe controller in software, for tests: nvme_fake_begin makes it as QEMU shows one; `manner` makes it misbehave. It works while its
// registers are written; with `hold` it only collects I/O commands, until nvme_fake_end. What a driver does wrong is counted in `wrong`.
// Waiting (lib/driver/wait.h) takes no time here: each look is a millisecond of the controller's. It is the device of driver_property and
// driver_map.
#ifndef NVME_FAKE_H
#define NVME_FAKE_H

#include "nvme.h"

enum { NVME_FAKE_BYTES = 8 << 20, NVME_FAKE_HELD = 512, NVME_FAKE_MQES = 1023 };

struct nvme_fake {
	enum {
		NVME_HONEST,
		NVME_NEVER_READY,
		NVME_NEVER_RESETS,
		NVME_FATAL_AT_START,
		NVME_GONE,          // all ones
		NVME_ADMIN_SILENT,
		NVME_ADMIN_OTHER,   // answers another command
		NVME_ADMIN_FATAL,
		NVME_SILENT,        // I/O commands never end
		NVME_FATAL,         // at the next I/O command
		NVME_WRONG_ID,
		NVME_LARGE_ID,
		NVME_WRONG_QUEUE,
		NVME_TWICE,         // each command ends twice
		NVME_GARBAGE,       // in all entries but the next one
		NVME_OLD,           // there are no lists of namespaces
	} manner;
	uint64_t cap;
	uint32_t cc, csts, aqa;
	uint64_t asq, acq;
	unsigned delay, ready_after; // milliseconds that a change of CC.EN takes: what is left, and in all
	struct nvme_fake_queue {
		bool made;
		uint64_t submissions, completions;
		uint32_t size, head, tail;      // of submissions
		uint32_t end, released, phase;  // of completions
		uint32_t vector;
	} queues[2];
	uint8_t controller[NVME_PAGE], namespace[NVME_PAGE];
	uint32_t first_namespace;
	unsigned refused_feature;        // status of set features
	uint16_t fail[256];              // status of I/O commands with that opcode
	uint64_t fail_from;              // only those whose first block is at or behind it
	bool hold;
	struct nvme_submission held[NVME_FAKE_HELD];
	unsigned held_count, most_held;
	unsigned commands[256], interrupts[4], resets, lists, wrong;
	uint32_t largest;                // bytes of a command
	uint64_t waited;                 // milliseconds
	uint8_t disk[NVME_FAKE_BYTES];
};
extern struct nvme_fake nvme_fake;

// Blocks of 1 << shift bytes; commands of at most 4096 << mdts bytes, 0: any. Its registers are the first `registers` bytes of BAR 0; 0: it
// has none.
void nvme_fake_begin(unsigned shift, unsigned mdts);
void nvme_fake_registers(uint64_t bytes);
// Memory that it reaches.
void nvme_fake_memory(uint64_t bus_address, void *address, uint64_t size);
// Ends held command `index`.
void nvme_fake_end(unsigned index);
// Accesses outside: of the driver to registers, of the controller to memory; and other things that a driver did wrong.
unsigned nvme_fake_mistakes(void);
unsigned nvme_fake_maps(void);

#endif
