// SPDX-License-Identifier: MIT
// The loader's framebuffer as the kernel's console; see display.c.
#ifndef MACHINE_BARE_X86_64_DISPLAY_H
#define MACHINE_BARE_X86_64_DISPLAY_H

#include "../tree/device_tree.h"

// Looks at what the loader left. One that cannot be used gets a line in the log.
void display_find(void);
// What is to be mapped of it, in whole pages. False: nothing.
bool display_memory(uint64_t *start, uint64_t *size);
// From now on the log is seen there, if all of it lies below `limit` (what is mapped) and memory is left.
void display_open(uint64_t limit);
// For the device tree. NULL: none.
const struct device_tree_framebuffer *display_framebuffer(void);
void display_write(const char *text, size_t size);
// A driver gets that memory: if the framebuffer is in it the log goes there no more.
void display_taken(uint64_t address, uint64_t size);
// A panic has it again. True: a driver had it.
bool display_take_back(void);

#endif
