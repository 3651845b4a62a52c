// SPDX-License-Identifier: MIT
// The integer types of the Mach ABI: natural_t and integer_t (32 bits, whatever the pointer size), addresses and sizes.
// The vm_* forms are as wide as a pointer, the mach_vm_* forms always 64 bits: messages carry the latter.
#ifndef MACH_VM_TYPES_H
#define MACH_VM_TYPES_H

#include <stdint.h>

typedef unsigned int natural_t;
typedef int integer_t;

typedef uintptr_t vm_offset_t;
typedef uintptr_t vm_address_t;
typedef uintptr_t vm_size_t;

typedef uint64_t mach_vm_address_t;
typedef uint64_t mach_vm_offset_t;
typedef uint64_t mach_vm_size_t;

typedef uint64_t vm_map_address_t;
typedef uint64_t vm_map_offset_t;
typedef uint64_t vm_map_size_t;

typedef uint64_t memory_object_offset_t;
typedef uint64_t memory_object_size_t;
typedef uint64_t vm_object_offset_t;
typedef uint64_t vm_object_size_t;
typedef uint64_t vm_object_id_t;
typedef uint32_t vm32_object_id_t;

// The value a receiver attaches to its port; also the guard of a guarded port.
typedef mach_vm_address_t mach_port_context_t;

_Static_assert(sizeof(natural_t) == 4 && sizeof(integer_t) == 4, "naturals are 32 bits in the ABI");
_Static_assert(sizeof(vm_address_t) == 8, "this ABI is that of 64-bit macOS");

#endif
