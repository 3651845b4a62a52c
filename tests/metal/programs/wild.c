// SPDX-License-Identifier: MIT
// Tasks that run wild: each test lets one do its worst, while another one, the calm task, sleeps a millisecond at a time, touches a fresh
// page each time and looks at the clock. It notes how late it woke, which is printed; that it ever died or stood still is a failure.
#include "suite.h"

#include <gila/memory.h>
#include <mach/message.h>

#define MIB UINT64_C(0x100000)

// ---- The calm task -------------------------------------------------------------------------------------------------

struct calm {
	_Atomic uint64_t wakes, worst_ns, sum_ns;
	_Atomic uint32_t over, failed;
};
static struct calm *calm;
static struct child calm_child;

static int be_calm(void *argument)
{
	struct calm *note = argument;
	while (!atomic_load(&note->over)) {
		uint64_t before = now_ns(), page = pages_make(1);
		if (page) {
			*(volatile char *)page = 1;
			if (kernelrpc_mach_vm_deallocate_trap(self_task(), page, PAGE) != KERN_SUCCESS)
				page = 0;
		}
		if (!page)
			atomic_fetch_add(&note->failed, 1);
		sleep_ms(1);
		uint64_t late = now_ns() - before - 1000000;
		if (late > atomic_load(&note->worst_ns))
			atomic_store(&note->worst_ns, late);
		atomic_fetch_add(&note->sum_ns, late);
		atomic_fetch_add(&note->wakes, 1);
	}
	return 77;
}

static bool calm_begin(void)
{
	mach_vm_address_t address = 0;
	if (!calm && gila_memory_map((mach_port_t)gila_memory_create(PAGE), &address, PAGE, 0, 3, 0) == KERN_SUCCESS)
		calm = (struct calm *)address;
	if (!calm)
		return false;
	*calm = (struct calm){.wakes = 0};
	calm_child = child_start(be_calm, calm);
	return calm_child.port != MACH_PORT_NULL;
}

static bool calm_end(const char *beside)
{
	uint64_t before = atomic_load(&calm->wakes), start = now_ns();
	while (atomic_load(&calm->wakes) < before + 5 && now_ns() - start < UINT64_C(10000000000))
		sleep_ms(1); // it still goes on
	atomic_store(&calm->over, 1);
	uint32_t end = child_end(calm_child);
	uint64_t wakes = atomic_load(&calm->wakes);
	say(beside);
	say_number("  the calm task woke late by us, on average: ", wakes ? atomic_load(&calm->sum_ns) / wakes / 1000 : 0);
	say_number("  at worst: ", atomic_load(&calm->worst_ns) / 1000);
	return end == EXITED(77) && wakes >= before + 5 && atomic_load(&calm->failed) == 0;
}

// ---- Instructions --------------------------------------------------------------------------------------------------

