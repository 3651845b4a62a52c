// SPDX-License-Identifier: MIT
// Getting the controller to work, and its memory; see disk.h.
#include "disk.h"

#include <driver/driver.h>
#include <stdlib.h>
#include <string.h>

#define DISK_INTERRUPTS 2u // at most: one for the admin queue, one for the I/O queue
#define COMPLAIN_NS UINT64_C(1000000000)

static struct disk *disk_of(struct block_device *device) { return (struct disk *)(void *)device; }

// ---- Memory of sessions: the controller reaches all that the kernel made for it ---------------------------------------------

kern_return_t disk_memory_make(struct block_device *device, uint64_t size, mach_port_t *memory, uint64_t *bus_address)
{
	return driver_dma(size, memory, NULL, bus_address);
}

kern_return_t disk_memory_take(struct block_device *device, mach_port_t memory, uint64_t size, uint64_t *bus_address)
{
	return driver_dma_address(memory, bus_address) ? KERN_INVALID_CAPABILITY : KERN_SUCCESS;
}

// ---- The device ----------------------------------------------------------------------------------------------------------

void disk_fail(struct disk *disk, const char *why)
{
	gila_logf("%s: the controller is lost with %u commands in flight: %s", disk->seat, disk->nvme.in_flight, why);
	exit(1);
}

// Whatever is wrong with this process, the next one begins afresh; what is not answered is asked of it.
void disk_in_doubt(struct block_device *device, const char *why)
{
	gila_logf("%s: ends, to be launched afresh: %s", disk_of(device)->seat, why);
	exit(1);
}

static bool may_complain(struct disk *disk)
{
	uint64_t now = gila_time();
	bool may = disk->complained == 0 || now - disk->complained > COMPLAIN_NS;
	if (may)
		disk->complained = now;
	return may;
}

void disk_complain(struct disk *disk, const struct block_request *request)
{
	if (may_complain(disk))
		gila_logf("%s: request %u of %u sectors at %llu has failed: status %03xh", disk->seat, request->operation, request->count,
			  (unsigned long long)request->sector, disk->nvme.last_error);
}

static void fill_info(struct disk *disk)
{
	const struct nvme *nvme = &disk->nvme;
	struct block_info *info = &disk->loop.device.info;
	*info = (struct block_info){
		.sectors = nvme->blocks << (nvme->shift - 9),
		.block_size = 1u << nvme->shift,
		.transfer = BLOCK_TRANSFER_MAX,
		.pieces = BLOCK_PAGES_MAX,
		.range = nvme->can_discard || nvme->can_zero ? NVME_BLOCKS_MAX << (nvme->shift - 9) : 0,
		.features = (nvme->read_only ? 0u : BLOCK_CAN_WRITE) | (nvme->has_cache ? BLOCK_CAN_FLUSH : 0u) |
			    (nvme->can_discard ? BLOCK_CAN_DISCARD : 0u) | (nvme->can_zero ? BLOCK_CAN_WRITE_ZEROES : 0u),
	};
	memcpy(info->serial, nvme->serial, sizeof(nvme->serial));
}

static kern_return_t open_controller(struct disk *disk)
{
	kern_return_t error = nvme_attach(&disk->nvme, &disk->pci);
	if (error)
		return error;
	memset(disk->address, 0, nvme_bytes());
	error = nvme_open(&disk->nvme, (uint16_t)(disk->interrupts - 1));
	if (!error)
		return KERN_SUCCESS;
	const char *why = disk->nvme.problem;
	kern_return_t ignored = nvme_reset(&disk->nvme); // so that it lets go of its memory; if it does not, the next try says so
	(void)ignored;
	disk->nvme.problem = why;
	return error;
}

kern_return_t disk_ready(struct block_device *device)
{
	struct disk *disk = disk_of(device);
	const char *why = disk->loop.working ? nvme_check(&disk->nvme, gila_time()) : NULL;
	if (why)
		disk_fail(disk, why);
	if (disk->loop.working)
		return KERN_SUCCESS;
	if (open_controller(disk)) {
		if (may_complain(disk))
			gila_logf("%s: no working controller: %s", disk->seat, disk->nvme.problem);
		return BLOCK_NO_DEVICE;
	}
	disk->loop.working = true;
	fill_info(disk);
	return KERN_SUCCESS;
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

// Until it is reset the controller goes on with what the driver before left to it: that comes before interrupts and memory. Whatever is
// wrong with it is told when it is opened.
static void quieten(struct disk *disk)
{
	kern_return_t ignored = nvme_attach(&disk->nvme, &disk->pci);
	(void)ignored;
}

kern_return_t disk_begin(struct disk *disk, struct serve *serve)
{
	struct device_info info;
	disk->seat = serve->seat;
	kern_return_t error = driver_info(&info);
	if (!error)
		error = info.interrupt_count ? driver_pci_open(&disk->pci) : KERN_NOT_SUPPORTED;
	if (!error) {
		quieten(disk);
		error = listen(disk, serve, info.interrupt_count);
	}
	if (!error)
		error = driver_dma(nvme_bytes(), &disk->memory, &disk->address, &disk->bus_address);
	if (error)
		gila_logf("%s: the device cannot be used: %s", serve->seat, gila_error_text(error));
	disk->nvme.memory = disk->address;
	disk->nvme.bus_address = disk->bus_address;
	return error;
}
