// SPDX-License-Identifier: MIT
// Says in one line what was found in place of what had to be there.
#ifndef TORTURE_DESCRIBE_H
#define TORTURE_DESCRIBE_H

#include "tree.h"

#define DESCRIBE_ROOM 256u

// `data` is what was read at `offset` of the file; its byte `wrong` is not of version `expected`.
void describe_wrong(char text[DESCRIBE_ROOM], uint64_t seed, const struct tree_file *file, uint32_t expected, uint64_t offset,
		    const uint8_t *data, size_t size, size_t wrong);
// "c2:17": the client's 17th file.
void describe_file(char text[32], uint32_t id);

#endif
