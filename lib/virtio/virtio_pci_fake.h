// SPDX-License-Identifier: MIT
// A virtio block device behind PCI registers, for tests, written from VIRTIO 1.2 (sections 2.7, 4.1, 5.2). Include it in one file of a
// test program. virtio_fake_begin makes it as QEMU lays it out; `manner` makes it misbehave. It works while its registers are accessed;
// with `hold` it only collects, until virtio_fake_use. What a driver does wrong is counted in `wrong`.
#ifndef VIRTIO_PCI_FAKE_H
#define VIRTIO_PCI_FAKE_H

#include "virtio_blk.h"
#include "virtio_pci.h"

#include <driver/pci_fake.h>

enum { VIRTIO_FAKE_SECTORS = 16384, VIRTIO_FAKE_HELD = 256 };
enum { VIRTIO_FAKE_COMMON = 0, VIRTIO_FAKE_DEVICE = 0x2000, VIRTIO_FAKE_NOTIFY = 0x3000 }; // in BAR 4

static struct virtio_fake {
	enum {
		VIRTIO_HONEST,
		VIRTIO_NEVER_RESETS,
		VIRTIO_REFUSES_FEATURES,
		VIRTIO_HAS_NO_VECTORS,
		VIRTIO_CHANGES_FOREVER,   // its configuration
		VIRTIO_CHANGES_ONCE,      // in the middle of being read
		VIRTIO_STAYS_ENABLED,     // its queue, after a reset
		VIRTIO_DOES_NOT_START,
		VIRTIO_GONE,              // all ones
		VIRTIO_WRONG_ID,          // in the used ring
		VIRTIO_LONG,              // more written than there was room
		VIRTIO_SHORT,             // fewer data than it should
		VIRTIO_COUNTS_TOO_FAR,
		VIRTIO_SILENT,            // never uses anything
	} manner;
	// Registers.
	uint64_t offered, accepted;
	uint32_t device_select, driver_select;
	uint16_t config_vector, queue_select, queue_size, queue_room, queue_vector, queue_enable, notify_offset;
	uint8_t status, generation;
	uint64_t descriptors, available, used;
	uint8_t config[64];
	uint32_t config_size;
	// The queue as the device sees it.
	uint16_t seen, used_index, held[VIRTIO_FAKE_HELD];
	unsigned held_count;
	bool hold;
	unsigned resets, notifies, interrupts[4], requests, longest, wrong;
	uint8_t sectors[VIRTIO_FAKE_SECTORS][512];
} virtio_fake;

static void virtio_fake_require(bool right) { virtio_fake.wrong += !right; }

// ---- Requests ------------------------------------------------------------------------------------------------------------

struct virtio_fake_chain {
	struct virtqueue_descriptor at[VIRTIO_BLK_SEGMENTS + 2];
	unsigned count;
};

static bool virtio_fake_read_chain(uint16_t head, struct virtio_fake_chain *chain)
{
	uint16_t size = virtio_fake.queue_size, next = head;
	struct virtqueue_descriptor *table = pci_fake_at(virtio_fake.descriptors, 16u * size);
	if (!table || head >= size)
		return false;
	if (table[head].flags & 4) {
		virtio_fake_require(virtio_fake.accepted & VIRTIO_F_INDIRECT_DESC);
		size = (uint16_t)(table[head].size / 16);
		table = pci_fake_at(table[head].address, table[head].size);
		next = 0;
	}
	for (chain->count = 0; table && next < size && chain->count < VIRTIO_BLK_SEGMENTS + 2; next = table[next].next) {
		chain->at[chain->count++] = table[next];
		if (!(table[next].flags & 1))
			return true;
	}
	return false;
}

// Returns bytes written; *status is what the last byte gets.
static uint32_t virtio_fake_data(struct virtio_fake_chain *chain, uint32_t type, uint64_t sector, uint8_t *status)
{
	uint64_t place = sector * 512;
	uint32_t written = 0;
	for (unsigned i = 1; i + 1 < chain->count; i++) {
		struct virtqueue_descriptor *d = &chain->at[i];
		uint8_t *data = pci_fake_at(d->address, d->size);
		bool in = place + d->size <= sizeof(virtio_fake.sectors);
		virtio_fake_require(data && !(d->flags & 2) == (type == VIRTIO_BLK_WRITE));
		*status = data && in ? *status : VIRTIO_BLK_IOERR;
		if (data && in && type == VIRTIO_BLK_WRITE)
			memcpy((uint8_t *)virtio_fake.sectors + place, data, d->size);
		else if (data && in)
			memcpy(data, (uint8_t *)virtio_fake.sectors + place, d->size);
		written += type == VIRTIO_BLK_WRITE ? 0 : d->size;
		place += d->size;
	}
	return written;
}

