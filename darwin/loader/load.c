// SPDX-License-Identifier: MIT
// Loads images: maps files with all that they need, then binds what is new. Where files are: find.c.
#include "bind.h"
#include "image.h"

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
void (*image_bound_hook)(const struct image *image);

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
		targets[i] = image_find(dylib->name, image, dylib->kind == MACHO_DYLIB_WEAK, error);
		if (targets[i].image || targets[i].library || dylib->kind == MACHO_DYLIB_WEAK)
			continue;
		if (bind_options.missing) { // the list goes on
			bind_options.missing(image, "(the library)", dylib->name);
		} else {
			free(targets);
			return false;
		}
	}
	image->targets = targets;
	return true;
}

// Binds the image; its pointers then are what they stay.
static bool finish(struct image *image, struct image_error *error)
{
	struct macho_error why;
	if (image->state != IMAGE_MAPPED)
		return true;
	if (!image_bind(image, &why) || !image_tls_prepare(image, &why) || !image_protect(image, &why))
		return refuse(error, "%s: %s", image->path, why.text);
	image->state = IMAGE_BOUND;
	interpose_register(image);
	return true;
}

static void print_library(const struct image *image)
{
	char uuid[40] = "";
	for (size_t i = 0, at = 0; i < 16 && image->macho.uuid; i++)
		at += (size_t)sprintf(uuid + at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02X" : "%02X",
				      image->macho.uuid[i]);
	fprintf(stderr, "dyld[%d]: <%s> %s\n", getpid(), uuid, image->path);
}

// All that was mapped from that index on: first what replaces functions of others, then, as a rule, what others need before them.
static bool finish_all(unsigned first, struct image_error *error)
{
	for (unsigned i = first; i < image_count; i++)
		if (interpose_has(images[i]) && !finish(images[i], error))
			return false;
	for (unsigned i = image_count; i > first; i--)
		if (!finish(images[i - 1], error))
			return false;
	for (unsigned i = first; i < image_count; i++) {
		if (find_print_libraries)
			print_library(images[i]);
		if (image_bound_hook)
			image_bound_hook(images[i]);
	}
	return true;
}

static struct image *map_whole(const char *path, const char *whole, const struct image *from, struct image_error *error)
{
	bool program = !from && image_count == 0;
	int file = open(whole, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return refuse(error, "%s: %s", path, strerror(errno));
	struct image *image = map_image(whole, file, program, error);
	close(file);
	if (!image)
		return NULL;
	image->loader = from;
	// A library that needs this one finds it in the list while it is being loaded.
	return (!program || image_load_inserted(image, error)) && load_targets(image, error) ? image : NULL;
}

struct image *image_load(const char *path, const struct image *from, struct image_error *error)
{
	static unsigned depth; // [image_lock] of loads within loads: the outermost binds
	char whole[PATH_MAX];
	if (!realpath(path, whole))
		return refuse(error, "%s: %s", path, strerror(errno));
	pthread_mutex_lock(&image_lock);
	unsigned first = image_count;
	struct image *image = find_loaded(whole);
	if (!image) {
		depth++;
		image = map_whole(path, whole, from, error);
		depth--;
		if (image && depth == 0 && !finish_all(first, error))
			image = NULL;
		if (!image && depth == 0)
			image_count = first; // nobody has seen what was mapped in vain
	}
	pthread_mutex_unlock(&image_lock);
	return image;
}
