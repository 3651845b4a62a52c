// SPDX-License-Identifier: MIT
// Options of a command line. Facts: Libc's <getopt.h>.
#ifndef DARWIN_INCLUDE_GETOPT_H
#define DARWIN_INCLUDE_GETOPT_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
extern char *optarg;
extern int optind, opterr, optopt, optreset;
struct option {
	const char *name;
	int has_arg, *flag, val;
};
int getopt(int, char *const *, const char *);
int getopt_long(int, char *const *, const char *, const struct option *, int *);
#ifdef __cplusplus
}
#endif

#endif
