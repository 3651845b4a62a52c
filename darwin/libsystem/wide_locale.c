// SPDX-License-Identifier: MIT
// Streams of wide characters in a given locale, scanf of wide formats, further classes of characters, sums of money. Facts: xlocale(3),
// fgetwln(3), wscanf(3), isideogram(3), nextwctype(3), strfmon(3) of Darwin.
#include "errno.h"
#include "locales.h"
#include "multibyte.h"
#include "wide_classes.h"
#include "wide_streams.h"

#include <monetary.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

struct darwin_locale *darwin_uselocale(struct darwin_locale *locale);
#define LOCALE struct darwin_locale *locale
#define IN_LOCALE(type, name, parameters, call)                                                                        \
	type darwin_##name##_l parameters                                                                              \
	{                                                                                                              \
		struct darwin_locale *before = darwin_uselocale(locale_of(locale));                                    \
		type result = call;                                                                                    \
		darwin_uselocale(before);                                                                              \
		return result;                                                                                         \
	}

// ---- streams --------------------------------------------------------------------------------------------------------

wint_t darwin_fgetwc(struct darwin_file *stream);
wint_t darwin_fputwc(wint_t character, struct darwin_file *stream);
wint_t darwin_ungetwc(wint_t character, struct darwin_file *stream);
wchar_t *darwin_fgetws(wchar_t *to, int room, struct darwin_file *stream);
int darwin_fputws(const wchar_t *text, struct darwin_file *stream);
IN_LOCALE(wint_t, fgetwc, (struct darwin_file * stream, LOCALE), darwin_fgetwc(stream))
IN_LOCALE(wint_t, fputwc, (wint_t character, struct darwin_file *stream, LOCALE), darwin_fputwc(character, stream))
IN_LOCALE(wint_t, ungetwc, (wint_t character, struct darwin_file *stream, LOCALE), darwin_ungetwc(character, stream))
IN_LOCALE(wchar_t *, fgetws, (wchar_t * to, int room, struct darwin_file *stream, LOCALE), darwin_fgetws(to, room, stream))
IN_LOCALE(int, fputws, (const wchar_t *text, struct darwin_file *stream, LOCALE), darwin_fputws(text, stream))
wint_t darwin_getwchar_l(LOCALE) { return darwin_fgetwc_l(darwin_stdinp, locale); }
wint_t darwin_putwchar_l(wint_t character, LOCALE) { return darwin_fputwc_l(character, darwin_stdoutp, locale); }

// The line lies in memory that is used again for the next one of the thread.
wchar_t *darwin_fgetwln(struct darwin_file *stream, size_t *length)
{
	static __thread wchar_t *line;
	static __thread size_t room;
	size_t used = 0;
	wint_t character = 0;
	while (character != '\n' && (character = darwin_fgetwc(stream)) != WEOF) {
		if (used == room) {
			wchar_t *more = realloc(line, (room * 2 + 80) * sizeof(*line));
			if (!more)
				return errno_set(DARWIN_ENOMEM), NULL;
			line = more;
			room = room * 2 + 80;
		}
		line[used++] = (wchar_t)character;
	}
	*length = used;
	return used > 0 ? line : NULL;
}
IN_LOCALE(wchar_t *, fgetwln, (struct darwin_file * stream, size_t *length, LOCALE), darwin_fgetwln(stream, length))

// ---- scanf: streams are of bytes, so the format becomes bytes, too; widths count bytes ------------------------------

int darwin_vfscanf(struct darwin_file *stream, const char *format, va_list arguments);

int darwin_vfwscanf(struct darwin_file *stream, const wchar_t *format, va_list arguments)
{
	size_t room = wcslen(format) * 4 + 1, used = 0;
	char *text = malloc(room);
	if (!text)
		return errno_set(DARWIN_ENOMEM);
	for (; *format; format++) {
		size_t more = multibyte_encode(locale_is_utf8(locale_current()), (uint32_t)*format, text + used);
		if (more == MULTIBYTE_WRONG) {
			free(text);
			return errno_set(92); // EILSEQ
		}
		used += more;
	}
	text[used] = '\0';
	int result = darwin_vfscanf(stream, text, arguments);
	free(text);
	return result;
}

int darwin_vwscanf(const wchar_t *format, va_list arguments) { return darwin_vfwscanf(darwin_stdinp, format, arguments); }
IN_LOCALE(int, vfwscanf, (struct darwin_file * stream, LOCALE, const wchar_t *format, va_list arguments), darwin_vfwscanf(stream, format, arguments))
IN_LOCALE(int, vwscanf, (LOCALE, const wchar_t *format, va_list arguments), darwin_vwscanf(format, arguments))

#define VARIADIC(name, call, ...)                                                                                      \
	int darwin_##name(__VA_ARGS__, ...)                                                                            \
	{                                                                                                              \
		va_list arguments;                                                                                     \
		va_start(arguments, format);                                                                           \
		int result = call;                                                                                     \
		va_end(arguments);                                                                                     \
		return result;                                                                                         \
	}
