// SPDX-License-Identifier: MIT
// printf, scanf, streams of all kinds. With "random SEED", lines for a comparison elsewhere: conversion, bits of the value, what was printed.
#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static char text[4096];
#define PRINTS(wanted, ...) CHECK(snprintf(text, sizeof(text), __VA_ARGS__) == (int)strlen(wanted) && strcmp(text, wanted) == 0)
#pragma clang diagnostic ignored "-Wformat"

static void check_printf(void)
{
	PRINTS("0x0 0x10", "%p %p", (void *)0, (void *)16);
	PRINTS("-1 4294967295 7 ff", "%D %u %O %qx", -1L, -1, 7L, 255LL);
	PRINTS("(null)|(nu", "%s|%.3s", (char *)0, (char *)0);
	PRINTS("nan inf -INF", "%f %g %E", -__builtin_nan(""), __builtin_inf(), -__builtin_inf());
	PRINTS("b-a-   3", "%2$s-%1$s-%3$*4$d", "a", "b", 3, 4);
	PRINTS("0x1.8p+1 0x1p-1074 1.500000", "%a %a %Lf", 3.0, 0x1p-1074, 1.5L);
	PRINTS("000ab", "%05s", "ab");
	CHECK(snprintf(text, 4, "abcdef") == 6 && strcmp(text, "abc") == 0 && snprintf(0, 0, "%d", 12345) == 5);
	CHECK(snprintf(text, 16, "%lc", 0x20ac) == -1 && errno == EILSEQ); // the C locale has no such character
	CHECK(__snprintf_chk(text, 16, 0, 16, "%d", 5) == 1);
	char *block;
	CHECK(asprintf(&block, "%0300d", 1) == 300 && strlen(block) == 300 && block[299] == '1');
	free(block);
	CHECK(dprintf(9999, "x") == -1 && errno == EBADF);
}

static void check_scanf(void)
{
	int a = 0, b = 0, used = 0;
	char word[16];
	double real = 0;
	long long big = 0;
	signed char tiny = 0;
	CHECK(sscanf("12 0x1f word 2.5e3 rest", "%d %i %15s %lf%n", &a, &b, word, &real, &used) == 4);
	CHECK(a == 12 && b == 31 && strcmp(word, "word") == 0 && real == 2500 && used == 18);
	CHECK(sscanf("-9223372036854775808 300", "%qd %hhd", &big, &tiny) == 2 && big == -0x7fffffffffffffffll - 1 && tiny == 44);
	CHECK(sscanf("abc:12", "%[a-c]:%*d%n", word, &used) == 1 && strcmp(word, "abc") == 0 && used == 6);
	CHECK(sscanf("", "%d", &a) == -1 && sscanf("x", "%d", &a) == 0);
	CHECK(sscanf("1.5abc", "%a%s", &real, word) == 2 && strcmp(word, "abc") == 0); // %a is a float: C99
}

static int read_some(void *cookie, char *to, int size)
{
	int *left = cookie, now = *left < size ? *left : size;
	memset(to, 'r', (size_t)now);
	*left -= now;
	return now;
}

static int write_some(void *cookie, const char *from, int size)
{
	strncmp(from, "fail", 4) ? 0 : (errno = ENOSPC);
	if (strncmp(from, "fail", 4) == 0)
		return -1;
	*(int *)cookie += size;
	return size;
}

