// SPDX-License-Identifier: MIT
// NDR_record_t: the eight bytes after the header of a simple MIG message that say how its data is represented.
// Layout and values of macOS <mach/ndr.h>. Every Gila machine is little-endian, ASCII, IEEE; no conversion is done.
#ifndef MACH_NDR_H
#define MACH_NDR_H

typedef struct {
	unsigned char mig_vers;
	unsigned char if_vers;
	unsigned char reserved1;
	unsigned char mig_encoding;
	unsigned char int_rep;
	unsigned char char_rep;
	unsigned char float_rep;
	unsigned char reserved2;
} NDR_record_t;

#define NDR_PROTOCOL_2_0 0

#define NDR_INT_BIG_ENDIAN 0
#define NDR_INT_LITTLE_ENDIAN 1

#define NDR_FLOAT_IEEE 0
#define NDR_FLOAT_VAX 1
#define NDR_FLOAT_CRAY 2
#define NDR_FLOAT_IBM 3

#define NDR_CHAR_ASCII 0
#define NDR_CHAR_EBCDIC 1

// The record of this machine, to copy into a message.
static const NDR_record_t NDR_record __attribute__((unused)) = {
	.mig_vers = NDR_PROTOCOL_2_0,
	.if_vers = NDR_PROTOCOL_2_0,
	.mig_encoding = NDR_PROTOCOL_2_0,
	.int_rep = NDR_INT_LITTLE_ENDIAN,
	.char_rep = NDR_CHAR_ASCII,
	.float_rep = NDR_FLOAT_IEEE,
};

_Static_assert(sizeof(NDR_record_t) == 8, "NDR_record_t is eight bytes on the wire");

#endif
