// SPDX-License-Identifier: MIT
// The kernel as native programs and servers use it: seats, badges, memory objects, ports, time, the log.
//
// Thin functions over the traps and interfaces in abi/ (<abi/traps.h>); all of them are in lib/gila/kernel.c, so a unit
// test that wants no kernel defines them itself (lib/serve/serve_fake.h). Names of ports belong to who gets them, unless it says
// otherwise. Every function may be called by any thread.
#ifndef GILA_GILA_H
#define GILA_GILA_H

#include <gila/error.h>
#include <gila/seat.h>
#include <mach/port.h>
#include <mach/vm_prot.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GILA_CHECKED __attribute__((warn_unused_result))

// ---- Seats -----------------------------------------------------------------------------------------------------------

// A send right to the seat, whose server is launched if there is none. The right stays the library's: it is kept and
// given to everybody who asks again; do not drop it. KERN_NOT_FOUND, KERN_DENIED, KERN_ALREADY_WAITING.
kern_return_t gila_seat(const char *name, mach_port_t *handle) GILA_CHECKED;
// Takes the seat that this task was launched for; the receive right is the caller's.
kern_return_t gila_seat_sit(const char *name, mach_port_t *port) GILA_CHECKED;
// For programs that serve nobody but are launched for a seat (the shell): takes it, so that it counts as started. Does
// nothing without a seat, and at the second call.
void gila_check_in(void);
// The name of the seat that this task was launched for. KERN_NOT_FOUND.
kern_return_t gila_seat_name(char name[SEAT_NAME_MAX + 1]) GILA_CHECKED;
// One memory object that the kernel keeps for the task's seat, from occupant to occupant. KERN_NOT_FOUND from
// gila_seat_recall: nothing is kept. What is kept replaces what was; the caller's right stays its own.
kern_return_t gila_seat_save(mach_port_t memory) GILA_CHECKED;
kern_return_t gila_seat_recall(mach_port_t *memory) GILA_CHECKED;

// ---- Ports and badges ------------------------------------------------------------------------------------------------

kern_return_t gila_port_make(mach_port_t *receive) GILA_CHECKED;
// With room for `limit` messages (at most MACH_PORT_QLIMIT_LARGE) instead of MACH_PORT_QLIMIT_BASIC.
kern_return_t gila_port_make_deep(mach_port_msgcount_t limit, mach_port_t *receive) GILA_CHECKED;
kern_return_t gila_set_make(mach_port_t *set) GILA_CHECKED;
// Puts a receive right into a port set; messages of the port are then received from the set.
kern_return_t gila_set_add(mach_port_t set, mach_port_t receive) GILA_CHECKED;
// One more reference to a send right, under the same name.
kern_return_t gila_port_copy(mach_port_t send) GILA_CHECKED;
// Drops one send or send-once right. MACH_PORT_NULL and MACH_PORT_DEAD are allowed.
void gila_port_drop(mach_port_t name);
// Drops `count` references to a send right at once.
void gila_port_drop_many(mach_port_t send, uint32_t count);
void gila_port_drop_receive(mach_port_t name);
// A send right to a port whose receive right the caller holds, that carries the badge.
kern_return_t gila_badge_make(mach_port_t receive, uint64_t badge, mach_port_t *send) GILA_CHECKED;
// Sends MACH_NOTIFY_NO_SENDERS to `notify` (a receive right) when no send right with the badge is left, at once if there
// is none; the badge is in the notification's trailer. Each call asks once.
kern_return_t gila_badge_watch(mach_port_t receive, uint64_t badge, mach_port_t notify) GILA_CHECKED;

// ---- Memory objects --------------------------------------------------------------------------------------------------

// A zeroed object of at least `size` bytes, rounded up to whole pages.
kern_return_t gila_memory_make(uint64_t size, mach_port_t *memory) GILA_CHECKED;
kern_return_t gila_memory_bytes(mach_port_t memory, uint64_t *size) GILA_CHECKED;
kern_return_t gila_memory_grow(mach_port_t memory, uint64_t size) GILA_CHECKED;
// Nobody can resize the object any more: done before a server maps what a client gave it. KERN_PROTECTION_FAILURE: somebody
// who has it mapped has made that impossible.
kern_return_t gila_memory_fix(mach_port_t memory) GILA_CHECKED;
// Copies; never faults, whatever others do to the object. KERN_INVALID_ARGUMENT: outside the object.
kern_return_t gila_memory_get(mach_port_t memory, uint64_t offset, void *to, size_t size) GILA_CHECKED;
kern_return_t gila_memory_put(mach_port_t memory, uint64_t offset, const void *from, size_t size) GILA_CHECKED;
// Maps whole pages; prot as in <mach/vm_prot.h>. Map only what nobody else can shrink.
kern_return_t gila_map(mach_port_t memory, uint64_t offset, uint64_t size, vm_prot_t prot, void **address) GILA_CHECKED;
void gila_unmap(void *address, uint64_t size);

// ---- Time and the log ------------------------------------------------------------------------------------------------

uint64_t gila_time(void);          // ns since boot, never goes back
int64_t gila_time_calendar(void);  // ns since 1970-01-01T00:00:00Z

// One line (without "\n") in the kernel's log, marked with the program's name.
void gila_logf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
