// SPDX-License-Identifier: MIT
// Characters made visible and back; see vis.h. Facts: vis(3), unvis(3), <vis.h> of Darwin; RFC 1808 (%xx), RFC 2045 (=XX).
#include "vis.h"

#include "multibyte.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

static bool is_graphic(int byte) { return byte > ' ' && byte < 0x7f; }
static bool is_octal(int byte) { return byte >= '0' && byte <= '7'; }
static bool is_letter(int byte) { return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'; }
static bool is_digit(int byte) { return byte >= '0' && byte <= '9'; }

static int hexadecimal(int byte)
{
	return is_digit(byte) ? byte - '0' : (byte | 0x20) >= 'a' && (byte | 0x20) <= 'f' ? (byte | 0x20) - 'a' + 10 : -1;
}

// ---- to what can be seen --------------------------------------------------------------------------------------------

// What the flags add to the characters that are encoded.
static bool is_asked_for(int byte, int flags, const char *extra)
{
	if (byte == 0)
		return false;
	return (byte == ' ' && (flags & VIS_SP)) || (byte == '\t' && (flags & VIS_TAB)) || (byte == '\n' && (flags & VIS_NL)) ||
	       (byte == '"' && (flags & VIS_DQ)) || (byte == '\\' && !(flags & VIS_NOSLASH)) || ((flags & VIS_GLOB) && strchr("*?[#", byte)) ||
	       ((flags & VIS_SHELL) && strchr("'`\";&<>()|{}]\\$!^~", byte)) || (extra && strchr(extra, byte));
}

static size_t encode_http(char *to, int byte, int flags)
{
	if (byte && (is_letter(byte) || is_digit(byte) || strchr("$-_.+!*'(),", byte)) && byte < 0x80)
		return *to = (char)byte, 1;
	return (size_t)snprintf(to, VIS_MOST + 1, flags & VIS_MIMESTYLE ? "=%02X" : "%%%02x", (unsigned)byte & 0xff);
}

static bool mime_encodes(int byte, int next)
{
	bool blank = byte == ' ' || byte == '\t' || (byte >= '\v' && byte <= '\r');
	return byte != '\n' && ((blank && (next == '\r' || next == '\n')) || (!blank && (byte < 33 || byte == '=' || byte > 126)) ||
				(byte && strchr("#$@[\\]^`{|}~", byte)));
}

static size_t encode_c(char *to, int byte, int next)
{
	static const char from[] = "\n\r\b\a\v\t\f ", names[] = "nrbavtfs";
	const char *found = byte ? strchr(from, byte) : NULL;
	to[0] = '\\';
	if (found)
		return to[1] = names[found - from], 2;
	if (byte == 0) {
		size_t size = is_octal(next) ? 4 : 2; // \0 before a digit would be read as a longer number
		memcpy(to + 1, "000", size - 1);
		return size;
	}
	if (is_graphic(byte) && !is_octal(byte) && !strchr("nrbavtfsxM^$", byte)) // these would mean something else
		return to[1] = (char)byte, 2;
	return 0;
}

static size_t encode_meta(char *to, int byte, int flags)
{
	size_t used = 0;
	if (!(flags & VIS_NOSLASH))
		to[used++] = '\\';
	if (byte & 0x80)
		to[used++] = 'M';
	byte &= 0x7f;
	bool control = byte < ' ' || byte == 0x7f;
	to[used++] = control ? '^' : '-';
	to[used++] = (char)(!control ? byte : byte == 0x7f ? '?' : byte + '@');
	return used;
}

static size_t encode_byte(char *to, int byte, int next, int flags, const char *extra)
{
	bool asked = is_asked_for(byte, flags, extra);
	if (flags & VIS_HTTPSTYLE)
		return encode_http(to, byte, flags & ~VIS_MIMESTYLE);
	if ((flags & VIS_MIMESTYLE) && mime_encodes(byte, next))
		return (size_t)snprintf(to, VIS_MOST + 1, "=%02X", (unsigned)byte & 0xff);
	bool stays = is_graphic(byte) || byte == ' ' || byte == '\t' || byte == '\n' ||
		     ((flags & VIS_SAFE) && (byte == '\b' || byte == '\a' || byte == '\r'));
	if ((!asked && stays) || (flags & (VIS_NOESCAPE | VIS_MIMESTYLE)))
		return *to = (char)byte, 1;
	if (byte == '\\') // but for VIS_NOSLASH
		return memcpy(to, "\\\\", 2), 2;
	size_t used = flags & VIS_CSTYLE ? encode_c(to, byte, next) : 0;
	if (used > 0)
		return used;
	if (asked || (byte & 0x7f) == ' ' || (flags & VIS_OCTAL))
		return (size_t)snprintf(to, VIS_MOST + 1, "\\%03o", (unsigned)byte & 0xff);
	return encode_meta(to, byte, flags);
}

long vis_encode_byte(char *to, size_t room, int byte, int next, int flags, const char *extra)
{
	char text[VIS_MOST + 1];
	size_t size = encode_byte(text, byte & 0xff, next, flags, extra);
	if (size >= room)
		return -1;
	memcpy(to, text, size);
	to[size] = '\0';
	return (long)size;
}

// The bytes of a character beyond ASCII that can be seen; 0: it is none.
static size_t visible_character(const char *from, size_t size)
{
	uint32_t character;
	struct multibyte_state state = {0};
	size_t used = (unsigned char)*from < 0x80 ? 0 : multibyte_decode(true, from, size, &character, &state);
	return used == MULTIBYTE_WRONG || used == MULTIBYTE_SHORT || !iswgraph((wint_t)character) ? 0 : used;
}

long vis_encode(char *to, size_t room, const char *from, size_t size, int flags, const char *extra, bool utf8)
{
	size_t used = 0;
	for (size_t i = 0; i < size;) {
		size_t whole = utf8 && !(flags & (VIS_HTTPSTYLE | VIS_MIMESTYLE)) ? visible_character(from + i, size - i) : 0;
		long more = (long)whole;
		if (whole > 0 && used + whole >= room)
			return -1;
		if (whole > 0)
			memcpy(to + used, from + i, whole);
		else
			more = vis_encode_byte(to + used, room - used, from[i], i + 1 < size ? from[i + 1] : 0, flags, extra);
		if (more < 0)
			return -1;
		used += (size_t)more;
		i += whole > 0 ? whole : 1;
	}
	if (used >= room)
		return -1;
	to[used] = '\0';
	return (long)used;
}

// ---- and back: what was read of a sequence is in the state, a byte of which is the value so far ----------------------

enum state { GROUND, START, META, META_BYTE, CONTROL, OCTAL_2, OCTAL_3, HEX_1, HEX_2, MIME_1, MIME_2, X_1, X_2 };

static int begin(int byte, int *state, int flags, char *to)
{
	if (byte == '\\' && !(flags & VIS_NOESCAPE))
		return *state = START, UNVIS_NOCHAR;
	if ((flags & VIS_HTTPSTYLE) && byte == '%')
		return *state = HEX_1, UNVIS_NOCHAR;
	if ((flags & VIS_MIMESTYLE) && byte == '=')
		return *state = MIME_1, UNVIS_NOCHAR;
	*to = (char)byte;
	return UNVIS_VALID;
}

static int escape(int byte, int *state, char *to)
{
	static const char names[] = "nrbavtfsE", values[] = "\n\r\b\a\v\t\f \033";
	const char *found = byte ? strchr(names, byte) : NULL;
	*state = GROUND;
	if (is_octal(byte))
		return *to = (char)(byte - '0'), *state = OCTAL_2, UNVIS_NOCHAR;
	switch (byte) {
	case 'M': return *to = (char)0x80, *state = META, UNVIS_NOCHAR;
	case '^': return *to = 0, *state = CONTROL, UNVIS_NOCHAR;
	case 'x': return *state = X_1, UNVIS_NOCHAR;
	case '\n':
	case '$': return UNVIS_NOCHAR; // hidden: a newline, a mark
	default: break;
	}
	if (found)
		return *to = values[found - names], UNVIS_VALID;
	if (is_graphic(byte))
		return *to = (char)byte, UNVIS_VALID; // \\ and what was escaped with VIS_CSTYLE
	return UNVIS_SYNBAD;
}

// A digit of two; MIME's line that ends with = goes on in the next.
static int hex_digit(int byte, int *state, char *to)
{
	bool second = *state == HEX_2 || *state == MIME_2 || *state == X_2;
	if (*state == MIME_1 && (byte == '\n' || byte == '\r'))
		return *state = byte == '\n' ? GROUND : MIME_1, UNVIS_NOCHAR;
	int digit = hexadecimal(byte);
	*state = digit < 0 || second ? GROUND : *state + 1;
	if (digit < 0)
		return UNVIS_SYNBAD;
	*to = (char)(second ? ((unsigned char)*to << 4 | digit) : digit);
	return second ? UNVIS_VALID : UNVIS_NOCHAR;
}

static int octal_digit(int byte, int *state, char *to, int flags)
{
	bool third = *state == OCTAL_3, ends = (flags & VIS_END) || !is_octal(byte);
	*state = ends || third ? GROUND : OCTAL_3;
	if (ends)
		return flags & VIS_END ? UNVIS_VALID : UNVIS_VALIDPUSH;
	*to = (char)((unsigned char)*to << 3 | (byte - '0'));
	return third ? UNVIS_VALID : UNVIS_NOCHAR;
}

static int meta(int byte, int *state, char *to)
{
	enum state was = (enum state)*state;
	*state = GROUND;
	if (was == META && (byte == '-' || byte == '^'))
		return *state = byte == '-' ? META_BYTE : CONTROL, UNVIS_NOCHAR;
	if (was == META)
		return UNVIS_SYNBAD;
	*to = (char)(*to | (was == META_BYTE ? byte : byte == '?' ? 0x7f : byte & 0x1f));
	return UNVIS_VALID;
}

int vis_decode_byte(char *to, int byte, int *state, int flags)
{
	byte &= 0xff;
	if ((flags & VIS_END) && *state != OCTAL_2 && *state != OCTAL_3) {
		bool whole = *state == GROUND;
		*state = GROUND;
		return whole ? UNVIS_NOCHAR : UNVIS_SYNBAD;
	}
	switch (*state) {
	case GROUND: return begin(byte, state, flags, to);
	case START: return escape(byte, state, to);
	case META:
	case META_BYTE:
	case CONTROL: return meta(byte, state, to);
	case OCTAL_2:
	case OCTAL_3: return octal_digit(byte, state, to, flags);
	case HEX_1:
	case HEX_2:
	case MIME_1:
	case MIME_2:
	case X_1:
	case X_2: return hex_digit(byte, state, to);
	default: *state = GROUND; return UNVIS_SYNBAD;
	}
}

long vis_decode(char *to, size_t room, const char *from, int flags)
{
	size_t used = 0;
	int state = GROUND;
	char byte = 0;
	for (bool end = false; !end;) {
		end = *from == '\0';
		int result = end ? vis_decode_byte(&byte, 0, &state, flags | VIS_END) : vis_decode_byte(&byte, *from, &state, flags);
		if (result == UNVIS_SYNBAD || result == UNVIS_ERROR)
			return -1;
		if (result == UNVIS_VALID || result == UNVIS_VALIDPUSH) {
			if (used + 1 >= room)
				return -2;
			to[used++] = byte;
		}
		from += !end && result != UNVIS_VALIDPUSH;
	}
	if (used >= room)
		return -2;
	to[used] = '\0';
	return (long)used;
}
