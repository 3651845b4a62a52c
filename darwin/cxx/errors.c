// SPDX-License-Identifier: MIT
// libc++'s generic_category and system_category with Darwin's numbers of errors. Facts: libc++'s <system_error>; [syserr.errcat.objects].
//
// Only programs get these. What Debian's libc++ itself makes (std::filesystem) keeps Linux' numbers in Debian's categories, whose texts are
// right; compared with a condition of the program's it is translated.
#include "cxx.h"

#include "../libsystem/errno.h"

#include <stdlib.h>
#include <string.h>

enum { LAST = 106 }; // ELAST

struct category {
	const void *const *functions;
};
struct numbered { // error_code, error_condition
	int value;
	const struct category *category;
};

char *darwin_strerror(int number);

static void end(struct category *category)
{
	(void)category; // they stay
}

static const char *generic_name(const struct category *category)
{
	(void)category;
	return "generic";
}

static const char *system_name(const struct category *category)
{
	(void)category;
	return "system";
}

static struct numbered condition_of(const struct category *category, int error);
static bool is_condition(const struct category *category, int error, const struct numbered *condition)
{
	struct numbered own = condition_of(category, error);
	return own.category == condition->category && own.value == condition->value;
}

static bool is_code(const struct category *category, const struct numbered *code, int condition);

// A std::string, into memory that the caller has.
static void *message(void *string, const struct category *category, int error)
{
	const char *text = darwin_strerror(error);
	(void)category;
	memset(string, 0, 24);
	((void (*)(void *, const char *, size_t))cxx_symbol(
		"_ZNSt3__112basic_stringIcNS_11char_traitsIcEENS_9allocatorIcEEE6__initEPKcm"))(string, text, strlen(text));
	return string;
}

struct table {
	ptrdiff_t top;
	const void *type;
	const void *functions[7];
};
#define TABLE(name)                                                                                                    \
	{.functions = {(const void *)end, (const void *)end, (const void *)name, (const void *)condition_of, (const void *)is_condition, \
		       (const void *)is_code, (const void *)message}}
static struct table generic_table = TABLE(generic_name), system_table = TABLE(system_name);
static const struct category generic = {generic_table.functions}, system_errors = {system_table.functions};

static struct numbered condition_of(const struct category *category, int error)
{
	return (struct numbered){error, category == &system_errors && error > LAST ? &system_errors : &generic};
}

static const struct category *debians(const char *function)
{
	return ((const struct category *(*)(void))cxx_symbol(function))();
}

#define GENERIC "_ZNSt3__116generic_categoryEv"
#define SYSTEM "_ZNSt3__115system_categoryEv"
static bool is_code(const struct category *category, const struct numbered *code, int condition)
{
	if (category == code->category || (category == &generic && code->category == &system_errors))
		return code->value == condition;
	bool from_linux = code->category == debians(GENERIC) || code->category == debians(SYSTEM);
	return category == &generic && from_linux && errno_to_darwin(code->value) == condition;
}

const void *darwin_cxx_generic_category(void)
{
	return &generic;
}

const void *darwin_cxx_system_category(void)
{
	return &system_errors;
}

void cxx_errors_loaded(void)
{
	generic_table.type = debians(GENERIC)->functions[-1];
	system_table.type = debians(SYSTEM)->functions[-1];
}

void cxx_throw_system_error(int number, const char *what)
{
	void *error = ((void *(*)(size_t))cxx_symbol("__cxa_allocate_exception"))(32); // runtime_error's 16 bytes and the code's
	((void (*)(void *, struct numbered, const char *))cxx_symbol("_ZNSt3__112system_errorC1ENS_10error_codeEPKc"))(
		error, (struct numbered){number, &system_errors}, what);
	((void (*)(void *, void *, void *))cxx_symbol("__cxa_throw"))(error, cxx_symbol("_ZTINSt3__112system_errorE"),
								      cxx_symbol("_ZNSt3__112system_errorD1Ev"));
	abort();
}
