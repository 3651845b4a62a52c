// SPDX-License-Identifier: MIT
// What a task is told of itself and the host, against /proc; its memory; clocks. None of this needs Gila's kernel.
#include "check.h"

#include <fcntl.h>
#include <mach/mach.h>
#include <pthread.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define OK(expression) CHECK((expression) == KERN_SUCCESS)

// The number behind a word in a file of /proc.
static long number(const char *path, const char *word)
{
	static char text[100000];
	int file = open(path, O_RDONLY);
	long size = 0, got;
	while ((got = read(file, text + size, sizeof(text) - 1 - (size_t)size)) > 0)
		size += got;
	close(file);
	text[size] = 0;
	char *at = strstr(text, word);
	CHECK(at != NULL);
	return strtol(at + strlen(word), NULL, 10);
}

static int near(uint64_t value, uint64_t wanted)
{
	return value > wanted - wanted / 4 && value < wanted + wanted / 4;
}

static void check_task(void)
{
	struct mach_task_basic_info basic;
	struct task_vm_info memory;
	struct task_basic_info_64 old;
	struct task_thread_times_info times;
	mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
	OK(task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (integer_t *)&basic, &count));
	CHECK(count == MACH_TASK_BASIC_INFO_COUNT &&
	      near(basic.resident_size, (uint64_t)number("/proc/self/status", "VmRSS:") * 1024));
	CHECK(near(basic.virtual_size, (uint64_t)number("/proc/self/status", "VmSize:") * 1024) &&
	      basic.resident_size_max >= basic.resident_size);
	count = TASK_VM_INFO_COUNT;
	OK(task_info(mach_task_self(), TASK_VM_INFO, (integer_t *)&memory, &count));
	CHECK(near(memory.internal, (uint64_t)number("/proc/self/status", "RssAnon:") * 1024) &&
	      memory.page_size == 4096 && memory.region_count > 10);
	CHECK(memory.phys_footprint >= memory.internal);
	count = TASK_VM_INFO_REV0_COUNT;
	OK(task_info(mach_task_self(), TASK_VM_INFO, (integer_t *)&memory, &count));
	CHECK(count == TASK_VM_INFO_REV0_COUNT);
	count = TASK_BASIC_INFO_64_COUNT;
	OK(task_info(mach_task_self(), TASK_BASIC_INFO_64, (integer_t *)&old, &count));
	CHECK(near(old.resident_size, basic.resident_size));
	for (uint64_t until = mach_absolute_time() + 30000000; mach_absolute_time() < until;)
		continue; // so that there is time to be told of
	count = TASK_THREAD_TIMES_INFO_COUNT;
	OK(task_info(mach_task_self(), TASK_THREAD_TIMES_INFO, (integer_t *)&times, &count));
	CHECK(times.user_time.seconds + times.user_time.microseconds + times.system_time.microseconds >= 1000);
	count = 3;
	CHECK(task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (integer_t *)&basic, &count) == KERN_INVALID_ARGUMENT);
	count = 100;
	CHECK(task_info(mach_task_self(), 4711, (integer_t *)&basic, &count) == KERN_INVALID_ARGUMENT);
}

static volatile int go_on = 1;
static volatile uint64_t spun;

static void *spin(void *argument)
{
	while (go_on)
		spun++;
	return argument;
}

