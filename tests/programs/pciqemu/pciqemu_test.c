// SPDX-License-Identifier: MIT
// A PCI device of QEMU; see pciqemu.h.
#include "pciqemu.h"

#include <driver/mmio.h>
#include <driver/pci.h>
#include <driver/wait.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RAM (64 << 20)
#define MESSAGES 0x800000u       // in the memory: MSI-X vectors write there
#define BARS 0xe0000000u         // above the memory of q35, below its own devices
#define WINDOW UINT64_C(0x500000000000) // where registers seem to be mapped
#define SLOT 4u
enum { COMMAND = 0x04, STATUS = 0x06, BAR0 = 0x10, CAPABILITIES = 0x34, MSIX = 0x11 };

uint8_t *pciqemu_memory;
uint16_t pciqemu_vendor, pciqemu_device;
uint32_t pciqemu_class;

static char folder[64], image[96], ram_file[96], firmware[96], socket_path[96];
static pid_t qemu;
static FILE *wire;
static uint8_t *ram, config[DRIVER_PCI_CONFIG_BYTES];
static struct region {
	uint32_t bar;
	uint64_t offset, size, address;
} regions[DEVICE_REGIONS_MAX];
static unsigned region_count;

// ---- The wire --------------------------------------------------------------------------------------------------------------

static uint64_t __attribute__((format(printf, 1, 2))) ask(const char *format, ...)
{
	char line[256];
	unsigned long long value = 0;
	va_list arguments;
	va_start(arguments, format);
	vfprintf(wire, format, arguments);
	va_end(arguments);
	fputc('\n', wire);
	fflush(wire);
	if (!fgets(line, sizeof(line), wire) || strncmp(line, "OK", 2) != 0) {
		printf("QEMU does not answer\n");
		exit(1);
	}
	sscanf(line + 2, "%lli", &value);
	return value;
}

static uint64_t physical(const void *address) { return (uint64_t)(uintptr_t)address - WINDOW; }
static uint64_t read_at(char width, const void *address) { return ask("read%c 0x%llx", width, (unsigned long long)physical(address)); }
static void write_at(char width, const void *address, uint32_t value)
{
	ask("write%c 0x%llx 0x%x", width, (unsigned long long)physical(address), value);
}

uint8_t mmio_read8(const void *address) { return (uint8_t)read_at('b', address); }
uint16_t mmio_read16(const void *address) { return (uint16_t)read_at('w', address); }
uint32_t mmio_read32(const void *address) { return (uint32_t)read_at('l', address); }
void mmio_write8(void *address, uint8_t value) { write_at('b', address, value); }
void mmio_write16(void *address, uint16_t value) { write_at('w', address, value); }
void mmio_write32(void *address, uint32_t value) { write_at('l', address, value); }

static uint64_t nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

struct driver_wait driver_wait_begin(uint64_t limit) { return (struct driver_wait){.begun = nanoseconds(), .limit = limit}; }

bool driver_wait_more(struct driver_wait *wait)
{
	struct timespec pause = {.tv_nsec = 100000};
	nanosleep(&pause, NULL);
	return nanoseconds() - wait->begun <= wait->limit;
}

// ---- What the machine does on the metal --------------------------------------------------------------------------------------

static void config_select(unsigned place) { ask("outl 0xcf8 0x%x", 0x80000000u | SLOT << 11 | (place & ~3u)); }

static uint32_t config_read(unsigned place)
{
	config_select(place);
	return (uint32_t)ask("inl 0xcfc");
}

static void config_write(unsigned place, uint32_t value)
{
	config_select(place);
	ask("outl 0xcfc 0x%x", value);
}

static void add_region(uint32_t bar, uint64_t address, uint64_t from, uint64_t to)
{
	if (from < to)
		regions[region_count++] = (struct region){.bar = bar, .offset = from, .size = to - from, .address = address + from};
}