// Executes the bytes that the argument says, with all registers 0 but rsp, then what is no instruction.
static int execute(void *argument)
{
	uint64_t code = (uint64_t)argument, page = pages_make(1);
	uint8_t *bytes = (uint8_t *)page;
	memset(bytes, 0x0b, PAGE);
	for (unsigned i = 0; i + 1 < 64; i += 2)
		bytes[i] = 0x0f; // ud2
	for (unsigned i = 0; i < 3; i++)
		bytes[i] = (uint8_t)(code >> 8 * i);
	if (pages_protect(page, 1, 5) != KERN_SUCCESS)
		return 1;
	__asm__ volatile("xorl %%ebx, %%ebx; xorl %%ecx, %%ecx; xorl %%edx, %%edx; xorl %%esi, %%esi; xorl %%edi, %%edi\n\t"
			 "xorl %%r8d, %%r8d; xorl %%r9d, %%r9d; xorl %%r10d, %%r10d; xorl %%r12d, %%r12d; jmp *%%rax"
			 : : "a"(page) : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r12", "memory");
	return 2;
}

// It ended by itself, or went on for ever and was ended.
static bool execute_ends(uint64_t code)
{
	struct child child = child_start(execute, (void *)code);
	return child.port && child_end_within(child, 300) != NOT_ENDED;
}

static unsigned execute_all(uint64_t low, unsigned shift)
{
	unsigned broken = 0;
	for (uint64_t i = 0; i < 256; i++)
		if (!execute_ends(low | i << shift)) {
			say_number("opcode that was not survived: ", low | i << shift);
			broken++;
		}
	return broken;
}

TEST(wild_every_instruction_of_one_byte)
{
	CHECK(calm_begin());
	CHECK_EQ(execute_all(0, 0), 0);
	CHECK(calm_end("every one-byte opcode"));
}

TEST(wild_every_instruction_of_two_bytes)
{
	CHECK(calm_begin());
	CHECK_EQ(execute_all(0x0f, 8), 0);
	CHECK(calm_end("every two-byte opcode"));
}

TEST(wild_every_instruction_of_the_system_groups)
{
	static const uint32_t groups[] = {0x000f, 0x010f, 0xc70f, 0xae0f, 0x220f}; // Intel SDM volume 2, table A-6
	CHECK(calm_begin());
	for (unsigned i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		CHECK_EQ(execute_all(groups[i], 16), 0);
	CHECK(calm_end("every opcode of the groups of system instructions"));
}

// ---- Traps ---------------------------------------------------------------------------------------------------------

struct random {
	uint64_t state;
};

static uint64_t roll(struct random *random)
{
	uint64_t x = random->state += UINT64_C(0x9e3779b97f4a7c15); // splitmix64
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

// A number that traps may take for a pointer, a name, a size, flags, or a time.
static uint64_t argument_of(struct random *random, uint64_t page)
{
	static const uint64_t edges[] = {0, 1, 8, 0xfff, 0x1000, 0x7fffffff, 0xffffffff, 0x7ffffffff000, 0x7fffffffffff,
					 0x800000000000, 0xffff800000100000, 0xffffffff80108000, UINT64_MAX, UINT64_MAX - 7, 1 << 20};
	switch (roll(random) % 6) {
	case 0:
		return page + roll(random) % (2 * PAGE); // good, or over its end
	case 1:
		return roll(random) % 64;
	case 2:
		return (roll(random) % 40) << 8 | 3; // as names are made
	case 3:
		return self_task();
	case 4:
		return roll(random);
	default:
		return edges[roll(random) % (sizeof(edges) / sizeof(edges[0]))];
	}
}

// These do what they promise: end the thread or task, make another one, fill the log.
static bool is_left_out(uint64_t number)
{
	return number == 100 || number == 101 || number == 103 || number == 107 || number == 108;
}

static int trap_at_random(void *argument)
{
	struct random random = {(uint64_t)argument};
	uint64_t page = pages_make(1);
	for (unsigned i = 0; i < 400; i++) {
		uint64_t number = roll(&random) % 170, a[9];
		*(uint64_t *)(page + roll(&random) % (PAGE - 8)) = roll(&random);
		for (unsigned j = 0; j < 9; j++)
			a[j] = argument_of(&random, page);
		if (!is_left_out(number))
			(void)gila_trap(number, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]);
	}
	return 5;
}

// The word seed=N of the command line, or another number each time.
static uint64_t seed_of_words(void)
{
	for (uint64_t i = 1; i < start_stack[0]; i++) {
		const char *word = (const char *)start_stack[1 + i], *key = "seed=";
		while (*key && *word == *key)
			word++, key++;
		uint64_t seed = 0;
		for (; !*key && *word >= '0' && *word <= '9'; word++)
			seed = seed * 10 + (uint64_t)(*word - '0');
		if (!*key)
			return seed;
	}
	return now_ns();
}

TEST(wild_traps_at_random)
{
	uint64_t seed = seed_of_words();
	unsigned ended = 0;
	CHECK(calm_begin());
	say_number("traps at random, seed ", seed);
	for (unsigned i = 0; i < 60; i++) {
		struct child child = child_start(trap_at_random, (void *)(seed + i)); // NOLINT
		CHECK(child.port);
		ended += child_end_within(child, 100) == EXITED(5);
	}
	say_number("  of 60 tasks came to their end by themselves: ", ended);
	CHECK(calm_end("traps at random"));
}

// ---- Memory --------------------------------------------------------------------------------------------------------

static int touch_all(void *argument)
{
	for (;;) {
		char *memory = (char *)pages_make(MIB / PAGE);
		for (uint64_t i = 0; memory && i < MIB; i += PAGE)
			memory[i] = 1;
	}
	return 0;
}

static int touch_objects(void *argument)
{
	for (;;) {
		mach_vm_address_t at = 0;
		uint64_t memory = gila_memory_create(4 * MIB);
		if (memory >> 32 || gila_memory_map((mach_port_t)memory, &at, 4 * MIB, 0, 3, 0) != KERN_SUCCESS)
			return 6;
		for (uint64_t i = 0; i < 4 * MIB; i += PAGE)
			((char *)at)[i] = 1;
	}
}

// A page in each 2 MiB, so that there is a page table for each.
static int touch_far_apart(void *argument)
{
	for (uint64_t at = UINT64_C(1) << 40;; at += 2 * MIB) {
		mach_vm_address_t address = at;
		if (kernelrpc_mach_vm_allocate_trap(self_task(), &address, PAGE, 0) != KERN_SUCCESS)
			return 6;
		*(volatile char *)address = 1;
		if (kernelrpc_mach_vm_deallocate_trap(self_task(), address, PAGE) != KERN_SUCCESS)
			return 7;
	}
}

// Pages that were shared by a clone are copied, one by one.
static int touch_shared(void *argument)
{
	char *memory = (char *)pages_make(64 * MIB / PAGE);
	for (uint64_t i = 0; i < 64 * MIB; i += PAGE)
		memory[i] = 1;
	while ((uint32_t)gila_task_clone() == 0)
		for (uint64_t i = 0; i < 64 * MIB; i += PAGE)
			memory[i] = 2;
	for (uint64_t i = 0; i < 64 * MIB; i += PAGE)
		memory[i] = 3;
	return 6;
}

static bool hogs(int (*function)(void *argument), unsigned count)
{
	struct child children[6];
	bool fine = true;
	for (unsigned i = 0; i < count; i++)
		children[i] = child_start(function, NULL);
	for (unsigned i = 0; i < count; i++) {
		uint32_t end = child_end(children[i]);
		if (end != DIED_BY(11) && end != EXITED(6) && end != GONE) {
			say_number("a hog's end: ", end);
			fine = false;
		}
	}
	// All of it is there again.
	char *memory = (char *)pages_make(32 * MIB / PAGE);
	for (uint64_t i = 0; memory && i < 32 * MIB; i += PAGE)
		memory[i] = 1;
	return fine && memory && kernelrpc_mach_vm_deallocate_trap(self_task(), (uint64_t)memory, 32 * MIB) == KERN_SUCCESS;
}

TEST(wild_memory)
{
	CHECK(calm_begin());
	CHECK(hogs(touch_all, 1));
	CHECK(hogs(touch_all, 4));
	CHECK(calm_end("all memory, touched by 1 task and by 4"));
	CHECK(calm_begin());
	CHECK(hogs(touch_objects, 1));
	CHECK(hogs(touch_objects, 3));
	CHECK(calm_end("all memory, in memory objects"));
	CHECK(calm_begin());
	CHECK(hogs(touch_far_apart, 2));
	CHECK(calm_end("all memory, in page tables"));
	CHECK(calm_begin());
	CHECK(hogs(touch_shared, 1));
	CHECK(calm_end("all memory, copied on write"));
}

// ---- Kernel objects ------------------------------------------------------------------------------------------------

static int make_ports(void *argument)
{
	uint64_t count = 0;
	while (mach_reply_port() != MACH_PORT_NULL)
		count++;
	say_number("  ports: ", count);
	return 6;
}

struct letter {
	mach_msg_header_t header;
	char text[2048];
};

// To ports of its own that nobody receives at.
static int send_for_ever(void *argument)
{
	static struct letter letter;
	uint64_t count = 0;
	for (;;) {
		mach_port_name_t port = mach_reply_port();
		letter.header = (mach_msg_header_t){.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
						    .msgh_size = sizeof(letter), .msgh_remote_port = port};
		unsigned sent = 0;
		while (port && mach_msg_trap(&letter.header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(letter), 0, 0, 0, 0) ==
			       MACH_MSG_SUCCESS)
			sent++;
		count += sent;
		if (sent == 0)
			break;
	}
	say_number("  messages of 2 KiB: ", count);
	return 6;
}

static void sleep_for_ever(void *argument)
{
	for (;;)
		sleep_ms(100000);
}

static int make_threads(void *argument)
{
	uint64_t wanted = (uint64_t)argument, count = 0;
	while (count < wanted && thread_run(sleep_for_ever, NULL))
		count++;
	say_number("  threads: ", count);
	return 6;
}

static int make_tasks(void *argument)
{
	uint64_t count = 0;
	for (;;) {
		uint64_t result = gila_task_clone();
		if (result >> 32)
			break;
		if ((uint32_t)result == 0)
			sleep_for_ever(NULL);
		count++;
	}
	say_number("  tasks: ", count);
	return 6;
}

TEST(wild_ports_and_messages)
{
	CHECK(calm_begin());
	CHECK(hogs(make_ports, 1));
	CHECK(calm_end("ports until there are no more"));
	CHECK(calm_begin());
	CHECK(hogs(send_for_ever, 1));
	CHECK(calm_end("messages until there are no more"));
}

TEST(wild_threads)
{
	CHECK(calm_begin());
	CHECK_EQ(child_run(make_threads, (void *)10000), EXITED(6));
	CHECK(calm_end("10,000 threads"));
}

// Those that it made outlive it, and are ended here by their ids.
TEST(wild_tasks)
{
	CHECK(calm_begin());
	struct child child = child_start(make_tasks, NULL);
	CHECK(child.port);
	CHECK(child_end_within(child, 20000) != NOT_ENDED);
	unsigned ended = 0;
	for (uint32_t id = child.id + 1; id < child.id + 5000; id++) {
		mach_port_t task = MACH_PORT_NULL;
		if (task_for_pid(self_task(), (int)id, &task) == KERN_SUCCESS && task) {
			ended += gila_task_terminate(task) == KERN_SUCCESS;
			(void)kernelrpc_mach_port_deallocate_trap(self_task(), task);
		}
	}
	say_number("  tasks that were left: ", ended);
	CHECK(ended > 100);
	CHECK(calm_end("tasks until there are no more"));
}
