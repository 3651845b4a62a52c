// SPDX-License-Identifier: MIT
// Tests of images, of memory that nobody can resize, of device trees and of backends: what needs no running kernel.
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <kernel/core/alloc.h>
#include <gila/test.h>
#include <kernel/device/fdt_make.h>
#include <kernel/device/fdt_walk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- Images --------------------------------------------------------------------------------------------------------

static bool image_says(const struct md_launch *launch, const char *text)
{
	char bytes[8] = "";
	int file = launch_image_open(launch);
	bool same = file >= 0 && pread(file, bytes, sizeof(bytes) - 1, 0) == (ssize_t)launch->image_size && strcmp(bytes, text) == 0;
	close(file);
	return same;
}

// One that came where another was is not taken for it.
TEST(images_at_one_address_are_told_apart)
{
	char place[] = "first!";
	struct md_launch launch = {.name = "image", .image = place, .image_size = 6, .image_id = 1};
	CHECK(image_says(&launch, "first!"));
	memcpy(place, "second", 6);
	launch.image_id = 2;
	CHECK(image_says(&launch, "second"));
	launch.image_id = 1; // still kept: nothing is written again
	CHECK(image_says(&launch, "first!"));
}

// ---- Memory --------------------------------------------------------------------------------------------------------

// The descriptor as a client has it that keeps what S2C sent along.
static int client_copy(struct md_memory *memory) { return fcntl(memory_file(memory), F_DUPFD_CLOEXEC, 0); }

static off_t size_of(int file)
{
	struct stat status;
	return fstat(file, &status) == 0 ? status.st_size : -1;
}

TEST(fixed_memory_cannot_be_cut_short_by_who_has_it)
{
	struct md_memory memory;
	CHECK_EQ(md_memory_create(&memory, &account_kernel, 8192), KERN_SUCCESS);
	int client = client_copy(&memory);
	CHECK(client >= 0);
	CHECK_EQ(md_memory_fix(&memory), KERN_SUCCESS);
	CHECK(ftruncate(client, 4096) < 0 && errno == EPERM);
	CHECK(ftruncate(client, 1 << 20) < 0 && errno == EPERM);
	CHECK(fcntl(client, F_ADD_SEALS, F_SEAL_WRITE) < 0);
	CHECK_EQ(size_of(client), 8192);
	CHECK_EQ(md_memory_write(&memory, 8191, "x", 1), KERN_SUCCESS);
	close(client);
	md_memory_destroy(&memory);
}

TEST(memory_that_was_cut_short_before_gets_its_size_back)
{
	struct md_memory memory;
	char byte = 1;
	CHECK_EQ(md_memory_create(&memory, &account_kernel, 1 << 20), KERN_SUCCESS);
	int client = client_copy(&memory);
	CHECK(ftruncate(client, 0) == 0);
	CHECK_EQ(md_memory_fix(&memory), KERN_SUCCESS);
	CHECK_EQ(size_of(client), 1 << 20);
	CHECK_EQ(md_memory_read(&memory, (1 << 20) - 1, &byte, 1), KERN_SUCCESS);
	CHECK_EQ(byte, 0);
	close(client);
	md_memory_destroy(&memory);
}

TEST(memory_that_a_client_has_sealed_is_refused)
{
	static const int seals[] = {F_SEAL_SEAL, F_SEAL_GROW, F_SEAL_GROW | F_SEAL_SEAL, F_SEAL_WRITE};
	for (size_t i = 0; i < array_count(seals); i++) {
		struct md_memory memory;
		CHECK_EQ(md_memory_create(&memory, &account_kernel, 1 << 20), KERN_SUCCESS);
		int client = client_copy(&memory);
		CHECK(ftruncate(client, 4096) == 0 && fcntl(client, F_ADD_SEALS, seals[i]) == 0);
		CHECK_EQ(md_memory_fix(&memory), KERN_PROTECTION_FAILURE);
		close(client);
		md_memory_destroy(&memory);
	}
}

// ---- Device trees --------------------------------------------------------------------------------------------------

static char folder[64];

static const char *path_of(const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static bool write_file(const char *path, const void *data, size_t size)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool written = file >= 0 && write(file, data, size) == (ssize_t)size;
	close(file);
	return written;
}

