// SPDX-License-Identifier: MIT
// What an x86_64 processor says that it can do, and what its registers are to hold for that: decisions without instructions, so
// that they are tested with processors that nobody here has (processor_test.c). ../x86_64 asks and writes.
//
// 1. A space's translations may stay in a CPU, under an identifier of that CPU's (PCID), as long as nobody has asked to forget
//    any of them: the count of flushes is what it was when they were loaded.
// 2. An identifier that goes to another space is loaded with a flush of what it stood for.
#ifndef MACHINE_BARE_PROCESSOR_PROCESSOR_H
#define MACHINE_BARE_PROCESSOR_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpuid {
	uint32_t a, b, c, d;
};
typedef struct cpuid cpuid_reader(uint32_t leaf, uint32_t subleaf);

struct cpu_features {
	bool light_switch; // fsgsbase, xsaveopt and SMAP: quick messages need not ask for them
	bool smep, smap, umip, fsgsbase, xsave, xsaveopt, x2apic, tsc_deadline, rdrand, rdseed, global_pages, gigabyte_pages, pcid;
	uint64_t xsave_mask;   // XCR0
	uint32_t xsave_size;   // bytes of the save area
	char hypervisor[13];   // "" on the bare metal
};

// ---- features.c -------------------------------------------------------------------------------------------------------

void processor_features(struct cpu_features *features, cpuid_reader *read);
// CR4 of every CPU; PCIDE only while CR3's low bits are 0 (Intel SDM volume 3, 4.10.1).
uint64_t processor_cr4(const struct cpu_features *features);
// Hz of the time stamp counter, as far as CPUID tells, and which leaf did; 0: it does not.
uint64_t processor_tsc_rate(cpuid_reader *read, const char **source);

// ---- apic_words.c -------------------------------------------------------------------------------------------------------

#define APIC_BASE_X2APIC 0x400u  // in IA32_APIC_BASE
#define APIC_BASE_ENABLED 0x800u
#define APIC_LVT_TSC_DEADLINE 0x40000u

// The values to write to IA32_APIC_BASE one after the other, from what it holds; their number.
unsigned processor_apic_base(uint64_t base, bool x2apic, uint64_t steps[2]);
// The MSR of the register that lies at `offset` in memory otherwise.
static inline uint32_t processor_apic_msr(uint32_t offset) { return 0x800 + offset / 16; }
// The one word that sends an interrupt with x2APIC.
static inline uint64_t processor_apic_command(uint32_t id, uint32_t command) { return (uint64_t)id << 32 | command; }
static inline uint32_t processor_timer_entry(uint32_t vector, bool tsc_deadline)
{
	return vector | (tsc_deadline ? APIC_LVT_TSC_DEADLINE : 0);
}
// Whether a CPU can be reached by interrupts between CPUs; by messages of devices, without remapping of interrupts.
static inline bool processor_apic_reaches(uint32_t id, bool x2apic) { return id < 255 || x2apic; }
static inline bool processor_message_reaches(uint32_t id) { return id < 255; }

// ---- pcid.c -------------------------------------------------------------------------------------------------------------

#define PCID_SLOTS 8u
#define PCID_KEEP (UINT64_C(1) << 63) // in CR3: what is remembered under this identifier stays

// Of one CPU, which alone uses it. 0 is the identifier of the kernel's own table.
struct pcid_slots {
	uint64_t tag[PCID_SLOTS];     // the space; 0: none
	uint64_t flushes[PCID_SLOTS]; // the space's count, when it was last loaded
	uint64_t used[PCID_SLOTS];    // turn of the last load
	uint64_t turn;
};

// What CR3 holds besides the table's address, for the space `tag` (not 0, never used twice) with so many flushes so far.
uint64_t pcid_choose(struct pcid_slots *slots, uint64_t tag, uint64_t flushes);

#endif
