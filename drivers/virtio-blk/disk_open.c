// SPDX-License-Identifier: MIT
// Getting the device to work, and its memory; see disk.h.
#include "disk.h"

#include <driver/driver.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DISK_INTERRUPTS 2u // at most: one for changes of the configuration, one for the queue

static struct disk *disk_of(struct block_device *device) { return (struct disk *)(void *)device; }

// ---- Transports ----------------------------------------------------------------------------------------------------------

static kern_return_t open_vhost_user(struct disk *disk)
{
	int socket;
	kern_return_t error = driver_backend(0, &socket);
	if (error) {
		disk->vhost.transport.problem = "nobody serves its socket";
		return error;
	}
	return vhost_user_open(&disk->vhost, socket, VHOST_USER_TIMEOUT_MS);
}

static kern_return_t open_virtio_pci(struct disk *disk) { return virtio_pci_open(&disk->pci, 0, VIRTIO_PCI_TIMEOUT); }

// Until it is reset the device goes on with what the driver before left to it. Errors come again when it is opened.
static void quieten_virtio_pci(struct disk *disk)
{
	if (open_virtio_pci(disk) == KERN_SUCCESS)
		disk->pci.transport.ops->reset(&disk->pci.transport);
}

static bool has_backend(const struct device_info *info) { return info->backend_count > 0; }

static bool is_pci(const struct device_info *info)
{
	size_t size;
	return driver_property(DRIVER_PCI_CONFIG, NULL, 0, &size) == KERN_SUCCESS;
}

static const struct disk_transport {
	bool (*fits)(const struct device_info *info);
	kern_return_t (*open)(struct disk *disk);
	void (*quieten)(struct disk *disk); // before there are interrupts and memory; NULL: nothing need be done
	size_t place; // of its struct virtio_transport
} transports[] = {
	{has_backend, open_vhost_user, NULL, offsetof(struct disk, vhost.transport)},
	{is_pci, open_virtio_pci, quieten_virtio_pci, offsetof(struct disk, pci.transport)},
};

static const struct disk_transport *transport_for(const struct device_info *info)
{
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (transports[i].fits(info))
			return &transports[i];
	return NULL;
}

// ---- Memory --------------------------------------------------------------------------------------------------------------

static kern_return_t tell_memory(struct disk *disk, struct virtio_transport *transport, mach_port_t memory, uint64_t bus_address,
				 uint64_t size)
{
	int descriptor;
	if (!transport->ops->memory_add)
		return KERN_SUCCESS;
	kern_return_t error = driver_dma_descriptor(memory, &descriptor);
	if (error)
		return error;
	return transport->ops->memory_add(transport, bus_address, size, descriptor) ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
}

kern_return_t disk_memory_make(struct block_device *device, uint64_t size, mach_port_t *memory, uint64_t *bus_address)
{
	struct disk *disk = disk_of(device);
	kern_return_t error = driver_dma(size, memory, NULL, bus_address);
	if (error)
		return error;
	error = tell_memory(disk, disk->transport, *memory, *bus_address, size);
	if (error) {
		gila_port_drop(*memory);
		*memory = MACH_PORT_NULL;
	}
	return error;
}

kern_return_t disk_memory_take(struct block_device *device, mach_port_t memory, uint64_t size, uint64_t *bus_address)
{
	struct disk *disk = disk_of(device);
	kern_return_t error = driver_dma_address(memory, bus_address);
	return error ? KERN_INVALID_CAPABILITY : tell_memory(disk, disk->transport, memory, *bus_address, size);
}

void disk_memory_gone(struct block_device *device, uint64_t bus_address, uint64_t size)
{
	struct disk *disk = disk_of(device);
	if (disk->transport->ops->memory_remove && disk->transport->ops->memory_remove(disk->transport, bus_address, size))
		disk_fail(disk, disk->transport->problem);
}

// ---- The device ----------------------------------------------------------------------------------------------------------

void disk_check(struct disk *disk)
{
	if (!disk->transport->ops->alive(disk->transport))
		disk_fail(disk, "it has hung up");
}

// The queue's only wakes: the loop looks at the queue after each message. The other one tells of a change, which may be that the device
// needs a reset; a new size is seen by the next driver.
void disk_interrupt(struct disk *disk, uint32_t index)
{
	if (disk->transport && index + 1 != disk->interrupts)
		disk_check(disk);
}

void disk_fail(struct disk *disk, const char *why)
{
	gila_logf("%s: the device is lost with %u requests in flight: %s", disk->seat, virtio_blk_in_flight(&disk->blk), why);
	exit(1);
}

// Whatever is wrong with this process, the next one begins afresh; what is not answered is asked of it.
void disk_in_doubt(struct block_device *device, const char *why)
{
	gila_logf("%s: ends, to be launched afresh: %s", disk_of(device)->seat, why);
	exit(1);
}

