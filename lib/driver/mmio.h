// SPDX-License-Identifier: MIT
// Registers of a device, as driver_map gave them: one access of exactly the width that its name says, in program order among
// themselves and with what was written to memory before. All are little-endian. Tests define these functions themselves, with a
// device of their own behind them.
#ifndef DRIVER_MMIO_H
#define DRIVER_MMIO_H

#include <stdint.h>

uint8_t mmio_read8(const void *address);
uint16_t mmio_read16(const void *address);
uint32_t mmio_read32(const void *address);
void mmio_write8(void *address, uint8_t value);
void mmio_write16(void *address, uint16_t value);
void mmio_write32(void *address, uint32_t value);

// In two halves, the lower one first: for registers whose halves may be accessed one by one.
static inline uint64_t mmio_read64(const void *address)
{
	uint64_t low = mmio_read32(address);
	return low | (uint64_t)mmio_read32((const uint8_t *)address + 4) << 32;
}

static inline void mmio_write64(void *address, uint64_t value)
{
	mmio_write32(address, (uint32_t)value);
	mmio_write32((uint8_t *)address + 4, (uint32_t)(value >> 32));
}

#endif
