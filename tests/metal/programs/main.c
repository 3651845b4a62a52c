// SPDX-License-Identifier: MIT
// Runs the tests of user mode on the metal as the first task: words of the command line choose some by parts of their
// names. The exit status of this task is the machine's verdict.
#include "suite.h"

extern const struct test *const __start_gila_tests[];
extern const struct test *const __stop_gila_tests[];

static const struct test *running;
static bool failed;

int main(void);

void test_fail(const char *file, int line, const char *expression)
{
	say(running->name);
	say_number("failed in line ", (uint64_t)line);
	say(expression);
	failed = true;
}

void test_fail_values(const char *file, int line, const char *expression, uint64_t left, uint64_t right)
{
	test_fail(file, line, expression);
	say_number("left:  ", left);
	say_number("right: ", right);
}

static bool part_of(const char *word, const char *name)
{
	for (; *name; name++) {
		const char *a = word, *b = name;
		while (*a && *a == *b)
			a++, b++;
		if (!*a)
			return true;
	}
	return false;
}

static bool selected(const char *name)
{
	uint64_t count = start_stack[0];
	for (uint64_t i = 1; i < count; i++)
		if (part_of((const char *)start_stack[1 + i], name))
			return true;
	return count <= 1 && !part_of("wild_", name); // those are for tests/metal/wild.sh
}

int main(void)
{
	uint64_t passed = 0, broken = 0;
	for (const struct test *const *t = __start_gila_tests; t < __stop_gila_tests; t++) {
		if (!selected((*t)->name))
			continue;
		running = *t;
		failed = false;
		running->run();
		failed ? broken++ : passed++;
	}
	say_number("user mode, failed: ", broken);
	say_number("user mode, passed: ", passed);
	return broken > 0 || passed == 0;
}
