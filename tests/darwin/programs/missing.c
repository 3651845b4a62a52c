// SPDX-License-Identifier: MIT
// Calls a function that the linker is told of and the system does not have.
#include <stdio.h>

void gila_has_no_such_function(int);

int main(void)
{
	puts("before");
	fflush(stdout);
	gila_has_no_such_function(1);
	puts("behind");
	return 0;
}
