// SPDX-License-Identifier: MIT
// A PCI device of QEMU for tests of drivers, without a machine: QEMU's CPU is halted, the device's registers are accessed through a socket
// (-qtest; QEMU, docs/devel/testing/qtest.rst), and its memory is a file that the test maps too. So drivers meet the device models that the
// metal will show them.
//
// To use one: pciqemu_begin, then the driver's code: lib/driver's mmio_*, driver_wait_*, driver_property and driver_map are this device's.
// What the machine does on the metal is done here: BARs, MSI-X vectors, the properties of the device.
#ifndef PCIQEMU_H
#define PCIQEMU_H

#include <stdbool.h>
#include <stdint.h>

enum { PCIQEMU_DISK = 32 << 20, PCIQEMU_MEMORY = 32 << 20, PCIQEMU_VECTORS = 4 };
#define PCIQEMU_BUS UINT64_C(0x1000000) // where the memory is for the device

extern uint8_t *pciqemu_memory;            // PCIQEMU_MEMORY bytes, zeros at first
extern uint16_t pciqemu_vendor, pciqemu_device; // ids
extern uint32_t pciqemu_class;             // class, subclass, interface

// `device`: of QEMU's -device, without its drive. `model`: what the disk holds at first, too. False, with a line: it did not start.
bool pciqemu_begin(const char *device, uint8_t *model);
// Whether the device has raised that MSI-X vector since it was last asked.
bool pciqemu_interrupted(unsigned vector);
// The image on the host's disk is that.
bool pciqemu_image_is(const uint8_t *model);
void pciqemu_end(void);

#endif
