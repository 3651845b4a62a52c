// SPDX-License-Identifier: MIT
// Reader of ".lzma" data (see lzma.h for the interface and the sources of the format).
//
// Invariants:
// 1. A symbol is decoded only while at least LZMA_SYMBOL_INPUT_MAX bytes can be read at `in`: either of the caller's
//    input, or of state->tail, into which the last bytes are moved with zeros behind them. So no bit of a symbol
//    checks for the end of the input; decode_symbols checks once per symbol whether the zeros were touched.
// 2. out[0 .. pos) is written and pos <= limit <= out_size. Only copy_match writes a little beyond pos, within
//    out_size.
// 3. decode_symbols keeps the coder in registers: everything it calls is inlined, nothing takes its address.
#include "lzma.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define PROBABILITY_BITS 11u
#define PROBABILITY_HALF (1u << (PROBABILITY_BITS - 1))
#define PROBABILITY_ONE (1u << PROBABILITY_BITS)
#define MOVE_BITS 5u
#define RANGE_LOW (1u << 24)
#define MATCH_MAX 273u
#define COPY_CHUNK 16u
#define DICTIONARY_MIN 4096u
#define END_MARKER UINT32_MAX

// Between two symbols; decode_symbols works on a copy.
struct coder {
	const uint8_t *in;
	uint32_t range, code;
};

enum progress {
	PROGRESS_WANTS_INPUT, // `in` passed in_stop
	PROGRESS_AT_STOP,
	PROGRESS_END_MARKER,
	PROGRESS_BAD_DISTANCE,
	PROGRESS_OVER_LIMIT, // a symbol is longer than the room that is left
};

struct decoder {
	struct coder coder;
	struct lzma_state *model;
	const uint8_t *in_stop; // the last address at which a symbol may start
	const uint8_t *in_end;  // where the real input ends
	bool in_tail;           // `in` is in model->tail
	uint8_t *out;
	size_t pos, limit, out_size;
	size_t stop;            // limit, or one more: then one more symbol, which must be the end marker
	size_t dictionary_size;
	unsigned lc, literal_position_mask, position_mask;
	unsigned state;          // 0 to 6 after a literal, 7 to 11 after a match
	uint32_t rep0, rep1, rep2, rep3; // the last four distances, less one
};

const char *lzma_status_name(enum lzma_status status)
{
	switch (status) {
	case LZMA_OK: return "good";
	case LZMA_TRUNCATED: return "truncated: the compressed data end too early";
	case LZMA_BAD_PROPERTIES: return "not LZMA: wrong or unsupported properties byte";
	case LZMA_BAD_SIZE: return "absurd uncompressed size in the header";
	case LZMA_TOO_LARGE: return "larger than the memory that may be used for it";
	case LZMA_BAD_START: return "not LZMA: wrong first bytes of the stream";
	case LZMA_BAD_DISTANCE: return "damaged: a match refers to data before the start";
	case LZMA_ENDS_EARLY: return "damaged: shorter than the size in the header";
	case LZMA_RUNS_ON: return "damaged: longer than the size in the header";
	case LZMA_BAD_END: return "damaged: the stream does not end cleanly";
	case LZMA_TRAILING_GARBAGE: return "extra bytes after the end of the stream";
	}
	return "unknown LZMA status";
}

// --- The range coder ---

ALWAYS_INLINE void coder_normalise(struct coder *c)
{
	if (c->range < RANGE_LOW) {
		c->range <<= 8;
		c->code = c->code << 8 | *c->in++;
	}
}

