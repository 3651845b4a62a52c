// SPDX-License-Identifier: MIT
// mach_vm_region and its kin: mappings as /proc/self/maps and smaps tell them (proc(5)). Facts: xnu's
// osfmk/mach/vm_region.h.
#include "mach_region.h"

#include "mach_names.h"

#include <mach/kern_return.h>
#include <mach/vm_inherit.h>
#include <mach/vm_region.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool region_parse(const char *line, struct region *region)
{
	char access[8];
	region->path[0] = '\0';
	if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %511[^\n]", &region->start, &region->end, access, &region->offset,
		   region->path) < 4)
		return false;
	region->protection = (access[0] == 'r' ? VM_PROT_READ : 0) | (access[1] == 'w' ? VM_PROT_WRITE : 0) |
			     (access[2] == 'x' ? VM_PROT_EXECUTE : 0);
	region->shared = access[3] == 's';
	return true;
}

bool region_find(uint64_t address, struct region *region)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[768];
	bool found = false;
	while (maps && !found && fgets(line, sizeof(line), maps))
		found = region_parse(line, region) && region->end > address;
	if (maps)
		fclose(maps);
	return found;
}

struct region_pages { // in pages
	unsigned resident, dirty, shared, swapped;
};

// Only for who asks for them: Linux walks the mapping's page tables.
static struct region_pages region_count(const struct region *region)
{
	struct region_pages pages = {0};
	struct region here;
	FILE *maps = fopen("/proc/self/smaps", "re");
	char line[768];
	bool inside = false;
	unsigned long value;
	while (maps && fgets(line, sizeof(line), maps)) {
		if (region_parse(line, &here)) {
			if (inside)
				break;
			inside = here.start == region->start;
			continue;
		}
		unsigned *counter = !inside					      ? NULL
				    : sscanf(line, "Rss: %lu", &value) == 1	      ? &pages.resident
				    : sscanf(line, "Swap: %lu", &value) == 1	      ? &pages.swapped
				    : sscanf(line, "Shared_Clean: %lu", &value) == 1  ? &pages.shared
				    : sscanf(line, "Shared_Dirty: %lu", &value) == 1  ? &pages.shared
				    : sscanf(line, "Private_Dirty: %lu", &value) == 1 ? &pages.dirty
										      : NULL;
		if (counter)
			*counter += (unsigned)(value / 4); // from KiB
	}
	if (maps)
		fclose(maps);
	return pages;
}

static unsigned char share_mode(const struct region *region, const struct region_pages *pages)
{
	if (pages->resident == 0 && !region->path[0])
		return SM_EMPTY;
	return region->shared ? SM_SHARED : region->path[0] == '/' ? SM_COW : SM_PRIVATE;
}

static void give_basic(const struct region *region, int *info)
{
	struct vm_region_basic_info_64 basic = {.protection = region->protection,
						.max_protection = VM_PROT_ALL,
						.inheritance = region->shared ? VM_INHERIT_SHARE : VM_INHERIT_COPY,
						.shared = region->shared,
						.offset = region->offset};
	memcpy(info, &basic, sizeof(basic));
}

static void give_extended(const struct region *region, int *info)
{
	struct region_pages pages = region_count(region);
	struct vm_region_extended_info extended = {.protection = region->protection,
						   .pages_resident = pages.resident,
						   .pages_dirtied = pages.dirty,
						   .pages_swapped_out = pages.swapped,
						   .ref_count = 1,
						   .external_pager = region->path[0] == '/',
						   .share_mode = share_mode(region, &pages)};
	memcpy(info, &extended, sizeof(extended));
}

static void give_top(const struct region *region, int *info)
{
	struct region_pages pages = region_count(region);
	struct vm_region_top_info top = {.ref_count = 1,
					 .private_pages_resident = pages.resident - pages.shared,
					 .shared_pages_resident = pages.shared,
					 .share_mode = share_mode(region, &pages)};
	memcpy(info, &top, sizeof(top));
}

int darwin_mach_vm_region(uint32_t task, uint64_t *address, uint64_t *size, int flavor, int *info, uint32_t *count,
			  uint32_t *object)
{
	static const struct {
		int flavor;
		uint32_t count;
		void (*give)(const struct region *region, int *info);
	} flavors[] = {{VM_REGION_BASIC_INFO_64, VM_REGION_BASIC_INFO_COUNT_64, give_basic},
		       {VM_REGION_BASIC_INFO, VM_REGION_BASIC_INFO_COUNT_64, give_basic}, // the same in 64-bit tasks
		       {VM_REGION_EXTENDED_INFO, VM_REGION_EXTENDED_INFO_COUNT, give_extended},
		       {VM_REGION_TOP_INFO, VM_REGION_TOP_INFO_COUNT, give_top}};
	struct region region;
	size_t which = 0;
	while (which < sizeof(flavors) / sizeof(*flavors) && flavors[which].flavor != flavor)
		which++;
	if (task != MACH_TASK_SELF || which == sizeof(flavors) / sizeof(*flavors) || *count < flavors[which].count)
		return KERN_INVALID_ARGUMENT;
	if (!region_find(*address, &region))
		return KERN_INVALID_ADDRESS;
	flavors[which].give(&region, info);
	*count = flavors[which].count;
	*address = region.start;
	*size = region.end - region.start;
	if (object)
		*object = MACH_PORT_NULL;
	return KERN_SUCCESS;
}

// There are no submaps: all is at depth 0.
int darwin_mach_vm_region_recurse(uint32_t task, uint64_t *address, uint64_t *size, uint32_t *depth, int *info,
				  uint32_t *count)
{
	struct region region;
	if (task != MACH_TASK_SELF || *count < VM_REGION_SUBMAP_INFO_V0_COUNT_64)
		return KERN_INVALID_ARGUMENT;
	if (!region_find(*address, &region))
		return KERN_INVALID_ADDRESS;
	struct region_pages pages = region_count(&region);
	struct vm_region_submap_info_64 submap = {.protection = region.protection,
						  .max_protection = VM_PROT_ALL,
						  .inheritance = region.shared ? VM_INHERIT_SHARE : VM_INHERIT_COPY,
						  .offset = region.offset,
						  .pages_resident = pages.resident,
						  .pages_dirtied = pages.dirty,
						  .pages_swapped_out = pages.swapped,
						  .ref_count = 1,
						  .external_pager = region.path[0] == '/',
						  .share_mode = share_mode(&region, &pages)};
	if (*count > VM_REGION_SUBMAP_INFO_COUNT_64)
		*count = VM_REGION_SUBMAP_INFO_COUNT_64;
	memcpy(info, &submap, *count * sizeof(int));
	*address = region.start;
	*size = region.end - region.start;
	*depth = 0;
	return KERN_SUCCESS;
}
