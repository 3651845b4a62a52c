// SPDX-License-Identifier: MIT
// The loader as programs see it: _dyld_* and versions. Facts: dyld's <mach-o/dyld.h>, <mach-o/dyld_priv.h>, dyld(3).
#include "../loader/image.h"
#include "report.h"
#include "sections.h"
#include "sysctl.h"

#include <stdlib.h>
#include <string.h>

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

static const struct image *image_of_header(const void *header)
{
	for (unsigned i = 0; i < image_count; i++)
		if (image_at(images[i], images[i]->macho.base) == header)
			return images[i];
	return NULL;
}

int64_t darwin_dyld_get_image_slide(const void *header)
{
	const struct image *image = image_of_header(header);
	return image ? (int64_t)image->slide : 0;
}

const void *darwin_dyld_get_prog_image_header(void)
{
	return darwin_dyld_get_image_header(0);
}

const char *darwin_dyld_image_path_containing_address(const void *address)
{
	const struct image *image = image_of(address);
	return image ? image->path : NULL;
}

const void *darwin_dyld_image_header_containing_address(const void *address)
{
	const struct image *image = image_of(address);
	return image ? image_at(image, image->macho.base) : NULL;
}

// Libraries of the system have no files on macOS 11 and later: whoever looks for one asks this.
bool darwin_dyld_shared_cache_contains_path(const char *path)
{
	return system_library_find(path) != NULL;
}

// ---- who wants to hear of images ------------------------------------------------------------------------------------

#define LISTENERS 16
typedef void listener(const void *header, int64_t slide);
static listener *listeners[LISTENERS]; // [image_lock]
static unsigned listener_count;

static void tell_listeners(const struct image *image)
{
	for (unsigned i = 0; i < listener_count; i++)
		listeners[i](image_at(image, image->macho.base), (int64_t)image->slide);
}

// It hears of those that are there at once, of others before their initialisers run.
void darwin_dyld_register_func_for_add_image(listener *function)
{
	pthread_mutex_lock(&image_lock);
	unsigned count = image_count;
	if (listener_count == LISTENERS)
		report_fatal("_dyld_register_func_for_add_image: more than %d functions", LISTENERS);
	listeners[listener_count++] = function;
	image_bound_hook = tell_listeners;
	for (unsigned i = 0; i < count; i++)
		function(image_at(images[i], images[i]->macho.base), (int64_t)images[i]->slide);
	pthread_mutex_unlock(&image_lock);
}

// Images stay, so it never hears anything.
void darwin_dyld_register_func_for_remove_image(listener *function)
{
	(void)function;
}

// ---- what load commands say -----------------------------------------------------------------------------------------

bool darwin_dyld_get_image_uuid(const void *header, uint8_t uuid[16])
{
	const struct macho_uuid_command *command = sections_command(header, LC_UUID, sizeof(*command));
	if (command)
		memcpy(uuid, command->uuid, 16);
	return command;
}

static uint32_t version_of(const void *header, bool sdk)
{
	const struct macho_build_command *build = sections_command(header, LC_BUILD_VERSION, sizeof(*build));
	const struct macho_version_command *old = sections_command(header, LC_VERSION_MIN_MACOSX, sizeof(*old));
	if (build)
		return sdk ? build->sdk : build->least;
	return !old ? 0 : sdk ? old->sdk : old->least;
}

uint32_t darwin_dyld_get_sdk_version(const void *header)
{
	return version_of(header, true);
}

uint32_t darwin_dyld_get_min_os_version(const void *header)
{
	return version_of(header, false);
}

uint32_t darwin_dyld_get_program_sdk_version(void)
{
	return version_of(darwin_dyld_get_prog_image_header(), true);
}

uint32_t darwin_dyld_get_program_min_os_version(void)
{
	return version_of(darwin_dyld_get_prog_image_header(), false);
}

uint32_t darwin_dyld_get_active_platform(void)
{
	return 1; // PLATFORM_MACOS
}

