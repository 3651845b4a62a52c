// SPDX-License-Identifier: MIT
// Random bytes, all from Linux' getrandom. Facts: arc4random(3), getentropy(2), CommonCrypto's CommonRandom.h.
#include "errno.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

static void random_fill(void *to, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = getrandom((char *)to + done, size - done, 0);
		if (got > 0)
			done += (size_t)got;
		else if (errno != EINTR)
			abort(); // what asks for keys must not get zeros
	}
}

void darwin_arc4random_buf(void *to, size_t size)
{
	random_fill(to, size);
}

uint32_t darwin_arc4random(void)
{
	uint32_t value;
	random_fill(&value, sizeof(value));
	return value;
}

uint32_t darwin_arc4random_uniform(uint32_t bound)
{
	uint32_t value, least = bound > 1 ? -bound % bound : 0; // so that each result has as many values
	do
		value = darwin_arc4random();
	while (value < least);
	return bound > 1 ? value % bound : 0;
}

int darwin_getentropy(void *to, size_t size)
{
	if (size > 256)
		return errno_set(5); // EIO
	random_fill(to, size);
	return 0;
}

int darwin_CCRandomGenerateBytes(void *to, size_t size)
{
	random_fill(to, size);
	return 0; // kCCSuccess
}

void darwin_srandomdev(void)
{
	srandom(darwin_arc4random());
}

void darwin_sranddev(void)
{
	srand(darwin_arc4random());
}

// Facts: arc4random(3): both do nothing any more.
void darwin_arc4random_stir(void)
{
}

void darwin_arc4random_addrandom(const unsigned char *bytes, int size)
{
	(void)bytes, (void)size;
}
