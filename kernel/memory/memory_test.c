// SPDX-License-Identifier: MIT
// Tests of memory objects: bytes, sizes, charges, maps, ports.
#include "memory_port.h"

#include "../task/task.h"
#include "../task/task_port.h"

#include <abi/traps.h>
#include <gila/memory.h>
#include <gila/test.h>
#include <machine/sim/sim.h>

static uint64_t objects(void) { return account_total(ACCOUNT_MEMORY); }
static uint64_t object_bytes(void) { return account_total(ACCOUNT_MEMORY_BYTES); }

TEST(memory_is_charged_read_written_and_resized)
{
	uint64_t count = objects(), bytes = object_bytes();
	struct memory *memory, *copy;
	char text[8] = "";
	CHECK_EQ(memory_create(&account_kernel, 0, &memory), KERN_INVALID_ARGUMENT);
	CHECK_EQ(memory_create(&account_kernel, UINT64_MAX, &memory), KERN_INVALID_ARGUMENT);
	CHECK_EQ(memory_create(&account_kernel, 5000, &memory), KERN_SUCCESS);
	CHECK_EQ(memory_size(memory), 8192);
	CHECK_EQ(object_bytes(), bytes + 8192);
	CHECK_EQ(memory_write(memory, 8185, "1234567", 7), KERN_SUCCESS);
	CHECK_EQ(memory_write(memory, 8186, "1234567", 7), KERN_INVALID_ARGUMENT);
	CHECK_EQ(memory_read(memory, 8185, text, 7), KERN_SUCCESS);
	CHECK_EQ(text[6], '7');
	CHECK_EQ(memory_copy(&account_kernel, memory, 4096, 4096, &copy), KERN_SUCCESS);
	CHECK_EQ(memory_write(memory, 8185, "x", 1), KERN_SUCCESS);
	CHECK_EQ(memory_read(copy, 4089, text, 7), KERN_SUCCESS);
	CHECK_EQ(text[0], '1');
	CHECK_EQ(memory_resize(memory, 4096), KERN_SUCCESS);
	CHECK_EQ(object_bytes(), bytes + 8192);
	CHECK_EQ(memory_read(memory, 4096, text, 1), KERN_INVALID_ARGUMENT);
	memory_seal(memory);
	CHECK_EQ(memory_resize(memory, 8192), KERN_PROTECTION_FAILURE);
	CHECK_EQ(memory_write(memory, 0, "x", 1), KERN_PROTECTION_FAILURE);
	memory_release(copy);
	memory_release(memory);
	CHECK_EQ(objects(), count);
	CHECK_EQ(object_bytes(), bytes);
}

TEST(memory_that_is_fixed_is_written_but_not_resized)
{
	uint64_t bytes = object_bytes();
	struct memory *memory;
	CHECK_EQ(memory_create(&account_kernel, 8192, &memory), KERN_SUCCESS);
	CHECK_EQ(memory_fix(memory), KERN_SUCCESS);
	CHECK_EQ(memory_fix(memory), KERN_SUCCESS);
	CHECK_EQ(memory_resize(memory, 4096), KERN_PROTECTION_FAILURE);
	CHECK_EQ(memory_resize(memory, 12288), KERN_PROTECTION_FAILURE);
	CHECK_EQ(memory_write(memory, 8191, "x", 1), KERN_SUCCESS);
	memory_seal(memory);
	CHECK_EQ(memory_write(memory, 8191, "x", 1), KERN_PROTECTION_FAILURE);
	CHECK_EQ(memory_fix(memory), KERN_SUCCESS); // still sealed
	CHECK_EQ(memory_write(memory, 8191, "x", 1), KERN_PROTECTION_FAILURE);
	memory_release(memory);
	CHECK_EQ(object_bytes(), bytes);
}

TEST(memory_of_devices_is_charged_as_what_it_is)
{
	uint64_t bytes = object_bytes(), count = objects();
	struct memory *dma, *registers;
	CHECK_EQ(memory_create_dma(&account_kernel, 5000, 7, &dma), KERN_SUCCESS);
	CHECK(dma->device == 7 && dma->bus_address != 0);
	CHECK_EQ(memory_size(dma), 8192);
	CHECK_EQ(object_bytes(), bytes + 8192);
	CHECK_EQ(memory_fix(dma), KERN_SUCCESS);
	CHECK_EQ(memory_resize(dma, 4096), KERN_PROTECTION_FAILURE);
	CHECK_EQ(memory_create_device(0x10000000, 4096, &registers), KERN_SUCCESS);
	CHECK_EQ(memory_create_device(0x70000000, 4096, &registers), KERN_NOT_SUPPORTED);
	CHECK_EQ(objects(), count + 2);
	CHECK_EQ(object_bytes(), bytes + 8192); // registers cost nobody memory
	memory_release(registers);
	memory_release(dma);
	CHECK_EQ(object_bytes(), bytes);
	CHECK_EQ(objects(), count);
}