bool darwin_dyld_process_is_restricted(void)
{
	return false;
}

// "libc++.1.dylib" has the short name "libc++" and "Foo.framework/Versions/A/Foo" the short name "Foo": NSVersionOfRunTimeLibrary(3).
static bool is_short_name(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/'), *leaf = slash ? slash + 1 : path;
	size_t length = strlen(name);
	return strncmp(leaf, name, length) == 0 && (leaf[length] == '\0' || leaf[length] == '.' || leaf[length] == '_');
}

// Of the library that the program was linked with; -1: it was not.
int32_t darwin_NSVersionOfLinkTimeLibrary(const char *name)
{
	const struct macho_dylib_command *command = NULL;
	const void *header = darwin_dyld_get_prog_image_header();
	while ((command = sections_next_dylib(header, command)))
		if (is_short_name((const char *)command + command->name, name))
			return (int32_t)command->version;
	return -1;
}

// Of the one that is loaded. Libraries of the system have the version that the program was linked with.
int32_t darwin_NSVersionOfRunTimeLibrary(const char *name)
{
	for (unsigned i = 1; i < image_count; i++) {
		const struct macho_dylib_command *id =
		    sections_command(image_at(images[i], images[i]->macho.base), LC_ID_DYLIB, sizeof(*id));
		if (id && images[i]->macho.id && is_short_name(images[i]->macho.id, name))
			return (int32_t)id->version;
	}
	return darwin_NSVersionOfLinkTimeLibrary(name);
}

// struct dyld_unwind_sections of <mach-o/dyld_priv.h>: what a libunwind that was linked into a program asks for.
struct unwind_sections {
	const void *header, *dwarf;
	uint64_t dwarf_size;
	const void *compact;
	uint64_t compact_size;
};

bool darwin_dyld_find_unwind_sections(const void *address, struct unwind_sections *found)
{
	const struct image *image = image_of(address);
	if (!image)
		return false;
	unsigned long dwarf = 0, compact = 0;
	found->header = image_at(image, image->macho.base);
	found->dwarf = sections_data(found->header, "__TEXT", "__eh_frame", &dwarf);
	found->compact = sections_data(found->header, "__TEXT", "__unwind_info", &compact);
	found->dwarf_size = dwarf;
	found->compact_size = compact;
	return true;
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

// ---- the shared cache: there is none --------------------------------------------------------------------------------

const char *darwin_dyld_shared_cache_file_path(void) { return NULL; }
const void *darwin_dyld_get_shared_cache_range(size_t *size) { return *size = 0, NULL; }
uint8_t darwin_dyld_get_shared_cache_uuid(uint8_t uuid[16]) { return (void)uuid, 0; }
uint8_t darwin_dyld_shared_cache_optimized(void) { return 0; }
uint32_t darwin_dyld_get_base_platform(uint32_t platform) { return platform; }

// dyld_build_version_t: the platform (1 macOS, -1 any) and a version such as 0x000c0000 in one word.
static uint8_t is_at_least(uint32_t own, uint64_t version)
{
	uint32_t platform = (uint32_t)version;
	return (platform == 1 || platform == UINT32_MAX) && own >= version >> 32;
}

uint8_t darwin_dyld_program_sdk_at_least(uint64_t version) { return is_at_least(darwin_dyld_get_program_sdk_version(), version); }
uint8_t darwin_dyld_program_minos_at_least(uint64_t version) { return is_at_least(darwin_dyld_get_program_min_os_version(), version); }

// What clang's __builtin_available asks: true if the system is at least as new as each version for its platform. The system's is sysctl's.
struct build_version { // dyld_build_version_t
	uint32_t platform, version;
};

uint8_t darwin_availability_version_check(uint32_t count, const struct build_version versions[])
{
	for (uint32_t i = 0; i < count; i++)
		if (versions[i].platform == 1 && versions[i].version > SYSCTL_PRODUCT)
			return 0;
	return 1;
}
