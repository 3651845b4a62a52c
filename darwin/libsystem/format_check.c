// SPDX-License-Identifier: MIT
// fmtcheck: whether a format, perhaps of a catalogue of messages, takes the arguments of another. Facts: fmtcheck(3) of Darwin. getbsize:
// the size of blocks that tools print. Facts: getbsize(3).
#include "errno.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void darwin_warnx(const char *format, ...);

// What the next conversion takes: a letter for its kind and one for its size. 0: there is no more, '?': not known.
static const char *next_kind(const char *at, char kind[2])
{
	static const char *const kinds[] = {"diouxXDOUp", "eEfFgGaA", "c", "s", "n"};
	while ((at = strchr(at, '%')) && at[1] == '%')
		at += 2;
	kind[0] = kind[1] = 0;
	if (!at)
		return NULL;
	at += 1 + strspn(at + 1, "#0- +'123456789.");
	if (*at == '*') // a number that is an argument
		return kind[0] = 'i', at + 1;
	for (; *at && strchr("hlLqjzt", *at); at++)
		kind[1] = kind[1] == 'l' && *at == 'l' ? 'q' : kind[1] == 'h' && *at == 'h' ? 'H' : *at;
	for (int i = 0; i < 5 && *at; i++)
		if (strchr(kinds[i], *at))
			kind[0] = "ifcsn"[i];
	if (*at == 'p')
		kind[1] = 'p';
	if (*at == 'i' || !kind[0])
		kind[0] = kind[0] ? kind[0] : '?';
	return *at ? at + 1 : at;
}

const char *darwin_fmtcheck(const char *format, const char *otherwise)
{
	char one[2], other[2];
	if (!format)
		return otherwise;
	const char *at = format, *other_at = otherwise;
	for (;;) {
		at = at ? next_kind(at, one) : (one[0] = one[1] = 0, NULL);
		other_at = other_at ? next_kind(other_at, other) : (other[0] = other[1] = 0, NULL);
		if (!one[0])
			return format; // it may take fewer
		if (one[0] == '?' || one[0] != other[0] || one[1] != other[1])
			return otherwise;
	}
}

// BLOCKSIZE: a number and K, M or G.
char *darwin_getbsize(int *length, long *size)
{
	static char text[32];
	static const struct {
		char letter;
		long unit;
	} units[] = {{'G', 1 << 30}, {'M', 1 << 20}, {'K', 1 << 10}, {'\0', 1}};
	const char *value = getenv("BLOCKSIZE");
	char *end = NULL;
	long count = value && *value ? strtol(value, &end, 10) : 512, unit = 1;
	if (end == value && end)
		count = 1;
	for (int i = 0; i < 3 && end && *end; i++)
		if ((*end & ~0x20) == units[i].letter)
			unit = units[i].unit;
	long whole = count > 0 && count <= (1 << 30) / unit ? count * unit : 512;
	if (value && whole < 512) {
		darwin_warnx("minimum blocksize is 512");
		whole = 512;
	}
	int which = 0;
	while (units[which].letter && whole % units[which].unit)
		which++;
	long shown = whole / units[which].unit;
	if (shown == 1 && units[which].letter)
		snprintf(text, sizeof(text), "1%c-blocks", units[which].letter);
	else if (units[which].letter)
		snprintf(text, sizeof(text), "%ld%c-blocks", shown, units[which].letter);
	else
		snprintf(text, sizeof(text), "%ld-blocks", shown);
	*length = (int)strlen(text);
	*size = whole;
	return text;
}
