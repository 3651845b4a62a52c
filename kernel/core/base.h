// SPDX-License-Identifier: MIT
// What every kernel file stands on: containers of members, assertions, the end of the world, and the log.
//
// To say something to people call log_line(); for a broken invariant use assert() or panic(). Expected failures are
// returned; see kern_return.h.
#ifndef KERNEL_CORE_BASE_H
#define KERNEL_CORE_BASE_H

#include <mach/kern_return.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define must_check __attribute__((warn_unused_result))
#define container_of(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))
#define array_count(array) (sizeof(array) / sizeof((array)[0]))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

// A kernel invariant is broken: prints why, the last log lines, and ends the machine.
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
// One argument, since there are many: what they say is data.
struct assertion {
	const char *file, *expression;
	int line;
};
_Noreturn void assertion_failed(const struct assertion *assertion) __attribute__((cold));
#define assert(expression)                                                                                             \
	do {                                                                                                           \
		if (unlikely(!(expression))) {                                                                         \
			static const struct assertion assertion_here = {__FILE__, #expression, __LINE__};              \
			assertion_failed(&assertion_here);                                                             \
		}                                                                                                      \
	} while (0)

// Formats like printf (%d %i %u %x %X %p %s %c %% with l, ll, z, width, precision, 0 and -); always terminates `to`.
// Returns the length that the whole text has, as snprintf does.
size_t format_text(char *to, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t format_text_list(char *to, size_t room, const char *format, va_list list);

static inline bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

void log_module_init(void);
// Appends one line to the kernel log (a ring that keeps the newest LOG_SIZE bytes; readers follow it by offset) and
// to the machine's log output. `who` is the part that speaks: "seat", "task", a server's name.
void log_line(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Copies log text from *offset (counted since boot) into `to`; moves *offset past it (and past what was already
// overwritten). Returns the number of bytes copied.
size_t log_read(uint64_t *offset, char *to, size_t room);

#endif
