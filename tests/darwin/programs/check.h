// SPDX-License-Identifier: MIT
// Checks of Darwin test programs: the first that fails says where and ends the program with status 1.
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(expression)                                                                                              \
	do {                                                                                                           \
		if (!(expression)) {                                                                                   \
			fprintf(stderr, "%s:%d: %s is false\n", __FILE__, __LINE__, #expression);                      \
			exit(1);                                                                                       \
		}                                                                                                      \
	} while (0)

#endif
