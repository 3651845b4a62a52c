// SPDX-License-Identifier: MIT
// A program without main: its entry point gets the stack as Darwin's kernel makes it (LC_UNIXTHREAD).
#include <stdio.h>
#include <stdlib.h>

static const char *const data = "pointers were moved";

__attribute__((used)) static void begin(long *stack)
{
	long count = stack[0];
	char **words = (char **)(stack + 1), **at = words + count + 1;
	int variables = 0;
	while (*at)
		at++, variables++;
	printf("%ld words, the last %s, %s, %s, %s\n", count, words[count - 1], variables > 0 ? "variables" : "none",
	       at[1], data);
	exit(12);
}

__asm__(".globl start\n"
	"start:\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call _begin\n"
	"	ud2\n");