static void virtio_fake_zero(const uint8_t *head, uint8_t *status)
{
	uint64_t sector;
	uint32_t count;
	memcpy(&sector, head + 16, 8);
	memcpy(&count, head + 24, 4);
	if (sector > VIRTIO_FAKE_SECTORS || count > VIRTIO_FAKE_SECTORS - sector)
		*status = VIRTIO_BLK_IOERR;
	else
		memset(virtio_fake.sectors[sector], 0, (size_t)count * 512);
}

static uint32_t virtio_fake_serve(struct virtio_fake_chain *chain)
{
	uint32_t type, written = 0;
	uint64_t sector;
	uint8_t status = VIRTIO_BLK_OK;
	const uint8_t *head = pci_fake_at(chain->at[0].address, chain->at[0].size);
	uint8_t *last = pci_fake_at(chain->at[chain->count - 1].address, 1);
	if (!head || !last)
		return 0;
	memcpy(&type, head, 4);
	memcpy(&sector, head + 8, 8);
	if (type == VIRTIO_BLK_READ || type == VIRTIO_BLK_WRITE) {
		written = virtio_fake_data(chain, type, sector, &status);
	} else if (type == VIRTIO_BLK_GET_ID) {
		char *to = pci_fake_at(chain->at[1].address, VIRTIO_BLK_ID_BYTES);
		if (to)
			memcpy(to, "a serial number\0\0\0\0\0", VIRTIO_BLK_ID_BYTES);
		written = VIRTIO_BLK_ID_BYTES;
	} else if (type == VIRTIO_BLK_DISCARD || type == VIRTIO_BLK_WRITE_ZEROES) {
		virtio_fake_zero(head, &status);
	} else if (type != VIRTIO_BLK_FLUSH) {
		status = VIRTIO_BLK_UNSUPPORTED;
	}
	*last = status;
	return written + 1;
}

static void virtio_fake_interrupt(uint16_t vector)
{
	if (vector < 4)
		virtio_fake.interrupts[vector]++;
}

// Carries out held request `index`.
static void virtio_fake_use(unsigned index)
{
	struct virtio_fake_chain chain;
	uint16_t head = virtio_fake.held[index], size = virtio_fake.queue_size;
	uint16_t *used = pci_fake_at(virtio_fake.used, 6 + 8u * size), *available = pci_fake_at(virtio_fake.available, 6 + 2u * size);
	virtio_fake.held[index] = virtio_fake.held[--virtio_fake.held_count];
	virtio_fake_require(used && available && virtio_fake_read_chain(head, &chain));
	if (virtio_fake.wrong || virtio_fake.manner == VIRTIO_SILENT)
		return;
	uint32_t written = virtio_fake_serve(&chain);
	virtio_fake.longest = chain.count > virtio_fake.longest ? chain.count : virtio_fake.longest;
	struct virtqueue_used *entry = (struct virtqueue_used *)(void *)&used[2] + virtio_fake.used_index % size;
	entry->id = virtio_fake.manner == VIRTIO_WRONG_ID ? head + 1u : head;
	entry->written = virtio_fake.manner == VIRTIO_LONG ? UINT32_MAX : virtio_fake.manner == VIRTIO_SHORT ? 1 : written;
	uint16_t before = virtio_fake.used_index++;
	virtio_fake.requests++;
	__atomic_store_n(&used[1], (uint16_t)(virtio_fake.used_index + (virtio_fake.manner == VIRTIO_COUNTS_TOO_FAR)), __ATOMIC_RELEASE);
	bool wanted = virtio_fake.accepted & VIRTIO_F_EVENT_IDX
			      ? (uint16_t)(virtio_fake.used_index - available[2 + size] - 1) < (uint16_t)(virtio_fake.used_index - before)
			      : !(available[0] & 1);
	if (wanted)
		virtio_fake_interrupt(virtio_fake.queue_vector);
}

