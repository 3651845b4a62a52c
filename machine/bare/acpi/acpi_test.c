// SPDX-License-Identifier: MIT
// Tests of the ACPI tables: two real sets (what QEMU's q35 has under SeaBIOS and OVMF), and tables with one thing wrong.
#include "acpi_fake.h"

#include <gila/test.h>

static struct fake fake;
static struct acpi acpi;

#define DUMP(name, path)                                                                                               \
	__asm__(".section .rodata\n" #name ": .incbin \"" path "\"\n" #name "_end: .byte 0\n.previous\n");                \
	extern const uint8_t name[] __asm__(#name), name##_end[] __asm__(#name "_end")

DUMP(seabios, "tests/corpus/acpi/q35-seabios");
DUMP(ovmf, "tests/corpus/acpi/q35-ovmf");

// ---- Real tables ---------------------------------------------------------------------------------------------------

// What both firmwares say about q35 with four CPUs: they pass on what QEMU has made.
static void check_q35(void)
{
	CHECK_EQ(fake.lines, 0);
	CHECK_EQ(acpi.found, ACPI_MADT | ACPI_FADT | ACPI_MCFG | ACPI_HPET);
	CHECK_EQ(acpi.cpu_count, 4);
	for (uint32_t i = 0; i < 4; i++)
		CHECK(acpi.cpus[i].apic == i && acpi.cpus[i].state == ACPI_CPU_ENABLED);
	CHECK_EQ(acpi.local_apic, 0xfee00000);
	CHECK(acpi.has_8259);
	CHECK_EQ(acpi.ioapic_count, 1);
	CHECK_EQ(acpi.ioapics[0].address, 0xfec00000);
	CHECK_EQ(acpi.ioapics[0].first, 0);
	CHECK_EQ(acpi.override_count, 5);
	CHECK_EQ(acpi_isa_interrupt(&acpi, 0).gsi, 2);
	CHECK(acpi_isa_interrupt(&acpi, 9).level && !acpi_isa_interrupt(&acpi, 9).active_low);
	CHECK(acpi_isa_interrupt(&acpi, 4).gsi == 4 && !acpi_isa_interrupt(&acpi, 4).level);
	CHECK_EQ(acpi.segment_count, 1);
	CHECK(acpi.segments[0].base == 0xb0000000 && acpi.segments[0].first_bus == 0 && acpi.segments[0].last_bus == 255);
	CHECK_EQ(acpi.hpet, 0xfed00000);
	CHECK_EQ(acpi.pm_timer.address, 0x608);
	CHECK(acpi.power.sleep_known && acpi.power.sleep_a == 0 && acpi.power.sleep_b == 0);
	CHECK(acpi.power.pm1a.space == ACPI_SPACE_PORTS && acpi.power.pm1a.address == 0x604 && acpi.power.pm1a.bytes == 2);
	CHECK_EQ(acpi.power.pm1b.bytes, 0);
	CHECK(acpi.power.smi_command.address == 0xb2 && acpi.power.acpi_enable == 2);
	CHECK(acpi.power.reset.address == 0xcf9 && acpi.power.reset_value == 0xf);
}

TEST(acpi_reads_q35_of_seabios)
{
	uint64_t rsdp = 0;
	fake_load(&fake, seabios + 1, (size_t)(seabios_end - seabios) - 1, false);
	CHECK(acpi_find(&fake.access, &rsdp));
	CHECK(rsdp >= 0xe0000 && rsdp < 0x100000);
	CHECK(acpi_read(&acpi, &fake.access, rsdp));
	check_q35();
}

TEST(acpi_reads_q35_of_ovmf)
{
	fake_load(&fake, ovmf + 1, (size_t)(ovmf_end - ovmf) - 1, false);
	CHECK(acpi_read(&acpi, &fake.access, fake.rsdp));
	check_q35();
}

// Each byte of a real set is changed in turn. All but the checks' own blind spots are noticed: the root pointer's second
// half is used by nobody in revision 0, neither are tables that nobody reads.
TEST(acpi_notices_every_changed_byte)
{
	fake_load(&fake, ovmf + 1, (size_t)(ovmf_end - ovmf) - 1, false);
	for (uint32_t i = 0; i < fake.count; i++) {
		if (memcmp(fake.pieces[i].bytes, "WAET", 4) == 0 || memcmp(fake.pieces[i].bytes, "RSDT", 4) == 0)
			continue;
		for (uint32_t at = 0; at < fake.pieces[i].size; at++) {
			uint8_t *byte = fake.pieces[i].bytes + at;
			*byte ^= 0x10;
			fake.lines = 0;
			bool fine = acpi_read(&acpi, &fake.access, fake.rsdp);
			*byte ^= 0x10;
			bool missing = acpi.found != 15 || !acpi.power.sleep_known;
			CHECK(!fine || fake.lines > 0 || missing);
		}
	}
}

// ---- Tables with something wrong -------------------------------------------------------------------------------------

#define RSDP_AT 0xf0000u
#define ROOT_AT 0x7fe0000u
#define TABLE_AT 0x7fe1000u

static uint8_t *make_rsdp(uint8_t revision, uint32_t rsdt, uint64_t xsdt)
{
	uint8_t *bytes = fake_memory(&fake, RSDP_AT, 36);
	memcpy(bytes, "RSD PTR ", 8);
	bytes[15] = revision;
	fake_put(bytes + 16, rsdt, 4);
	fake_put(bytes + 20, 36, 4);
	fake_put(bytes + 24, xsdt, 8);
	fake_sum(bytes, 20, bytes + 8);
	fake_sum(bytes, 36, bytes + 32);
	return bytes;
}

// Memory with an XSDT that lists one table of `size` bytes at TABLE_AT, which is filled and closed by the caller.
static uint8_t *make_one(const char *signature, uint32_t size)
{
	fake_begin(&fake);
	make_rsdp(2, 0, ROOT_AT);
	uint8_t *root = fake_table(&fake, ROOT_AT, "XSDT", 44);
	fake_put(root + 36, TABLE_AT, 8);
	fake_close(root);
	return fake_table(&fake, TABLE_AT, signature, size);
}

static bool read_all(void)
{
	fake.what = fake.reason = "";
	return acpi_read(&acpi, &fake.access, RSDP_AT);
}

static bool said(const char *what, const char *part) { return strcmp(fake.what, what) == 0 && strstr(fake.reason, part); }

TEST(acpi_searches_where_a_bios_leaves_it)
{
	uint64_t rsdp;
	fake_begin(&fake);
	CHECK(!acpi_find(&fake.access, &rsdp));
	uint8_t *word = fake_memory(&fake, 0x40e, 2), *ebda = fake_memory(&fake, 0x9fc00, 1024);
	fake_put(word, 0x9fc0, 2);
	CHECK(!acpi_find(&fake.access, &rsdp));
	memcpy(ebda + 0x3e0, "RSD PTR ", 8);
	CHECK(!acpi_find(&fake.access, &rsdp)); // its sum is wrong
	fake_sum(ebda + 0x3e0, 20, ebda + 0x3e8);
	CHECK(acpi_find(&fake.access, &rsdp));
	CHECK_EQ(rsdp, 0x9ffe0);
	memset(ebda, 0, 1024);
	uint8_t *bios = fake_memory(&fake, 0xfffe0, 32);
	memcpy(bios + 8, "RSD PTR ", 8); // not on a boundary
	fake_sum(bios + 8, 20, bios + 16);
	CHECK(!acpi_find(&fake.access, &rsdp));
	memcpy(bios, "RSD PTR ", 8);
	fake_sum(bios, 20, bios + 19);
	CHECK(acpi_find(&fake.access, &rsdp));
	CHECK_EQ(rsdp, 0xfffe0);
}

TEST(acpi_refuses_bad_roots)
{
	fake_begin(&fake);
	CHECK(!read_all() && said("RSDP", "not in memory"));
	uint8_t *rsdp = make_rsdp(0, 0, 0);
	CHECK(!read_all() && said("RSDP", "no tables"));
	rsdp[9] ^= 1;
	CHECK(!read_all() && said("RSDP", "signature or sum"));
	CHECK_EQ(acpi.found, 0);
	make_one("HPET", 56);
	fake.pieces[0].bytes[20] = 35; // the length; only the extended sum covers it
	fake_sum(fake.pieces[0].bytes, 36, fake.pieces[0].bytes + 32);
	CHECK(!read_all());
	fake.pieces[0].bytes[20] = 37; // reaches out of what there is
	CHECK(!read_all());
}

TEST(acpi_takes_the_rsdt_when_the_xsdt_is_damaged)
{
	fake_begin(&fake);
	make_rsdp(2, ROOT_AT, ROOT_AT + 0x100);
	uint8_t *rsdt = fake_table(&fake, ROOT_AT, "RSDT", 44), *xsdt = fake_table(&fake, ROOT_AT + 0x100, "XSDT", 36);
	uint8_t *hpet = fake_table(&fake, TABLE_AT, "HPET", 56);
	fake_put(rsdt + 40, TABLE_AT, 4); // the first entry is 0
	fake_put(hpet + 44, 0xfed00000, 8);
	fake_close(rsdt);
	fake_close(xsdt);
	fake_close(hpet);
	CHECK(read_all());
	CHECK_EQ(acpi.found, 0); // the XSDT counts, and is empty
	xsdt[10]++;
	CHECK(read_all());
	CHECK(said("XSDT", "sum"));
	CHECK_EQ(acpi.found, ACPI_HPET);
	memcpy(xsdt, "XSDX", 4);
	fake_close(xsdt);
	CHECK(read_all() && said("XSDT", "signature"));
	CHECK_EQ(acpi.hpet, 0xfed00000);
	rsdt[10]++;
	CHECK(!read_all());
}

TEST(acpi_refuses_tables_one_by_one)
{
	uint8_t *table = make_one("APIC", 44 + 8);
	memcpy(table + 44, (uint8_t[]){0, 8, 7, 3, 1, 0, 0, 0}, 8);
	fake_close(table);
	CHECK(read_all());
	CHECK(acpi.found == ACPI_MADT && acpi.cpu_count == 1 && acpi.cpus[0].apic == 3 && acpi.cpus[0].uid == 7);
	table[45]++;
	CHECK(read_all() && said("MADT", "sum") && acpi.found == 0);
	fake_put(table + 4, 20, 4);
	CHECK(read_all() && said("MADT", "shorter"));
	fake_put(table + 4, 53, 4);
	CHECK(read_all() && said("MADT", "out of memory"));
	fake_put(table + 4, (4 << 20) + 1, 4);
	CHECK(read_all() && said("MADT", "larger"));
	fake_put(table + 4, 40, 4);
	fake_close(table);
	CHECK(read_all() && said("MADT", "cut short") && acpi.found == 0);
}

TEST(acpi_stops_at_structures_that_do_not_end)
{
	uint8_t *table = make_one("APIC", 44 + 8 + 4);
	memcpy(table + 44, (uint8_t[]){0, 8, 0, 0, 1, 0, 0, 0, 0x7f, 0, 0, 0}, 12);
	fake_close(table);
	CHECK(read_all() && said("MADT", "beyond") && acpi.cpu_count == 1); // length 0
	table[53] = 5;
	fake_close(table);
	CHECK(read_all() && said("MADT", "beyond") && acpi.cpu_count == 1);
	table[53] = 4;
	fake_close(table);
	fake.lines = 0;
	CHECK(read_all() && fake.lines == 0 && acpi.cpu_count == 1);
}

TEST(acpi_reads_all_kinds_of_madt_structures)
{
	static const uint8_t body[] = {
		0, 8, 0, 0, 1, 0, 0, 0,                         // a CPU
		0, 8, 1, 1, 2, 0, 0, 0,                         // one that could be added
		0, 8, 2, 2, 0, 0, 0, 0,                         // one that is not there
		0, 8, 3, 0xff, 1, 0, 0, 0,                      // all
		9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, // 256, by x2APIC
		9, 16, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, // the first one again
		9, 8, 0, 0, 0, 0, 0, 0,                         // too short
		1, 12, 5, 0, 0, 0, 0xc0, 0xfe, 24, 0, 0, 0,     // an I/O APIC
		1, 12, 6, 0, 0, 0, 0, 0, 48, 0, 0, 0,           // without an address
		2, 10, 0, 9, 20, 0, 0, 0, 0x0f, 0,              // 9: 20, low, level
		2, 10, 1, 9, 21, 0, 0, 0, 0, 0,                 // of another bus
		4, 6, 0xff, 0, 0, 1,                            // an NMI
		5, 12, 0, 0, 0, 0, 0, 0xe0, 1, 0, 0, 0,         // the local APIC is at 0x1e0000000
	};
	uint8_t *table = make_one("APIC", 44 + sizeof(body));
	memcpy(table + 44, body, sizeof(body));
	fake_put(table + 36, 0xfee00000, 4);
	fake_close(table);
	CHECK(read_all());
	CHECK_EQ(fake.lines, 3);
	CHECK_EQ(acpi.cpu_count, 3);
	CHECK(acpi.cpus[1].state == ACPI_CPU_ONLINE_CAPABLE && acpi.cpus[2].apic == 256 && acpi.cpus[2].uid == 9);
	CHECK(acpi.ioapic_count == 1 && acpi.ioapics[0].first == 24 && acpi.ioapics[0].id == 5);
	struct acpi_override nine = acpi_isa_interrupt(&acpi, 9);
	CHECK(acpi.override_count == 1 && nine.gsi == 20 && nine.level && nine.active_low);
	CHECK_EQ(acpi.local_apic, 0x1e0000000);
}

TEST(acpi_bounds_what_it_keeps)
{
	uint8_t *table = make_one("APIC", 44 + 200 * 16);
	for (uint32_t i = 0; i < 200; i++) {
		memcpy(table + 44 + 16 * i, (uint8_t[]){9, 16}, 2);
		fake_put(table + 44 + 16 * i + 4, 1000 + i, 4);
		table[44 + 16 * i + 8] = 1;
	}
	fake_close(table);
	CHECK(read_all());
	CHECK_EQ(acpi.cpu_count, ACPI_CPUS_MAX);
	CHECK(said("MADT", "64 CPUs"));
	CHECK_EQ(fake.lines, 8);
}

static void put_segment(uint8_t *at, uint64_t base, uint16_t segment, uint8_t first, uint8_t last)
{
	fake_put(at, base, 8);
	fake_put(at + 8, segment, 2);
	at[10] = first;
	at[11] = last;
}

TEST(acpi_checks_configuration_space)
{
	uint8_t *table = make_one("MCFG", 44 + 7 * 16 + 8); // a part of an eighth
	put_segment(table + 44, 0xb0000000, 0, 0, 127);
	put_segment(table + 60, 0xc0000000, 0, 127, 255); // bus 127 twice
	put_segment(table + 76, 0xc0000000, 1, 5, 4);
	put_segment(table + 92, 0xc0080000, 1, 0, 4);
	put_segment(table + 108, 0, 1, 0, 4);
	put_segment(table + 124, (1ull << 52) - (4u << 20), 1, 0, 4);
	put_segment(table + 140, (1ull << 52) - (5u << 20), 1, 0, 4);
	fake_close(table);
	CHECK(read_all());
	CHECK_EQ(fake.lines, 5);
	CHECK_EQ(acpi.segment_count, 2);
	CHECK(acpi.segments[0].last_bus == 127 && acpi.segments[1].segment == 1);
}

TEST(acpi_refuses_an_hpet_that_is_no_memory)
{
	uint8_t *table = make_one("HPET", 56);
	table[40] = 1;
	fake_put(table + 44, 0xfed00000, 8);
	fake_close(table);
	CHECK(read_all() && said("HPET", "not in memory") && acpi.found == 0);
	table[40] = 0;
	fake_put(table + 53, 0x1234, 2);
	fake_close(table);
	CHECK(read_all() && acpi.found == ACPI_HPET && acpi.hpet_minimum_tick == 0x1234);
}

// ---- FADT, power ---------------------------------------------------------------------------------------------------

#define DSDT_AT 0x7fe2000u

// An FADT of `size` bytes whose DSDT has that AML.
static uint8_t *make_fadt(uint32_t size, const void *aml, uint32_t aml_size)
{
	uint8_t *fadt = make_one("FACP", size), *dsdt = fake_table(&fake, DSDT_AT, "DSDT", 36 + aml_size);
	memcpy(dsdt + 36, aml, aml_size);
	fake_close(dsdt);
	fadt[8] = size > 116 ? 6 : 1;
	fake_put(fadt + 40, DSDT_AT, 4);
	fake_put(fadt + 64, 0x404, 4);
	fake_put(fadt + 76, 0x408, 4);
	fadt[91] = 4;
	fake_close(fadt);
	return fadt;
}

static bool sleep_types(const void *aml, uint32_t size, unsigned a, unsigned b)
{
	make_fadt(116, aml, size);
	return read_all() && acpi.power.sleep_known && acpi.power.sleep_a == a && acpi.power.sleep_b == b;
}

static bool no_sleep_type(const void *aml, uint32_t size)
{
	make_fadt(116, aml, size);
	return read_all() && !acpi.power.sleep_known && said("DSDT", "_S5_");
}

#define S5(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

TEST(acpi_finds_the_sleep_type)
{
	CHECK(sleep_types(S5(8, '_', 'S', '5', '_', 0x12, 6, 4, 0x0a, 5, 0, 0), 5, 0));
	CHECK(sleep_types(S5(0x70, 8, '\\', '_', 'S', '5', '_', 0x12, 6, 2, 0x0a, 5, 0x0a, 3), 5, 3));
	CHECK(sleep_types(S5(8, '_', 'S', '5', '_', 0x12, 0x45, 0, 2, 1, 1), 1, 1)); // a long length
	CHECK(sleep_types(S5(8, '_', 'S', '5', '_', 0x12, 5, 1, 0x0b, 7, 6), 7, 6)); // both in one
	CHECK(sleep_types(S5(8, '_', 'S', '5', '_', 0x12, 8, 2, 0x0c, 2, 0, 0, 0, 1), 2, 1));
	// One that is none comes first.
	CHECK(sleep_types(S5('_', 'S', '5', '_', 8, '_', 'S', '5', '_', 1, 8, '_', 'S', '5', '_', 0x12, 4, 2, 1, 0), 1, 0));
}

TEST(acpi_finds_no_sleep_type_where_there_is_none)
{
	CHECK(no_sleep_type("", 0));
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_')));
	CHECK(no_sleep_type(S5(0, '_', 'S', '5', '_', 0x12, 4, 2, 1, 0)));	     // not the name of an object
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12, 4, 2, 1, 0x0a, 3)));	     // its last byte is outside
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12)));
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12, 4)));
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12, 9, 2, 1, 0)));	     // longer than the table
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12, 3, 2, 1, 0)));	     // ends before its second
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12, 5, 2, 0x0a, 8, 0))); // no sleep type
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12, 0xc4, 0, 0, 0, 2, 1, 0x0b, 0)));
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12, 1, 2, 1, 0)));
	CHECK(no_sleep_type(S5(8, '_', 'S', '5', '_', 0x12, 6, 2, 'A', 'B', 'C', 'D'))); // names
}

