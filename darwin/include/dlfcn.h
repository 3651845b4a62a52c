// SPDX-License-Identifier: MIT
// The loader. Facts: dyld's <dlfcn.h> and <mach-o/dyld.h>.
#ifndef DARWIN_INCLUDE_DLFCN_H
#define DARWIN_INCLUDE_DLFCN_H

#ifdef __cplusplus
extern "C" {
#endif
#define RTLD_NEXT ((void *)-1)
#define RTLD_DEFAULT ((void *)-2)
#define RTLD_SELF ((void *)-3)
#define RTLD_MAIN_ONLY ((void *)-5)
enum { RTLD_LAZY = 1, RTLD_NOW = 2, RTLD_LOCAL = 4, RTLD_GLOBAL = 8, RTLD_NOLOAD = 0x10, RTLD_FIRST = 0x100 };
typedef struct {
	const char *dli_fname;
	void *dli_fbase;
	const char *dli_sname;
	void *dli_saddr;
} Dl_info;
void *dlopen(const char *, int);
int dlclose(void *);
int dlopen_preflight(const char *);
void *dlsym(void *, const char *);
const char *dlerror(void);
int dladdr(const void *, Dl_info *);
unsigned _dyld_image_count(void);
const char *_dyld_get_image_name(unsigned);
#ifdef __cplusplus
}
#endif

#endif
