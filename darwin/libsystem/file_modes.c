// SPDX-License-Identifier: MIT
// Modes of files as chmod(1) reads them, flags of files by name. Facts: setmode(3), strtofflags(3), chflags(1), chmod(1) of Darwin;
// xnu's bsd/sys/stat.h (UF_*, SF_*).
#include "errno.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// ---- setmode, getmode: a list of changes, of which the last is END --------------------------------------------------

enum change_kind { CHANGE_END, CHANGE_SET, CHANGE_ADD, CHANGE_REMOVE, CHANGE_COPY };
struct change {
	enum change_kind kind;
	uint16_t who;	 // bits that it may touch
	uint16_t bits;	 // to set, add or remove; of COPY: 0700, 070 or 07, from which
	bool execute_if; // X
	bool exact;	 // a number: all bits are told
	char operation;	 // of COPY: + - =
};

static const char *read_who(const char *at, uint16_t *who)
{
	for (*who = 0;; at++)
		switch (*at) {
		case 'u': *who |= 04700; break;
		case 'g': *who |= 02070; break;
		case 'o': *who |= 01007; break;
		case 'a': *who |= 07777; break;
		default: return at;
		}
}

static const char *read_permissions(const char *at, struct change *change)
{
	for (;; at++)
		switch (*at) {
		case 'r': change->bits |= 0444; break;
		case 'w': change->bits |= 0222; break;
		case 'x': change->bits |= 0111; break;
		case 'X': change->execute_if = true; break;
		case 's': change->bits |= 06000; break;
		case 't': change->bits |= 01000; break;
		default: return at;
		}
}

// One clause: who, then operations. Returns where it ends, or NULL.
static const char *read_clause(const char *at, struct change *list, size_t *count, uint16_t mask)
{
	uint16_t who;
	at = read_who(at, &who);
	bool all = who == 0;
	if (!*at || !strchr("+-=", *at))
		return NULL;
	while (*at && strchr("+-=", *at)) {
		struct change *change = &list[(*count)++];
		char operation = *at++;
		*change = (struct change){.kind = operation == '='   ? CHANGE_SET
						  : operation == '+' ? CHANGE_ADD
								     : CHANGE_REMOVE,
					  .who = all ? 07777 & ~mask : who,
					  .operation = operation};
		if (*at == 'u' || *at == 'g' || *at == 'o') {
			change->kind = CHANGE_COPY;
			change->bits = *at == 'u' ? 0700 : *at == 'g' ? 070 : 07;
			at++;
		} else
			at = read_permissions(at, change);
	}
	return at;
}

static uint16_t current_mask(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return (uint16_t)mask;
}

void *darwin_setmode(const char *text)
{
	struct change *list = calloc(strlen(text) + 2, sizeof(*list));
	size_t count = 0;
	uint16_t mask = current_mask();
	if (!list)
		return errno_set(DARWIN_ENOMEM), NULL;
	if (*text >= '0' && *text <= '7') {
		char *end;
		unsigned long mode = strtoul(text, &end, 8);
		if (!*end && mode <= 07777) {
			list[0] = (struct change){.kind = CHANGE_SET, .who = 07777, .bits = (uint16_t)mode, .exact = true};
			return list;
		}
		free(list);
		return errno_set(DARWIN_EINVAL), NULL;
	}
	while (text) {
		text = read_clause(text, list, &count, mask);
		if (text && !*text)
			return list;
		text = text && *text == ',' ? text + 1 : NULL;
	}
	free(list);
	return errno_set(DARWIN_EINVAL), NULL;
}

static uint16_t copied_bits(uint16_t mode, uint16_t from)
{
	unsigned three = mode & from;
	three = from == 0700 ? three >> 6 : from == 070 ? three >> 3 : three;
	return (uint16_t)(three << 6 | three << 3 | three);
}

uint16_t darwin_getmode(const void *list, uint16_t mode)
{
	uint16_t before = mode & 07777, now = before;
	bool is_folder = (mode & 0170000) == 0040000;
	for (const struct change *at = list; at->kind != CHANGE_END; at++) {
		uint16_t bits = at->kind == CHANGE_COPY ? copied_bits(now, at->bits) : at->bits;
		if (at->execute_if && (is_folder || (before & 0111)))
			bits |= 0111;
		bits &= at->who;
		switch (at->kind == CHANGE_COPY ? at->operation : at->kind == CHANGE_SET ? '=' : at->kind == CHANGE_ADD ? '+' : '-') {
		case '=': now = (uint16_t)((now & ~(at->exact ? at->who : at->who & 06777)) | bits); break;
		case '+': now |= bits; break;
		default: now &= (uint16_t)~bits; break;
		}
	}
	return (uint16_t)((mode & ~07777) | now);
}

// ---- flags ----------------------------------------------------------------------------------------------------------

static const struct {
	const char *name;
	uint32_t flag;
	bool main; // the name that fflagstostr gives
} flags[] = {{"arch", 0x10000, true},	     {"archived", 0x10000, false}, {"schg", 0x20000, true},	{"schange", 0x20000, false},
	     {"simmutable", 0x20000, false}, {"sappnd", 0x40000, true},	   {"sappend", 0x40000, false}, {"sunlnk", 0x100000, true},
	     {"sunlink", 0x100000, false},   {"uappnd", 0x4, true},	   {"uappend", 0x4, false},	{"uchg", 0x2, true},
	     {"uchange", 0x2, false},	     {"uimmutable", 0x2, false},   {"opaque", 0x8, true},	{"nodump", 0x1, true},
	     {"hidden", 0x8000, true},	     {"compressed", 0x20, true},   {"tracked", 0x40, true},	{"restricted", 0x80000, true}};

char *darwin_fflagstostr(uint32_t from)
{
	char *text = calloc(1, 256);
	for (size_t i = 0; text && i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].main && (from & flags[i].flag)) {
			if (*text)
				strcat(text, ",");
			strcat(text, flags[i].name);
		}
	return text;
}

// *text becomes the name that is none. "no" before a name, or without it before nodump, clears.
int darwin_strtofflags(char **text, uint32_t *set, uint32_t *clear)
{
	*set = *clear = 0;
	for (char *word; (word = strsep(text, ", \t"));) {
		bool found = *word == '\0', no = strncmp(word, "no", 2) == 0;
		for (size_t i = 0; !found && i < sizeof(flags) / sizeof(*flags); i++) {
			const char *name = flags[i].name;
			bool is_no = flags[i].flag == 0x1;
			bool sets = strcmp(word, name) == 0, clears = is_no ? strcmp(word, name + 2) == 0 : no && strcmp(word + 2, name) == 0;
			*set |= sets ? flags[i].flag : 0;
			*clear |= clears ? flags[i].flag : 0;
			found = sets || clears;
		}
		if (!found) {
			*text = word;
			return 1;
		}
	}
	return 0;
}
