// SPDX-License-Identifier: MIT
// guest TEST...: an ordinary program of the C library, which knows nothing of Gila. Each test prints "NAME: ok", or where it went
// wrong; the exit status is the number of those that did. tests/system/linuxcalls.sh runs it on lib/linux.
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stdio.h>

#define MUST(condition)                                                                                                \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                         \
			return false;                                                                                  \
		}                                                                                                      \
	} while (0)

// memory.c
bool test_malloc(void);
bool test_mapping(void);
// threads.c
bool test_threads(void);
bool test_condition(void);
bool test_timeouts(void);
bool test_churn(void);
bool test_crowd(void);
// process.c
bool test_clocks(void);
bool test_random(void);
bool test_identity(void);
bool test_files(void);
bool test_missing(void);
bool test_signals(void);

#endif
