// SPDX-License-Identifier: MIT
// The loader: chains of @rpath, weak definitions, reexports, dlopen's modes, bundles, what _dyld_* and getsectiondata tell.
// Libraries: lib/liba (needs b by its own @rpath, inner/libb; c, which has b above it), lib/libr reexports inner/libd.
#include "check.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <mach-o/dyld.h>
#include <pthread.h>
#include <string.h>

int *place_a(void), *place_b(void), visit_a(void), visit_b(void), visit_d(void);
const char *letter(void);
void *next_letter_a(void), *self_letter_a(void), *open_beside_a(const char *);
extern int maybe_nowhere __attribute__((weak_import));
extern int only_in_gone(void) __attribute__((weak_import));

__attribute__((section("__DATA,__mine"))) static int mine[4] = {1, 2, 3, 4};
static int images_told, told_of_bundle;

static void image_added(const struct mach_header_64 *header, long slide)
{
	(void)slide;
	CHECK(header->magic == 0xfeedfacf);
	images_told++;
	told_of_bundle = header->filetype == 8;
}

static void *visit(void *argument)
{
	(void)argument;
	return (void *)(long)(visit_a() + visit_b());
}

static void check_libraries(void)
{
	pthread_t thread;
	void *result;
	CHECK(place_a() == place_b()); // one definition of two
	CHECK(visit_a() == 11 && visit_a() == 12 && visit_b() == 11 && visit_d() == 11);
	CHECK(pthread_create(&thread, NULL, visit, NULL) == 0 && pthread_join(thread, &result) == 0 &&
	      result == (void *)22);
	CHECK(&maybe_nowhere == NULL && only_in_gone == NULL);
	CHECK(strcmp(((const char *(*)(void))self_letter_a())(), "a") == 0);
	CHECK(strcmp(((const char *(*)(void))next_letter_a())(), "a") != 0);
	CHECK(strcmp(letter(), "a") == 0);
}

static void check_opening(const char *folder)
{
	char path[1200];
	int before = images_told, (*visit_bundle)(void);
	void *bundle, *again, *first;
	snprintf(path, sizeof(path), "%s/lib/bundle.so", folder);
	CHECK(!dlopen(path, RTLD_NOW | RTLD_NOLOAD) && strstr(dlerror(), "image not already loaded") && !dlerror());
	CHECK(dlopen_preflight(path));
	CHECK((bundle = dlopen(path, RTLD_NOW | RTLD_LOCAL)) && images_told == before + 1 && told_of_bundle);
	CHECK((again = dlopen(path, RTLD_NOW | RTLD_NOLOAD)) == bundle && images_told == before + 1);
	visit_bundle = (int (*)(void))dlsym(bundle, "visit_e");
	CHECK(visit_bundle && visit_bundle() == 11 && visit_bundle() == 12);
	CHECK(dlsym(bundle, "visit_b") == (void *)visit_b); // what it needs is searched, too
	CHECK((first = dlopen(path, RTLD_NOW | RTLD_FIRST | RTLD_NOLOAD)) && dlsym(first, "visit_e") &&
	      !dlsym(first, "visit_b"));
	CHECK(dlclose(bundle) == 0 && dlclose(again) == 0 && dlclose(first) == 0 && dlclose(bundle) == -1 &&
	      strstr(dlerror(), "invalid handle"));
	CHECK(dlopen(path, RTLD_NOW | RTLD_LOCAL) == bundle);
	CHECK(!dlsym(RTLD_MAIN_ONLY, "visit_a") && dlsym(RTLD_DEFAULT, "visit_a") &&
	      dlsym(dlopen(NULL, RTLD_NOW), "visit_a"));
	CHECK(!dlsym(RTLD_DEFAULT, "no_such_symbol") &&
	      strcmp(dlerror(), "dlsym(RTLD_DEFAULT, no_such_symbol): symbol not found") == 0);
	CHECK(!dlsym((void *)1234567, "visit_a") && strstr(dlerror(), "invalid handle"));
	CHECK(!dlopen("nowhere.dylib", RTLD_NOW) &&
	      strcmp(dlerror(), "dlopen(nowhere.dylib, 0x0002): tried: 'nowhere.dylib' (no such file)") == 0);
	CHECK((bundle = open_beside_a("@loader_path/hidden.dylib")) && dlsym(bundle, "visit_h"));
	CHECK(!dlsym(RTLD_DEFAULT, "visit_h")); // opened with RTLD_LOCAL
	CHECK(dlopen("@loader_path/lib/hidden.dylib", RTLD_NOW) == bundle && dlsym(RTLD_DEFAULT, "visit_h"));
	CHECK(dlopen("libSystem.B.dylib", RTLD_NOW) &&
	      dlsym(dlopen("/usr/lib/libSystem.B.dylib", RTLD_NOW), "malloc") == (void *)malloc);
	snprintf(path, sizeof(path), "%s/lib/broken.dylib", folder);
	before = images_told;
	unsigned count = _dyld_image_count();
	for (int i = 0; i < 2; i++)
		CHECK(!dlopen(path, RTLD_NOW) && strstr(dlerror(), "@rpath/gone2.dylib is not there"));
	CHECK(_dyld_image_count() == count && images_told == before && !dlopen_preflight("/etc/passwd"));
}