static void virtio_fake_notified(void)
{
	uint16_t size = virtio_fake.queue_size;
	uint16_t *available = pci_fake_at(virtio_fake.available, 6 + 2u * size), *used = pci_fake_at(virtio_fake.used, 6 + 8u * size);
	virtio_fake_require(virtio_fake.status & 4 && virtio_fake.queue_enable && available && used);
	if (virtio_fake.wrong)
		return;
	virtio_fake.notifies++;
	while (virtio_fake.seen != __atomic_load_n(&available[1], __ATOMIC_ACQUIRE) && virtio_fake.held_count < VIRTIO_FAKE_HELD)
		virtio_fake.held[virtio_fake.held_count++] = available[2 + virtio_fake.seen++ % size];
	used[2 + 4 * size] = virtio_fake.seen;
	while (!virtio_fake.hold && virtio_fake.held_count)
		virtio_fake_use(0);
}

// ---- Registers -------------------------------------------------------------------------------------------------------------

static void virtio_fake_reset(void)
{
	if (virtio_fake.manner == VIRTIO_NEVER_RESETS)
		return;
	virtio_fake.resets++;
	virtio_fake.status = 0;
	virtio_fake.accepted = 0;
	virtio_fake.queue_size = virtio_fake.queue_room;
	virtio_fake.queue_enable = virtio_fake.manner == VIRTIO_STAYS_ENABLED;
	virtio_fake.config_vector = virtio_fake.queue_vector = 0xffff;
	virtio_fake.descriptors = virtio_fake.available = virtio_fake.used = 0;
	virtio_fake.seen = virtio_fake.used_index = 0;
	virtio_fake.held_count = 0;
}

static void virtio_fake_status(uint8_t value)
{
	static const uint8_t steps[] = {1, 3, 11, 15}; // 3.1.1
	bool known = false;
	if (value == 0) {
		virtio_fake_reset();
		return;
	}
	for (unsigned i = 0; i < 4; i++)
		known = known || ((value & 15) == steps[i] && (virtio_fake.status & 15) == (i ? steps[i - 1] : 0));
	virtio_fake_require(known);
	if ((value & 8) && (virtio_fake.manner == VIRTIO_REFUSES_FEATURES || (virtio_fake.accepted & ~virtio_fake.offered)))
		value &= 0xf7;
	virtio_fake.status = virtio_fake.manner == VIRTIO_DOES_NOT_START && value & 4 ? value | 64 : value;
}

static uint64_t virtio_fake_read_device(uint64_t offset, unsigned bytes)
{
	uint64_t value = 0;
	if (virtio_fake.manner == VIRTIO_CHANGES_FOREVER || (virtio_fake.manner == VIRTIO_CHANGES_ONCE && offset == 32)) {
		virtio_fake.generation++;
		if (virtio_fake.manner == VIRTIO_CHANGES_ONCE) {
			virtio_fake.config[0] ^= 0x55; // what was read already
			virtio_fake.manner = VIRTIO_HONEST;
		}
	}
	virtio_fake_require(offset + bytes <= virtio_fake.config_size);
	if (offset + bytes <= virtio_fake.config_size)
		memcpy(&value, virtio_fake.config + offset, bytes);
	return value;
}

static uint64_t virtio_fake_read(uint32_t bar, uint64_t offset, unsigned bytes)
{
	uint64_t word = virtio_fake.device_select < 2 ? virtio_fake.offered >> 32 * virtio_fake.device_select : 0;
	virtio_fake_require(bar == 4);
	if (virtio_fake.manner == VIRTIO_GONE)
		return UINT64_MAX;
	if (offset >= VIRTIO_FAKE_DEVICE)
		return virtio_fake_read_device(offset - VIRTIO_FAKE_DEVICE, bytes);
	switch (offset << 4 | bytes) {
	case 0x044: return word;
	case 0x102: return virtio_fake.config_vector;
	case 0x122: return 1; // queues
	case 0x141: return virtio_fake.status;
	case 0x151: return virtio_fake.generation;
	case 0x182: return virtio_fake.queue_select ? 0 : virtio_fake.queue_size;
	case 0x1a2: return virtio_fake.queue_vector;
	case 0x1c2: return virtio_fake.queue_enable;
	case 0x1e2: return virtio_fake.notify_offset;
	}
	virtio_fake_require(false);
	return 0;
}

static void virtio_fake_half(uint64_t *field, unsigned half, uint64_t value)
{
	virtio_fake_require(!virtio_fake.queue_enable && virtio_fake.queue_select == 0);
	*field = half ? (*field & UINT32_MAX) | value << 32 : (*field & ~(uint64_t)UINT32_MAX) | value;
}

