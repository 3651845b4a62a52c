// SPDX-License-Identifier: MIT
// membership.h: who is a member of what, by UUID. Facts: mbr_uid_to_uuid(3), mbr_check_membership(3); Libinfo's membership.subproj: UUIDs
// of local users and groups are a fixed beginning and the number. All here are local: Linux' users have no UUIDs of their own.
#include "membership.h"

#include "errno.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_UID, TYPE_GID, TYPE_SID = 3, TYPE_USERNAME, TYPE_GROUPNAME, TYPE_UUID }; // ID_TYPE_*
static const uint8_t user_prefix[12] = {0xff, 0xff, 0xee, 0xee, 0xdd, 0xdd, 0xcc, 0xcc, 0xbb, 0xbb, 0xaa, 0xaa};
static const uint8_t group_prefix[12] = {0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef};

void membership_uuid(uint32_t id, bool group, uint8_t to[16])
{
	uint32_t number = __builtin_bswap32(id);
	memcpy(to, group ? group_prefix : user_prefix, 12);
	memcpy(to + 12, &number, 4);
}

bool membership_id(const uint8_t uuid[16], uint32_t *id, bool *group)
{
	uint32_t number;
	memcpy(&number, uuid + 12, 4);
	*id = __builtin_bswap32(number);
	*group = memcmp(uuid, group_prefix, 12) == 0;
	return *group || memcmp(uuid, user_prefix, 12) == 0;
}

int darwin_mbr_uid_to_uuid(uint32_t id, uint8_t to[16])
{
	membership_uuid(id, false, to);
	return 0;
}

int darwin_mbr_gid_to_uuid(uint32_t id, uint8_t to[16])
{
	membership_uuid(id, true, to);
	return 0;
}

int darwin_mbr_uuid_to_id(const uint8_t uuid[16], uint32_t *id, int *type)
{
	bool group;
	if (!membership_id(uuid, id, &group))
		return DARWIN_ENOENT;
	*type = group ? TYPE_GID : TYPE_UID;
	return 0;
}

int darwin_mbr_user_name_to_uuid(const char *name, uint8_t to[16])
{
	const struct passwd *user = getpwnam(name);
	if (!user)
		return DARWIN_ENOENT;
	membership_uuid(user->pw_uid, false, to);
	return 0;
}

int darwin_mbr_group_name_to_uuid(const char *name, uint8_t to[16])
{
	const struct group *group = getgrnam(name);
	if (!group)
		return DARWIN_ENOENT;
	membership_uuid(group->gr_gid, true, to);
	return 0;
}

int darwin_mbr_identifier_to_uuid(int type, const void *identifier, size_t size, uint8_t to[16])
{
	if (type == TYPE_UID || type == TYPE_GID) {
		uint32_t id;
		if (size != sizeof(id))
			return DARWIN_EINVAL;
		memcpy(&id, identifier, sizeof(id));
		membership_uuid(id, type == TYPE_GID, to);
		return 0;
	}
	if (type == TYPE_UUID && size == 16)
		return memcpy(to, identifier, 16), 0;
	if (type != TYPE_USERNAME && type != TYPE_GROUPNAME)
		return type == TYPE_SID ? DARWIN_ENOENT : DARWIN_EINVAL; // Windows' numbers: none has one
	char *name = strndup(identifier, size);
	int error = !name ? DARWIN_ENOMEM : type == TYPE_USERNAME ? darwin_mbr_user_name_to_uuid(name, to) : darwin_mbr_group_name_to_uuid(name, to);
	free(name);
	return error;
}

int darwin_mbr_check_membership(const uint8_t user[16], const uint8_t group[16], int *is)
{
	uint32_t user_id, group_id;
	bool user_is_group, is_group;
	*is = 0;
	if (!membership_id(user, &user_id, &user_is_group) || !membership_id(group, &group_id, &is_group))
		return DARWIN_ENOENT;
	if (!is_group || user_is_group) {
		*is = is_group == user_is_group && user_id == group_id;
		return 0;
	}
	const struct passwd *known = getpwuid(user_id);
	gid_t groups[1024];
	int count = sizeof(groups) / sizeof(*groups);
	if (!known)
		return DARWIN_ENOENT;
	if (getgrouplist(known->pw_name, known->pw_gid, groups, &count) < 0)
		count = sizeof(groups) / sizeof(*groups);
	for (int i = 0; i < count; i++)
		*is |= groups[i] == group_id;
	return 0;
}

int darwin_mbr_check_membership_by_id(const uint8_t user[16], uint32_t group, int *is)
{
	uint8_t uuid[16];
	membership_uuid(group, true, uuid);
	return darwin_mbr_check_membership(user, uuid, is);
}
