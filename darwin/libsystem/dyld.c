// SPDX-License-Identifier: MIT
// The loader as programs see it: _dyld_*, dlopen, dlsym, dladdr. Facts: dyld's include/mach-o/dyld.h, <dlfcn.h>.
#include "../loader/image.h"
#include "report.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define RTLD_NOLOAD_D 0x10
#define HANDLE_DEFAULT ((void *)-2)
#define HANDLE_NEXT ((void *)-1)
#define HANDLE_SELF ((void *)-3)
#define HANDLE_MAIN ((void *)-5)

static __thread char error_text[1280];
static __thread bool error_set;

static void *dl_fail(const char *format, const char *what, const char *where)
{
	snprintf(error_text, sizeof(error_text), format, what, where);
	error_set = true;
	return NULL;
}

uint32_t darwin_dyld_image_count(void)
{
	return image_count;
}

const void *darwin_dyld_get_image_header(uint32_t index)
{
	return index < image_count ? image_at(images[index], images[index]->macho.base) : NULL;
}

int64_t darwin_dyld_get_image_vmaddr_slide(uint32_t index)
{
	return index < image_count ? (int64_t)images[index]->slide : 0;
}

const char *darwin_dyld_get_image_name(uint32_t index)
{
	return index < image_count ? images[index]->path : NULL;
}

// A handle is an image, or the table entry of a library of the system.
void *darwin_dlopen(const char *path, int mode)
{
	struct image_error error = {""};
	if (!path)
		return HANDLE_MAIN;
	const struct system_library *library = system_library_find(path);
	if (library)
		return (void *)(uintptr_t)library;
	if (mode & RTLD_NOLOAD_D)
		return dl_fail("dlopen(%s): it is not loaded%s", path, "");
	struct image_target target = image_find(path, images[0], false, &error);
	if (!target.image)
		return dl_fail("dlopen(%s): %s", path, error.text);
	image_start(target.image);
	return target.image;
}

int darwin_dlclose(void *handle)
{
	(void)handle; // images stay: image.h
	return 0;
}

static bool is_library(const void *handle)
{
	return (const char *)handle >= (const char *)system_libraries &&
	       (const char *)handle < (const char *)(system_libraries + system_library_count);
}

void *darwin_dlsym(void *handle, const char *name)
{
	char symbol[1024];
	const struct system_symbol *known;
	bool weak;
	snprintf(symbol, sizeof(symbol), "_%s", name);
	void *address;
	if (handle == HANDLE_DEFAULT || handle == HANDLE_NEXT || handle == HANDLE_SELF || handle == HANDLE_MAIN)
		address = image_lookup_flat(symbol);
	else if (is_library(handle))
		address = system_address_find(handle, symbol, &known);
	else
		address = image_export(handle, symbol, &weak);
	return address ? address : dl_fail("dlsym: the symbol %s is not there%s", name, "");
}

const char *darwin_dlerror(void)
{
	const char *text = error_set ? error_text : NULL;
	error_set = false;
	return text;
}

int darwin_dladdr(const void *address, Dl_info *info)
{
	const void *start = NULL;
	const struct image *image = image_of(address);
	if (!image)
		return dladdr(address, info); // of this program; the structure is the same
	const char *name = image_symbol_of(image, address, &start);
	info->dli_fname = image->path;
	info->dli_fbase = image_at(image, image->macho.base);
	info->dli_sname = name && name[0] == '_' ? name + 1 : name;
	info->dli_saddr = (void *)(uintptr_t)start;
	return 1;
}

// Lazy binding does not happen: everything is bound when an image is loaded. Old images name this symbol all the same.
void darwin_dyld_stub_binder(void)
{
	report_fatal("dyld_stub_binder was called, though everything was bound");
}

// The function of a descriptor of a thread-local variable in the file; the loader puts its own there before anybody can call it.
void darwin_tlv_bootstrap(void)
{
	report_fatal("_tlv_bootstrap was called, though the descriptors were made ready");
}