static void check_threads(void)
{
	mach_port_t *list, other;
	mach_msg_type_number_t count, words = THREAD_BASIC_INFO_COUNT;
	struct thread_basic_info basic;
	struct thread_identifier_info identifier;
	uint64_t id;
	pthread_t thread;
	CHECK(pthread_create(&thread, NULL, spin, NULL) == 0);
	other = pthread_mach_thread_np(thread);
	OK(task_threads(mach_task_self(), &list, &count));
	CHECK(count == 2 && (list[0] == mach_thread_self() || list[1] == mach_thread_self()) &&
	      (list[0] == other || list[1] == other));
	OK(vm_deallocate(mach_task_self(), (vm_address_t)list, count * sizeof(*list)));
	while (spun == 0)
		usleep(1000);
	OK(thread_info(other, THREAD_BASIC_INFO, (integer_t *)&basic, &words));
	CHECK(basic.run_state == TH_STATE_RUNNING && basic.suspend_count == 0);
	words = THREAD_IDENTIFIER_INFO_COUNT;
	OK(thread_info(mach_thread_self(), THREAD_IDENTIFIER_INFO, (integer_t *)&identifier, &words));
	CHECK(pthread_threadid_np(NULL, &id) == 0 && identifier.thread_id == id);
	// Suspended it does nothing, and its registers can be read.
	OK(thread_suspend(other));
	uint64_t before = spun;
	usleep(20000);
	CHECK(spun == before);
	x86_thread_state64_t state;
	words = x86_THREAD_STATE64_COUNT;
	OK(thread_get_state(other, x86_THREAD_STATE64, (natural_t *)&state, &words));
	CHECK(state.__rip >= (uintptr_t)spin && state.__rip < (uintptr_t)spin + 200 && state.__rsp > 0x1000);
	OK(thread_set_state(other, x86_THREAD_STATE64, (natural_t *)&state, words));
	words = THREAD_BASIC_INFO_COUNT;
	OK(thread_info(other, THREAD_BASIC_INFO, (integer_t *)&basic, &words));
	CHECK(basic.suspend_count == 1);
	OK(thread_resume(other));
	CHECK(thread_resume(other) == KERN_FAILURE);
	while (spun == before)
		usleep(1000);
	go_on = 0;
	pthread_join(thread, NULL);
	// The kernel hears of its end by itself.
	for (int i = 0; i < 10000 && thread_info(other, THREAD_BASIC_INFO, (integer_t *)&basic, &words) == KERN_SUCCESS; i++)
		usleep(1000);
	CHECK(thread_info(other, THREAD_BASIC_INFO, (integer_t *)&basic, &words) != KERN_SUCCESS);
	OK(mach_port_deallocate(mach_task_self(), mach_thread_self()));
}

static void check_host(void)
{
	mach_port_t host = mach_host_self();
	struct host_basic_info basic;
	struct vm_statistics64 memory;
	struct host_cpu_load_info load, later;
	mach_msg_type_number_t count = HOST_BASIC_INFO_COUNT;
	natural_t processors;
	integer_t *each;
	vm_size_t size;
	OK(host_info(host, HOST_BASIC_INFO, (integer_t *)&basic, &count));
	CHECK(basic.max_mem > 1 << 20 && basic.logical_cpu >= 1 &&
	      near(basic.max_mem, (uint64_t)number("/proc/meminfo", "MemTotal:") * 1024));
	OK(host_page_size(host, &size));
	CHECK(size == vm_page_size && size == 4096);
	count = HOST_VM_INFO64_COUNT;
	OK(host_statistics64(host, HOST_VM_INFO64, (integer_t *)&memory, &count));
	CHECK(memory.free_count > 0 && memory.active_count > 0 && memory.internal_page_count > 0 && memory.faults > 0);
	count = HOST_CPU_LOAD_INFO_COUNT;
	OK(host_statistics(host, HOST_CPU_LOAD_INFO, (integer_t *)&load, &count));
	usleep(50000);
	OK(host_statistics(host, HOST_CPU_LOAD_INFO, (integer_t *)&later, &count));
	uint64_t before = 0, after = 0;
	for (int i = 0; i < CPU_STATE_MAX; i++)
		before += load.cpu_ticks[i], after += later.cpu_ticks[i];
	CHECK(after > before);
	OK(host_processor_info(host, 2, &processors, &each, &count));
	CHECK(processors >= (natural_t)basic.logical_cpu && count == processors * CPU_STATE_MAX);
	OK(vm_deallocate(mach_task_self(), (vm_address_t)each, count * 4));
	OK(mach_port_deallocate(mach_task_self(), host));
}

