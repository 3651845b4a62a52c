// SPDX-License-Identifier: MIT
// Copies and removals of trees, with callbacks; clones; files with holes.
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void make(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static struct told {
	int files, folders, finished, progress, errors;
	const char *skip, *quit;
} told;

static int tell(int what, int stage, void *state, const char *from, const char *to, void *context)
{
	struct told *t = context;
	(void)state;
	CHECK(t == &told && from && to);
	t->files += what == COPYFILE_RECURSE_FILE && stage == COPYFILE_START;
	t->folders += what == COPYFILE_RECURSE_DIR && stage == COPYFILE_START;
	t->finished += stage == COPYFILE_FINISH;
	t->progress += what == COPYFILE_COPY_DATA && stage == COPYFILE_PROGRESS;
	t->errors += stage == COPYFILE_ERR;
	if (t->quit && strstr(from, t->quit))
		return COPYFILE_QUIT;
	return t->skip && strstr(from, t->skip) && stage == COPYFILE_START ? COPYFILE_SKIP : COPYFILE_CONTINUE;
}

static void check_copies(void)
{
	struct stat status;
	void *state = copyfile_state_alloc();
	long copied = 0;
	CHECK(copyfile_state_set(state, COPYFILE_STATE_STATUS_CB, (void *)tell) == 0 && copyfile_state_set(state, COPYFILE_STATE_STATUS_CTX, &told) == 0 && copyfile_state_set(state, 99, 0) == -1 && errno == EINVAL);
	told.skip = "skipped";
	CHECK(copyfile("tree", "new", state, COPYFILE_DATA | COPYFILE_STAT | COPYFILE_RECURSIVE) == 0 && told.files == 4 && told.folders == 2 && told.finished == 5 && told.progress == 2 && told.errors == 0);
	CHECK(stat("new/a/x", &status) == 0 && status.st_size == 3 && stat("new/skipped", &status) == -1 && lstat("new/link", &status) == 0 && S_ISLNK(status.st_mode));
	told = (struct told){.quit = "/a/x"};
	CHECK(copyfile("tree", "other", state, COPYFILE_DATA | COPYFILE_RECURSIVE) == -1 && stat("other/a/x", &status) == -1);
	told = (struct told){0};
	CHECK(mkdir("into", 0755) == 0 && copyfile("tree", "into", 0, COPYFILE_DATA | COPYFILE_RECURSIVE) == 0 && stat("into/tree/a/x", &status) == 0);
	CHECK(copyfile("tree/", "into", 0, COPYFILE_DATA | COPYFILE_RECURSIVE) == 0 && stat("into/a/x", &status) == 0);
	CHECK(copyfile("tree/a/x", "one", state, COPYFILE_DATA) == 0 && copyfile_state_get(state, COPYFILE_STATE_COPIED, &copied) == 0 && copied == 3 && copyfile_state_free(state) == 0);
	CHECK(copyfile("tree/a/x", 0, 0, COPYFILE_CHECK | COPYFILE_XATTR) == 0);
	if (setxattr("tree/a/x", "k", "v", 1, 0, 0) == 0) // not every file system has them
		CHECK(copyfile("tree/a/x", 0, 0, COPYFILE_CHECK | COPYFILE_XATTR) == COPYFILE_XATTR && copyfile("tree/a/x", "with", 0, COPYFILE_DATA | COPYFILE_XATTR) == 0 && getxattr("with", "k", 0, 0, 0, 0) == 1);
	CHECK(copyfile("tree/a/x", "pack", 0, 1 << 22) == -1 && errno == ENOTSUP);
	// A clone where the file system can, else a copy, or ENOTSUP.
	CHECK(copyfile("tree/a/x", "clone", 0, COPYFILE_CLONE) == 0 && stat("clone", &status) == 0 && status.st_size == 3 && copyfile("tree/a/x", "clone", 0, COPYFILE_CLONE) == -1 && errno == EEXIST);
	int forced = copyfile("tree/a/x", "forced", 0, COPYFILE_CLONE_FORCE), plain = clonefile("tree/a/x", "plain", 0);
	CHECK((forced == 0) == (plain == 0) && (plain == 0 || (errno == ENOTSUP && stat("forced", &status) == -1 && stat("plain", &status) == -1)));
}

static void check_holes(void)
{
	struct stat one, other;
	char bytes[3] = "";
	int file = open("holes", O_RDWR | O_CREAT, 0600);
	CHECK(file >= 0 && lseek(file, 8 << 20, SEEK_SET) > 0 && write(file, "end", 3) == 3 && lseek(file, 16 << 20, SEEK_SET) > 0 && write(file, "!", 1) == 1 && close(file) == 0);
	CHECK(copyfile("holes", "holes2", 0, COPYFILE_DATA | COPYFILE_DATA_SPARSE) == 0 && stat("holes", &one) == 0 && stat("holes2", &other) == 0 && one.st_size == other.st_size && other.st_blocks < 4000);
	file = open("holes2", O_RDONLY);
	CHECK(lseek(file, 8 << 20, SEEK_SET) > 0 && read(file, bytes, 3) == 3 && !memcmp(bytes, "end", 3) && lseek(file, 16 << 20, SEEK_SET) > 0 && read(file, bytes, 3) == 1 && bytes[0] == '!' && close(file) == 0);
}

static int asked, removed;

static int confirm(void *state, const char *path, void *context)
{
	(void)state;
	CHECK(context == &asked);
	asked++;
	return strstr(path, "/x") ? 1 : 0; // REMOVEFILE_SKIP
}

static int after(void *state, const char *path, void *context)
{
	(void)state, (void)path, (void)context;
	removed++;
	return 0;
}

static int fail(void *state, const char *path, void *context)
{
	int error = 0;
	(void)path;
	CHECK(removefile_state_get(state, 5, &error) == 0 && error == ENOTEMPTY);
	++*(int *)context;
	return 0;
}

static void check_removals(void)
{
	struct stat status;
	int failed = 0;
	void *state = removefile_state_alloc();
	CHECK(removefile_state_set(state, 1, (void *)confirm) == 0 && removefile_state_set(state, 2, &asked) == 0 && removefile_state_set(state, 6, (void *)after) == 0);
	CHECK(removefile_state_set(state, 3, (void *)fail) == 0 && removefile_state_set(state, 4, &failed) == 0);
	CHECK(removefile("into/tree", state, 1) == 0 && asked == 6 && failed == 2 && removed == 3 && stat("into/tree/a/x", &status) == 0 && lstat("into/tree/link", &status) == -1);
	CHECK(removefile_state_free(state) == 0 && removefile("new", 0, 1 | 2) == 0 && stat("new", &status) == 0 && removefile("new", 0, 0) == 0 && removefile("nothing", 0, 1) == -1 && errno == ENOENT);
	int folder = open("into", O_RDONLY);
	CHECK(removefileat(folder, "tree", 0, 0) == -1 && errno == ENOTEMPTY && removefileat(folder, "tree", 0, 1) == 0 && stat("into/tree", &status) == -1 && close(folder) == 0);
}

int main(void)
{
	CHECK(mkdir("tree", 0755) == 0 && mkdir("tree/a", 0755) == 0);
	make("tree/a/x", "xyz");
	make("tree/skipped", "no");
	make("tree/y", "y");
	CHECK(symlink("a/x", "tree/link") == 0);
	check_copies();
	check_holes();
	check_removals();
	puts("copies are fine");
	return 0;
}
