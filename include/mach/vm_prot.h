// SPDX-License-Identifier: MIT
// vm_prot_t: what may be done with mapped memory. Values of macOS <mach/vm_prot.h>.
#ifndef MACH_VM_PROT_H
#define MACH_VM_PROT_H

typedef int vm_prot_t;

#define VM_PROT_NONE ((vm_prot_t)0x00)
#define VM_PROT_READ ((vm_prot_t)0x01)
#define VM_PROT_WRITE ((vm_prot_t)0x02)
#define VM_PROT_EXECUTE ((vm_prot_t)0x04)

#define VM_PROT_DEFAULT (VM_PROT_READ | VM_PROT_WRITE)
#define VM_PROT_ALL (VM_PROT_READ | VM_PROT_WRITE | VM_PROT_EXECUTE)

// Modifiers that some calls accept beside the permissions; they are never stored with a mapping.
#define VM_PROT_NO_CHANGE_LEGACY ((vm_prot_t)0x08)
#define VM_PROT_NO_CHANGE ((vm_prot_t)0x01000000)
#define VM_PROT_COPY ((vm_prot_t)0x10)	     // vm_protect: make the range copy-on-write to gain write permission
#define VM_PROT_WANTS_COPY ((vm_prot_t)0x10) // the older name, in memory object calls
#define VM_PROT_IS_MASK ((vm_prot_t)0x40)    // the other bits limit the existing protection
#define VM_PROT_STRIP_READ ((vm_prot_t)0x80)
#define VM_PROT_EXECUTE_ONLY (VM_PROT_EXECUTE | VM_PROT_STRIP_READ)
#define VM_PROT_TPRO ((vm_prot_t)0x200)

#endif
