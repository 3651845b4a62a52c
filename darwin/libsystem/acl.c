// SPDX-License-Identifier: MIT
// Access control lists: objects in memory (see acl.h), and those of files. Facts: acl(3) and the pages it names; Libc's <sys/acl.h>.
//
// A file here has none: Linux does not enforce lists of Darwin's kind, and a list that nobody enforces must not look as if it were. So
// getting one says ENOENT, setting an empty one does nothing, and any other ENOTSUP, as on volumes without lists.
#include "acl.h"

#include "errno.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_ENTRY = 0, NEXT_ENTRY = -1, LAST_ENTRY = -2 };
#define RIGHTS_ALL 0x103ffeu // READ_DATA 1 << 1 to CHANGE_OWNER 1 << 13, SYNCHRONIZE 1 << 20

struct acl *acl_make(void)
{
	struct acl *acl = calloc(1, sizeof(*acl));
	if (!acl)
		return errno_set(DARWIN_ENOMEM), NULL;
	acl->magic = ACL_MAGIC;
	return acl;
}

static bool is_acl(const struct acl *acl) { return acl && acl->magic == ACL_MAGIC; }
static bool is_entry(const struct acl_entry *entry) { return entry && entry->magic == ACL_ENTRY_MAGIC; }

struct acl *darwin_acl_init(int count)
{
	if (count < 0)
		return errno_set(DARWIN_EINVAL), NULL;
	return count > ACL_MOST ? (errno_set(DARWIN_ENOMEM), NULL) : acl_make();
}

struct acl *darwin_acl_dup(const struct acl *from)
{
	struct acl *to = is_acl(from) ? acl_make() : (errno_set(DARWIN_EINVAL), NULL);
	return to ? memcpy(to, from, sizeof(*to)) : NULL;
}

int darwin_acl_free(void *object) { return free(object), 0; } // lists, texts, UUIDs

// ---- entries --------------------------------------------------------------------------------------------------------

int darwin_acl_create_entry_np(struct acl **of, struct acl_entry **entry, int at)
{
	struct acl *acl = of ? *of : NULL;
	if (!is_acl(acl) || (at != LAST_ENTRY && (at < 0 || at > acl->count)))
		return errno_set(DARWIN_EINVAL);
	if (acl->count == ACL_MOST)
		return errno_set(DARWIN_ENOMEM);
	int index = at == LAST_ENTRY ? acl->count : at;
	memmove(&acl->entries[index + 1], &acl->entries[index], (size_t)(acl->count - index) * sizeof(*acl->entries));
	acl->entries[index] = (struct acl_entry){.magic = ACL_ENTRY_MAGIC};
	acl->count++;
	*entry = &acl->entries[index];
	return 0;
}

int darwin_acl_create_entry(struct acl **of, struct acl_entry **entry)
{
	return darwin_acl_create_entry_np(of, entry, LAST_ENTRY);
}

int darwin_acl_delete_entry(struct acl *acl, struct acl_entry *entry)
{
	if (!is_acl(acl) || !is_entry(entry) || entry < acl->entries || entry >= acl->entries + acl->count)
		return errno_set(DARWIN_EINVAL);
	long index = entry - acl->entries;
	memmove(entry, entry + 1, (size_t)(acl->count - 1 - index) * sizeof(*entry));
	acl->count--;
	if (acl->next > index)
		acl->next--;
	acl->entries[acl->count].magic = 0;
	return 0;
}

// 0, or -1 with EINVAL when there is none.
int darwin_acl_get_entry(struct acl *acl, int which, struct acl_entry **entry)
{
	if (!is_acl(acl))
		return errno_set(DARWIN_EINVAL);
	int index = which == NEXT_ENTRY ? acl->next : which == LAST_ENTRY ? acl->count - 1 : which;
	if (index < 0 || index >= acl->count)
		return errno_set(DARWIN_EINVAL);
	acl->next = index + 1;
	*entry = &acl->entries[index];
	return 0;
}

int darwin_acl_copy_entry(struct acl_entry *to, const struct acl_entry *from)
{
	if (!is_entry(to) || !is_entry(from) || to == from)
		return errno_set(DARWIN_EINVAL);
	*to = *from;
	return 0;
}

int darwin_acl_valid(const struct acl *acl)
{
	if (!is_acl(acl))
		return errno_set(DARWIN_EINVAL);
	for (int i = 0; i < acl->count; i++)
		if ((acl->entries[i].tag != ACL_ALLOW && acl->entries[i].tag != ACL_DENY) || (acl->entries[i].rights & ~(uint64_t)RIGHTS_ALL))
			return errno_set(DARWIN_EINVAL);
	return 0;
}

int darwin_acl_get_tag_type(const struct acl_entry *entry, int *tag)
{
	return is_entry(entry) ? (*tag = (int)entry->tag, 0) : errno_set(DARWIN_EINVAL);
}

int darwin_acl_set_tag_type(struct acl_entry *entry, int tag)
{
	if (!is_entry(entry) || (tag != ACL_ALLOW && tag != ACL_DENY))
		return errno_set(DARWIN_EINVAL);
	entry->tag = (uint32_t)tag;
	return 0;
}

void *darwin_acl_get_qualifier(const struct acl_entry *entry)
{
	void *copy = is_entry(entry) && entry->tag ? malloc(16) : NULL;
	return copy ? memcpy(copy, entry->who, 16) : (errno_set(DARWIN_EINVAL), NULL);
}

