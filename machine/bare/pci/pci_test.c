// SPDX-License-Identifier: MIT
// Tests of the PCI enumeration on functions that do not exist: as after a reset, as firmware leaves them, and as nobody
// should be.
#include "pci_fake.h"

#include <gila/test.h>

#define LOW 0xc0000000u
#define HIGH 0x800000000u
#define ROOT PCI_NO_PARENT

static struct fake fake;
static struct pci_function found[FAKE_FUNCTIONS];
static struct pci pci;
static struct pci_window reserved[2];

static void begin(void)
{
	fake_begin(&fake);
	reserved[0] = (struct pci_window){0, 0x80000000};	 // RAM
	reserved[1] = (struct pci_window){FAKE_ECAM, 256 << 20}; // configuration space
	pci = (struct pci){
		.access = &fake.access,
		.segments = &fake.segment,
		.segment_count = 1,
		.low = {LOW, 0xfec00000 - LOW},
		.high = {HIGH, 1ull << 36},
		.reserved = reserved,
		.reserved_count = 2,
		.functions = found,
		.room = FAKE_FUNCTIONS,
	};
}

static uint32_t command(uint32_t index) { return fake.functions[index].value[1] & 0xffff; }
static uint32_t buses(uint32_t index) { return fake.functions[index].value[BRIDGE_BUSES / 4]; }

// The function of the fake as it was found; NULL: it was not.
static struct pci_function *function(uint32_t index)
{
	for (uint32_t i = 0; i < pci.count; i++)
		if (found[i].device_id == fake.functions[index].value[0] >> 16)
			return &found[i];
	return NULL;
}

static struct pci_range *range(uint32_t index, uint32_t bar) { return &function(index)->ranges[bar]; }

// What the register says.
static uint64_t bar(uint32_t index, uint32_t number)
{
	const uint32_t *value = &fake.functions[index].value[CONFIG_BAR / 4 + number];
	return (value[0] & ~15u) | ((value[0] & 6) == 4 ? (uint64_t)value[1] << 32 : 0);
}

// ---- Finding -------------------------------------------------------------------------------------------------------

TEST(pci_finds_functions)
{
	begin();
	fake_add(&fake, ROOT, 0 << 3, 0x060000);
	fake_add(&fake, ROOT, 2 << 3, 0x010802)->value[3] = 0x80 << 16;
	fake_add(&fake, ROOT, 2 << 3 | 5, 0x020000);
	fake_add(&fake, ROOT, 3 << 3 | 1, 0x020000);		       // without function 0
	fake_add(&fake, ROOT, 4 << 3, 0x020000);
	fake_add(&fake, ROOT, 4 << 3 | 1, 0x020000);		       // the header says that there is one function
	fake_add(&fake, ROOT, 31 << 3, 0x020000)->value[3] = 2 << 16; // CardBus
	fake_add(&fake, ROOT, 30 << 3, 0x020000)->value[0] = 0xffff0001; // is not ready
	fake.functions[6].value[1] = 6;
	pci_enumerate(&pci);
	CHECK_EQ(pci.count, 4);
	CHECK(fake.lines == 1 && command(6) == 0);
	CHECK(found[1].class == 1 && found[1].subclass == 8 && found[1].interface == 2 && found[1].device == 2);
	CHECK(found[2].function == 5 && found[2].config == FAKE_ECAM + (2 << 15) + (5 << 12));
	CHECK(found[3].device == 4);
}

TEST(pci_turns_off_what_there_is_no_room_for)
{
	begin();
	for (uint32_t i = 0; i < 3; i++)
		fake_bar(fake_add(&fake, ROOT, i << 3, 0x010000), 0, 4096, 0);
	fake.functions[1].value[1] = fake.functions[2].value[1] = 6;
	pci.room = 1;
	pci_enumerate(&pci);
	CHECK_EQ(pci.count, 1);
	CHECK_EQ(fake.lines, 1);
	CHECK(found[0].ready && command(1) == 0 && command(2) == 0);
}

