// SPDX-License-Identifier: MIT
// The kernel's calls as native programs use them; see <gila/gila.h>.
#include <gila/gila.h>

#include <abi/traps.h>
#include <gila/memory.h>
#include <gila/seat_name.h>
#include <gila/trap_entry.h>
#include <mach/mach.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Results that carry a code above a name.
static kern_return_t take_name(uint64_t result, mach_port_t *name)
{
	*name = seat_result_name(result);
	return seat_result_code(result);
}

// ---- Seats -------------------------------------------------------------------------------------------------------------

struct known_seat {
	struct known_seat *next;
	_Atomic mach_port_t handle;
	char name[SEAT_NAME_MAX + 1];
};
static struct known_seat *_Atomic known_seats; // only grows

// A child of fork has other names for its rights.
static void seats_forget(void)
{
	for (struct known_seat *seat = known_seats; seat; seat = seat->next)
		seat->handle = MACH_PORT_NULL;
}

__attribute__((constructor)) static void seats_watch_fork(void) { pthread_atfork(NULL, NULL, seats_forget); }

static struct known_seat *seat_known(const char *name)
{
	for (struct known_seat *seat = known_seats; seat; seat = seat->next)
		if (strcmp(seat->name, name) == 0)
			return seat;
	return NULL;
}

// A handle dies with its seat only; another seat may have the name by now.
static bool handle_lives(mach_port_t handle)
{
	mach_port_type_t type;
	return kernelrpc_mach_port_type_trap(mach_task_self(), handle, &type) == KERN_SUCCESS && (type & MACH_PORT_TYPE_SEND);
}

static void seat_remember(const char *name, mach_port_t handle)
{
	struct known_seat *seat = malloc(sizeof(*seat));
	if (!seat)
		return; // it is looked up again next time
	seat->handle = handle;
	strcpy(seat->name, name);
	seat->next = known_seats;
	while (!atomic_compare_exchange_weak(&known_seats, &seat->next, seat))
		;
}

kern_return_t gila_seat(const char *name, mach_port_t *handle)
{
	struct seat_name packed;
	struct known_seat *known = seat_known(name);
	*handle = known ? known->handle : MACH_PORT_NULL;
	if (*handle != MACH_PORT_NULL && handle_lives(*handle))
		return KERN_SUCCESS;
	if (!seat_name_pack(&packed, name))
		return KERN_INVALID_ARGUMENT;
	const uint64_t *w = packed.words;
	kern_return_t error = take_name(gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]), handle);
	if (error)
		return error;
	if (known) {
		mach_port_t old = atomic_exchange(&known->handle, *handle);
		if (old != MACH_PORT_NULL)
			gila_port_drop(old);
	} else {
		seat_remember(name, *handle);
	}
	return KERN_SUCCESS;
}

kern_return_t gila_seat_sit(const char *name, mach_port_t *port)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, name))
		return KERN_INVALID_ARGUMENT;
	const uint64_t *w = packed.words;
	return take_name(gila_seat_take(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]), port);
}

kern_return_t gila_seat_name(char name[SEAT_NAME_MAX + 1])
{
	name[0] = 0;
	return gila_seat_self(name, SEAT_NAME_MAX + 1);
}

void gila_check_in(void)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static bool done;
	char name[SEAT_NAME_MAX + 1];
	mach_port_t port;
	pthread_mutex_lock(&mutex);
	if (!done && gila_seat_name(name) == KERN_SUCCESS && gila_seat_sit(name, &port) != KERN_SUCCESS)
		gila_logf("cannot take the seat %s", name);
	done = true;
	pthread_mutex_unlock(&mutex);
}

kern_return_t gila_seat_save(mach_port_t memory) { return gila_seat_keep(memory); }
kern_return_t gila_seat_recall(mach_port_t *memory) { return take_name(gila_seat_kept(), memory); }

// ---- Ports and badges --------------------------------------------------------------------------------------------------

kern_return_t gila_port_make(mach_port_t *receive)
{
	return kernelrpc_mach_port_allocate_trap(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, receive);
}

kern_return_t gila_port_make_deep(mach_port_msgcount_t limit, mach_port_t *receive)
{
	mach_port_options_t options = {.flags = MPO_QLIMIT, .mpl.mpl_qlimit = limit};
	return kernelrpc_mach_port_construct_trap(mach_task_self(), &options, 0, receive);
}

