// SPDX-License-Identifier: MIT
// A small library or bundle of loading.c: PART is its letter. It says when it is started, and knows a few things by that letter.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT2(text) #text
#define TEXT(text) TEXT2(text)
#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)

static __thread int visits = 10;

__attribute__((constructor)) static void begin(void)
{
	if (getenv("SHOW_STARTS"))
		puts("begin " TEXT(PART));
}

// One definition for all images.
__attribute__((weak)) int shared_number = 1;
__attribute__((weak)) int *shared_place(void)
{
	return &shared_number;
}

int *JOIN(place_, PART)(void)
{
	return shared_place();
}

int JOIN(visit_, PART)(void)
{
	return ++visits;
}

const char *letter(void) // in each of them
{
	return TEXT(PART);
}

void *JOIN(next_letter_, PART)(void)
{
	return dlsym(RTLD_NEXT, "letter");
}

void *JOIN(self_letter_, PART)(void)
{
	return dlsym(RTLD_SELF, "letter");
}

void *JOIN(open_beside_, PART)(const char *name)
{
	return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}
