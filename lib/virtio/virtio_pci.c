// SPDX-License-Identifier: MIT
// virtio over PCI; see virtio_pci.h. Sections are those of Virtual I/O Device (VIRTIO) Version 1.2.
#include "virtio_pci.h"

#include <driver/mmio.h>
#include <driver/wait.h>
#include <string.h>

// 4.1.4.3: struct virtio_pci_common_cfg.
enum {
	DEVICE_FEATURE_SELECT = 0,
	DEVICE_FEATURE = 4,
	DRIVER_FEATURE_SELECT = 8,
	DRIVER_FEATURE = 12,
	CONFIG_VECTOR = 16,
	QUEUES = 18,
	STATUS = 20,
	GENERATION = 21,
	QUEUE_SELECT = 22,
	QUEUE_SIZE = 24,
	QUEUE_VECTOR = 26,
	QUEUE_ENABLE = 28,
	QUEUE_NOTIFY_OFFSET = 30,
	QUEUE_DESCRIPTORS = 32,
	QUEUE_DRIVER = 40,
	QUEUE_DEVICE = 48,
	COMMON_BYTES = 56,
};
enum { S_ACKNOWLEDGE = 1, S_DRIVER = 2, S_DRIVER_OK = 4, S_FEATURES_OK = 8, S_NEEDS_RESET = 64 }; // 2.1
#define GONE 0xffu         // what is read of a function that is not there
#define SNAPSHOT_TRIES 16u // of a configuration that changes meanwhile

// 4.1.4: struct virtio_pci_cap, and what follows in that of notifications.
enum {
	CAP_LENGTH = 2,
	CAP_TYPE = 3,
	CAP_BAR = 4,
	CAP_OFFSET = 8,
	CAP_SIZE = 12,
	CAP_BYTES = 16,
	CAP_MULTIPLIER = 16,
	CAP_NOTIFY_BYTES = 20,
};
enum structure { COMMON = 1, NOTIFY = 2, DEVICE = 4 };
#define BARS 6u

static struct virtio_pci *virtio_of(struct virtio_transport *transport) { return (struct virtio_pci *)(void *)transport; }

static kern_return_t fail(struct virtio_pci *virtio, const char *why)
{
	virtio->transport.problem = why;
	return KERN_FAILURE;
}

// ---- Finding the structures ----------------------------------------------------------------------------------------------

struct place {
	unsigned capability; // where it is in configuration space
	uint8_t *address;
	uint64_t size;
};

// Of several structures of one kind the first one that can be used counts; what is reserved is passed over (4.1.4.1).
static bool find(struct virtio_pci *virtio, enum structure type, unsigned bytes, uint64_t needed, unsigned align, struct place *place)
{
	struct driver_pci_cursor cursor = {0};
	while (driver_pci_capability(&virtio->pci, DRIVER_PCI_VENDOR_SPECIFIC, bytes, &cursor)) {
		const uint8_t *at = &virtio->pci.config[cursor.place];
		uint32_t offset = driver_pci_u32(&virtio->pci, cursor.place + CAP_OFFSET);
		uint32_t size = driver_pci_u32(&virtio->pci, cursor.place + CAP_SIZE);
		if (at[CAP_TYPE] != type || at[CAP_LENGTH] < bytes || at[CAP_BAR] >= BARS || offset % align || size < needed)
			continue;
		place->address = driver_pci_map(&virtio->pci, at[CAP_BAR], offset, size);
		place->size = size;
		place->capability = cursor.place;
		if (place->address)
			return true;
	}
	return false;
}

// Alignments are those of 4.1.4.3.1, 4.1.4.4.1 and 4.1.4.6.1.
static kern_return_t find_structures(struct virtio_pci *virtio)
{
	struct place common, notify, device;
	if (virtio->pci.count == 0 && driver_pci_open(&virtio->pci))
		return fail(virtio, "what the machine tells of its function makes no sense");
	if (!find(virtio, COMMON, CAP_BYTES, COMMON_BYTES, 4, &common))
		return fail(virtio, "it has no common configuration in its regions");
	if (!find(virtio, NOTIFY, CAP_NOTIFY_BYTES, 2, 2, &notify))
		return fail(virtio, "it has no notification structure in its regions");
	if (!find(virtio, DEVICE, CAP_BYTES, 1, 4, &device))
		return fail(virtio, "it has no device configuration in its regions");
	virtio->multiplier = driver_pci_u32(&virtio->pci, notify.capability + CAP_MULTIPLIER);
	if (virtio->multiplier == 1 || (virtio->multiplier & (virtio->multiplier - 1))) // 4.1.4.4.1: 0 or an even power of two
		return fail(virtio, "its queues' notifications are at odd places");
	virtio->common = common.address;
	virtio->notify = notify.address;
	virtio->notify_size = notify.size;
	virtio->device = device.address;
	virtio->device_size = device.size;
	virtio->mapped = true;
	return KERN_SUCCESS;
}

