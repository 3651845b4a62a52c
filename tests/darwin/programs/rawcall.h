// SPDX-License-Identifier: MIT
// System calls of a program without libSystem, and checks by them: the first that fails says where and ends the program with status 1.
#ifndef RAWCALL_H
#define RAWCALL_H

typedef unsigned long word;

struct result {
	word value, second;
	int failed;
};

static struct result call(word number, word a, word b, word c, word d, word e, word f)
{
	struct result result;
	register word r10 __asm__("r10") = d;
	register word r8 __asm__("r8") = e;
	register word r9 __asm__("r9") = f;
	char carry;
	__asm__ volatile("syscall\n\tsetc %2"
			 : "=a"(result.value), "+d"(c), "=r"(carry), "+r"(r10), "+r"(r8), "+r"(r9)
			 : "a"(number >= 0x1000000 ? number : number | 0x2000000), "D"(a), "S"(b)
			 : "rcx", "r11", "memory");
	result.second = c;
	result.failed = carry;
	return result;
}
#define CALL3(number, a, b, c) call(number, (word)(a), (word)(b), (word)(c), 0, 0, 0)

static void say(const char *text)
{
	word length = 0;
	while (text[length])
		length++;
	CALL3(4, 1, text, length);
}

static void check(int fine, const char *what)
{
	if (fine)
		return;
	say("wrong: ");
	say(what);
	say("\n");
	CALL3(1, 1, 0, 0);
}
#define CHECK(expression) check(expression, #expression)

#endif
