// SPDX-License-Identifier: MIT
// Loads images: finds files, maps them with all that they need, binds what is new.
#include "image.h"

#include "../libsystem/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct image *images[IMAGES];
_Atomic unsigned image_count;
pthread_mutex_t image_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static void *refuse(struct image_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void *refuse(struct image_error *error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return NULL;
}

static struct image *find_loaded(const char *path)
{
	for (unsigned i = 0; i < image_count; i++)
		if (strcmp(images[i]->path, path) == 0)
			return images[i];
	return NULL;
}

// The whole file, for reading. The mapping stays: names and tables are used from it.
static const void *map_file(const char *path, int file, size_t *size, struct image_error *error)
{
	struct stat status;
	if (fstat(file, &status) < 0)
		return refuse(error, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return refuse(error, "%s: it is no regular file", path);
	if (status.st_size == 0)
		return refuse(error, "%s: header: the file is empty", path);
	*size = (size_t)status.st_size;
	void *bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, file, 0);
	return bytes == MAP_FAILED ? refuse(error, "%s: it cannot be mapped: %s", path, strerror(errno)) : bytes;
}

// Maps the file and lists the image. It is not bound yet.
static struct image *map_image(const char *path, int file, bool program, struct image_error *error)
{
	struct macho_error why;
	size_t size = 0;
	const void *bytes = map_file(path, file, &size, error);
	if (!bytes)
		return NULL;
	struct image *image = malloc(sizeof(*image));
	if (!image)
		return refuse(error, "%s: no memory", path);
	memset(image, 0, offsetof(struct image, macho)); // the rest is macho_parse's
	bool fine = macho_parse(&image->macho, bytes, size, &why);
	if (fine && program != (image->macho.file_type == MACHO_EXECUTE))
		fine = macho_refuse(&why, program ? "header: it is a library, no program"
						  : "header: it is a program, no library");
	if (fine && image_count == IMAGES)
		fine = macho_refuse(&why, "more than %u images", IMAGES);
	if (!fine || !image_map(image, file, &why)) {
		free(image);
		munmap((void *)(uintptr_t)bytes, size);
		return refuse(error, "%s: %s", path, why.text);
	}
	image->path = strdup(path);
	image->index = image_count;
	images[image_count] = image;
	image_count++;
	return image;
}

static bool load_targets(struct image *image, struct image_error *error)
{
	struct image_target *targets = calloc(image->macho.dylib_count + 1, sizeof(*targets));
	if (!targets)
		return refuse(error, "%s: no memory", image->path);
	for (unsigned i = 0; i < image->macho.dylib_count; i++) {
		const struct macho_dylib *dylib = &image->macho.dylibs[i];
		targets[i] = image_find(dylib->name, image, dylib->weak, error);
		if (!targets[i].image && !targets[i].library && !dylib->weak) {
			free(targets);
			return false;
		}
	}
	image->targets = targets;
	return true;
}

static bool finish(struct image *image, struct image_error *error)
{
	struct macho_error why;
	if (image_bind(image, &why) && image_tls_prepare(image, &why) && image_protect(image, &why)) {
		image->state = IMAGE_BOUND;
		return true;
	}
	return refuse(error, "%s: %s", image->path, why.text);
}

struct image *image_load(const char *path, const struct image *from, struct image_error *error)
{
	char whole[PATH_MAX];
	if (!realpath(path, whole))
		return refuse(error, "%s: %s", path, strerror(errno));
	pthread_mutex_lock(&image_lock);
	struct image *image = find_loaded(whole);
	if (!image) {
		int file = open(whole, O_RDONLY | O_CLOEXEC);
		if (file < 0)
			refuse(error, "%s: %s", path, strerror(errno));
		else {
			image = map_image(whole, file, !from && image_count == 0, error);
			close(file);
		}
		// A library that needs this one finds it in the list while it is being loaded.
		if (image && (!load_targets(image, error) || !finish(image, error)))
			image = NULL;
	}
	pthread_mutex_unlock(&image_lock);
	return image;
}

// ---- where libraries are --------------------------------------------------------------------------------------------

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

struct image_target image_find(const char *name, const struct image *from, bool weak, struct image_error *error)
{
	char path[PATH_MAX];
	struct image_target target = {NULL, system_library_find(name)};
	if (target.library)
		return target;
	bool found;
	if (strncmp(name, "@rpath/", 7) == 0) {
		found = search_rpaths(name + 7, from, path, sizeof(path)) ||
			(from != images[0] && search_rpaths(name + 7, images[0], path, sizeof(path)));
	} else {
		if (!expand(name, from, path, sizeof(path)))
			snprintf(path, sizeof(path), "%s", name);
		found = is_there(path);
	}
	if (found)
		target.image = image_load(path, from, error);
	else if (!weak)
		refuse(error, "%s: load commands: the library %s is not there", from->path, name);
	return target;
}
