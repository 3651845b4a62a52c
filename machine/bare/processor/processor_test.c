// SPDX-License-Identifier: MIT
// Processors that are written down here: what is found of them, what their registers get. Then identifiers of translations
// against a model of what a CPU remembers.
#include "processor.h"

#include <gila/test.h>
#include <stdlib.h>
#include <string.h>

struct leaf {
	uint32_t leaf, subleaf;
	struct cpuid id;
};
static const struct leaf *leaves; // ends with a leaf whose id is all 0

static struct cpuid fake_read(uint32_t leaf, uint32_t subleaf)
{
	for (const struct leaf *l = leaves; l->id.a || l->id.b || l->id.c || l->id.d; l++)
		if (l->leaf == leaf && l->subleaf == subleaf)
			return l->id;
	return (struct cpuid){0};
}

// A server of 2019 or so: everything. Leaf 15h without the crystal's rate.
static const struct leaf everything[] = {
	{0, 0, {0x16, 0x756e6547, 0x6c65746e, 0x49656e69}},
	{1, 0, {0x50654, 0, 1u << 17 | 1u << 21 | 1u << 24 | 1u << 26 | 1u << 27 | 1u << 30, 1u << 13}},
	{7, 0, {0, 1u << 0 | 1u << 7 | 1u << 18 | 1u << 20, 1u << 2, 0}},
	{0xd, 0, {0xe7, 2696, 2696, 0}},
	{0xd, 1, {0xf, 0, 0, 0}},
	{0x15, 0, {2, 168, 0, 0}},
	{0x16, 0, {2100, 3700, 100, 0}},
	{0x80000000, 0, {0x80000008, 0, 0, 0}},
	{0x80000001, 0, {0, 0, 0, 1u << 26}},
	{0},
};

// The first one of this architecture: nothing. (AMD64 without anything that came later.)
static const struct leaf nothing[] = {
	{0, 0, {1, 0, 0, 0}},
	{1, 0, {0xf48, 0, 0, 1u << 13}},
	{0x80000000, 0, {0x80000018, 0, 0, 0}},
	{0},
};

// AVX-512 only in part, in a virtual machine, with the crystal's rate.
static const struct leaf virtual[] = {
	{0, 0, {0x15, 0, 0, 0}},
	{1, 0, {0, 0, 1u << 26 | 1u << 31, 0}},
	{7, 0, {0, 1, 0, 0}},
	{0xd, 0, {0x67, 0, 0, 0}},
	{0x15, 0, {3, 250, 24000000, 0}},
	{0x40000000, 0, {0x40000001, 0x54474354, 0x43544743, 0x47435447}},
	{0},
};

TEST(a_processor_that_can_all_is_used_so)
{
	struct cpu_features f = {0};
	leaves = everything;
	processor_features(&f, fake_read);
	CHECK(f.pcid && f.x2apic && f.tsc_deadline && f.xsave && f.rdrand && f.rdseed && f.fsgsbase && f.smep && f.smap);
	CHECK(f.umip && f.global_pages && f.gigabyte_pages && f.xsaveopt && f.light_switch);
	CHECK_EQ(f.xsave_mask, 0xe7);
	CHECK(f.hypervisor[0] == 0);
	// PAE, PGE, OSFXSR, OSXMMEXCPT, UMIP, FSGSBASE, PCIDE, OSXSAVE, SMEP, SMAP (Intel SDM volume 3, 2.5)
	CHECK_EQ(processor_cr4(&f), 1u << 5 | 1u << 7 | 1u << 9 | 1u << 10 | 1u << 11 | 1u << 16 | 1u << 17 | 1u << 18 | 1u << 20 | 1u << 21);
}

TEST(a_processor_that_can_nothing_gets_no_bit_that_it_has_not)
{
	struct cpu_features f = {0};
	const char *source = NULL;
	leaves = nothing;
	processor_features(&f, fake_read);
	CHECK(!f.pcid && !f.x2apic && !f.tsc_deadline && !f.xsave && !f.xsaveopt && !f.fsgsbase && !f.light_switch);
	CHECK_EQ(processor_cr4(&f), 1u << 5 | 1u << 7 | 1u << 9 | 1u << 10);
	CHECK_EQ(processor_tsc_rate(fake_read, &source), 0);
}

TEST(half_of_avx_512_is_none_and_the_hypervisor_has_a_name)
{
	struct cpu_features f = {0};
	leaves = virtual;
	processor_features(&f, fake_read);
	CHECK_EQ(f.xsave_mask, 7);
	CHECK(strcmp(f.hypervisor, "TCGTCGTCGTCG") == 0);
}

TEST(the_tsc_s_rate_is_by_the_crystal_or_by_the_base_frequency)
{
	const char *source = NULL;
	leaves = virtual;
	CHECK_EQ(processor_tsc_rate(fake_read, &source), UINT64_C(2000000000));
	CHECK(strcmp(source, "CPUID 15h") == 0);
	leaves = everything;
	CHECK_EQ(processor_tsc_rate(fake_read, &source), UINT64_C(2100000000));
	CHECK(strcmp(source, "CPUID 16h") == 0);
	// A leaf 15h without numbers says nothing, and leaf 16h alone is no word on the counter.
	static const struct leaf no_ratio[] = {{0, 0, {0x16, 0, 0, 0}}, {0x16, 0, {2100, 0, 0, 0}}, {0}};
	leaves = no_ratio;
	CHECK_EQ(processor_tsc_rate(fake_read, &source), 0);
	static const struct leaf no_frequency[] = {{0, 0, {0x15, 0, 0, 0}}, {0x15, 0, {2, 168, 0, 0}}, {0}};
	leaves = no_frequency;
	CHECK_EQ(processor_tsc_rate(fake_read, &source), 0);
}

