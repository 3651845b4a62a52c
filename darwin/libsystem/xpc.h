// SPDX-License-Identifier: MIT
// XPC's objects. Facts: libxpc's <xpc/xpc.h>, <xpc/connection.h>. An object's type is the address of one of the variables _xpc_type_*.
#ifndef DARWIN_XPC_H
#define DARWIN_XPC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xpc_type { // what a program compares the address of
	const char *name;
	uint64_t pad[7];
};
#define XPC_TYPES(TYPE)                                                                                                \
	TYPE(null) TYPE(bool) TYPE(int64) TYPE(uint64) TYPE(double) TYPE(date) TYPE(data) TYPE(string) TYPE(uuid)      \
	TYPE(fd) TYPE(array) TYPE(dictionary) TYPE(error) TYPE(connection) TYPE(endpoint) TYPE(shmem)
#define XPC_DECLARE(name) extern const struct xpc_type darwin_xpc_type_##name;
XPC_TYPES(XPC_DECLARE)

struct xpc_object {
	const struct xpc_type *type; // [I]
	_Atomic int64_t references;  // of constants 0: they stay
	union {			     // by type; [I] but for collections, whose user guards them
		int64_t number;	     // bool, int64, date, fd
		uint64_t natural;
		double real;
		uint8_t uuid[16];
		struct {
			uint8_t *at; // of strings with a 0 behind
			size_t size;
		} bytes;
		struct {
			char **keys; // of dictionaries
			struct xpc_object **values;
			size_t count, room;
		} list;
		struct xpc_connection *connection;
	};
};

struct xpc_object *xpc_make(const struct xpc_type *type);
struct xpc_object *darwin_xpc_retain(struct xpc_object *object);
void darwin_xpc_release(struct xpc_object *object);
void xpc_list_free(struct xpc_object *list);
void xpc_connection_free(struct xpc_connection *connection);
extern struct xpc_object darwin_xpc_error_connection_invalid;

#endif
