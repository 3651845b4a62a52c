// SPDX-License-Identifier: MIT
// Programs of Darwin among the processes; see proc_program.h. The loader's words: ../loader/main.c; those that Linux' kernel puts there:
// ../loader/register.c. proc(5): exe, cwd, auxv.
#include "proc_program.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool link_read(int id, const char *name, char to[PATH_MAX])
{
	char link[48];
	snprintf(link, sizeof(link), "/proc/%d/%s", id, name);
	ssize_t size = readlink(link, to, PATH_MAX - 1);
	to[size > 0 ? size : 0] = '\0';
	return size > 0;
}

// Whether Linux' kernel started the loader (binfmt_misc): AT_FLAGS says so (getauxval(3)).
static bool is_registered(int id)
{
	char path[48];
	uint64_t entry[2];
	bool is = false;
	snprintf(path, sizeof(path), "/proc/%d/auxv", id);
	FILE *file = fopen(path, "re");
	while (file && fread(entry, sizeof(entry), 1, file) == 1 && entry[0] != 0)
		if (entry[0] == 8) // AT_FLAGS
			is = entry[1] & 1;
	if (file)
		fclose(file);
	return is;
}

static const char *next_word(const char *word, const char *end)
{
	const char *next = word + strlen(word) + 1;
	return next < end ? next : NULL;
}

// The program's word, behind the loader's options; NULL: there is none, or it is a shell's text.
static const char *program_word(const char *words, const char *end, const char **name)
{
	const char *at = next_word(words, end);
	for (; at && *at == '-'; at = next_word(at, end)) {
		if (strcmp(at, "--") == 0)
			return next_word(at, end);
		bool is_name = strcmp(at, "--as") == 0;
		if (strcmp(at, "--command") == 0)
			return NULL;
		if (is_name || strcmp(at, "--env") == 0)
			at = next_word(at, end);
		if (!at)
			return NULL;
		if (is_name)
			*name = at;
	}
	return at;
}

// A path that is too long is cut.
static void path_join(const char *folder, const char *name, char to[PATH_MAX])
{
	size_t size = strlen(folder), length = strlen(name);
	memcpy(to, folder, size);
	if (size > 0 && size + 1 < PATH_MAX)
		to[size++] = '/';
	if (length > PATH_MAX - 1 - size)
		length = PATH_MAX - 1 - size;
	memcpy(to + size, name, length);
	to[size + length] = '\0';
}

bool proc_program_find(int id, const char *words, size_t size, struct proc_program *to)
{
	char own[PATH_MAX], folder[PATH_MAX];
	const char *end = words + size;
	if (!link_read(id, "exe", to->path))
		return false;
	*to = (struct proc_program){.name = words, .words = size > 0 ? next_word(words, end) : NULL, .path = {0}};
	link_read(id, "exe", to->path);
	bool is_loader = link_read(getpid(), "exe", own) && strcmp(own, to->path) == 0;
	const char *name = NULL, *program = is_loader && size > 0 ? program_word(words, end, &name) : NULL;
	if (program) {
		bool absolute = *program == '/', named = strchr(program, '/');
		if (absolute || (named && link_read(id, "cwd", folder))) // others were found along PATH: the loader's own stays
			path_join(absolute ? "" : folder, program, to->path);
		to->words = next_word(program, end);
		if (to->words && is_registered(id)) { // PROGRAM NAME ARGUMENT...
			name = to->words;
			to->words = next_word(to->words, end);
		}
		to->name = name ? name : program;
	}
	to->words_size = to->words ? (size_t)(end - to->words) : 0;
	return true;
}
