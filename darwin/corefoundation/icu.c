// SPDX-License-Identifier: MIT
// Debian's ICU; see icu.h.
#include "icu.h"

#include "cfstring.h"

#include "../libsystem/report.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { NEWEST = 90, OLDEST = 60 }; // versions that are looked for

static const char *const names[] = {
#define ICU_NAME(name, ...) #name,
	ICU_FUNCTIONS(ICU_NAME)
#undef ICU_NAME
};
#define NAME_COUNT (sizeof(names) / sizeof(*names))

// libicui18n needs libicuuc, so that its symbols are found in both.
static bool load(struct icu *icu, int version)
{
	char file[32], symbol[64];
	void **functions = (void **)icu;
	snprintf(file, sizeof(file), "libicui18n.so.%d", version);
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; library && i < NAME_COUNT; i++) {
		snprintf(symbol, sizeof(symbol), "%s_%d", names[i], version);
		if (!(functions[i] = dlsym(library, symbol)))
			return false;
	}
	return library;
}

const struct icu *icu_find(void)
{
	enum { UNKNOWN, LOADED, ABSENT };
	static _Atomic int state;
	static struct icu *_Atomic icu;
	if (state != UNKNOWN)
		return icu;
	struct icu *made = calloc(1, sizeof(*made)), *none = NULL;
	int version = made ? NEWEST : 0;
	_Static_assert(sizeof(*made) == NAME_COUNT * sizeof(void *), "a pointer for each name");
	while (version >= OLDEST && !load(made, version))
		version--;
	bool fine = version >= OLDEST;
	if (!fine || !atomic_compare_exchange_strong(&icu, &none, made)) // another thread was faster
		free(made);
	if (!fine)
		report_once("formats, calendars and orders of languages are not there: no libicui18n (Debian's package libicu72)");
	state = fine ? LOADED : ABSENT;
	return icu;
}

uint16_t *string_units(const void *string, int32_t *count)
{
	size_t length = string_length(string);
	uint16_t *units = malloc((length + 1) * sizeof(*units));
	if (!units || length > INT32_MAX)
		abort();
	for (size_t i = 0; i < length; i++)
		units[i] = string_unit(string, i);
	units[length] = 0;
	*count = (int32_t)length;
	return units;
}
