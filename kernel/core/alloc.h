// SPDX-License-Identifier: MIT
// Kernel memory, charged to whom it is for.
//
// To allocate call kalloc with the account of the task that asked; running out (of memory or of the account's limit)
// is NULL, an error to the one who asked. Accounts also count objects by kind, which is how "nothing is left over" is
// shown. Sizes up to KALLOC_SMALL come from per-size slabs, larger ones are whole pages.
#ifndef KERNEL_CORE_ALLOC_H
#define KERNEL_CORE_ALLOC_H

#include "base.h"

// What accounts count besides bytes.
enum account_kind {
	ACCOUNT_TASK,
	ACCOUNT_THREAD,
	ACCOUNT_PORT,
	ACCOUNT_PORT_SET,
	ACCOUNT_RIGHT, // entries in port spaces
	ACCOUNT_MESSAGE,
	ACCOUNT_BADGE,
	ACCOUNT_SEMAPHORE,
	ACCOUNT_TIMER,
	ACCOUNT_MEMORY,       // memory objects
	ACCOUNT_MEMORY_BYTES, // their backing store, in bytes
	ACCOUNT_DESCRIPTOR,   // host descriptors held
	ACCOUNT_SEAT,
	ACCOUNT_PAGES, // page frames, where the machine has such: of touched pages and memory objects, and page tables
	ACCOUNT_KINDS,
	ACCOUNT_BYTES = ACCOUNT_KINDS, // kernel memory, where account_limit is asked
};

// While shortages are injected the limits are 0, so that every charge comes to the slow path, where `limit` has the real ones: charges
// of accounts without shortages cost what they cost before.
struct account {
	_Atomic uint64_t bytes;
	_Atomic uint64_t bytes_limit;
	_Atomic uint64_t count[ACCOUNT_KINDS];
	_Atomic uint64_t count_limit[ACCOUNT_KINDS];
	_Atomic uint32_t references;
	_Atomic uint32_t fail_every, fail_counter;
	_Atomic uint64_t limit[ACCOUNT_KINDS + 1];
};

// The kernel's own account, without limits; the parent of nothing.
extern struct account account_kernel;

// A fresh account with default limits and one reference; itself charged to the kernel. NULL: no memory.
struct account *account_create(void);
struct account *account_reference(struct account *account);
void account_release(struct account *account);
// Charges `n` objects of a kind (to the account and the kernel-wide total); false when that would pass the limit.
bool must_check account_charge(struct account *account, enum account_kind kind, uint64_t n);
void account_refund(struct account *account, enum account_kind kind, uint64_t n);
// Charges what is not refused any more.
void account_add(struct account *account, enum account_kind kind, uint64_t n);
// Whether the account may have `pages` more page frames: its limit, and md_memory_allows. Injected shortages are none here, since
// touching a page cannot fail without ending the task.
bool must_check account_allows_pages(const struct account *account, uint64_t pages);
const char *account_kind_name(enum account_kind kind);
// The limit of a kind, or of bytes (ACCOUNT_BYTES), as it holds without injected shortages. UINT64_MAX: none.
uint64_t account_limit(const struct account *account, enum account_kind kind);
// Fault injection: every n-th charge of the account (bytes or objects) fails from now on, as if the limit were reached; 0: none does
// any more. The caller has calls for one account come one after the other.
void account_fail_every(struct account *account, uint32_t n);
// A charge would make it `after`, beyond the limit that was seen: whether it is to pass all the same.
bool must_check account_passes(struct account *account, enum account_kind kind, uint64_t after);
// Kernel-wide totals over all accounts; bytes in use by kalloc.
uint64_t account_total(enum account_kind kind);
uint64_t kalloc_bytes(void);

#define KALLOC_SMALL 2048u

void kalloc_module_init(void);

// Zeroed memory, 16-byte aligned, from 256 bytes on 64-byte aligned.
void *kalloc(struct account *account, size_t size) must_check __attribute__((malloc));
// Uninitialised: for buffers that are filled at once.
void *kalloc_raw(struct account *account, size_t size) must_check __attribute__((malloc));
// Size and account as they were given to kalloc. NULL is allowed.
void kfree(struct account *account, void *pointer, size_t size);
// Fault injection for tests: every n-th allocation fails from now on; 0: none.
void kalloc_fail_every(unsigned n);

#endif
