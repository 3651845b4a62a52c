// SPDX-License-Identifier: MIT
// Fuzz target of the NVMe driver's view of its controller: registers that read as anything, and a controller that writes anything to the
// memory that it was given. Whatever it says, the driver accesses only its registers, comes to an end, and takes each command once.
// Input: pages of registers, then what the controller says. With each doorbell it may answer: a byte that says how many completions
// follow, 4 bytes each (id, status), and bytes of identify data.
#include "nvme_memory.h"

#include <driver/pci_fake.h>
#include <driver/wait.h>
#include <gila/fuzz.h>

#define BUS UINT64_C(0x40000000)

static const uint8_t *answers;
static size_t answer_count, answered;
static unsigned waits;
static uint8_t memory[NVME_AT_END] __attribute__((aligned(4096)));
static struct nvme nvme;
static uint16_t posted[2];

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	return pci_fake_property(name, value, room, size);
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size) { return pci_fake_map(region, address, size); }

// Of the rest of the driver, which is linked and not used.
kern_return_t driver_info(struct device_info *info) { return KERN_NOT_FOUND; }
kern_return_t driver_interrupt(uint32_t index, mach_port_t receive) { return KERN_NOT_FOUND; }
kern_return_t driver_dma(uint64_t size, mach_port_t *right, void **address, uint64_t *bus_address) { return KERN_NOT_FOUND; }
kern_return_t driver_dma_address(mach_port_t right, uint64_t *bus_address) { return KERN_NOT_FOUND; }

// No time passes here.
struct driver_wait driver_wait_begin(uint64_t nanoseconds)
{
	waits = 0;
	return (struct driver_wait){0};
}
bool driver_wait_more(struct driver_wait *wait) { return ++waits < 4; }

static uint64_t next(unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | (answered < answer_count ? answers[answered++] : 0);
	return value;
}

static uint64_t read_register(uint32_t bar, uint64_t offset, unsigned bytes) { return next(bytes); }

static void identify(void)
{
	static const uint16_t places[] = {0, 4, 25, 26, 29, 77, 99, 128, 130, 512, 513, 520, 525};
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		memory[NVME_AT_IDENTIFY + places[i]] = (uint8_t)next(1);
	memory[NVME_AT_IDENTIFY + 1] = (uint8_t)next(1);
}

// One to the queue in use, where the driver looks next or a little further.
static void post(unsigned number)
{
	const struct nvme_queue *queue = number ? &nvme.io : &nvme.admin;
	uint32_t word = (uint32_t)next(4);
	struct nvme_completion *ring = (struct nvme_completion *)(void *)(memory + (number ? NVME_AT_IO_CQ : NVME_AT_ADMIN_CQ));
	struct nvme_completion *entry = &ring[posted[number]++ % queue->size];
	entry->queue = word & 0x8000 ? (uint16_t)word : (uint16_t)number;
	entry->id = (uint16_t)(word >> 16 & 0xff);
	entry->status = (uint16_t)word;
}

static void write_register(uint32_t bar, uint64_t offset, unsigned bytes, uint64_t value)
{
	if (offset < NVME_DOORBELLS)
		return;
	identify();
	for (unsigned count = (unsigned)next(1) % 4; count > 0; count--)
		post(nvme.in_flight > 0);
}

static void require(bool good)
{
	if (!good)
		__builtin_trap();
}

// Reads whose data are somewhere, until the controller makes no sense or has nothing more to say.
static void use(void)
{
	static char tokens[NVME_COMMANDS];
	static bool busy[NVME_COMMANDS];
	struct nvme_run run;
	enum nvme_result result;
	memset(busy, 0, sizeof(busy));
	for (unsigned i = 0; answered < answer_count && !nvme.broken; i++) {
		unsigned which = 0;
		while (which < NVME_COMMANDS && busy[which])
			which++;
		if (nvme_has_room(&nvme) && which < NVME_COMMANDS) {
			nvme_run_begin(&nvme, &run);
			while (!run.closed)
				nvme_run_add(&run, BUS + next(1) * 4096, 4096 * (1 + (uint32_t)next(1)));
			require(run.bytes > 0 && run.bytes <= nvme.transfer && run.count <= NVME_PAGES);
			nvme_submit(&nvme, NVME_READ, next(4), run.bytes >> nvme.shift, &run, &tokens[which], 0);
			busy[which] = true;
		}
		nvme_publish(&nvme);
		for (char *token; (token = nvme_take(&nvme, &result)); busy[token - tokens] = false)
			require(busy[token - tokens]);
		nvme_taken(&nvme);
		next(1);
	}
}

static int fuzz_nvme(const uint8_t *data, size_t size)
{
	struct driver_pci pci;
	if (size < 1)
		return 0;
	pci_fake_begin();
	pci_fake.read = read_register;
	pci_fake.write = write_register;
	pci_fake_region(0, 0, (data[0] % 16 + UINT64_C(1)) * 4096);
	answers = data + 1;
	answer_count = size - 1;
	answered = 0;
	memset(memory, 0, sizeof(memory));
	memset(&nvme, 0, sizeof(nvme));
	memset(posted, 0, sizeof(posted));
	nvme.memory = memory;
	nvme.bus_address = BUS;
	require(driver_pci_open(&pci) == KERN_SUCCESS);
	kern_return_t error = nvme_attach(&nvme, &pci);
	if (!error)
		error = nvme_open(&nvme, 1);
	require(!error || nvme.problem);
	if (!error)
		use();
	require(pci_fake.strays == 0);
	return 0;
}

FUZZ_TARGET(fuzz_nvme)
