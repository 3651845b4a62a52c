// SPDX-License-Identifier: MIT
// Code that is made while the program runs, with the frames that are registered for it: one FDE each, as Darwin's unwinder takes them.
#include "check.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct context;
uintptr_t _Unwind_GetIP(struct context *context);
int _Unwind_Backtrace(int (*each)(struct context *context, void *argument), void *argument);
void __register_frame(const void *fde);
void __deregister_frame(const void *fde);

typedef void caller(void (*function)(void));
static uintptr_t from, behind; // call_it's addresses
static int in_made, in_caller;

// push rbx; sub rsp, 48; call rdi; add rsp, 48; pop rbx; ret: it keeps no frame pointer.
static const uint8_t code[] = {0x53, 0x48, 0x83, 0xec, 0x30, 0xff, 0xd7, 0x48, 0x83, 0xc4, 0x30, 0x5b, 0xc3};

static int each(struct context *context, void *argument)
{
	uintptr_t at = _Unwind_GetIP(context);
	in_made += at > (uintptr_t)argument && at <= (uintptr_t)argument + sizeof(code);
	in_caller += at > from && at <= behind;
	return 0;
}

static void *made;

static void look(void)
{
	in_made = in_caller = 0;
	_Unwind_Backtrace(each, made);
}

// A CIE ("zR", addresses absolute) and an FDE: the CFA is rsp + 64 where the call is, rbx at CFA - 16. Returns the FDE.
static uint8_t *describe(uint8_t *at, const void *start)
{
	static const uint8_t cie[] = {20, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0 /* absptr */, 0x0c, 7, 8, 0x90, 1, 0, 0};
	static const uint8_t rows[] = {0, 0x41, 0x0e, 16, 0x83, 2, 0x44, 0x0e, 64};
	uint32_t length = 4 + 16 + sizeof(rows) + 3, back = sizeof(cie) + 4;
	uint64_t address = (uintptr_t)start, size = sizeof(code);
	memcpy(at, cie, sizeof(cie));
	uint8_t *fde = at + sizeof(cie);
	memcpy(fde, &length, 4);
	memcpy(fde + 4, &back, 4);
	memcpy(fde + 8, &address, 8);
	memcpy(fde + 16, &size, 8);
	memcpy(fde + 24, rows, sizeof(rows)); // what follows is zero: nops
	return fde;
}

__attribute__((noinline)) static void call_it(void)
{
	((caller *)made)(look);
	__asm__ volatile(""); // no jump at the end
}

int main(void)
{
	static uint8_t frames[2][128];
	from = (uintptr_t)call_it, behind = from + 32;
	made = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANON, -1, 0);
	memcpy(made, code, sizeof(code));
	memcpy((char *)made + 4096, code, sizeof(code));
	call_it();
	CHECK(in_made <= 1 && in_caller == 0); // the way ends there
	uint8_t *fde = describe(frames[0], made), *other = describe(frames[1], (char *)made + 4096);
	__register_frame(frames[0]); // a CIE: nothing
	call_it();
	CHECK(in_caller == 0);
	__register_frame(fde);
	__register_frame(other);
	call_it();
	CHECK(in_made == 1 && in_caller == 1);
	made = (char *)made + 4096;
	call_it();
	CHECK(in_made == 1 && in_caller == 1);
	int status, child = fork();
	if (child == 0) {
		call_it();
		_exit(in_caller == 1 ? 7 : 8);
	}
	CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
	__deregister_frame(other);
	call_it();
	CHECK(in_caller == 0);
	made = (char *)made - 4096;
	call_it();
	CHECK(in_caller == 1);
	puts("the frames are fine");
	return 0;
}
