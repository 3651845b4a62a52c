// SPDX-License-Identifier: MIT
// Raw calls of Darwin's kernel that Go makes; see raw_call.h. What they ask for is done by raw.c.
//
// Facts: a call's number is in rax, with class 2 above (xnu's osfmk/mach/i386/syscall_sw.h), its arguments in rdi, rsi, rdx,
// r10, r8, r9; an error is told by the carry flag, with errno in rax (xnu's bsd/dev/i386/systemcalls.c). Linux leaves that
// flag alone.
#include "raw_call.h"

#include "errno.h"
#include "raw.h"

#include "../loader/image.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum { EXECUTE = 4 };

int *darwin_error(void);

static uint8_t *_Atomic caught; // the instruction

// Go's assembler writes: add rax, 0x2000000; syscall. There is one in a program (syscall.Syscall and its kin end there).
static uint8_t *find_in(const struct image *image)
{
	static const uint8_t pattern[] = {0x48, 0x05, 0, 0, 0, 2, 0x0f, 0x05};
	for (unsigned i = 0; i < image->macho.segment_count; i++) {
		const struct macho_segment *segment = &image->macho.segments[i];
		if (!macho_segment_mapped(segment) || !(segment->protection & EXECUTE))
			continue;
		uint8_t *at = memmem(image_at(image, segment->address), segment->file_size, pattern, sizeof(pattern));
		if (at)
			return at + sizeof(pattern) - 2;
	}
	return NULL;
}

static void catch(void)
{
	struct sigaction action;
	if (sigaction(SIGILL, NULL, &action) < 0 || !(action.sa_flags & SA_SIGINFO))
		return;
	uint8_t *at = find_in(images[0]);
	if (!at)
		return;
	uint8_t *page = (uint8_t *)((uintptr_t)at & ~(uintptr_t)(MACHO_PAGE - 1));
	size_t size = (size_t)(at + 2 - page);
	if (mprotect(page, size, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		return;
	caught = at;
	*(volatile uint8_t *)(at + 1) = 0x0b; // 0f 05, syscall, becomes 0f 0b, ud2: one byte, so no thread sees half of it
	mprotect(page, size, PROT_READ | PROT_EXEC);
}

void raw_call_catch(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT; // whoever comes meanwhile waits
	pthread_once(&once, catch);
}

bool raw_call_answer(ucontext_t *context)
{
	greg_t *registers = context->uc_mcontext.gregs;
	uint8_t *at = caught;
	if (!at || registers[REG_RIP] != (greg_t)(uintptr_t)at)
		return false;
	int host = errno, *error = darwin_error(), before = *error;
	registers[REG_RIP] += 2;
	raw_answer(context);
	*error = before;
	errno = host;
	return true;
}
