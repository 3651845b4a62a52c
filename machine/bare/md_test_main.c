// SPDX-License-Identifier: MIT
// Runs the conformance test of the seam (machine/md_test.c) and those unit tests of the kernel that need no
// simulation inside a booted kernel on the metal. Linked as machine/md_test_main.c is; the end of the machine tells
// the verdict.
//
// Words of the kernel's command line choose tests: only those whose names contain one of them. "panic", "overflow",
// "fault" and "text" end the kernel on purpose, for tests/metal/md.sh to see how; with "spin" CPUs loop in the kernel, which
// tests/metal/monitor.py looks at.
#include <gila/test.h>
#include <kernel/core/sched.h>
#include <machine/md.h>

extern const struct test *const __start_gila_tests[];
extern const struct test *const __stop_gila_tests[];

void __real_md_cpu_start_others(void);
void __wrap_md_cpu_start_others(void);

static const struct test *running;
static bool running_failed;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	char line[512];
	va_list list;
	va_start(list, format);
	size_t length = format_text_list(line, sizeof(line), format, list);
	va_end(list);
	md_log_write(line, length < sizeof(line) ? length : sizeof(line) - 1);
}

// What tests, unlike the kernel, use of <string.h>.
size_t strlen(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		continue;
	return (unsigned char)*a - (unsigned char)*b;
}

void test_fail(const char *file, int line, const char *expression)
{
	say("%s:%d: %s: %s is false\n", file, line, running->name, expression);
	running_failed = true;
}

void test_fail_values(const char *file, int line, const char *expression, uint64_t left, uint64_t right)
{
	say("%s:%d: %s: %s: %lu (0x%lx) is not %lu (0x%lx)\n", file, line, running->name, expression, left, left, right,
	    right);
	running_failed = true;
}

static bool selected(const char *name)
{
	size_t name_length = 0;
	while (name[name_length])
		name_length++;
	const char *word = md_boot_command_line();
	bool any = false;
	while (*word) {
		size_t length = 0;
		while (word[length] && word[length] != ' ')
			length++;
		any |= length > 0;
		for (size_t at = 0; length > 0 && at + length <= name_length; at++)
			if (memcmp(name + at, word, length) == 0)
				return true;
		word += length + (word[length] == ' ');
	}
	return !any;
}

// ---- Ends on purpose ------------------------------------------------------------------------------------------------

static __attribute__((noinline)) unsigned overflow(volatile unsigned *deeper)
{
	volatile unsigned here[64];
	here[0] = *deeper + 1;
	return here[0] == 0 ? 0 : overflow(here) + here[0];
}

static __attribute__((noinline)) void spin_on_purpose(void)
{
	for (volatile unsigned round = 0;;)
		round = round + 1;
}

// On every CPU but the one that sees the serial line's interrupts.
static void spin(void *argument)
{
	if (md_cpu_self() != 0)
		spin_on_purpose();
	thread_yield();
}

static void spin_elsewhere(void)
{
	for (unsigned i = 0; i < 4 * md_cpu_count(); i++)
		if (thread_create_kernel("spin", spin, NULL) != KERN_SUCCESS)
			md_end(MD_END_POWER_OFF, 2);
	say("spinning\n");
	for (;;)
		thread_yield();
}

static __attribute__((noinline)) void end_on_purpose(const char *line)
{
	volatile unsigned zero = 0;
	if (text_equal(line, "panic"))
		panic("on purpose");
	if (text_equal(line, "overflow"))
		overflow(&zero);
	if (text_equal(line, "fault"))
		__asm__ volatile("movl $1, (%0)" : : "r"(UINT64_C(16)) : "memory");
	if (text_equal(line, "spin"))
		spin_elsewhere();
	if (text_equal(line, "text"))
		*(volatile unsigned *)(uintptr_t)md_log_write = 1;
}

static void tests_thread(void *argument)
{
	unsigned passed = 0, failed = 0;
	end_on_purpose(md_boot_command_line());
	for (const struct test *const *t = __start_gila_tests; t < __stop_gila_tests; t++) {
		if (!selected((*t)->name))
			continue;
		running = *t;
		running_failed = false;
		running->run();
		running_failed ? failed++ : passed++;
	}
	say("%u passed, %u failed\n", passed, failed);
	md_end(MD_END_POWER_OFF, failed > 0 || passed == 0);
}

void __wrap_md_cpu_start_others(void)
{
	if (thread_create_kernel("md-test", tests_thread, NULL) != KERN_SUCCESS)
		md_end(MD_END_POWER_OFF, 2);
	__real_md_cpu_start_others();
}
