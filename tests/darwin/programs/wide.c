// SPDX-License-Identifier: MIT
// Locales, multi-byte and wide characters, classes, conversion of text.
#include "check.h"

#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static const char euro[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";

static void check_c_locale(void)
{
	wchar_t c = 0;
	mbstate_t state;
	memset(&state, 0, sizeof(state));
	CHECK(strcmp(setlocale(LC_ALL, 0), "C") == 0 && ___mb_cur_max() == 1);
	CHECK(mbrtowc(&c, "\xe9", 1, &state) == 1 && c == 0xe9 && strcmp(nl_langinfo(0), "US-ASCII") == 0);
	char to[8];
	CHECK(wcrtomb(to, 0x20ac, &state) == (size_t)-1 && errno == EILSEQ && !iswalpha(0x430));
}

static void check_utf8(void)
{
	wchar_t text[16];
	const char *from = euro;
	char to[32];
	mbstate_t state;
	memset(&state, 0, sizeof(state));
	CHECK(strcmp(setlocale(LC_ALL, ""), "en_US.UTF-8") == 0); // of LANG
	CHECK(!setlocale(LC_ALL, "xx_YY.UTF-8") && errno == ENOENT && strcmp(setlocale(LC_ALL, 0), "en_US.UTF-8") == 0);
	CHECK(strcmp(setlocale(LC_NUMERIC, "C"), "C") == 0 && strcmp(setlocale(LC_ALL, 0), "en_US.UTF-8/en_US.UTF-8/en_US.UTF-8/C/en_US.UTF-8/en_US.UTF-8") == 0);
	CHECK(strcmp(setlocale(LC_CTYPE, "UTF-8"), "UTF-8") == 0 && ___mb_cur_max() == 4 && strcmp(nl_langinfo(0), "UTF-8") == 0);
	CHECK(mbstowcs(text, euro, 16) == 4 && text[1] == 0xe9 && text[2] == 0x20ac && text[3] == 0x1f600 && text[4] == 0);
	CHECK(wcstombs(to, text, 32) == 10 && strcmp(to, euro) == 0 && mbstowcs(0, euro, 0) == 4);
	CHECK(mbrtowc(text, "\xe2\x82", 2, &state) == (size_t)-2 && !mbsinit(&state) && mbrtowc(text, "\xac", 1, &state) == 1 && text[0] == 0x20ac);
	CHECK(mbrtowc(text, "\xff", 1, &state) == (size_t)-1 && errno == EILSEQ);
	memset(&state, 0, sizeof(state));
	CHECK(mbsnrtowcs(text, &from, 4, 16, &state) == 2 && from == euro + 4);
	CHECK(iswalpha(0x430) && iswupper(0x410) && towupper(0x44f) == 0x42f && towlower(0xc9) == 0xe9 && iswctype(0x410, wctype("upper")) && !wctype("nonsense"));
	CHECK(swprintf(text, 16, L"%ls|%3s|%lc", L"\u20ac", "\xc3\xa9", 0x430) == 7 && wcscmp(text, L"\u20ac|  \u00e9|\u0430") == 0);
	CHECK(swprintf(text, 3, L"%d", 12345) == -1 && errno == EOVERFLOW);
	CHECK(snprintf(to, 32, "%ls %S", L"\u00e9", L"\u20ac") == 6 && strcmp(to, "\xc3\xa9 \xe2\x82\xac") == 0);
	CHECK(wcwidth(0x4e00) == 2 && wcwidth('a') == 1 && wcstol(L"-12", 0, 10) == -12 && wcstod(L"2.5", 0) == 2.5 && btowc('x') == 'x' && wctob(0x20ac) == -1);
	int number = 0;
	CHECK(swscanf(L"17", L"%d", &number) == 1 && number == 17 && wcslcpy(text, L"abcdef", 4) == 6 && wcslen(text) == 3);
	setlocale(LC_ALL, "C");
}

static void check_objects(void)
{
	wchar_t text[4];
	char to[16], *end;
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "fr_FR.UTF-8", 0), copy = duplocale(utf8);
	CHECK(utf8 && copy && strcmp(querylocale(LC_CTYPE_MASK, copy), "fr_FR.UTF-8") == 0);
	CHECK(!newlocale(LC_ALL_MASK, "nowhere", 0) && errno == ENOENT);
	CHECK(uselocale(0) == LC_GLOBAL_LOCALE && uselocale(utf8) == LC_GLOBAL_LOCALE && uselocale(0) == utf8);
	CHECK(mbstowcs(text, "\xc3\xa9", 4) == 1 && text[0] == 0xe9 && iswalpha(0x430));
	CHECK(uselocale(LC_GLOBAL_LOCALE) == utf8 && mbstowcs(text, "\xc3\xa9", 4) == 2 && !iswalpha(0x430));
	CHECK(snprintf_l(to, 16, copy, "%lc", 0xe9) == 2 && strtod_l("1.5x", &end, 0) == 1.5 && *end == 'x');
	CHECK(strcmp(localeconv()->decimal_point, ".") == 0 && localeconv()->int_frac_digits == 127);
	CHECK(freelocale(utf8) == 0 && freelocale(copy) == 0);
}

static void check_stream(void)
{
	setlocale(LC_CTYPE, "en_US.UTF-8");
	FILE *file = fopen("w", "w+");
	CHECK(file && fputwc(0x20ac, file) == 0x20ac && fputwc('x', file) == 'x' && ftello(file) == 4 && fseeko(file, 0, 0) == 0);
	CHECK(fgetwc(file) == 0x20ac && ungetwc(0xe9, file) == 0xe9 && fgetwc(file) == 0xe9 && fgetwc(file) == 'x' && fgetwc(file) == WEOF && feof(file));
	CHECK(fseeko(file, 1, 0) == 0 && fgetwc(file) == WEOF && errno == EILSEQ && fclose(file) == 0);
}

static void check_iconv(void)
{
	char from[] = "\xc3\xa9\xe2\x82\xac", to[16], *in = from, *out = to;
	size_t left = 5, room = 16;
	iconv_t converter = iconv_open("UTF-16LE", "UTF-8");
	CHECK(converter != (iconv_t)-1 && iconv(converter, &in, &left, &out, &room) == 0 && left == 0 && room == 12 && memcmp(to, "\xe9\0\xac\x20", 4) == 0);
	in = "\xff", left = 1;
	CHECK(iconv(converter, &in, &left, &out, &room) == (size_t)-1 && errno == EILSEQ);
	in = "\xc3", left = 1;
	CHECK(iconv(converter, &in, &left, &out, &room) == (size_t)-1 && errno == EINVAL && iconv_close(converter) == 0);
	CHECK(iconv_open("UTF-8", "nonsense") == (iconv_t)-1 && errno == EINVAL);
	converter = iconv_open("UTF-8", "UTF-8-MAC"); // composes
	in = "cafe\xcc\x81!", left = 7, out = to, room = 16;
	CHECK(converter != (iconv_t)-1 && iconv(converter, &in, &left, &out, &room) == 0 && room == 10 && memcmp(to, "caf\xc3\xa9!", 6) == 0);
	CHECK(iconv_close(converter) == 0);
	CHECK(iconv_close(NULL) == -1 && errno == EBADF && iconv((iconv_t)-1, &in, &left, &out, &room) == (size_t)-1 && errno == EBADF);
}

int main(void)
{
	check_c_locale();
	check_utf8();
	check_objects();
	check_stream();
	check_iconv();
	puts("wide characters are fine");
	return 0;
}
