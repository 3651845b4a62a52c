// SPDX-License-Identifier: MIT
// fnmatch, regex: the host's, with Darwin's structures and flags. Facts: Libc's <fnmatch.h>, <regex.h>, <_regex.h>.
//
// A regex_t of Darwin has 32 bytes: the host's lies behind its last pointer. Positions (regmatch_t) have 64 bits.

#include <fnmatch.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int darwin_fnmatch(const char *pattern, const char *text, int flags)
{
	int host = (flags & 1 ? FNM_NOESCAPE : 0) | (flags & 2 ? FNM_PATHNAME : 0) | (flags & 0x1c); // PERIOD, LEADING_DIR, CASEFOLD
	return fnmatch(pattern, text, host);
}

// ---- regex ----------------------------------------------------------------------------------------------------------

enum { EXTENDED = 1, ICASE = 2, NOSUB = 4, NEWLINE = 8, LITERAL = 0x10, PEND = 0x20 };

struct darwin_regex {
	int32_t magic;
	size_t groups;
	const char *end; // of a pattern with REG_PEND
	regex_t *host;
};
struct darwin_match {
	int64_t start, end;
};

// A pattern as the host wants it: ended by 0, and with REG_NOSPEC each special character behind a backslash. NULL: no memory.
static char *pattern_text(const char *pattern, size_t size, bool literal)
{
	char *text = malloc(size * 2 + 1), *to = text;
	for (size_t i = 0; text && i < size; i++) {
		if (literal && strchr(".[]*^$\\", pattern[i]))
			*to++ = '\\';
		*to++ = pattern[i];
	}
	if (text)
		*to = '\0';
	return text;
}

int darwin_regncomp(struct darwin_regex *regex, const char *pattern, size_t size, int flags)
{
	int host = (flags & EXTENDED && !(flags & LITERAL) ? REG_EXTENDED : 0) | (flags & ICASE ? REG_ICASE : 0) |
		   (flags & NOSUB ? REG_NOSUB : 0) | (flags & NEWLINE ? REG_NEWLINE : 0);
	char *text = pattern_text(pattern, size, flags & LITERAL);
	regex->host = calloc(1, sizeof(*regex->host));
	int error = text && regex->host ? regcomp(regex->host, text, host) : REG_ESPACE;
	free(text);
	if (error) {
		free(regex->host);
		regex->host = NULL;
		return error <= 13 ? error : error == REG_EEND || error == REG_ERPAREN ? 8 : 2; // up to BADRPT they are the same
	}
	regex->magic = 0xf265; // it is compiled
	regex->groups = regex->host->re_nsub;
	return 0;
}

int darwin_regcomp(struct darwin_regex *regex, const char *pattern, int flags)
{
	return darwin_regncomp(regex, pattern, flags & PEND ? (size_t)(regex->end - pattern) : strlen(pattern), flags);
}

int darwin_regexec(const struct darwin_regex *regex, const char *text, size_t count, struct darwin_match *matches, int flags)
{
	if (regex->magic != 0xf265)
		return 2; // REG_BADPAT
	size_t room = count > 0 ? count : 1;
	regmatch_t few[16], *host = room <= 16 ? few : malloc(room * sizeof(*host));
	if (!host)
		return 12; // REG_ESPACE
	if (flags & REG_STARTEND)
		host[0] = (regmatch_t){(regoff_t)matches[0].start, (regoff_t)matches[0].end};
	int result = regexec(regex->host, text, flags & REG_STARTEND ? room : count, host, flags & 7); // the same bits
	for (size_t i = 0; result == 0 && i < count; i++)
		matches[i] = (struct darwin_match){host[i].rm_so, host[i].rm_eo};
	if (host != few)
		free(host);
	return result == REG_NOMATCH ? 1 : result ? 12 : 0;
}

// A text of that length, which need not end.
int darwin_regnexec(const struct darwin_regex *regex, const char *text, size_t size, size_t count, struct darwin_match *matches, int flags)
{
	struct darwin_match own = {0, (int64_t)size}, *list = count > 0 ? matches : &own;
	list[0] = (struct darwin_match){0, (int64_t)size};
	return darwin_regexec(regex, text, count, list, flags | REG_STARTEND);
}

void darwin_regfree(struct darwin_regex *regex)
{
	if (regex->magic != 0xf265)
		return;
	regfree(regex->host);
	free(regex->host);
	regex->magic = 0;
}

// Facts: regex(3) of Darwin, DIAGNOSTICS.
size_t darwin_regerror(int error, const struct darwin_regex *regex, char *to, size_t room)
{
	static const char *const texts[] = {"no error",
					    "regexec() failed to match",
					    "invalid regular expression",
					    "invalid collating element",
					    "invalid character class",
					    "trailing backslash (\\)",
					    "invalid backreference number",
					    "brackets ([ ]) not balanced",
					    "parentheses not balanced",
					    "braces not balanced",
					    "invalid repetition count(s)",
					    "invalid character range",
					    "out of memory",
					    "repetition-operator operand invalid",
					    "empty (sub)expression",
					    "\"can't happen\" -- you found a bug",
					    "invalid argument to regex routine",
					    "illegal byte sequence"};
	(void)regex;
	const char *text = error >= 0 && error < (int)(sizeof(texts) / sizeof(*texts)) ? texts[error] : "*** unknown regexp error code ***";
	size_t size = strlen(text) + 1;
	if (room > 0) {
		size_t copied = size < room ? size : room;
		memcpy(to, text, copied);
		to[copied - 1] = '\0';
	}
	return size;
}
