// SPDX-License-Identifier: MIT
// Devices as drivers and tools see them. A driver is the server of a seat that the kernel made for one device; its traps
// (abi/device_traps.defs) are about that device and no other. Programs that list devices or add drivers talk to the
// kernel's service kernel/devices (abi/device.defs).
#ifndef GILA_DEVICE_H
#define GILA_DEVICE_H

#include <gila/seat.h>
#include <mach/message.h>
#include <mach/ndr.h>
#include <stdint.h>

#define DEVICE_SERVICE "kernel/devices" // the grant to list devices and to add drivers
#define DEVICE_COMPATIBLE_MAX 127u      // bytes of a compatible string, without the zero byte
#define DEVICE_ADDRESS_MAX 63u          // bytes of a device's bus address, such as "virtio@1" or "pci:00:04.0"
#define DEVICE_KIND_MAX 31u             // bytes of a kind, such as "blk": the seat is called KIND/NUMBER
#define DEVICE_REGIONS_MAX 8u
#define DEVICE_INTERRUPTS_MAX 64u
#define DEVICE_PORTS_MAX 8u              // ranges of I/O ports, for device_port_read
#define DEVICE_PORTS_ENTRY 12u           // bytes of one in the property gila,ports: the first port (u64), how many (u32)
#define DEVICE_ALIAS_PREFIX "device/"   // device/ADDRESS is another name of the driver's seat

// What a driver is told about its device.
struct device_info {
	uint32_t id;
	uint32_t region_count;    // of device_map
	uint32_t interrupt_count; // of device_irq
	uint32_t backend_count;   // hosted: of device_descriptor(DEVICE_DESCRIPTOR_BACKEND)
	char seat[SEAT_NAME_MAX + 1];
	char address[DEVICE_ADDRESS_MAX + 1];
	char compatible[DEVICE_COMPATIBLE_MAX + 1]; // the one that this driver was chosen for
};

// What kernel/devices tells about one device.
struct device_record {
	uint32_t id;
	uint32_t region_count, interrupt_count;
	uint32_t seat_state;          // enum seat_state of the driver's seat; 0: no driver is known
	char seat[SEAT_NAME_MAX + 1]; // "": no driver is known
	char address[DEVICE_ADDRESS_MAX + 1];
	char compatible[DEVICE_COMPATIBLE_MAX + 1]; // the most specific one
	char program[DEVICE_COMPATIBLE_MAX + 1];    // of the driver, cut off if longer; "": none
};

// A line of the compatibility list.
struct device_driver_record {
	uint32_t id;
	uint32_t devices; // that it is the driver of
	uint32_t flags;   // SEAT_START_BOOT
	char kind[DEVICE_KIND_MAX + 1];
	char compatible[DEVICE_COMPATIBLE_MAX + 1];
	char program[DEVICE_COMPATIBLE_MAX + 1];
};

// Host descriptors that device_descriptor gives; a machine without a host has none (KERN_NOT_SUPPORTED).
enum device_descriptor_kind {
	DEVICE_DESCRIPTOR_BACKEND = 1, // a fresh connection to backend `index` of the device
	DEVICE_DESCRIPTOR_INTERRUPT,   // an eventfd: writing to it raises interrupt `index` of the device
};

// What the port of device_irq receives. One message at most is queued for each interrupt: who has received it looks at the
// device, and what happens after that sends the next.
#define DEVICE_INTERRUPT_ID 74900
struct device_interrupt {
	mach_msg_header_t head;
	NDR_record_t ndr;
	uint32_t index;
	uint32_t count; // interrupts since the last message that was sent, this one included; at least 1
};

_Static_assert(sizeof(struct device_info) == 272, "struct device_info has no padding");
_Static_assert(sizeof(struct device_record) == 400, "struct device_record has no padding");
_Static_assert(sizeof(struct device_driver_record) == 300, "struct device_driver_record has no padding");

#endif