TEST(the_apic_is_switched_on_by_steps_that_there_are)
{
	uint64_t steps[2];
	CHECK_EQ(processor_apic_base(0xfee00100, false, steps), 1);
	CHECK_EQ(steps[0], 0xfee00900);
	CHECK_EQ(processor_apic_base(0xfee00100, true, steps), 2); // was off: by xAPIC
	CHECK_EQ(steps[0], 0xfee00900);
	CHECK_EQ(steps[1], 0xfee00d00);
	CHECK_EQ(processor_apic_base(0xfee00900, true, steps), 1);
	CHECK_EQ(steps[0], 0xfee00d00);
	CHECK_EQ(processor_apic_base(0xfee00d00, true, steps), 1); // the firmware has done it: back to xAPIC would fault
	CHECK_EQ(steps[0], 0xfee00d00);
}

TEST(x2apic_registers_and_words_are_as_specified)
{
	CHECK_EQ(processor_apic_msr(0x20), 0x802);   // ID
	CHECK_EQ(processor_apic_msr(0xb0), 0x80b);   // EOI
	CHECK_EQ(processor_apic_msr(0x300), 0x830);  // ICR, one of 64 bits
	CHECK_EQ(processor_apic_msr(0x320), 0x832);  // LVT timer
	CHECK_EQ(processor_apic_command(0x12345, 0x40f1), UINT64_C(0x00012345000040f1));
	CHECK_EQ(processor_timer_entry(0xf0, true), 0x400f0);
	CHECK_EQ(processor_timer_entry(0xf0, false), 0xf0);
	CHECK(processor_apic_reaches(254, false) && !processor_apic_reaches(255, false) && processor_apic_reaches(300, true));
	CHECK(processor_message_reaches(254) && !processor_message_reaches(255));
}

// ---- Identifiers of translations ---------------------------------------------------------------------------------------

TEST(an_identifier_keeps_what_nobody_has_asked_to_forget)
{
	struct pcid_slots slots = {0};
	uint64_t first = pcid_choose(&slots, 100, 0);
	CHECK(first >= 1 && first <= PCID_SLOTS);
	CHECK_EQ(pcid_choose(&slots, 200, 0), first + 1);
	CHECK_EQ(pcid_choose(&slots, 100, 0), first | PCID_KEEP);
	CHECK_EQ(pcid_choose(&slots, 100, 1), first); // flushed since
	CHECK_EQ(pcid_choose(&slots, 100, 1), first | PCID_KEEP);
}

TEST(the_space_that_was_loaded_longest_ago_loses_its_identifier)
{
	struct pcid_slots slots = {0};
	for (uint64_t tag = 1; tag <= PCID_SLOTS; tag++)
		CHECK_EQ(pcid_choose(&slots, tag, 0), tag);
	CHECK_EQ(pcid_choose(&slots, 1, 0), 1 | PCID_KEEP);
	CHECK_EQ(pcid_choose(&slots, 99, 0), 2);
	CHECK_EQ(pcid_choose(&slots, 2, 0), 3); // its translations are 99's
}

#define CPUS 3u
#define SPACES 20u

// A CPU remembers, under each identifier, of which space and how old; what it uses must be what the page table says now.
TEST(no_cpu_ever_uses_a_translation_that_was_to_be_forgotten)
{
	struct pcid_slots slots[CPUS];
	struct remembered {
		uint64_t tag, version;
	} memory[CPUS][PCID_SLOTS + 1];
	struct space {
		uint64_t tag, flushes, version;
		unsigned cpus;
	} spaces[SPACES];
	unsigned loaded[CPUS] = {0}, kept = 0;
	uint64_t tags = 0, seed = 20261125;
	memset(slots, 0, sizeof(slots));
	memset(memory, 0, sizeof(memory));
	for (unsigned i = 0; i < SPACES; i++)
		spaces[i] = (struct space){.tag = ++tags};
	for (unsigned i = 0; i < 200000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		unsigned cpu = (seed >> 33) % CPUS, to = (seed >> 40) % SPACES, what = (seed >> 50) % 8;
		struct space *space = &spaces[to];
		if (what == 0) { // the page table changes, and it is told to all who have it loaded
			space->version++;
			space->flushes++;
		} else if (what == 1 && space->cpus == 0) { // another space in its place
			*space = (struct space){.tag = ++tags, .version = seed % 5};
		}
		for (unsigned c = 0; c < CPUS; c++) {
			if (c != cpu && (what != 0 || !(space->cpus >> c & 1)))
				continue;
			if (c == cpu) {
				spaces[loaded[c]].cpus &= ~(1u << c);
				loaded[c] = to;
				space->cpus |= 1u << c;
			}
			uint64_t word = pcid_choose(&slots[c], space->tag, space->flushes);
			struct remembered *r = &memory[c][word & 0xfff];
			kept += word & PCID_KEEP ? 1 : 0;
			if (!(word & PCID_KEEP))
				*r = (struct remembered){space->tag, space->version};
			CHECK_EQ(r->tag, space->tag);
			CHECK_EQ(r->version, space->version);
		}
	}
	CHECK(kept > 10000);
}
