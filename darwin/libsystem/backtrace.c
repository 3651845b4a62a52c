// SPDX-License-Identifier: MIT
// Backtraces; see backtrace.h. Facts: backtrace(3) of Darwin: frames are linked by %rbp, which code for macOS keeps.
//
// Debian's libraries do not keep it: from within them the host's unwinder goes to the first frame of an image, and from there on the
// links are followed. Memory is read by a call that fails where there is none.
#include "backtrace.h"

#include "../loader/image.h"
#include "errno.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <unwind.h>

int darwin_dladdr(const void *address, Dl_info *info);

static bool read_words(uint64_t at, uint64_t words[2])
{
	struct iovec here = {words, 16}, there = {(void *)(uintptr_t)at, 16};
	return at % 8 == 0 && process_vm_readv(getpid(), &here, 1, &there, 1, 0) == 16;
}

static bool is_code(uint64_t address)
{
	Dl_info info;
	return image_of((void *)(uintptr_t)address) || dladdr((void *)(uintptr_t)address, &info) != 0;
}

static int follow_links(uint64_t frame, void **frames, int count, int room)
{
	uint64_t words[2];
	bool back = false; // once: from the stack of a signal to the other
	while (count < room && read_words(frame, words) && words[1] && is_code(words[1])) {
		frames[count++] = (void *)(uintptr_t)words[1];
		if (words[0] <= frame && back)
			break;
		back = back || words[0] <= frame;
		frame = words[0];
	}
	return count;
}

struct walk {
	uint64_t begin; // frames before this instruction are the handler's; 0: there are none
	bool all;	// libSystem's frames, too; a program that asks for its own does not want them
	void **frames;
	int count, room;
	uint64_t link; // of the first frame in an image
};

static _Unwind_Reason_Code walk_frame(struct _Unwind_Context *context, void *argument)
{
	struct walk *walk = argument;
	uint64_t address = _Unwind_GetIP(context);
	if (walk->begin && address != walk->begin)
		return _URC_NO_REASON;
	bool in_image = image_of((void *)(uintptr_t)address);
	if (walk->count < walk->room && (walk->all || in_image))
		walk->frames[walk->count++] = (void *)(uintptr_t)address;
	walk->begin = 0;
	if (!in_image)
		return _URC_NO_REASON;
	walk->link = (uint64_t)_Unwind_GetGR(context, 6); // %rbp, by DWARF's numbers
	return _URC_NORMAL_STOP;
}

int backtrace_of(const ucontext_t *context, void **frames, int room)
{
	uint64_t words[2], rip = context ? (uint64_t)context->uc_mcontext.gregs[REG_RIP] : 0;
	struct walk walk = {rip, rip != 0, frames, 0, room, 0};
	if (room <= 0)
		return 0;
	if (rip && image_of((void *)(uintptr_t)rip)) {
		frames[0] = (void *)(uintptr_t)rip;
		return follow_links((uint64_t)context->uc_mcontext.gregs[REG_RBP], frames, 1, room);
	}
	if (!context || is_code(rip))
		_Unwind_Backtrace(walk_frame, &walk);
	if (walk.link)
		return follow_links(walk.link, frames, walk.count, room);
	if (!context)
		return walk.count;
	// A call of what is no code: the caller's address is on top of the stack.
	int count = 0;
	frames[count++] = (void *)(uintptr_t)rip;
	if (count < room && read_words((uint64_t)context->uc_mcontext.gregs[REG_RSP] & ~7ull, words) &&
	    is_code(words[0]))
		frames[count++] = (void *)(uintptr_t)words[0];
	return follow_links((uint64_t)context->uc_mcontext.gregs[REG_RBP], frames, count, room);
}

size_t backtrace_line(char *to, int number, const void *address, bool returns)
{
	Dl_info info = {NULL, NULL, NULL, NULL};
	const char *at = address, *image = "???", *symbol = "0x0";
	if (darwin_dladdr(at - returns, &info) && info.dli_fname) {
		const char *slash = strrchr(info.dli_fname, '/');
		image = slash ? slash + 1 : info.dli_fname;
		symbol = info.dli_sname ? info.dli_sname : image;
	}
	const char *from = info.dli_sname ? info.dli_saddr : info.dli_fbase;
	int length =
	    snprintf(to, BACKTRACE_LINE - 1, "%-4d%-35s 0x%016lx %s + %lu", number, image,
		     (unsigned long)(uintptr_t)address, symbol, (unsigned long)((uintptr_t)at - (uintptr_t)from));
	return length < (int)BACKTRACE_LINE - 1 ? (size_t)length : BACKTRACE_LINE - 2;
}

// ---- <execinfo.h> ---------------------------------------------------------------------------------------------------

int darwin_backtrace(void **frames, int room)
{
	return backtrace_of(NULL, frames, room);
}

int darwin_backtrace_from_fp(uint64_t frame, void **frames, int room)
{
	return follow_links(frame, frames, 0, room);
}

// One block: pointers, then the lines.
char **darwin_backtrace_symbols(void *const *frames, int count)
{
	char line[BACKTRACE_LINE];
	size_t size = count > 0 ? (size_t)count * sizeof(char *) : 0;
	for (int i = 0; i < count; i++)
		size += backtrace_line(line, i, frames[i], false) + 1;
	char **lines = malloc(size + 1), *at = (char *)(lines + (count > 0 ? count : 0));
	if (!lines) {
		errno_set(DARWIN_ENOMEM);
		return NULL;
	}
	for (int i = 0; i < count; i++) {
		lines[i] = at;
		size_t length = backtrace_line(line, i, frames[i], false);
		memcpy(at, line, length + 1);
		at += length + 1;
	}
	return lines;
}

void darwin_backtrace_symbols_fd(void *const *frames, int count, int file)
{
	char line[BACKTRACE_LINE];
	for (int i = 0; i < count; i++) {
		size_t length = backtrace_line(line, i, frames[i], false);
		line[length++] = '\n';
		if (write(file, line, length) < 0)
			return;
	}
}
