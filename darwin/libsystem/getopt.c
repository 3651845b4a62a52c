// SPDX-License-Identifier: MIT
// getopt, getopt_long, getopt_long_only. Facts: getopt(3), getopt_long(3) of Darwin: arguments are moved behind options only by
// getopt_long, and not if POSIXLY_CORRECT is set or the options begin with +; optreset begins anew.
#include "printf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int darwin_optind = 1, darwin_opterr = 1, darwin_optopt = '?', darwin_optreset;
char *darwin_optarg;

struct option { // the same in both systems: <getopt.h>
	const char *name;
	int has_argument; // 0 no, 1 required, 2 optional
	int *flag, value;
};

static const char *rest = ""; // of a group of short options

const char *darwin_getprogname(void);

static void complain(const char *options, const char *format, ...)
{
	va_list arguments;
	if (!darwin_opterr || options[*options == '+' || *options == '-'] == ':')
		return;
	struct darwin_file *to = darwin_stderrp;
	fprintf(to->host, "%s: ", darwin_getprogname());
	va_start(arguments, format);
	print_to_stream(to, locale_current(), format, arguments);
	va_end(arguments);
	fputc('\n', to->host);
}

static int missing(const char *options)
{
	return options[*options == '+' || *options == '-'] == ':' ? ':' : '?';
}

// The next letter of `rest`.
static int short_option(int count, char *const *words, const char *options, const char *illegal)
{
	int letter = (unsigned char)*rest++;
	const char *found = letter == ':' ? NULL : strchr(options, letter);
	if (!*rest)
		darwin_optind++;
	darwin_optopt = letter;
	if (!found) {
		complain(options, illegal, letter);
		return '?';
	}
	darwin_optarg = NULL;
	if (found[1] != ':')
		return letter;
	if (*rest) {
		darwin_optarg = (char *)(uintptr_t)rest;
		darwin_optind++;
	} else if (found[2] != ':') {
		if (darwin_optind >= count) {
			rest = "";
			complain(options, "option requires an argument -- %c", letter);
			return missing(options);
		}
		darwin_optarg = words[darwin_optind++];
	}
	rest = "";
	return letter;
}

int darwin_getopt(int count, char *const *words, const char *options)
{
	if (darwin_optreset || darwin_optind == 0) {
		darwin_optreset = 0;
		darwin_optind = darwin_optind ? darwin_optind : 1;
		rest = "";
	}
	if (!*rest) {
		const char *word = darwin_optind < count ? words[darwin_optind] : NULL;
		if (!word || word[0] != '-' || !word[1])
			return -1;
		if (strcmp(word, "--") == 0) {
			darwin_optind++;
			return -1;
		}
		rest = word + 1;
	}
	return short_option(count, words, options, "illegal option -- %c");
}

// ---- long options ---------------------------------------------------------------------------------------------------

// The option of that name, also shortened if that is clear. -1: none, -2: more than one.
static int long_find(const struct option *longs, const char *name, size_t size)
{
	int found = -1;
	for (int i = 0; longs[i].name; i++) {
		if (strncmp(longs[i].name, name, size) != 0)
			continue;
		if (strlen(longs[i].name) == size)
			return i;
		bool same = found >= 0 && longs[found].has_argument == longs[i].has_argument &&
			    longs[found].flag == longs[i].flag && longs[found].value == longs[i].value;
		found = found == -1 || same ? i : -2;
	}
	return found;
}

static int long_option(int count, char *const *words, const char *options, const struct option *longs, int *index, const char *name)
{
	size_t size = strcspn(name, "=");
	int found = long_find(longs, name, size);
	darwin_optind++;
	darwin_optopt = 0;
	darwin_optarg = NULL;
	if (found < 0) {
		complain(options, found == -2 ? "ambiguous option -- %.*s" : "unrecognized option `--%.*s'", (int)size, name);
		return '?';
	}
	const struct option *option = &longs[found];
	if (name[size] == '=' && option->has_argument == 0) {
		complain(options, "option `--%.*s' doesn't allow an argument", (int)size, name);
		darwin_optopt = option->flag ? 0 : option->value;
		return missing(options);
	}
	if (name[size] == '=')
		darwin_optarg = (char *)(uintptr_t)(name + size + 1);
	else if (option->has_argument == 1) {
		if (darwin_optind >= count) {
			complain(options, "option `--%s' requires an argument", name);
			darwin_optopt = option->flag ? 0 : option->value;
			return missing(options);
		}
		darwin_optarg = words[darwin_optind++];
	}
	if (index)
		*index = found;
	if (!option->flag)
		return option->value;
	*option->flag = option->value;
	return 0;
}

// Arguments [first, middle) go behind the options [middle, end).
static void move_behind(char **words, int first, int middle, int end)
{
	for (; middle < end; first++, middle++) {
		char *word = words[middle];
		memmove(words + first + 1, words + first, (size_t)(middle - first) * sizeof(*words));
		words[first] = word;
	}
}

static int next_long(int count, char **words, const char *options, const struct option *longs, int *index, bool single)
{
	char *word = words[darwin_optind];
	bool two = word[1] == '-';
	const char *name = word + 1 + two;
	if (two || (single && (long_find(longs, name, strcspn(name, "=")) >= 0 || !strchr(options, word[1]))))
		return long_option(count, words, options, longs, index, name);
	rest = word + 1;
	return short_option(count, words, options, "invalid option -- %c");
}

static int getopt_all(int count, char **words, const char *options, const struct option *longs, int *index, bool single)
{
	static int skipped_first = -1; // arguments before the option that is in work
	if (darwin_optreset || darwin_optind == 0) {
		darwin_optreset = 0;
		darwin_optind = darwin_optind ? darwin_optind : 1;
		rest = "";
	}
	bool permute = *options != '+' && *options != '-' && !getenv("POSIXLY_CORRECT");
	int first = darwin_optind, at = first, result;
	if (*rest) {
		int before = darwin_optind;
		result = short_option(count, words, options + (*options == '+' || *options == '-'), "invalid option -- %c");
		if (darwin_optind > before && skipped_first >= 0 && skipped_first < before) {
			move_behind(words, skipped_first, before, darwin_optind);
			darwin_optind -= before - skipped_first;
		}
		return result;
	}
	while (at < count && (words[at][0] != '-' || !words[at][1])) {
		if (*options == '-') {
			darwin_optarg = words[at];
			darwin_optind = at + 1;
			return 1;
		}
		if (!permute)
			return -1;
		at++;
	}
	if (at >= count)
		return -1;
	darwin_optind = at;
	if (strcmp(words[at], "--") == 0) {
		move_behind(words, first, at, at + 1);
		darwin_optind = first + 1;
		return -1;
	}
	result = next_long(count, words, options + (*options == '+' || *options == '-'), longs, index, single);
	skipped_first = first;
	if (darwin_optind > at && first < at) {
		move_behind(words, first, at, darwin_optind);
		darwin_optind -= at - first;
	}
	return result;
}

int darwin_getopt_long(int count, char **words, const char *options, const struct option *longs, int *index)
{
	return getopt_all(count, words, options, longs, index, false);
}

int darwin_getopt_long_only(int count, char **words, const char *options, const struct option *longs, int *index)
{
	return getopt_all(count, words, options, longs, index, true);
}
