// SPDX-License-Identifier: MIT
// libc++'s time_get<char> (std::get_time), which looks at characters' classes (characters.c says why it is here). Facts: libc++'s
// <locale>, [locale.time.get.virtuals] of C++17. Formats of the locale itself (%c, %x, %X) are those of the C locale.
#include "cxx.h"
#include "streams.h"

#include "../libsystem/wide_classes.h"

#include <string.h>
#include <time.h>

bool cxx_char_is(const void *facet, uint32_t class, char c);

// An istreambuf_iterator is the address of a buffer, NULL at its end. All of them share what they read from.
struct reader {
	struct cxx_buffer *at, *end;
	uint32_t *state;
	const void *classes; // ctype<char>
};

static bool at_end(struct reader *reader)
{
	if (reader->at && cxx_buffer_char(reader->at, false) == -1)
		reader->at = NULL;
	return !reader->at;
}

static char here(const struct reader *reader)
{
	return (char)cxx_buffer_char(reader->at, false);
}

static void skip_spaces(struct reader *reader)
{
	while (!at_end(reader) && cxx_char_is(reader->classes, RUNE_SPACE, here(reader)))
		cxx_buffer_char(reader->at, true);
}

// A number of so many digits at most, from `least` to `most`; `to` stays as it is if there is none.
static void read_number(struct reader *reader, int digits, int least, int most, int *to)
{
	int value = 0, count = 0;
	while (count < digits && !at_end(reader) && cxx_char_is(reader->classes, RUNE_DIGIT, here(reader))) {
		value = value * 10 + (here(reader) - '0');
		cxx_buffer_char(reader->at, true);
		count++;
	}
	if (at_end(reader))
		*reader->state |= STATE_EOF;
	if (count == 0 || value < least || value > most)
		*reader->state |= STATE_FAIL;
	else
		*to = value;
}

static void read_month(struct reader *reader, int *month)
{
	int number = *month + 1;
	read_number(reader, 2, 1, 12, &number);
	*month = number - 1;
}

static void read_year(struct reader *reader, bool whole, int *year)
{
	int number = -1;
	read_number(reader, 4, 0, 9999, &number);
	if (number >= 0)
		*year = number - (whole || number > 99 ? 1900 : number < 69 ? -100 : 0);
}

#define TIME_GET "_ZNKSt3__18time_getIcNS_19istreambuf_iteratorIcNS_11char_traitsIcEEEEE"
struct facet {
	void (*const *functions)(void);
};
struct cxx_buffer *cxx_time_get(const struct facet *, struct cxx_buffer *, struct cxx_buffer *, struct cxx_ios *, uint32_t *, struct tm *,
				const char *, const char *) __asm__(TIME_GET "3getES4_S4_RNS_8ios_baseERjP2tmPKcSC_");
struct cxx_buffer *cxx_time_do_get(const struct facet *, struct cxx_buffer *, struct cxx_buffer *, struct cxx_ios *, uint32_t *,
				   struct tm *, char, char) __asm__(TIME_GET "6do_getES4_S4_RNS_8ios_baseERjP2tmcc");
void cxx_time_white_space(const struct facet *, struct cxx_buffer **, struct cxx_buffer *, uint32_t *, const void *)
	__asm__(TIME_GET "17__get_white_spaceERS4_S4_RjRKNS_5ctypeIcEE");
enum { FUNCTION_DO_GET = 9 };
typedef struct cxx_buffer *do_get(const struct facet *, struct cxx_buffer *, struct cxx_buffer *, struct cxx_ios *, uint32_t *, struct tm *,
				  char, char);

// Names of the locale are Debian's to find.
static void read_name(const struct facet *facet, struct reader *reader, const char *function, int *to)
{
	((void (*)(const struct facet *, int *, struct cxx_buffer **, struct cxx_buffer *, uint32_t *, const void *))cxx_symbol(
		function))(facet, to, &reader->at, reader->end, reader->state, reader->classes);
}

static const char *composed(char conversion)
{
	switch (conversion) {
	case 'c': return "%a %b %d %H:%M:%S %Y";
	case 'D':
	case 'x': return "%m/%d/%y";
	case 'F': return "%Y-%m-%d";
	case 'r': return "%I:%M:%S %p";
	case 'R': return "%H:%M";
	case 'T':
	case 'X': return "%H:%M:%S";
	default: return NULL;
	}
}

