// SPDX-License-Identifier: MIT
// Functions that take a block where their kin take a function: sorting, searching, folders, glob, fts, the end of the program. Facts: the
// manual's pages of each (qsort_b(3), scandir_b(3), glob_b(3), fts_open_b(3), atexit_b(3)); Clang's "Block Implementation Specification".
//
// A block that is called before the function returns is not copied; one that is kept is.
#include "errno.h"

#include "../dispatch/block.h"

#include <stdlib.h>

struct comparing_block {
	void *class;
	int32_t flags, reserved;
	int (*invoke)(void *block, const void *one, const void *other);
};

static int compare_by_block(const void *one, const void *other, void *block)
{
	return ((struct comparing_block *)block)->invoke(block, one, other);
}

void darwin_qsort_b(void *base, size_t count, size_t size, struct comparing_block *compare)
{
	qsort_r(base, count, size, compare_by_block, compare);
}

// heapsort and mergesort take functions without an argument of their own: the block of the sort that the thread is at.
int darwin_heapsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
int darwin_mergesort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
static __thread struct comparing_block *current;

static int compare_current(const void *one, const void *other)
{
	return current->invoke(current, one, other);
}

static int sort_with(int (*sort)(void *, size_t, size_t, int (*)(const void *, const void *)), void *base, size_t count, size_t size,
		     struct comparing_block *compare)
{
	struct comparing_block *outer = current; // a block may sort, too
	current = compare;
	int result = sort(base, count, size, compare_current);
	current = outer;
	return result;
}

int darwin_heapsort_b(void *base, size_t count, size_t size, struct comparing_block *compare)
{
	return sort_with(darwin_heapsort, base, count, size, compare);
}

int darwin_mergesort_b(void *base, size_t count, size_t size, struct comparing_block *compare)
{
	return sort_with(darwin_mergesort, base, count, size, compare);
}

void *darwin_bsearch_b(const void *key, const void *base, size_t count, size_t size, struct comparing_block *compare)
{
	for (const char *at = base; count > 0; count /= 2) {
		const char *middle = at + count / 2 * size;
		int order = compare->invoke(compare, key, middle);
		if (order == 0)
			return (void *)(uintptr_t)middle;
		if (order > 0) {
			at = middle + size;
			count--;
		}
	}
	return NULL;
}

// ---- folders --------------------------------------------------------------------------------------------------------

struct darwin_dirent;
struct selecting_block {
	void *class;
	int32_t flags, reserved;
	int (*invoke)(void *block, const struct darwin_dirent *entry);
};
int darwin_scandir(const char *path, struct darwin_dirent ***list, int (*select)(const struct darwin_dirent *),
		   int (*compare)(const struct darwin_dirent **, const struct darwin_dirent **));
static __thread struct selecting_block *selecting;

static int select_current(const struct darwin_dirent *entry)
{
	return selecting->invoke(selecting, entry);
}

static int compare_entries(const struct darwin_dirent **one, const struct darwin_dirent **other)
{
	return compare_current(one, other);
}

int darwin_scandir_b(const char *path, struct darwin_dirent ***list, struct selecting_block *select, struct comparing_block *compare)
{
	struct selecting_block *outer_select = selecting;
	struct comparing_block *outer = current;
	selecting = select;
	current = compare;
	int result = darwin_scandir(path, list, select ? select_current : NULL, compare ? compare_entries : NULL);
	selecting = outer_select;
	current = outer;
	return result;
}

struct failing_block {
	void *class;
	int32_t flags, reserved;
	int (*invoke)(void *block, const char *path, int error);
};
struct darwin_glob;
int darwin_glob(const char *pattern, int flags, int (*failed)(const char *, int), struct darwin_glob *to);
static __thread struct failing_block *failing;

static int fail_current(const char *path, int error)
{
	return failing->invoke(failing, path, error);
}

int darwin_glob_b(const char *pattern, int flags, struct failing_block *failed, struct darwin_glob *to)
{
	struct failing_block *outer = failing;
	failing = failed;
	int result = darwin_glob(pattern, flags, failed ? fail_current : NULL, to);
	failing = outer;
	return result;
}

// ---- kept -----------------------------------------------------------------------------------------------------------

int __cxa_atexit(void (*function)(void *), void *argument, void *image);

int darwin_atexit_b(struct block *block)
{
	void *copy = block_copy(block);
	return copy ? __cxa_atexit(block_call_release, copy, NULL) : -1;
}

struct exiting_block {
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, int status);
};
void darwin_err_set_exit(void (*function)(int));
static struct exiting_block *exiting; // as err_set_exit's function: of the program, which sets it when it begins

static void exit_current(int status)
{
	exiting->invoke(exiting, status);
}

void darwin_err_set_exit_b(struct exiting_block *block)
{
	exiting = block_copy(block);
	darwin_err_set_exit(exiting ? exit_current : NULL);
}
