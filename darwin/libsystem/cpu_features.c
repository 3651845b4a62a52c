// SPDX-License-Identifier: MIT
// machdep.cpu.features and its kin: what the processor can, by name. Facts: xnu's osfmk/i386/cpuid.h (names of CPUID_FEATURE_*,
// CPUID_LEAF7_*, CPUID_EXTFEATURE_*), Intel's manual for CPUID.
#include "sysctl.h"

#include <cpuid.h>
#include <string.h>

enum { EAX, EBX, ECX, EDX };
struct feature {
	const char *name;
	uint8_t part, bit; // EAX to EDX
};

static const struct feature basic[] = {
	{"FPU", EDX, 0},     {"VME", EDX, 1},	 {"DE", EDX, 2},      {"PSE", EDX, 3},	     {"TSC", EDX, 4},	  {"MSR", EDX, 5},     {"PAE", EDX, 6},	   {"MCE", EDX, 7},	{"CX8", EDX, 8},
	{"APIC", EDX, 9},    {"SEP", EDX, 11},	 {"MTRR", EDX, 12},   {"PGE", EDX, 13},	     {"MCA", EDX, 14},	  {"CMOV", EDX, 15},   {"PAT", EDX, 16},   {"PSE36", EDX, 17},	{"CLFSH", EDX, 19},
	{"DS", EDX, 21},     {"ACPI", EDX, 22},	 {"MMX", EDX, 23},    {"FXSR", EDX, 24},     {"SSE", EDX, 25},	  {"SSE2", EDX, 26},   {"SS", EDX, 27},	   {"HTT", EDX, 28},	{"TM", EDX, 29},
	{"PBE", EDX, 31},    {"SSE3", ECX, 0},	 {"PCLMULQDQ", ECX, 1}, {"DTES64", ECX, 2},  {"MON", ECX, 3},	  {"DSCPL", ECX, 4},   {"VMX", ECX, 5},	   {"SMX", ECX, 6},	{"EST", ECX, 7},
	{"TM2", ECX, 8},     {"SSSE3", ECX, 9},	 {"FMA", ECX, 12},    {"CX16", ECX, 13},     {"TPR", ECX, 14},	  {"PDCM", ECX, 15},   {"SSE4.1", ECX, 19}, {"SSE4.2", ECX, 20}, {"x2APIC", ECX, 21},
	{"MOVBE", ECX, 22},  {"POPCNT", ECX, 23}, {"AES", ECX, 25},   {"VMM", ECX, 31},	     {"PCID", ECX, 17},	  {"XSAVE", ECX, 26},  {"OSXSAVE", ECX, 27}, {"TSCTMR", ECX, 24}, {"AVX1.0", ECX, 28},
	{"RDRAND", ECX, 30}, {"F16C", ECX, 29}};
static const struct feature leaf7[] = {
	{"RDWRFSGS", EBX, 0}, {"TSC_THREAD_OFFSET", EBX, 1}, {"SGX", EBX, 2},	     {"BMI1", EBX, 3},	     {"HLE", EBX, 4},	     {"AVX2", EBX, 5},	   {"SMEP", EBX, 7},	   {"BMI2", EBX, 8},
	{"ERMS", EBX, 9},     {"INVPCID", EBX, 10},	     {"RTM", EBX, 11},	     {"PQM", EBX, 12},	     {"MPX", EBX, 14},	     {"PQE", EBX, 15},	   {"AVX512F", EBX, 16},   {"AVX512DQ", EBX, 17},
	{"RDSEED", EBX, 18},  {"ADX", EBX, 19},		     {"SMAP", EBX, 20},	     {"AVX512IFMA", EBX, 21}, {"CLFSOPT", EBX, 23},  {"CLWB", EBX, 24},	   {"IPT", EBX, 25},	   {"AVX512PF", EBX, 26},
	{"AVX512ER", EBX, 27}, {"AVX512CD", EBX, 28},	     {"SHA", EBX, 29},	     {"AVX512BW", EBX, 30},  {"AVX512VL", EBX, 31},  {"PREFETCHWT1", ECX, 0}, {"AVX512VBMI", ECX, 1}, {"UMIP", ECX, 2},
	{"PKU", ECX, 3},      {"OSPKE", ECX, 4},	     {"AVX512VBMI2", ECX, 6}, {"GFNI", ECX, 8},	     {"VAES", ECX, 9},	     {"VPCLMULQDQ", ECX, 10}, {"AVX512VNNI", ECX, 11}, {"AVX512BITALG", ECX, 12},
	{"AVX512VPCDQ", ECX, 14}, {"RDPID", ECX, 22}};
static const struct feature extended[] = {{"SYSCALL", EDX, 11}, {"XD", EDX, 20},    {"1GBPAGE", EDX, 26}, {"EM64T", EDX, 29}, {"LAHF", ECX, 0},
					  {"LZCNT", ECX, 5},	{"PREFETCHW", ECX, 8}, {"RDTSCP", EDX, 27}};

static size_t names_write(char *to, uint32_t leaf, const struct feature *list, size_t count)
{
	uint32_t values[4] = {0};
	__get_cpuid_count(leaf, 0, &values[EAX], &values[EBX], &values[ECX], &values[EDX]);
	*to = '\0';
	for (size_t i = 0; i < count; i++)
		if (values[list[i].part] >> list[i].bit & 1) {
			if (*to)
				strcat(to, " ");
			strcat(to, list[i].name);
		}
	return strlen(to) + 1;
}

#define LIST(list) list, sizeof(list) / sizeof(*list)
size_t sysctl_features(char *to) { return names_write(to, 1, LIST(basic)); }
size_t sysctl_leaf7_features(char *to) { return names_write(to, 7, LIST(leaf7)); }
size_t sysctl_extended_features(char *to) { return names_write(to, 0x80000001, LIST(extended)); }