// The BAR without the pages of the MSI-X table and of the pending bits, which are in this order.
static void cut_regions(uint32_t bar, uint64_t address, uint64_t size, unsigned msix)
{
	uint64_t at = 0;
	uint32_t entries = (config_read(msix) >> 16 & 0x7ff) + 1;
	for (unsigned i = 0; i < 2; i++) {
		uint32_t place = config_read(msix + 4 + 4 * i);
		uint64_t from = place & ~7u, to = from + (i ? (entries + 7) / 8 : entries * 16);
		if ((place & 7) != bar)
			continue;
		add_region(bar, address, at, from & ~UINT64_C(4095));
		at = (to + 4095) & ~UINT64_C(4095);
	}
	add_region(bar, address, at, size);
}

static void set_vectors(uint32_t table, unsigned msix)
{
	uint32_t entries = (config_read(msix) >> 16 & 0x7ff) + 1;
	for (unsigned i = 0; i < PCIQEMU_VECTORS && i < entries; i++) {
		ask("writel 0x%x 0x%x", table + 16 * i, MESSAGES + 4 * i);
		ask("writel 0x%x 0", table + 16 * i + 4);
		ask("writel 0x%x 0x%x", table + 16 * i + 8, 1 + i);
		ask("writel 0x%x 0", table + 16 * i + 12); // not masked
	}
	config_write(msix, config_read(msix) | 0x80000000u); // enabled
}

static bool set_up(void)
{
	uint32_t next = BARS, table = 0;
	unsigned msix = config_read(CAPABILITIES) & 0xfc;
	while (msix && (config_read(msix) & 0xff) != MSIX)
		msix = config_read(msix) >> 8 & 0xfc;
	region_count = 0;
	for (uint32_t bar = 0; msix && bar < 6; bar++) {
		unsigned place = BAR0 + 4 * bar;
		config_write(place, UINT32_MAX);
		uint32_t mask = config_read(place);
		if (mask == 0 || (mask & 1)) // none, or ports
			continue;
		uint32_t size = ~(mask & ~15u) + 1;
		next = (next + size - 1) & ~(size - 1);
		config_write(place, next);
		if ((config_read(msix + 4) & 7) == bar)
			table = next + (config_read(msix + 4) & ~7u);
		cut_regions(bar, next, size, msix);
		if ((mask & 6) == 4) {
			config_write(place + 4, 0);
			bar++;
		}
		next += size;
	}
	config_write(COMMAND, 6); // memory, bus master
	if (table)
		set_vectors(table, msix);
	for (unsigned i = 0; i < sizeof(config); i += 4) {
		uint32_t word = config_read(i);
		memcpy(config + i, &word, 4);
	}
	pciqemu_vendor = (uint16_t)config_read(0);
	pciqemu_device = (uint16_t)(config_read(0) >> 16);
	pciqemu_class = config_read(8) >> 8;
	return table != 0;
}

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	uint8_t list[DEVICE_REGIONS_MAX * 12];
	bool is_config = strcmp(name, DRIVER_PCI_CONFIG) == 0;
	if (!is_config && strcmp(name, DRIVER_PCI_REGIONS) != 0)
		return KERN_NOT_FOUND;
	for (unsigned i = 0; i < region_count; i++) {
		put(list + 12 * i, regions[i].bar, 4);
		put(list + 12 * i + 4, regions[i].offset, 8);
	}
	*size = is_config ? sizeof(config) : 12 * (size_t)region_count;
	memcpy(value, is_config ? config : list, *size < room ? *size : room);
	return KERN_SUCCESS;
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size)
{
	if (region >= region_count)
		return KERN_INVALID_ARGUMENT;
	*address = (void *)(uintptr_t)(WINDOW + regions[region].address);
	*size = regions[region].size;
	return KERN_SUCCESS;
}

// ---- Beginning and end -------------------------------------------------------------------------------------------------------

