// SPDX-License-Identifier: MIT
// What compiled programs do past libSystem's functions: raw calls as Go makes them, and the table of classes of characters.
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern char _DefaultRuneLocale[];

// Not inline: there is one place in the program, as in Go.
__attribute__((noinline)) static uint64_t raw_call(uint64_t number, uint64_t one, uint64_t two, uint64_t three, unsigned char *failed)
{
	uint64_t result = number;
	__asm__ volatile("addq $0x2000000, %%rax\n\tsyscall\n\tsetc %1"
			 : "+a"(result), "=&r"(*failed), "+D"(one), "+S"(two), "+d"(three)
			 :
			 : "rcx", "r11", "memory", "cc");
	return result;
}

static void trapped(int number)
{
	(void)number;
	_exit(9);
}

static void pseudo_terminal(void)
{
	struct sigaction action = {0};
	unsigned char failed;
	char name[128] = "";
	action.sa_handler = trapped;
	CHECK(sigaction(SIGILL, &action, NULL) == 0);
	int file = open("/dev/ptmx", O_RDWR);
	CHECK(file >= 0);
	CHECK(raw_call(54, (uint64_t)file, 0x20007452, 0, &failed) == 0 && !failed); // TIOCPTYUNLK
	CHECK(raw_call(54, (uint64_t)file, 0x40807453, (uint64_t)(uintptr_t)name, &failed) == 0 && !failed); // TIOCPTYGNAME
	int other = open(name, O_RDWR);
	CHECK(other >= 0 && write(other, "x", 1) == 1 && read(file, name, 1) == 1 && name[0] == 'x');
	CHECK(raw_call(54, 99, 0x20007452, 0, &failed) == 9 && failed); // EBADF
	CHECK(raw_call(20, 0, 0, 0, &failed) == (uint64_t)getpid() && !failed);
	CHECK(raw_call(8, 0, 0, 0, &failed) == 78 && failed); // there is none: ENOSYS
}

// Libc's <_ctype.h> compiles to this: the class of c is at 60 + 4 * c.
static uint32_t class_of(int c)
{
	uint32_t value;
	memcpy(&value, _DefaultRuneLocale + 60 + 4 * c, sizeof(value));
	return value;
}

int main(void)
{
	pseudo_terminal();
	CHECK(class_of(' ') & 0x4000);	  // space
	CHECK(!(class_of('!') & 0x4000));
	CHECK(class_of('a') & 0x1000);	  // lower
	CHECK((class_of('9') & 0x40f) == 0x409);
	puts("raw calls are fine");
	return 0;
}
