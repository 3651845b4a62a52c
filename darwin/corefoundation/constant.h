// SPDX-License-Identifier: MIT
// Constant strings of the system itself, laid out as clang lays out a program's (CFSTR): nothing has to be made when a program starts.
#ifndef DARWIN_CONSTANT_H
#define DARWIN_CONSTANT_H

#include "cfstring.h"

#define CONSTANT(name, text)                                                                                           \
	static const struct constant_string name##_object = {&darwin_CFConstantStringClassReference, CONSTANT_BYTES,   \
							     0, text, sizeof(text) - 1};                               \
	const void *const name = &name##_object
// A constant that programs import: kCFx, whose text is its own name.
#define CONSTANT_NAMED(name) CONSTANT(darwin_##name, #name)

#endif
