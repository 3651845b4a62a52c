// SPDX-License-Identifier: MIT
// What the processor can do (Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E for the leaves from 0x80000000 on).
#include "processor.h"

#define CR4_PAE 0x20u
#define CR4_GLOBAL 0x80u
#define CR4_FLOATING 0x600u // OSFXSR, OSXMMEXCPT
#define CR4_UMIP 0x800u
#define CR4_FSGSBASE 0x10000u
#define CR4_PCIDE 0x20000u
#define CR4_XSAVE 0x40000u
#define CR4_SMEP 0x100000u
#define CR4_SMAP 0x200000u
#define LEAF_TSC 0x15u
#define LEAF_FREQUENCY 0x16u
#define MHZ UINT64_C(1000000)

static void xsave_find(struct cpu_features *f, cpuid_reader *read)
{
	struct cpuid d = read(0xd, 0);
	f->xsave_mask = d.a & 0xe7; // x87, SSE, AVX, AVX-512
	if ((f->xsave_mask & 0xe0) != 0xe0)
		f->xsave_mask &= 7;
	f->xsaveopt = read(0xd, 1).a & 1;
}

static void hypervisor_find(struct cpu_features *f, cpuid_reader *read)
{
	struct cpuid h = read(0x40000000, 0);
	const uint32_t words[] = {h.b, h.c, h.d};
	for (unsigned i = 0; i < 12; i++)
		f->hypervisor[i] = (char)(words[i / 4] >> 8 * (i % 4));
}

void processor_features(struct cpu_features *f, cpuid_reader *read)
{
	uint32_t most = read(0, 0).a, most_extended = read(0x80000000, 0).a;
	struct cpuid one = read(1, 0), seven = most >= 7 ? read(7, 0) : (struct cpuid){0};
	f->global_pages = one.d >> 13 & 1;
	f->pcid = one.c >> 17 & 1;
	f->x2apic = one.c >> 21 & 1;
	f->tsc_deadline = one.c >> 24 & 1;
	f->xsave = one.c >> 26 & 1 && most >= 0xd;
	f->rdrand = one.c >> 30 & 1;
	f->fsgsbase = seven.b & 1;
	f->smep = seven.b >> 7 & 1;
	f->rdseed = seven.b >> 18 & 1;
	f->smap = seven.b >> 20 & 1;
	f->umip = seven.c >> 2 & 1;
	if (most_extended >= 0x80000001)
		f->gigabyte_pages = read(0x80000001, 0).d >> 26 & 1;
	if (f->xsave)
		xsave_find(f, read);
	f->light_switch = f->fsgsbase && f->xsaveopt && f->smap;
	if (one.c >> 31 & 1)
		hypervisor_find(f, read);
}

uint64_t processor_cr4(const struct cpu_features *f)
{
	return CR4_PAE | CR4_FLOATING | (f->global_pages ? CR4_GLOBAL : 0) | (f->umip ? CR4_UMIP : 0) |
	       (f->fsgsbase ? CR4_FSGSBASE : 0) | (f->pcid ? CR4_PCIDE : 0) | (f->xsave ? CR4_XSAVE : 0) |
	       (f->smep ? CR4_SMEP : 0) | (f->smap ? CR4_SMAP : 0);
}

// Intel SDM volume 3, 19.7.3: the counter's rate is the crystal's (ECX of leaf 15h) times EBX / EAX. Where the crystal's is not
// told the counter runs at the base frequency of leaf 16h, in MHz: rounded, so no better than the processor's name.
uint64_t processor_tsc_rate(cpuid_reader *read, const char **source)
{
	uint32_t most = read(0, 0).a;
	struct cpuid tsc = most >= LEAF_TSC ? read(LEAF_TSC, 0) : (struct cpuid){0};
	if (!tsc.a || !tsc.b)
		return 0;
	*source = "CPUID 15h";
	if (tsc.c)
		return (uint64_t)tsc.c * tsc.b / tsc.a;
	*source = "CPUID 16h";
	return most >= LEAF_FREQUENCY ? (read(LEAF_FREQUENCY, 0).a & 0xffff) * MHZ : 0;
}
