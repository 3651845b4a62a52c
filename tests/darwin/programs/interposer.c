// SPDX-License-Identifier: MIT
// A library that puts its own getpid in the place of libSystem's for all others.
#include <unistd.h>

static pid_t other_pid(void)
{
	return getpid() > 0 ? 4711 : 0; // its own call is the real one
}

__attribute__((used, section("__DATA,__interpose"))) static struct {
	const void *replacement, *replaced;
} tuple = {(const void *)other_pid, (const void *)getpid};
