// SPDX-License-Identifier: MIT
// Unit tests that need nothing: usable in the kernel, in libraries and in programs.
//
// To write one:  TEST(port_allocate_gives_fresh_names) { CHECK(x); CHECK_EQ(a, b); }
// Tests of a binary are collected by the linker in the section `gila_tests`; test_run_all (lib/test/test.c, or
// the kernel's own runner) walks it. A failed CHECK reports file, line and expression and leaves the test.
#ifndef GILA_TEST_H
#define GILA_TEST_H

#include <stdbool.h>
#include <stdint.h>

struct test {
	const char *name;
	const char *file;
	void (*run)(void);
};

// Reports one failed check; provided by whoever runs the tests.
void test_fail(const char *file, int line, const char *expression);
void test_fail_values(const char *file, int line, const char *expression, uint64_t left, uint64_t right);

// clang pads instrumented globals; gcc leaves those in named sections alone and knows no such attribute.
#ifdef __clang__
#define TEST_UNPADDED no_sanitize("address")
#else
#define TEST_UNPADDED unused
#endif

// AddressSanitizer's red zones would come between the pointers of the section. gcc puts none there.
#ifdef __clang__
#define TEST_PLAIN no_sanitize("address"),
#else
#define TEST_PLAIN
#endif

#define TEST(id)                                                                                                       \
	static void test_##id(void);                                                                                   \
	static const struct test test_entry_##id = {#id, __FILE__, test_##id};                                         \
	static const struct test *const test_pointer_##id                                                              \
		__attribute__((section("gila_tests"), used, TEST_UNPADDED)) = &test_entry_##id;               \
	static void test_##id(void)

#define CHECK(expression)                                                                                              \
	do {                                                                                                           \
		if (!(expression)) {                                                                                   \
			test_fail(__FILE__, __LINE__, #expression);                                                    \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)

// Compares two integers (or pointers cast to uintptr_t) and prints both when they differ.
#define CHECK_EQ(left, right)                                                                                          \
	do {                                                                                                           \
		uint64_t test_left = (uint64_t)(left), test_right = (uint64_t)(right);                                 \
		if (test_left != test_right) {                                                                         \
			test_fail_values(__FILE__, __LINE__, #left " == " #right, test_left, test_right);              \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)

#endif
