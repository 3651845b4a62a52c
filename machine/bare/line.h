// SPDX-License-Identifier: MIT
// Interrupt lines: numbers that device trees name. What raises a line (IOAPIC, MSI-X) registers how it is switched.
#ifndef MACHINE_BARE_LINE_H
#define MACHINE_BARE_LINE_H

#include "bare.h"

#define LINES 192u

// All three may be called on any CPU, with kernel locks held. The line's interrupt is vector `line` of the machine's.
struct line_source {
	kern_return_t (*enable)(uint32_t line, void *context);
	void (*disable)(uint32_t line, void *context);
	void (*ack)(uint32_t line, void *context);    // NULL: edge-triggered, nothing to do
	void (*raised)(uint32_t line, void *context); // NULL: nothing to do before the kernel hears of it
};

// The CPU that takes the line's interrupts: lines go round, each stays where it came when it was first enabled. For sources.
unsigned line_cpu(uint32_t line);
// The line gets a source; before md_interrupt_enable, once for each line.
void line_attach(uint32_t line, const struct line_source *source, void *context);
// The machine itself looks at each interrupt of that line before the kernel hears of it, and when it does not: the line is never
// masked. `driven`: it is enabled. One line only.
void line_watch(uint32_t line, void (*seen)(bool driven));
// An interrupt of the line has come.
void line_raised(uint32_t line);

#endif