TEST(pci_numbers_buses_from_nothing)
{
	begin();
	fake_bridge(&fake, ROOT, 1 << 3, 1); // 0: 1
	fake_bridge(&fake, 0, 0, 1);	     // 1: 2
	fake_bridge(&fake, 1, 0, 1);	     // 2: 3
	fake_bridge(&fake, 1, 1 << 3, 1);    // 3: 4
	fake_bridge(&fake, ROOT, 2 << 3, 1); // 4: 5
	fake_add(&fake, 2, 0, 0x010000);
	fake_add(&fake, 3, 0, 0x010000);
	fake_add(&fake, 4, 0, 0x010000);
	pci_enumerate(&pci);
	CHECK_EQ(fake.lines, 0);
	CHECK_EQ(pci.count, 8);
	CHECK_EQ(buses(0), 0x040100);
	CHECK_EQ(buses(1), 0x040201);
	CHECK_EQ(buses(2), 0x030302);
	CHECK_EQ(buses(3), 0x040402);
	CHECK_EQ(buses(4), 0x050500);
	CHECK_EQ(function(7)->bus, 5);
	CHECK_EQ(command(0), COMMAND_MEMORY | COMMAND_MASTER);
}

TEST(pci_keeps_firmware_bus_numbers)
{
	begin();
	fake_bridge(&fake, ROOT, 1 << 3, 1)->value[6] = 0x00070500; // 0: 5 to 7
	fake_bridge(&fake, 0, 0, 1);				     // 1: 6, as nobody numbered it
	fake_bridge(&fake, ROOT, 2 << 3, 1);			     // 2: 1
	fake_bridge(&fake, ROOT, 3 << 3, 1)->value[6] = 0x00090700; // 3: overlaps: 2
	fake_bridge(&fake, ROOT, 4 << 3, 1)->value[6] = 0x40020109; // 4: 1 to 2, taken first; wrong primary
	fake_add(&fake, 1, 0, 0x010000);
	pci_enumerate(&pci);
	CHECK_EQ(fake.lines, 0);
	CHECK_EQ(buses(0), 0x070500);
	CHECK_EQ(buses(1), 0x060605);
	CHECK_EQ(buses(4), 0x40020100);
	CHECK_EQ(buses(2), 0x030300);
	CHECK_EQ(buses(3), 0x040400);
	CHECK_EQ(function(5)->bus, 6);
}

TEST(pci_survives_bridges_that_lead_in_circles)
{
	begin();
	fake_bridge(&fake, ROOT, 1 << 3, 1)->value[6] = 0x00ff0000; // to itself
	fake.functions[0].mask[6] = 0;				     // and says so for ever
	fake_bridge(&fake, ROOT, 2 << 3, 1)->value[6] = 0x00ff0100; // 1 to 255
	fake_bridge(&fake, 1, 0, 1)->value[6] = 0x00ff0101;	     // what is before it
	fake_bridge(&fake, ROOT, 3 << 3, 1);			     // nothing is left
	pci_enumerate(&pci);
	CHECK_EQ(pci.count, 4);
	CHECK(function(2)->secondary == 2 && buses(2) == 0x020201);
	CHECK(function(3)->secondary == 0 && !function(3)->ready && (buses(3) & 0xffff00) == 0);
}

TEST(pci_stops_at_deep_nests)
{
	begin();
	for (uint32_t i = 0; i < 30; i++)
		fake_bridge(&fake, i == 0 ? ROOT : i - 1, 0, 1)->value[6] = (0xff0000 | (i + 1) << 8) * (i % 2);
	pci_enumerate(&pci);
	CHECK_EQ(pci.count, 17);
	CHECK_EQ(fake.lines, 1);
	CHECK(found[15].ready && !found[16].ready);
}

// ---- Sizes and places ----------------------------------------------------------------------------------------------

TEST(pci_places_bars_from_nothing)
{
	begin();
	fake_add(&fake, ROOT, 0, 0x060000);
	struct fake_function *disk = fake_add(&fake, ROOT, 1 << 3, 0x010802);
	fake_bar(disk, 0, 16384, 4);
	struct fake_function *card = fake_add(&fake, ROOT, 2 << 3, 0x020000);
	fake_bar(card, 0, 256, 0);	// takes a page of its own
	fake_bar(card, 1, 1 << 20, 8);
	fake_bar(card, 2, 1ull << 33, 4 | 8);
	card->value[8] = 0xc001; // ports
	card->mask[8] = 0xffe0;
	pci_enumerate(&pci);
	CHECK_EQ(fake.lines, 0);
	CHECK(found[0].ready && found[1].ready && found[2].ready);
	CHECK_EQ(command(0), 0);
	CHECK_EQ(command(1), COMMAND_MEMORY);
	CHECK_EQ(bar(2, 2), HIGH);
	CHECK_EQ(bar(1, 0), HIGH + (1ull << 33));
	CHECK_EQ(bar(2, 1), LOW);
	CHECK_EQ(bar(2, 0), LOW + (1 << 20));
	CHECK(range(2, 0)->size == 256 && range(2, 4)->state == PCI_RANGE_PORTS && card->value[8] == 0xc001);
}

