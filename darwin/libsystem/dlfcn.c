// SPDX-License-Identifier: MIT
// dlopen and its kin. Facts: dyld's <dlfcn.h>, dlopen(3), dlsym(3), dladdr(3) of Darwin, and how dyld words its errors.
//
// A handle is an image (with bit 0: RTLD_FIRST) or the table entry of a library of the system.
#include "../loader/image.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE_LOCAL = 0x4, MODE_GLOBAL = 0x8, MODE_NOLOAD = 0x10, MODE_FIRST = 0x100 };
#define HANDLE_NEXT ((void *)-1)
#define HANDLE_DEFAULT ((void *)-2)
#define HANDLE_SELF ((void *)-3)
#define HANDLE_MAIN ((void *)-5)

static __thread char error_text[1600];
static __thread bool error_set;

static void *dl_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void *dl_fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error_text, sizeof(error_text), format, arguments);
	va_end(arguments);
	error_set = true;
	return NULL;
}

const char *darwin_dlerror(void)
{
	const char *text = error_set ? error_text : NULL;
	error_set = false;
	return text;
}

// The image that calls, for @loader_path, RTLD_NEXT and RTLD_SELF.
#define CALLER (image_of(__builtin_return_address(0)) ?: images[0])

static struct image *image_of_handle(void *handle)
{
	const void *image = (const void *)((uintptr_t)handle & ~(uintptr_t)1);
	for (unsigned i = 0; i < image_count; i++)
		if (images[i] == image)
			return images[i];
	return NULL;
}

static bool is_library(const void *handle)
{
	return (const char *)handle >= (const char *)system_libraries &&
	       (const char *)handle < (const char *)(system_libraries + system_library_count);
}

static void *open_image(const char *path, int mode, const struct image *caller)
{
	struct image_error error = {""};
	unsigned before = image_count;
	struct image_target target = image_find(path, caller, true, &error);
	if (target.library)
		return (void *)(uintptr_t)target.library;
	if (!target.image)
		return dl_fail("dlopen(%s, 0x%04X): tried: '%s' (%s)", path, mode, path,
			       error.text[0] ? error.text : "no such file");
	if (target.image->index >= before)
		target.image->local = (mode & MODE_LOCAL) && !(mode & MODE_GLOBAL);
	else if (!(mode & MODE_LOCAL))
		target.image->local = false;
	target.image->opened++;
	image_start(target.image);
	return (void *)((uintptr_t)target.image | (mode & MODE_FIRST ? 1 : 0));
}

// RTLD_NOLOAD: only what is there already.
static bool is_loaded(const char *path, const struct image *caller)
{
	char whole[PATH_MAX], name[PATH_MAX];
	if (path[0] == '@') {
		for (unsigned i = 0; i < image_count; i++)
			if (images[i]->macho.id && strcmp(images[i]->macho.id, path) == 0)
				return true;
		const char *slash = strrchr(caller->path, '/'), *rest = strchr(path, '/');
		snprintf(name, sizeof(name), "%.*s%s", (int)(slash - caller->path), caller->path, rest ? rest : "");
		path = name;
	}
	if (!realpath(path, whole))
		return false;
	for (unsigned i = 0; i < image_count; i++)
		if (strcmp(images[i]->path, whole) == 0)
			return true;
	return false;
}

void *darwin_dlopen(const char *path, int mode)
{
	const struct image *caller = CALLER;
	if (!path)
		return HANDLE_DEFAULT;
	if ((mode & MODE_NOLOAD) && !system_library_find(path) && !is_loaded(path, caller))
		return dl_fail("dlopen(%s, 0x%04X): image not already loaded", path, mode);
	pthread_mutex_lock(&image_lock);
	void *handle = open_image(path, mode, caller);
	pthread_mutex_unlock(&image_lock);
	return handle;
}

// Whether dlopen would find a file that can be loaded. What the file needs in turn is not looked at.
bool darwin_dlopen_preflight(const char *path)
{
	struct macho_error why = {""};
	struct stat status;
	if (system_library_find(path))
		return true;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct macho *macho = calloc(1, sizeof(*macho));
	bool fine = false;
	if (file >= 0 && macho && fstat(file, &status) == 0 && status.st_size > 0) {
		void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
		fine = bytes != MAP_FAILED && macho_parse(macho, bytes, (size_t)status.st_size, &why) &&
		       macho->file_type != MACHO_EXECUTE;
		if (bytes != MAP_FAILED)
			munmap(bytes, (size_t)status.st_size);
	}
	if (file >= 0)
		close(file);
	free(macho);
	if (!fine)
		dl_fail("dlopen_preflight(%s): tried: '%s' (%s)", path, path, why.text[0] ? why.text : "no such file");
	return fine;
}