// Nobody can predict its jumps, and yet it is as fast as without them, which takes half as many instructions more.
ALWAYS_INLINE unsigned coder_bit(struct coder *c, uint16_t *probability)
{
	coder_normalise(c);
	uint32_t p = *probability, bound = (c->range >> PROBABILITY_BITS) * p;
	if (c->code < bound) {
		c->range = bound;
		// p + ((PROBABILITY_ONE - p) >> MOVE_BITS) with one operation less: the right shift of a negative number rounds down.
		int32_t above = (int32_t)(p - PROBABILITY_ONE + (1u << MOVE_BITS) - 1);
		*probability = (uint16_t)(p - (uint32_t)(above >> MOVE_BITS));
		return 0;
	}
	c->range -= bound;
	c->code -= bound;
	*probability = (uint16_t)(p - (p >> MOVE_BITS));
	return 1;
}

// `bits` bits, highest first, with one probability per prefix. Unrolled it is a hundred bytes for each bit, and hardly faster.
ALWAYS_INLINE unsigned coder_tree(struct coder *c, uint16_t *tree, unsigned bits)
{
	unsigned symbol = 1, end = 1u << bits;
#pragma GCC unroll 1
	do
		symbol = coder_bit(c, &tree[symbol]) == 0 ? symbol + symbol : symbol + symbol + 1;
	while (symbol < end);
	return symbol - end;
}

// `bits` bits, lowest first.
ALWAYS_INLINE unsigned coder_reverse_tree(struct coder *c, uint16_t *tree, unsigned bits)
{
	unsigned symbol = 1, value = 0, place = 1;
#pragma GCC unroll 1
	for (unsigned end = 1u << bits; place < end; place += place) {
		unsigned bit = coder_bit(c, &tree[symbol]);
		symbol += symbol + bit;
		value += bit * place;
	}
	return value;
}

// `bits` bits of equal probability, highest first.
ALWAYS_INLINE uint32_t coder_direct(struct coder *c, unsigned bits)
{
	uint32_t value = 0;
	while (bits-- > 0) {
		coder_normalise(c);
		c->range >>= 1;
		uint32_t below = 0u - (uint32_t)(c->code < c->range);
		c->code -= c->range & ~below;
		value = (value << 1) + 1u + below;
	}
	return value;
}

// --- Symbols ---

// A byte after a literal.
ALWAYS_INLINE uint8_t decode_literal(struct coder *c, uint16_t *tree)
{
	return (uint8_t)coder_tree(c, tree, 8);
}

// A byte after a match: what stands at rep0 is its prediction, for as long as the bits agree with it.
ALWAYS_INLINE uint8_t decode_matched_literal(struct coder *c, uint16_t *tree, unsigned predicted)
{
	unsigned symbol = 1, offset = 0x100;
#pragma GCC unroll 1
	do {
		predicted <<= 1;
		unsigned expected = predicted & offset;
		// offset stays 0x100 while the bit was the expected one, and is 0 from then on.
		if (coder_bit(c, &tree[offset + expected + symbol]) == 0) {
			symbol += symbol;
			offset &= ~expected;
		} else {
			symbol += symbol + 1;
			offset &= expected;
		}
	} while (symbol < 0x100);
	return (uint8_t)symbol;
}

// 2 to 273.
ALWAYS_INLINE unsigned decode_length(struct coder *c, struct lzma_length_model *m, unsigned position_state)
{
	uint16_t *tree = m->low[position_state];
	unsigned least = 2, bits = 3;
	if (coder_bit(c, &m->choice) != 0) {
		tree = m->middle[position_state];
		least = 10;
		if (coder_bit(c, &m->choice2) != 0) {
			tree = m->high;
			least = 18;
			bits = 8;
		}
	}
	return least + coder_tree(c, tree, bits);
}

// The distance less one, or END_MARKER.
ALWAYS_INLINE uint32_t decode_distance(struct coder *c, struct lzma_state *m, unsigned length)
{
	unsigned slot = coder_tree(c, m->distance_slot[length < 6 ? length - 2 : 3], 6);
	if (slot < 4)
		return slot;
	unsigned bits = (slot >> 1) - 1;
	uint32_t distance = (2u | (slot & 1)) << bits;
	uint16_t *tree = m->distance_align;
	if (slot < 14) {
		tree = m->distance_special + distance - slot;
	} else {
		distance += coder_direct(c, bits - 4) << 4;
		bits = 4;
	}
	return distance + coder_reverse_tree(c, tree, bits);
}