static void check_memory(void)
{
	mach_vm_address_t at = 0, there, copy = 0, low;
	mach_vm_size_t size, done;
	struct vm_region_basic_info_64 basic;
	struct vm_region_submap_info_64 submap;
	mach_msg_type_number_t count = VM_REGION_BASIC_INFO_COUNT_64;
	mach_port_t object;
	vm_offset_t data;
	OK(mach_vm_allocate(mach_task_self(), &at, 10000, VM_FLAGS_ANYWHERE));
	CHECK((at & 4095) == 0 && *(char *)(at + 9999) == 0);
	memset((void *)at, 'a', 10000);
	there = at + 5000;
	OK(mach_vm_region(mach_task_self(), &there, &size, VM_REGION_BASIC_INFO_64, (int *)&basic, &count, &object));
	CHECK(there <= at && there + size >= at + 12288 && basic.protection == (VM_PROT_READ | VM_PROT_WRITE) &&
	      !basic.shared);
	OK(mach_vm_protect(mach_task_self(), at, 4096, 0, VM_PROT_READ));
	there = at;
	natural_t depth = 5;
	count = VM_REGION_SUBMAP_INFO_COUNT_64;
	OK(mach_vm_region_recurse(mach_task_self(), &there, &size, &depth, (int *)&submap, &count));
	CHECK(there == at && size == 4096 && submap.protection == VM_PROT_READ && depth == 0 &&
	      submap.pages_resident == 1);
	CHECK(mach_vm_write(mach_task_self(), at, (vm_offset_t) "xyz", 3) != KERN_SUCCESS);
	OK(mach_vm_write(mach_task_self(), at + 4096, (vm_offset_t) "xyz", 3));
	CHECK(memcmp((char *)at + 4096, "xyza", 4) == 0);
	OK(mach_vm_read_overwrite(mach_task_self(), at, 100, at + 8192, &done));
	CHECK(done == 100 &&
	      mach_vm_read_overwrite(mach_task_self(), 4096, 100, at + 8192, &done) == KERN_INVALID_ADDRESS);
	OK(mach_vm_read(mach_task_self(), at + 4096, 100, &data, &count));
	CHECK(count == 100 && memcmp((char *)data, "xyza", 4) == 0);
	OK(vm_deallocate(mach_task_self(), data, count));
	low = at;
	CHECK(mach_vm_allocate(mach_task_self(), &low, 4096, VM_FLAGS_FIXED) == KERN_NO_SPACE);
	OK(mach_vm_allocate(mach_task_self(), &low, 4096, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE));
	CHECK(low == at && *(char *)at == 0);
	vm_prot_t now, most;
	OK(mach_vm_remap(mach_task_self(), &copy, 8192, 0, VM_FLAGS_ANYWHERE, mach_task_self(), at + 4096, 1, &now,
			 &most, VM_INHERIT_COPY));
	CHECK(memcmp((char *)copy, "xyza", 4) == 0 && now == (VM_PROT_READ | VM_PROT_WRITE));
	there = 0;
	OK(mach_vm_map(mach_task_self(), &there, 8192, 0xfffff, VM_FLAGS_ANYWHERE, MACH_PORT_NULL, 0, 0, VM_PROT_READ,
		       VM_PROT_ALL, VM_INHERIT_NONE));
	CHECK((there & 0xfffff) == 0 && *(char *)there == 0);
	OK(mach_vm_deallocate(mach_task_self(), there, 8192));
	OK(mach_vm_deallocate(mach_task_self(), copy, 8192));
	OK(mach_vm_deallocate(mach_task_self(), at, 12288));
}