TEST(memory_is_limited_by_the_account)
{
	struct account *account = account_create();
	struct memory *memory, *second;
	CHECK(account);
	atomic_store(&account->count_limit[ACCOUNT_MEMORY_BYTES], 8192);
	CHECK_EQ(memory_create(account, 12288, &memory), KERN_RESOURCE_SHORTAGE);
	CHECK_EQ(memory_create(account, 8192, &memory), KERN_SUCCESS);
	CHECK_EQ(memory_create(account, 1, &second), KERN_RESOURCE_SHORTAGE);
	CHECK_EQ(memory_resize(memory, 12288), KERN_RESOURCE_SHORTAGE);
	CHECK_EQ(memory_resize(memory, 4096), KERN_SUCCESS);
	CHECK_EQ(memory_create(account, 1, &second), KERN_SUCCESS);
	memory_release(second);
	memory_release(memory);
	account_release(account); // panics if anything is still charged
}

TEST(memory_lives_as_long_as_its_rights)
{
	uint64_t count = objects(), ports = account_total(ACCOUNT_PORT);
	struct memory *memory;
	CHECK_EQ(memory_create(&account_kernel, 1, &memory), KERN_SUCCESS);
	struct right first = memory_make_send(memory), second = memory_make_send(memory);
	CHECK_EQ(first.kind, RIGHT_SEND);
	CHECK(right_port(first) == right_port(second));
	memory_release(memory);
	CHECK_EQ(objects(), count + 1);
	struct memory *found = memory_from_port(right_port(first));
	CHECK(found == memory);
	memory_release(found);
	right_release(first);
	CHECK_EQ(objects(), count + 1);
	right_release(second);
	CHECK_EQ(objects(), count);
	CHECK_EQ(account_total(ACCOUNT_PORT), ports);
}

static bool client_passed;

static void map_client(void *argument)
{
	uint64_t result = gila_memory_create(8192);
	mach_port_t name = (mach_port_t)result;
	if (result >> 32 || name == MACH_PORT_NULL)
		return;
	mach_vm_address_t *shared = sim_alloc(sizeof(*shared)), *private = sim_alloc(sizeof(*private));
	if (gila_memory_map(name, shared, 8192, 0, VM_PROT_DEFAULT, 0) != KERN_SUCCESS)
		return;
	char *bytes = (char *)*shared; // NOLINT: an address of this client
	bytes[5000] = 'a';
	if (gila_memory_map(name, private, 4096, 4096, VM_PROT_DEFAULT, MEMORY_MAP_COPY) != KERN_SUCCESS)
		return;
	char *copy = (char *)*private; // NOLINT
	copy[5000 - 4096] = 'b';
	char *read = sim_alloc(1);
	if (gila_memory_read(name, 5000, read, 1) != KERN_SUCCESS || *read != 'a' || bytes[5000] != 'a')
		return;
	if (gila_memory_map(name, shared, 8192, 4096, VM_PROT_READ, 0) != KERN_INVALID_ARGUMENT ||
	    gila_memory_map(name, shared, 8192, 0, VM_PROT_WRITE | VM_PROT_EXECUTE, 0) != KERN_PROTECTION_FAILURE ||
	    gila_memory_map(0x1234567, shared, 8192, 0, VM_PROT_READ, 0) != KERN_INVALID_CAPABILITY)
		return;
	if (gila_memory_seal(name) != KERN_SUCCESS ||
	    gila_memory_map(name, shared, 8192, 0, VM_PROT_DEFAULT, 0) != KERN_PROTECTION_FAILURE ||
	    gila_memory_size(name) != 8192)
		return;
	client_passed = true;
}

TEST(memory_is_mapped_by_clients)
{
	uint64_t count = objects(), bytes = object_bytes(), rights = account_total(ACCOUNT_RIGHT);
	client_passed = false;
	sim_join(sim_client("maps", map_client, NULL));
	CHECK(client_passed);
	CHECK_EQ(objects(), count);
	CHECK_EQ(object_bytes(), bytes);
	CHECK_EQ(account_total(ACCOUNT_RIGHT), rights);
}
