// SPDX-License-Identifier: MIT
// What the tests of both sides share: the client and the fake disk of block_test.c.
#ifndef BLOCK_TEST_H
#define BLOCK_TEST_H

#include "client_internal.h"
#include "session_internal.h"

#include <gila/test.h>

extern struct block_client client;

void begin(uint64_t seed);
bool end(void); // true: everything was given back
kern_return_t open_client(void);
struct block_device *disk_device(void);
unsigned disk_starts(void);  // requests that the device was given
void disk_hold(void);        // it ends none by itself
void disk_finish(void);      // it ends one
void disk_wrong(bool wrong); // it finds no request right
void disk_later(uint64_t time);

void disk_die(void);
void disk_go_on(void);       // after disk_hold
void disk_without_areas(void);
void disk_trouble(unsigned kills); // in 1000, at each step
unsigned disk_breaches(void);
unsigned disk_memories(void); // that the device reaches
unsigned disk_told(void);     // how often it was told of memory, or that some is gone
void disk_room(unsigned room); // memories that it takes at most
void disk_settle(void);       // what was sent arrives
unsigned disk_steps(void);    // that somebody waited for
void disk_absent(bool absent);
void disk_deliver(void);      // the client gets its messages
bool disk_put(mach_msg_id_t id, uint64_t badge); // one more of them
uint8_t *disk_bytes(uint64_t sector);
uint8_t *memory_bytes(mach_port_t memory);
kern_return_t open_client_without_sums(void);

#endif
