// SPDX-License-Identifier: MIT
// Images: a library by @rpath, order of initialisers, weak imports, dlopen and its kin, two sets of thread-local variables.
#include "check.h"

#include <dlfcn.h>
#include <string.h>

extern int library_started, library_value;
int library_add(int a, int b);
int library_count(void);
extern void nowhere_at_all(void) __attribute__((weak_import));

static int started_after;
static __thread int own = 1;

__attribute__((constructor)) static void begin(void)
{
	started_after = library_started;
	puts("program begins");
}

static void at_exit(void)
{
	puts("at exit");
}

int main(void)
{
	Dl_info info;
	CHECK(started_after == 1 && library_add(1, 2) == 14);
	library_value = 20;
	CHECK(library_add(1, 2) == 23);
	CHECK(!nowhere_at_all);
	CHECK(library_count() == 101 && library_count() == 102 && ++own == 2);
	int (*add)(int, int) = (int (*)(int, int))dlsym(RTLD_DEFAULT, "library_add");
	CHECK(add == library_add && dlsym(RTLD_DEFAULT, "malloc") == (void *)malloc);
	CHECK(!dlsym(RTLD_DEFAULT, "nowhere_at_all") && strstr(dlerror(), "nowhere_at_all"));
	void *handle = dlopen("@rpath/liblibrary.dylib", RTLD_NOW);
	CHECK(handle && dlsym(handle, "library_add") == (void *)library_add && library_started == 1);
	CHECK(!dlopen("@rpath/libnowhere.dylib", RTLD_NOW) && dlerror());
	CHECK(dladdr((void *)library_add, &info) && strcmp(info.dli_sname, "library_add") == 0 &&
	      strstr(info.dli_fname, "liblibrary.dylib"));
	CHECK(_dyld_image_count() == 2 && strstr(_dyld_get_image_name(0), "images"));
	atexit(at_exit);
	puts("images are fine");
	return 0;
}
