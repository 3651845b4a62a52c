// SPDX-License-Identifier: MIT
// Debian's libc++, for what is here instead of parts of it; see cxx.h.
#include "cxx.h"

#include "../libsystem/report.h"

#include <dlfcn.h>
#include <stdlib.h>

void *cxx_symbol(const char *name)
{
	static void *_Atomic library;
	if (!library) {
		dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL); // whose unwinder libc++ is to find (loader/system.c)
		library = dlopen("libc++.so.1", RTLD_NOW | RTLD_LOCAL); // and libc++abi, which it needs
	}
	void *address = library ? dlsym(library, name) : NULL;
	if (!address)
		report_fatal("c++: libc++.so.1 with %s is needed", name);
	return address;
}

void cxx_throw_system_error(int error, const char *what)
{
	((void (*)(int, const char *))cxx_symbol("_ZNSt3__120__throw_system_errorEiPKc"))(error, what);
	abort();
}
