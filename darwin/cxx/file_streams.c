// SPDX-License-Identifier: MIT
// libc++'s basic_ifstream<char> and basic_ofstream<char>: their tables of functions, which say where their basic_ios lies: behind a
// basic_filebuf (file_buffer.c). Programs make such streams themselves, with these tables. Facts: libc++'s <fstream>; the Itanium C++ ABI,
// 2.5 (virtual tables), 2.6 (those for the time of construction). Types are Debian's, known when its library is loaded.
#include "cxx.h"
#include "streams.h"

struct vtable { // of a stream and, behind it, of its basic_ios
	ptrdiff_t base, top;
	const void *type, *functions[2];
	ptrdiff_t call, ios_top;
	const void *ios_type, *ios_functions[2];
};

#define IN_BUFFER 16 // behind the table's address and the count of the last read
#define OUT_BUFFER 8
#define BUFFER_BYTES 408
#define IN_IOS (IN_BUFFER + BUFFER_BYTES)
#define OUT_IOS (OUT_BUFFER + BUFFER_BYTES)

void file_buffer_end_1(void *buffer) __asm__("_ZNSt3__113basic_filebufIcNS_11char_traitsIcEEED1Ev");

static void stream_end(void *stream, size_t buffer)
{
	file_buffer_end_1((char *)stream + buffer);
	((void (*)(void *))cxx_symbol("_ZNSt3__19basic_iosIcNS_11char_traitsIcEEED2Ev"))((char *)stream + buffer + BUFFER_BYTES);
}

static void stream_delete(void *stream, size_t buffer)
{
	stream_end(stream, buffer);
	((void (*)(void *))cxx_symbol("_ZdlPv"))(stream);
}

static void in_end(void *stream) { stream_end(stream, IN_BUFFER); }
static void in_delete(void *stream) { stream_delete(stream, IN_BUFFER); }
static void in_ios_end(void *ios) { in_end((char *)ios - IN_IOS); }
static void in_ios_delete(void *ios) { in_delete((char *)ios - IN_IOS); }
static void out_end(void *stream) { stream_end(stream, OUT_BUFFER); }
static void out_delete(void *stream) { stream_delete(stream, OUT_BUFFER); }
static void out_ios_end(void *ios) { out_end((char *)ios - OUT_IOS); }
static void out_ios_delete(void *ios) { out_delete((char *)ios - OUT_IOS); }

#define VTABLE(ios, kind)                                                                                              \
	{ios, 0, NULL, {(const void *)kind##_end, (const void *)kind##_delete}, -(ios), -(ios), NULL, {(const void *)kind##_ios_end, \
	 (const void *)kind##_ios_delete}}
struct vtable darwin_cxx_ifstream = VTABLE(IN_IOS, in), darwin_cxx_ofstream = VTABLE(OUT_IOS, out);
// While the stream's own part is made it is a basic_istream, basic_ostream.
struct vtable darwin_cxx_ifstream_as_istream = VTABLE(IN_IOS, in), darwin_cxx_ofstream_as_ostream = VTABLE(OUT_IOS, out);
const void *const darwin_cxx_ifstream_tables[] = {darwin_cxx_ifstream.functions, darwin_cxx_ifstream_as_istream.functions,
						  darwin_cxx_ifstream_as_istream.ios_functions, darwin_cxx_ifstream.ios_functions};
const void *const darwin_cxx_ofstream_tables[] = {darwin_cxx_ofstream.functions, darwin_cxx_ofstream_as_ostream.functions,
						  darwin_cxx_ofstream_as_ostream.ios_functions, darwin_cxx_ofstream.ios_functions};

static void type_set(struct vtable *table, const char *type)
{
	table->type = table->ios_type = cxx_symbol(type);
}

void cxx_file_streams_loaded(void)
{
	type_set(&darwin_cxx_ifstream, "_ZTINSt3__114basic_ifstreamIcNS_11char_traitsIcEEEE");
	type_set(&darwin_cxx_ofstream, "_ZTINSt3__114basic_ofstreamIcNS_11char_traitsIcEEEE");
	type_set(&darwin_cxx_ifstream_as_istream, "_ZTINSt3__113basic_istreamIcNS_11char_traitsIcEEEE");
	type_set(&darwin_cxx_ofstream_as_ostream, "_ZTINSt3__113basic_ostreamIcNS_11char_traitsIcEEEE");
}

// ---- open: the only functions besides that the library has ------------------------------------------------------------

void *file_buffer_open(void *buffer, const char *path, uint32_t mode) __asm__("_ZNSt3__113basic_filebufIcNS_11char_traitsIcEEE4openEPKcj");

static void stream_open(void *stream, size_t buffer, const char *path, uint32_t mode)
{
	struct cxx_ios *ios = (struct cxx_ios *)(void *)((char *)stream + buffer + BUFFER_BYTES);
	if (file_buffer_open((char *)stream + buffer, path, mode))
		cxx_ios_set(ios, 0);
	else
		cxx_ios_add(ios, STATE_FAIL);
}

// A std::string: its characters are in it, or elsewhere if its first bit is set. Facts: libc++'s <string>, ABI version 1.
static const char *characters(const char *string)
{
	return string[0] & 1 ? *(const char *const *)(const void *)(string + 16) : string + 1;
}

void darwin_cxx_ifstream_open(void *stream, const char *path, uint32_t mode)
{
	stream_open(stream, IN_BUFFER, path, mode | MODE_IN);
}

void darwin_cxx_ofstream_open(void *stream, const char *path, uint32_t mode)
{
	stream_open(stream, OUT_BUFFER, path, mode | MODE_OUT);
}

void darwin_cxx_ifstream_open_string(void *stream, const char *path, uint32_t mode)
{
	darwin_cxx_ifstream_open(stream, characters(path), mode);
}

void darwin_cxx_ofstream_open_string(void *stream, const char *path, uint32_t mode)
{
	darwin_cxx_ofstream_open(stream, characters(path), mode);
}
