// SPDX-License-Identifier: MIT
// Memory of tasks: pages that come, go, are protected, copied and shared; and what a program starts with.
#include "suite.h"

#include <gila/auxv.h>
#include <gila/memory.h>

#define READ 1
#define WRITE 2
#define EXECUTE 4

static int write_to(void *address)
{
	*(volatile char *)address = 1;
	return 0;
}

static int read_from(void *address) { return *(volatile char *)address; }

static int jump_to(void *address)
{
	((void (*)(void))address)();
	return 0;
}

TEST(program_begins_as_the_abi_says)
{
	CHECK(start_stack[0] >= 1);
	CHECK((uint64_t)start_stack % 16 == 0);
	const char *name = (const char *)start_stack[1];
	CHECK(name[0] == '/');
	CHECK_EQ(start_auxiliary(6), 4096);    // AT_PAGESZ
	CHECK_EQ(start_auxiliary(4), 56);      // AT_PHENT
	CHECK(*(const uint32_t *)start_auxiliary(3) <= 6 || start_auxiliary(3) != 0); // AT_PHDR
	CHECK_EQ(start_auxiliary(7), 0);       // AT_BASE
	CHECK_EQ(start_auxiliary(AT_GILA), 1);
	const uint64_t *random = (const uint64_t *)start_auxiliary(25);
	CHECK(random[0] != 0 && random[1] != 0 && random[0] != random[1]);
}

TEST(memory_is_zero_at_first_and_keeps_what_is_written)
{
	char *memory = (char *)pages_make(64);
	CHECK(memory);
	for (unsigned i = 0; i < 64 * PAGE; i += 512)
		CHECK(memory[i] == 0);
	for (unsigned i = 0; i < 64; i++)
		memory[i * PAGE + i] = (char)(i + 1);
	for (unsigned i = 0; i < 64; i++)
		CHECK_EQ(memory[i * PAGE + i], i + 1);
	CHECK_EQ(kernelrpc_mach_vm_deallocate_trap(self_task(), (uint64_t)memory, 64 * PAGE), KERN_SUCCESS);
	CHECK_EQ(child_run(read_from, memory), DIED_BY(11));
}

TEST(memory_is_given_back)
{
	for (unsigned round = 0; round < 300; round++) {
		char *memory = (char *)pages_make(1024); // 300 times 4 MiB is more than there is
		CHECK(memory);
		for (unsigned i = 0; i < 1024; i++)
			memory[i * PAGE] = 1;
		CHECK_EQ(kernelrpc_mach_vm_deallocate_trap(self_task(), (uint64_t)memory, 1024 * PAGE), KERN_SUCCESS);
	}
}

TEST(protection_is_obeyed)
{
	char *memory = (char *)pages_make(3);
	CHECK(memory);
	memory[0] = 'a', memory[PAGE] = 'b', memory[2 * PAGE] = 'c';
	CHECK_EQ(pages_protect((uint64_t)memory + PAGE, 1, READ), KERN_SUCCESS);
	CHECK_EQ(memory[PAGE], 'b');
	CHECK_EQ(child_run(write_to, memory + PAGE), DIED_BY(11));
	CHECK_EQ(child_run(write_to, memory), EXITED(0));
	CHECK_EQ(child_run(jump_to, memory), DIED_BY(11));
	CHECK_EQ(pages_protect((uint64_t)memory + PAGE, 1, 0), KERN_SUCCESS);
	CHECK_EQ(child_run(read_from, memory + PAGE), DIED_BY(11));
	CHECK_EQ(pages_protect((uint64_t)memory, 3, READ | WRITE), KERN_SUCCESS);
	CHECK_EQ(memory[PAGE], 'b'); // it was kept
	memory[PAGE] = 'd';
	CHECK(pages_protect((uint64_t)memory, 1, WRITE | EXECUTE) != KERN_SUCCESS);
	CHECK(pages_protect((uint64_t)memory, 4, READ) != KERN_SUCCESS); // the fourth is nobody's
}

static volatile char private[3 * 4096];

static int child_writes(void *argument)
{
	for (unsigned i = 0; i < sizeof(private); i += 100)
		if (private[i] != 1)
			return 1;
	for (unsigned i = 0; i < sizeof(private); i++)
		private[i] = 2;
	sleep_ms(20);
	for (unsigned i = 0; i < sizeof(private); i++)
		if (private[i] != 2)
			return 2;
	return 7;
}

TEST(clone_has_a_copy)
{
	for (unsigned i = 0; i < sizeof(private); i++)
		private[i] = 1;
	struct child child = child_start(child_writes, NULL);
	CHECK(child.port);
	sleep_ms(10);
	for (unsigned i = 0; i < sizeof(private); i++)
		CHECK_EQ(private[i], 1);
	for (unsigned i = 0; i < sizeof(private); i++)
		private[i] = 3;
	CHECK_EQ(child_end(child), EXITED(7));
	CHECK_EQ(private[0], 3);
}

static int child_shares(void *argument)
{
	volatile char *shared = argument;
	if (shared[PAGE] != 'p')
		return 1;
	shared[0] = 'c';
	return 0;
}

TEST(memory_objects_are_shared_and_copied)
{
	uint64_t made = gila_memory_create(2 * PAGE);
	CHECK_EQ(made >> 32, 0);
	mach_port_t memory = (mach_port_t)made;
	mach_vm_address_t shared = 0, copy = 0;
	CHECK_EQ(gila_memory_map(memory, &shared, 2 * PAGE, 0, READ | WRITE, 0), KERN_SUCCESS);
	CHECK_EQ(gila_memory_map(memory, &copy, 2 * PAGE, 0, READ | WRITE, MEMORY_MAP_COPY), KERN_SUCCESS);
	volatile char *s = (volatile char *)shared, *c = (volatile char *)copy;
	s[PAGE] = 'p';
	CHECK_EQ(c[PAGE], 'p'); // not written yet, so it is the object's
	c[PAGE] = 'x';
	CHECK_EQ(s[PAGE], 'p');
	CHECK_EQ(child_run(child_shares, (void *)shared), EXITED(0));
	CHECK_EQ(s[0], 'c');
	char bytes[2] = {0};
	CHECK_EQ(gila_memory_read(memory, 0, bytes, 1), KERN_SUCCESS);
	CHECK_EQ(bytes[0], 'c');
	CHECK_EQ(gila_memory_write(memory, PAGE, "w", 1), KERN_SUCCESS);
	CHECK_EQ(s[PAGE], 'w');
	CHECK_EQ(gila_memory_unmap(shared, 2 * PAGE), KERN_SUCCESS);
	CHECK_EQ(child_run(read_from, (void *)shared), DIED_BY(11));
	CHECK_EQ(c[PAGE], 'x');
}