static void read_one(const struct facet *facet, struct reader *reader, struct tm *tm, char conversion)
{
	switch (conversion) {
	case 'a':
	case 'A': read_name(facet, reader, TIME_GET "17__get_weekdaynameERiRS4_S4_RjRKNS_5ctypeIcEE", &tm->tm_wday); break;
	case 'b':
	case 'B':
	case 'h': read_name(facet, reader, TIME_GET "15__get_monthnameERiRS4_S4_RjRKNS_5ctypeIcEE", &tm->tm_mon); break;
	case 'p': read_name(facet, reader, TIME_GET "11__get_am_pmERiRS4_S4_RjRKNS_5ctypeIcEE", &tm->tm_hour); break;
	case 'd':
	case 'e': read_number(reader, 2, 1, 31, &tm->tm_mday); break;
	case 'H': read_number(reader, 2, 0, 23, &tm->tm_hour); break;
	case 'I': read_number(reader, 2, 1, 12, &tm->tm_hour); break;
	case 'j': read_number(reader, 3, 0, 365, &tm->tm_yday); break;
	case 'm': read_month(reader, &tm->tm_mon); break;
	case 'M': read_number(reader, 2, 0, 59, &tm->tm_min); break;
	case 'n':
	case 't': skip_spaces(reader); break;
	case 'S': read_number(reader, 2, 0, 60, &tm->tm_sec); break;
	case 'w': read_number(reader, 1, 0, 6, &tm->tm_wday); break;
	case 'y': read_year(reader, false, &tm->tm_year); break;
	case 'Y': read_year(reader, true, &tm->tm_year); break;
	case '%':
		if (!at_end(reader) && here(reader) == '%')
			cxx_buffer_char(reader->at, true);
		else
			*reader->state |= STATE_FAIL;
		break;
	default: *reader->state |= STATE_FAIL; break;
	}
}

struct cxx_buffer *cxx_time_do_get(const struct facet *facet, struct cxx_buffer *at, struct cxx_buffer *end, struct cxx_ios *ios,
				   uint32_t *state, struct tm *tm, char conversion, char modifier)
{
	struct reader reader = {at, end, state, cxx_facet(&ios->locale, false)};
	const char *format = composed(conversion);
	(void)modifier;
	*state = 0;
	if (format)
		reader.at = cxx_time_get(facet, at, end, ios, state, tm, format, format + strlen(format));
	else
		read_one(facet, &reader, tm, conversion);
	if (at_end(&reader))
		*state |= STATE_EOF;
	return reader.at;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

// One piece of the format; false: it does not fit.
static bool read_piece(const struct facet *facet, struct reader *reader, struct cxx_ios *ios, struct tm *tm, const char **format,
		       const char *format_end)
{
	const char *piece = *format;
	if (*piece == '%') {
		char modifier = piece + 1 < format_end && (piece[1] == 'E' || piece[1] == 'O') ? *++piece : 0;
		if (++piece == format_end)
			return false;
		reader->at = ((do_get *)facet->functions[FUNCTION_DO_GET])(facet, reader->at, reader->end, ios, reader->state, tm, *piece,
									    modifier);
		*format = piece + 1;
		return true;
	}
	if (cxx_char_is(reader->classes, RUNE_SPACE, *piece)) {
		while (*format < format_end && cxx_char_is(reader->classes, RUNE_SPACE, **format))
			++*format;
		skip_spaces(reader);
		return true;
	}
	if (upper(here(reader)) != upper(*piece))
		return false;
	cxx_buffer_char(reader->at, true);
	++*format;
	return true;
}

struct cxx_buffer *cxx_time_get(const struct facet *facet, struct cxx_buffer *at, struct cxx_buffer *end, struct cxx_ios *ios,
				uint32_t *state, struct tm *tm, const char *format, const char *format_end)
{
	struct reader reader = {at, end, state, cxx_facet(&ios->locale, false)};
	*state = 0;
	while (format < format_end && *state == 0)
		if (at_end(&reader) || !read_piece(facet, &reader, ios, tm, &format, format_end))
			*state |= STATE_FAIL;
	if (at_end(&reader))
		*state |= STATE_EOF;
	return reader.at;
}

void cxx_time_white_space(const struct facet *facet, struct cxx_buffer **at, struct cxx_buffer *end, uint32_t *state, const void *classes)
{
	struct reader reader = {*at, end, state, classes};
	(void)facet;
	skip_spaces(&reader);
	if (!reader.at)
		*state |= STATE_EOF;
	*at = reader.at;
}
