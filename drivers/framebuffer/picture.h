// SPDX-License-Identifier: MIT
// A framebuffer as the sending half of a serial line (abi/serial.defs): what is written is shown by lib/screen; nothing is ever read.
//
// 1. What was written is counted, and its end is in memory that the kernel keeps: the next driver writes that again on an empty screen,
//    so it shows the same. A byte is counted after it is kept, and shown after that.
// 2. A framebuffer that cannot be used is said once; then requests are refused. A driver that ended would be launched again for them.
// One thread; nothing waits.
#ifndef FRAMEBUFFER_PICTURE_H
#define FRAMEBUFFER_PICTURE_H

#include <gila/serial.h>
#include <screen/screen.h>
#include <serve/serve.h>

#include <stdatomic.h>

#define PICTURE_KEPT 32768u // bytes: more than a screen has characters
#define PICTURE_MAGIC UINT64_C(0x3130306572757463)

struct picture_memory {
	uint64_t magic;
	_Atomic uint64_t written; // bytes ever
	uint8_t bytes[PICTURE_KEPT]; // the last ones: byte n at n % PICTURE_KEPT
};

struct picture {
	struct screen screen;
	bool works;
	struct picture_memory *memory;
	struct serve_reply reader; // who waits for input, for ever
};

// Errors are logged.
kern_return_t picture_begin(struct picture *picture) GILA_CHECKED;

#endif
