// SPDX-License-Identifier: MIT
// Reports of crashes; see crash.h. Written with snprintf and write alone: the heap may be what is broken.
#include "crash.h"

#include "../loader/image.h"
#include "backtrace.h"
#include "signal_context.h"
#include "thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAMES 128

extern const char *const darwin_sys_siglist[32];

static const struct {
	const char *name;
	int number;
} registers[] = {{"rax", REG_RAX}, {"rbx", REG_RBX}, {"rcx", REG_RCX}, {"rdx", REG_RDX}, {"rdi", REG_RDI},
		 {"rsi", REG_RSI}, {"rbp", REG_RBP}, {"rsp", REG_RSP}, {"r8", REG_R8},	 {"r9", REG_R9},
		 {"r10", REG_R10}, {"r11", REG_R11}, {"r12", REG_R12}, {"r13", REG_R13}, {"r14", REG_R14},
		 {"r15", REG_R15}, {"rip", REG_RIP}, {"rfl", REG_EFL}};

bool crash_wanted(void)
{
	const char *value = getenv("GILA_BACKTRACE");
	return value && *value && strcmp(value, "0") != 0;
}

static void put(const char *text, size_t length)
{
	if (write(2, text, length) < 0) {
		// nobody reads it
	}
}

static void put_reason(int number, const siginfo_t *info, const ucontext_t *context)
{
	char line[1400];
	struct darwin_siginfo told;
	int host = info->si_signo;
	signal_context_info(host, number, info, context, &told);
	int length = snprintf(line, sizeof(line), "gila: %s: ended by signal %d (%s)",
			      image_count ? images[0]->path : "-", number, darwin_sys_siglist[number]);
	if (signal_context_is_fault(host, info))
		length += snprintf(line + length, sizeof(line) - (size_t)length, ", code %d, address %p", told.code,
				   told.address);
	length += snprintf(line + length, sizeof(line) - (size_t)length, ", thread %ld\n", (long)thread_self()->id);
	put(line, (size_t)length);
}

static void put_registers(const ucontext_t *context)
{
	char line[200];
	int length = 0;
	for (size_t i = 0; i < sizeof(registers) / sizeof(*registers); i++) {
		length += snprintf(line + length, sizeof(line) - (size_t)length, " %3s %016llx", registers[i].name,
				   (unsigned long long)context->uc_mcontext.gregs[registers[i].number]);
		if (i % 3 == 2) {
			line[length++] = '\n';
			put(line, (size_t)length);
			length = 0;
		}
	}
}

void crash_begin(void)
{
	void *frames[2];
	if (crash_wanted()) // the unwinder is found at its first call: now, while nothing is broken
		backtrace_of(NULL, frames, 2);
}

void crash_report(int number, const siginfo_t *info, const ucontext_t *context)
{
	static _Atomic bool reported; // one is enough when several threads die
	void *frames[FRAMES];
	char line[BACKTRACE_LINE];
	if (!crash_wanted() || reported)
		return;
	reported = true;
	put_reason(number, info, context);
	put_registers(context);
	int count = backtrace_of(context, frames, FRAMES);
	for (int i = 0; i < count; i++) {
		size_t length = backtrace_line(line, i, frames[i], i > 0);
		line[length++] = '\n';
		put(line, length);
	}
}
