// SPDX-License-Identifier: MIT
// Mutations of fuzz inputs by whole records (see fuzz.h), for libFuzzer: its own work on bytes, which would shift all the
// records behind, is left for the details of one record. Entry points: FuzzerInterface.h of LLVM and
// "Structure-Aware Fuzzing with libFuzzer" (github.com/google/fuzzing).
#include "fuzz.h"

#include <string.h>

#define HEADER 3u
#define RECORD_HEADER 4u
#define DETAILS_MAX 160u

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size, uint8_t *out,
				 size_t limit, unsigned seed);
// libFuzzer's; not there in other builds.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t limit) __attribute__((weak));

struct chunk {
	uint8_t bytes[RECORD_HEADER + 255];
	size_t size;
};

struct script {
	uint8_t header[HEADER];
	struct chunk chunks[FUZZ_RECORDS];
	unsigned count;
	uint64_t random;
};

// splitmix64, as in schedule.c, but of a seed of its own: the simulation's belongs to the input.
static unsigned below(struct script *script, unsigned limit)
{
	uint64_t z = script->random += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return limit ? (unsigned)((z ^ (z >> 31)) % limit) : 0;
}

static void script_read(struct script *script, const uint8_t *data, size_t size)
{
	memcpy(script->header, data, size < HEADER ? size : HEADER);
	for (size_t at = HEADER; at < size && script->count < FUZZ_RECORDS;) {
		struct chunk *chunk = &script->chunks[script->count++];
		size_t left = size - at, length = left < RECORD_HEADER ? left : RECORD_HEADER + data[at + 3];
		chunk->size = length < left ? length : left;
		memcpy(chunk->bytes, data + at, chunk->size);
		if (chunk->size < RECORD_HEADER)
			chunk->size = RECORD_HEADER;
		at += length;
	}
}

static size_t script_write(struct script *script, uint8_t *data, size_t limit)
{
	size_t size = HEADER;
	if (limit < HEADER)
		return 0;
	memcpy(data, script->header, HEADER);
	for (unsigned i = 0; i < script->count; i++) {
		struct chunk *chunk = &script->chunks[i];
		if (chunk->size > limit - size)
			break;
		chunk->bytes[3] = (uint8_t)(chunk->size - RECORD_HEADER);
		memcpy(data + size, chunk->bytes, chunk->size);
		size += chunk->size;
	}
	return size;
}

static void chunk_insert(struct script *script, unsigned at, const struct chunk *chunk)
{
	if (script->count == FUZZ_RECORDS)
		return;
	memmove(&script->chunks[at + 1], &script->chunks[at], (script->count - at) * sizeof(*chunk));
	script->chunks[at] = *chunk;
	script->count++;
}

static void chunk_remove(struct script *script, unsigned at)
{
	memmove(&script->chunks[at], &script->chunks[at + 1], (--script->count - at) * sizeof(*script->chunks));
}

// A call of some kind, as the grammar says, without details.
static struct chunk chunk_fresh(struct script *script)
{
	struct chunk chunk = {.size = RECORD_HEADER};
	static const enum fuzz_act acts[] = {FUZZ_TRAP,	   FUZZ_TRAP,	 FUZZ_TRAP,   FUZZ_ROUTINE,  FUZZ_ROUTINE,
					     FUZZ_MESSAGE, FUZZ_MESSAGE, FUZZ_RECEIVE, FUZZ_DIRECTOR, FUZZ_CLIENT};
	enum fuzz_act act = acts[below(script, sizeof(acts) / sizeof(*acts))];
	unsigned select = below(script, act == FUZZ_CLIENT || act == FUZZ_DIRECTOR ? 10 : 0x8000);
	if (act == FUZZ_TRAP)
		select = grammar_table.traps[below(script, (unsigned)grammar_table.trap_count)].number;
	if (act == FUZZ_ROUTINE)
		select = grammar_table.messages[below(script, (unsigned)grammar_table.message_count)].id;
	chunk.bytes[0] = (uint8_t)(act << 3 | below(script, 6));
	chunk.bytes[1] = (uint8_t)select;
	chunk.bytes[2] = (uint8_t)(select >> 8);
	return chunk;
}

static void details_mutate(struct chunk *chunk)
{
	if (LLVMFuzzerMutate)
		chunk->size = RECORD_HEADER + LLVMFuzzerMutate(chunk->bytes + RECORD_HEADER, chunk->size - RECORD_HEADER,
							       DETAILS_MAX);
}

static void script_mutate(struct script *script)
{
	struct chunk fresh, *one = &script->chunks[below(script, script->count)];
	unsigned what = script->count ? below(script, 12) : 0;
	switch (what) {
	case 0:
	case 1:
		fresh = chunk_fresh(script);
		chunk_insert(script, below(script, script->count + 1), &fresh);
		break;
	case 2:
		chunk_remove(script, below(script, script->count));
		break;
	case 3:
		fresh = *one;
		chunk_insert(script, below(script, script->count + 1), &fresh);
		break;
	case 4:
		fresh = *one;
		*one = script->chunks[script->count - 1];
		script->chunks[script->count - 1] = fresh;
		break;
	case 5:
		one->bytes[0] = (uint8_t)((one->bytes[0] & ~7u) | below(script, 6));
		break;
	case 6:
		script->header[below(script, HEADER)] = (uint8_t)below(script, below(script, 2) ? 256 : 8);
		break;
	case 7:
		one->bytes[1 + below(script, 2)] ^= (uint8_t)(1u << below(script, 8));
		break;
	default:
		details_mutate(one);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	static struct script script;
	script.count = 0;
	script.random = seed;
	memset(script.header, 0, HEADER);
	script_read(&script, data, size);
	for (unsigned i = 1 + below(&script, 3); i > 0; i--)
		script_mutate(&script);
	return script_write(&script, data, limit);
}

// Records of both, in their order.
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size, uint8_t *out,
				 size_t limit, unsigned seed)
{
	static struct script first, second, both;
	first.count = second.count = both.count = 0;
	both.random = seed;
	script_read(&first, one, one_size);
	script_read(&second, other, other_size);
	memcpy(both.header, below(&both, 2) ? first.header : second.header, HEADER);
	for (unsigned i = 0, j = 0; (i < first.count || j < second.count) && both.count < FUZZ_RECORDS;) {
		bool from_first = j == second.count || (i < first.count && below(&both, 2));
		struct chunk *chunk = from_first ? &first.chunks[i++] : &second.chunks[j++];
		if (below(&both, 4) > 0)
			chunk_insert(&both, both.count, chunk);
	}
	return script_write(&both, out, limit);
}
