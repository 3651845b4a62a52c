// SPDX-License-Identifier: MIT
// The package \_S5_, found without interpreting AML: the bytes of `Name (_S5_, Package () {...})` are looked for
// (ACPI Specification 6.5, 7.4.2 and 20.2). Elsewhere four such bytes are not followed by a package of small integers.
#include "acpi_table.h"

enum { // 20.3
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_NAME = 0x08,
	AML_BYTE = 0x0a,
	AML_WORD = 0x0b,
	AML_DWORD = 0x0c,
	AML_PACKAGE = 0x12,
};

#define SLEEP_TYPE_MAX 7u // SLP_TYP has three bits (4.8.3.2.1)

// An integer constant at *at, which moves behind it. False: it is none.
static bool read_integer(const uint8_t *aml, uint32_t end, uint32_t *at, uint32_t *value)
{
	uint32_t left = end - *at, size;
	if (left < 1)
		return false;
	switch (aml[*at]) {
	case AML_ZERO:
	case AML_ONE:
		*value = aml[*at];
		*at += 1;
		return true;
	case AML_BYTE:
		size = 1;
		break;
	case AML_WORD:
		size = 2;
		break;
	case AML_DWORD:
		size = 4;
		break;
	default:
		return false;
	}
	if (left < 1 + size)
		return false;
	*value = size == 1 ? aml[*at + 1] : size == 2 ? acpi_u16(aml + *at + 1) : acpi_u32(aml + *at + 1);
	*at += 1 + size;
	return true;
}

// The package at `at`: 20.2.5.4, its length 20.2.4.
static bool read_package(const uint8_t *aml, uint32_t size, uint32_t at, uint32_t types[2])
{
	if (size - at < 3 || aml[at] != AML_PACKAGE)
		return false;
	at++;
	uint32_t more = aml[at] >> 6, length = more == 0 ? aml[at] & 0x3fu : aml[at] & 0x0fu;
	if (size - at < 2 + more)
		return false;
	for (uint32_t i = 0; i < more; i++)
		length |= (uint32_t)aml[at + 1 + i] << (4 + 8 * i);
	if (length < 2 + more || length > size - at)
		return false;
	uint32_t end = at + length, count = aml[at + 1 + more];
	at += 2 + more;
	if (count == 0 || !read_integer(aml, end, &at, &types[0]))
		return false;
	if (count == 1) { // both values in one integer, as some firmware has it
		types[1] = types[0] >> 8;
		types[0] &= 0xff;
	} else if (!read_integer(aml, end, &at, &types[1])) {
		return false;
	}
	return types[0] <= SLEEP_TYPE_MAX && types[1] <= SLEEP_TYPE_MAX;
}

// 20.2.5.1: NameOp before the name, which may begin with the root's prefix.
static bool is_named(const uint8_t *aml, uint32_t at)
{
	return aml[at - 1] == AML_NAME || (aml[at - 1] == '\\' && aml[at - 2] == AML_NAME);
}

void acpi_read_sleep(struct acpi *acpi, const struct acpi_bytes *aml)
{
	uint32_t types[2];
	for (uint32_t at = ACPI_HEADER_SIZE + 1; aml->size >= 4 && at <= aml->size - 4; at++) {
		if (memcmp(aml->bytes + at, "_S5_", 4) != 0 || !is_named(aml->bytes, at) ||
		    !read_package(aml->bytes, aml->size, at + 4, types))
			continue;
		acpi->power.sleep_known = true;
		acpi->power.sleep_a = (uint8_t)types[0];
		acpi->power.sleep_b = (uint8_t)types[1];
		return;
	}
}
