// SPDX-License-Identifier: MIT
// Access control lists in memory. Facts: Libc's <sys/acl.h>, xnu's bsd/sys/kauth.h (KAUTH_ACE_*, struct kauth_filesec).
#ifndef DARWIN_ACL_H
#define DARWIN_ACL_H

#include <stdint.h>

enum { ACL_MOST = 128, ACL_ALLOW = 1, ACL_DENY = 2, ACL_MAGIC = 0x1ac1, ACL_ENTRY_MAGIC = 0x1ac2 };

struct acl_entry { // an acl_permset_t points to its rights, an acl_flagset_t to its flags
	uint32_t magic;
	uint32_t tag; // ACL_EXTENDED_ALLOW, ACL_EXTENDED_DENY; 0: not yet
	uint8_t who[16];
	uint64_t rights;
	uint32_t flags;
};
struct acl { // what acl_t points to; entries stay where they are
	uint32_t magic;
	uint32_t flags;
	int32_t count, next; // next: for acl_get_entry(ACL_NEXT_ENTRY)
	struct acl_entry entries[ACL_MOST];
};

struct acl *acl_make(void); // NULL, and errno is set: no memory

#endif