static struct acpi_register last[8];
static uint32_t values[8], write_count, control;

static uint32_t read_register(void *context, const struct acpi_register *where) { return control; }

static void write_register(void *context, const struct acpi_register *where, uint32_t value)
{
	last[write_count] = *where;
	values[write_count++] = value;
	if (where->address == 0xb2)
		control |= 1; // SCI_EN
	else
		control = value;
}

static const struct acpi_registers registers = {.read = read_register, .write = write_register};

TEST(acpi_powers_off)
{
	uint8_t *fadt = make_fadt(116, S5(8, '_', 'S', '5', '_', 0x12, 5, 2, 0x0a, 5, 1));
	fake_put(fadt + 48, 0xb2, 4);
	fadt[52] = 0xa0;
	fake_put(fadt + 68, 0x504, 4); // a second block
	fake_close(fadt);
	CHECK(read_all());
	CHECK(acpi.has_8042); // revision 1
	CHECK_EQ(acpi.power.reset.bytes, 0);
	control = 0x302;
	write_count = 0;
	acpi_power_off(&acpi.power, &registers);
	CHECK_EQ(write_count, 5);
	CHECK(last[0].address == 0xb2 && last[0].bytes == 1 && values[0] == 0xa0);
	CHECK(last[1].address == 0x404 && values[1] == (0x303 | 5u << 10));
	CHECK(last[2].address == 0x504 && values[2] == (0x303 | 1u << 10));
	CHECK(last[3].address == 0x404 && values[3] == (0x303 | 5u << 10 | 1u << 13));
	CHECK(last[4].address == 0x504 && values[4] == (0x303 | 1u << 10 | 1u << 13));
	acpi_reset(&acpi.power, &registers);
	CHECK_EQ(write_count, 5);
	control = 1; // already in ACPI mode
	write_count = 0;
	acpi_power_off(&acpi.power, &registers);
	CHECK_EQ(write_count, 4);
}

