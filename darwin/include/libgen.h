// SPDX-License-Identifier: MIT
// Parts of paths. Facts: basename(3), dirname(3) of Darwin.
#ifndef DARWIN_INCLUDE_LIBGEN_H
#define DARWIN_INCLUDE_LIBGEN_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
char *basename(char *);
char *dirname(char *);
char *basename_r(const char *, char *);
char *dirname_r(const char *, char *);
#ifdef __cplusplus
}
#endif

#endif