__attribute__((noinline)) static int local_function(void **frames)
{
	return backtrace(frames, 16);
}

__attribute__((noinline)) static void check_addresses(void)
{
	Dl_info info;
	void *frames[16];
	int count = local_function(frames);
	CHECK(count >= 3 && dladdr(frames[0], &info) && strcmp(info.dli_sname, "local_function") == 0);
	CHECK(info.dli_fbase == (void *)&_mh_execute_header && strstr(info.dli_fname, "/loading"));
	CHECK(dladdr(frames[1], &info) && strcmp(info.dli_sname, "check_addresses") == 0);
	CHECK(dladdr(frames[2], &info) && strcmp(info.dli_sname, "main") == 0);
	char **lines = backtrace_symbols(frames, count), expected[80];
	snprintf(expected, sizeof(expected), "1   %-35s 0x%016lx check_addresses + ", "loading",
		 (unsigned long)frames[1]);
	CHECK(strncmp(lines[1], expected, strlen(expected)) == 0);
	free(lines);
	CHECK(dladdr((void *)malloc, &info) && strcmp(info.dli_sname, "malloc") == 0 &&
	      strstr(info.dli_fname, "libSystem"));
	CHECK(dladdr((void *)next_letter_a, &info) && strstr(info.dli_fname, "liba.dylib") &&
	      info.dli_saddr == (void *)next_letter_a);
	CHECK(!dladdr((void *)16, &info));
}

static void check_images(void)
{
	unsigned char uuid[16], none[16] = {0};
	unsigned long size;
	unsigned room = 4;
	char path[1200];
	int *section = getsectiondata(&_mh_execute_header, "__DATA", "__mine", &size);
	CHECK(section == mine && size == sizeof(mine) &&
	      !getsectiondata(&_mh_execute_header, "__DATA", "__nowhere", &size));
	CHECK(getsegmentdata(&_mh_execute_header, "__TEXT", &size) == (void *)&_mh_execute_header && size >= 4096);
	CHECK(_dyld_get_image_header(0) == &_mh_execute_header && !_dyld_get_image_header(1000) &&
	      !_dyld_get_image_name(1000));
	CHECK(_dyld_get_image_uuid(&_mh_execute_header, uuid) && memcmp(uuid, none, 16) != 0);
	CHECK(dyld_get_program_sdk_version() == 0xb0000 && dyld_get_program_min_os_version() == 0xb0000);
	CHECK(NSVersionOfRunTimeLibrary("liba") == 0x20300 && NSVersionOfLinkTimeLibrary("liba") == 0x20300 &&
	      NSVersionOfRunTimeLibrary("libnowhere") == -1);
	CHECK(_NSGetExecutablePath(path, &room) == -1 && room > 4 &&
	      (room = sizeof(path), _NSGetExecutablePath(path, &room)) == 0);
	CHECK(_dyld_shared_cache_contains_path("/usr/lib/libSystem.B.dylib") &&
	      !_dyld_shared_cache_contains_path("/usr/lib/libno.dylib"));
	_dyld_register_func_for_add_image(image_added);
	CHECK(images_told == (int)_dyld_image_count());
}

int main(int count, char **words)
{
	char folder[1024];
	(void)count;
	strlcpy(folder, words[0], sizeof(folder));
	*strrchr(folder, '/') = '\0';
	check_libraries();
	check_images();
	check_opening(folder);
	check_addresses();
	puts("loading is fine");
	return 0;
}
