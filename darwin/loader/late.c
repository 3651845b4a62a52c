// SPDX-License-Identifier: MIT
// Functions of Debian's libm, libgcc_s and OpenSSL, which few programs call: the library is loaded when the first of them is called, not when
// gila-darwin starts. tools/darwin/late.py writes a short function of the same name for each, which jumps to the address that is found here.
//
// 1. A caller's registers and stack are as it left them when the function begins: it may count on them (the unwinder does).
// 2. Two threads may find the same address at once: both write the same.
// Debian's libc++abi finds the functions of the unwinder here, too, since names of the program come first: all throw through libgcc_s.
#include "../libsystem/report.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

struct late_function {
	char name[48], library[16];
};
extern const struct late_function late_functions[];
extern _Atomic(void *) late_addresses[];

__attribute__((used)) static void *late_find(uint32_t index)
{
	const struct late_function *function = &late_functions[index];
	void *library = dlopen(function->library, RTLD_NOW | RTLD_LOCAL);
	void *address = library ? dlsym(library, function->name) : NULL;
	if (!address)
		report_fatal("%s of %s: %s", function->name, function->library, dlerror());
	late_addresses[index] = address;
	return address;
}

// r11 is the index. The arguments of functions of numbers are in xmm0 to xmm7.
__asm__(".text\n"
	".globl late_enter\n"
	".hidden late_enter\n"
	"late_enter:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	push %rdi\n"
	"	push %rsi\n"
	"	push %rdx\n"
	"	push %rcx\n"
	"	push %r8\n"
	"	push %r9\n"
	"	push %rax\n"
	"	sub $136, %rsp\n"
	"	and $-16, %rsp\n"
	"	movups %xmm0, (%rsp)\n"
	"	movups %xmm1, 16(%rsp)\n"
	"	movups %xmm2, 32(%rsp)\n"
	"	movups %xmm3, 48(%rsp)\n"
	"	movups %xmm4, 64(%rsp)\n"
	"	movups %xmm5, 80(%rsp)\n"
	"	movups %xmm6, 96(%rsp)\n"
	"	movups %xmm7, 112(%rsp)\n"
	"	mov %r11d, %edi\n"
	"	call late_find\n"
	"	mov %rax, %r11\n"
	"	movups (%rsp), %xmm0\n"
	"	movups 16(%rsp), %xmm1\n"
	"	movups 32(%rsp), %xmm2\n"
	"	movups 48(%rsp), %xmm3\n"
	"	movups 64(%rsp), %xmm4\n"
	"	movups 80(%rsp), %xmm5\n"
	"	movups 96(%rsp), %xmm6\n"
	"	movups 112(%rsp), %xmm7\n"
	"	lea -56(%rbp), %rsp\n"
	"	pop %rax\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %rcx\n"
	"	pop %rdx\n"
	"	pop %rsi\n"
	"	pop %rdi\n"
	"	pop %rbp\n"
	"	jmp *%r11\n");
