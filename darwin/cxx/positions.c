// SPDX-License-Identifier: MIT
// Positions of libc++'s streams: tellg, seekg, tellp, seekp and what buffers do for them.
//
// A position holds an mbstate_t, which has 128 bytes on macOS and 8 in Debian's libc++: so functions that take or return one cannot be
// Debian's. Programs bring buffers of their own (basic_filebuf), which Debian's functions must not ask for a position either: these here
// have Debian's names, so that gila-darwin's come first for Debian's libc++, too.
// Facts: libc++'s <ios> (fpos), <streambuf>, <istream>, <ostream>.
#include "cxx.h"
#include "streams.h"

#include <string.h>

struct position { // fpos<mbstate_t>
	char state[128];
	int64_t offset;
};
struct debians_position {
	char state[8];
	int64_t offset;
};

static void position_set(struct position *position, int64_t offset)
{
	memset(position, 0, sizeof(*position));
	position->offset = offset;
}

// What is still Debian's: the few buffers whose functions it does not export (basic_stringbuf, strstreambuf).
static void seek_offset(struct position *result, struct cxx_buffer *buffer, int64_t offset, int from, uint32_t mode)
{
	void (*function)(void) = buffer->functions[BUFFER_SEEK_OFFSET];
	if (!cxx_is_debians(function)) {
		*result = ((struct position (*)(struct cxx_buffer *, int64_t, int, uint32_t))function)(buffer, offset, from, mode);
		return;
	}
	struct debians_position position =
		((struct debians_position (*)(struct cxx_buffer *, int64_t, int, uint32_t))function)(buffer, offset, from, mode);
	position_set(result, position.offset);
}

static void seek_position(struct position *result, struct cxx_buffer *buffer, const struct position *to, uint32_t mode)
{
	void (*function)(void) = buffer->functions[BUFFER_SEEK_POSITION];
	if (cxx_is_debians(function))
		seek_offset(result, buffer, to->offset, SEEK_BEGIN, mode);
	else
		*result = ((struct position (*)(struct cxx_buffer *, struct position, uint32_t))function)(buffer, *to, mode);
}

// ---- streams --------------------------------------------------------------------------------------------------------

// An object that flushes before and after, as each function of a stream begins with.
struct sentry {
	uint8_t ok;
	void *stream;
};
typedef void sentry_begin_in(struct sentry *, void *, bool);
typedef void sentry_begin_out(struct sentry *, void *);
typedef void sentry_end_out(struct sentry *);

static void tell_in(struct position *result, void *stream, sentry_begin_in *begin)
{
	struct cxx_ios *ios = cxx_ios_of(stream);
	struct sentry sentry;
	position_set(result, -1);
	begin(&sentry, stream, true);
	if (sentry.ok)
		seek_offset(result, ios->buffer, 0, SEEK_CURRENT, MODE_IN);
}

// To a position, or by an offset if it is NULL.
static void *seek_in(void *stream, const struct position *to, int64_t offset, int from, sentry_begin_in *begin)
{
	struct cxx_ios *ios = cxx_ios_of(stream);
	struct position result;
	struct sentry sentry;
	cxx_ios_set(ios, ios->state & ~(uint32_t)STATE_EOF);
	begin(&sentry, stream, true);
	if (!sentry.ok)
		return stream;
	if (to)
		seek_position(&result, ios->buffer, to, MODE_IN);
	else
		seek_offset(&result, ios->buffer, offset, from, MODE_IN);
	if (result.offset == -1)
		cxx_ios_add(ios, STATE_FAIL);
	return stream;
}

static void tell_out(struct position *result, void *stream)
{
	struct cxx_ios *ios = cxx_ios_of(stream);
	position_set(result, -1);
	if (!(ios->state & (STATE_FAIL | STATE_BAD)))
		seek_offset(result, ios->buffer, 0, SEEK_CURRENT, MODE_OUT);
}

static void *seek_out(void *stream, const struct position *to, int64_t offset, int from, sentry_begin_out *begin, sentry_end_out *end)
{
	struct cxx_ios *ios = cxx_ios_of(stream);
	struct position result = {.offset = 0};
	struct sentry sentry;
	begin(&sentry, stream);
	if (!(ios->state & (STATE_FAIL | STATE_BAD))) {
		if (to)
			seek_position(&result, ios->buffer, to, MODE_OUT);
		else
			seek_offset(&result, ios->buffer, offset, from, MODE_OUT);
		if (result.offset == -1)
			cxx_ios_add(ios, STATE_FAIL);
	}
	end(&sentry);
	return stream;
}

// ---- by their names: of char (c) and of wchar_t (w) -----------------------------------------------------------------

#define NAMED(name) __asm__(name)
#define POSITION "NS_4fposI11__mbstate_tEE"
#define OFFSET "xNS_8ios_base7seekdirE"
#define OF(c) "I" c "NS_11char_traitsI" c "EEE"