int darwin_dlclose(void *handle)
{
	struct image *image = image_of_handle(handle);
	if (is_library(handle) || handle == HANDLE_DEFAULT || handle == HANDLE_MAIN)
		return 0;
	pthread_mutex_lock(&image_lock);
	bool fine = image && image->opened > 0;
	if (fine)
		image->opened--; // images stay: image.h
	pthread_mutex_unlock(&image_lock);
	if (!fine)
		dl_fail("dlclose(%p): invalid handle", handle);
	return fine ? 0 : -1;
}

static const char *handle_name(const void *handle, char *to, size_t room)
{
	snprintf(to, room, "%p", handle);
	return handle == HANDLE_DEFAULT ? "RTLD_DEFAULT"
	       : handle == HANDLE_NEXT	? "RTLD_NEXT"
	       : handle == HANDLE_SELF	? "RTLD_SELF"
	       : handle == HANDLE_MAIN	? "RTLD_MAIN_ONLY"
					: to;
}

static void *find_symbol(void *handle, const char *symbol, const struct image *caller)
{
	const struct system_symbol *known;
	bool weak;
	if (handle == HANDLE_DEFAULT)
		return image_lookup_flat(symbol, true);
	if (handle == HANDLE_SELF || handle == HANDLE_NEXT)
		return image_lookup_from(caller->index + (handle == HANDLE_NEXT), symbol);
	if (handle == HANDLE_MAIN)
		return image_export(images[0], symbol, &weak);
	if (is_library(handle))
		return system_address_find(handle, symbol, &known);
	return (uintptr_t)handle & 1 ? image_export(image_of_handle(handle), symbol, &weak)
				     : image_lookup_below(image_of_handle(handle), symbol);
}

void *darwin_dlsym(void *handle, const char *name)
{
	char symbol[1024], text[32];
	const struct image *caller = CALLER;
	bool special =
	    handle == HANDLE_DEFAULT || handle == HANDLE_NEXT || handle == HANDLE_SELF || handle == HANDLE_MAIN;
	if (!special && !is_library(handle) && !image_of_handle(handle))
		return dl_fail("dlsym(%p, %s): invalid handle", handle, name);
	if (snprintf(symbol, sizeof(symbol), "_%s", name) >= (int)sizeof(symbol))
		return dl_fail("dlsym: the name is longer than %zu bytes", sizeof(symbol));
	void *address = find_symbol(handle, symbol, caller);
	if (!address)
		return dl_fail("dlsym(%s, %s): symbol not found", handle_name(handle, text, sizeof(text)), name);
	return handle == HANDLE_NEXT ? address : interpose(caller, address);
}

// ---- dladdr ---------------------------------------------------------------------------------------------------------

// A function of this program that the table names. Those between two names are nobody's.
static const struct system_symbol *nearest(const char *address)
{
	const struct system_symbol *best = NULL;
	const char *best_at = NULL;
	for (size_t i = 0; i < system_symbol_count; i++) {
		const char *at = system_symbol_address(&system_symbols[i]);
		if (at <= address && address - at < 8192 && (!best || at > best_at))
			best = &system_symbols[i], best_at = at;
	}
	return best;
}

int darwin_dladdr(const void *address, Dl_info *info)
{
	const void *start = NULL;
	Dl_info own;
	const struct image *image = image_of(address);
	if (image) {
		const char *name = image_symbol_of(image, address, &start);
		*info = (Dl_info){image->path, image_at(image, image->macho.base),
				  name && name[0] == '_' ? name + 1 : name, (void *)(uintptr_t)start};
		return 1;
	}
	if (!dladdr(address, info))
		return 0;
	// Of the host: this program and what has the system's symbols is libSystem for who asks.
	bool here = dladdr((void *)(uintptr_t)darwin_dladdr, &own) && own.dli_fbase == info->dli_fbase;
	const struct system_symbol *symbol = nearest(address);
	if (symbol && (here || system_symbol_address(symbol) == address)) {
		info->dli_fname = system_libraries[symbol->library].paths[0];
		const char *name = system_symbol_name(symbol);
		info->dli_sname = name + (name[0] == '_');
		info->dli_saddr = system_symbol_address(symbol);
	} else if (here)
		info->dli_fname = system_libraries[0].paths[0];
	return 1;
}