// ---- Status and features -------------------------------------------------------------------------------------------------

static uint8_t status_of(struct virtio_pci *virtio) { return mmio_read8(virtio->common + STATUS); }
static void status_add(struct virtio_pci *virtio, uint8_t bits) { mmio_write8(virtio->common + STATUS, status_of(virtio) | bits); }

// 4.1.4.3.2: it is reset when 0 can be read.
static bool reset(struct virtio_pci *virtio)
{
	struct driver_wait wait = driver_wait_begin(virtio->timeout);
	mmio_write8(virtio->common + STATUS, 0);
	while (status_of(virtio) != 0)
		if (!driver_wait_more(&wait))
			return false;
	return true;
}

static void pci_reset(struct virtio_transport *transport)
{
	struct virtio_pci *virtio = virtio_of(transport);
	// A device that does not even do this is reset again by whoever opens it next, and refused.
	reset(virtio);
	memset(virtio->doorbell, 0, sizeof(virtio->doorbell));
}

static uint32_t feature_word(struct virtio_pci *virtio, uint32_t index)
{
	mmio_write32(virtio->common + DEVICE_FEATURE_SELECT, index);
	return mmio_read32(virtio->common + DEVICE_FEATURE);
}

static kern_return_t pci_features(struct virtio_transport *transport, uint64_t *offered)
{
	struct virtio_pci *virtio = virtio_of(transport);
	virtio->offered = feature_word(virtio, 0);
	virtio->offered |= (uint64_t)feature_word(virtio, 1) << 32;
	*offered = virtio->offered & ~VIRTIO_F_ACCESS_PLATFORM;
	return KERN_SUCCESS;
}

static void accept_word(struct virtio_pci *virtio, uint32_t index, uint32_t features)
{
	mmio_write32(virtio->common + DRIVER_FEATURE_SELECT, index);
	mmio_write32(virtio->common + DRIVER_FEATURE, features);
}

// 4.1.5.1.2.1: a device that cannot map the event to the vector says so by another number.
static bool set_vector(struct virtio_pci *virtio, unsigned field, uint16_t vector)
{
	mmio_write16(virtio->common + field, vector);
	return mmio_read16(virtio->common + field) == vector;
}

// 3.1.1, steps 4 to 6. What the kernel says of memory are addresses of the device's bus, so F_ACCESS_PLATFORM (6) is kept always.
static kern_return_t pci_accept(struct virtio_transport *transport, uint64_t features)
{
	struct virtio_pci *virtio = virtio_of(transport);
	features |= virtio->offered & VIRTIO_F_ACCESS_PLATFORM;
	accept_word(virtio, 0, (uint32_t)features);
	accept_word(virtio, 1, (uint32_t)(features >> 32));
	status_add(virtio, S_FEATURES_OK);
	if (!(status_of(virtio) & S_FEATURES_OK))
		return fail(virtio, "it does not accept the features that it offered");
	if (!set_vector(virtio, CONFIG_VECTOR, virtio->config_interrupt))
		return fail(virtio, "it has no vector for changes of its configuration");
	return KERN_SUCCESS;
}

// ---- The device's configuration ------------------------------------------------------------------------------------------

static void read_field(const uint8_t *from, uint8_t *to, unsigned width)
{
	uint32_t value = width == 4 ? mmio_read32(from) : width == 2 ? mmio_read16(from) : mmio_read8(from);
	memcpy(to, &value, width); // little-endian
}

// Fields beyond the structure are those of newer devices (4.1.4: its length may be smaller).
static void read_fields(struct virtio_pci *virtio, uint32_t offset, uint8_t *to, uint32_t size, const uint8_t *widths)
{
	memset(to, 0, size);
	for (uint32_t at = 0; at < size; at += *widths++)
		if (offset + at + *widths <= virtio->device_size)
			read_field(virtio->device + offset + at, to + at, *widths);
}

