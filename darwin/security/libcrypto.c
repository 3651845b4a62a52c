// SPDX-License-Identifier: MIT
// Debian's libcrypto; see libcrypto.h.
#include "libcrypto.h"

#include "../libsystem/report.h"

#include <dlfcn.h>

bool libcrypto_find(void **functions, const char *const *names, size_t count)
{
	void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL); // the second time it only counts
	bool fine = library;
	for (size_t i = 0; fine && i < count; i++)
		fine = (functions[i] = dlsym(library, names[i])) != NULL;
	if (!fine)
		report_once("libcrypto cannot be used: %s (Debian's package libssl3)", dlerror());
	return fine;
}
