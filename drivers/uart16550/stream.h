// SPDX-License-Identifier: MIT
// The bytes of a line on their way, in memory that the kernel keeps from driver to driver.
//
// 1. A byte's place follows from its number; `begin` and `end` are moved by one store each, after what they tell of has happened. So
//    a driver that is killed at any instruction leaves streams that are right, but for the one byte that it was handling.
// 2. What an earlier driver left is checked once, in line_memory_open; then nobody else writes here.
#ifndef UART16550_STREAM_H
#define UART16550_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define STREAM_SIZE 16384u // a power of two

struct stream {
	_Atomic uint64_t begin, end; // numbers of the oldest byte that is needed, and of the next one to come
	uint8_t bytes[STREAM_SIZE];
};

#define LINE_MAGIC UINT64_C(0x3031306c61697265) // "erial010"

enum line_phase { LINE_FRESH, LINE_SET_UP }; // whether the UART is as this driver wants it

struct line_memory {
	uint64_t magic;
	_Atomic uint32_t phase; // enum line_phase
	uint32_t fifo;          // bytes that the transmitter takes at once; once set up
	uint64_t lost, damaged; // as in struct serial_info
	struct stream in, out;
};

// What it was is kept if it makes sense, else it begins anew. False: anew.
bool line_memory_open(struct line_memory *memory);

static inline uint32_t stream_count(struct stream *stream) { return (uint32_t)(stream->end - stream->begin); }
static inline uint32_t stream_room(struct stream *stream) { return STREAM_SIZE - stream_count(stream); }
// There must be room.
void stream_put(struct stream *stream, const uint8_t *bytes, uint32_t count);
// Those from that number on, which must be there; nothing moves.
void stream_look(struct stream *stream, uint64_t position, uint8_t *bytes, uint32_t count);
// Bytes before that number, which must be between `begin` and `end`, are not needed any more.
static inline void stream_move(struct stream *stream, uint64_t begin) { atomic_store(&stream->begin, begin); }

#endif
