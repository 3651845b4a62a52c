// SPDX-License-Identifier: MIT
// What the bench's client and its server (server/main.c, a program of the image) say to each other: raw mach_msg, without
// stubs, so that nothing but the kernel is measured. The server sends every request that has a reply port back as it
// came, rights included; one-way messages end with it.
#ifndef BENCH_PROTOCOL_H
#define BENCH_PROTOCOL_H

#include <mach/message.h>
#include <stdint.h>

#define BENCH_SEAT "bench/echo"
#define BENCH_DRIVER "edu/0" // metal/driver.c
#define BENCH_BODY_MAX 1024u
#define BENCH_MEMORY_SIZE (1u << 20)

enum bench_id {
	BENCH_ECHO = 90001, // back as it came
	BENCH_WHO,          // struct bench_who with the server's Linux pid
	BENCH_MEMORY,       // one descriptor, a memory object: its first MiB is read before the answer
	BENCH_HOLD,         // no answer, kept: its send-once right stays with the server
	BENCH_TAKE,         // the answer is a header alone: the right of the request stays with the server
	BENCH_OUT_OF_LINE,  // the same, and the memory that came is given back to the system
};

struct bench_who {
	mach_msg_header_t head;
	uint32_t pid, padding;
};

struct bench_body {
	mach_msg_header_t head;
	uint8_t data[BENCH_BODY_MAX];
};

struct bench_right {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port;
};

struct bench_memory {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_ool_descriptor_t memory;
};

struct bench_buffer {
	union {
		mach_msg_header_t head;
		struct bench_who who;
		struct bench_body body;
		struct bench_right right;
		struct bench_memory memory;
	};
	mach_msg_max_trailer_t trailer;
} __attribute__((aligned(8)));

#endif
