// SPDX-License-Identifier: MIT
// Images. Facts: dyld's <mach-o/dyld.h>, cctools' <mach-o/getsect.h>, <mach-o/loader.h>.
#ifndef DARWIN_INCLUDE_MACH_O_DYLD_H
#define DARWIN_INCLUDE_MACH_O_DYLD_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct mach_header_64 {
	unsigned magic, cputype, cpusubtype, filetype, ncmds, sizeofcmds, flags, reserved;
};
extern const struct mach_header_64 _mh_execute_header;
unsigned _dyld_image_count(void);
const struct mach_header_64 *_dyld_get_image_header(unsigned);
long _dyld_get_image_vmaddr_slide(unsigned);
const char *_dyld_get_image_name(unsigned);
void _dyld_register_func_for_add_image(void (*)(const struct mach_header_64 *, long));
_Bool _dyld_get_image_uuid(const struct mach_header_64 *, unsigned char[16]);
_Bool _dyld_shared_cache_contains_path(const char *);
unsigned dyld_get_program_sdk_version(void);
unsigned dyld_get_program_min_os_version(void);
int NSVersionOfRunTimeLibrary(const char *);
int NSVersionOfLinkTimeLibrary(const char *);
int _NSGetExecutablePath(char *, unsigned *);
void *getsectiondata(const struct mach_header_64 *, const char *, const char *, unsigned long *);
void *getsegmentdata(const struct mach_header_64 *, const char *, unsigned long *);
#ifdef __cplusplus
}
#endif

#endif
