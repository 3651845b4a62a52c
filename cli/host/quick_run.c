// SPDX-License-Identifier: MIT
// The entry point of the host's gila. `gila run PROGRAM ...` executes the loader at once, before the C library has made itself ready,
// which would take five times as long as all else that this program has to do for it. Every other command goes on to the C library.
//
// 1. Nothing is relocated yet and there is no thread-local data: no call of the C library, no pointer in data.
// 2. What fails here is done again, and told, by the command itself (run.c).
// Builds with sanitizers begin in the C library: their code needs its preparations.
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define LOADER "gila-darwin"
#define PATH_ROOM 512u // longer ones are the command's

void quick_run(uint64_t *stack);

// At the entry the stack holds count, words, NULL, environment, NULL; rdx is the C library's (System V ABI for x86-64, 3.4.1).
__asm__(".text\n"
	".globl quick_entry\n"
	".type quick_entry, @function\n"
	"quick_entry:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rdx, %r12\n"
	"	mov %rsp, %rbx\n"
	"	mov %rsp, %rdi\n"
	"	call quick_run\n"
	"	mov %rbx, %rsp\n"
	"	mov %r12, %rdx\n"
	"	jmp _start\n"
	".size quick_entry, .-quick_entry\n");

static long quick_call(long number, const void *first, const void *second, const void *third)
{
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(third)
			 : "rcx", "r11", "memory");
	return result;
}

__attribute__((used)) void quick_run(uint64_t *stack)
{
	char **words = (char **)(stack + 1), path[PATH_ROOM];
	uint64_t count = stack[0];
	if (count < 3 || words[1][0] != 'r' || words[1][1] != 'u' || words[1][2] != 'n' || words[1][3] != '\0')
		return;
	long length = quick_call(SYS_readlink, "/proc/self/exe", path, (void *)(sizeof(path) - sizeof(LOADER)));
	if (length <= 0 || (size_t)length == sizeof(path) - sizeof(LOADER)) // it may be cut
		return;
	while (length > 0 && path[length - 1] != '/')
		length--;
	__builtin_memcpy(path + length, LOADER, sizeof(LOADER));
	quick_call(SYS_execve, path, words + 1, words + count + 1);
}
