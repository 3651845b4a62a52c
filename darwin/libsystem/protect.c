// SPDX-License-Identifier: MIT
// What compilers call by themselves: guards of the stack, checks of sizes, helpers of arithmetic. Facts: Libc's <secure/_string.h>,
// compiler-rt; __sincos_stret in Libm's <math.h>.
#include "environment.h"
#include "report.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

uint64_t darwin_stack_chk_guard = 0x00a5d3c1f07e2b94; // replaced before the program starts; a byte of 0 stops strings

__attribute__((constructor)) static void protect_begin(void)
{
	uint64_t value;
	if (getrandom(&value, sizeof(value), GRND_NONBLOCK) == sizeof(value))
		darwin_stack_chk_guard = value & ~(uint64_t)0xff;
}

_Noreturn void darwin_stack_chk_fail(void)
{
	report("the stack was overwritten");
	abort();
}

_Noreturn void darwin_assert_rtn(const char *function, const char *file, int line, const char *expression)
{
	if (function == (const char *)-1)
		fprintf(stderr, "Assertion failed: (%s), file %s, line %d.\n", expression, file, line);
	else
		fprintf(stderr, "Assertion failed: (%s), function %s, file %s, line %d.\n", expression, function, file,
			line);
	abort();
}

// Called with the size of a large frame in rax: it would touch each page of it. Linux grows the stack by itself, and the frames of
// threads are mapped as a whole, so there is nothing to do but keep all registers.
__asm__(".text\n"
	".globl darwin_chkstk_darwin\n"
	".hidden darwin_chkstk_darwin\n"
	"darwin_chkstk_darwin:\n"
	"	ret\n");

struct sincosf {
	float sine, cosine;
};
struct sincosf darwin_sincosf_stret(float angle)
{
	return (struct sincosf){sinf(angle), cosf(angle)};
}

struct sincos {
	double sine, cosine;
};
struct sincos darwin_sincos_stret(double angle)
{
	return (struct sincos){sin(angle), cos(angle)};
}