TEST(pci_opens_windows_of_bridges)
{
	begin();
	fake_bridge(&fake, ROOT, 1 << 3, 1);
	fake_bar(&fake.functions[0], 0, 4096, 0);
	fake_bridge(&fake, 0, 0, 1);
	fake_bridge(&fake, 0, 1 << 3, 0); // without a prefetchable window
	struct fake_function *a = fake_add(&fake, 1, 0, 0x010000), *b = fake_add(&fake, 2, 0, 0x010000);
	fake_bar(a, 0, 4096, 0);
	fake_bar(a, 4, 16384, 4 | 8);
	fake_bar(b, 0, 1 << 21, 4 | 8);
	fake_bar(b, 2, 8192, 4); // 64 bits, but not prefetchable
	pci_enumerate(&pci);
	CHECK_EQ(fake.lines, 0);
	// 2 MiB for b and 1 for its page, before them nothing is as large; 1 MiB for a.
	CHECK_EQ(bar(4, 0), LOW);
	CHECK_EQ(bar(4, 2), LOW + (2 << 20));
	CHECK_EQ(bar(3, 0), LOW + (3 << 20));
	CHECK_EQ(bar(0, 0), LOW + (4 << 20));
	CHECK_EQ(bar(3, 4), HIGH);
	CHECK_EQ(fake.functions[0].value[8], 0xc030c000);
	CHECK_EQ(fake.functions[1].value[8], 0xc030c030);
	CHECK_EQ(fake.functions[2].value[8], 0xc020c000);
	CHECK_EQ(fake.functions[0].value[9], 0x00010001); // 0x8_0000_0000
	CHECK_EQ(fake.functions[0].value[10], 8);
	CHECK_EQ(fake.functions[0].value[11], 8);
	CHECK(found[3].ready && found[4].ready && command(4) == COMMAND_MEMORY);
}

TEST(pci_closes_windows_that_nobody_needs)
{
	begin();
	fake_bridge(&fake, ROOT, 1 << 3, 1); // as after a reset: the first MiB is passed on
	pci_enumerate(&pci);
	CHECK_EQ(fake.functions[0].value[8], 0x0000fff0);
	CHECK_EQ(fake.functions[0].value[9], 0x0001fff1);
	CHECK(fake.functions[0].value[10] == 0 && fake.functions[0].value[11] == 0 && found[0].ready);
}

TEST(pci_keeps_what_firmware_placed)
{
	begin();
	struct fake_function *bridge = fake_bridge(&fake, ROOT, 1 << 3, 2);
	bridge->value[6] = 0x010100;
	bridge->value[8] = 0xfe80fe80; // 1 MiB at 0xfe800000
	bridge->value[9] = 0xfe90fe90;
	bridge->value[1] = 7;
	struct fake_function *a = fake_add(&fake, 0, 0, 0x010000);
	fake_bar(a, 0, 4096, 0);
	fake_bar(a, 1, 4096, 0); // without a place
	fake_bar(a, 2, 4096, 4 | 8);
	a->value[4] = 0xfe800000;
	a->value[6] |= 0xfe900000;
	a->value[1] = 2;
	struct fake_function *vga = fake_add(&fake, ROOT, 2 << 3, 0x030000);
	fake_bar(vga, 0, 16 << 20, 8);
	vga->value[4] |= 0xfd000000;
	pci_enumerate(&pci);
	CHECK_EQ(fake.lines, 0);
	CHECK(bar(1, 0) == 0xfe800000 && bar(1, 1) == 0xfe801000 && bar(1, 2) == 0xfe900000);
	CHECK(bridge->value[8] == 0xfe80fe80 && bridge->value[9] == 0xfe90fe90);
	CHECK(bar(2, 0) == 0xfd000000 && range(2, 0)->state == PCI_RANGE_KEPT && command(2) == COMMAND_MEMORY);
}

