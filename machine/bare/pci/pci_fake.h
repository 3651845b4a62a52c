// SPDX-License-Identifier: MIT
// Configuration space of functions that do not exist, for tests and the fuzz target: registers have values and bits that can
// be written, bridges lead to the buses that their registers say, absent functions read as all ones. Memory is there only
// where an MSI-X table is.
#ifndef MACHINE_BARE_PCI_FAKE_H
#define MACHINE_BARE_PCI_FAKE_H

#include "pci_steps.h"

#define FAKE_FUNCTIONS 64u
#define FAKE_ECAM 0xb0000000u
#define FAKE_TABLE_ENTRIES 64u

struct fake_function {
	uint32_t parent; // the bridge before it; PCI_NO_PARENT: on the root bus
	uint32_t number; // device << 3 | function
	uint32_t value[64], mask[64];
	bool wild;       // answers anything
};

struct fake {
	struct pci_access access;
	struct pci_segment segment;
	uint32_t count;
	struct fake_function functions[FAKE_FUNCTIONS];
	uint64_t table; // where an MSI-X table is; 0: nowhere
	uint32_t entries[4 * FAKE_TABLE_ENTRIES];
	uint64_t random;
	uint32_t lines, stray; // logged; accesses to what is neither
	const char *reason;    // of the last line
};

static inline uint32_t fake_random(struct fake *fake)
{
	fake->random = fake->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(fake->random >> 32);
}

// The function at that bus, as bridges pass it on. NULL: nobody answers.
static inline struct fake_function *fake_route(struct fake *fake, uint32_t bus, uint32_t number)
{
	uint32_t at = PCI_NO_PARENT, at_bus = fake->segment.first_bus;
	for (uint32_t depth = 0; at_bus != bus; depth++) {
		uint32_t next = fake->count;
		for (uint32_t i = 0; i < fake->count && next == fake->count; i++) {
			const struct fake_function *bridge = &fake->functions[i];
			uint32_t buses = bridge->value[BRIDGE_BUSES / 4];
			if (bridge->parent == at && (bridge->value[CONFIG_HEADER / 4] >> 16 & 0x7f) == 1 &&
			    (buses >> 8 & 0xff) > at_bus && (buses >> 8 & 0xff) <= bus && bus <= (buses >> 16 & 0xff))
				next = i;
		}
		if (next == fake->count || depth == FAKE_FUNCTIONS)
			return NULL;
		at = next;
		at_bus = fake->functions[next].value[BRIDGE_BUSES / 4] >> 8 & 0xff;
	}
	for (uint32_t i = 0; i < fake->count; i++)
		if (fake->functions[i].parent == at && fake->functions[i].number == number)
			return &fake->functions[i];
	return NULL;
}

static inline struct fake_function *fake_find(struct fake *fake, uint64_t address, uint32_t *index)
{
	uint64_t offset = address - fake->segment.base;
	*index = offset >> 2 & 1023;
	return offset < 256u << 20 ? fake_route(fake, (uint32_t)(offset >> 20), offset >> 12 & 255) : NULL;
}

static inline bool fake_is_config(const struct fake *fake, uint64_t address)
{
	return address - fake->segment.base < 256u << 20;
}

static inline uint32_t fake_read(void *context, uint64_t address)
{
	struct fake *fake = context;
	uint32_t index;
	if (!fake_is_config(fake, address)) {
		uint64_t entry = (address - fake->table) / 4;
		if (fake->table == 0 || address < fake->table || entry >= 4 * FAKE_TABLE_ENTRIES) {
			fake->stray++;
			return UINT32_MAX;
		}
		return fake->entries[entry];
	}
	struct fake_function *function = fake_find(fake, address, &index);
	if (!function || index >= 64)
		return UINT32_MAX;
	return function->wild && index > 3 ? fake_random(fake) : function->value[index];
}

