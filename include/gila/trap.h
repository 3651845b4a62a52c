// SPDX-License-Identifier: MIT
// How a program enters the kernel by number. lib/gila does it by the trap channel when hosted and by an instruction on the
// metal; the generated stubs call it when hosted, and have the instruction themselves (<gila/trap_entry.h>).
#ifndef GILA_TRAP_H
#define GILA_TRAP_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/vm_types.h>
#include <stddef.h>
#include <stdint.h>

// Runs trap `number` and returns its result. Unused words are 0. An unknown number gives KERN_INVALID_ARGUMENT.
uint64_t gila_trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
		   uint64_t a6, uint64_t a7, uint64_t a8);

#define gila_trap0(number) gila_trap(number, 0, 0, 0, 0, 0, 0, 0, 0, 0)
#define gila_trap1(number, a) gila_trap(number, a, 0, 0, 0, 0, 0, 0, 0, 0)
#define gila_trap2(number, a, b) gila_trap(number, a, b, 0, 0, 0, 0, 0, 0, 0)
#define gila_trap3(number, a, b, c) gila_trap(number, a, b, c, 0, 0, 0, 0, 0, 0)
#define gila_trap4(number, a, b, c, d) gila_trap(number, a, b, c, d, 0, 0, 0, 0, 0)
#define gila_trap5(number, a, b, c, d, e) gila_trap(number, a, b, c, d, e, 0, 0, 0, 0)
#define gila_trap6(number, a, b, c, d, e, f) gila_trap(number, a, b, c, d, e, f, 0, 0, 0)
#define gila_trap7(number, a, b, c, d, e, f, g) gila_trap(number, a, b, c, d, e, f, g, 0, 0)
#define gila_trap8(number, a, b, c, d, e, f, g, h) gila_trap(number, a, b, c, d, e, f, g, h, 0)
#define gila_trap9(number, a, b, c, d, e, f, g, h, i) gila_trap(number, a, b, c, d, e, f, g, h, i)

#endif
