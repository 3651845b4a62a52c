// SPDX-License-Identifier: MIT
// metal LIBLINUX PROGRAM [ARGUMENT...]; see metal.h. Exit status: the program's; 125: metal cannot run it; 77: this Linux or CPU
// lacks what is needed, which is printed.
#include "metal.h"

#include <abi/traps.h>
#include <lib/gila/hosted.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#define HWCAP2_FSGSBASE 2 // asm/hwcap2.h
#define SKIP 77

int main(int argc, char **argv)
{
	if (argc < 3)
		metal_fail("usage: metal LIBLINUX PROGRAM [ARGUMENT...]");
	if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)) {
		puts("skipped: FSGSBASE is not enabled here");
		return SKIP;
	}
	const char *name = strrchr(argv[2], '/');
	prctl(PR_SET_NAME, name ? name + 1 : argv[2]); // what the kernel's log calls the task
	gila_null();
	if (!hosted_ready())
		metal_fail("no kernel");
	struct metal_image library = metal_load(argv[1]), program = metal_load(argv[2]);
	argv[2] = realpath(argv[2], NULL); // as the kernel launches programs: by absolute paths
	if (!argv[2])
		metal_fail("no memory");
	uint64_t stack = metal_stack(&program, &library, argc - 2, argv + 2);
	metal_dispatch_begin(&library);
	if (!metal_thread_prepare()) {
		puts("skipped: this Linux has no Syscall User Dispatch (5.11)");
		return SKIP;
	}
	metal_enter(library.entry, stack, 0, UINT64_MAX, program.entry);
}
