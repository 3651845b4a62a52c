// SPDX-License-Identifier: MIT
// Threads and turns: registers are kept, whatever happens in between; nobody who computes keeps others from running.
#include "suite.h"

#include <gila/memory.h>
#include <mach/message.h>

#define SPIN_MS 60

// Registers that C does not use here change hands only if the kernel loses them.
static int keeps_registers(void *argument)
{
	uint64_t seed = (uint64_t)argument, end = now_ns() + SPIN_MS * UINT64_C(1000000);
	uint64_t low[2] = {seed, ~seed}, out[2];
	do {
		uint64_t bad = 0;
		__asm__ volatile("movdqu (%1), %%xmm5; movdqu (%1), %%xmm15; movq %2, %%r12; movq %2, %%r15\n\t"
				 "movl $20000, %%ecx\n"
				 "1: decl %%ecx; jnz 1b\n\t"
				 "movl $0x1000000, %%eax; syscall\n\t" // the null trap
				 "movl $20000, %%ecx\n"
				 "2: decl %%ecx; jnz 2b\n\t"
				 "cmpq %2, %%r12; setne %b0; cmpq %2, %%r15; setne %%cl; orb %%cl, %b0\n\t"
				 "pxor %%xmm5, %%xmm15; movdqu %%xmm15, (%3)"
				 : "+&q"(bad)
				 : "r"(low), "r"(seed), "r"(out)
				 : "rax", "rcx", "r11", "r12", "r15", "xmm5", "xmm15", "memory");
		if (bad || out[0] || out[1])
			return 1;
	} while (now_ns() < end);
	return 0;
}

TEST(registers_are_kept_across_turns)
{
	struct child children[6];
	for (uint64_t i = 0; i < 6; i++) {
		children[i] = child_start(keeps_registers, (void *)(0x0123456789abcdef * (i + 1)));
		CHECK(children[i].port);
	}
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQ(child_end(children[i]), EXITED(0));
}

// FS and GS base belong to the thread (FSGSBASE, AT_HWCAP2).
static int keeps_bases(void *argument)
{
	uint64_t fs = (uint64_t)argument << 20, gs = fs + 4096, end = now_ns() + SPIN_MS * UINT64_C(1000000);
	__asm__ volatile("wrfsbase %0; wrgsbase %1" : : "r"(fs), "r"(gs));
	do {
		uint64_t a, b;
		gila_null();
		for (volatile int i = 0; i < 20000; i++)
			continue;
		__asm__ volatile("rdfsbase %0; rdgsbase %1" : "=r"(a), "=r"(b));
		if (a != fs || b != gs)
			return 1;
	} while (now_ns() < end);
	return 0;
}

TEST(segment_bases_are_kept_across_turns)
{
	CHECK(start_auxiliary(26) & 2); // what QEMU's "max" has
	struct child children[4];
	for (uint64_t i = 0; i < 4; i++)
		children[i] = child_start(keeps_bases, (void *)(i + 1));
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(child_end(children[i]), EXITED(0));
}

static int spins(void *argument)
{
	while (!argument)
		__asm__ volatile("pause");
	return 0;
}

TEST(who_computes_for_ever_stops_nobody)
{
	struct child children[6];
	for (unsigned i = 0; i < 6; i++)
		children[i] = child_start(spins, NULL);
	uint64_t worst = 0, start = now_ns();
	for (unsigned i = 0; i < 20; i++) {
		uint64_t before = now_ns();
		sleep_ms(1);
		uint64_t late = now_ns() - before - 1000000;
		worst = late > worst ? late : worst;
	}
	say_number("beside 6 tasks that compute for ever, us that a sleeper woke late at worst: ", worst / 1000);
	CHECK(now_ns() - start < UINT64_C(5000000000));
	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQ(gila_task_terminate(children[i].port), KERN_SUCCESS);
		uint32_t end = child_end(children[i]);
		CHECK(end == GILA_DEATH_PROTOCOL * 1000 || end == GONE);
	}
}

static _Atomic uint64_t *progress; // shared by clones

static int counts_for_ever(void *argument)
{
	for (;;)
		atomic_fetch_add(&progress[(uint64_t)argument], 1);
	return 0;
}

