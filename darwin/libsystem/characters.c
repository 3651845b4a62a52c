// SPDX-License-Identifier: MIT
// Multi-byte and wide characters of the current or a given locale. Facts: mbrtowc(3), mbsrtowcs(3), wcsrtombs(3), wctomb(3) of Darwin;
// mbstate_t has 128 bytes (<_types.h>), of which multibyte.h uses the first. A function without a state has one of its own.
#include "errno.h"
#include "locales.h"
#include "multibyte.h"

#include <string.h>
#include <wchar.h>

enum { EILSEQ_D = 92 };

static size_t answer(size_t result)
{
	if (result == MULTIBYTE_WRONG)
		errno_set(EILSEQ_D);
	return result;
}

static size_t decode(struct darwin_locale *locale, wchar_t *to, const char *from, size_t size, struct multibyte_state *state)
{
	if (!from) {
		*state = (struct multibyte_state){0};
		return 0;
	}
	return answer(multibyte_decode(locale_is_utf8(locale), from, size, (uint32_t *)to, state));
}

static size_t encode(struct darwin_locale *locale, char *to, wchar_t character)
{
	return to ? answer(multibyte_encode(locale_is_utf8(locale), (uint32_t)character, to)) : 1;
}

// As mbsnrtowcs: characters written without the last 0; *from becomes NULL at the end of the text.
static size_t decode_text(struct darwin_locale *locale, wchar_t *to, const char **from, size_t size, size_t room,
			  struct multibyte_state *state)
{
	const char *at = *from;
	bool utf8 = locale_is_utf8(locale);
	size_t count = 0;
	struct multibyte_state copy = *state;
	for (wchar_t c; !to || count < room; count++) {
		size_t used = multibyte_decode(utf8, at, size, (uint32_t *)&c, &copy);
		if (used == MULTIBYTE_WRONG) {
			if (to)
				*from = at;
			return answer(used);
		}
		if (used == MULTIBYTE_SHORT) {
			at += size;
			break;
		}
		if (to)
			to[count] = c;
		if (used == 0) {
			at = NULL;
			break;
		}
		at += used;
		size -= used;
	}
	if (to) {
		*from = at;
		*state = copy;
	}
	return count;
}

// As wcsnrtombs: bytes written without the last 0.
static size_t encode_text(struct darwin_locale *locale, char *to, const wchar_t **from, size_t characters, size_t room)
{
	const wchar_t *at = *from;
	bool utf8 = locale_is_utf8(locale);
	size_t size = 0;
	for (char bytes[4]; characters > 0; at++, characters--) {
		size_t more = multibyte_encode(utf8, (uint32_t)*at, bytes);
		if (more == MULTIBYTE_WRONG) {
			if (to)
				*from = at;
			return answer(more);
		}
		if (to && size + more > room)
			break;
		if (to)
			memcpy(to + size, bytes, more);
		if (*at == 0) {
			at = NULL;
			break;
		}
		size += more;
	}
	if (to)
		*from = at;
	return size;
}

#define NOW locale_current()
#define OF(locale) locale_of(locale)
typedef struct darwin_locale *where;
typedef struct multibyte_state *state_of;
#define STATE(state) ((state) ? (state) : &own)
// Both forms of a function: of the current locale, and of a given one. Each has a state of its own.
#define BOTH(type, name, parameters, given, code)                                                                      \
	type darwin_##name parameters                                                                                  \
	{                                                                                                              \
		static __thread struct multibyte_state own;                                                            \
		where locale = NOW;                                                                                    \
		(void)own, (void)locale;                                                                               \
		code                                                                                                   \
	}                                                                                                              \
	type darwin_##name##_l given                                                                                   \
	{                                                                                                              \
		static __thread struct multibyte_state own;                                                            \
		locale = OF(locale);                                                                                   \
		(void)own, (void)locale;                                                                               \
		code                                                                                                   \
	}

BOTH(size_t, mbrtowc, (wchar_t * to, const char *from, size_t size, state_of state),
     (wchar_t * to, const char *from, size_t size, state_of state, where locale),
     { return decode(locale, to, from, size, STATE(state)); })
BOTH(size_t, mbrlen, (const char *from, size_t size, state_of state), (const char *from, size_t size, state_of state, where locale),
     { return decode(locale, NULL, from, size, STATE(state)); })
BOTH(size_t, wcrtomb, (char *to, wchar_t character, state_of state), (char *to, wchar_t character, state_of state, where locale), {
	(void)state;
	return encode(locale, to, character);
})
BOTH(size_t, mbsnrtowcs, (wchar_t * to, const char **from, size_t size, size_t room, state_of state),
     (wchar_t * to, const char **from, size_t size, size_t room, state_of state, where locale),
     { return decode_text(locale, to, from, size, room, STATE(state)); })
BOTH(size_t, mbsrtowcs, (wchar_t * to, const char **from, size_t room, state_of state),
     (wchar_t * to, const char **from, size_t room, state_of state, where locale),
     { return decode_text(locale, to, from, SIZE_MAX, room, STATE(state)); })
BOTH(size_t, wcsnrtombs, (char *to, const wchar_t **from, size_t characters, size_t room, state_of state),
     (char *to, const wchar_t **from, size_t characters, size_t room, state_of state, where locale), {
	     (void)state;
	     return encode_text(locale, to, from, characters, room);
     })
BOTH(size_t, wcsrtombs, (char *to, const wchar_t **from, size_t room, state_of state),
     (char *to, const wchar_t **from, size_t room, state_of state, where locale), {
	     (void)state;
	     return encode_text(locale, to, from, SIZE_MAX, room);
     })
BOTH(size_t, mbstowcs, (wchar_t * to, const char *from, size_t room), (wchar_t * to, const char *from, size_t room, where locale),
     { return decode_text(locale, to, &from, SIZE_MAX, room, &(struct multibyte_state){0}); })
BOTH(size_t, wcstombs, (char *to, const wchar_t *from, size_t room), (char *to, const wchar_t *from, size_t room, where locale),
     { return encode_text(locale, to, &from, SIZE_MAX, room); })
BOTH(int, mbtowc, (wchar_t * to, const char *from, size_t size), (wchar_t * to, const char *from, size_t size, where locale), {
	size_t used = decode(locale, to, from, size, &own);
	if (used == MULTIBYTE_SHORT) {
		own = (struct multibyte_state){0};
		used = answer(MULTIBYTE_WRONG);
	}
	return (int)used;
})
BOTH(int, mblen, (const char *from, size_t size), (const char *from, size_t size, where locale), {
	size_t used = decode(locale, NULL, from, size, &own);
	if (used == MULTIBYTE_SHORT) {
		own = (struct multibyte_state){0};
		used = answer(MULTIBYTE_WRONG);
	}
	return (int)used;
})
BOTH(int, wctomb, (char *to, wchar_t character), (char *to, wchar_t character, where locale),
     { return to ? (int)encode(locale, to, character) : 0; })
BOTH(int, mbsinit, (const struct multibyte_state *state), (const struct multibyte_state *state, where locale),
     { return !state || state->left == 0; })
BOTH(int, btowc, (int byte), (int byte, where locale),
     { return byte < 0 || byte > 0xff || (byte > 0x7f && locale_is_utf8(locale)) ? -1 : byte; })
BOTH(int, wctob, (int character), (int character, where locale),
     { return character < 0 || character > 0xff || (character > 0x7f && locale_is_utf8(locale)) ? -1 : character; })