TEST(pci_moves_what_firmware_misplaced)
{
	begin();
	struct fake_function *f[6];
	for (uint32_t i = 0; i < 6; i++) {
		f[i] = fake_add(&fake, ROOT, i << 3, 0x010000);
		fake_bar(f[i], 0, i < 2 ? 256 : 65536, 0);
	}
	f[0]->value[4] = 0xd0000000;
	f[1]->value[4] = 0xd0000800; // another one's page
	f[2]->value[4] = 0x10000000; // RAM
	f[3]->value[4] = FAKE_ECAM;
	f[4]->value[4] = 0xd0100000;
	f[5]->value[4] = 0xd0100000; // as the one before
	pci_enumerate(&pci);
	CHECK_EQ(fake.lines, 4);
	CHECK(bar(0, 0) == 0xd0000000 && bar(4, 0) == 0xd0100000);
	CHECK(bar(2, 0) == LOW && bar(3, 0) == LOW + 0x10000 && bar(5, 0) == LOW + 0x20000 && bar(1, 0) == LOW + 0x30000);
}

TEST(pci_leaves_off_what_has_no_room)
{
	begin();
	pci.low = (struct pci_window){LOW, 8192};
	pci.high.size = 0;
	fake_bar(fake_add(&fake, ROOT, 0, 0x010000), 0, 4096, 0);
	fake_bar(fake_add(&fake, ROOT, 1 << 3, 0x010000), 0, 16384, 4);
	fake_bridge(&fake, ROOT, 2 << 3, 1);
	fake_bar(fake_add(&fake, 2, 0, 0x010000), 0, 4096, 0); // its window would be 1 MiB
	fake.functions[1].value[1] = 2;
	pci_enumerate(&pci);
	CHECK_EQ(fake.lines, 3); // the BAR, the window and what is behind it
	CHECK(found[0].ready && !function(1)->ready && !function(3)->ready);
	CHECK(command(1) == 0 && command(3) == 0);
	CHECK(function(2)->ready && fake.functions[2].value[8] == 0x0000fff0);
	pci_enable(&pci, function(1));
	pci_master(&pci, function(1), true);
	CHECK(command(1) == 0 && pci_interrupt_count(function(1)) == 0);
}

TEST(pci_refuses_bars_that_make_no_sense)
{
	static const uint32_t wrong[][4] = {
		// register and mask of one BAR, and of the next
		{0x2, 0xfffff000, 0, 0},	    // below 1 MiB
		{0x6, 0xfffff000, 0, 0},	    // reserved
		{0x0, 0xff0ff000, 0, 0},	    // a hole
		{0x4, 0xfffff000, 0, 0xfffffff0},   // holes between
		{0x4, 0, 0, 0x80000000},	    // 2^63 bytes
		{0x4, 0x0000f000, 0, 0},	    // no upper half at all
	};
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin();
		struct fake_function *f = fake_add(&fake, ROOT, 0, 0x010000);
		fake_bar(f, 5, 4096, 0);
		f->value[4] = wrong[i][0];
		f->mask[4] = wrong[i][1];
		f->value[5] = wrong[i][2];
		f->mask[5] = wrong[i][3];
		f->value[1] = 2;
		pci_enumerate(&pci);
		CHECK_EQ(fake.lines, 1);
		CHECK(!found[0].ready && command(0) == 0 && found[0].ranges[0].state == PCI_RANGE_REFUSED);
	}
	begin();
	fake_bar(fake_add(&fake, ROOT, 0, 0x010000), 5, 4096, 4); // the last one
	pci_enumerate(&pci);
	CHECK(fake.lines == 1 && !found[0].ready);
}

TEST(pci_looks_whether_bars_keep_their_places)
{
	begin();
	struct fake_function *f = fake_add(&fake, ROOT, 0, 0x010000);
	f->value[4] = 0xf0000000; // fixed: what is read back looks like a size
	reserved[1] = (struct pci_window){0xf0000000, 4096};
	f->value[1] = 2;
	pci_enumerate(&pci);
	CHECK_EQ(fake.lines, 2);
	CHECK(strstr(fake.reason, "does not keep") && !found[0].ready && command(0) == 0);
}

