// SPDX-License-Identifier: MIT
// Look-ups in the table of the system's symbols.
#include "system.h"

#include <dlfcn.h>
#include <string.h>

const struct system_library *system_library_find(const char *path)
{
	// What libSystem consists of may also be named by its parts.
	if (strncmp(path, "/usr/lib/system/", 16) == 0)
		path = "/usr/lib/libSystem.B.dylib";
	for (size_t i = 0; i < system_library_count; i++)
		for (const char *const *name = system_libraries[i].paths; *name; name++)
			if (strcmp(*name, path) == 0)
				return &system_libraries[i];
	return NULL;
}

const struct system_symbol *system_symbol_find(const struct system_library *library, const char *name)
{
	size_t low = 0, high = system_symbol_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(system_symbols[middle].name, name);
		if (order == 0) {
			const struct system_symbol *symbol = &system_symbols[middle];
			return !library || &system_libraries[symbol->library] == library ? symbol : NULL;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void *system_host_find(const struct system_library *library, const char *name)
{
	if (!library->host || name[0] != '_')
		return NULL;
	void *host = dlopen(library->host, RTLD_NOW | RTLD_LOCAL);
	return host ? dlsym(host, name + 1) : NULL;
}

void *system_address_find(const struct system_library *library, const char *name, const struct system_symbol **symbol)
{
	*symbol = system_symbol_find(library, name);
	if (*symbol)
		return (*symbol)->address;
	return library ? system_host_find(library, name) : NULL;
}