// Copies `length` bytes from `distance` bytes back, as if one after the other; may write up to COPY_CHUNK - 1 bytes
// more when `room`, the bytes that may be written at `to`, allows it.
ALWAYS_INLINE void copy_match(uint8_t *to, size_t distance, size_t length, size_t room)
{
	const uint8_t *from = to - distance;
	if (distance >= COPY_CHUNK && room >= MATCH_MAX + COPY_CHUNK) {
		for (size_t done = 0; done < length; done += COPY_CHUNK)
			__builtin_memcpy(to + done, from + done, COPY_CHUNK);
		return;
	}
	for (size_t done = 0; done < length; done++)
		to[done] = from[done];
}

// One of the last four distances moves to the front. True: a "short rep", of length 1.
ALWAYS_INLINE bool decode_rep(struct coder *c, struct decoder *d, unsigned state, unsigned position_state)
{
	struct lzma_state *m = d->model;
	if (coder_bit(c, &m->is_rep_g0[state]) == 0)
		return coder_bit(c, &m->is_rep0_long[state][position_state]) == 0;
	uint32_t distance = d->rep1;
	if (coder_bit(c, &m->is_rep_g1[state]) != 0) {
		distance = d->rep2;
		if (coder_bit(c, &m->is_rep_g2[state]) != 0) {
			distance = d->rep3;
			d->rep3 = d->rep2;
		}
		d->rep2 = d->rep1;
	}
	d->rep1 = d->rep0;
	d->rep0 = distance;
	return false;
}

// A match at d->rep0, perhaps END_MARKER. Returns its length.
ALWAYS_INLINE unsigned decode_match(struct coder *c, struct decoder *d, unsigned *state, unsigned position_state)
{
	struct lzma_state *m = d->model;
	struct lzma_length_model *lengths = &m->rep_length;
	unsigned after_match = *state < 7 ? 0 : 3; // to 7, 8, 9 if a literal was before, else to 10, 11, 11
	bool is_new = coder_bit(c, &m->is_rep[*state]) == 0;
	if (is_new) {
		d->rep3 = d->rep2;
		d->rep2 = d->rep1;
		d->rep1 = d->rep0;
		lengths = &m->match_length;
		*state = 7 + after_match;
	} else {
		bool is_short = decode_rep(c, d, *state, position_state);
		*state = after_match ? 11 : is_short ? 9 : 8;
		if (is_short)
			return 1;
	}
	unsigned length = decode_length(c, lengths, position_state);
	if (is_new)
		d->rep0 = decode_distance(c, m, length);
	return length;
}

// Decodes symbols until one of the reasons in enum progress; `d` is then at a symbol's border, except after an error.
static enum progress decode_symbols(struct decoder *d)
{
	struct coder c = d->coder;
	struct lzma_state *m = d->model;
	const uint8_t *in_stop = d->in_stop;
	uint8_t *out = d->out;
	size_t pos = d->pos, limit = d->limit, stop = d->stop;
	unsigned state = d->state;
	enum progress progress = PROGRESS_AT_STOP;

