// SPDX-License-Identifier: MIT
// How binding behaves; set before the first image is loaded.
#ifndef DARWIN_BIND_H
#define DARWIN_BIND_H

#include <stdbool.h>

struct image;

extern struct bind_options {
	bool trace; // calls of the system's functions go through a stub that prints them
	// Called for each import that is not there, or NULL.
	void (*missing)(const struct image *image, const char *symbol, const char *library);
} bind_options;

#endif