TEST(pci_takes_huge_bars_for_what_they_are)
{
	begin();
	fake_bridge(&fake, ROOT, 1 << 3, 1);
	for (uint32_t i = 0; i < 8; i++) {
		struct fake_function *f = fake_add(&fake, 0, i << 3, 0x010000);
		for (uint32_t j = 0; j < 6; j += 2)
			fake_bar(f, j, 1ull << 51, 4 | 8);
	}
	pci_enumerate(&pci);
	for (uint32_t i = 1; i < 9; i++)
		CHECK(!function(i)->ready);
	CHECK(function(0)->ranges[PCI_WINDOW_PREFETCHABLE].state == PCI_RANGE_HOMELESS);
}

// ---- Capabilities, regions, interrupts -----------------------------------------------------------------------------

TEST(pci_walks_capabilities_once)
{
	begin();
	struct fake_function *f = fake_add(&fake, ROOT, 0, 0x010000);
	fake_bar(f, 0, 65536, 0);
	fake_capability(f, 0x40, 0x01 | 0x50 << 8);
	fake_msix(f, 0x50, 0x60, 8, 0x2000, 0x3000);
	fake_capability(f, 0x60, 0x00050005 | 0x40 << 8); // back to the first
	pci_enumerate(&pci);
	CHECK(fake.lines == 1 && strstr(fake.reason, "circle"));
	CHECK(found[0].msix == 0x50 && found[0].msi == 0x60 && found[0].msix_entries == 8);
	f->value[0x60 / 4] = 0x00050005 | 0x10 << 8; // into the header
	fake.lines = 0;
	pci_enumerate(&pci);
	CHECK(fake.lines == 1 && strstr(fake.reason, "header"));
	f->value[0x60 / 4] = 0x05 | 0xfc << 8;
	f->value[0xfc / 4] = 0x11; // too near to the end
	fake.lines = 0;
	pci_enumerate(&pci);
	CHECK(fake.lines == 0 && found[0].msix == 0x50);
}

TEST(pci_refuses_msix_tables_outside)
{
	static const uint32_t wrong[][3] = {
		{2048, 0x9000, 0x2000}, // reaches beyond
		{8, 0x2000, 0x10000},	// pending bits behind
		{8, 0x2001, 0x2000},	// a BAR that is not there
		{8, 0x2002, 0x2000},	// one of ports
		{8, 0x2007, 0x2000},	// no BAR
		{8, 0xfffffff8, 0},
	};
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin();
		struct fake_function *f = fake_add(&fake, ROOT, 0, 0x010000);
		fake_bar(f, 0, 65536, 0);
		f->value[6] = 1;
		f->mask[6] = 0xfff0;
		fake_msix(f, 0x50, 0, wrong[i][0], wrong[i][1], wrong[i][2]);
		pci_enumerate(&pci);
		CHECK(fake.lines == 1 && strstr(fake.reason, "outside"));
		CHECK(found[0].msix == 0 && pci_interrupt_count(&found[0]) == 0 && found[0].ready);
	}
}

TEST(pci_cuts_msix_pages_out)
{
	struct pci_region r[PCI_REGIONS_MAX];
	begin();
	struct fake_function *f = fake_add(&fake, ROOT, 0, 0x010802);
	fake_bar(f, 0, 32768, 0);
	fake_bar(f, 1, 4096, 0);
	fake_msix(f, 0x40, 0, 300, 0x2ff8, 0x6000); // 4800 bytes: pages 2, 3 and 4
	pci_enumerate(&pci);
	CHECK_EQ(pci_regions(&found[0], r), 4);
	CHECK(r[0].address == LOW && r[0].size == 0x2000 && r[0].bar == 0 && r[0].offset == 0);
	CHECK(r[1].address == LOW + 0x5000 && r[1].size == 0x1000 && r[1].offset == 0x5000);
	CHECK(r[2].address == LOW + 0x7000 && r[2].size == 0x1000 && r[2].offset == 0x7000);
	CHECK(r[3].address == LOW + 0x8000 && r[3].size == 0x1000 && r[3].bar == 1 && r[3].offset == 0);
	found[0].pending_offset = 0; // before the table
	CHECK_EQ(pci_regions(&found[0], r), 3);
	CHECK(r[0].offset == 0x1000 && r[0].size == 0x1000 && r[1].offset == 0x5000 && r[1].size == 0x3000);
	found[0].pending_offset = 0x3ff8; // in the same pages
	CHECK_EQ(pci_regions(&found[0], r), 3);
	CHECK(r[0].size == 0x2000 && r[1].offset == 0x5000);
	found[0].table_bar = found[0].pending_bar = 1; // all of it
	found[0].table_offset = found[0].pending_offset = 0;
	found[0].msix_entries = 8;
	CHECK_EQ(pci_regions(&found[0], r), 1);
	CHECK(r[0].bar == 0 && r[0].size == 32768);
}

