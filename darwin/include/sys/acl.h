// SPDX-License-Identifier: MIT
// Access control lists. Facts: Libc's <sys/acl.h>.
#ifndef DARWIN_INCLUDE_SYS_ACL_H
#define DARWIN_INCLUDE_SYS_ACL_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct acl *acl_t;
typedef struct acl_entry *acl_entry_t;
typedef struct acl_permset *acl_permset_t;
typedef struct acl_flagset *acl_flagset_t;
enum { ACL_TYPE_EXTENDED = 0x100, ACL_EXTENDED_ALLOW = 1, ACL_EXTENDED_DENY = 2, ACL_FIRST_ENTRY = 0, ACL_NEXT_ENTRY = -1, ACL_LAST_ENTRY = -2 };
enum { ACL_READ_DATA = 2, ACL_WRITE_DATA = 4, ACL_DELETE = 0x10, ACL_ENTRY_FILE_INHERIT = 0x20 };
acl_t acl_init(int);
acl_t acl_dup(acl_t);
int acl_free(void *);
int acl_create_entry(acl_t *, acl_entry_t *);
int acl_create_entry_np(acl_t *, acl_entry_t *, int);
int acl_delete_entry(acl_t, acl_entry_t);
int acl_get_entry(acl_t, int, acl_entry_t *);
int acl_valid(acl_t);
int acl_get_tag_type(acl_entry_t, int *);
int acl_set_tag_type(acl_entry_t, int);
void *acl_get_qualifier(acl_entry_t);
int acl_set_qualifier(acl_entry_t, const void *);
int acl_get_permset(acl_entry_t, acl_permset_t *);
int acl_add_perm(acl_permset_t, unsigned);
int acl_get_perm_np(acl_permset_t, unsigned);
int acl_get_flagset_np(void *, acl_flagset_t *);
int acl_add_flag_np(acl_flagset_t, unsigned);
char *acl_to_text(acl_t, ssize_t *);
acl_t acl_from_text(const char *);
ssize_t acl_size(acl_t);
ssize_t acl_copy_ext(void *, acl_t, ssize_t);
acl_t acl_copy_int(const void *);
acl_t acl_get_file(const char *, int);
int acl_set_file(const char *, int, acl_t);
int mbr_uid_to_uuid(uid_t, unsigned char *);
int mbr_gid_to_uuid(gid_t, unsigned char *);
int mbr_uuid_to_id(const unsigned char *, uid_t *, int *);
int mbr_check_membership(const unsigned char *, const unsigned char *, int *);
#ifdef __cplusplus
}
#endif

#endif