static void check_clocks(void)
{
	mach_port_t clock;
	mach_timespec_t time, later;
	OK(host_get_clock_service(mach_host_self(), CALENDAR_CLOCK, &clock));
	OK(clock_get_time(clock, &time));
	CHECK(time.tv_sec > 1700000000u);
	OK(mach_port_deallocate(mach_task_self(), clock));
	OK(host_get_clock_service(mach_host_self(), SYSTEM_CLOCK, &clock));
	OK(clock_get_time(clock, &time));
	usleep(2000);
	OK(clock_get_time(clock, &later));
	CHECK(later.tv_sec > time.tv_sec || later.tv_nsec - time.tv_nsec >= 2000000);
	CHECK(strcmp(mach_error_string(KERN_INVALID_ADDRESS), "(os/kern) invalid address") == 0);
	CHECK(strcmp(mach_error_string(MACH_RCV_TIMED_OUT), "(ipc/rcv) timed out") == 0);
}

static mach_port_t turn;
static volatile int order[3], arrived;
static _Atomic int here;

static void *take_turn(void *argument)
{
	mach_port_deallocate(mach_task_self(), mach_thread_self()); // the kernel knows the thread
	here++;
	kern_return_t result = semaphore_wait(turn);
	order[arrived++] = (int)(long)argument;
	if (result == KERN_SUCCESS)
		OK(semaphore_signal(turn));
	return (void *)(long)result;
}

// Until the thread waits in semaphore_wait, all it does when it is here. It waits, too, until the kernel has heard its call, which it
// has once it has answered others that came later.
static void await_waiting(pthread_t thread)
{
	thread_basic_info_data_t info;
	for (int waits = 0; waits < 5;) {
		mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;
		usleep(1000);
		OK(thread_info(pthread_mach_thread_np(thread), THREAD_BASIC_INFO, (integer_t *)&info, &count));
		waits = here && info.run_state == TH_STATE_WAITING ? waits + 1 : 0;
	}
	here = 0;
}

// Those that wait are served in order; all are woken, or told of the end.
static void check_semaphores(void)
{
	pthread_t threads[3];
	void *result;
	OK(semaphore_create(mach_task_self(), &turn, SYNC_POLICY_FIFO, 0));
	for (long i = 0; i < 3; i++) {
		CHECK(pthread_create(&threads[i], NULL, take_turn, (void *)i) == 0);
		await_waiting(threads[i]);
	}
	OK(semaphore_signal(turn));
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	CHECK(order[0] == 0 && order[1] == 1 && order[2] == 2);
	OK(semaphore_wait(turn)); // the last one's
	CHECK(semaphore_timedwait(turn, (mach_timespec_t){0, 1000000}) == KERN_OPERATION_TIMED_OUT);
	CHECK(semaphore_signal_all(turn) == KERN_NOT_WAITING);
	arrived = 0;
	CHECK(pthread_create(&threads[0], NULL, take_turn, NULL) == 0);
	await_waiting(threads[0]);
	OK(semaphore_destroy(mach_task_self(), turn));
	pthread_join(threads[0], &result);
	CHECK((long)result == KERN_TERMINATED && semaphore_wait(turn) == KERN_INVALID_ARGUMENT);
	OK(semaphore_create(mach_task_self(), &turn, SYNC_POLICY_FIFO, 5));
	pid_t child = fork();
	if (child == 0) { // which has none of its parent's names, and may make its own
		mach_port_t own;
		CHECK(semaphore_wait(turn) == KERN_INVALID_ARGUMENT);
		OK(semaphore_create(mach_task_self(), &own, SYNC_POLICY_FIFO, 1));
		OK(semaphore_wait(own));
		_exit(0);
	}
	int status;
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	OK(semaphore_wait(turn));
	OK(semaphore_destroy(mach_task_self(), turn));
}

int main(void)
{
	check_task();
	check_threads();
	check_host();
	check_memory();
	check_clocks();
	check_semaphores();
	puts("about is fine");
	return 0;
}
