// SPDX-License-Identifier: MIT
// Strings, sorting, options, patterns, regular expressions, numbers, time, memory, contexts.
#define _XOPEN_SOURCE 700
#include "check.h"

#include <errno.h>
#include <fenv.h>
#include <getopt.h>
#include <glob.h>
#include <malloc/malloc.h>
#include <math.h>
#include <regex.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

static int by_value(const void *one, const void *other)
{
	return *(const int *)one / 10 - *(const int *)other / 10;
}

static int by_argument(void *argument, const void *one, const void *other)
{
	return *(int *)argument * by_value(one, other);
}

static void check_sorting(void)
{
	int numbers[1000], turn = -1;
	for (int i = 0; i < 1000; i++)
		numbers[i] = i * 7919 % 1000;
	CHECK(heapsort(numbers, 1000, sizeof(int), by_value) == 0);
	for (int i = 0; i < 1000; i++)
		CHECK(numbers[i] / 10 == i / 10);
	qsort_r(numbers, 1000, sizeof(int), &turn, by_argument);
	CHECK(numbers[0] / 10 == 99 && numbers[999] / 10 == 0);
	for (int i = 0; i < 1000; i++)
		numbers[i] = (i * 7919 % 100) * 10 + i / 100; // tens decide, ones are in order
	CHECK(mergesort(numbers, 1000, sizeof(int), by_value) == 0);
	for (int i = 1; i < 1000; i++)
		CHECK(numbers[i - 1] < numbers[i]); // stable
	const unsigned char *words[] = {(const unsigned char *)"beta", (const unsigned char *)"alpha", (const unsigned char *)"alp"};
	CHECK(radixsort(words, 3, 0, 0) == 0 && !strcmp((const char *)words[0], "alp") && !strcmp((const char *)words[2], "beta"));
}

static void check_strings(void)
{
	char text[32] = "a,b,,c", *rest = text, mode[12];
	const char *why;
	CHECK(!strcmp(strsep(&rest, ","), "a") && !strcmp(strsep(&rest, ","), "b") && !strcmp(strsep(&rest, ","), "") && !strcmp(strsep(&rest, ","), "c") && !strsep(&rest, ","));
	CHECK(strlcpy(text, "abcdef", 4) == 6 && !strcmp(text, "abc") && strlcat(text, "xyz", 5) == 6 && !strcmp(text, "abcx") && __strlcpy_chk(text, "q", 32, 32) == 1);
	CHECK(strnstr("haystack", "st", 5) && !strnstr("haystack", "ck", 7) && memset_s(text, 4, 7, 9) == EOVERFLOW && text[3] == 7);
	CHECK(timingsafe_bcmp("same", "same", 4) == 0 && timingsafe_bcmp("same", "sane", 4));
	memset_pattern4(text, "wxyz", 7);
	CHECK(memcmp(text, "wxyzwxy", 7) == 0);
	strmode(0100755, mode);
	CHECK(!strcmp(mode, "-rwxr-xr-x "));
	strmode(0041777, mode);
	CHECK(!strcmp(mode, "drwxrwxrwt ") && (strmode(0104644, mode), !strcmp(mode, "-rwSr--r-- ")));
	CHECK(strtonum("42", 1, 100, &why) == 42 && !why && strtonum("142", 1, 100, &why) == 0 && !strcmp(why, "too large") && errno == ERANGE);
	CHECK(strtonum("4x", 1, 100, &why) == 0 && !strcmp(why, "invalid") && errno == EINVAL);
	CHECK(strtod("1e999", 0) > 1e308 && errno == ERANGE);
	for (int i = 0; i < 1000; i++)
		CHECK(arc4random_uniform(7) < 7);
}