static int traps_for_ever(void *argument)
{
	for (;;)
		(void)swtch();
	return 0;
}

// Those that trap without an end come from the kernel all the time, and the sleeper's turns cut those of all others short.
TEST(nobody_waits_for_ever)
{
	mach_vm_address_t address = 0;
	CHECK_EQ(gila_memory_map((mach_port_t)gila_memory_create(PAGE), &address, PAGE, 0, 3, 0), KERN_SUCCESS);
	progress = (_Atomic uint64_t *)address;
	struct child children[7];
	for (uint64_t i = 0; i < 7; i++)
		children[i] = child_start(i < 5 ? counts_for_ever : traps_for_ever, (void *)i);
	for (unsigned round = 0; round < 3; round++) {
		uint64_t before[5], start = now_ns();
		unsigned waiting = 5;
		for (unsigned i = 0; i < 5; i++)
			before[i] = atomic_load(&progress[i]);
		while (waiting > 0 && now_ns() - start < UINT64_C(3000000000)) {
			sleep_ms(1);
			waiting = 0;
			for (unsigned i = 0; i < 5; i++)
				waiting += atomic_load(&progress[i]) == before[i];
		}
		CHECK_EQ(waiting, 0);
	}
	for (unsigned i = 0; i < 7; i++) {
		CHECK_EQ(gila_task_terminate(children[i].port), KERN_SUCCESS);
		(void)child_end(children[i]);
	}
}

static _Atomic unsigned counter, ready;
static _Atomic uint64_t place;

static void counts(void *argument)
{
	for (uint64_t i = 0; i < (uint64_t)argument; i++) {
		atomic_fetch_add(&counter, 1);
		if (i % 64 == 0)
			(void)swtch();
	}
	atomic_fetch_add(&ready, 1);
	thread_end();
}

TEST(threads_share_memory_and_end)
{
	atomic_store(&counter, 0);
	atomic_store(&ready, 0);
	for (unsigned i = 0; i < 8; i++)
		CHECK(thread_run(counts, (void *)2000));
	for (unsigned i = 0; i < 2000 && atomic_load(&ready) < 8; i++)
		sleep_ms(1);
	CHECK_EQ(atomic_load(&ready), 8);
	CHECK_EQ(atomic_load(&counter), 16000);
}

// What one thread unmaps is gone for those that run on other CPUs.
static void touches(void *argument)
{
	atomic_fetch_add(&ready, 1);
	for (;;)
		*(volatile char *)atomic_load(&place) = 1;
}

static int unmaps_under_others(void *argument)
{
	uint64_t memory = pages_make(1), other = pages_make(1);
	atomic_store(&ready, 0);
	atomic_store(&place, memory);
	for (unsigned i = 0; i < 3; i++)
		if (!thread_run(touches, NULL))
			return 1;
	while (atomic_load(&ready) < 3)
		sleep_ms(1);
	sleep_ms(5);
	atomic_store(&place, other);
	sleep_ms(30); // all are at the other page now
	if (kernelrpc_mach_vm_deallocate_trap(self_task(), memory, PAGE) != KERN_SUCCESS)
		return 2;
	sleep_ms(5);
	if (pages_protect(other, 1, 1) != KERN_SUCCESS)
		return 3;
	for (;;)
		sleep_ms(1000); // their writes end this task
}

TEST(what_is_protected_is_so_on_all_cpus)
{
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQ(child_run(unmaps_under_others, NULL), DIED_BY(11));
}

static void waits(void *argument)
{
	atomic_fetch_add(&ready, 1);
	for (;;)
		__asm__ volatile("movq %0, %%r13; 1: pause; jmp 1b" : : "r"(UINT64_C(0x5eed)) : "r13");
}

static void jumped_to(void *argument)
{
	atomic_store(&place, (uint64_t)argument);
	thread_end();
}