TEST(acpi_prefers_extended_fields)
{
	uint8_t *fadt = make_fadt(276, S5(8, '_', 'S', '5', '_', 0x12, 4, 2, 1, 0));
	fake_put(fadt + 140, DSDT_AT, 8);
	fake_put(fadt + 40, 0x1234, 4);
	memcpy(fadt + 172, (uint8_t[]){0, 16, 0, 2}, 4); // PM1a control in memory
	fake_put(fadt + 176, 0xfed80804, 8);
	memcpy(fadt + 208, (uint8_t[]){9, 32, 0, 3}, 4); // a timer in a space that nobody knows
	fake_put(fadt + 212, 0x1000, 8);
	memcpy(fadt + 116, (uint8_t[]){1, 8, 0, 1}, 4);
	fake_put(fadt + 120, 0xcf9, 8);
	fadt[128] = 6;
	fake_put(fadt + 112, 1 << 10 | 1 << 8, 4);
	fake_put(fadt + 109, 2 | 4, 2);
	fake_close(fadt);
	CHECK(read_all());
	CHECK(acpi.power.pm1a.space == ACPI_SPACE_MEMORY && acpi.power.pm1a.address == 0xfed80804);
	CHECK(acpi.pm_timer.space == ACPI_SPACE_PORTS && acpi.pm_timer.address == 0x408 && acpi.pm_timer_32);
	CHECK(acpi.power.sleep_known && acpi.has_8042 && acpi.no_vga && !acpi.no_msi);
	write_count = 0;
	acpi_reset(&acpi.power, &registers);
	CHECK(write_count == 1 && last[0].address == 0xcf9 && values[0] == 6);
	fake_put(fadt + 112, 0, 4); // the register is there, but does not work
	fake_close(fadt);
	CHECK(read_all() && acpi.power.reset.bytes == 0);
	fake_put(fadt + 120, 0x10000, 8);
	fake_put(fadt + 112, 1 << 10, 4);
	fake_close(fadt);
	CHECK(read_all() && acpi.power.reset.bytes == 0); // no port
}