kern_return_t gila_set_make(mach_port_t *set)
{
	return kernelrpc_mach_port_allocate_trap(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, set);
}

kern_return_t gila_set_add(mach_port_t set, mach_port_t receive)
{
	return kernelrpc_mach_port_insert_member_trap(mach_task_self(), receive, set);
}

kern_return_t gila_port_copy(mach_port_t send)
{
	return kernelrpc_mach_port_mod_refs_trap(mach_task_self(), send, MACH_PORT_RIGHT_SEND, 1);
}

void gila_port_drop(mach_port_t name)
{
	if (MACH_PORT_VALID(name))
		kernelrpc_mach_port_deallocate_trap(mach_task_self(), name);
}

void gila_port_drop_many(mach_port_t send, uint32_t count)
{
	if (MACH_PORT_VALID(send) && count > 0)
		kernelrpc_mach_port_mod_refs_trap(mach_task_self(), send, MACH_PORT_RIGHT_SEND, -(mach_port_delta_t)count);
}

void gila_port_drop_receive(mach_port_t name)
{
	if (MACH_PORT_VALID(name))
		kernelrpc_mach_port_mod_refs_trap(mach_task_self(), name, MACH_PORT_RIGHT_RECEIVE, -1);
}

kern_return_t gila_badge_make(mach_port_t receive, uint64_t badge, mach_port_t *send)
{
	return take_name(gila_port_mint(receive, badge), send);
}

kern_return_t gila_badge_watch(mach_port_t receive, uint64_t badge, mach_port_t notify)
{
	return gila_port_badge_notify(receive, badge, 0, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE);
}

// ---- Memory objects ----------------------------------------------------------------------------------------------------

#define PAGE UINT64_C(4096)

kern_return_t gila_memory_make(uint64_t size, mach_port_t *memory) { return take_name(gila_memory_create(size), memory); }

kern_return_t gila_memory_bytes(mach_port_t memory, uint64_t *size)
{
	*size = gila_memory_size(memory);
	return *size ? KERN_SUCCESS : KERN_INVALID_CAPABILITY;
}

kern_return_t gila_memory_grow(mach_port_t memory, uint64_t size) { return gila_memory_resize(memory, size); }
kern_return_t gila_memory_fix(mach_port_t memory) { return gila_memory_fix_size(memory); }

kern_return_t gila_memory_get(mach_port_t memory, uint64_t offset, void *to, size_t size)
{
	return size ? gila_memory_read(memory, offset, to, size) : KERN_SUCCESS;
}

kern_return_t gila_memory_put(mach_port_t memory, uint64_t offset, const void *from, size_t size)
{
	return size ? gila_memory_write(memory, offset, from, size) : KERN_SUCCESS;
}

kern_return_t gila_map(mach_port_t memory, uint64_t offset, uint64_t size, vm_prot_t prot, void **address)
{
	mach_vm_address_t where = 0;
	kern_return_t error = gila_memory_map(memory, &where, (size + PAGE - 1) / PAGE * PAGE, offset, prot, 0);
	*address = error ? NULL : (void *)(uintptr_t)where;
	return error;
}

void gila_unmap(void *address, uint64_t size)
{
	gila_memory_unmap((uint64_t)(uintptr_t)address, (size + PAGE - 1) / PAGE * PAGE);
}

// ---- Time and the log --------------------------------------------------------------------------------------------------

static pthread_once_t clock_once = PTHREAD_ONCE_INIT;
static uint64_t clock_offset; // of the kernel's clock from the C library's, which needs no trap

static uint64_t monotonic(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void clock_begin(void) { clock_offset = gila_clock_get_time(SYSTEM_CLOCK) - monotonic(); }

// On the metal a trap is cheaper than what the C library does.
uint64_t gila_time(void)
{
	if (gila_trap_bare)
		return gila_clock_get_time(SYSTEM_CLOCK);
	pthread_once(&clock_once, clock_begin);
	return monotonic() + clock_offset;
}

int64_t gila_time_calendar(void)
{
	if (gila_trap_bare)
		return (int64_t)gila_clock_get_time(CALENDAR_CLOCK);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void gila_logf(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length > 0)
		gila_log(line, length < (int)sizeof(line) ? (uint32_t)length : (uint32_t)sizeof(line) - 1);
}
