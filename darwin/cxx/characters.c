// SPDX-License-Identifier: MIT
// Characters' classes in libc++: ctype, and the skipping of spaces before what is read.
//
// On macOS a class is a bit of 32 in _DefaultRuneLocale's table, into which compiled programs look themselves (ctype<char>::is); in
// Debian's libc++ it is one of 16. So every ctype<char> has Darwin's table, and what looks into it in Debian's libc++ is here and in
// time_get.c, under Debian's names, so that gila-darwin's come first. money_get of Debian's still takes its own bits.
// Facts: libc++'s <__locale> (ctype_base), <istream> (sentry), Libc's <_ctype.h>, <runetype.h>.
#include "cxx.h"
#include "streams.h"

#include "../libsystem/wide_classes.h"

#include <locale.h>
#include <wctype.h>

extern const char darwin_DefaultRuneLocale[];

const uint32_t *cxx_classic_table(void) __asm__("_ZNSt3__15ctypeIcE13classic_tableEv");
const uint32_t *cxx_classic_table(void)
{
	return (const uint32_t *)(const void *)(darwin_DefaultRuneLocale + 60);
}

struct char_facet { // ctype<char>
	const void *functions;
	long references;
	const uint32_t *table;
};

// ctype<char>(table or NULL, whether to delete it, references): under Debian's name, and the one with a table of 32 bits.
typedef void ctype_begin(struct char_facet *, const uint32_t *, bool, size_t);
ctype_begin cxx_ctype_begin_1 __asm__("_ZNSt3__15ctypeIcEC1EPKtbm"), cxx_ctype_begin_2 __asm__("_ZNSt3__15ctypeIcEC2EPKtbm");

void cxx_ctype_begin_1(struct char_facet *facet, const uint32_t *table, bool owned, size_t references)
{
	static ctype_begin *_Atomic begin;
	if (!begin)
		begin = (ctype_begin *)cxx_symbol("_ZNSt3__15ctypeIcEC1EPKtbm");
	begin(facet, table ? table : cxx_classic_table(), table && owned, references);
}

void cxx_ctype_begin_2(struct char_facet *facet, const uint32_t *table, bool owned, size_t references)
{
	cxx_ctype_begin_1(facet, table, owned, references);
}

// ctype_byname<char>(name, references), whose name is a char * or a string.
#define BY_NAME(which, name)                                                                                           \
	void cxx_ctype_by_name_##which(struct char_facet *, const void *, size_t) __asm__(name);                       \
	void cxx_ctype_by_name_##which(struct char_facet *facet, const void *locale, size_t references)                \
	{                                                                                                              \
		((void (*)(struct char_facet *, const void *, size_t))cxx_symbol(name))(facet, locale, references);    \
		facet->table = cxx_classic_table();                                                                    \
	}
#define STRING "RKNS_12basic_stringIcNS_11char_traitsIcEENS_9allocatorIcEEEE"
BY_NAME(1, "_ZNSt3__112ctype_bynameIcEC1EPKcm")
BY_NAME(2, "_ZNSt3__112ctype_bynameIcEC2EPKcm")
BY_NAME(3, "_ZNSt3__112ctype_bynameIcEC1E" STRING "m")
BY_NAME(4, "_ZNSt3__112ctype_bynameIcEC2E" STRING "m")

bool cxx_char_is(const void *facet, uint32_t class, char c)
{
	return (unsigned char)c < 0x80 && ((const struct char_facet *)facet)->table[(unsigned char)c] & class;
}

// ---- ctype<wchar_t>: only ASCII has classes; ctype_byname<wchar_t>: as its locale says -------------------------------

struct wide_facet { // ctype<wchar_t>, ctype_byname<wchar_t>
	bool (*const *functions)(const void *, uint32_t, wchar_t);
	long references;
	locale_t locale; // of ctype_byname: the host's
};
enum { WIDE_IS = 3 };
typedef uint32_t wide_classes(const struct wide_facet *facet, wchar_t c);

static uint32_t classes_of_ascii(const struct wide_facet *facet, wchar_t c)
{
	(void)facet;
	return (uint32_t)c < 0x80 ? cxx_classic_table()[c] : 0;
}

static uint32_t classes_of_name(const struct wide_facet *facet, wchar_t c)
{
	wint_t w = (wint_t)c;
	locale_t l = facet->locale;
	return (iswalpha_l(w, l) ? RUNE_ALPHA : 0u) | (iswcntrl_l(w, l) ? RUNE_CONTROL : 0u) | (iswdigit_l(w, l) ? RUNE_DIGIT : 0u) |
	       (iswgraph_l(w, l) ? RUNE_GRAPH : 0u) | (iswlower_l(w, l) ? RUNE_LOWER : 0u) | (iswpunct_l(w, l) ? RUNE_PUNCT : 0u) |
	       (iswspace_l(w, l) ? RUNE_SPACE : 0u) | (iswupper_l(w, l) ? RUNE_UPPER : 0u) | (iswxdigit_l(w, l) ? RUNE_HEX : 0u) |
	       (iswblank_l(w, l) ? RUNE_BLANK : 0u) | (iswprint_l(w, l) ? RUNE_PRINT : 0u);
}

