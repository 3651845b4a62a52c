// SPDX-License-Identifier: MIT
// What the files about streams share; see streams.h.
#include "streams.h"

#include "cxx.h"

#include <dlfcn.h>
#include <wchar.h>

void cxx_ios_set(struct cxx_ios *ios, uint32_t state)
{
	static void (*_Atomic clear)(void *, uint32_t);
	if (!clear)
		clear = (void (*)(void *, uint32_t))cxx_symbol("_ZNSt3__18ios_base5clearEj");
	clear(ios, state);
}

const void *cxx_facet(void *const *locale, bool wide)
{
	static const void *(*_Atomic use)(void *const *, void *);
	static void *_Atomic ids[2];
	if (!ids[wide])
		ids[wide] = cxx_symbol(wide ? "_ZNSt3__15ctypeIwE2idE" : "_ZNSt3__15ctypeIcE2idE");
	if (!use)
		use = (const void *(*)(void *const *, void *))cxx_symbol("_ZNKSt3__16locale9use_facetERNS0_2idE");
	return use(locale, ids[wide]);
}

static int32_t buffer_call(struct cxx_buffer *buffer, bool take)
{
	return ((int32_t (*)(struct cxx_buffer *))buffer->functions[take ? BUFFER_UPDATE : BUFFER_UNDERFLOW])(buffer);
}

int32_t cxx_buffer_char(struct cxx_buffer *buffer, bool take)
{
	if (buffer->get == buffer->get_end)
		return buffer_call(buffer, take);
	unsigned char character = *(unsigned char *)buffer->get;
	buffer->get += take;
	return character;
}

int32_t cxx_buffer_wide(struct cxx_buffer *buffer, bool take)
{
	if (buffer->get == buffer->get_end)
		return buffer_call(buffer, take);
	wchar_t character = *(wchar_t *)(void *)buffer->get;
	buffer->get += take ? sizeof(wchar_t) : 0;
	return character;
}

bool cxx_is_debians(void (*function)(void))
{
	static void (*_Atomic debians)(void), (*_Atomic other)(void); // the last of each kind
	Dl_info of_function, of_library;
	if (function == debians || function == other)
		return function == debians;
	bool is = dladdr((void *)(uintptr_t)function, &of_function) && dladdr(cxx_symbol("_ZNSt3__18ios_base5clearEj"), &of_library) &&
		  of_function.dli_fbase == of_library.dli_fbase;
	if (is)
		debians = function;
	else
		other = function;
	return is;
}
