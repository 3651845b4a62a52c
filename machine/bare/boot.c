// SPDX-License-Identifier: MIT
// What the loader and the firmware left for the kernel, as md.h asks for it; and what a machine without a host is
// without.
#include "bare.h"

struct boot_facts boot_facts = {.command_line = ""};

void md_boot_archive(const void **data, size_t *size)
{
	*data = boot_facts.archive;
	*size = boot_facts.archive_size;
}

const char *md_boot_command_line(void) { return boot_facts.command_line; }

const void *md_boot_device_tree(unsigned index, size_t *size)
{
	if (index > 0 || !boot_facts.device_tree)
		return NULL;
	*size = boot_facts.device_tree_size;
	return boot_facts.device_tree;
}

kern_return_t md_descriptor_take(struct md_descriptor *descriptor, struct task *task, int number) { return KERN_NOT_SUPPORTED; }
kern_return_t md_descriptor_give(struct md_descriptor *descriptor, struct task *task, int *number) { return KERN_NOT_SUPPORTED; }
void md_descriptor_close(struct md_descriptor *descriptor) {}
kern_return_t md_descriptor_backend(struct md_descriptor *descriptor, uint32_t backend) { return KERN_NOT_SUPPORTED; }
kern_return_t md_descriptor_interrupt(struct md_descriptor *descriptor, uint32_t line) { return KERN_NOT_SUPPORTED; }
kern_return_t md_descriptor_memory(struct md_descriptor *descriptor, struct md_memory *memory) { return KERN_NOT_SUPPORTED; }