TEST(acpi_powers_off_reduced_hardware)
{
	uint8_t *fadt = make_fadt(276, S5(8, '_', 'S', '5', '_', 0x12, 5, 2, 0x0a, 5, 0));
	fake_put(fadt + 112, 1u << 20, 4);
	memcpy(fadt + 244, (uint8_t[]){1, 8, 0, 1}, 4);
	fake_put(fadt + 248, 0x600, 8);
	fake_close(fadt);
	CHECK(read_all());
	CHECK(acpi.power.pm1a.bytes == 0 && acpi.pm_timer.bytes == 0);
	write_count = 0;
	acpi_power_off(&acpi.power, &registers);
	CHECK(write_count == 1 && last[0].address == 0x600 && values[0] == (5 << 2 | 1 << 5));
}

TEST(acpi_looks_for_the_sleep_type_in_other_tables)
{
	uint8_t *fadt = make_fadt(116, "", 0);
	fake_begin(&fake);
	make_rsdp(2, 0, ROOT_AT);
	uint8_t *root = fake_table(&fake, ROOT_AT, "XSDT", 36 + 32), *broken, *ssdt;
	fadt = fake_table(&fake, TABLE_AT, "FACP", 116);
	broken = fake_table(&fake, TABLE_AT + 0x200, "SSDT", 40);
	ssdt = fake_table(&fake, TABLE_AT + 0x400, "SSDT", 36 + 10);
	memcpy(ssdt + 36, (uint8_t[]){8, '_', 'S', '5', '_', 0x12, 4, 2, 1, 0}, 10);
	for (uint32_t i = 0; i < 3; i++)
		fake_put(root + 36 + 8 * i, TABLE_AT + 0x200 * i, 8);
	fake_put(root + 36 + 24, 0xdead0000, 8); // is nowhere
	fake_close(root);
	fake_close(fadt);
	fake_close(broken);
	broken[20]++;
	fake_close(ssdt);
	CHECK(read_all());
	CHECK(fake.lines == 1 && said("SSDT", "sum"));
	CHECK(acpi.power.sleep_known && acpi.power.sleep_a == 1);
}
