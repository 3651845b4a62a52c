// SPDX-License-Identifier: MIT
// Device trees: one that is made of the options --disk, and those of --dtb as they are, with two properties of their nodes
// that are for this machine:
//   gila,socket = "PATH": a vhost-user backend listens there; the kernel is told a number instead (gila,backend)
//   gila,file = "PATH", ...: files whose bytes are the regions of reg, shared: what a driver maps of them
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <kernel/device/fdt_make.h>
#include <kernel/device/fdt_walk.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREES_MAX 16u
#define RANGES_MAX 128u
#define DISKS_TREE_SIZE 32768u
#define BACKEND_PROPERTY "gila,backend"

static struct {
	const void *blob;
	size_t size;
} trees[TREES_MAX];
static unsigned tree_count;

// Registers that are the bytes of a file.
static struct range {
	uint64_t address, size; // whole pages
	int file;
} ranges[RANGES_MAX];
static unsigned range_count;

const void *md_boot_device_tree(unsigned index, size_t *size)
{
	*size = index < tree_count ? trees[index].size : 0;
	return index < tree_count ? trees[index].blob : NULL;
}

kern_return_t md_memory_create_device(struct md_memory *memory, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < range_count; i++) {
		const struct range *range = &ranges[i];
		if (range->address != address || range->size != size)
			continue;
		*memory = (struct md_memory){.size = size, .file = fcntl(range->file, F_DUPFD_CLOEXEC, 0) + 1};
		return memory->file > 0 ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	}
	return KERN_NOT_SUPPORTED;
}

// ---- The tree of --disk --------------------------------------------------------------------------------------------

static void make_disk(struct fdt_make *make, unsigned number)
{
	char name[32];
	struct disk *disk = disk_get(number);
	snprintf(name, sizeof(name), "vhost-user@%x", number);
	fdt_make_node(make, name);
	fdt_make_text(make, "compatible", "virtio,vhost-user-blk");
	fdt_make_cell(make, "interrupts", INTERRUPT_DISKS + number);
	fdt_make_cell(make, BACKEND_PROPERTY, backend_add_disk(disk));
	if (disk->read_only)
		fdt_make_property(make, "read-only", "", 0);
	fdt_make_node_end(make);
}

static void make_disks_tree(void)
{
	static uint8_t bytes[DISKS_TREE_SIZE];
	static struct fdt_make make;
	fdt_make_begin(&make, bytes, sizeof(bytes));
	fdt_make_node(&make, "");
	fdt_make_cell(&make, "#address-cells", 1);
	fdt_make_cell(&make, "#size-cells", 0);
	for (unsigned i = 0; i < disk_count(); i++)
		make_disk(&make, i);
	fdt_make_node_end(&make);
	trees[tree_count].size = fdt_make_end(&make);
	trees[tree_count++].blob = bytes;
}

// ---- --dtb ---------------------------------------------------------------------------------------------------------

static bool refuse(const char *path, const char *why)
{
	host_complain("--dtb %s: %s", path, why);
	return false;
}

// The file's bytes, with room for `extra` more behind them. NULL: complained of.
static uint8_t *read_blob(const char *path, size_t extra, size_t *size)
{
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size > (off_t)FDT_SIZE_LIMIT) {
		refuse(path, file < 0 ? strerror(errno) : "is no file, or larger than 2 MiB");
		if (file >= 0)
			close(file);
		return NULL;
	}
	*size = (size_t)status.st_size;
	uint8_t *bytes = malloc(*size + extra);
	ssize_t got = bytes ? read(file, bytes, *size) : -1;
	close(file);
	if (got == (ssize_t)*size)
		return bytes;
	free(bytes);
	refuse(path, "cannot be read");
	return NULL;
}

// The strings block, copied behind the blob, gets the name of one more property. *name: its offset in the block.
static void add_name(uint8_t *blob, size_t *size, struct fdt *fdt, uint32_t *name)
{
	uint8_t *strings = blob + *size;
	memcpy(strings, blob + fdt->strings, fdt->strings_size);
	memcpy(strings + fdt->strings_size, BACKEND_PROPERTY, sizeof(BACKEND_PROPERTY));
	*name = fdt->strings_size;
	fdt->strings = (uint32_t)*size;
	fdt->strings_size += sizeof(BACKEND_PROPERTY);
	*size += fdt->strings_size;
	fdt_make_number(blob + 4, (uint32_t)*size); // totalsize
	fdt_make_number(blob + 12, fdt->strings);
	fdt_make_number(blob + 32, fdt->strings_size);
}