static void virtio_fake_write(uint32_t bar, uint64_t offset, unsigned bytes, uint64_t value)
{
	uint16_t vector = virtio_fake.manner == VIRTIO_HAS_NO_VECTORS || value > 3 ? 0xffff : (uint16_t)value;
	unsigned half = offset % 8 / 4, shift = 32 * virtio_fake.driver_select;
	if (offset >= VIRTIO_FAKE_NOTIFY) {
		virtio_fake_require(bytes == 2 && value == 0);
		virtio_fake_notified();
		return;
	}
	switch (offset << 4 | bytes) {
	case 0x004: virtio_fake.device_select = (uint32_t)value; return;
	case 0x084: virtio_fake.driver_select = (uint32_t)value & 1; return;
	case 0x0c4:
		virtio_fake_require((virtio_fake.status & 15) == 3); // between DRIVER and FEATURES_OK
		virtio_fake.accepted = (virtio_fake.accepted & ~((uint64_t)UINT32_MAX << shift)) | value << shift;
		return;
	case 0x102: virtio_fake.config_vector = vector; return;
	case 0x141: virtio_fake_status((uint8_t)value); return;
	case 0x162: virtio_fake.queue_select = (uint16_t)value; return;
	case 0x182: virtio_fake.queue_size = (uint16_t)value; return;
	case 0x1a2: virtio_fake.queue_vector = vector; return;
	case 0x1c2: virtio_fake.queue_enable = (uint16_t)value; return;
	case 0x204: case 0x244: virtio_fake_half(&virtio_fake.descriptors, half, value); return;
	case 0x284: case 0x2c4: virtio_fake_half(&virtio_fake.available, half, value); return;
	case 0x304: case 0x344: virtio_fake_half(&virtio_fake.used, half, value); return;
	}
	virtio_fake_require(false);
}

// ---- Making it ---------------------------------------------------------------------------------------------------------------

// Returns where it is in configuration space.
static unsigned virtio_fake_capability(uint8_t type, uint8_t bar, uint32_t offset, uint32_t size, uint32_t multiplier)
{
	unsigned bytes = type == 2 ? 20 : 16, place = pci_fake_capability(9, bytes);
	pci_fake.config[place + 2] = (uint8_t)bytes;
	pci_fake.config[place + 3] = type;
	pci_fake.config[place + 4] = bar;
	pci_fake_u32(place + 8, offset);
	pci_fake_u32(place + 12, size);
	if (type == 2)
		pci_fake_u32(place + 16, multiplier);
	return place;
}

static void virtio_fake_capabilities(uint32_t multiplier)
{
	pci_fake_capability(0x11, 12); // MSI-X
	virtio_fake_capability(5, 0, 0, 0, 0);
	virtio_fake_capability(2, 4, VIRTIO_FAKE_NOTIFY, 0x1000, multiplier);
	virtio_fake_capability(4, 4, VIRTIO_FAKE_DEVICE, 60, 0);
	virtio_fake_capability(3, 4, 0x1000, 0x1000, 0);
	virtio_fake_capability(1, 4, VIRTIO_FAKE_COMMON, 0x1000, 0);
}

static void virtio_fake_config(unsigned offset, uint32_t value) { memcpy(virtio_fake.config + offset, &value, 4); }

static void virtio_fake_begin(void)
{
	memset(&virtio_fake, 0, offsetof(struct virtio_fake, sectors));
	virtio_fake.offered = VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | 1u << 2 | 1u << 6 | 1u << 9 | 1u << 13 |
			      1u << 14;
	virtio_fake.queue_room = 256;
	virtio_fake.config_size = 60;
	virtio_fake_config(0, VIRTIO_FAKE_SECTORS);
	virtio_fake_config(12, 254); // segments
	virtio_fake_config(20, 512); // bytes of a block
	virtio_fake_config(36, 8192);
	virtio_fake_config(40, 1);
	virtio_fake_config(48, 8192);
	virtio_fake_config(52, 1);
	virtio_fake_reset();
	virtio_fake.resets = 0;
	virtio_fake.status = 15; // as a driver before left it
	pci_fake_begin();
	pci_fake_region(0, 0, 0x1000);
	pci_fake_region(4, 0, 0x4000);
	pci_fake.read = virtio_fake_read;
	pci_fake.write = virtio_fake_write;
}

#endif