static void check_streams(void)
{
	char *block, *line = 0, small[8], byte;
	size_t size, room = 0;
	int left = 5, written = 0;
	off_t at;
	FILE *memory = open_memstream(&block, &size);
	CHECK(memory && fprintf(memory, "%s %d", "text", 7) == 6 && fflush(memory) == 0 && size == 6 && strcmp(block, "text 7") == 0);
	CHECK(fclose(memory) == 0);
	free(block);
	CHECK((memory = fmemopen("one\ntwo\nlast", 12, "r")) && getline(&line, &room, memory) == 4 && strcmp(line, "one\n") == 0);
	char *piece = fgetln(memory, &size);
	CHECK(piece && size == 4 && memcmp(piece, "two\n", 4) == 0);
	CHECK(fgetc(memory) == 'l' && ungetc('L', memory) == 'L' && getdelim(&line, &room, 's', memory) == 3 && strcmp(line, "Las") == 0);
	CHECK(!feof(memory) && fgetc(memory) == 't' && fgetc(memory) == EOF && feof(memory) && feof_unlocked(memory) && !ferror_unlocked(memory));
	rewind(memory);
	CHECK(!feof_unlocked(memory) && fgetpos(memory, &at) == 0 && at == 0 && fseeko(memory, 4, 0) == 0 && fgetc(memory) == 't');
	CHECK(fsetpos(memory, &at) == 0 && getc_unlocked(memory) == 'o' && fclose(memory) == 0);
	FILE *made = funopen(&left, read_some, 0, 0, 0);
	CHECK(made && fread(small, 1, 8, made) == 5 && small[4] == 'r' && feof(made) && fclose(made) == 0);
	CHECK((made = funopen(&written, 0, write_some, 0, 0)) && fputs("12345", made) >= 0 && fclose(made) == 0 && written == 5);
	FILE *file = fopen("f", "w+");
	CHECK(file && fputs("hello\n", file) >= 0 && freopen("f", "r", file) == file && fgets(small, 8, file) && strcmp(small, "hello\n") == 0);
	CHECK(fputc('x', file) == EOF && ferror(file) && ferror_unlocked(file) && errno == EBADF && fclose(file) == 0);
	CHECK(!fopen("no/such", "r") && errno == ENOENT && !fopen("f", "nonsense") && errno == EINVAL);
	FILE *program = popen("echo from a program; exit 3", "r");
	CHECK(program && getline(&line, &room, program) == 15 && pclose(program) == 3 << 8);
	CHECK(system("exit 4") == 4 << 8 && (file = tmpfile()) && fwrite("x", 1, 1, file) == 1 && fclose(file) == 0);
	(void)byte;
}

static void print_random(unsigned long long seed)
{
	static const char *const conversions[] = {"%.17g", "%e", "%.0f", "%g", "%+.3e", "%#.5g", "%a", "%lld", "%llx", "%llo", "%+lld", "%20.10lld", "%-22llu|"};
	for (int i = 0; i < 6000; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		unsigned long long bits = seed ^ seed >> 29;
		const char *conversion = conversions[i % 13];
		double value;
		memcpy(&value, &bits, 8);
		if (i % 3 == 0)
			value = (double)(long long)bits / (1 << (i % 31));
		memcpy(&bits, &value, 8);
		if ((bits >> 52 & 0x7ff) == 0x7ff)
			continue;
		printf("%s\t%016llx\t", conversion, bits);
		i % 13 < 7 ? printf(conversion, value) : printf(conversion, bits);
		putc_unlocked('\n', stdout);
	}
}

// Commands whose program is a Mach-O file: this one.
static void check_commands(const char *path)
{
	char command[4200], *line = 0;
	size_t room = 0;
	snprintf(command, sizeof(command), "\"%s\" say 'two words' 2>&1 </dev/null", path);
	FILE *program = popen(command, "r");
	CHECK(program && getline(&line, &room, program) == 10 && strcmp(line, "two words\n") == 0 && pclose(program) == 5 << 8);
	snprintf(command, sizeof(command), "%s say out > said", path);
	CHECK(system(command) == 5 << 8 && (program = fopen("said", "r")) && getline(&line, &room, program) == 4 && fclose(program) == 0);
	snprintf(command, sizeof(command), "%s copy >> said", path);
	CHECK((program = popen(command, "w")) && fputs("in", program) >= 0 && pclose(program) == 0);
	CHECK((program = fopen("said", "r")) && getdelim(&line, &room, 0, program) == 6 && strcmp(line, "out\nin") == 0 && fclose(program) == 0);
	CHECK(!popen("true", "x") && errno == EINVAL);
}

int main(int count, char **words)
{
	if (count == 3 && strcmp(words[1], "say") == 0) {
		puts(words[2]);
		return 5;
	}
	if (count == 2 && strcmp(words[1], "copy") == 0) {
		for (int byte; (byte = fgetc(stdin)) != EOF;)
			fputc(byte, stdout);
		return 0;
	}
	if (count == 3 && strcmp(words[1], "random") == 0) {
		print_random((unsigned long long)strtol(words[2], 0, 10));
		return 0;
	}
	check_printf();
	check_scanf();
	check_streams();
	check_commands(words[0]);
	printf("%s are fine\n", "formats");
	return 0;
}
