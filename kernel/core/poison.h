// SPDX-License-Identifier: MIT
// Tells AddressSanitizer which kernel memory is free, where it is built in; nothing otherwise.
#ifndef KERNEL_CORE_POISON_H
#define KERNEL_CORE_POISON_H

#include <stddef.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
void __asan_poison_memory_region(const volatile void *start, size_t size);
void __asan_unpoison_memory_region(const volatile void *start, size_t size);
#define poison(start, size) __asan_poison_memory_region(start, size)
#define unpoison(start, size) __asan_unpoison_memory_region(start, size)
#define POISON_QUARANTINE 64u // freed blocks of a size that are kept from reuse for a while
#else
#define poison(start, size) ((void)0)
#define unpoison(start, size) ((void)0)
#define POISON_QUARANTINE 0u
#endif

#endif
