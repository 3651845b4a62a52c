// SPDX-License-Identifier: MIT
// Access control lists as text and as bytes. Facts: acl_to_text(3), acl_from_text(3), acl_copy_ext(3) of Darwin; Libc's posix1e: a line
// "!#acl 1", then for each entry kind:UUID:name:number:allow or deny, flags:rights. Bytes: xnu's bsd/sys/kauth.h, struct kauth_filesec.
#include "acl.h"
#include "errno.h"
#include "membership.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
	const char *name;
	uint32_t bit;
};
static const struct word rights[] = {{"read", 1u << 1},
				     {"write", 1u << 2},
				     {"execute", 1u << 3},
				     {"delete", 1u << 4},
				     {"append", 1u << 5},
				     {"delete_child", 1u << 6},
				     {"readattr", 1u << 7},
				     {"writeattr", 1u << 8},
				     {"readextattr", 1u << 9},
				     {"writeextattr", 1u << 10},
				     {"readsecurity", 1u << 11},
				     {"writesecurity", 1u << 12},
				     {"chown", 1u << 13},
				     {"list", 1u << 1},
				     {"add_file", 1u << 2},
				     {"search", 1u << 3},
				     {"add_subdirectory", 1u << 5}};
enum { RIGHTS = sizeof(rights) / sizeof(*rights), RIGHT_NAMES = 13 }; // the others are those of folders, read but not written
static const struct word entry_flags[] = {{"inherited", 1u << 4},
					  {"file_inherit", 1u << 5},
					  {"directory_inherit", 1u << 6},
					  {"limit_inherit", 1u << 7},
					  {"only_inherit", 1u << 8}};
static const struct word acl_flags[] = {{"defer_inherit", 1u << 0}, {"no_inherit", 1u << 17}};

// ---- to text --------------------------------------------------------------------------------------------------------

static void words_write(FILE *to, const struct word *words, size_t count, uint64_t bits, const char *first)
{
	for (size_t i = 0; i < count; i++)
		if (bits & words[i].bit) {
			fprintf(to, "%s%s", first, words[i].name);
			first = ",";
		}
}

static void entry_write(FILE *to, const struct acl_entry *entry)
{
	uint32_t id;
	bool group, known = membership_id(entry->who, &id, &group);
	const struct passwd *user = known && !group ? getpwuid(id) : NULL;
	const struct group *host_group = known && group ? getgrgid(id) : NULL;
	fputs(known && group ? "group:" : "user:", to);
	for (int i = 0; i < 16; i++)
		fprintf(to, "%s%02X", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", entry->who[i]);
	fprintf(to, ":%s:", user ? user->pw_name : host_group ? host_group->gr_name : "");
	if (known)
		fprintf(to, "%u", id);
	fprintf(to, ":%s", entry->tag == ACL_DENY ? "deny" : "allow");
	words_write(to, entry_flags, 5, entry->flags, ",");
	fputc(':', to);
	words_write(to, rights, RIGHT_NAMES, entry->rights, "");
	fputc('\n', to);
}

char *darwin_acl_to_text(const struct acl *acl, long *length)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = acl && acl->magic == ACL_MAGIC ? open_memstream(&text, &size) : NULL;
	if (!to)
		return errno_set(DARWIN_EINVAL), NULL;
	fputs("!#acl 1", to);
	words_write(to, acl_flags, 2, acl->flags, " ");
	fputc('\n', to);
	for (int i = 0; i < acl->count; i++)
		entry_write(to, &acl->entries[i]);
	fclose(to);
	if (length)
		*length = (long)size;
	return text;
}

// ---- from text ------------------------------------------------------------------------------------------------------

static bool words_read(char *text, const struct word *words, size_t count, uint64_t *bits)
{
	for (char *word; (word = strsep(&text, ","));) {
		size_t i = 0;
		while (i < count && strcmp(words[i].name, word) != 0)
			i++;
		if (i == count && *word)
			return false;
		*bits |= i < count ? words[i].bit : 0;
	}
	return true;
}

int darwin_uuid_parse(const char *text, uint8_t to[16]);

// By UUID, else by name, else by number.
static bool who_read(const char *uuid, const char *name, const char *number, bool group, uint8_t to[16])
{
	const struct passwd *user = !group && *name ? getpwnam(name) : NULL;
	const struct group *known = group && *name ? getgrnam(name) : NULL;
	char *end;
	unsigned long id = strtoul(number, &end, 10);
	if (*uuid)
		return darwin_uuid_parse(uuid, to) == 0;
	if (!user && !known && (!*number || *end))
		return false;
	membership_uuid(user ? user->pw_uid : known ? known->gr_gid : (uint32_t)id, group, to);
	return true;
}

