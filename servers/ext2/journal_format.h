// SPDX-License-Identifier: MIT
// The journal as it is on the disk: jbd2, from Linux' Documentation/filesystems/ext4/journal.rst. All numbers are
// big-endian.
//
// What that page leaves out, as e2fsprogs 1.47 writes and accepts it (journal_tools_test.c): a tag of CSUM_V2 is two bytes
// longer than its fields; the sums of copies are of the block as it is in the log (escaped); a revocation holds for
// what was logged up to and in its own transaction.
#ifndef EXT2_JOURNAL_FORMAT_H
#define EXT2_JOURNAL_FORMAT_H

#include <stdint.h>

#define JBD2_MAGIC 0xc03b3998u

enum { JBD2_DESCRIPTOR = 1, JBD2_COMMIT, JBD2_SUPER_V1, JBD2_SUPER_V2, JBD2_REVOKE };

// By offset, in 32-bit words unless it says otherwise.
enum { HEADER_MAGIC = 0, HEADER_TYPE = 4, HEADER_SEQUENCE = 8, HEADER_BYTES = 12 };
enum {
	SUPER_BLOCK_SIZE = 0x0c,
	SUPER_LENGTH = 0x10,
	SUPER_FIRST = 0x14,
	SUPER_SEQUENCE = 0x18,
	SUPER_START = 0x1c,
	SUPER_ERROR = 0x20,
	SUPER_COMPATIBLE = 0x24,
	SUPER_INCOMPATIBLE = 0x28,
	SUPER_READ_ONLY_COMPATIBLE = 0x2c,
	SUPER_UUID = 0x30, // 16 bytes
	SUPER_SUM_TYPE = 0x50, // a byte
	SUPER_SUM = 0xfc,
	SUPER_BYTES = 1024,
};
enum { REVOKE_BYTES_USED = 0x0c, REVOKE_BLOCKS = 0x10 };
enum { COMMIT_SUM_TYPE = 0x0c /* a byte */, COMMIT_SUM_SIZE = 0x0d /* a byte */, COMMIT_SUM = 0x10 };

enum { JOURNAL_SUMS = 1 }; // compatible features: the commit block may have a sum of the transaction
enum {                     // incompatible features
	JOURNAL_REVOKE = 1,
	JOURNAL_64BIT = 2,
	JOURNAL_ASYNC = 4, // the commit block may be there before the rest
	JOURNAL_SUMS_2 = 8,
	JOURNAL_SUMS_3 = 16,
	JOURNAL_FAST = 32,
};
enum { SUM_CRC32 = 1, SUM_CRC32C = 4 };

enum { TAG_ESCAPED = 1, TAG_SAME_UUID = 2, TAG_DELETED = 4, TAG_LAST = 8 };

static inline uint32_t be32_get(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}
static inline void be32_put(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}
static inline uint32_t be16_get(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }
static inline void be16_put(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

#endif