static bool folder_make(void)
{
	snprintf(folder, sizeof(folder), "/tmp/gila-test-XXXXXX");
	return mkdtemp(folder) != NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int file = socket(AF_UNIX, SOCK_STREAM, 0);
	return bind(file, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(file, 1) == 0 ? file : -1;
}

static size_t make_tree(uint8_t *blob, size_t room)
{
	static struct fdt_make make;
	fdt_make_begin(&make, blob, room);
	fdt_make_node(&make, "");
	fdt_make_cell(&make, "#address-cells", 1);
	fdt_make_cell(&make, "#size-cells", 1);
	fdt_make_node(&make, "one@1000");
	fdt_make_text(&make, "gila,socket", path_of("socket"));
	fdt_make_cells(&make, "reg", (uint32_t[]){0x1000, 0x1000}, 2);
	fdt_make_text(&make, "gila,file", path_of("registers"));
	fdt_make_text(&make, "compatible", "test,one");
	fdt_make_node_end(&make);
	fdt_make_node(&make, "two");
	fdt_make_text(&make, "gila,socket", "x"); // the shortest path there is
	fdt_make_node_end(&make);
	fdt_make_node_end(&make);
	return fdt_make_end(&make);
}

TEST(device_trees_name_files_and_sockets)
{
	static uint8_t blob[2048];
	static char registers[4096] = "registers";
	struct fdt fdt;
	struct fdt_property property;
	struct md_memory memory;
	struct md_descriptor descriptor;
	size_t size;
	uint32_t at, depth = 0, first, second;
	char text[10];
	CHECK(folder_make());
	CHECK(write_file(path_of("registers"), registers, sizeof(registers)));
	char path[128];
	snprintf(path, sizeof(path), "%s", path_of("tree"));
	CHECK(write_file(path, blob, make_tree(blob, sizeof(blob))));
	const char *trees[] = {path};
	struct linux_options options = {.trees = trees, .tree_count = 1};
	CHECK(tree_module_init(&options));
	const void *tree = md_boot_device_tree(0, &size);
	CHECK(tree && !md_boot_device_tree(1, &size));
	md_boot_device_tree(0, &size);
	CHECK_EQ(fdt_open(&fdt, tree, size, &at), FDT_OK);
	uint32_t node = fdt_next(&fdt, fdt_root(&fdt), &depth);
	CHECK(fdt_cell(&fdt, node, "gila,backend", &first));
	CHECK(!fdt_find(&fdt, node, "gila,socket", &property));
	CHECK(fdt_find(&fdt, node, "compatible", &property) && property.size == 9); // behind what was rewritten
	node = fdt_next(&fdt, node, &depth);
	CHECK(fdt_cell(&fdt, node, "gila,backend", &second) && second != first);

	CHECK_EQ(md_memory_create_device(&memory, 0x1000, 4096), KERN_SUCCESS);
	CHECK_EQ(md_memory_read(&memory, 0, text, sizeof(text)), KERN_SUCCESS);
	CHECK(memcmp(text, "registers", 10) == 0);
	md_memory_destroy(&memory);
	CHECK_EQ(md_memory_create_device(&memory, 0x1000, 8192), KERN_NOT_SUPPORTED);
	CHECK_EQ(md_memory_create_device(&memory, 0x2000, 4096), KERN_NOT_SUPPORTED);

	CHECK_EQ(md_descriptor_backend(&descriptor, first), KERN_FAILURE); // nobody listens
	int listener = listen_at(path_of("socket"));
	CHECK(listener >= 0);
	CHECK_EQ(md_descriptor_backend(&descriptor, first), KERN_SUCCESS);
	int accepted = accept(listener, NULL, NULL);
	CHECK(accepted >= 0 && write(accepted, "hi", 2) == 2);
	CHECK(read(descriptor.file - 1, text, sizeof(text)) == 2);
	// Whoever listens and does not accept keeps nobody waiting.
	struct md_descriptor waiting[8];
	unsigned connected = 0;
	while (connected < 8 && md_descriptor_backend(&waiting[connected], first) == KERN_SUCCESS)
		connected++;
	CHECK(connected < 8);
	for (unsigned i = 0; i < connected; i++)
		md_descriptor_close(&waiting[i]);
	md_descriptor_close(&descriptor);
	close(accepted);
	close(listener);
	CHECK_EQ(md_descriptor_backend(&descriptor, 1000), KERN_NOT_FOUND);
	unlink(path_of("socket"));
	unlink(path_of("registers"));
	unlink(path_of("tree"));
	rmdir(folder);
}

// As dtc(1) wrote it; tests/corpus/fdt/dtc-a has one byte for the fuzzer before the blob.
TEST(device_trees_of_dtc_are_read)
{
	static uint8_t bytes[4096];
	FILE *file = fopen("tests/corpus/fdt/dtc-a", "rb");
	CHECK(file);
	size_t size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	struct fdt fdt;
	struct fdt_walk walk;
	uint64_t address, length;
	uint32_t at, line, seen = 0;
	bool reachable;
	CHECK_EQ(fdt_open(&fdt, bytes + 1, size - 1, &at), FDT_OK);
	fdt_walk_begin(&walk, &fdt);
	while (fdt_walk_next(&walk)) {
		const char *name = fdt_name(&fdt, walk.node);
		seen++;
		CHECK(strcmp(name, "key") != 0); // disabled
		if (strcmp(name, "uart@0") != 0)
			continue;
		CHECK(fdt_walk_region(&walk, 0, &address, &length, &reachable) && reachable);
		CHECK(address == 0x9000000 && length == 0x1000);
		CHECK(fdt_walk_interrupt(&walk, 0, &line, &reachable) && reachable);
		CHECK_EQ(line, 33);
	}
	CHECK_EQ(seen, 6);
}
