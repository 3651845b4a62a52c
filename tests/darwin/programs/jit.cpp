// SPDX-License-Identifier: MIT
// Code that a program made itself: what is thrown passes through it, once its record is registered.
#include "check.h"

#include <string.h>
#include <sys/mman.h>

extern "C" void __register_frame(const void *);
extern "C" void __deregister_frame(const void *);
extern "C" void sys_icache_invalidate(void *, unsigned long);

static void throws() { throw 42; }

// push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret
static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3};

struct __attribute__((packed)) record {
	unsigned cie_length, cie_id;
	unsigned char version, augmentation, code_align, data_align, return_register, initial[7];
	unsigned fde_length, back;
	unsigned long start, size;
	unsigned char changes[12];
	unsigned end;
};

int main()
{
	void *memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	memcpy(memory, code, sizeof(code));
	CHECK(mprotect(memory, 4096, PROT_READ | PROT_EXEC) == 0);
	sys_icache_invalidate(memory, sizeof(code));
	// The CFA is rsp + 8, the return address below it; after push at 16 with rbp below, after mov from rbp. (DWARF 4, 6.4.2)
	static record table = {16, 0, 1, 0, 1, 0x78, 16, {0x0c, 7, 8, 0x90, 1, 0, 0}, 32, 24, (unsigned long)memory, sizeof(code),
			       {0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0, 0, 0, 0}, 0};
	static_assert(sizeof(record) == 20 + 36 + 4, "as DWARF has it");
	__register_frame(&table.fde_length);
	int caught = 0;
	for (int i = 0; i < 3; i++)
		try {
			((void (*)(void (*)()))memory)(throws);
		} catch (int value) {
			caught += value;
		}
	CHECK(caught == 126);
	__deregister_frame(&table.fde_length);
	puts("code is fine");
}
