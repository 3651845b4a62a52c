// SPDX-License-Identifier: MIT
// Reading messages of DNS (ns_*), as Debian's libresolv does it: ns_msg and ns_rr are the same (both come from BIND 8's
// <arpa/nameser.h>). That library is loaded when a program first reads one. Fields of messages: RFC 1035 4.1.1.
#include "report.h"

#include <arpa/nameser.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

static void *function_find(const char *name)
{
	void *library = dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL), *found = library ? dlsym(library, name) : NULL;
	if (!found) {
		report("%s: libresolv.so.2 is not there", name);
		abort();
	}
	return found;
}

#define BEHIND(type, name, parameters, arguments)                                                                      \
	type darwin_##name parameters                                                                                  \
	{                                                                                                              \
		static type(*found) parameters; /* whoever looks finds the same */                                                                \
		if (!found)                                                                                            \
			found = (type(*) parameters)function_find(#name);                                              \
		return found arguments;                                                                                \
	}
BEHIND(int, ns_initparse, (const unsigned char *message, int size, ns_msg *to), (message, size, to))
BEHIND(int, ns_parserr, (ns_msg * message, int section, int number, ns_rr *to), (message, section, number, to))
BEHIND(int, ns_skiprr, (const unsigned char *from, const unsigned char *end, int section, int count), (from, end, section, count))
BEHIND(char *, inet_net_ntop, (int family, const void *from, int bits, char *to, size_t room), (family, from, bits, to, room))
BEHIND(int, inet_net_pton, (int family, const char *from, void *to, size_t room), (family, from, to, room))
BEHIND(char *, inet_neta, (unsigned net, char *to, size_t room), (net, to, room))
BEHIND(int, ns_samename, (const char *one, const char *other), (one, other))
BEHIND(int, ns_samedomain, (const char *one, const char *other), (one, other))
BEHIND(int, ns_makecanon, (const char *from, char *to, size_t room), (from, to, room))
BEHIND(int, ns_sprintrr, (const ns_msg *message, const ns_rr *record, const char *name, const char *origin, char *to, size_t room),
       (message, record, name, origin, to, room))
BEHIND(int, ns_format_ttl, (unsigned long ttl, char *to, size_t room), (ttl, to, room))
BEHIND(int, ns_parse_ttl, (const char *from, unsigned long *to), (from, to))

unsigned darwin_ns_get16(const unsigned char *from)
{
	return (unsigned)from[0] << 8 | from[1];
}

unsigned long darwin_ns_get32(const unsigned char *from)
{
	return (unsigned long)darwin_ns_get16(from) << 16 | darwin_ns_get16(from + 2);
}

void darwin_ns_put16(unsigned value, unsigned char *to)
{
	to[0] = (unsigned char)(value >> 8);
	to[1] = (unsigned char)value;
}

void darwin_ns_put32(unsigned long value, unsigned char *to)
{
	darwin_ns_put16((unsigned)(value >> 16), to);
	darwin_ns_put16((unsigned)value, to + 2);
}

// In the order of enum __ns_flag: qr, opcode, aa, tc, rd, ra, z, ad, cd, rcode.
int darwin_ns_msg_getflag(ns_msg message, int flag)
{
	static const struct {
		uint16_t mask, shift;
	} flags[] = {{0x8000, 15}, {0x7800, 11}, {0x0400, 10}, {0x0200, 9}, {0x0100, 8},
		     {0x0080, 7},  {0x0040, 6},	 {0x0020, 5},  {0x0010, 4}, {0x000f, 0}};
	return flag >= 0 && flag < 10 ? (message._flags & flags[flag].mask) >> flags[flag].shift : 0;
}
