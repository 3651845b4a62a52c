// SPDX-License-Identifier: MIT
// Texts: vis, parts of paths, modes and flags by name, functions that take blocks, wide streams.
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <libgen.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vis.h>
#include <wchar.h>

static void check_vis(void)
{
	char text[64], *made;
	int state = 0, result;
	CHECK(strvis(text, "a\001\n\\", VIS_WHITE | VIS_CSTYLE) == 8 && !strcmp(text, "a\\^A\\n\\\\") && strunvis(text, "a\\^A\\n\\\\") == 4 && !strcmp(text, "a\001\n\\"));
	CHECK(strvis(text, "\303\251", 0) == 2 && !strcmp(text, "\303\251")); // seen in UTF-8
	CHECK(strnvis(text, 4, "\001\001", 0) == -1 && errno == ENOSPC && strvisx(text, "\0a", 2, VIS_OCTAL) == 5 && !strcmp(text, "\\000a"));
	CHECK(strsvis(text, "a/b", VIS_OCTAL, "/") == 6 && !strcmp(text, "a\\057b") && stravis(&made, "\t", VIS_TAB) == 4 && !strcmp(made, "\\011"));
	free(made);
	CHECK(vis(text, 0377, 0, 0) == text + 4 && !strcmp(text, "\\M^?") && strunvisx(text, "%41b", VIS_HTTPSTYLE) == 2 && !strcmp(text, "Ab"));
	CHECK(unvis(text, '\\', &state, 0) == UNVIS_NOCHAR && unvis(text, '1', &state, 0) == UNVIS_NOCHAR && unvis(text, 'x', &state, 0) == UNVIS_VALIDPUSH && text[0] == 1);
	CHECK(unvis(text, 'x', &state, 0) == UNVIS_VALID && text[0] == 'x' && strunvis(text, "\\") == -1 && errno == EINVAL && (result = strnunvis(text, 2, "abc")) == -1 && errno == ENOSPC);
}

static void check_paths(void)
{
	static const char *const parts[][3] = {{"/usr/lib", "lib", "/usr"}, {"/usr/", "usr", "/"}, {"usr", "usr", "."}, {"/", "/", "/"}, {"//", "/", "/"}, {"a//b//", "b", "a"}, {"", ".", "."}};
	char text[1025], longer[1200];
	struct stat status;
	for (size_t i = 0; i < 7; i++) {
		CHECK(!strcmp(basename_r(parts[i][0], text), parts[i][1]) && !strcmp(dirname_r(parts[i][0], text), parts[i][2]));
		CHECK(!strcmp(basename((char *)parts[i][0]), parts[i][1]) && !strcmp(dirname((char *)parts[i][0]), parts[i][2]));
	}
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	CHECK(!basename(longer) && errno == ENAMETOOLONG && !strcmp(dirname(0), "."));
	CHECK(mkpath_np("p/q//r/", 0755) == 0 && stat("p/q/r", &status) == 0 && S_ISDIR(status.st_mode) && mkpath_np("p/q", 0755) == EEXIST && mkpath_np("p/q/s", 0700) == 0);
}

static mode_t changed(const char *how, mode_t mode)
{
	void *list = setmode(how);
	CHECK(list);
	mode = getmode(list, mode);
	free(list);
	return mode;
}

static void check_modes(void)
{
	unsigned set, clear;
	char words[] = "uchg,nodump,nohidden", wrong[] = "hidden,what", *at = words;
	CHECK(changed("0640", 0777) == 0640 && changed("u+x,go=r", 0600) == 0744 && changed("a-w", 0666) == 0444 && changed("go=u", 0700) == 0777 && changed("+X", 0644) == 0644);
	CHECK(changed("a+X", 0644 | 0040000) == (0755 | 0040000) && changed("u+s,+t", 0755) == 05755 && changed("g=", 0777) == 0707 && changed("u=rwx,g=u-w", 0) == 0750);
	CHECK(!setmode("u~x") && errno == EINVAL && !setmode("99"));
	CHECK(strtofflags(&at, &set, &clear) == 0 && set == 3 && clear == 0x8000 && (at = wrong, strtofflags(&at, &set, &clear)) == 1 && !strcmp(at, "what"));
	at = fflagstostr(0x8002);
	CHECK(!strcmp(at, "uchg,hidden"));
	free(at);
}

static void check_blocks(void)
{
	int numbers[] = {5, 3, 9, 1, 7}, key = 7;
	__block int compared = 0;
	qsort_b(numbers, 5, sizeof(int), ^(const void *one, const void *other) { return compared++, *(const int *)one - *(const int *)other; });
	CHECK(compared > 3 && numbers[0] == 1 && numbers[2] == 5 && numbers[4] == 9);
	CHECK(bsearch_b(&key, numbers, 5, sizeof(int), ^(const void *one, const void *other) { return *(const int *)one - *(const int *)other; }) == &numbers[3]);
	key = 4;
	CHECK(!bsearch_b(&key, numbers, 5, sizeof(int), ^(const void *one, const void *other) { return *(const int *)one - *(const int *)other; }));
	CHECK(mergesort_b(numbers, 5, sizeof(int), ^(const void *one, const void *other) { return *(const int *)other - *(const int *)one; }) == 0 && numbers[0] == 9);
	struct dirent **list;
	int count = scandir_b("p/q", &list, ^(const struct dirent *entry) { return entry->d_name[0] != '.'; },
			      ^(const struct dirent **one, const struct dirent **other) { return -strcmp((*one)->d_name, (*other)->d_name); });
	CHECK(count == 2 && !strcmp(list[0]->d_name, "s") && !strcmp(list[1]->d_name, "r"));
	static char *roots[] = {"p/q", 0};
	char seen[8] = "";
	FTS *walk = fts_open_b(roots, FTS_PHYSICAL, ^(const FTSENT **one, const FTSENT **other) { return -strcmp((*one)->fts_name, (*other)->fts_name); });
	for (FTSENT *entry; (entry = fts_read(walk));)
		if (entry->fts_info == FTS_D)
			strlcat(seen, entry->fts_name, sizeof(seen));
	CHECK(fts_close(walk) == 0 && !strcmp(seen, "p/qsr"));
	__block int failed = 0;
	glob_t found;
	CHECK(glob_b("p/*/s", 0, ^(const char *path, int error) { return failed++, error; }, &found) == 0 && found.gl_pathc == 1 && !strcmp(found.gl_pathv[0], "p/q/s") && !failed);
	CHECK(atexit_b(^{ puts("words end"); }) == 0);
}

static void check_wide(void)
{
	wchar_t word[16] = L"";
	int number = 0;
	size_t length;
	FILE *file = fopen("wide", "w+");
	CHECK(file && fputs("caf\303\251 12\nsecond\n", file) >= 0);
	rewind(file);
	CHECK(fwscanf(file, L"%ls %d", word, &number) == 2 && word[3] == 0xe9 && number == 12);
	wchar_t *line = fgetwln(file, &length);
	CHECK(length == 1 && line[0] == '\n' && (line = fgetwln(file, &length)) && length == 7 && line[0] == 's' && !fgetwln(file, &length));
	fclose(file);
	CHECK(nextwctype('0', 0x400) == '1' && nextwctype('G', 0x10000) == 'a'); // of digits, of hexadecimal digits
}

int main(void)
{
	CHECK(setlocale(LC_ALL, "en_US.UTF-8"));
	check_vis();
	check_paths();
	check_modes();
	check_blocks();
	check_wide();
	puts("words are fine");
	return 0;
}
