// SPDX-License-Identifier: MIT
// Needs a stack of more than 40 MiB, and asks where it is.
#include "check.h"

#include <pthread.h>

static __attribute__((noinline)) int deep(int left)
{
	volatile char room[4096];
	room[0] = (char)left;
	return left ? deep(left - 1) + room[0] - room[0] : 1;
}

int main(void)
{
	char here, *top = pthread_get_stackaddr_np(pthread_self());
	CHECK(&here<top && & here> top - 65536 && pthread_get_stacksize_np(pthread_self()) == 64u << 20);
	CHECK(deep(10000) == 1);
	puts("deep is fine");
	return 0;
}
