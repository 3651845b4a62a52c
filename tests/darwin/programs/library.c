// SPDX-License-Identifier: MIT
// A library for images.c. Its initialiser runs before the program's.
#include <stdio.h>

int library_started, library_value = 11;
int *library_pointer = &library_value; // moves with the library

__attribute__((constructor)) static void begin(void)
{
	library_started++;
	puts("library begins");
}

__attribute__((destructor)) static void end(void)
{
	puts("library ends");
}

int library_add(int a, int b)
{
	return a + b + *library_pointer;
}

static __thread int count = 100;

int library_count(void)
{
	return ++count;
}