int darwin_acl_set_qualifier(struct acl_entry *entry, const void *uuid)
{
	if (!is_entry(entry) || !entry->tag)
		return errno_set(DARWIN_EINVAL);
	memcpy(entry->who, uuid, 16);
	return 0;
}

// ---- rights and flags -----------------------------------------------------------------------------------------------

int darwin_acl_get_permset(struct acl_entry *entry, uint64_t **rights)
{
	return is_entry(entry) ? (*rights = &entry->rights, 0) : errno_set(DARWIN_EINVAL);
}

int darwin_acl_set_permset(struct acl_entry *entry, const uint64_t *rights)
{
	return is_entry(entry) ? (entry->rights = *rights, 0) : errno_set(DARWIN_EINVAL);
}

int darwin_acl_get_permset_mask_np(const struct acl_entry *entry, uint64_t *mask)
{
	return is_entry(entry) ? (*mask = entry->rights, 0) : errno_set(DARWIN_EINVAL);
}

int darwin_acl_set_permset_mask_np(struct acl_entry *entry, uint64_t mask)
{
	return is_entry(entry) ? (entry->rights = mask & RIGHTS_ALL, 0) : errno_set(DARWIN_EINVAL);
}

int darwin_acl_maximal_permset_mask_np(uint64_t *mask) { return *mask = RIGHTS_ALL, 0; }
int darwin_acl_clear_perms(uint64_t *rights) { return *rights = 0, 0; }
int darwin_acl_get_perm_np(const uint64_t *rights, uint32_t right) { return (*rights & right) != 0; }

int darwin_acl_add_perm(uint64_t *rights, uint32_t right)
{
	return right & ~RIGHTS_ALL ? errno_set(DARWIN_EINVAL) : (*rights |= right, 0);
}

int darwin_acl_delete_perm(uint64_t *rights, uint32_t right)
{
	return right & ~RIGHTS_ALL ? errno_set(DARWIN_EINVAL) : (*rights &= ~(uint64_t)right, 0);
}

// Of a list or of an entry.
int darwin_acl_get_flagset_np(void *object, uint32_t **flags)
{
	struct acl *acl = object;
	struct acl_entry *entry = object;
	if (!is_acl(acl) && !is_entry(entry))
		return errno_set(DARWIN_EINVAL);
	*flags = is_acl(acl) ? &acl->flags : &entry->flags;
	return 0;
}

int darwin_acl_set_flagset_np(void *object, const uint32_t *flags)
{
	uint32_t *to = NULL;
	return darwin_acl_get_flagset_np(object, &to) < 0 ? -1 : (*to = *flags, 0);
}

int darwin_acl_clear_flags_np(uint32_t *flags) { return *flags = 0, 0; }
int darwin_acl_get_flag_np(const uint32_t *flags, uint32_t flag) { return (*flags & flag) != 0; }
int darwin_acl_add_flag_np(uint32_t *flags, uint32_t flag) { return *flags |= flag, 0; }
int darwin_acl_delete_flag_np(uint32_t *flags, uint32_t flag) { return *flags &= ~flag, 0; }

// ---- files ----------------------------------------------------------------------------------------------------------

static bool exists(int file, const char *path, int flags)
{
	struct stat status;
	return fstatat(file, path, &status, flags) == 0 || errno_result(-1) == 0;
}

static void *none(bool there)
{
	if (there)
		errno_set(DARWIN_ENOENT);
	return NULL;
}

static int set(bool there, const struct acl *acl)
{
	if (!there)
		return -1;
	if (!is_acl(acl))
		return errno_set(DARWIN_EINVAL);
	return acl->count == 0 ? 0 : errno_set(DARWIN_ENOTSUP);
}

void *darwin_acl_get_file(const char *path, int type) { return (void)type, none(exists(AT_FDCWD, path, 0)); }
void *darwin_acl_get_link_np(const char *path, int type) { return (void)type, none(exists(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW)); }
void *darwin_acl_get_fd(int file) { return none(exists(file, "", AT_EMPTY_PATH)); }
void *darwin_acl_get_fd_np(int file, int type) { return (void)type, none(exists(file, "", AT_EMPTY_PATH)); }
int darwin_acl_set_file(const char *path, int type, const struct acl *acl) { return (void)type, set(exists(AT_FDCWD, path, 0), acl); }
int darwin_acl_set_link_np(const char *path, int type, const struct acl *acl)
{
	return (void)type, set(exists(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW), acl);
}
int darwin_acl_set_fd(int file, const struct acl *acl) { return set(exists(file, "", AT_EMPTY_PATH), acl); }
int darwin_acl_set_fd_np(int file, const struct acl *acl, int type) { return (void)type, set(exists(file, "", AT_EMPTY_PATH), acl); }
int darwin_acl_valid_fd_np(int file, int type, const struct acl *acl) { return (void)file, (void)type, darwin_acl_valid(acl); }
int darwin_acl_valid_file_np(const char *path, int type, const struct acl *acl) { return (void)path, (void)type, darwin_acl_valid(acl); }
int darwin_acl_valid_link(const char *path, int type, const struct acl *acl) { return (void)path, (void)type, darwin_acl_valid(acl); }
