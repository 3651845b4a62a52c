// SPDX-License-Identifier: MIT
// Files, directories, streams, error numbers.
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_files(void)
{
	struct stat status;
	char text[16], path[1024];
	CHECK(mkdir("d", 0755) == 0 && mkdir("d", 0755) == -1 && errno == EEXIST);
	int file = open("d/f", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	CHECK(file >= 0 && fcntl(file, F_GETFD) == 1 && fcntl(file, F_GETFL) == O_RDWR);
	CHECK(open("d/f", O_WRONLY | O_CREAT | O_EXCL, 0640) == -1 && errno == EEXIST);
	CHECK(write(file, "hello world", 11) == 11 && lseek(file, 6, 0) == 6 && read(file, text, 16) == 5 &&
	      memcmp(text, "world", 5) == 0);
	CHECK(fcntl(file, F_SETFL, O_APPEND | O_NONBLOCK) == 0 &&
	      fcntl(file, F_GETFL) == (O_RDWR | O_APPEND | O_NONBLOCK));
	CHECK(fstat(file, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 07777) == 0640 &&
	      status.st_size == 11 && status.st_nlink == 1);
	CHECK(status.st_birthtimespec.tv_sec > 1600000000 &&
	      status.st_mtimespec.tv_sec >= status.st_birthtimespec.tv_sec);
	CHECK(fcntl(file, F_GETPATH, path) == 0 && strstr(path, "/d/f"));
	close(file);
	CHECK(read(file, text, 1) == -1 && errno == EBADF);
	CHECK(symlink("f", "d/l") == 0 && readlink("d/l", text, 16) == 1 && lstat("d/l", &status) == 0 &&
	      S_ISLNK(status.st_mode));
	CHECK(open("d/f/x", O_RDONLY) == -1 && errno == ENOTDIR);
	CHECK(rmdir("d") == -1 && errno == ENOTEMPTY);
	CHECK(unlink("d") == -1 && errno == EPERM);
}

static void check_directory(void)
{
	int seen = 0;
	DIR *folder = opendir("d");
	CHECK(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		CHECK(entry->d_namlen == strlen(entry->d_name) && entry->d_ino);
		if (strcmp(entry->d_name, "f") == 0)
			seen |= entry->d_type == DT_REG ? 1 : 0;
		if (strcmp(entry->d_name, "l") == 0)
			seen |= entry->d_type == DT_LNK ? 2 : 0;
	}
	closedir(folder);
	CHECK(seen == 3);
	CHECK(!opendir("nowhere") && errno == ENOENT && strcmp(strerror(errno), "No such file or directory") == 0);
	CHECK(strcmp(strerror(EAGAIN), "Resource temporarily unavailable") == 0);
}

static void check_streams(void)
{
	char line[32];
	FILE *stream = fopen("s", "w+");
	CHECK(stream && fprintf(stream, "%d %s\n", 42, "words") == 9);
	putc_unlocked('x', stream);
	CHECK(fclose(stream) == 0);
	stream = fopen("s", "r");
	CHECK(getc_unlocked(stream) == '4' && fgets(line, 32, stream) && strcmp(line, "2 words\n") == 0 &&
	      getc_unlocked(stream) == 'x' && getc_unlocked(stream) == EOF);
	fclose(stream);
	CHECK(!fopen("nowhere/s", "r") && errno == ENOENT);
}

// A name in parts finds the file whose name is composed.
static void check_names(void)
{
	struct stat status;
	int file = open("r\xc3\xa9sum\xc3\xa9", O_WRONLY | O_CREAT, 0644);
	CHECK(file >= 0);
	close(file);
	CHECK(stat("re\xcc\x81sume\xcc\x81", &status) == 0);
	file = open("re\xcc\x81sume\xcc\x81", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	CHECK(file >= 0);
	close(file);
	CHECK(unlink("r\xc3\xa9sum\xc3\xa9") == 0 && stat("re\xcc\x81sume\xcc\x81", &status) == -1 && errno == ENOENT);
}

int main(void)
{
	check_files();
	check_directory();
	check_streams();
	check_names();
	puts("files are fine");
	return 0;
}