#define BUFFER(kind, c)                                                                                                \
	struct position kind##_seekoff(struct cxx_buffer *, int64_t, int, uint32_t)                                    \
		NAMED("_ZNSt3__115basic_streambuf" OF(c) "7seekoffE" OFFSET "j");                                      \
	struct position kind##_seekpos(struct cxx_buffer *, struct position, uint32_t)                                 \
		NAMED("_ZNSt3__115basic_streambuf" OF(c) "7seekposE" POSITION "j");                                    \
	struct position kind##_pubseekoff(struct cxx_buffer *, int64_t, int, uint32_t)                                 \
		NAMED("_ZNSt3__115basic_streambuf" OF(c) "10pubseekoffE" OFFSET "j");                                  \
	struct position kind##_pubseekpos(struct cxx_buffer *, struct position, uint32_t)                              \
		NAMED("_ZNSt3__115basic_streambuf" OF(c) "10pubseekposE" POSITION "j");                                \
	/* A buffer without positions. */                                                                              \
	struct position kind##_seekoff(struct cxx_buffer *buffer, int64_t offset, int from, uint32_t mode)             \
	{                                                                                                              \
		(void)buffer, (void)offset, (void)from, (void)mode;                                                    \
		return (struct position){.offset = -1};                                                                \
	}                                                                                                              \
	struct position kind##_seekpos(struct cxx_buffer *buffer, struct position to, uint32_t mode)                   \
	{                                                                                                              \
		(void)buffer, (void)to, (void)mode;                                                                    \
		return (struct position){.offset = -1};                                                                \
	}                                                                                                              \
	struct position kind##_pubseekoff(struct cxx_buffer *buffer, int64_t offset, int from, uint32_t mode)          \
	{                                                                                                              \
		struct position result;                                                                                \
		seek_offset(&result, buffer, offset, from, mode);                                                      \
		return result;                                                                                         \
	}                                                                                                              \
	struct position kind##_pubseekpos(struct cxx_buffer *buffer, struct position to, uint32_t mode)                \
	{                                                                                                              \
		struct position result;                                                                                \
		seek_position(&result, buffer, &to, mode);                                                             \
		return result;                                                                                         \
	}
BUFFER(char, "c")
BUFFER(wide, "w")

#define STREAMS(kind, c)                                                                                               \
	sentry_begin_in kind##_begin_in NAMED("_ZNSt3__113basic_istream" OF(c) "6sentryC1ERS3_b");                     \
	static sentry_begin_out *kind##_begin_out(void)                                                                \
	{                                                                                                              \
		return (sentry_begin_out *)cxx_symbol("_ZNSt3__113basic_ostream" OF(c) "6sentryC1ERS3_");              \
	}                                                                                                              \
	static sentry_end_out *kind##_end_out(void)                                                                    \
	{                                                                                                              \
		return (sentry_end_out *)cxx_symbol("_ZNSt3__113basic_ostream" OF(c) "6sentryD1Ev");                   \
	}                                                                                                              \
	struct position kind##_tellg(void *) NAMED("_ZNSt3__113basic_istream" OF(c) "5tellgEv");                       \
	struct position kind##_tellp(void *) NAMED("_ZNSt3__113basic_ostream" OF(c) "5tellpEv");                       \
	void *kind##_seekg_to(void *, struct position) NAMED("_ZNSt3__113basic_istream" OF(c) "5seekgE" POSITION);     \
	void *kind##_seekp_to(void *, struct position) NAMED("_ZNSt3__113basic_ostream" OF(c) "5seekpE" POSITION);     \
	void *kind##_seekg(void *, int64_t, int) NAMED("_ZNSt3__113basic_istream" OF(c) "5seekgE" OFFSET);             \
	void *kind##_seekp(void *, int64_t, int) NAMED("_ZNSt3__113basic_ostream" OF(c) "5seekpE" OFFSET);             \
	struct position kind##_tellg(void *stream)                                                                     \
	{                                                                                                              \
		struct position result;                                                                                \
		tell_in(&result, stream, kind##_begin_in);                                                             \
		return result;                                                                                         \
	}                                                                                                              \
	struct position kind##_tellp(void *stream)                                                                     \
	{                                                                                                              \
		struct position result;                                                                                \
		tell_out(&result, stream);                                                                             \
		return result;                                                                                         \
	}                                                                                                              \
	void *kind##_seekg_to(void *stream, struct position to)                                                        \
	{                                                                                                              \
		return seek_in(stream, &to, 0, 0, kind##_begin_in);                                                    \
	}                                                                                                              \
	void *kind##_seekp_to(void *stream, struct position to)                                                        \
	{                                                                                                              \
		return seek_out(stream, &to, 0, 0, kind##_begin_out(), kind##_end_out());                              \
	}                                                                                                              \
	void *kind##_seekg(void *stream, int64_t offset, int from)                                                     \
	{                                                                                                              \
		return seek_in(stream, NULL, offset, from, kind##_begin_in);                                           \
	}                                                                                                              \
	void *kind##_seekp(void *stream, int64_t offset, int from)                                                     \
	{                                                                                                              \
		return seek_out(stream, NULL, offset, from, kind##_begin_out(), kind##_end_out());                     \
	}
STREAMS(char, "c")
STREAMS(wide, "w")