// Half of what the device takes note of: the rest is for sessions.
static uint32_t area_room(const struct virtio_transport *transport)
{
	return transport->memory_room ? transport->memory_room / 2 : BLOCK_AREAS_ROOM;
}

static void fill_info(struct disk *disk)
{
	const struct virtio_blk *blk = &disk->blk;
	struct block_info *info = &disk->loop.device.info;
	uint64_t most = (uint64_t)blk->segments * blk->segment_size;
	uint32_t discard = blk->discard_sectors, zeroes = blk->zeroes_sectors;
	*info = (struct block_info){
		.sectors = blk->sectors,
		.block_size = blk->block_size,
		.transfer = most < BLOCK_TRANSFER_MAX ? (uint32_t)most : BLOCK_TRANSFER_MAX,
		.pieces = blk->segments,
		.range = !discard ? zeroes : !zeroes || discard < zeroes ? discard : zeroes,
		.features = (blk->read_only ? 0u : BLOCK_CAN_WRITE) | (blk->can_flush ? BLOCK_CAN_FLUSH : 0u) |
			    (discard ? BLOCK_CAN_DISCARD : 0u) | (zeroes ? BLOCK_CAN_WRITE_ZEROES : 0u),
	};
	memcpy(info->serial, blk->serial, VIRTIO_BLK_ID_BYTES);
}

// With the device's connection open: its memory, its queue.
static kern_return_t set_up(struct disk *disk, struct virtio_transport *transport)
{
	struct virtio_queue queue = {.interrupt = (uint16_t)(disk->interrupts - 1), .interrupt_descriptor = -1};
	kern_return_t error = driver_interrupt_descriptor(queue.interrupt, &queue.interrupt_descriptor);
	if (error == KERN_NOT_SUPPORTED)
		error = KERN_SUCCESS; // no host below
	if (error)
		return error;
	if (disk->memory_used)
		memset(disk->address, 0, virtio_blk_bytes());
	disk->memory_used = true;
	error = tell_memory(disk, transport, disk->memory, disk->bus_address, virtio_blk_bytes());
	if (!error)
		error = virtio_blk_open(&disk->blk, transport, disk->address, disk->bus_address, &queue);
	if (queue.interrupt_descriptor >= 0)
		close(queue.interrupt_descriptor);
	return error;
}

static kern_return_t try_open(struct disk *disk, const char **why)
{
	struct virtio_transport *transport = (struct virtio_transport *)(void *)((char *)disk + disk->kind->place);
	kern_return_t error = disk->kind->open(disk);
	if (!error) {
		error = set_up(disk, transport);
		if (error)
			transport->ops->reset(transport);
	}
	*why = transport->problem ? transport->problem : gila_error_text(error);
	if (error)
		return error;
	disk->transport = transport;
	disk->loop.working = true;
	fill_info(disk);
	disk->loop.device.areas = area_room(transport);
	return KERN_SUCCESS;
}

kern_return_t disk_ready(struct block_device *device)
{
	struct disk *disk = disk_of(device);
	const char *why;
	if (disk->transport) {
		disk_check(disk);
		return KERN_SUCCESS;
	}
	if (try_open(disk, &why) == KERN_SUCCESS)
		return KERN_SUCCESS;
	uint64_t now = gila_time();
	if (disk->complained == 0 || now - disk->complained > UINT64_C(1000000000))
		gila_logf("%s: no working device: %s", disk->seat, why);
	disk->complained = now;
	return BLOCK_NO_DEVICE;
}

static kern_return_t listen(struct disk *disk, struct serve *serve, uint32_t count)
{
	kern_return_t error = gila_port_make(&disk->interrupt);
	if (!error)
		error = serve_listen(serve, disk->interrupt);
	disk->interrupts = count < DISK_INTERRUPTS ? count : DISK_INTERRUPTS;
	for (uint32_t i = 0; !error && i < disk->interrupts; i++)
		error = driver_interrupt(i, disk->interrupt);
	return error;
}

kern_return_t disk_begin(struct disk *disk, struct serve *serve)
{
	struct device_info info;
	disk->seat = serve->seat;
	kern_return_t error = driver_info(&info);
	disk->kind = error ? NULL : transport_for(&info);
	if (!error && (!disk->kind || info.interrupt_count == 0)) {
		gila_logf("%s: the device cannot be used: it has %s", serve->seat,
			  disk->kind ? "no interrupt" : "neither a back-end nor a configuration space");
		return KERN_NOT_SUPPORTED;
	}
	if (!error && disk->kind->quieten)
		disk->kind->quieten(disk);
	if (!error)
		error = listen(disk, serve, info.interrupt_count);
	if (!error)
		error = driver_dma(virtio_blk_bytes(), &disk->memory, &disk->address, &disk->bus_address);
	if (error)
		gila_logf("%s: the device cannot be used: %s", serve->seat, gila_error_text(error));
	return error;
}
