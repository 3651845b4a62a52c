// SPDX-License-Identifier: MIT
// Starts a program. LC_MAIN: its main is called, and what it returns is the exit status. LC_UNIXTHREAD: its entry point gets the stack
// that Darwin's kernel makes: count, words, NULL, environment, NULL, strings of the kernel ("apple"), NULL (xnu's bsd/kern/kern_exec.c).
#include "start.h"

#include "commpage.h"
#include "image.h"

#include "../libsystem/environment.h"
#include "../libsystem/process.h"
#include "../libsystem/report.h"
#include "../libsystem/stdio.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

_Noreturn static void start_thread(const struct image *image)
{
	size_t environment = 0, apple = 0, at = 0;
	while (image_arguments.environment[environment])
		environment++;
	while (image_arguments.apple[apple])
		apple++;
	size_t words = (size_t)image_arguments.count + environment + apple + 4;
	uint64_t *vector = __builtin_alloca((words + 2) * sizeof(*vector));
	vector = (uint64_t *)(((uintptr_t)vector + 15) & ~(uintptr_t)15);
	vector[at++] = (uint64_t)image_arguments.count;
	for (int i = 0; i <= image_arguments.count; i++)
		vector[at++] = (uintptr_t)image_arguments.words[i];
	for (size_t i = 0; i <= environment; i++)
		vector[at++] = (uintptr_t)image_arguments.environment[i];
	for (size_t i = 0; i <= apple; i++)
		vector[at++] = (uintptr_t)image_arguments.apple[i];
	enter(image->macho.entry + image->slide, vector);
}

_Noreturn void start_program(struct image *image, int count, char **words)
{
	static char *apple[2];
	if (!(apple[0] = malloc(strlen(image->path) + sizeof("executable_path="))))
		report_fatal("start: no memory");
	strcpy(stpcpy(apple[0], "executable_path="), image->path);
	commpage_map();
	stdio_begin();
	environment_set(count, words, image->path);
	image_arguments = (struct image_arguments){count, words, environ, apple};
	atexit(process_at_exit);
	image_start(image);
	if (image->macho.entry_kind == MACHO_ENTRY_THREAD)
		start_thread(image);
	main_function *function = (main_function *)(image->macho.entry + image->slide);
	exit(function(count, words, environ, apple));
}
