// SPDX-License-Identifier: MIT
// The environment: one list, which the program sees as `environ` and through _NSGetEnviron, and the host's library as its own.
#ifndef DARWIN_ENVIRONMENT_H
#define DARWIN_ENVIRONMENT_H

// The list as the program has it now.
char **environment_get(void);
// What _NSGetArgc, _NSGetArgv, _NSGetExecutablePath and getprogname answer. Set once.
void environment_set(int count, char **words, const char *path);

#endif
