// SPDX-License-Identifier: MIT
// The processor's features by name, for sysctl's machdep.cpu.features and its kin. Facts: the names of xnu's osfmk/i386/cpuid.c (feature_map),
// Intel's manual for CPUID.
#include "sysctl.h"

#include <cpuid.h>
#include <string.h>

// A name for each bit that has one, from bit 0 on.
static const char *const leaf1_d[32] = {"FPU", "VME", "DE",   "PSE",  "TSC",   "MSR",  "PAE",	 "MCE", "CX8",	"APIC", NULL,
					"SEP", "MTRR", "PGE", "MCA",  "CMOV",  "PAT",  "PSE36", "PSN", "CLFSH", NULL,	"DS",
					"ACPI", "MMX", "FXSR", "SSE", "SSE2", "SS",   "HTT",	 "TM",	NULL,	"PBE"};
static const char *const leaf1_c[32] = {"SSE3", "PCLMULQDQ", "DTES64", "MON",	 "DSCPL",   "VMX",  "SMX",   "EST",
					"TM2",	"SSSE3",     "CID",    NULL,	 "FMA",	    "CX16", "TPR",   "PDCM",
					NULL,	"PCID",	     "DCA",    "SSE4.1", "SSE4.2",  "x2APIC", "MOVBE", "POPCNT",
					"TSCTMR", "AES",     "XSAVE",  "OSXSAVE", "AVX1.0", "F16C", "RDRAND", "VMM"};
static const char *const leaf7_b[32] = {"RDWRFSGS", "TSC_THREAD_OFFSET", "SGX", "BMI1", "HLE", "AVX2", NULL, "SMEP",
					"BMI2", "ERMS", "INVPCID", "RTM", "PQM", "FPU_CSDS", "MPX", "PQE",
					"AVX512F", "AVX512DQ", "RDSEED", "ADX", "SMAP", "AVX512IFMA", NULL, "CLFSOPT",
					NULL, "IPT", NULL, NULL, "AVX512CD", "SHA", "AVX512BW", "AVX512VL"};
static const char *const leaf7_c[32] = {[1] = "AVX512VBMI", [2] = "UMIP", [3] = "PKU", [6] = "AVX512VBMI2", [8] = "GFNI", [9] = "VAES",
					[10] = "VPCLMULQDQ", [11] = "AVX512VNNI", [12] = "AVX512BITALG", [14] = "AVX512VPOPCNTDQ"};
static const char *const more_d[32] = {[11] = "SYSCALL", [20] = "XD", [26] = "1GBPAGE", [27] = "RDTSCP", [29] = "EM64T"};
static const char *const more_c[32] = {[0] = "LAHF", [5] = "LZCNT", [8] = "PREFETCHW"};

static char *add_names(char *to, uint32_t bits, const char *const names[32])
{
	for (unsigned bit = 0; bit < 32; bit++)
		if ((bits >> bit & 1) && names[bit]) {
			to = stpcpy(to, names[bit]);
			*to++ = ' ';
		}
	return to;
}

static size_t finish(char *to, char *end)
{
	if (end > to)
		end--;
	*end = '\0';
	return (size_t)(end - to) + 1;
}

size_t sysctl_write_features(char *to)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;
	__get_cpuid(1, &a, &b, &c, &d);
	return finish(to, add_names(add_names(to, d, leaf1_d), c, leaf1_c));
}

size_t sysctl_write_leaf7_features(char *to)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;
	__get_cpuid_count(7, 0, &a, &b, &c, &d);
	return finish(to, add_names(add_names(to, b, leaf7_b), c, leaf7_c));
}

size_t sysctl_write_more_features(char *to)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;
	__get_cpuid(0x80000001, &a, &b, &c, &d);
	return finish(to, add_names(add_names(to, d, more_d), c, more_c));
}
