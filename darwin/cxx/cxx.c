// SPDX-License-Identifier: MIT
// Debian's libc++, for what is here instead of parts of it; see cxx.h.
#include "cxx.h"

#include "../libsystem/report.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>

extern void *darwin_stderrp;
int darwin_vfprintf(void *file, const char *format, va_list arguments);

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

void cxx_loaded(void)
{
	cxx_string_buffer_loaded();
	cxx_file_streams_loaded();
	cxx_future_loaded();
	cxx_errors_loaded();
}

// What libc++'s checks end a program with (from its version 15 on, which Debian's is not).
_Noreturn void darwin_cxx_verbose_abort(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	darwin_vfprintf(darwin_stderrp, format, arguments);
	va_end(arguments);
	abort();
}
