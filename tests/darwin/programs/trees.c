// SPDX-License-Identifier: MIT
// Trees of files: fts, nftw, glob, temporary files, copies, attributes.
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void make(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static int by_name(const FTSENT **one, const FTSENT **other)
{
	return strcmp((*one)->fts_name, (*other)->fts_name);
}

static void check_fts(void)
{
	static char *roots[] = {"tree", "nowhere", 0};
	char seen[512] = "";
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	CHECK(walk);
	for (FTSENT *entry; (entry = fts_read(walk));) {
		size_t used = strlen(seen);
		snprintf(seen + used, sizeof(seen) - used, "%s:%d:%d ", entry->fts_path, entry->fts_info, entry->fts_level);
		CHECK(strlen(entry->fts_path) == entry->fts_pathlen && strlen(entry->fts_name) == entry->fts_namelen);
		if (entry->fts_info == FTS_F && !strcmp(entry->fts_name, "x"))
			CHECK(entry->fts_statp->st_size == 3 && !strcmp(entry->fts_parent->fts_name, "a") && entry->fts_ino == entry->fts_statp->st_ino);
		if (!strcmp(entry->fts_name, "skipped"))
			fts_set(walk, entry, FTS_SKIP);
		if (entry->fts_info == FTS_D && !strcmp(entry->fts_name, "a")) {
			FTSENT *child = fts_children(walk, 0);
			CHECK(child && !strcmp(child->fts_name, "x") && !child->fts_link);
		}
		if (entry->fts_info == FTS_NS)
			CHECK(entry->fts_errno == ENOENT);
	}
	CHECK(errno == 0 && fts_close(walk) == 0);
	CHECK(!strcmp(seen, "nowhere:10:0 tree:1:0 tree/a:1:1 tree/a/x:8:2 tree/a:6:1 tree/empty:1:1 tree/empty:6:1 tree/link:12:1 "
			    "tree/skipped:1:1 tree/skipped:6:1 tree:6:0 "));
	static char *loop[] = {"tree", 0};
	int cycles = 0;
	CHECK(symlink("../..", "tree/a/up") == 0 && (walk = fts_open(loop, FTS_LOGICAL | FTS_NOCHDIR, 0)));
	for (FTSENT *entry; (entry = fts_read(walk));)
		cycles += entry->fts_info == FTS_DC;
	CHECK(cycles == 1 && fts_close(walk) == 0 && unlink("tree/a/up") == 0);
	CHECK((walk = fts_open(loop, FTS_PHYSICAL, 0)) && fts_read(walk) && fts_read(walk) && fts_close(walk) == 0); // in the middle
}

static int counts[7];

static int count(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	counts[kind]++;
	CHECK(!strcmp(path + place->base, "x") ? status->st_size == 3 && place->level == 2 : 1);
	return strcmp(path, "tree/stop") == 0 ? 7 : 0;
}

static void check_nftw(void)
{
	CHECK(nftw("tree", count, 10, FTW_PHYS | FTW_DEPTH) == 0 && counts[FTW_F] == 2 && counts[FTW_DP] == 4 && counts[FTW_SL] == 1 && counts[FTW_D] == 0);
	make("tree/stop", "");
	CHECK(nftw("tree", count, 10, FTW_PHYS) == 7 && unlink("tree/stop") == 0 && nftw("nowhere", count, 10, 0) == -1 && errno == ENOENT);
}

static void check_glob(void)
{
	glob_t found = {.gl_offs = 1};
	CHECK(glob("tree/{a,empty}", GLOB_BRACE | GLOB_MARK | GLOB_DOOFFS, 0, &found) == 0 && found.gl_pathc == 2 && found.gl_matchc == 2);
	CHECK(!found.gl_pathv[0] && !strcmp(found.gl_pathv[1], "tree/a/") && !strcmp(found.gl_pathv[2], "tree/empty/") && !found.gl_pathv[3]);
	CHECK(glob("tree/l*", GLOB_APPEND | GLOB_DOOFFS, 0, &found) == 0 && found.gl_pathc == 3 && !strcmp(found.gl_pathv[3], "tree/link"));
	globfree(&found);
	CHECK(glob("none*", 0, 0, &found) == GLOB_NOMATCH && glob("none*", GLOB_NOCHECK, 0, &found) == 0 && !strcmp(found.gl_pathv[0], "none*"));
	globfree(&found);
}

static void check_temporary(void)
{
	char name[] = "t.XXXXXX", with[] = "t.XXXXXX.txt", folder[] = "d.XXXXXX", only[] = "n.XXXXXX";
	struct stat status;
	int file = mkstemp(name), other = mkstemps(with, 4);
	CHECK(file >= 0 && fstat(file, &status) == 0 && (status.st_mode & 0777) == 0600 && !strstr(name, "XX") && fcntl(file, F_GETFD) == 0);
	CHECK(other >= 0 && !strcmp(with + 8, ".txt") && mkdtemp(folder) == folder && stat(folder, &status) == 0 && S_ISDIR(status.st_mode));
	CHECK(mktemp(only) == only && stat(only, &status) == -1 && errno == ENOENT);
	close(file);
	close(other);
	CHECK(unlink(name) == 0 && unlink(with) == 0 && rmdir(folder) == 0 && mkstemp((char[]){"no/such/XXXXXX"}) == -1 && errno == ENOENT);
}

static void check_copies(void)
{
	struct stat one, other;
	CHECK(chmod("tree/a/x", 0751) == 0 && copyfile("tree/a/x", "copy", 0, COPYFILE_DATA | COPYFILE_STAT) == 0);
	CHECK(stat("tree/a/x", &one) == 0 && stat("copy", &other) == 0 && other.st_size == 3 && (other.st_mode & 0777) == 0751 && one.st_mtimespec.tv_nsec == other.st_mtimespec.tv_nsec);
	CHECK(copyfile("tree/a/x", "copy", 0, COPYFILE_DATA | COPYFILE_EXCL) == -1 && errno == EEXIST && copyfile("nowhere", "c", 0, COPYFILE_DATA) == -1 && errno == ENOENT);
	CHECK(copyfile("tree", "tree2", 0, COPYFILE_DATA | COPYFILE_RECURSIVE) == 0 && stat("tree2/a/x", &other) == 0 && lstat("tree2/link", &other) == 0 && S_ISLNK(other.st_mode));
	CHECK(removefile("tree2", 0, 0) == -1 && errno == ENOTEMPTY && removefile("tree2", 0, 1) == 0 && stat("tree2", &other) == -1);
}

static void check_attributes(void)
{
	char value[16], names[64];
	struct attrlist list = {5, 0, ATTR_CMN_NAME | ATTR_CMN_OBJTYPE | ATTR_CMN_MODTIME, 0, 0, ATTR_FILE_DATALENGTH, 0};
	struct {
		unsigned length;
		int name_offset;
		unsigned name_length, type;
		struct timespec modified;
		long long size;
		char name[32];
	} __attribute__((packed, aligned(4))) got;
	struct stat status;
	CHECK(getattrlist("copy", &list, &got, sizeof(got), 0) == 0 && got.type == 1 && got.size == 3 && got.name_length == 5);
	CHECK(!strcmp((char *)&got.name_offset + got.name_offset, "copy") && got.length == 48);
	struct attrlist time_only = {5, 0, ATTR_CMN_MODTIME, 0, 0, 0, 0};
	struct timespec when = {1234567890, 5000};
	CHECK(setattrlist("copy", &time_only, &when, sizeof(when), 0) == 0 && stat("copy", &status) == 0 && status.st_mtimespec.tv_sec == 1234567890 && status.st_mtimespec.tv_nsec == 5000);
	if (setxattr("copy", "key", "value", 5, 0, 0) < 0) { // not every file system has them
		CHECK(errno == ENOTSUP);
		return;
	}
	CHECK(getxattr("copy", "key", value, 16, 0, 0) == 5 && !memcmp(value, "value", 5) && listxattr("copy", names, 64, 0) == 4 && !strcmp(names, "key"));
	CHECK(setxattr("copy", "key", "x", 1, 0, XATTR_CREATE) == -1 && errno == EEXIST && setxattr("copy", "other", "x", 1, 0, XATTR_REPLACE) == -1 && errno == 93);
	CHECK(getxattr("copy", "key", value, 2, 0, 0) == -1 && errno == ERANGE && removexattr("copy", "key", 0) == 0 && getxattr("copy", "key", 0, 0, 0, 0) == -1 && errno == 93);
}

int main(void)
{
	CHECK(mkdir("tree", 0755) == 0 && mkdir("tree/a", 0755) == 0 && mkdir("tree/empty", 0755) == 0 && mkdir("tree/skipped", 0755) == 0);
	make("tree/a/x", "xyz");
	make("tree/skipped/y", "");
	CHECK(symlink("a/x", "tree/link") == 0);
	check_fts();
	check_nftw();
	check_glob();
	check_temporary();
	check_copies();
	check_attributes();
	puts("trees are fine");
	return 0;
}