static inline void fake_write(void *context, uint64_t address, uint32_t value)
{
	struct fake *fake = context;
	uint32_t index;
	if (!fake_is_config(fake, address)) {
		uint64_t entry = (address - fake->table) / 4;
		if (fake->table == 0 || address < fake->table || entry >= 4 * FAKE_TABLE_ENTRIES)
			fake->stray++;
		else
			fake->entries[entry] = value;
		return;
	}
	struct fake_function *function = fake_find(fake, address, &index);
	if (function && index < 64)
		function->value[index] = (function->value[index] & ~function->mask[index]) | (value & function->mask[index]);
}

static inline void fake_log(void *context, const struct pci_function *function, const char *reason)
{
	struct fake *fake = context;
	fake->lines++;
	fake->reason = reason;
}

static inline void fake_begin(struct fake *fake)
{
	memset(fake, 0, sizeof(*fake));
	fake->access = (struct pci_access){.context = fake, .read = fake_read, .write = fake_write, .log = fake_log};
	fake->segment = (struct pci_segment){.base = FAKE_ECAM, .last_bus = 255};
	fake->reason = "";
}

// A function with what every one has.
static inline struct fake_function *fake_add(struct fake *fake, uint32_t parent, uint32_t number, uint32_t class)
{
	struct fake_function *function = &fake->functions[fake->count++];
	*function = (struct fake_function){.parent = parent, .number = number};
	function->value[CONFIG_ID / 4] = 0x10001234 + (fake->count << 16);
	function->value[CONFIG_CLASS / 4] = class << 8;
	function->mask[CONFIG_COMMAND / 4] = 0x0407;
	return function;
}

// A memory BAR of that size; flags as in the register (4: 64 bits, 8: prefetchable).
static inline void fake_bar(struct fake_function *function, uint32_t index, uint64_t size, uint32_t flags)
{
	function->value[CONFIG_BAR / 4 + index] = flags;
	function->mask[CONFIG_BAR / 4 + index] = (uint32_t)(0 - size);
	if (flags & 4)
		function->mask[CONFIG_BAR / 4 + index + 1] = (uint32_t)((0 - size) >> 32);
}

// A bridge; `prefetchable`: 0: it has no such window, 1: of 64 bits, 2: of 32 bits.
static inline struct fake_function *fake_bridge(struct fake *fake, uint32_t parent, uint32_t number, uint32_t prefetchable)
{
	struct fake_function *bridge = fake_add(fake, parent, number, 0x060400);
	bridge->value[CONFIG_HEADER / 4] = 1 << 16;
	bridge->mask[BRIDGE_BUSES / 4] = 0x00ffffff;
	bridge->mask[BRIDGE_MEMORY / 4] = 0xfff0fff0;
	if (prefetchable)
		bridge->mask[BRIDGE_PREFETCHABLE / 4] = 0xfff0fff0;
	if (prefetchable == 1) {
		bridge->value[BRIDGE_PREFETCHABLE / 4] = 0x00010001;
		bridge->mask[BRIDGE_PREFETCHABLE_BASE_HIGH / 4] = bridge->mask[BRIDGE_PREFETCHABLE_LIMIT_HIGH / 4] = UINT32_MAX;
	}
	return bridge;
}

// A capability at `at`, the first one of the function if there was none.
static inline void fake_capability(struct fake_function *function, uint32_t at, uint32_t head)
{
	function->value[CONFIG_COMMAND / 4] |= 1u << 20;
	if (!function->value[CONFIG_CAPABILITIES / 4])
		function->value[CONFIG_CAPABILITIES / 4] = at;
	function->value[at / 4] = head;
}

static inline void fake_msix(struct fake_function *function, uint32_t at, uint32_t next, uint32_t entries, uint32_t table,
			     uint32_t pending)
{
	fake_capability(function, at, 0x11 | next << 8 | (entries - 1) << 16);
	function->mask[at / 4] = 0xc0000000;
	function->value[at / 4 + 1] = table;
	function->value[at / 4 + 2] = pending;
}

#endif
