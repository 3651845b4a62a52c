// SPDX-License-Identifier: MIT
// Environment and arguments; see environment.h. Facts: <crt_externs.h>, <mach-o/dyld.h>.
#include "environment.h"

#include "errno.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Programs have the first two and the last as variables, too: NXArgc, NXArgv, __progname.
int darwin_argument_count;
char **darwin_argument_words;
const char *darwin_program_name;
static const char *program_path;

// environ is the host's variable: setenv and getenv are the host's, too.
char **environment_get(void)
{
	return environ;
}

void environment_set(int count, char **words, const char *path)
{
	darwin_argument_count = count;
	darwin_argument_words = words;
	program_path = path;
	const char *slash = words[0] ? strrchr(words[0], '/') : NULL;
	darwin_program_name = slash ? slash + 1 : words[0] ? words[0] : "";
}

char ***darwin_NSGetEnviron(void)
{
	return &environ;
}

char ***darwin_NSGetArgv(void)
{
	return &darwin_argument_words;
}

int *darwin_NSGetArgc(void)
{
	return &darwin_argument_count;
}

int darwin_NSGetExecutablePath(char *to, uint32_t *size)
{
	size_t length = strlen(program_path) + 1;
	if (length > *size) {
		*size = (uint32_t)length;
		return -1;
	}
	memcpy(to, program_path, length);
	return 0;
}

const char **darwin_NSGetProgname(void)
{
	return &darwin_program_name;
}

const char *darwin_getprogname(void)
{
	return darwin_program_name;
}

void darwin_setprogname(const char *name)
{
	const char *slash = strrchr(name, '/');
	darwin_program_name = slash ? slash + 1 : name;
}

int darwin_setenv(const char *name, const char *value, int replace)
{
	return (int)errno_result(setenv(name, value, replace));
}

int darwin_unsetenv(const char *name)
{
	return (int)errno_result(unsetenv(name));
}

int darwin_putenv(char *line)
{
	return (int)errno_result(putenv(line));
}