static void check_options(void)
{
	char *words[] = {"p", "file", "-ab", "value", "--long=x", "more", "--no", "--", "-z", 0};
	int flag = 0, got;
	struct option longs[] = {{"long", 1, 0, 'l'}, {"nothing", 0, &flag, 5}, {0, 0, 0, 0}};
	opterr = 0;
	CHECK(getopt(9, words, "ab:") == -1 && optind == 1); // stops at what is no option
	optreset = optind = 1;
	CHECK(getopt_long(9, words, "ab:", longs, 0) == 'a' && getopt_long(9, words, "ab:", longs, 0) == 'b' && !strcmp(optarg, "value"));
	CHECK(getopt_long(9, words, "ab:", longs, 0) == 'l' && !strcmp(optarg, "x") && getopt_long(9, words, "ab:", longs, 0) == 0 && flag == 5);
	CHECK(getopt_long(9, words, "ab:", longs, 0) == -1 && optind == 6 && !strcmp(words[6], "file") && !strcmp(words[7], "more") && !strcmp(words[8], "-z"));
	char *bad[] = {"p", "-x", "-b", 0};
	optreset = optind = 1;
	CHECK((got = getopt(3, bad, "ab:")) == '?' && optopt == 'x' && getopt(3, bad, ":b:") == ':' && optopt == 'b');
	char list[] = "ro,size=5,other", *at = list, *value, *const names[] = {"ro", "size", 0};
	CHECK(getsubopt(&at, names, &value) == 0 && getsubopt(&at, names, &value) == 1 && !strcmp(value, "5") && getsubopt(&at, names, &value) == -1);
}

static void check_patterns(void)
{
	regex_t regex;
	regmatch_t found[3];
	char text[64];
	CHECK(fnmatch("*.c", "a.c", 0) == 0 && fnmatch("*", "a/b", FNM_PATHNAME) == FNM_NOMATCH && fnmatch("\\*", "*", 0) == 0 && fnmatch("\\*", "\\x", FNM_NOESCAPE) == 0 && fnmatch("A*", "abc", FNM_CASEFOLD) == 0);
	CHECK(regcomp(&regex, "(b+)(c?)$", REG_EXTENDED | REG_ICASE) == 0 && regex.re_nsub == 2);
	CHECK(regexec(&regex, "aaBB", 3, found, 0) == 0 && found[0].rm_so == 2 && found[0].rm_eo == 4 && found[1].rm_eo == 4 && found[2].rm_so == 4);
	CHECK(regexec(&regex, "xyz", 0, 0, 0) == REG_NOMATCH);
	found[0].rm_so = 1, found[0].rm_eo = 3;
	CHECK(regexec(&regex, "abbz", 3, found, REG_STARTEND) == 0 && found[0].rm_so == 1 && found[0].rm_eo == 3);
	regfree(&regex);
	CHECK(regcomp(&regex, "[a", REG_EXTENDED) == REG_EBRACK && regerror(REG_EBRACK, &regex, text, 64) == 28 && !strcmp(text, "brackets ([ ]) not balanced"));
	CHECK(regcomp(&regex, "a.c", REG_NOSPEC | REG_NOSUB) == 0 && regexec(&regex, "abc", 0, 0, 0) == REG_NOMATCH && regexec(&regex, "xa.c", 0, 0, 0) == 0);
	regfree(&regex);
}

static void check_numbers(void)
{
	fenv_t before;
	int exponent, overflow = 0;
	volatile double more = 1.1;
	CHECK(__fpclassifyd(0.0) == 3 && __fpclassifyd(1.0) == 4 && __fpclassifyd(0x1p-1074) == 5 && __fpclassifyd(__builtin_inf()) == 2 && __fpclassifyd(__builtin_nan("")) == 1);
	CHECK(__sinpi(1.0) == 0 && __sinpi(0.5) == 1 && __cospi(0.5) == 0 && __cospi(1.0) == -1 && __sinpi(1e15 + 0.5) == 1 && __cospi(-3.0) == -1 && __exp10(3.0) == 1000);
	CHECK(__sinpi(1.0 / 6) > 0.49999999999999 && __sinpi(1.0 / 6) < 0.50000000000001 && __sinpi(-0.5) == -1);
	CHECK(fetestexcept(FE_DIVBYZERO) == 0 && feraiseexcept(FE_DIVBYZERO) == 0 && fetestexcept(FE_DIVBYZERO));
	CHECK(feholdexcept(&before) == 0 && fetestexcept(FE_DIVBYZERO) == 0 && (before.__mxcsr & FE_DIVBYZERO) && feraiseexcept(FE_INVALID) == 0);
	CHECK(feupdateenv(&before) == 0 && fetestexcept(FE_DIVBYZERO | FE_INVALID) == (FE_DIVBYZERO | FE_INVALID));
	CHECK(fesetround(FE_UPWARD) == 0 && lrint(more) == 2 && fesetenv(&_FE_DFL_ENV) == 0 && fegetround() == FE_TONEAREST && lrint(more) == 1 && fetestexcept(FE_INVALID) == 0);
	CHECK(frexp(8.0, &exponent) == 0.5 && exponent == 4 && ldexp(0.5, 4) == 8);
	CHECK(cbrt(27.0) == 3);
	CHECK(sqrtl(2.25L) == 1.5L && fmaxf(1, 2) == 2);
	volatile __int128 big = (__int128)1 << 100, seven = 7;
	CHECK(big / seven * seven + big % seven == big && (unsigned __int128)big / 10 > 0);
	CHECK(!__builtin_mul_overflow(big, (__int128)(1 << 20), &(__int128){0}) && __builtin_mul_overflow(big, big, &(__int128){0}));
	CHECK((double)big == 0x1p100 && (__int128)(double)big == big);
	(void)overflow;
}

