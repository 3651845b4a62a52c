// SPDX-License-Identifier: MIT
// Random bytes: RDSEED or RDRAND where the CPU has them, mixed in any case with the jitter of the time stamp counter,
// by a permutation (SipHash's round: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012) over a
// state that never shows itself: what is given out is a sum of its words.
#include "cpu.h"

#define JITTER_SAMPLES 64u
#define RETRIES 16u // Intel: "Digital Random Number Generator Software Implementation Guide", 5.2.1, 10 are enough

static struct {
	struct md_lock lock;
	uint64_t v[4];  // [lock]
	bool seeded;    // [lock]
} pool = {.v = {0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573}};

static uint64_t rotate(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

static void pool_round_locked(void)
{
	uint64_t *v = pool.v;
	v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
	v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

static void pool_mix_locked(uint64_t word)
{
	pool.v[3] ^= word;
	pool_round_locked();
	pool_round_locked();
	pool.v[0] ^= word;
}

static bool hardware_word(uint64_t *word)
{
	bool good = false;
	for (unsigned i = 0; i < RETRIES && !good; i++) {
		if (cpu_features.rdseed)
			__asm__ volatile("rdseed %0" : "=r"(*word), "=@ccc"(good));
		else if (cpu_features.rdrand)
			__asm__ volatile("rdrand %0" : "=r"(*word), "=@ccc"(good));
		else
			return false;
	}
	return good;
}

// How long the same few memory accesses take differs by what else the machine does.
static void pool_jitter_locked(unsigned samples)
{
	static volatile uint8_t touched[4096];
	for (unsigned i = 0; i < samples; i++) {
		uint64_t start = tsc_read();
		for (unsigned j = 0; j < 16; j++)
			touched[(start * 61 + j * 257) % sizeof(touched)]++;
		pool_mix_locked(tsc_read() - start + (start << 20));
	}
}

void md_entropy(void *to, size_t size)
{
	uint8_t *out = to;
	md_lock_acquire(&pool.lock);
	pool_jitter_locked(pool.seeded ? 1 : JITTER_SAMPLES);
	pool.seeded = true;
	while (size > 0) {
		uint64_t word;
		if (hardware_word(&word))
			pool_mix_locked(word);
		for (unsigned i = 0; i < 4; i++)
			pool_round_locked();
		word = pool.v[0] ^ pool.v[1] ^ pool.v[2] ^ pool.v[3];
		size_t piece = size < sizeof(word) ? size : sizeof(word);
		memcpy(out, &word, piece);
		out += piece;
		size -= piece;
		pool_mix_locked(word + size); // what was given out cannot be found again
	}
	md_lock_release(&pool.lock);
}