	while (pos < stop) {
		if (c.in > in_stop) {
			progress = PROGRESS_WANTS_INPUT;
			break;
		}
		unsigned position_state = pos & d->position_mask;
		if (coder_bit(&c, &m->is_match[state][position_state]) == 0) {
			if (pos == limit) {
				progress = PROGRESS_OVER_LIMIT;
				break;
			}
			unsigned before = pos > 0 ? out[pos - 1] : 0;
			size_t context = ((pos & d->literal_position_mask) << d->lc) + (before >> (8 - d->lc));
			uint16_t *tree = m->literal + 0x300 * context;
			out[pos] = state < 7 ? decode_literal(&c, tree)
					     : decode_matched_literal(&c, tree, out[pos - d->rep0 - 1]);
			pos++;
			state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
			continue;
		}
		size_t length = decode_match(&c, d, &state, position_state);
		if (d->rep0 >= pos || d->rep0 >= d->dictionary_size) {
			progress = d->rep0 == END_MARKER ? PROGRESS_END_MARKER : PROGRESS_BAD_DISTANCE;
			break;
		}
		if (length > limit - pos) {
			progress = PROGRESS_OVER_LIMIT;
			break;
		}
		copy_match(out + pos, (size_t)d->rep0 + 1, length, d->out_size - pos);
		pos += length;
	}
	d->coder = c;
	d->pos = pos;
	d->state = state;
	return progress;
}

// --- The whole file ---

static void model_init(struct lzma_state *m, unsigned lc, unsigned lp)
{
	size_t count = (offsetof(struct lzma_state, literal) - offsetof(struct lzma_state, is_match)) / sizeof(uint16_t);
	uint16_t *fixed = (uint16_t *)((unsigned char *)m + offsetof(struct lzma_state, is_match));
	for (size_t i = 0; i < count; i++)
		fixed[i] = PROBABILITY_HALF;
	for (size_t i = 0; i < (size_t)0x300 << (lc + lp); i++)
		m->literal[i] = PROBABILITY_HALF;
}

// Moves the last bytes of the input in front of zeros, once fewer than a symbol may need are left (invariant 1).
static void decoder_enter_tail(struct decoder *d)
{
	size_t left = (size_t)(d->in_end - d->coder.in);
	uint8_t *tail = d->model->tail;
	for (size_t i = 0; i < sizeof d->model->tail; i++)
		tail[i] = i < left ? d->coder.in[i] : 0;
	d->coder.in = tail;
	d->in_end = d->in_stop = tail + left;
	d->in_tail = true;
}

// After the last symbol: the range coder must be flushed, and nothing may follow.
static enum lzma_status decoder_check_end(struct decoder *d)
{
	coder_normalise(&d->coder);
	if (d->coder.in > d->in_end)
		return LZMA_TRUNCATED;
	if (d->coder.code != 0)
		return LZMA_BAD_END;
	return d->coder.in < d->in_end ? LZMA_TRAILING_GARBAGE : LZMA_OK;
}

// The output is full: what follows is the end, with or without an end marker.
static enum lzma_status decoder_finish_full(struct decoder *d, bool known_size)
{
	if (!d->in_tail && d->coder.in > d->in_stop)
		decoder_enter_tail(d);
	coder_normalise(&d->coder);
	if (d->coder.in > d->in_end)
		return LZMA_TRUNCATED;
	// A flushed coder leaves code 0, with which an end marker, whose first bit is a 1, cannot start.
	if (known_size && d->coder.code == 0)
		return d->coder.in < d->in_end ? LZMA_TRAILING_GARBAGE : LZMA_OK;
	d->stop = d->limit + 1;
	enum progress progress = decode_symbols(d);
	if (d->in_tail && d->coder.in > d->in_end)
		return LZMA_TRUNCATED;
	if (progress != PROGRESS_END_MARKER)
		return known_size ? LZMA_RUNS_ON : LZMA_TOO_LARGE;
	return decoder_check_end(d);
}

static enum lzma_status decoder_run(struct decoder *d, bool known_size)
{
	for (;;) {
		enum progress progress = decode_symbols(d);
		if (d->in_tail && d->coder.in > d->in_end)
			return LZMA_TRUNCATED;
		switch (progress) {
		case PROGRESS_WANTS_INPUT: decoder_enter_tail(d); break;
		case PROGRESS_AT_STOP: return decoder_finish_full(d, known_size);
		case PROGRESS_END_MARKER:
			if (known_size)
				return LZMA_ENDS_EARLY;
			return decoder_check_end(d);
		case PROGRESS_BAD_DISTANCE: return LZMA_BAD_DISTANCE;
		case PROGRESS_OVER_LIMIT: return known_size ? LZMA_RUNS_ON : LZMA_TOO_LARGE;
		}
	}
}