static bool entry_read(char *line, struct acl_entry *to)
{
	char *fields[6];
	for (int i = 0; i < 6; i++)
		if (!(fields[i] = strsep(&line, ":")))
			return false;
	bool group = strcmp(fields[0], "group") == 0;
	if ((!group && strcmp(fields[0], "user") != 0) || line)
		return false;
	char *flags = fields[4], *tag = strsep(&flags, ",");
	uint64_t bits = 0;
	*to = (struct acl_entry){.magic = ACL_ENTRY_MAGIC, .tag = strcmp(tag, "allow") == 0 ? ACL_ALLOW : strcmp(tag, "deny") == 0 ? ACL_DENY : 0};
	if (!to->tag || (flags && !words_read(flags, entry_flags, 5, &bits)) || !words_read(fields[5], rights, RIGHTS, &to->rights))
		return false;
	to->flags = (uint32_t)bits;
	return who_read(fields[1], fields[2], fields[3], group, to->who);
}

struct acl *darwin_acl_from_text(const char *text)
{
	struct acl *acl = acl_make();
	char *copy = text ? strdup(text) : NULL, *rest = copy, *line = strsep(&rest, "\n");
	bool right = acl && line && strncmp(line, "!#acl 1", 7) == 0;
	if (right && line[7]) {
		uint64_t bits = 0;
		right = line[7] == ' ' && words_read(line + 8, acl_flags, 2, &bits);
		acl->flags = (uint32_t)bits;
	}
	while (right && (line = strsep(&rest, "\n")))
		if (*line && *line != '#')
			right = acl->count < ACL_MOST && entry_read(line, &acl->entries[acl->count]) && ++acl->count;
	free(copy);
	if (right)
		return acl;
	free(acl);
	return errno_set(DARWIN_EINVAL), NULL;
}

// ---- bytes: numbers are in the order of the network, of the _native forms in the machine's ---------------------------

enum { EXTERNAL_MAGIC = 0x012cc16d, EXTERNAL_HEAD = 44, EXTERNAL_ENTRY = 24 };

long darwin_acl_size(const struct acl *acl)
{
	return acl && acl->magic == ACL_MAGIC ? EXTERNAL_HEAD + EXTERNAL_ENTRY * (long)acl->count : errno_set(DARWIN_EINVAL);
}

static void put(char **at, uint32_t value, bool native)
{
	value = native ? value : __builtin_bswap32(value);
	memcpy(*at, &value, 4);
	*at += 4;
}

static uint32_t get(const char **at, bool native)
{
	uint32_t value;
	memcpy(&value, *at, 4);
	*at += 4;
	return native ? value : __builtin_bswap32(value);
}

static long external_write(char *to, const struct acl *acl, long room, bool native)
{
	long size = darwin_acl_size(acl);
	if (size < 0)
		return -1;
	if (room < size)
		return errno_set(DARWIN_ERANGE);
	put(&to, EXTERNAL_MAGIC, native);
	memset(to, 0, 32); // owner and group: not told
	to += 32;
	put(&to, (uint32_t)acl->count, native);
	put(&to, acl->flags, native);
	for (int i = 0; i < acl->count; i++) {
		const struct acl_entry *entry = &acl->entries[i];
		memcpy(to, entry->who, 16);
		to += 16;
		put(&to, entry->tag | entry->flags, native); // KAUTH_ACE_PERMIT 1, _DENY 2
		put(&to, (uint32_t)entry->rights, native);
	}
	return size;
}

static struct acl *external_read(const char *from, bool native)
{
	struct acl *acl = acl_make();
	bool right = acl && get(&from, native) == EXTERNAL_MAGIC;
	from += 32;
	uint32_t count = right ? get(&from, native) : 0;
	if (!right || count > ACL_MOST) {
		free(acl);
		return errno_set(DARWIN_EINVAL), NULL;
	}
	acl->flags = get(&from, native);
	for (acl->count = 0; acl->count < (int32_t)count; acl->count++) {
		struct acl_entry *entry = &acl->entries[acl->count];
		from += 16; // who
		uint32_t flags = get(&from, native);
		*entry = (struct acl_entry){.magic = ACL_ENTRY_MAGIC, .tag = flags & 15, .flags = flags & ~15u, .rights = get(&from, native)};
		memcpy(entry->who, from - EXTERNAL_ENTRY, 16);
	}
	return acl;
}

long darwin_acl_copy_ext(void *to, const struct acl *acl, long room) { return external_write(to, acl, room, false); }
long darwin_acl_copy_ext_native(void *to, const struct acl *acl, long room) { return external_write(to, acl, room, true); }
struct acl *darwin_acl_copy_int(const void *from) { return external_read(from, false); }
struct acl *darwin_acl_copy_int_native(const void *from) { return external_read(from, true); }
