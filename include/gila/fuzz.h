// SPDX-License-Identifier: MIT
// One line that makes a function a fuzz target:  FUZZ_TARGET(fuzz_tar)
//
// Under libFuzzer it becomes LLVMFuzzerTestOneInput; without it (gcc, or the corpus replay in `make test`) the same
// object is linked with lib/test/replay.c, which feeds it every file named on its command line.
#ifndef GILA_FUZZ_H
#define GILA_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_TARGET(function)                                                                                          \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return function(data, size); }

#endif
