// SPDX-License-Identifier: MIT
// libc++'s random_device, which on macOS is arc4random and holds nothing (Debian's holds a descriptor). Facts: libc++'s <random>.
#include <stdint.h>

uint32_t darwin_arc4random(void);

void darwin_cxx_random_device_begin(void *device, const void *token)
{
	(void)device, (void)token;
}

void darwin_cxx_random_device_end(void *device)
{
	(void)device;
}

uint32_t darwin_cxx_random_device_call(void *device)
{
	(void)device;
	return darwin_arc4random();
}

double darwin_cxx_random_device_entropy(const void *device)
{
	(void)device;
	return 0; // "deterministic", as libc++ says where it cannot know
}
