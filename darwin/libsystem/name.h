// SPDX-License-Identifier: MIT
// Names of files in any normal form: Darwin's file systems find a file whose name is composed by the name in parts, and the other way
// round (APFS is insensitive to the normal form). Linux compares bytes, so what is not found is looked for in the other forms.
// Names that are plain ASCII cost nothing.
#ifndef DARWIN_NAME_H
#define DARWIN_NAME_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

enum name_form { NAME_COMPOSED, NAME_IN_PARTS, NAME_FORMS };

// Writes the path in that form. False: it is the same, or no UTF-8, or too long.
bool name_in_form(const char *path, enum name_form form, char to[PATH_MAX]);
// The path under which something is there: the path itself, or (in `to`) another form of it. For what is about to be made.
const char *name_existing(const char *path, char to[PATH_MAX]);

// The result of a call with `name` in place of the path, tried again with other forms when nothing was found.
#define WITH_NAME(path, call)                                                                                          \
	({                                                                                                             \
		const char *name = (path);                                                                             \
		char name_other[PATH_MAX];                                                                             \
		long name_result = (call);                                                                             \
		for (int name_form = 0; name_result == -1 && errno == ENOENT && name_form < NAME_FORMS; name_form++)   \
			if (name_in_form((path), name_form, name_other)) {                                             \
				name = name_other;                                                                     \
				name_result = (call);                                                                  \
			} else                                                                                         \
				errno = ENOENT;                                                                        \
		name_result;                                                                                           \
	})

#endif
