// SPDX-License-Identifier: MIT
// The devices that there are: see device.h.
#include "device.h"

#include "../memory/memory.h"
#include "../seat/grants.h"
#include "../seat/seat.h"
#include "../task/task.h"
#include "fdt_walk.h"
#include "interrupt.h"

#define DEVICES_MAX 4096u
#define ALIAS_LENGTH (sizeof(DEVICE_ALIAS_PREFIX) - 1)

struct lock device_lock;
static struct list devices; // changed at boot only
static uint32_t device_count;

// ---- Finding -------------------------------------------------------------------------------------------------------

struct device *device_find(const char *address)
{
	list_for_each(link, &devices) {
		struct device *device = container_of(link, struct device, link);
		if (text_equal(device->address, address))
			return device;
	}
	return NULL;
}

struct device *device_after(struct device *device)
{
	struct list *next = device ? device->link.next : devices.next;
	return next == &devices ? NULL : container_of(next, struct device, link);
}

bool device_is_compatible(const struct device *device, const char *compatible)
{
	const char *text;
	for (uint32_t i = 0; (text = fdt_string(&device->compatible, i)); i++)
		if (text_equal(text, compatible))
			return true;
	return false;
}

struct device *device_of_task(struct task *task)
{
	struct seat *seat = seat_of_occupant(task);
	struct device *device = seat ? seat->device : NULL;
	if (seat)
		seat_release(seat);
	return device;
}

struct seat *device_get_seat(struct device *device, const char **match)
{
	lock_acquire(&device_lock);
	struct seat *seat = device->seat ? seat_reference(device->seat) : NULL;
	if (match)
		*match = seat ? device->match : "";
	lock_release(&device_lock);
	return seat;
}

struct seat *device_find_seat(const char *name)
{
	for (size_t i = 0; i < ALIAS_LENGTH; i++)
		if (name[i] != DEVICE_ALIAS_PREFIX[i])
			return NULL;
	struct device *device = device_find(name + ALIAS_LENGTH);
	return device ? device_get_seat(device, NULL) : NULL;
}

// ---- Drivers come and go -------------------------------------------------------------------------------------------

void device_set_master(struct device *device, bool on)
{
	if (device->has_master)
		md_device_master(device->master, on);
}

void device_task_ending(struct task *task)
{
	struct device *device = device_of_task(task);
	if (device)
		device_set_master(device, false);
}

void device_driver_ended(struct device *device)
{
	for (uint32_t i = 0; i < device->interrupt_count; i++)
		interrupt_unbind(&device->interrupts[i]);
}

void device_seat_removed(struct device *device)
{
	lock_acquire(&device_lock);
	struct seat *seat = device->seat;
	device->seat = NULL;
	device->match = NULL;
	lock_release(&device_lock);
	seat_watch_device(seat, SEAT_EVENT_DEVICE_REMOVED);
	seat_release(seat);
}

// ---- Regions -------------------------------------------------------------------------------------------------------

static uint64_t page_of(uint64_t address) { return address & ~(uint64_t)(MD_PAGE_SIZE - 1); }

kern_return_t device_get_region(struct device *device, uint32_t number, struct memory **memory, uint64_t *offset)
{
	struct device_region *region = &device->regions[number];
	kern_return_t error = KERN_SUCCESS;
	lock_acquire(&device_lock);
	if (!region->memory) {
		uint64_t from = page_of(region->address), to = page_of(region->address + (region->size - 1));
		error = memory_create_device(from, to - from + MD_PAGE_SIZE, &region->memory);
	}
	if (!error)
		*memory = memory_reference(region->memory);
	lock_release(&device_lock);
	*offset = region->address % MD_PAGE_SIZE;
	return error;
}

// ---- Making them of a tree -----------------------------------------------------------------------------------------

// The names of the node and its ancestors, or as many of the last ones as fit. False: not even the last one.
static bool make_address(const struct fdt_walk *walk, char address[DEVICE_ADDRESS_MAX + 1])
{
	char name[SEAT_NAME_MAX + 1 + sizeof(DEVICE_ALIAS_PREFIX)];
	for (uint32_t first = 1; first <= walk->depth; first++) {
		size_t length = 0;
		for (uint32_t i = first; i <= walk->depth && length < sizeof(name); i++)
			length += format_text(name + length, sizeof(name) - length, "%s%s", i == first ? "" : "/",
					      fdt_name(walk->fdt, walk->levels[i].node));
		if (length + ALIAS_LENGTH > SEAT_NAME_MAX)
			continue;
		format_text(address, DEVICE_ADDRESS_MAX + 1, "%s", name);
		format_text(name, sizeof(name), "%s%s", DEVICE_ALIAS_PREFIX, address);
		return grants_name_valid(name, false) && !device_find(address);
	}
	return false;
}

static void find_regions(struct device *device, const struct fdt_walk *walk)
{
	uint64_t address, size;
	bool reachable;
	for (uint32_t i = 0; fdt_walk_region(walk, i, &address, &size, &reachable); i++) {
		if (!reachable)
			continue;
		if (device->region_count == DEVICE_REGIONS_MAX) {
			log_line("device", "%s: has more than %u regions", device->address, DEVICE_REGIONS_MAX);
			return;
		}
		device->regions[device->region_count++] = (struct device_region){.address = address, .size = size};
	}
}

