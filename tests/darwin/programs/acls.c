// SPDX-License-Identifier: MIT
// Access control lists in memory, as text and bytes; files have none. Memberships.
#include "check.h"

#include <errno.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_list(void)
{
	unsigned char who[16], group[16], bytes[128], *got;
	acl_t acl = acl_init(2), other;
	acl_entry_t entry, first;
	acl_permset_t rights;
	acl_flagset_t flags;
	int tag;
	CHECK(acl && mbr_uid_to_uuid(501, who) == 0 && mbr_gid_to_uuid(20, group) == 0 && !memcmp(who, "\xff\xff\xee\xee\xdd\xdd\xcc\xcc\xbb\xbb\xaa\xaa\0\0\1\xf5", 16));
	CHECK(acl_create_entry(&acl, &entry) == 0 && acl_valid(acl) == -1 && acl_set_tag_type(entry, ACL_EXTENDED_ALLOW) == 0 && acl_set_qualifier(entry, who) == 0);
	CHECK(acl_get_permset(entry, &rights) == 0 && acl_add_perm(rights, ACL_READ_DATA) == 0 && acl_add_perm(rights, 1u << 30) == -1 && acl_get_perm_np(rights, ACL_READ_DATA) == 1);
	CHECK(acl_get_flagset_np(entry, &flags) == 0 && acl_add_flag_np(flags, ACL_ENTRY_FILE_INHERIT) == 0);
	CHECK(acl_create_entry_np(&acl, &first, ACL_FIRST_ENTRY) == 0 && acl_set_tag_type(first, ACL_EXTENDED_DENY) == 0 && acl_set_qualifier(first, group) == 0);
	CHECK(acl_get_permset(first, &rights) == 0 && acl_add_perm(rights, ACL_DELETE) == 0 && acl_add_perm(rights, ACL_WRITE_DATA) == 0 && acl_valid(acl) == 0);
	CHECK(acl_get_entry(acl, ACL_FIRST_ENTRY, &entry) == 0 && acl_get_tag_type(entry, &tag) == 0 && tag == ACL_EXTENDED_DENY && acl_get_entry(acl, ACL_NEXT_ENTRY, &entry) == 0);
	CHECK((got = acl_get_qualifier(entry)) && !memcmp(got, who, 16) && acl_free(got) == 0 && acl_get_entry(acl, ACL_NEXT_ENTRY, &entry) == -1 && errno == EINVAL);
	ssize_t length;
	char *text = acl_to_text(acl, &length);
	CHECK(text && length == (ssize_t)strlen(text) && !strncmp(text, "!#acl 1\ngroup:ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000014:", 51) && strstr(text, ":20:deny:write,delete\n") && strstr(text, ":501:allow,file_inherit:read\n"));
	CHECK((other = acl_from_text(text)) && acl_size(other) == 44 + 48 && acl_copy_ext(bytes, other, 91) == -1 && errno == ERANGE && acl_copy_ext(bytes, other, sizeof(bytes)) == 92);
	CHECK(!memcmp(bytes, "\x01\x2c\xc1\x6d", 4) && bytes[39] == 2 && acl_free(other) == 0 && (other = acl_copy_int(bytes)) && !strcmp(acl_to_text(other, 0), text));
	CHECK(acl_delete_entry(other, 0) == -1 && acl_get_entry(other, 0, &entry) == 0 && acl_delete_entry(other, entry) == 0 && acl_size(other) == 44 + 24);
	CHECK(!acl_from_text("user:1") && errno == EINVAL && !acl_from_text("!#acl 1\nuser:::501:maybe:read\n") && !acl_from_text("!#acl 1\nuser:::501:allow:fly\n") && acl_free(text) == 0);
	CHECK((other = acl_from_text("!#acl 1\nuser:::501:allow:list,search\n")) && acl_valid(other) == 0);
	CHECK(!acl_get_file("/", ACL_TYPE_EXTENDED) && errno == ENOENT && acl_set_file("/tmp", ACL_TYPE_EXTENDED, acl) == -1 && errno == ENOTSUP && acl_set_file("/nowhere", 0x100, acl) == -1 && errno == ENOENT);
	CHECK(acl_set_file("/tmp", ACL_TYPE_EXTENDED, acl_init(0)) == 0);
}

struct filesec *filesec_init(void);
int filesec_get_property(struct filesec *, int, void *), filesec_set_property(struct filesec *, int, const void *), filesec_query_property(struct filesec *, int, int *);
int openx_np(const char *, int, struct filesec *), chmodx_np(const char *, struct filesec *), statx_np(const char *, struct stat *, struct filesec *) __asm__("_statx_np$INODE64");

static void check_security(void)
{
	struct filesec *security = filesec_init();
	struct stat status;
	mode_t mode = 0640, got = 0;
	int is = 1;
	unsigned char uuid[16], wanted[16];
	acl_t acl = acl_from_text("!#acl 1\nuser:::501:allow:read\n"), empty = acl_init(0);
	CHECK(filesec_get_property(security, 4, &got) == -1 && errno == ENOENT && filesec_set_property(security, 4, &mode) == 0 && filesec_get_property(security, 4, &got) == 0 && got == 0640);
	int file = openx_np("secured", 0x200 | 2, security); // O_CREAT | O_RDWR
	CHECK(file >= 0 && close(file) == 0 && statx_np("secured", &status, security) == 0 && (status.st_mode & 0777) == 0640 && filesec_get_property(security, 3, uuid) == 0);
	CHECK(mbr_uid_to_uuid(getuid(), wanted) == 0 && !memcmp(uuid, wanted, 16) && filesec_query_property(security, 5, &is) == 0 && is == 0);
	mode = 0600;
	CHECK(filesec_set_property(security, 4, &mode) == 0 && chmodx_np("secured", security) == 0 && stat("secured", &status) == 0 && (status.st_mode & 0777) == 0600);
	CHECK(filesec_set_property(security, 5, &acl) == 0 && chmodx_np("secured", security) == -1 && errno == ENOTSUP && filesec_set_property(security, 5, &empty) == 0 && chmodx_np("secured", security) == 0);
}

int main(void)
{
	unsigned char user[16], group[16];
	uid_t id;
	int type, is;
	check_list();
	check_security();
	CHECK(mbr_uid_to_uuid(getuid(), user) == 0 && mbr_uuid_to_id(user, &id, &type) == 0 && id == getuid() && type == 0 && mbr_gid_to_uuid(0, group) == 0);
	CHECK(mbr_check_membership(user, group, &is) == 0 && (getuid() != 0 || is == 1) && mbr_gid_to_uuid(987654, group) == 0 && mbr_check_membership(user, group, &is) == 0 && is == 0);
	memset(user, 7, 16);
	CHECK(mbr_uuid_to_id(user, &id, &type) == ENOENT);
	puts("lists are fine");
	return 0;
}