TEST(pci_programs_msix)
{
	begin();
	struct fake_function *f = fake_add(&fake, ROOT, 0, 0x010802);
	fake_bar(f, 0, 16384, 4);
	fake_msix(f, 0x40, 0, 4, 0x2000, 0x3000);
	fake_capability(f, 0x60, 0x05);
	pci_enumerate(&pci);
	fake.table = found[0].ranges[0].address + 0x2000;
	pci_enable(&pci, &found[0]);
	CHECK_EQ(command(0), COMMAND_MEMORY | COMMAND_NO_INTX);
	pci_master(&pci, &found[0], true);
	CHECK_EQ(command(0), COMMAND_MEMORY | COMMAND_MASTER | COMMAND_NO_INTX);
	pci_enable(&pci, &found[0]);
	CHECK_EQ(command(0), COMMAND_MEMORY | COMMAND_NO_INTX);
	pci_master(&pci, &found[0], true);
	pci_master(&pci, &found[0], false);
	CHECK_EQ(command(0), COMMAND_MEMORY | COMMAND_NO_INTX);
	CHECK_EQ(f->value[0x40 / 4] >> 30, 2); // enabled, and not masked as a whole
	for (uint32_t i = 0; i < 4; i++)
		CHECK_EQ(fake.entries[4 * i + 3], 1);
	CHECK_EQ(pci_interrupt_count(&found[0]), 4);
	fake.entries[4 * 2 + 3] = 0x101;
	pci_interrupt_set(&pci, &found[0], 2, 0x1fee00000, 0x31);
	CHECK(fake.entries[8] == 0xfee00000 && fake.entries[9] == 1 && fake.entries[10] == 0x31 && fake.entries[11] == 0x100);
	pci_interrupt_mask(&pci, &found[0], 2);
	CHECK_EQ(fake.entries[11], 0x101);
	pci_interrupt_set(&pci, &found[0], 4, 1, 1); // is none
	CHECK_EQ(fake.entries[16], 0);
	CHECK_EQ(fake.stray, 0);
}

TEST(pci_programs_msi)
{
	begin();
	struct fake_function *f = fake_add(&fake, ROOT, 0, 0x010601);
	fake_capability(f, 0x80, 0x05 | 1u << 23 | 5u << 20 | 1u << 16); // 64 bits, enabled with 32 messages
	for (uint32_t i = 0; i < 4; i++)
		f->mask[0x80 / 4 + i] = i == 0 ? 0x00710000 : 0xffffffff;
	pci_enumerate(&pci);
	CHECK_EQ(pci_interrupt_count(&found[0]), 1);
	pci_enable(&pci, &found[0]);
	CHECK(!(f->value[0x80 / 4] & 1u << 16));
	pci_interrupt_set(&pci, &found[0], 0, 0x1fee01000, 0x42);
	CHECK(f->value[0x84 / 4] == 0xfee01000 && f->value[0x88 / 4] == 1 && f->value[0x8c / 4] == 0x42);
	CHECK_EQ(f->value[0x80 / 4] >> 16 & 0x71, 1);
	pci_interrupt_mask(&pci, &found[0], 0);
	CHECK_EQ(f->value[0x80 / 4] >> 16 & 0x71, 0);
}

TEST(pci_ends_with_functions_that_answer_anything)
{
	for (uint32_t seed = 1; seed < 200; seed++) {
		begin();
		fake.random = seed;
		for (uint32_t i = 0; i < 20; i++) {
			struct fake_function *f = fake_bridge(&fake, i % 5 == 0 ? ROOT : i - 1, i << 3, 1);
			f->wild = i % 3 != 0;
			f->value[3] = (i & 1) << 16;
		}
		pci_enumerate(&pci);
		CHECK(pci.count <= FAKE_FUNCTIONS && pci.count >= 4);
	}
}