// What the CPU does from its reset vector on: cli, and hlt for ever.
static bool write_firmware(void)
{
	static uint8_t rom[65536] = {[0xfff0] = 0xfa, 0xf4, 0xeb, 0xfd};
	int fd = open(firmware, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	bool written = fd >= 0 && write(fd, rom, sizeof(rom)) == sizeof(rom);
	close(fd);
	return written;
}

static bool write_image(uint8_t *model)
{
	for (size_t i = 0; i < PCIQEMU_DISK; i++)
		model[i] = (uint8_t)(i * 2654435761u >> 13);
	int fd = open(image, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	bool written = fd >= 0 && write(fd, model, PCIQEMU_DISK) == PCIQEMU_DISK;
	close(fd);
	fd = open(ram_file, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, RAM))
		return false;
	ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	pciqemu_memory = ram + PCIQEMU_BUS;
	return written && ram != MAP_FAILED;
}

static void launch(const char *device)
{
	char backend[160], drive[160], options[160], test[128];
	snprintf(backend, sizeof(backend), "memory-backend-file,id=ram,size=%u,mem-path=%s,share=on", RAM, ram_file);
	snprintf(drive, sizeof(drive), "if=none,id=d,format=raw,discard=unmap,file=%s", image);
	snprintf(options, sizeof(options), "%s,drive=d,addr=%u.0", device, SLOT);
	snprintf(test, sizeof(test), "unix:%s", socket_path);
	qemu = fork();
	if (qemu == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); // also when a check fails
		execlp("qemu-system-x86_64", "qemu-system-x86_64", "-machine", "q35,accel=tcg,memory-backend=ram", "-m", "64M", "-object",
		       backend, "-bios", firmware, "-nodefaults", "-display", "none", "-qtest", test, "-qtest-log", "none", "-drive", drive, "-device",
		       options, (char *)NULL);
		perror("qemu-system-x86_64");
		_exit(127);
	}
}

// QEMU connects to the test.
static bool connected(const char *device)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, socket_path);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		return false;
	launch(device);
	struct pollfd wait = {.fd = listener, .events = POLLIN};
	while (qemu && poll(&wait, 1, 100) == 0)
		if (waitpid(qemu, NULL, WNOHANG) == qemu)
			qemu = 0; // it ended
	int fd = qemu ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	close(listener);
	wire = fd >= 0 ? fdopen(fd, "r+") : NULL;
	return wire != NULL;
}

bool pciqemu_begin(const char *device, uint8_t *model)
{
	strcpy(folder, "/tmp/gila-pciqemu-XXXXXX");
	if (!mkdtemp(folder))
		return false;
	snprintf(image, sizeof(image), "%s/image", folder);
	snprintf(ram_file, sizeof(ram_file), "%s/ram", folder);
	snprintf(firmware, sizeof(firmware), "%s/firmware", folder);
	snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
	if (write_image(model) && write_firmware() && connected(device) && set_up())
		return true;
	printf("%s: QEMU does not show it\n", device);
	pciqemu_end();
	return false;
}

bool pciqemu_interrupted(unsigned vector)
{
	uint32_t *message = (uint32_t *)(void *)(ram + MESSAGES + 4 * vector);
	return __atomic_exchange_n(message, 0, __ATOMIC_SEQ_CST) == 1 + vector;
}

bool pciqemu_image_is(const uint8_t *model)
{
	uint8_t *contents = malloc(PCIQEMU_DISK);
	int fd = open(image, O_RDONLY | O_CLOEXEC);
	bool right = fd >= 0 && contents && read(fd, contents, PCIQEMU_DISK) == PCIQEMU_DISK && memcmp(contents, model, PCIQEMU_DISK) == 0;
	close(fd);
	free(contents);
	return right;
}

void pciqemu_end(void)
{
	if (wire)
		fclose(wire);
	wire = NULL;
	if (qemu > 0) {
		kill(qemu, SIGTERM);
		waitpid(qemu, NULL, 0);
	}
	qemu = 0;
	if (ram)
		munmap(ram, RAM);
	ram = NULL;
	unlink(socket_path);
	unlink(ram_file);
	unlink(firmware);
	unlink(image);
	rmdir(folder);
}
