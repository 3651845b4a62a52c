// SPDX-License-Identifier: MIT
// copyfile: copies of what is open. Facts: <copyfile.h>: flags ACL 1, STAT 2, XATTR 4, DATA 8; state 8: bytes copied.
#include "errno.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_STAT = 2, COPY_DATA = 8, STATE_COPIED = 8 };

struct copy_state {
	int64_t copied;
};

struct copy_state *darwin_copyfile_state_alloc(void)
{
	return calloc(1, sizeof(struct copy_state));
}

int darwin_copyfile_state_free(struct copy_state *state)
{
	free(state);
	return 0;
}

int darwin_copyfile_state_get(const struct copy_state *state, uint32_t flag, void *to)
{
	if (flag != STATE_COPIED)
		return errno_set(DARWIN_EINVAL);
	*(int64_t *)to = state->copied;
	return 0;
}

static int copy_data(int from, int to, struct copy_state *state)
{
	for (;;) {
		ssize_t size = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
		if (size < 0 &&
		    (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP || errno == EBADF))
			size = sendfile(to, from, NULL, 1 << 30);
		if (size < 0)
			return (int)errno_result(-1);
		if (size == 0)
			return 0;
		if (state)
			state->copied += size;
	}
}

int darwin_fcopyfile(int from, int to, struct copy_state *state, uint32_t flags)
{
	struct stat status;
	if ((flags & COPY_DATA) && copy_data(from, to, state) < 0)
		return -1;
	if ((flags & COPY_STAT) && (fstat(from, &status) < 0 || fchmod(to, status.st_mode & 07777) < 0))
		return (int)errno_result(-1);
	return 0;
}

// Clones share blocks, which only some file systems of Linux can: programs copy instead when they hear ENOTSUP.
int darwin_fclonefileat(int from, int folder, const char *path, uint32_t flags)
{
	(void)from, (void)folder, (void)path, (void)flags;
	return errno_set(DARWIN_ENOTSUP);
}

int darwin_clonefile(const char *from, const char *to, uint32_t flags)
{
	(void)from, (void)to, (void)flags;
	return errno_set(DARWIN_ENOTSUP);
}
