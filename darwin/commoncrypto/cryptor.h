// SPDX-License-Identifier: MIT
// Statuses of CommonCrypto. Facts: CommonCryptoError.h.
#ifndef DARWIN_CRYPTOR_H
#define DARWIN_CRYPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CC_SUCCESS = 0,
	CC_PARAM_ERROR = -4300,
	CC_BUFFER_TOO_SMALL = -4301,
	CC_MEMORY_FAILURE = -4302,
	CC_ALIGNMENT_ERROR = -4303,
	CC_DECODE_ERROR = -4304,
	CC_UNIMPLEMENTED = -4305,
	CC_KEY_SIZE_ERROR = -4310,
	CC_UNSPECIFIED_ERROR = -4308
};

#endif