// 2.5.3: as long as the generation changes, what was read is of several moments.
static kern_return_t pci_config(struct virtio_transport *transport, uint32_t offset, void *to, uint32_t size, const uint8_t *widths)
{
	struct virtio_pci *virtio = virtio_of(transport);
	for (unsigned i = 0; i < SNAPSHOT_TRIES; i++) {
		uint8_t before = mmio_read8(virtio->common + GENERATION);
		read_fields(virtio, offset, to, size, widths);
		if (mmio_read8(virtio->common + GENERATION) == before)
			return KERN_SUCCESS;
	}
	return fail(virtio, "its configuration does not stop changing");
}

// ---- Queues --------------------------------------------------------------------------------------------------------------

static uint16_t pci_queue_room(struct virtio_transport *transport, uint16_t index)
{
	struct virtio_pci *virtio = virtio_of(transport);
	if (index >= VIRTIO_PCI_QUEUES || index >= mmio_read16(virtio->common + QUEUES))
		return 0;
	mmio_write16(virtio->common + QUEUE_SELECT, index);
	return mmio_read16(virtio->common + QUEUE_SIZE);
}

// 4.1.4.4: where the selected queue is notified. NULL: outside of the structure.
static uint8_t *find_doorbell(struct virtio_pci *virtio)
{
	uint64_t offset = (uint64_t)mmio_read16(virtio->common + QUEUE_NOTIFY_OFFSET) * virtio->multiplier;
	return offset + 2 <= virtio->notify_size ? virtio->notify + offset : NULL;
}

// 4.1.5.1.3
static kern_return_t pci_queue_set(struct virtio_transport *transport, const struct virtio_queue *queue)
{
	struct virtio_pci *virtio = virtio_of(transport);
	if (queue->size > pci_queue_room(transport, queue->index)) // selects it
		return fail(virtio, "it has no queue of that size");
	if (mmio_read16(virtio->common + QUEUE_ENABLE) != 0)
		return fail(virtio, "its queue is in use after a reset");
	uint8_t *doorbell = find_doorbell(virtio);
	if (!doorbell)
		return fail(virtio, "its queue is notified outside of its regions");
	mmio_write16(virtio->common + QUEUE_SIZE, queue->size);
	if (!set_vector(virtio, QUEUE_VECTOR, queue->interrupt))
		return fail(virtio, "it has no vector for its queue");
	mmio_write64(virtio->common + QUEUE_DESCRIPTORS, queue->descriptors);
	mmio_write64(virtio->common + QUEUE_DRIVER, queue->available);
	mmio_write64(virtio->common + QUEUE_DEVICE, queue->used);
	mmio_write16(virtio->common + QUEUE_ENABLE, 1);
	virtio->doorbell[queue->index] = doorbell;
	return KERN_SUCCESS;
}

static bool pci_alive(struct virtio_transport *transport)
{
	uint8_t status = status_of(virtio_of(transport));
	return status != GONE && (status & S_DRIVER_OK) && !(status & S_NEEDS_RESET);
}

static kern_return_t pci_start(struct virtio_transport *transport)
{
	struct virtio_pci *virtio = virtio_of(transport);
	status_add(virtio, S_DRIVER_OK);
	return pci_alive(transport) ? KERN_SUCCESS : fail(virtio, "it does not start");
}

static void pci_notify(struct virtio_transport *transport, uint16_t queue)
{
	mmio_write16(virtio_of(transport)->doorbell[queue], queue); // 4.1.5.2
}

static const struct virtio_transport_ops pci_ops = {
	.features = pci_features,
	.accept = pci_accept,
	.config = pci_config,
	.queue_room = pci_queue_room,
	.queue_set = pci_queue_set,
	.start = pci_start,
	.notify = pci_notify,
	.alive = pci_alive,
	.reset = pci_reset,
};

kern_return_t virtio_pci_open(struct virtio_pci *virtio, uint16_t config_interrupt, uint64_t timeout)
{
	virtio->transport = (struct virtio_transport){.ops = &pci_ops};
	virtio->config_interrupt = config_interrupt;
	virtio->timeout = timeout;
	kern_return_t error = virtio->mapped ? KERN_SUCCESS : find_structures(virtio);
	if (error)
		return error;
	if (status_of(virtio) == GONE)
		return fail(virtio, "it is not there");
	if (!reset(virtio))
		return fail(virtio, "it cannot be reset");
	status_add(virtio, S_ACKNOWLEDGE);
	status_add(virtio, S_DRIVER);
	return KERN_SUCCESS;
}