TEST(registers_of_others_are_read_and_set)
{
	atomic_store(&ready, 0);
	atomic_store(&place, 0);
	mach_port_t thread = thread_run(waits, NULL);
	CHECK(thread);
	while (atomic_load(&ready) == 0)
		sleep_ms(1);
	sleep_ms(5);
	x86_thread_state64_t state;
	mach_msg_type_number_t count = x86_THREAD_STATE64_COUNT;
	CHECK_EQ(gila_thread_get_state(thread, x86_THREAD_STATE64, (natural_t *)&state, &count), KERN_SUCCESS);
	CHECK_EQ(state.__r13, 0x5eed);
	state.__rip = (uint64_t)jumped_to;
	state.__rdi = 77;
	state.__rflags |= 0x3000; // IOPL is not the user's to set
	CHECK_EQ(gila_thread_set_state(thread, x86_THREAD_STATE64, (const natural_t *)&state, x86_THREAD_STATE64_COUNT),
		 KERN_SUCCESS);
	for (unsigned i = 0; i < 1000 && atomic_load(&place) != 77; i++)
		sleep_ms(1);
	CHECK_EQ(atomic_load(&place), 77);
	state.__rip = UINT64_C(0xffffffff80000000);
	(void)gila_thread_set_state(thread, x86_THREAD_STATE64, (const natural_t *)&state, x86_THREAD_STATE64_COUNT);
}

// A message to another task and back, as often as it takes to go round all CPUs.
struct message {
	mach_msg_header_t header;
	uint64_t number;
	char trailer[128];
};

TEST(messages_go_round)
{
	mach_port_name_t port = mach_reply_port();
	struct message message;
	for (uint64_t i = 0; i < 1000; i++) {
		message = (struct message){.header = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
						      .msgh_size = offsetof(struct message, trailer),
						      .msgh_remote_port = port},
					   .number = i};
		CHECK_EQ(mach_msg_trap(&message, MACH_SEND_MSG | MACH_RCV_MSG, offsetof(struct message, trailer),
				       sizeof(message), port, 0, 0),
			 MACH_MSG_SUCCESS);
		CHECK_EQ(message.number, i);
	}
}

// Two threads that call each other for ever, one that computes: a message takes the CPU along, but not for longer than a turn. What is
// only in registers goes with its thread.
static mach_port_name_t called;
static _Atomic unsigned calls, computed, lost;

static mach_msg_return_t exchange(struct message *message, mach_port_name_t port, uint64_t mark)
{
	uint64_t marks[2] = {mark, ~mark}, after[2];
	register uint64_t r10 __asm__("r10") = sizeof(*message), r8 __asm__("r8") = port, r9 __asm__("r9") = 0;
	uint64_t result = 0x100001f; // mach_msg_trap
	__asm__ volatile("movdqu (%[marks]), %%xmm7\n\t"
			 "movq %[mark], %%r12\n\t"
			 "syscall\n\t"
			 "movdqu %%xmm7, (%[after])\n\t"
			 "xorq %[mark], %%r12\n\t"
			 "orq %%r12, (%[after])"
			 : "+a"(result)
			 : "D"(message), "S"((uint64_t)(MACH_SEND_MSG | MACH_RCV_MSG)), "d"(offsetof(struct message, trailer)), "r"(r10), "r"(r8), "r"(r9),
			   [marks] "r"(marks), [after] "r"(after), [mark] "r"(mark)
			 : "rcx", "r11", "r12", "xmm7", "memory");
	if (after[0] != marks[0] || after[1] != marks[1])
		atomic_fetch_add(&lost, 1);
	return (mach_msg_return_t)result;
}

static void answers(void *argument)
{
	struct message message;
	mach_msg_return_t result = mach_msg_trap(&message, MACH_RCV_MSG, 0, sizeof(message), called, 0, 0);
	while (result == MACH_MSG_SUCCESS) {
		message.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		message.header.msgh_local_port = MACH_PORT_NULL;
		message.number++;
		result = exchange(&message, called, 0x1111111111111111);
	}
	thread_end();
}

static void asks(void *argument)
{
	struct message message;
	mach_port_name_t reply = mach_reply_port();
	for (uint64_t i = 0;; i++) {
		message = (struct message){
			.header = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
				   .msgh_remote_port = called,
				   .msgh_local_port = reply},
			.number = i,
		};
		if (exchange(&message, reply, 0x2222222222222222) != MACH_MSG_SUCCESS || message.number != i + 1)
			break;
		atomic_fetch_add(&calls, 1);
	}
	thread_end();
}

