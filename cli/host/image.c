// SPDX-License-Identifier: MIT
// The boot image on the host; see image.h.
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_NAME "gila.tar.lzma"

void image_path(struct text *path, const char *given)
{
	char self[4096];
	ssize_t size = given ? 0 : readlink("/proc/self/exe", self, sizeof(self));
	if (given) {
		text_add(path, given);
		return;
	}
	while (size > 0 && self[size - 1] != '/')
		size--;
	text_append(path, self, size > 0 ? (size_t)size : 0);
	text_add(path, IMAGE_NAME);
}

// "LZMA alone": properties (lc, lp and pb in one byte below 225), dictionary size, then eight bytes of length
// (lzma-file-format.txt of LZMA Utils).
static bool begins_as_lzma(const unsigned char head[13]) { return head[0] < 225; }

const char *image_check(const char *path)
{
	unsigned char head[13];
	struct stat info;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return strerror(errno);
	ssize_t size = fstat(file, &info) == 0 && S_ISREG(info.st_mode) ? read(file, head, sizeof(head)) : -1;
	close(file);
	if (size < 0)
		return "not a file";
	if (size < (ssize_t)sizeof(head) || !begins_as_lzma(head))
		return "not an LZMA archive";
	return NULL;
}
