// SPDX-License-Identifier: MIT
// Starts a program. LC_MAIN: its main is called, and what it returns is the exit status. LC_UNIXTHREAD: its entry point gets the stack
// that Darwin's kernel makes: count, words, NULL, environment, NULL, strings of the kernel ("apple"), NULL (xnu's bsd/kern/kern_exec.c).
#include "start.h"

#include "commpage.h"
#include "image.h"

#include "../libsystem/environment.h"
#include "../libsystem/process.h"
#include "../libsystem/raw.h"
#include "../libsystem/report.h"
#include "../libsystem/signals.h"
#include "../libsystem/stdio.h"
#include "../libsystem/thread.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

_Noreturn void darwin_exit(int status);

bool start_raw;

typedef int main_function(int count, char **words, char **environment, char **apple);

// Never returns: the stack below `vector` belongs to the program.
_Noreturn static void enter(uint64_t entry, uint64_t *vector)
{
	__asm__ volatile("mov %1, %%rsp\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "jmp *%0"
			 :
			 : "r"(entry), "r"(vector)
			 : "memory");
	__builtin_unreachable();
}

// One behind the other, as on the stack that Darwin's kernel makes: programs with LC_MAIN count on it, too (Go looks for its path behind
// the environment). Returns how many words it takes.
static size_t lay_arguments(int count, char **words, char **apple)
{
	size_t variables = 0, strings = 0;
	while (environ[variables])
		variables++;
	while (apple[strings])
		strings++;
	size_t all = (size_t)count + variables + strings + 3;
	char **vector = malloc(all * sizeof(*vector));
	if (!vector)
		report_fatal("start: no memory");
	image_arguments = (struct image_arguments){count, vector, vector + count + 1, vector + count + 1 + variables + 1};
	memcpy(vector, words, (size_t)count * sizeof(*vector));
	vector[count] = NULL;
	memcpy(image_arguments.environment, environ, (variables + 1) * sizeof(*vector));
	memcpy(image_arguments.apple, apple, (strings + 1) * sizeof(*vector));
	environ = image_arguments.environment;
	return all;
}

_Noreturn static void start_thread(const struct image *image, size_t size)
{
	uint64_t *vector = __builtin_alloca((size + 3) * sizeof(*vector));
	vector = (uint64_t *)(((uintptr_t)vector + 15) & ~(uintptr_t)15);
	vector[0] = (uint64_t)image_arguments.count;
	memcpy(vector + 1, image_arguments.words, size * sizeof(*vector));
	enter(image->macho.entry + image->slide, vector);
}

// LC_MAIN may ask for a stack that is larger than Linux' limit: its upper end, or NULL if the usual one will do.
static void *larger_stack(const struct image *image)
{
	struct rlimit limit;
	uint64_t size = (image->macho.stack_size + 4095) & ~(uint64_t)4095;
	if (size == 0 || (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= size))
		return NULL;
	uint8_t *low = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (low == MAP_FAILED || mprotect(low, 4096, PROT_NONE) < 0) // what grows over its end is stopped
		report_fatal("run: %s: LC_MAIN: there is no room for a stack of %llu bytes", image->path,
			     (unsigned long long)size);
	struct thread *thread = thread_self();
	thread->stack_top = low + 4096 + size;
	thread->stack_size = size;
	return thread->stack_top;
}

static int call_on(void *top, main_function *function)
{
	int count = image_arguments.count, result;
	register char **words __asm__("rsi") = image_arguments.words;
	register char **environment __asm__("rdx") = image_arguments.environment;
	register char **apple __asm__("rcx") = image_arguments.apple;
	register void *stack __asm__("rbx") = top;
	__asm__ volatile("xchg %%rsp, %%rbx\n\t"
			 "call *%[function]\n\t"
			 "mov %%rbx, %%rsp"
			 : "=a"(result), "+D"(count), "+r"(words), "+r"(environment), "+r"(apple), "+r"(stack)
			 : [function] "a"(function)
			 : "r8", "r9", "r10", "r11", "memory", "cc");
	return result;
}

// Who needs no libSystem makes its system calls by itself.
static bool needs_raw(const struct image *image)
{
	return start_raw || (image->macho.entry_kind == MACHO_ENTRY_THREAD && image->macho.dylib_count == 0);
}

_Noreturn void start_program(struct image *image, int count, char **words)
{
	static char *apple[2];
	if (!(apple[0] = malloc(strlen(image->path) + sizeof("executable_path="))))
		report_fatal("start: no memory");
	strcpy(stpcpy(apple[0], "executable_path="), image->path);
	commpage_map();
	stdio_begin();
	signals_begin();
	size_t size = lay_arguments(count, words, apple);
	environment_set(count, image_arguments.words, image->path);
	process_begin();
	struct thread *thread = thread_self();
	thread->has_end = true;
	if (_setjmp(thread->end)) { // pthread_exit: the other threads go on, and the last one's end is exit(0)
		thread_run_destructors(thread);
		pthread_exit(NULL);
	}
	for (unsigned i = 0; i < image_inserted_count; i++)
		image_start(image_inserted[i]);
	image_start(image);
	if (needs_raw(image) && !raw_begin())
		report_fatal("run: %s: raw system calls need Linux 5.11", image->path);
	if (image->macho.dylib_count == 0)
		commpage_times();
	if (image->macho.entry_kind == MACHO_ENTRY_THREAD)
		start_thread(image, size);
	main_function *function = (main_function *)(image->macho.entry + image->slide);
	void *top = larger_stack(image);
	darwin_exit(top ? call_on(top, function)
			: function(count, image_arguments.words, image_arguments.environment, image_arguments.apple));
}
