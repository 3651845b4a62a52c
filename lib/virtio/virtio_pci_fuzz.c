// SPDX-License-Identifier: MIT
// Fuzz target of virtio over PCI: any configuration space and any regions, in front of registers that read as anything. Whatever is
// found, the driver accesses only its regions, aligned, and comes to an end.
// Input: number of regions, 3 bytes for each (BAR, offset and size in pages), 256 bytes of configuration space, then what registers say.
#include "virtio_blk.h"
#include "virtio_pci.h"

#include <driver/pci_fake.h>
#include <driver/wait.h>
#include <gila/fuzz.h>

#define BUS UINT64_C(0x40000000)

static const uint8_t *answers;
static size_t answer_count, answered;
static unsigned waits;
static struct virtio_pci virtio;
static struct virtio_blk blk;

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	return pci_fake_property(name, value, room, size);
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size) { return pci_fake_map(region, address, size); }

// No time passes here.
struct driver_wait driver_wait_begin(uint64_t nanoseconds)
{
	waits = 0;
	return (struct driver_wait){0};
}
bool driver_wait_more(struct driver_wait *wait) { return ++waits < 8; }

static uint64_t read_register(uint32_t bar, uint64_t offset, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | (answered < answer_count ? answers[answered++] : 0);
	return value;
}

// After any of its writes that is as wide as a notification the queue may look as it likes.
static void write_register(uint32_t bar, uint64_t offset, unsigned bytes, uint64_t value)
{
	_Atomic uint16_t *used = blk.queue.used;
	for (unsigned i = 0; used && bytes == 2 && i < 6 && answered + 2 <= answer_count; i++, answered += 2)
		used[i] = (uint16_t)(answers[answered] | answers[answered + 1] << 8);
}

static bool take(const uint8_t **data, size_t *size, void *to, size_t bytes)
{
	if (*size < bytes)
		return false;
	memcpy(to, *data, bytes);
	*data += bytes;
	*size -= bytes;
	return true;
}

static bool make_function(const uint8_t **data, size_t *size)
{
	uint8_t count, region[3];
	pci_fake_begin();
	pci_fake.read = read_register;
	pci_fake.write = write_register;
	if (!take(data, size, &count, 1))
		return false;
	for (unsigned i = 0; i < count % (DEVICE_REGIONS_MAX + 1); i++) {
		if (!take(data, size, region, sizeof(region)))
			return false;
		pci_fake_region(region[0], region[1] * UINT64_C(4096), (region[2] + UINT64_C(1)) * 4096);
	}
	return take(data, size, pci_fake.config, sizeof(pci_fake.config));
}

static int fuzz_virtio_pci(const uint8_t *data, size_t size)
{
	static uint8_t memory[1 << 20] __attribute__((aligned(4096)));
	struct virtio_queue queue = {.interrupt = 1, .interrupt_descriptor = -1};
	if (!make_function(&data, &size))
		return 0;
	answers = data;
	answer_count = size;
	answered = 0;
	memset(&virtio, 0, sizeof(virtio));
	memset(&blk, 0, sizeof(blk));
	memset(memory, 0, virtio_blk_bytes());
	kern_return_t error = virtio_pci_open(&virtio, 0, 1);
	if (!error) {
		error = virtio_blk_open(&blk, &virtio.transport, memory, BUS, &queue);
		virtio.transport.ops->alive(&virtio.transport);
		virtio.transport.ops->reset(&virtio.transport);
	}
	if (pci_fake.strays || (error && !virtio.transport.problem))
		__builtin_trap();
	return 0;
}

FUZZ_TARGET(fuzz_virtio_pci)