static void check_time(void)
{
	struct tm parts = {0}, back;
	char text[64];
	time_t when = 1234567890;
	CHECK(gmtime_r(&when, &parts) && parts.tm_year == 109 && parts.tm_mon == 1 && parts.tm_mday == 13 && parts.tm_hour == 23 && timegm(&parts) == when);
	CHECK(strftime(text, 64, "%Y-%m-%d %H:%M:%S %a %b %j %%", &parts) == 33 && !strcmp(text, "2009-02-13 23:31:30 Fri Feb 044 %"));
	CHECK(!strcmp(asctime_r(&parts, text), "Fri Feb 13 23:31:30 2009\n"));
	memset(&back, 0, sizeof(back));
	CHECK(*strptime("2009-02-13 23:31:30!", "%Y-%m-%d %T", &back) == '!' && timegm(&back) == when);
	setenv("TZ", "EST5EDT", 1);
	tzset();
	CHECK(timezone == 18000 && !strcmp(tzname[1], "EDT") && localtime_r(&when, &parts) && parts.tm_hour == 18 && parts.tm_gmtoff == -18000 && !strcmp(parts.tm_zone, "EST") && mktime(&parts) == when);
}

static void check_memory(void)
{
	malloc_zone_t *zone = malloc_create_zone(0, 0);
	char *block = malloc_zone_malloc(zone, 100);
	CHECK(block && malloc_size(block) >= 100 && malloc_size(0) == 0 && malloc_good_size(100) >= 100 && malloc_default_zone());
	malloc_set_zone_name(zone, "mine");
	CHECK(!strcmp(malloc_get_zone_name(zone), "mine"));
	malloc_zone_free(zone, block);
	malloc_destroy_zone(zone);
	void *(*volatile allocate)(size_t, size_t) = aligned_alloc; // else the compiler answers itself
	block = aligned_alloc(64, 128);
	CHECK(block && ((unsigned long)block & 63) == 0 && !allocate(48, 96) && errno == EINVAL && !allocate(64, 100) && errno == EINVAL);
	free(block);
	block = valloc(10);
	CHECK(((unsigned long)block & 4095) == 0);
	free(block);
}

static ucontext_t main_context, other_context;
static int steps;

static void other(int a, int b)
{
	CHECK(a == 3 && b == 4);
	for (steps = 1; steps < 5; steps++)
		swapcontext(&other_context, &main_context);
	steps = 100;
}

static void check_contexts(void)
{
	static char stack[65536];
	volatile int turns = 0;
	CHECK(getcontext(&other_context) == 0);
	other_context.uc_stack.ss_sp = stack;
	other_context.uc_stack.ss_size = sizeof(stack);
	other_context.uc_link = &main_context;
	makecontext(&other_context, other, 2, 3, 4);
	for (; steps < 100; turns++)
		CHECK(swapcontext(&main_context, &other_context) == 0);
	CHECK(turns == 5);
	turns = 0;
	CHECK(getcontext(&main_context) == 0);
	if (turns++ < 3)
		setcontext(&main_context);
	CHECK(turns == 4);
}

int main(void)
{
	check_strings();
	check_sorting();
	check_options();
	check_patterns();
	check_numbers();
	check_time();
	check_memory();
	check_contexts();
	puts("texts are fine");
	return 0;
}
