// SPDX-License-Identifier: MIT
// The types that MIG stubs and servers share: routines, subsystem tables, reply ports. Layouts of macOS <mach/mig.h>.
// A server finds a message's routine with mig_subsystem.server, or at routine[msgh_id - start].
#ifndef MACH_MIG_H
#define MACH_MIG_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/vm_types.h>

// Unpacks the request, calls the server's function, packs the reply.
typedef void (*mig_stub_routine_t)(mach_msg_header_t *request, mach_msg_header_t *reply);
typedef mig_stub_routine_t mig_routine_t;

// Finds the routine for a request; NULL if its id is unknown.
typedef mig_routine_t (*mig_server_routine_t)(mach_msg_header_t *request);

typedef kern_return_t (*mig_impl_routine_t)(void);

typedef mach_msg_type_descriptor_t routine_arg_descriptor;
typedef mach_msg_type_descriptor_t *routine_arg_descriptor_t;
typedef mach_msg_type_descriptor_t *mig_routine_arg_descriptor_t;

struct routine_descriptor {
	mig_impl_routine_t impl_routine;
	mig_stub_routine_t stub_routine;
	unsigned int argc;
	unsigned int descr_count;
	routine_arg_descriptor_t arg_descr;
	unsigned int max_reply_msg; // bytes
};
typedef struct routine_descriptor *routine_descriptor_t;
typedef struct routine_descriptor mig_routine_descriptor;
typedef mig_routine_descriptor *mig_routine_descriptor_t;

typedef struct mig_subsystem {
	mig_server_routine_t server;
	mach_msg_id_t start;	 // first id
	mach_msg_id_t end;	 // last id + 1
	mach_msg_size_t maxsize; // bytes of the largest reply
	vm_address_t reserved;
	mig_routine_descriptor routine[1]; // end - start of them
} *mig_subsystem_t;

typedef struct mig_symtab {
	char *ms_routine_name;
	int ms_routine_number;
	void (*ms_routine)(void);
} mig_symtab_t;

#define MIG_ROUTINE_ARG_DESCRIPTOR_NULL ((mig_routine_arg_descriptor_t)0)
#define MIG_ROUTINE_DESCRIPTOR_NULL ((mig_routine_descriptor_t)0)
#define MIG_SUBSYSTEM_NULL ((mig_subsystem_t)0)
#define MIG_SERVER_ROUTINE

// The calling thread's reply port, made on first use. Put it back after a reply, deallocate it after an error.
mach_port_t mig_get_reply_port(void);
void mig_put_reply_port(mach_port_t reply_port);
void mig_dealloc_reply_port(mach_port_t reply_port);

// Copies at most len bytes, always ends with a zero byte; returns the bytes written with it.
int mig_strncpy(char *dest, const char *src, int len);
int mig_strncpy_zerofill(char *dest, const char *src, int len);

// Memory for out-of-line results; *address is 0 when there is none.
void mig_allocate(vm_address_t *address, vm_size_t size);
void mig_deallocate(vm_address_t address, vm_size_t size);

_Static_assert(sizeof(struct routine_descriptor) == 40, "routine_descriptor");
_Static_assert(offsetof(struct mig_subsystem, routine) == 32, "mig_subsystem.routine");

#endif
