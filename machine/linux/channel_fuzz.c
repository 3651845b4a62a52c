// SPDX-License-Identifier: MIT
// Fuzz target: the trap channel as a hostile client writes it. The kernel runs in this process on one worker; a child
// process checks in, makes some threads and does nothing; the fuzzer writes into its channel what the input says, at any
// time, also while the kernel answers. After each input a plain trap of an honest slot must be answered in time.
//
// Input: records of an opcode byte and its operands, see step(). Missing bytes read as 0.
#include "machine.h"

#include <abi/trap_numbers.h>
#include <errno.h>
#include <gila/fuzz.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 3
#define HONEST_SLOT (CHANNEL_SLOTS - 1)
#define HOSTILE_SLOTS 256u // few, so that records meet
#define PATIENCE 5000      // ms

static char socket_path[64];
static struct victim {
	pid_t pid;
	uint32_t tids[THREADS + 1]; // shared with the child
} *victim;
static struct process *process;
static struct channel *channel;

static void nap(long nanoseconds)
{
	struct timespec time = {0, nanoseconds};
	nanosleep(&time, NULL);
}

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "channel_fuzz: %s\n", what);
	abort();
}

static void *kernel_main(void *argument)
{
	static struct linux_options options = {.workers = 1};
	options.socket = socket_path;
	exit(linux_boot(&options));
}

// ---- The client ----------------------------------------------------------------------------------------------------

static int client_thread(void *argument)
{
	*(uint32_t *)argument = (uint32_t)syscall(SYS_gettid);
	for (;;)
		pause();
	return 0;
}

static _Noreturn void client_main(void)
{
	static char stacks[THREADS][8192];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	struct channel_hello hello = {.kind = CHANNEL_HELLO, .version = CHANNEL_VERSION, .name = "victim"};
	int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	signal(s2c_signal(), SIG_IGN);
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	for (int i = 0; i < THREADS; i++)
		clone(client_thread, stacks[i] + sizeof(stacks[i]), flags, &victim->tids[i]);
	victim->tids[THREADS] = (uint32_t)getpid();
	while (connect(file, (struct sockaddr *)&address, sizeof(address)) < 0)
		nap(1000000);
	send(file, &hello, sizeof(hello), 0);
	for (;;)
		pause();
}

// A victim that has checked in; a new one if the last input was the end of it.
static void victim_ready(void)
{
	if (process) {
		md_lock_acquire(&process->lock);
		bool live = process->state == PROCESS_LIVE && process->channel == channel;
		md_lock_release(&process->lock);
		if (live)
			return;
		channel_release(channel);
		process_release(process);
		kill(victim->pid, SIGKILL);
		waitpid(victim->pid, NULL, 0);
		process = NULL;
	}
	memset(victim, 0, sizeof(*victim));
	pid_t pid = fork();
	if (pid == 0)
		client_main();
	victim->pid = pid;
	for (int i = 0; i < PATIENCE * 10; i++, nap(100000)) {
		process = process_find(pid);
		if (!process)
			continue;
		md_lock_acquire(&process->lock);
		channel = process->channel;
		if (channel)
			atomic_fetch_add(&channel->references, 1);
		md_lock_release(&process->lock);
		if (channel)
			return;
		process_release(process);
	}
	fail("the victim does not check in");
}

// ---- What the input does -------------------------------------------------------------------------------------------

struct input {
	const uint8_t *data;
	size_t size;
};

static uint64_t take(struct input *input, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes && input->size > 0; i++, input->size--)
		value |= (uint64_t)*input->data++ << 8 * i;
	return value;
}

static void ring(void)
{
	uint64_t one = 1;
	if (write(channel->doorbell, &one, sizeof(one)) < 0 && errno != EAGAIN)
		fail("the doorbell is gone");
}

static void set_pending(unsigned slot)
{
	atomic_fetch_or(&channel->header->pending[slot / 64], 1ull << slot % 64);
	atomic_fetch_or(&channel->header->summary[slot / 4096], 1ull << slot / 64 % 64);
}

static void call(struct channel_slot *slot, struct input *input)
{
	slot->number = (uint32_t)take(input, 1);
	for (unsigned i = 0; i < 4; i++)
		slot->arguments[i] = take(input, 2);
	slot->in_size = (uint32_t)take(input, 2);
	slot->out_size = (uint32_t)take(input, 2);
	slot->in_address = slot->out_address = slot->arguments[0];
}

static void step(struct input *input)
{
	unsigned opcode = (unsigned)take(input, 1), index = (unsigned)take(input, 1) % HOSTILE_SLOTS;
	struct channel_slot *slot = channel_slot(channel, index);
	switch (opcode % 8) {
	case 0: { // any bytes anywhere in the slot
		unsigned offset = (unsigned)take(input, 1) & ~7u;
		memcpy((char *)slot + offset, &(uint64_t){take(input, 8)}, 8);
		break;
	}
	case 1: // a trap as a client might ask for it
		call(slot, input);
		break;
	case 2: // ring, with any state
		slot->tid = victim->tids[take(input, 1) % (THREADS + 1)];
		atomic_store(&slot->state, (uint32_t)take(input, 2));
		set_pending(index);
		ring();
		break;
	case 3: // bits of slots that nobody prepared
		atomic_fetch_or(&channel->header->pending[index % 4], take(input, 8));
		atomic_fetch_or(&channel->header->summary[index % 4], take(input, 1));
		ring();
		break;
	case 4: // the body
		memcpy((char *)channel_body(channel, index) + take(input, 1) * 8, &(uint64_t){take(input, 8)}, 8);
		break;
	case 5:
		atomic_store(&channel->header->polled, (uint32_t)take(input, 1));
		break;
	case 6: // a well-formed ring
		slot->tid = victim->tids[index % (THREADS + 1)];
		slot->token = 0;
		call(slot, input);
		atomic_store(&slot->state, CHANNEL_RUNG);
		set_pending(index);
		ring();
		break;
	default:
		nap((long)index * 100);
		break;
	}
}

// The kernel answers a plain trap still.
static void check_service(void)
{
	struct channel_slot *slot = channel_slot(channel, HONEST_SLOT);
	memset(slot, 0, sizeof(*slot));
	slot->tid = (uint32_t)victim->pid;
	slot->number = TRAP_null;
	atomic_store(&slot->state, CHANNEL_RUNG);
	set_pending(HONEST_SLOT);
	ring();
	for (int i = 0; i < PATIENCE * 20; i++, nap(50000)) {
		if (atomic_load(&slot->state) != CHANNEL_RUNG)
			return;
		if (process->state != PROCESS_LIVE) // the input killed it, as is its right
			return;
	}
	fail("the kernel does not answer any more");
}

static char directory[] = "/tmp/gila-fuzz-XXXXXX";

static void cleanup(void)
{
	kill(victim->pid, SIGKILL);
	unlink(socket_path);
	rmdir(directory);
}

static void start(void)
{
	if (!mkdtemp(directory))
		fail("no directory for the socket");
	atexit(cleanup);
	snprintf(socket_path, sizeof(socket_path), "%s/s", directory);
	victim = mmap(NULL, MD_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cpu_enter(MD_CPU_LIMIT - 1); // for the kernel's checks: it frees channels, as a CPU would
	pthread_t kernel;
	pthread_create(&kernel, NULL, kernel_main, NULL);
}

int fuzz_channel(const uint8_t *data, size_t size);
int fuzz_channel(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	if (!victim)
		start();
	victim_ready();
	while (input.size > 0)
		step(&input);
	check_service();
	return 0;
}
FUZZ_TARGET(fuzz_channel)
