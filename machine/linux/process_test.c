// SPDX-License-Identifier: MIT
// Processes as tasks: fork, exec, clone, hostile check-ins; and what the kernel asks of clients (S2C).
#include "test_system.h"

#include <abi/task.h>
#include <abi/thread_act.h>
#include <abi/traps.h>
#include <fcntl.h>
#include <gila/memory.h>
#include <gila/seat_name.h>
#include <gila/test.h>
#include <gila/trap.h>
#include <lib/gila/hosted.h>
#include <mach/mach.h>
#include <mach/thread_status.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t *shared; // memory that all children of the test share

static bool shared_make(void)
{
	if (!shared)
		shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(shared, 0, 4096);
	return shared != MAP_FAILED;
}

static bool child_is_fine(pid_t pid)
{
	int status;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// ---- fork and exec -------------------------------------------------------------------------------------------------

static bool client_forks(void)
{
	uint32_t id = gila_task_id();
	mach_port_t port = mach_reply_port();
	MUST(id != 0 && port != MACH_PORT_NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(gila_task_id() != id && gila_task_id() != 0 && gila_trap0(0) == 0 ? 0 : 1);
	MUST(child_is_fine(pid));
	MUST(gila_task_id() == id);
	return true;
}

TEST(linux_fork_is_a_check_in)
{
	CHECK(system_start());
	unsigned before = system_descriptors();
	CHECK(system_client(client_forks));
	CHECK(system_descriptors_return(before));
}

static bool client_execs(void)
{
	char number[16];
	snprintf(number, sizeof(number), "%u", gila_task_id());
	setenv("EXECED_TASK", number, 1);
	execl("/proc/self/exe", "execed", "--no-test-has-this-name", (char *)NULL);
	return false;
}

// Runs in every start of the test program: the second half of client_execs.
__attribute__((constructor)) static void execed(void)
{
	const char *number = getenv("EXECED_TASK");
	if (number)
		_exit(gila_task_id() == (uint32_t)atoi(number) && gila_trap0(0) == 0 && mach_reply_port() ? 0 : 1);
}

TEST(linux_exec_keeps_the_task)
{
	CHECK(system_start());
	CHECK(system_client(client_execs));
}

// ---- S2C -----------------------------------------------------------------------------------------------------------

static bool client_maps(void)
{
	uint64_t made = gila_memory_create(10 * 4096);
	mach_port_t memory = (mach_port_t)made;
	MUST(made >> 32 == 0 && memory != MACH_PORT_NULL);
	MUST(gila_memory_write(memory, 5000, "hello", 6) == KERN_SUCCESS);
	mach_vm_address_t address = 0;
	MUST(gila_memory_map(memory, &address, 10 * 4096, 0, VM_PROT_READ | VM_PROT_WRITE, 0) == KERN_SUCCESS);
	char *map = (char *)(uintptr_t)address; // NOLINT
	MUST(strcmp(map + 5000, "hello") == 0);
	map[5000] = 'j';
	char back[8];
	MUST(gila_memory_read(memory, 5000, back, 6) == KERN_SUCCESS);
	MUST(strcmp(back, "jello") == 0);
	MUST(gila_memory_map(memory, &address, 4096, 0, VM_PROT_READ, MEMORY_MAP_FIXED) == KERN_NO_SPACE);
	for (int i = 0; i < 200; i++) {
		mach_vm_address_t more = 0;
		MUST(kernelrpc_mach_vm_allocate_trap(mach_task_self(), &more, 8192, VM_FLAGS_ANYWHERE) == KERN_SUCCESS);
		*(volatile char *)(uintptr_t)more = 1; // NOLINT
		MUST(kernelrpc_mach_vm_protect_trap(mach_task_self(), more, 4096, 0, VM_PROT_READ) == KERN_SUCCESS);
		MUST(kernelrpc_mach_vm_deallocate_trap(mach_task_self(), more, 8192) == KERN_SUCCESS);
	}
	return true;
}

TEST(linux_client_maps_by_its_own_trap)
{
	CHECK(system_start());
	CHECK(system_client(client_maps));
}

// Several requests to the same client at once: each is carried by one of its threads, and each must be woken.
static void *map_main(void *failed)
{
	for (int i = 0; i < 1000; i++) {
		mach_vm_address_t address = 0;
		mach_port_t memory = seat_result_name(gila_memory_create(8192));
		if (gila_memory_map(memory, &address, 8192, 0, VM_PROT_READ | VM_PROT_WRITE, 0) != KERN_SUCCESS ||
		    gila_memory_unmap(address, 8192) != KERN_SUCCESS)
			*(_Atomic bool *)failed = true;
		kernelrpc_mach_port_deallocate_trap(mach_task_self(), memory);
	}
	return NULL;
}

static bool client_maps_at_once(void)
{
	static _Atomic bool failed;
	pthread_t threads[8];
	for (int i = 0; i < 8; i++)
		MUST(pthread_create(&threads[i], NULL, map_main, &failed) == 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	MUST(!failed);
	return true;
}

TEST(linux_threads_of_one_client_map_at_once)
{
	CHECK(system_start());
	CHECK(system_client(client_maps_at_once));
}

static bool client_spins(void)
{
	shared[0] = gila_task_id();
	while (!*(volatile uint32_t *)&shared[1])
		test_nap(0);
	return gila_trap0(0) == 0;
}

static bool client_sleeps(void)
{
	shared[0] = gila_task_id();
	mach_port_t port = mach_reply_port();
	mach_msg_empty_rcv_t message;
	while (!*(volatile uint32_t *)&shared[1])
		mach_msg(&message.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(message), port, 50, 0);
	return true;
}

static bool client_maps_into_other(void)
{
	mach_port_t task;
	MUST(task_for_pid(mach_task_self(), (int)shared[0], &task) == KERN_SUCCESS);
	for (int i = 0; i < 20; i++) {
		mach_vm_address_t address = 0;
		MUST(kernelrpc_mach_vm_allocate_trap(task, &address, 16384, VM_FLAGS_ANYWHERE) == KERN_SUCCESS);
		MUST(address != 0);
		MUST(kernelrpc_mach_vm_deallocate_trap(task, address, 16384) == KERN_SUCCESS);
	}
	shared[1] = 1;
	return true;
}

TEST(linux_another_task_maps_by_signal)
{
	CHECK(system_start() && shared_make());
	pid_t spinner = system_client_start(client_spins);
	for (int i = 0; i < 1000 && !*(volatile uint32_t *)&shared[0]; i++)
		test_nap(2);
	bool mapped = system_client(client_maps_into_other);
	shared[1] = 1;
	CHECK(system_client_end(spinner));
	CHECK(mapped);
}

TEST(linux_another_task_maps_by_its_trap)
{
	CHECK(system_start() && shared_make());
	pid_t sleeper = system_client_start(client_sleeps);
	for (int i = 0; i < 1000 && !*(volatile uint32_t *)&shared[0]; i++)
		test_nap(2);
	bool mapped = system_client(client_maps_into_other);
	shared[1] = 1;
	CHECK(system_client_end(sleeper));
	CHECK(mapped);
}

static bool client_blocks_signals(void)
{
	shared[0] = gila_task_id();
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	pause();
	return true;
}

static bool client_maps_into_bad(void)
{
	mach_port_t task;
	mach_vm_address_t address = 0;
	MUST(task_for_pid(mach_task_self(), (int)shared[0], &task) == KERN_SUCCESS);
	MUST(kernelrpc_mach_vm_allocate_trap(task, &address, 16384, VM_FLAGS_ANYWHERE) != KERN_SUCCESS);
	return true;
}

TEST(linux_client_that_does_not_answer_is_killed)
{
	CHECK(system_start() && shared_make());
	pid_t bad = system_client_start(client_blocks_signals);
	for (int i = 0; i < 1000 && !*(volatile uint32_t *)&shared[0]; i++)
		test_nap(2);
	bool refused = system_client(client_maps_into_bad);
	int status = 0;
	for (int i = 0; i < 500 && waitpid(bad, &status, WNOHANG) == 0; i++)
		test_nap(10);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK(refused);
}

static bool client_clones(void)
{
	uint32_t id = gila_task_id();
	for (int i = 0; i < 3; i++) {
		uint64_t result = gila_task_clone();
		MUST(result >> 32 == 0);
		if ((uint32_t)result == 0)
			_exit(gila_task_id() != id && gila_trap0(0) == 0 ? 0 : 1);
		int status;
		MUST(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
		MUST(gila_task_id() == id);
	}
	return true;
}

TEST(linux_clone_of_a_task)
{
	CHECK(system_start());
	CHECK(system_client(client_clones));
}

// ---- Descriptors ---------------------------------------------------------------------------------------------------

// Has a pipe's end for others, and reads what comes through it.
static bool client_has_pipe(void)
{
	int ends[2];
	char text[8] = "";
	MUST(pipe2(ends, O_NONBLOCK) == 0);
	shared[2] = (uint32_t)ends[1];
	shared[0] = gila_task_id();
	for (int i = 0; i < 10000 && read(ends[0], text, 3) != 3; i++)
		test_nap(1);
	MUST(strcmp(text, "abc") == 0);
	return true;
}

static bool client_writes_pipe(void)
{
	shared[1] = gila_task_id();
	for (int i = 0; i < 5000 && !*(volatile uint32_t *)&shared[3]; i++)
		test_nap(1);
	MUST(shared[3] != 0);
	MUST(write((int)shared[3], "abc", 3) == 3);
	return true;
}

static bool descriptor_moves(bool by_client)
{
	if (!shared_make())
		return false;
	pid_t reader = system_client_start(client_has_pipe), writer = system_client_start(client_writes_pipe);
	for (int i = 0; i < 5000 && !(*(volatile uint32_t *)&shared[0] && *(volatile uint32_t *)&shared[1]); i++)
		test_nap(1);
	bool wrong = system_move_descriptor(shared[0], 77, by_client, shared[1]) == -KERN_INVALID_ARGUMENT;
	int number = system_move_descriptor(shared[0], (int)shared[2], by_client, shared[1]);
	shared[3] = number > 0 ? (uint32_t)number : 1;
	bool written = system_client_end(writer), read = system_client_end(reader);
	return number > 0 && wrong && written && read;
}

TEST(linux_descriptor_is_taken_and_given)
{
	CHECK(system_start());
	unsigned before = system_descriptors();
	CHECK(descriptor_moves(false));
	CHECK(descriptor_moves(true));
	CHECK(system_descriptors_return(before));
}

// ---- Threads that others start -------------------------------------------------------------------------------------

static _Atomic int started;

static void started_thread(uint64_t argument)
{
	if (argument == 4711 && gila_thread_id() != 0 && gila_trap0(0) == 0)
		started = 1;
	for (;;)
		pause();
}

static bool client_starts_threads(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	x86_thread_state64_t state = {
		.__rip = (uintptr_t)started_thread,
		.__rsp = (uintptr_t)stack + sizeof(stack),
		.__rdi = 4711,
	};
	mach_port_t thread = MACH_PORT_NULL;
	MUST(gila_thread_create_running(mach_task_self(), x86_THREAD_STATE64, (thread_state_t)&state,
				   x86_THREAD_STATE64_COUNT, &thread) == KERN_SUCCESS);
	MUST(thread != MACH_PORT_NULL);
	for (int i = 0; i < 5000 && !started; i++)
		test_nap(1);
	MUST(started == 1);
	x86_thread_state64_t seen;
	mach_msg_type_number_t count = x86_THREAD_STATE64_COUNT;
	MUST(gila_thread_get_state(thread, x86_THREAD_STATE64, (thread_state_t)&seen, &count) == KERN_SUCCESS);
	MUST(seen.__rip != 0 && seen.__rsp > (uintptr_t)stack && seen.__rsp < (uintptr_t)stack + sizeof(stack));
	MUST(gila_thread_terminate(thread) == KERN_SUCCESS);
	for (int i = 0; i < 5000; i++, test_nap(1))
		if (gila_thread_get_state(thread, x86_THREAD_STATE64, (thread_state_t)&seen, &count) != KERN_SUCCESS)
			return true;
	return false;
}

TEST(linux_thread_is_started_read_and_ended)
{
	CHECK(system_start());
	CHECK(system_client(client_starts_threads));
}

// ---- Hostile check-ins ---------------------------------------------------------------------------------------------

static int connect_raw(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", system_socket());
	int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (connect(file, (struct sockaddr *)&address, sizeof(address)) == 0)
		return file;
	close(file);
	return -1;
}

static uint32_t hello_answer(const void *hello, size_t size)
{
	struct channel_welcome welcome = {.kind = 0};
	int file = connect_raw();
	if (file < 0 || send(file, hello, size, MSG_NOSIGNAL) != (ssize_t)size)
		return UINT32_MAX;
	recv(file, &welcome, sizeof(welcome), 0);
	close(file);
	return welcome.kind;
}

static bool client_bad_hellos(void)
{
	struct channel_hello hello = {.kind = CHANNEL_HELLO, .version = CHANNEL_VERSION, .name = "odd\n\x01name"};
	MUST(hello_answer(&hello, 3) == CHANNEL_REFUSED); // too short
	hello.version++;
	MUST(hello_answer(&hello, sizeof(hello)) == CHANNEL_REFUSED);
	hello.version--;
	hello.token = 12345;
	MUST(hello_answer(&hello, sizeof(hello)) == CHANNEL_REFUSED);
	for (int i = 0; i < 50; i++) {
		int file = connect_raw();
		MUST(file >= 0);
		close(file);
	}
	return true;
}

TEST(linux_bad_hellos_are_refused)
{
	CHECK(system_start());
	unsigned before = system_descriptors();
	CHECK(system_client(client_bad_hellos));
	CHECK(system_descriptors_return(before));
}

// It claims the thread of another process: no kernel half is made, and nothing else happens.
static bool client_foreign_thread(void)
{
	MUST(gila_trap0(0) == 0);
	struct hosted *hosted = hosted_page();
	unsigned slot = CHANNEL_SLOTS - 5;
	struct channel_slot *forged = hosted_slot(hosted, slot);
	forged->tid = 1;
	forged->number = 104; // task_id
	atomic_store(&forged->state, CHANNEL_RUNG);
	atomic_fetch_or(&hosted->header->pending[slot / 64], 1ull << slot % 64);
	atomic_fetch_or(&hosted->header->summary[slot / 4096], 1ull << slot / 64 % 64);
	uint64_t one = 1;
	MUST(write(hosted->doorbell, &one, sizeof(one)) == sizeof(one));
	for (int i = 0; i < 1000 && atomic_load(&forged->state) == CHANNEL_RUNG; i++)
		test_nap(1);
	MUST(atomic_load(&forged->state) == CHANNEL_DONE);
	MUST(forged->result == KERN_RESOURCE_SHORTAGE);
	return gila_trap0(0) == 0;
}

TEST(linux_identity_of_others_is_refused)
{
	CHECK(system_start());
	CHECK(system_client(client_foreign_thread));
}

TEST(linux_shutdown_by_signal)
{
	CHECK(system_start());
	CHECK(system_client(client_forks));
	system_end(SIGTERM);
	CHECK(access(system_socket(), F_OK) < 0);
}
