// SPDX-License-Identifier: MIT
// Prints its process number and that its library knows.
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	pid_t (*found)(void) = (pid_t(*)(void))dlsym(RTLD_DEFAULT, "getpid");
	printf("pid %d %d\n", getpid(), found());
	return 0;
}
