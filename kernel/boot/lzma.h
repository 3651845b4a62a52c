// SPDX-License-Identifier: MIT
// Reader of ".lzma" (LZMA-alone) data: the compression of the boot archive.
//
// To unpack, call lzma_header, provide an output buffer of header.size bytes (or of the most you accept, when the
// size is unknown), then lzma_decode. Nothing is allocated: the output buffer is also the dictionary, and the
// probability model lives in a struct lzma_state of the caller (about 28 KiB).
//
// Source of the format: "The .lzma File Format" (XZ Utils, lzma-file-format.txt) for the 13-byte header, and the
// "LZMA specification" (LZMA SDK, lzma-specification.txt) for the stream. May suspend: never. Locks: none.
#ifndef GILA_KERNEL_BOOT_LZMA_H
#define GILA_KERNEL_BOOT_LZMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lzma_status {
	LZMA_OK,
	LZMA_TRUNCATED,        // the data end in the middle of the header or of the stream
	LZMA_BAD_PROPERTIES,   // the properties byte names no lc, lp, pb; or lc + lp > 4, which XZ Utils refuses as well
	LZMA_BAD_SIZE,         // the stated size is 256 GiB or more, or more than so few bytes can ever expand to
	LZMA_TOO_LARGE,        // the output does not fit into the caller's buffer
	LZMA_BAD_START,        // the first bytes of the range coder are none that an encoder writes
	LZMA_BAD_DISTANCE,     // a match refers to bytes before the output's start or outside the dictionary
	LZMA_ENDS_EARLY,       // the end marker comes before the stated size
	LZMA_RUNS_ON,          // the stream goes on beyond the stated size
	LZMA_BAD_END,          // the end marker is not followed by a properly flushed range coder
	LZMA_TRAILING_GARBAGE, // a good stream with more bytes after it (all output is valid)
};

#define LZMA_HEADER_SIZE 13u
#define LZMA_UNKNOWN_SIZE UINT64_MAX

struct lzma_header {
	uint8_t lc, lp, pb;       // literal context bits, literal position bits, position bits
	uint32_t dictionary_size; // bytes; at least 4096 whatever the file says
	uint64_t size;            // uncompressed bytes, or LZMA_UNKNOWN_SIZE
};

#define LZMA_STATES 12u
#define LZMA_POSITION_STATES 16u
#define LZMA_SYMBOL_INPUT_MAX 64u // no symbol takes more bytes of input (it has at most 48 coded bits)

// Probabilities of a match length: 2 to 9 by `low`, 10 to 17 by `middle`, 18 to 273 by `high`.
struct lzma_length_model {
	uint16_t choice, choice2;
	uint16_t low[LZMA_POSITION_STATES][8], middle[LZMA_POSITION_STATES][8], high[256];
};

// Scratch memory of one lzma_decode; the caller owns it and need not initialise it. Only `consumed` is of interest.
struct lzma_state {
	size_t consumed; // after lzma_decode: how many bytes of input were used, the place of an error
	uint16_t is_match[LZMA_STATES][LZMA_POSITION_STATES];
	uint16_t is_rep[LZMA_STATES], is_rep_g0[LZMA_STATES], is_rep_g1[LZMA_STATES], is_rep_g2[LZMA_STATES];
	uint16_t is_rep0_long[LZMA_STATES][LZMA_POSITION_STATES];
	struct lzma_length_model match_length, rep_length;
	uint16_t distance_slot[4][64], distance_special[128], distance_align[16];
	uint16_t literal[0x300 << 4];
	uint8_t tail[2 * LZMA_SYMBOL_INPUT_MAX]; // the last bytes of input, with zeros behind them
};

// Reads and checks the header of the `in_size` bytes at `in`. `*out` is written only for LZMA_OK. A size that passes
// is believable: at most 8192 times `in_size`, so memory may be allocated for it.
enum lzma_status lzma_header(const void *in, size_t in_size, struct lzma_header *out)
	__attribute__((warn_unused_result));

// Unpacks the whole file (header and stream) of `in_size` bytes at `in` into the `out_size` bytes at `out`, which must
// not overlap. `*written` is the number of good bytes at `out`, also on errors; bytes behind them are undefined.
enum lzma_status lzma_decode(const void *in, size_t in_size, void *out, size_t out_size, size_t *written,
			     struct lzma_state *state) __attribute__((warn_unused_result));

// One clear phrase for messages, never NULL.
const char *lzma_status_name(enum lzma_status status);

#endif