static void computes(void *argument)
{
	for (;;)
		atomic_fetch_add(&computed, 1);
}

static mach_msg_return_t ask(struct message *message, mach_port_name_t reply, uint64_t number, mach_msg_option_t option)
{
	*message = (struct message){
		.header = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
			   .msgh_remote_port = called,
			   .msgh_local_port = reply},
		.number = number,
	};
	return mach_msg_trap(message, option, offsetof(struct message, trailer), sizeof(*message), reply, 0, 0);
}

// A thread waits as a quick message has let it, its registers are changed: the next message is not for those. One at an address that
// is none is no message.
TEST(registers_of_a_receiver_are_set)
{
	struct message message;
	mach_port_name_t reply = mach_reply_port();
	called = mach_reply_port();
	CHECK_EQ(kernelrpc_mach_port_insert_right_trap(self_task(), called, called, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	mach_port_t thread = thread_run(answers, NULL);
	CHECK(thread);
	for (uint64_t i = 0; i < 10; i++) {
		CHECK_EQ(ask(&message, reply, i, MACH_SEND_MSG | MACH_RCV_MSG), MACH_MSG_SUCCESS);
		CHECK_EQ(message.number, i + 1);
	}
	for (unsigned i = 0; i < 4; i++) {
		uint64_t address = (uint64_t[]){8, UINT64_C(0x7ffffffffff8), UINT64_C(0x800000000000), UINT64_C(0xffffffff80000000)}[i];
		CHECK_EQ(mach_msg_trap((void *)address, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(mach_msg_header_t), 64, reply, 0, 0),
			 MACH_SEND_INVALID_DATA);
	}
	sleep_ms(5);
	x86_thread_state64_t state;
	mach_msg_type_number_t count = x86_THREAD_STATE64_COUNT;
	CHECK_EQ(gila_thread_get_state(thread, x86_THREAD_STATE64, (natural_t *)&state, &count), KERN_SUCCESS);
	CHECK_EQ(state.__r12, 0x1111111111111111);
	atomic_store(&place, 0);
	state.__rip = (uint64_t)jumped_to;
	state.__rdi = 88;
	state.__rsp = ((state.__rsp - 512) & ~UINT64_C(15)) - 8;
	CHECK_EQ(gila_thread_set_state(thread, x86_THREAD_STATE64, (const natural_t *)&state, x86_THREAD_STATE64_COUNT), KERN_SUCCESS);
	CHECK_EQ(ask(&message, reply, 99, MACH_SEND_MSG), MACH_MSG_SUCCESS);
	for (unsigned i = 0; i < 1000 && atomic_load(&place) != 88; i++)
		sleep_ms(1);
	CHECK_EQ(atomic_load(&place), 88);
}

static int calls_and_computes(void *argument)
{
	called = mach_reply_port();
	if (kernelrpc_mach_port_insert_right_trap(self_task(), called, called, MACH_MSG_TYPE_MAKE_SEND) != KERN_SUCCESS)
		return 1;
	for (unsigned i = 0; i < 4; i++) // more than there may be CPUs
		if (!thread_run(computes, NULL))
			return 2;
	if (!thread_run(answers, NULL) || !thread_run(asks, NULL))
		return 3;
	sleep_ms(50);
	for (unsigned i = 0; i < 5; i++) {
		unsigned calls_before = atomic_load(&calls), computed_before = atomic_load(&computed);
		sleep_ms(200);
		if (atomic_load(&calls) == calls_before)
			return 4;
		if (atomic_load(&computed) == computed_before)
			return 5;
	}
	return atomic_load(&lost) ? 6 : 0;
}

TEST(calls_do_not_keep_the_cpu) { CHECK_EQ(child_run(calls_and_computes, NULL), EXITED(0)); }

static int exits_at_once(void *argument) { return (int)(uint64_t)argument; }

TEST(many_tasks_come_and_go)
{
	for (uint64_t i = 0; i < 200; i++)
		CHECK_EQ(child_run(exits_at_once, (void *)(i % 100)), EXITED(i % 100));
}
