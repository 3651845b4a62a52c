// SPDX-License-Identifier: MIT
// The kernel that unit tests run on; see fake_kernel.h.
#include "fake_kernel.h"
#include "linux.h"

#include <abi/trap_numbers.h>
#include <errno.h>
#include <gila/memory.h>
#include <gila/test.h>
#include <gila/trap.h>
#include <gila/trap_entry.h>
#include <mach/kern_return.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SEMAPHORES 4096u

unsigned char gila_trap_bare; // never: the stubs lead to the function below
_Atomic int fake_semaphores_left = SEMAPHORES - 1;
unsigned fake_interrupts;
char fake_log[8192];
uint32_t fake_log_length;

static struct semaphore {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned count; // [mutex]
} semaphores[SEMAPHORES];
static _Atomic uint32_t made;

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NS + (uint64_t)time.tv_nsec;
}

static uint64_t semaphore_create(void)
{
	if (fake_semaphores_left <= 0)
		return (uint64_t)KERN_RESOURCE_SHORTAGE << 32;
	fake_semaphores_left--;
	uint32_t name = ++made;
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&semaphores[name].mutex, NULL);
	pthread_cond_init(&semaphores[name].changed, &attributes);
	return name;
}

static kern_return_t fake_wait(struct semaphore *semaphore, uint64_t deadline)
{
	static __thread unsigned seed = 1;
	struct timespec time = {(time_t)(deadline / NS), (long)(deadline % NS)};
	int error = 0;
	if (fake_interrupts && (unsigned)rand_r(&seed) % fake_interrupts == 0)
		return KERN_ABORTED;
	pthread_mutex_lock(&semaphore->mutex);
	while (semaphore->count == 0 && error != ETIMEDOUT)
		error = deadline == FOREVER ? pthread_cond_wait(&semaphore->changed, &semaphore->mutex)
					    : pthread_cond_timedwait(&semaphore->changed, &semaphore->mutex, &time);
	bool got = semaphore->count > 0;
	semaphore->count -= got;
	pthread_mutex_unlock(&semaphore->mutex);
	return got ? KERN_SUCCESS : KERN_OPERATION_TIMED_OUT;
}

static kern_return_t fake_signal(struct semaphore *semaphore)
{
	pthread_mutex_lock(&semaphore->mutex);
	semaphore->count++;
	pthread_cond_signal(&semaphore->changed);
	pthread_mutex_unlock(&semaphore->mutex);
	return KERN_SUCCESS;
}

static kern_return_t map(uint64_t *address, uint64_t size, int protection, uint64_t flags)
{
	int how = MAP_PRIVATE | MAP_ANONYMOUS | (flags & MEMORY_MAP_OVERWRITE ? MAP_FIXED : 0) |
		  ((flags & (MEMORY_MAP_FIXED | MEMORY_MAP_OVERWRITE)) == MEMORY_MAP_FIXED ? MAP_FIXED_NOREPLACE : 0);
	if ((protection & PROT_WRITE) && (protection & PROT_EXEC))
		return KERN_PROTECTION_FAILURE;
	void *at = mmap((void *)(uintptr_t)(flags & MEMORY_MAP_FIXED ? *address : 0), size, protection, how, -1, 0); // NOLINT
	if (at == MAP_FAILED)
		return errno == EEXIST ? KERN_NO_SPACE : KERN_RESOURCE_SHORTAGE;
	*address = (uintptr_t)at;
	return KERN_SUCCESS;
}

static kern_return_t take_log(const char *text, uint32_t size)
{
	if (size + 1 > sizeof(fake_log) - fake_log_length)
		return KERN_RESOURCE_SHORTAGE;
	memcpy(fake_log + fake_log_length, text, size);
	fake_log[fake_log_length + size] = '\n';
	fake_log_length += size + 1;
	return KERN_SUCCESS;
}

uint64_t gila_trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
		   uint64_t a6, uint64_t a7, uint64_t a8)
{
	struct timespec nap = {0, 100000};
	switch (number) {
	case TRAP_gila_semaphore_create:
		return semaphore_create();
	case TRAP_semaphore_wait_trap:
		return (uint64_t)fake_wait(&semaphores[a0], FOREVER);
	case TRAP_semaphore_timedwait_trap:
		return (uint64_t)fake_wait(&semaphores[a0], now() + a1 * NS + a2);
	case TRAP_semaphore_signal_trap:
		return (uint64_t)fake_signal(&semaphores[a0]);
	case TRAP_swtch_pri:
		sched_yield();
		return 0;
	case TRAP_thread_switch:
		nanosleep(&nap, NULL);
		return 0;
	case TRAP_gila_clock_get_time:
		return now();
	case TRAP_thread_id:
		return (uint64_t)syscall(SYS_gettid);
	case TRAP_task_self_trap:
		return 1;
	case TRAP_memory_map:
		return (uint64_t)map((uint64_t *)(uintptr_t)a1, a2, (int)a4, a5); // NOLINT
	case TRAP_memory_unmap:
		return munmap((void *)(uintptr_t)a0, a1) == 0 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT; // NOLINT
	case TRAP_kernelrpc_mach_vm_protect_trap:
		return mprotect((void *)(uintptr_t)a1, a2, (int)a4) == 0 ? KERN_SUCCESS : KERN_INVALID_ADDRESS; // NOLINT
	case TRAP_log:
		return (uint64_t)take_log((const char *)(uintptr_t)a0, (uint32_t)a1); // NOLINT
	default:
		return KERN_NOT_SUPPORTED;
	}
}

int64_t linux_missing(uint64_t number, const char *what) { return -ENOSYS; }
