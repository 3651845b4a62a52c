// SPDX-License-Identifier: MIT
// Registers this program with binfmt_misc; see register.h. Facts: Linux' Documentation/admin-guide/binfmt-misc.rst: a line
// ":NAME:M:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS"; P keeps argv[0], F opens the interpreter at once; AT_FLAGS says so (linux/binfmts.h).
//
// Two entries: x86_64 files, and universal ones of up to three slices (a Java class begins the same, but its version is at least 45).
#include "register.h"

#include "../libsystem/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define FOLDER "/proc/sys/fs/binfmt_misc"
#define AT_FLAGS_KEPT_NAME 1ul

static const struct {
	const char *name, *magic, *mask;
} entries[] = {
    {"gila-macho", "\\xcf\\xfa\\xed\\xfe\\x07\\x00\\x00\\x01", ""},
    {"gila-universal", "\\xca\\xfe\\xba\\xbe\\x00\\x00\\x00\\x00", "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfc"},
};
#define ENTRIES (sizeof(entries) / sizeof(*entries))

const char *register_loader(void)
{
	static char path[PATH_MAX];
	const char *name = (const char *)(uintptr_t)getauxval(AT_EXECFN); // NOLINT: the kernel's pointer
	if (*path)
		return path;
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length > 0)
		path[length] = '\0';
	else if (!name || !realpath(name, path))
		return NULL;
	return path;
}

static int complain(const char *path)
{
	report("run: %s: %s%s", path, strerror(errno),
	       errno == ENOENT			   ? " (is it mounted? mount -t binfmt_misc none " FOLDER ")"
	       : errno == EACCES || errno == EPERM ? " (only root may change it)"
	       : errno == EEXIST		   ? " (--unregister first)"
						   : "");
	return 1;
}

static int put(const char *folder, const char *file, const char *text)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof(path), "%s/%s", folder ? folder : FOLDER, file) >= (int)sizeof(path))
		return errno = ENAMETOOLONG, complain(folder);
	int to = open(path, O_WRONLY | O_CLOEXEC);
	if (to < 0)
		return complain(path);
	bool fine = write(to, text, strlen(text)) == (ssize_t)strlen(text);
	if (!fine)
		complain(path);
	close(to);
	return !fine;
}

int register_add(const char *folder)
{
	char line[PATH_MAX + 200];
	const char *loader = register_loader();
	if (!loader || strchr(loader, ':') || strlen(loader) > 127) { // the kernel's BINPRM_BUF_SIZE
		report("run: %s: binfmt_misc takes no such path", loader ? loader : "gila-darwin");
		return 1;
	}
	for (size_t i = 0; i < ENTRIES; i++) {
		snprintf(line, sizeof(line), ":%s:M::%s:%s:%s:PF", entries[i].name, entries[i].magic, entries[i].mask,
			 loader);
		if (put(folder, "register", line))
			return 1;
	}
	return 0;
}

int register_remove(const char *folder)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (put(folder, entries[i].name, "-1"))
			return 1;
	return 0;
}

bool register_started(void)
{
	return getauxval(AT_FLAGS) & AT_FLAGS_KEPT_NAME;
}
