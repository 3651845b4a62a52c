// SPDX-License-Identifier: MIT
// Look-ups in the table of the system's symbols.
#include "system.h"

#include "darwin/cxx/cxx.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// A framework may also be named without its version: "F.framework/F" is "F.framework/Versions/A/F".
static bool is_path(const char *known, const char *path)
{
	const char *version = strstr(known, "/Versions/");
	if (strcmp(known, path) == 0)
		return true;
	if (!version || strncmp(known, path, (size_t)(version - known)) != 0)
		return false;
	return strcmp(strchr(version + 10, '/'), path + (version - known)) == 0;
}

const struct system_library *system_library_find(const char *path)
{
	char whole[256];
	if (!strchr(path, '/') && snprintf(whole, sizeof(whole), "/usr/lib/%s", path) < (int)sizeof(whole))
		path = whole;
	// What libSystem consists of may also be named by its parts.
	if (strncmp(path, "/usr/lib/system/", 16) == 0)
		path = "/usr/lib/libSystem.B.dylib";
	for (size_t i = 0; i < system_library_count; i++)
		for (const char *const *name = system_libraries[i].paths; *name; name++)
			if (is_path(*name, path))
				return &system_libraries[i];
	return NULL;
}

const struct system_symbol *system_symbol_find(const struct system_library *library, const char *name)
{
	size_t low = 0, high = system_symbol_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(system_symbol_name(&system_symbols[middle]), name);
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

static void *host_open(const struct system_library *library, const char *name)
{
	// What libc++ needs has a copy of a part of libgcc_s, which that would bind to if it were not there before.
	if (strncmp(library->name, "c++", 3) == 0)
		dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
	void *host = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (host && strcmp(name, "libc++.so.1") == 0)
		cxx_loaded();
	return host;
}

static void *system_host_find(const struct system_library *library, const char *name)
{
	void **hosts = system_library_handles[library - system_libraries], *address = NULL;
	const char *there = name + 1;
	char whole[256];
	if (name[0] != '_')
		return NULL;
	if (*library->suffix && snprintf(whole, sizeof(whole), "%s%s", name + 1, library->suffix) < (int)sizeof(whole))
		there = whole;
	for (unsigned i = 0; i < 2 && library->hosts[i] && !address; i++) {
		if (!hosts[i])
			hosts[i] = host_open(library, library->hosts[i]);
		address = hosts[i] ? dlsym(hosts[i], there) : NULL;
	}
	return address;
}

// Frameworks reexport libraries and other frameworks, differently in each version of macOS: whatever the linker found there may be looked for
// in all of the table.
static bool is_framework(const struct system_library *library)
{
	return strncmp(library->paths[0], "/System/Library/", 16) == 0;
}

void *system_address_find(const struct system_library *library, const char *name, const struct system_symbol **symbol)
{
	*symbol = system_symbol_find(library && !is_framework(library) ? library : NULL, name);
	if (*symbol)
		return system_symbol_address(*symbol);
	void *host = library ? system_host_find(library, name) : NULL;
	// Umbrella frameworks reexport others, and had functions that are elsewhere now: CoreServices had log2.
	if (!host && library && (*symbol = system_symbol_find(NULL, name)))
		return system_symbol_address(*symbol);
	return host;
}
