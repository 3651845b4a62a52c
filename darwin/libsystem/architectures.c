// SPDX-License-Identifier: MIT
// Architectures by name and number. Facts: cctools' <mach-o/arch.h>, xnu's osfmk/mach/machine.h (CPU_TYPE_*, CPU_SUBTYPE_*), arch(3).
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct architecture { // NXArchInfo
	const char *name;
	int32_t type, subtype;
	uint32_t order; // NX_LittleEndian 1, NX_BigEndian 2
	const char *description;
};
enum { X86 = 7, X86_64 = 0x1000007, ARM = 12, ARM64 = 0x100000c, POWERPC = 18, POWERPC64 = 0x1000012, ANY = -1 };

static const struct architecture all[] = {
	{"x86_64", X86_64, 3, 1, "Intel x86-64"}, {"x86_64h", X86_64, 8, 1, "Intel x86-64h Haswell"}, {"i386", X86, 3, 1, "Intel 80x86"},
	{"arm64", ARM64, 0, 1, "ARM64"},	  {"arm64e", ARM64, 2, 1, "ARM64E"},		      {"arm64v8", ARM64, 1, 1, "ARM64 v8"},
	{"arm", ARM, 0, 1, "ARM"},		  {"armv7", ARM, 9, 1, "arm v7"},		      {"armv7s", ARM, 11, 1, "arm v7s"},
	{"ppc", POWERPC, 0, 2, "PowerPC"},	  {"ppc64", POWERPC64, 0, 2, "PowerPC 64-bit"},	      {NULL, 0, 0, 0, NULL}};
enum { COUNT = sizeof(all) / sizeof(*all) - 1 };

const struct architecture *darwin_NXGetAllArchInfos(void) { return all; }
const struct architecture *darwin_NXGetLocalArchInfo(void) { return &all[0]; }
void darwin_NXFreeArchInfo(const struct architecture *architecture) { (void)architecture; }

const struct architecture *darwin_NXGetArchInfoFromName(const char *name)
{
	for (int i = 0; name && i < COUNT; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	return NULL;
}

// The topmost byte of a subtype holds capabilities; CPU_SUBTYPE_MULTIPLE (-1) is the first of the type.
const struct architecture *darwin_NXGetArchInfoFromCpuType(int32_t type, int32_t subtype)
{
	for (int i = 0; i < COUNT; i++)
		if (all[i].type == type && (subtype == ANY || all[i].subtype == (subtype & 0xffffff)))
			return &all[i];
	return NULL;
}

const char *darwin_macho_arch_name_for_cpu_type(int32_t type, int32_t subtype)
{
	const struct architecture *found = darwin_NXGetArchInfoFromCpuType(type, subtype);
	return found ? found->name : NULL;
}

uint8_t darwin_macho_cpu_type_for_arch_name(const char *name, int32_t *type, int32_t *subtype)
{
	const struct architecture *found = darwin_NXGetArchInfoFromName(name);
	if (found) {
		*type = found->type;
		*subtype = found->subtype;
	}
	return found != NULL;
}
