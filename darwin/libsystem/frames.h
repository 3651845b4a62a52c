// SPDX-License-Identifier: MIT
// Frames of code that a program made while it runs (__register_frame).
#ifndef DARWIN_FRAMES_H
#define DARWIN_FRAMES_H

// The FDE of the function that has the address, and where that begins; or NULL.
const void *frames_find(const void *address, void **function);
// For fork: nobody else changes them meanwhile.
void frames_lock_all(void);
void frames_unlock_all(void);

#endif
