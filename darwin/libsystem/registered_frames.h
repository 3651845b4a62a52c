// SPDX-License-Identifier: MIT
// Unwind records of code that a program made itself (a JIT), which it registered.
#ifndef DARWIN_REGISTERED_FRAMES_H
#define DARWIN_REGISTERED_FRAMES_H

// The record (an FDE) for the address and where its function begins, or NULL.
const void *registered_frame_find(const void *address, void **function);

#endif