enum lzma_status lzma_header(const void *in, size_t in_size, struct lzma_header *out)
{
	const uint8_t *p = in;
	if (in_size < LZMA_HEADER_SIZE)
		return LZMA_TRUNCATED;
	// properties = (pb * 5 + lp) * 9 + lc
	if (p[0] >= 5 * 5 * 9 || p[0] % 9 + p[0] / 9 % 5 > 4)
		return LZMA_BAD_PROPERTIES;
	uint32_t dictionary_size = 0;
	uint64_t size = 0;
	for (unsigned i = 0; i < 4; i++)
		dictionary_size |= (uint32_t)p[1 + i] << 8 * i;
	for (unsigned i = 0; i < 8; i++)
		size |= (uint64_t)p[5 + i] << 8 * i;
	// The cheapest symbol per byte is a repeated match of 273 bytes: 14 coded bits, each of which costs at least
	// log2(2048 / 2017) = 0.022 bits. That is less than 7100 bytes of output for a byte of input.
	if (size != LZMA_UNKNOWN_SIZE && (size >= (uint64_t)256 << 30 || size / 8192 > in_size))
		return LZMA_BAD_SIZE;
	out->lc = p[0] % 9;
	out->lp = p[0] / 9 % 5;
	out->pb = p[0] / 45;
	out->dictionary_size = dictionary_size < DICTIONARY_MIN ? DICTIONARY_MIN : dictionary_size;
	out->size = size;
	return LZMA_OK;
}

enum lzma_status lzma_decode(const void *in, size_t in_size, void *out, size_t out_size, size_t *written,
			     struct lzma_state *state)
{
	struct lzma_header header;
	const uint8_t *start = (const uint8_t *)in + LZMA_HEADER_SIZE;
	*written = 0;
	state->consumed = 0;
	enum lzma_status status = lzma_header(in, in_size, &header);
	if (status != LZMA_OK)
		return status;
	bool known_size = header.size != LZMA_UNKNOWN_SIZE;
	if (known_size && header.size > out_size)
		return LZMA_TOO_LARGE;
	// The range coder starts with a zero byte and four bytes of code, which is below the range of 2^32 - 1.
	state->consumed = LZMA_HEADER_SIZE;
	if (in_size < LZMA_HEADER_SIZE + 5)
		return LZMA_TRUNCATED;
	uint32_t code = (uint32_t)start[1] << 24 | (uint32_t)start[2] << 16 | (uint32_t)start[3] << 8 | start[4];
	if (start[0] != 0 || code == UINT32_MAX)
		return LZMA_BAD_START;
	model_init(state, header.lc, header.lp);
	struct decoder d = {
		.coder = {.in = start + 5, .range = UINT32_MAX, .code = code},
		.model = state,
		.in_end = (const uint8_t *)in + in_size,
		.out = out,
		.limit = known_size ? (size_t)header.size : out_size,
		.stop = known_size ? (size_t)header.size : out_size,
		.out_size = out_size,
		.dictionary_size = header.dictionary_size,
		.lc = header.lc,
		.literal_position_mask = (1u << header.lp) - 1,
		.position_mask = (1u << header.pb) - 1,
	};
	if (in_size - LZMA_HEADER_SIZE - 5 < LZMA_SYMBOL_INPUT_MAX)
		decoder_enter_tail(&d);
	else
		d.in_stop = d.in_end - LZMA_SYMBOL_INPUT_MAX;
	status = decoder_run(&d, known_size);
	*written = d.pos;
	const uint8_t *end = d.coder.in < d.in_end ? d.coder.in : d.in_end;
	state->consumed = in_size - (size_t)(d.in_end - end);
	return status;
}
