// SPDX-License-Identifier: MIT
// Buffers that a program shares with file servers, so that much data moves by two copies and one small message. They are made when
// first needed and used again: a server that has mapped one knows it by its right.
#ifndef GILA_FILE_BUFFER_H
#define GILA_FILE_BUFFER_H

#include <gila/gila.h>

#define FILE_BUFFER_SIZE ((size_t)1 << 20)

struct file_buffer {
	_Atomic int state;  // enum in file_buffer.c
	mach_port_t memory;
	uint8_t *address;   // FILE_BUFFER_SIZE bytes
};

// One that nobody else uses until it is given back. NULL: all are in use, or there is no memory.
struct file_buffer *file_buffer_take(void);
void file_buffer_give(struct file_buffer *buffer);
// Drops all; none may be in use.
void file_buffers_drop(void);

#endif