static uint64_t u64_at(const uint8_t *at) { return (uint64_t)fdt_u32(at) << 32 | fdt_u32(at + 4); }

// gila,ports: all of it, or nothing if any of it makes no sense: numbers of ranges are those of the property.
static void find_ports(struct device *device, const struct fdt_walk *walk)
{
	struct fdt_property list;
	if (!fdt_find(walk->fdt, walk->node, "gila,ports", &list))
		return;
	uint32_t count = list.size / DEVICE_PORTS_ENTRY;
	bool fine = list.size % DEVICE_PORTS_ENTRY == 0 && count <= DEVICE_PORTS_MAX;
	for (uint32_t i = 0; fine && i < count; i++) {
		const uint8_t *at = list.value + (size_t)i * DEVICE_PORTS_ENTRY;
		struct device_ports *ports = &device->ports[i];
		*ports = (struct device_ports){.first = u64_at(at), .count = fdt_u32(at + 8)};
		fine = ports->count > 0 && ports->first <= UINT64_MAX - (ports->count - 1);
	}
	if (fine)
		device->port_count = count;
	else
		log_line("device", "%s: gila,ports is no list of at most %u ranges of ports", device->address, DEVICE_PORTS_MAX);
}

static bool find_interrupts(struct device *device, const struct fdt_walk *walk)
{
	uint32_t line, count = 0;
	bool reachable;
	while (count < DEVICE_INTERRUPTS_MAX && fdt_walk_interrupt(walk, count, &line, &reachable))
		count++;
	if (count == 0)
		return true;
	device->interrupts = kalloc(&account_kernel, count * sizeof(struct interrupt));
	if (!device->interrupts)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!fdt_walk_interrupt(walk, i, &line, &reachable) || !reachable)
			break; // numbers count from the first: what comes behind a strange one is not used either
		device->interrupts[i] = (struct interrupt){.line = line, .index = i};
		device->interrupt_count++;
	}
	if (device->interrupt_count < count)
		log_line("device", "%s: interrupt %u goes through a controller that is not understood", device->address,
			 device->interrupt_count);
	if (device->interrupt_count > 0)
		return true;
	kfree(&account_kernel, device->interrupts, count * sizeof(struct interrupt));
	device->interrupts = NULL;
	return true;
}

static bool device_make(const struct fdt_walk *walk, const struct fdt_property *compatible)
{
	struct fdt_property backends, master;
	struct device *device = kalloc(&account_kernel, sizeof(*device));
	if (!device)
		return false;
	device->fdt = *walk->fdt;
	device->node = walk->node;
	device->compatible = *compatible;
	if (!make_address(walk, device->address)) {
		log_line("device", "%s: its name is too long, strange, or another device's", fdt_name(walk->fdt, walk->node));
		kfree(&account_kernel, device, sizeof(*device));
		return true;
	}
	find_regions(device, walk);
	find_ports(device, walk);
	if (fdt_find(walk->fdt, walk->node, "gila,backend", &backends))
		device->backend_count = backends.size / 4;
	device->has_master = fdt_find(&device->fdt, device->node, "gila,master", &master) && master.size == 4;
	device->master = device->has_master ? fdt_u32(master.value) : 0;
	if (!find_interrupts(device, walk)) {
		kfree(&account_kernel, device, sizeof(*device));
		return false;
	}
	device->id = ++device_count;
	list_push_back(&devices, &device->link);
	return true;
}

void device_tree_add(const void *blob, size_t size, const char *what)
{
	struct fdt fdt;
	struct fdt_walk walk;
	struct fdt_property compatible;
	uint32_t at, before = device_count;
	enum fdt_error error = fdt_open(&fdt, blob, size, &at);
	if (error) {
		log_line("device", "%s cannot be read: %s (byte %u)", what, fdt_error_reason(error), at);
		return;
	}
	fdt_walk_begin(&walk, &fdt);
	while (fdt_walk_next(&walk)) {
		// The root's is the machine's. An empty or endless list of strings is none.
		if (walk.depth == 0 || !fdt_find(&fdt, walk.node, "compatible", &compatible) || !fdt_string(&compatible, 0))
			continue;
		if (device_count == DEVICES_MAX || !device_make(&walk, &compatible)) {
			log_line("device", "%s: no room for more than %u devices", what, device_count);
			break;
		}
	}
	log_line("device", "%s: %u devices", what, device_count - before);
}

void device_module_init(void)
{
	size_t size;
	const void *blob;
	char what[32];
	lock_init(&device_lock, RANK_DEVICE);
	list_init(&devices);
	interrupt_module_init();
	device_calls_module_init();
	for (unsigned i = 0; (blob = md_boot_device_tree(i, &size)); i++) {
		format_text(what, sizeof(what), "device tree %u", i);
		device_tree_add(blob, size, what);
	}
}
