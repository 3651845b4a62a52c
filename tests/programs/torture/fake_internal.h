// SPDX-License-Identifier: MIT
// Between fake.c (the disk), fake_name.c (names) and fake_data.c (contents).
#ifndef TORTURE_FAKE_INTERNAL_H
#define TORTURE_FAKE_INTERNAL_H

#include "fake.h"

#include <mach/mig_errors.h>

enum { FAKE_NODES = 256, FAKE_BLOCKS = 1024, FAKE_BLOCK = 4096, FAKE_NODE_BLOCKS = 80, FAKE_NAME = 96 };

struct fake_node {
	uint8_t kind; // 0: free; 1: file; 2: directory
	uint16_t parent;
	char name[FAKE_NAME]; // "": it has none any more
	uint64_t size;
	uint16_t opened;
	uint16_t blocks[FAKE_NODE_BLOCKS]; // 0: a hole
};

struct fake_meta {
	struct fake_node nodes[FAKE_NODES];
};

struct fake {
	struct fake_meta now, committed;
	uint8_t (*memory)[FAKE_BLOCK], (*disk)[FAKE_BLOCK];
	bool dirty[FAKE_BLOCKS];
	enum fake_fault fault;
	uint64_t calls_left, random;
	bool is_gone;
	struct fake_node removed, ghost; // the last file that was removed; the last one whose removal was committed
};
extern struct fake fake;

uint64_t fake_roll(uint64_t below);
void fake_commit(void);
// A free block, zeroed in memory.
uint16_t fake_allocate(void);
// Every call begins here. False: the power is gone; *half: this call may still get half way.
bool fake_enter(bool *half);
// The same for calls that are not idempotent: *cut: the server dies with it, before or after it takes effect.
bool fake_enter_once(bool *cut);
kern_return_t fake_cut_off(void);

// fake_name.c
kern_return_t fake_open(const char *path, uint32_t flags, uint32_t *handle);
kern_return_t fake_create(const char *path, uint32_t *handle);
void fake_close(uint32_t handle);
kern_return_t fake_info(const char *path, struct files_info *info);
kern_return_t fake_rename(const char *from, const char *to);
kern_return_t fake_remove(const char *path);
kern_return_t fake_make_directory(const char *path);
kern_return_t fake_list(const char *path, files_entry *entry, void *context);
// fake_data.c
kern_return_t fake_read(uint32_t handle, uint64_t offset, void *to, size_t size, size_t *got);
kern_return_t fake_write(uint32_t handle, uint64_t offset, const void *from, size_t size);
kern_return_t fake_append(uint32_t handle, const void *from, size_t size);
kern_return_t fake_resize(uint32_t handle, uint64_t size);
kern_return_t fake_sync(uint32_t handle);
kern_return_t fake_size(uint32_t handle, uint64_t *size);

#endif