static const wchar_t *scan(const struct wide_facet *facet, uint32_t class, const wchar_t *at, const wchar_t *end, wide_classes *classes,
			   bool wanted)
{
	while (at < end && ((classes(facet, *at) & class) != 0) != wanted)
		at++;
	return at;
}

#define WIDE(kind, name, classes)                                                                                      \
	bool kind##_is(const struct wide_facet *, uint32_t, wchar_t) __asm__("_ZNKSt3__1" name "5do_isEtw");           \
	const wchar_t *kind##_fill(const struct wide_facet *, const wchar_t *, const wchar_t *, uint32_t *)            \
		__asm__("_ZNKSt3__1" name "5do_isEPKwS3_Pt");                                                          \
	const wchar_t *kind##_scan_is(const struct wide_facet *, uint32_t, const wchar_t *, const wchar_t *)           \
		__asm__("_ZNKSt3__1" name "10do_scan_isEtPKwS3_");                                                     \
	const wchar_t *kind##_scan_not(const struct wide_facet *, uint32_t, const wchar_t *, const wchar_t *)          \
		__asm__("_ZNKSt3__1" name "11do_scan_notEtPKwS3_");                                                    \
	bool kind##_is(const struct wide_facet *facet, uint32_t class, wchar_t c)                                      \
	{                                                                                                              \
		return (classes(facet, c) & class) != 0;                                                               \
	}                                                                                                              \
	const wchar_t *kind##_fill(const struct wide_facet *facet, const wchar_t *at, const wchar_t *end, uint32_t *to) \
	{                                                                                                              \
		for (; at < end; at++)                                                                                 \
			*to++ = classes(facet, *at);                                                                   \
		return end;                                                                                            \
	}                                                                                                              \
	const wchar_t *kind##_scan_is(const struct wide_facet *facet, uint32_t class, const wchar_t *at, const wchar_t *end) \
	{                                                                                                              \
		return scan(facet, class, at, end, classes, true);                                                     \
	}                                                                                                              \
	const wchar_t *kind##_scan_not(const struct wide_facet *facet, uint32_t class, const wchar_t *at, const wchar_t *end) \
	{                                                                                                              \
		return scan(facet, class, at, end, classes, false);                                                    \
	}
WIDE(cxx_wide, "5ctypeIwE", classes_of_ascii)
WIDE(cxx_wide_by_name, "12ctype_bynameIwE", classes_of_name)

// ---- basic_istream::sentry: Debian's, but for the spaces that it skips ----------------------------------------------

typedef void sentry_begin(bool *, void *, bool);

static bool char_skip(struct cxx_ios *ios)
{
	const void *facet = cxx_facet(&ios->locale, false);
	int32_t c;
	while ((c = cxx_buffer_char(ios->buffer, false)) != -1 && cxx_char_is(facet, RUNE_SPACE, (char)c))
		cxx_buffer_char(ios->buffer, true);
	return c != -1;
}

static bool wide_skip(struct cxx_ios *ios)
{
	const struct wide_facet *facet = cxx_facet(&ios->locale, true);
	int32_t c;
	while ((c = cxx_buffer_wide(ios->buffer, false)) != -1 && facet->functions[WIDE_IS](facet, RUNE_SPACE, c))
		cxx_buffer_wide(ios->buffer, true);
	return c != -1;
}

static void begin_skip(bool *sentry, void *stream, bool keep, sentry_begin *begin, bool (*skip)(struct cxx_ios *))
{
	struct cxx_ios *ios = cxx_ios_of(stream);
	begin(sentry, stream, true);
	if (!*sentry || keep || !(ios->flags & FORMAT_SKIP_SPACES))
		return;
	if (!skip(ios))
		cxx_ios_add(ios, STATE_FAIL | STATE_EOF);
	*sentry = ios->state == 0;
}

#define SENTRY(kind, c)                                                                                                \
	sentry_begin kind##_begin_1 __asm__("_ZNSt3__113basic_istreamI" c "NS_11char_traitsI" c "EEE6sentryC1ERS3_b"); \
	sentry_begin kind##_begin_2 __asm__("_ZNSt3__113basic_istreamI" c "NS_11char_traitsI" c "EEE6sentryC2ERS3_b"); \
	void kind##_begin_1(bool *sentry, void *stream, bool keep)                                                     \
	{                                                                                                              \
		static sentry_begin *_Atomic begin;                                                                    \
		if (!begin)                                                                                            \
			begin = (sentry_begin *)cxx_symbol("_ZNSt3__113basic_istreamI" c "NS_11char_traitsI" c         \
							   "EEE6sentryC1ERS3_b");                                      \
		begin_skip(sentry, stream, keep, begin, kind##_skip);                                                  \
	}                                                                                                              \
	void kind##_begin_2(bool *sentry, void *stream, bool keep)                                                     \
	{                                                                                                              \
		kind##_begin_1(sentry, stream, keep);                                                                  \
	}
SENTRY(char, "c")
SENTRY(wide, "w")
