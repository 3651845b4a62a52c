// SPDX-License-Identifier: MIT
// Where libraries are: install names with @rpath and the like, folders that the environment names (DYLD_*).
//
// Facts: dyld(1) and dlopen(3) of Darwin: DYLD_FRAMEWORK_PATH and DYLD_LIBRARY_PATH come before the name itself, the fallback paths after it.
#include "image.h"

#include "../libsystem/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSERTED 32u

bool find_print_libraries, find_print_initialisers;
static const char *library_path, *framework_path, *fallback_path = "/usr/local/lib:/usr/lib";
struct image *image_inserted[INSERTED];
unsigned image_inserted_count;

void find_begin(void)
{
	const char *fallback = getenv("DYLD_FALLBACK_LIBRARY_PATH");
	library_path = getenv("DYLD_LIBRARY_PATH");
	framework_path = getenv("DYLD_FRAMEWORK_PATH");
	if (fallback)
		fallback_path = fallback;
	find_print_libraries = getenv("DYLD_PRINT_LIBRARIES");
	find_print_initialisers = getenv("DYLD_PRINT_INITIALIZERS");
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

// The folder of an image and the rest of a name behind @loader_path or @executable_path. False: the name has no such beginning.
static bool expand(const char *name, const struct image *from, char *path, size_t room)
{
	const struct image *base = NULL;
	const char *rest = NULL;
	if (strncmp(name, "@loader_path/", 13) == 0)
		base = from, rest = name + 13;
	else if (strncmp(name, "@executable_path/", 17) == 0)
		base = images[0], rest = name + 17;
	else if (strcmp(name, "@loader_path") == 0 || strcmp(name, "@executable_path") == 0)
		base = name[1] == 'l' ? from : images[0], rest = ".";
	if (!base)
		return false;
	const char *slash = strrchr(base->path, '/');
	snprintf(path, room, "%.*s/%s", (int)(slash - base->path), base->path, rest);
	return true;
}

static bool search_rpaths(const char *rest, const struct image *owner, char *path, size_t room)
{
	char folder[PATH_MAX];
	for (unsigned i = 0; i < owner->macho.rpath_count; i++) {
		if (!expand(owner->macho.rpaths[i], owner, folder, sizeof(folder)))
			snprintf(folder, sizeof(folder), "%s", owner->macho.rpaths[i]);
		if ((size_t)snprintf(path, room, "%s/%s", folder, rest) < room && is_there(path))
			return true;
	}
	return false;
}

// In a list of folders.
static bool search_list(const char *folders, const char *rest, char *path, size_t room)
{
	const char *end;
	for (; folders && *folders; folders = *end ? end + 1 : NULL) {
		end = strchrnul(folders, ':');
		if (end > folders &&
		    (size_t)snprintf(path, room, "%.*s/%s", (int)(end - folders), folders, rest) < room &&
		    is_there(path))
			return true;
	}
	return false;
}

static const char *leaf_of(const char *name)
{
	const char *slash = strrchr(name, '/');
	return slash ? slash + 1 : name;
}

// "NAME.framework/..." at the end of an install name, or NULL.
static const char *framework_of(const char *name)
{
	const char *found = strstr(name, ".framework/");
	while (found && found > name && found[-1] != '/')
		found--;
	return found;
}

static bool search_environment(const char *name, char *path, size_t room)
{
	const char *framework = framework_path ? framework_of(name) : NULL;
	return (framework && search_list(framework_path, framework, path, room)) ||
	       (library_path && search_list(library_path, leaf_of(name), path, room));
}

// @rpath: those of the image, of the one for which it was loaded, and so on up to the program.
static bool search_chain(const char *rest, const struct image *from, char *path, size_t room)
{
	for (const struct image *owner = from; owner; owner = owner->loader)
		if (search_rpaths(rest, owner, path, room))
			return true;
	return search_rpaths(rest, images[0], path, room);
}

static struct image *loaded_by_name(const char *name)
{
	for (unsigned i = 1; i < image_count; i++)
		if (images[i]->macho.id && strcmp(images[i]->macho.id, name) == 0)
			return images[i];
	return NULL;
}

static bool search(const char *name, const struct image *from, char *path, size_t room)
{
	if (strncmp(name, "@rpath/", 7) == 0)
		return search_chain(name + 7, from, path, room);
	if (!expand(name, from, path, room))
		snprintf(path, room, "%s", name);
	return is_there(path) || search_list(fallback_path, leaf_of(name), path, room);
}

struct image_target image_find(const char *name, const struct image *from, bool weak, struct image_error *error)
{
	char path[PATH_MAX];
	struct image_target target = {NULL, NULL};
	if (search_environment(name, path, sizeof(path))) {
		target.image = image_load(path, from, error);
		return target;
	}
	if ((target.library = system_library_find(name)))
		return target;
	if (name[0] == '@' && (target.image = loaded_by_name(name)))
		return target;
	if (search(name, from, path, sizeof(path)))
		target.image = image_load(path, from, error);
	else if (!weak)
		snprintf(error->text, sizeof(error->text), "%s: load commands: the library %s is not there", from->path,
			 name);
	return target;
}

bool image_load_inserted(struct image *program, struct image_error *error)
{
	char *list = getenv("DYLD_INSERT_LIBRARIES"), *rest = NULL;
	if (!list || !(list = strdup(list)))
		return true;
	for (char *name = strtok_r(list, ":", &rest); name && image_inserted_count < INSERTED;
	     name = strtok_r(NULL, ":", &rest)) {
		struct image_target target = image_find(name, program, false, error);
		if (!target.image && !target.library) {
			free(list);
			return false;
		}
		if (target.image)
			image_inserted[image_inserted_count++] = target.image;
	}
	free(list);
	return true;
}