// Where gila,socket = "PATH" was, gila,backend = <number> is now, and FDT_NOP for the rest (Devicetree Specification v0.4,
// 5.4.1): a path takes at least one cell.
static bool number_socket(const char *path, uint8_t *blob, const struct fdt_property *socket, uint32_t name)
{
	const char *text = fdt_string(socket, 0);
	char *kept = text && *text ? strdup(text) : NULL;
	uint32_t number = kept ? backend_add_socket(kept) : UINT32_MAX;
	if (number == UINT32_MAX)
		return refuse(path, kept ? "too many backends" : "gila,socket is not the path of a socket");
	uint8_t *value = blob + (socket->value - blob);
	fdt_make_number(value - 8, 4);
	fdt_make_number(value - 4, name);
	fdt_make_number(value, number);
	for (uint32_t at = 4; at < socket->size; at += 4)
		fdt_make_number(value + at, 4); // FDT_NOP
	return true;
}

static bool add_range(const char *path, const char *file_path, uint64_t address, uint64_t size)
{
	struct stat status;
	char why[512];
	if (address % MD_PAGE_SIZE != 0 || size % MD_PAGE_SIZE != 0)
		return refuse(path, "a region with a gila,file does not begin and end with a page");
	if (range_count == RANGES_MAX)
		return refuse(path, "too many regions with a gila,file");
	int file = open(file_path, O_RDWR | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) < 0 || (uint64_t)status.st_size < size) {
		snprintf(why, sizeof(why), "gila,file %s: %s", file_path,
			 file < 0 ? strerror(errno) : "is shorter than its region");
		if (file >= 0)
			close(file);
		return refuse(path, why);
	}
	ranges[range_count++] = (struct range){.address = address, .size = size, .file = file};
	return true;
}

static bool find_files(const char *path, const struct fdt_walk *walk)
{
	struct fdt_property files;
	const char *file;
	uint64_t address, size;
	bool reachable;
	if (!fdt_find(walk->fdt, walk->node, "gila,file", &files))
		return true;
	for (uint32_t i = 0; (file = fdt_string(&files, i)); i++) {
		if (!fdt_walk_region(walk, i, &address, &size, &reachable) || !reachable)
			return refuse(path, "more files in gila,file than regions in reg");
		if (!add_range(path, file, address, size))
			return false;
	}
	return true;
}

static bool read_tree(const char *path)
{
	struct fdt fdt;
	struct fdt_walk walk;
	struct fdt_property socket;
	size_t size;
	uint32_t at, name;
	if (tree_count == TREES_MAX)
		return refuse(path, "is one device tree too many");
	uint8_t *blob = read_blob(path, FDT_SIZE_LIMIT + sizeof(BACKEND_PROPERTY), &size);
	if (!blob)
		return false;
	enum fdt_error error = fdt_open(&fdt, blob, size, &at);
	if (error) {
		host_complain("--dtb %s: %s (byte %u)", path, fdt_error_reason(error), at);
		return false;
	}
	add_name(blob, &size, &fdt, &name);
	fdt_walk_begin(&walk, &fdt);
	while (fdt_walk_next(&walk)) {
		if (!find_files(path, &walk))
			return false;
		if (fdt_find(&fdt, walk.node, "gila,socket", &socket) && !number_socket(path, blob, &socket, name))
			return false;
	}
	if (fdt_open(&fdt, blob, size, &at)) // too large with one more name
		return refuse(path, "there is no room for the numbers of its backends");
	trees[tree_count].blob = blob;
	trees[tree_count++].size = size;
	return true;
}

bool tree_module_init(const struct linux_options *options)
{
	if (disk_count() > 0)
		make_disks_tree();
	for (unsigned i = 0; i < options->tree_count; i++)
		if (!read_tree(options->trees[i]))
			return false;
	return true;
}