VARIADIC(fwscanf, darwin_vfwscanf(stream, format, arguments), struct darwin_file *stream, const wchar_t *format)
VARIADIC(wscanf, darwin_vwscanf(format, arguments), const wchar_t *format)
VARIADIC(fwscanf_l, darwin_vfwscanf_l(stream, locale, format, arguments), struct darwin_file *stream, LOCALE, const wchar_t *format)
VARIADIC(wscanf_l, darwin_vwscanf_l(locale, format, arguments), LOCALE, const wchar_t *format)

// ---- printf with a list of arguments and a locale -------------------------------------------------------------------

int darwin_vfwprintf(struct darwin_file *stream, const wchar_t *format, va_list arguments);
int darwin_vwprintf(const wchar_t *format, va_list arguments);
int darwin_vswprintf(wchar_t *to, size_t room, const wchar_t *format, va_list arguments);
IN_LOCALE(int, vfwprintf, (struct darwin_file * stream, LOCALE, const wchar_t *format, va_list arguments),
	  darwin_vfwprintf(stream, format, arguments))
IN_LOCALE(int, vwprintf, (LOCALE, const wchar_t *format, va_list arguments), darwin_vwprintf(format, arguments))
IN_LOCALE(int, vswprintf, (wchar_t * to, size_t room, LOCALE, const wchar_t *format, va_list arguments),
	  darwin_vswprintf(to, room, format, arguments))

// ---- classes --------------------------------------------------------------------------------------------------------

static bool is_between(wint_t c, const wint_t (*ranges)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

// Unicode's blocks of ideographs, and of kana, bopomofo and hangul.
int darwin_iswideogram(wint_t c)
{
	static const wint_t ranges[][2] = {{0x3007, 0x3007}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xf900, 0xfaff}, {0x20000, 0x3134f}};
	return iswprint(c) && is_between(c, ranges, 5);
}

int darwin_iswphonogram(wint_t c)
{
	static const wint_t ranges[][2] = {{0x3041, 0x3096}, {0x30a1, 0x30fa}, {0x3105, 0x312f}, {0x3131, 0x318e},
					   {0x31a0, 0x31bf}, {0x31f0, 0x31ff}, {0xac00, 0xd7a3}, {0xff66, 0xffdc}};
	return iswprint(c) && is_between(c, ranges, 8);
}

int darwin_iswrune(wint_t c) { return iswprint(c) || iswcntrl(c); }
int darwin_iswascii(wint_t c) { return c < 0x80; }
IN_LOCALE(int, iswideogram, (wint_t c, LOCALE), darwin_iswideogram(c))
IN_LOCALE(int, iswphonogram, (wint_t c, LOCALE), darwin_iswphonogram(c))
IN_LOCALE(int, iswrune, (wint_t c, LOCALE), darwin_iswrune(c))

// The next character of the class, or -1.
int darwin_iswctype(wint_t character, uint32_t mask);
wint_t darwin_nextwctype(wint_t c, uint32_t mask)
{
	while (++c <= 0x10ffff)
		if (darwin_iswctype(c, mask))
			return c;
	return WEOF;
}
IN_LOCALE(wint_t, nextwctype, (wint_t c, uint32_t mask, LOCALE), darwin_nextwctype(c, mask))

int darwin_wctrans(const char *name);
wint_t darwin_towctrans(wint_t character, int to);
int darwin_wctrans_l(const char *name, LOCALE) { return (void)locale, darwin_wctrans(name); }
IN_LOCALE(wint_t, towctrans, (wint_t c, int to, LOCALE), darwin_towctrans(c, to))

int darwin_maskrune(int32_t c, uint64_t mask);
int darwin_istype(int32_t c, uint64_t mask) { return darwin_maskrune(c, mask) != 0; }
int darwin_isctype(int32_t c, uint64_t mask) { return c >= 0 && c < 256 && darwin_maskrune(c, mask) != 0; }
IN_LOCALE(int, istype, (int32_t c, uint64_t mask, LOCALE), darwin_istype(c, mask))

// ---- money ----------------------------------------------------------------------------------------------------------

// Each conversion takes a double (no %Ln here), which a variadic function finds in registers, then on the stack: sixteen are handed on.
static long money_format(char *to, size_t room, const char *format, va_list from)
{
	double v[16] = {0};
	size_t count = 0;
	for (const char *at = format; *at; at++) {
		if (*at != '%')
			continue;
		at += strspn(at + 1, "=^+(!-#.0123456789 *") + 1;
		if (*at == 'L' || count == 16)
			return errno_set(DARWIN_EINVAL);
		if (*at == 'n' || *at == 'i')
			v[count++] = va_arg(from, double);
		if (!*at)
			break;
	}
	return errno_result(strfmon(to, room, format, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13], v[14], v[15]));
}

long darwin_strfmon(char *to, size_t room, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	locale_t before = locale_enter(locale_current());
	long result = money_format(to, room, format, arguments);
	locale_leave(before);
	va_end(arguments);
	return result;
}

long darwin_strfmon_l(char *to, size_t room, LOCALE, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	locale_t before = locale_enter(locale_of(locale));
	long result = money_format(to, room, format, arguments);
	locale_leave(before);
	va_end(arguments);
	return result;
}
