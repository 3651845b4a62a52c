// SPDX-License-Identifier: MIT
// metal LIBLINUX PROGRAM [ARGUMENT...]: runs an unchanged static-PIE program as on the metal, in a Linux process.
//
// Linux sends every `syscall` outside of this program's own text to a handler (Syscall User Dispatch,
// Documentation/admin-guide/syscall-user-dispatch.rst). A trap of Gila (0x1000000 + number in rax) is passed to the hosted kernel
// through the trap channel; anything else goes to the entry of lib/linux with the registers that docs/linux-calls.md names. So
// what runs is the program, lib/linux and the kernel, and of the metal only the instruction is missing.
//
// Each thread of the program lives in a thread of ours, which the kernel has asked for. The program's FS base is its C library's,
// so our own waits in the GS base, and handlers exchange them before they touch anything thread-local.
#ifndef METAL_H
#define METAL_H

#include <stdbool.h>
#include <stdint.h>

struct metal_image {
	uint64_t base, size, entry, headers;
	uint16_t header_count;
};

// load.c: maps an ELF image; ends the process with a message when that fails.
struct metal_image metal_load(const char *path);
// The stack of the first thread: strings, aux vector, environment, arguments. Returns its pointer.
uint64_t metal_stack(const struct metal_image *program, const struct metal_image *library, int argc, char **argv);
_Noreturn void metal_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// dispatch.c: the calling thread's system calls go to the handler from now on. False: Linux cannot do that.
bool metal_thread_prepare(void);
void metal_dispatch_begin(const struct metal_image *library);
// Enters the program, or lib/linux, for good.
_Noreturn void metal_enter(uint64_t where, uint64_t stack, uint64_t argument, uint64_t number, uint64_t next);

#endif
