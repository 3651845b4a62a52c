// SPDX-License-Identifier: MIT
// filesec: owner, mode and list of a file in one object, and the calls that take one. Facts: Libc's <sys/fcntl.h>, filesec_init(3) and
// openx_np(3) of Darwin (FILESEC_OWNER 1 to FILESEC_GRPUUID 6). A list with entries is refused: see acl.c.
#include "abi.h"
#include "acl.h"
#include "errno.h"
#include "membership.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum property { OWNER = 1, GROUP, UUID, MODE, LIST, GROUP_UUID, PROPERTIES };
#define REMOVE_LIST ((struct acl *)1) // _FILESEC_REMOVE_ACL

struct filesec {
	uint32_t known; // a bit for each property that is set
	uint32_t owner, group;
	uint8_t uuid[16], group_uuid[16];
	uint16_t mode;
	struct acl *list; // an own copy, or REMOVE_LIST
};

struct acl *darwin_acl_dup(const struct acl *from);
struct filesec *darwin_filesec_init(void) { return calloc(1, sizeof(struct filesec)); }

static void list_free(struct filesec *of)
{
	if (of->list != REMOVE_LIST)
		free(of->list);
	of->list = NULL;
}

void darwin_filesec_free(struct filesec *of)
{
	if (of)
		list_free(of);
	free(of);
}

struct filesec *darwin_filesec_dup(const struct filesec *from)
{
	struct filesec *to = darwin_filesec_init();
	if (!to)
		return NULL;
	*to = *from;
	if (from->list && from->list != REMOVE_LIST)
		to->list = darwin_acl_dup(from->list);
	return to;
}

// Where a property lies, and its size.
static void *place(struct filesec *of, int property, size_t *size)
{
	switch (property) {
	case OWNER: return *size = 4, &of->owner;
	case GROUP: return *size = 4, &of->group;
	case UUID: return *size = 16, of->uuid;
	case GROUP_UUID: return *size = 16, of->group_uuid;
	case MODE: return *size = 2, &of->mode;
	default: return NULL;
	}
}

int darwin_filesec_get_property(struct filesec *of, int property, void *to)
{
	size_t size;
	const void *from = place(of, property, &size);
	if (!from && property != LIST)
		return errno_set(DARWIN_EINVAL);
	if (!(of->known >> property & 1))
		return errno_set(DARWIN_ENOENT);
	if (from)
		return memcpy(to, from, size), 0;
	struct acl *copy = of->list == REMOVE_LIST ? REMOVE_LIST : darwin_acl_dup(of->list);
	*(struct acl **)to = copy;
	return copy ? 0 : -1;
}

int darwin_filesec_query_property(struct filesec *of, int property, int *is)
{
	if (property < OWNER || property >= PROPERTIES)
		return errno_set(DARWIN_EINVAL);
	*is = of->known >> property & 1;
	return 0;
}

// A value of NULL takes the property away.
int darwin_filesec_set_property(struct filesec *of, int property, const void *from)
{
	size_t size;
	if (property < OWNER || property >= PROPERTIES)
		return errno_set(DARWIN_EINVAL);
	void *to = place(of, property, &size);
	of->known &= ~(1u << property);
	if (property == LIST)
		list_free(of);
	if (!from)
		return 0;
	if (to)
		memcpy(to, from, size);
	else {
		struct acl *list = *(struct acl *const *)from;
		of->list = list == REMOVE_LIST ? list : darwin_acl_dup(list);
		if (!of->list)
			return -1;
	}
	of->known |= 1u << property;
	return 0;
}

int darwin_filesec_unset_property(struct filesec *of, int property) { return darwin_filesec_set_property(of, property, NULL); }

// ---- calls ----------------------------------------------------------------------------------------------------------

int darwin_open(const char *path, int flags, ...);
int darwin_mkdir(const char *path, uint16_t mode);
int darwin_mkfifo(const char *path, uint16_t mode);
int darwin_chmod(const char *path, uint16_t mode);
int darwin_fchmod(int file, uint16_t mode);
int darwin_chown(const char *path, uint32_t user, uint32_t group);
int darwin_fchown(int file, uint32_t user, uint32_t group);
int darwin_stat64(const char *path, struct darwin_stat *to);
int darwin_lstat64(const char *path, struct darwin_stat *to);
int darwin_fstat64(int file, struct darwin_stat *to);

static bool list_is_refused(const struct filesec *of)
{
	return of && of->list && of->list != REMOVE_LIST && of->list->count > 0;
}

static uint16_t mode_of(const struct filesec *of, uint16_t otherwise)
{
	return of && (of->known >> MODE & 1) ? of->mode & 07777 : otherwise;
}

int darwin_openx_np(const char *path, int flags, const struct filesec *security)
{
	if (list_is_refused(security))
		return errno_set(DARWIN_ENOTSUP);
	return darwin_open(path, flags, (int)mode_of(security, 0666));
}

int darwin_mkdirx_np(const char *path, const struct filesec *security)
{
	return list_is_refused(security) ? errno_set(DARWIN_ENOTSUP) : darwin_mkdir(path, mode_of(security, 0777));
}

int darwin_mkfifox_np(const char *path, const struct filesec *security)
{
	return list_is_refused(security) ? errno_set(DARWIN_ENOTSUP) : darwin_mkfifo(path, mode_of(security, 0666));
}

static uint32_t id_of(const struct filesec *of, enum property property, uint32_t value)
{
	return of->known >> property & 1 ? value : UINT32_MAX;
}

int darwin_chmodx_np(const char *path, const struct filesec *security)
{
	uint32_t owner = id_of(security, OWNER, security->owner), group = id_of(security, GROUP, security->group);
	if (list_is_refused(security))
		return errno_set(DARWIN_ENOTSUP);
	if ((owner != UINT32_MAX || group != UINT32_MAX) && darwin_chown(path, owner, group) < 0)
		return -1;
	return security->known >> MODE & 1 ? darwin_chmod(path, security->mode & 07777) : 0;
}

int darwin_fchmodx_np(int file, const struct filesec *security)
{
	uint32_t owner = id_of(security, OWNER, security->owner), group = id_of(security, GROUP, security->group);
	if (list_is_refused(security))
		return errno_set(DARWIN_ENOTSUP);
	if ((owner != UINT32_MAX || group != UINT32_MAX) && darwin_fchown(file, owner, group) < 0)
		return -1;
	return security->known >> MODE & 1 ? darwin_fchmod(file, security->mode & 07777) : 0;
}

// What the status says; no list, as no file has one.
static int fill(int result, const struct darwin_stat *from, struct filesec *to)
{
	if (result < 0)
		return -1;
	list_free(to);
	to->known = 1u << OWNER | 1u << GROUP | 1u << UUID | 1u << GROUP_UUID | 1u << MODE;
	to->owner = from->user;
	to->group = from->group;
	to->mode = from->mode;
	membership_uuid(from->user, false, to->uuid);
	membership_uuid(from->group, true, to->group_uuid);
	return 0;
}

int darwin_statx_np(const char *path, struct darwin_stat *status, struct filesec *to) { return fill(darwin_stat64(path, status), status, to); }
int darwin_lstatx_np(const char *path, struct darwin_stat *status, struct filesec *to) { return fill(darwin_lstat64(path, status), status, to); }
int darwin_fstatx_np(int file, struct darwin_stat *status, struct filesec *to) { return fill(darwin_fstat64(file, status), status, to); }
