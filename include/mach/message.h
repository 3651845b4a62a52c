// SPDX-License-Identifier: MIT
// Messages: header, descriptors, trailers, options and return codes of mach_msg. Bits, values and layouts are those
// of macOS <mach/message.h> for 64-bit user programs, in the kernel too; one extension is marked "Gila".
//
// A message is a header, then, if MACH_MSGH_BITS_COMPLEX is set, a descriptor count and the descriptors, then inline
// data. A received message is followed, at round_msg(msgh_size), by a trailer that the kernel wrote.
//
// 1. All sizes are bytes and include the header; msgh_size excludes the trailer.
// 2. Every descriptor has its type in byte 11, so it can be read before the kind is known.
// 3. Structures here are packed to 4: a 64-bit field need not be aligned to 8.
#ifndef MACH_MESSAGE_H
#define MACH_MESSAGE_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/port.h>
#include <mach/vm_types.h>
#include <stddef.h>
#include <stdint.h>

typedef natural_t mach_msg_timeout_t; // milliseconds
#define MACH_MSG_TIMEOUT_NONE ((mach_msg_timeout_t)0)

typedef unsigned int mach_msg_bits_t;
typedef natural_t mach_msg_size_t;
typedef integer_t mach_msg_id_t;
typedef unsigned int mach_msg_priority_t;
typedef natural_t mach_msg_type_size_t;
typedef natural_t mach_msg_type_number_t;

#define MACH_MSG_SIZE_NULL ((mach_msg_size_t *)0)
#define MACH_MSG_SIZE_MAX ((mach_msg_size_t)~0u)
#define MACH_MSG_SIZE_RELIABLE ((mach_msg_size_t)(256 * 1024))
#define MACH_MSG_PRIORITY_UNSPECIFIED ((mach_msg_priority_t)0)

// ---- Header bits --------------------------------------------------------------------------------------------

#define MACH_MSGH_BITS_ZERO 0x00000000
#define MACH_MSGH_BITS_REMOTE_MASK 0x0000001f  // disposition of msgh_remote_port
#define MACH_MSGH_BITS_LOCAL_MASK 0x00001f00   // of msgh_local_port
#define MACH_MSGH_BITS_VOUCHER_MASK 0x001f0000 // of msgh_voucher_port
#define MACH_MSGH_BITS_PORTS_MASK (MACH_MSGH_BITS_REMOTE_MASK | MACH_MSGH_BITS_LOCAL_MASK | MACH_MSGH_BITS_VOUCHER_MASK)

#define MACH_MSGH_BITS_COMPLEX 0x80000000U // descriptors follow the header
#define MACH_MSGH_BITS_USER 0x801f1f1fU	   // what a sender may set
#define MACH_MSGH_BITS_RAISEIMP 0x20000000U
#define MACH_MSGH_BITS_DENAP MACH_MSGH_BITS_RAISEIMP
#define MACH_MSGH_BITS_IMPHOLDASRT 0x10000000U
#define MACH_MSGH_BITS_DENAPHOLDASRT MACH_MSGH_BITS_IMPHOLDASRT
#define MACH_MSGH_BITS_CIRCULAR 0x10000000U // kernel only
#define MACH_MSGH_BITS_USED 0xb01f1f1fU

#define MACH_MSGH_BITS(remote, local) ((remote) | ((local) << 8))
#define MACH_MSGH_BITS_SET_PORTS(remote, local, voucher)                                                               \
	(((remote) & MACH_MSGH_BITS_REMOTE_MASK) | (((local) << 8) & MACH_MSGH_BITS_LOCAL_MASK) |                      \
	 (((voucher) << 16) & MACH_MSGH_BITS_VOUCHER_MASK))
#define MACH_MSGH_BITS_SET(remote, local, voucher, other)                                                              \
	(MACH_MSGH_BITS_SET_PORTS((remote), (local), (voucher)) | ((other) & ~MACH_MSGH_BITS_PORTS_MASK))

#define MACH_MSGH_BITS_REMOTE(bits) ((bits) & MACH_MSGH_BITS_REMOTE_MASK)
#define MACH_MSGH_BITS_LOCAL(bits) (((bits) & MACH_MSGH_BITS_LOCAL_MASK) >> 8)
#define MACH_MSGH_BITS_VOUCHER(bits) (((bits) & MACH_MSGH_BITS_VOUCHER_MASK) >> 16)
#define MACH_MSGH_BITS_PORTS(bits) ((bits) & MACH_MSGH_BITS_PORTS_MASK)
#define MACH_MSGH_BITS_OTHER(bits) ((bits) & ~MACH_MSGH_BITS_PORTS_MASK)

#define MACH_MSGH_BITS_HAS_REMOTE(bits) (MACH_MSGH_BITS_REMOTE(bits) != MACH_MSGH_BITS_ZERO)
#define MACH_MSGH_BITS_HAS_LOCAL(bits) (MACH_MSGH_BITS_LOCAL(bits) != MACH_MSGH_BITS_ZERO)
#define MACH_MSGH_BITS_HAS_VOUCHER(bits) (MACH_MSGH_BITS_VOUCHER(bits) != MACH_MSGH_BITS_ZERO)
#define MACH_MSGH_BITS_IS_COMPLEX(bits) (((bits) & MACH_MSGH_BITS_COMPLEX) != MACH_MSGH_BITS_ZERO)
#define MACH_MSGH_BITS_RAISED_IMPORTANCE(bits) (((bits) & MACH_MSGH_BITS_RAISEIMP) != MACH_MSGH_BITS_ZERO)
#define MACH_MSGH_BITS_HOLDS_IMPORTANCE_ASSERTION(bits) (((bits) & MACH_MSGH_BITS_IMPHOLDASRT) != MACH_MSGH_BITS_ZERO)

// ---- Dispositions: what happens to a right that travels in a message --------------------------------------------

typedef unsigned int mach_msg_type_name_t;

#define MACH_MSG_TYPE_PORT_NONE 0
#define MACH_MSG_TYPE_PORT_NAME 15	   // only the number travels, no right
#define MACH_MSG_TYPE_MOVE_RECEIVE 16	   // sender must hold the receive right
#define MACH_MSG_TYPE_MOVE_SEND 17	   // a send right
#define MACH_MSG_TYPE_MOVE_SEND_ONCE 18	   // a send-once right
#define MACH_MSG_TYPE_COPY_SEND 19	   // a send right
#define MACH_MSG_TYPE_MAKE_SEND 20	   // the receive right
#define MACH_MSG_TYPE_MAKE_SEND_ONCE 21	   // the receive right
#define MACH_MSG_TYPE_COPY_RECEIVE 22	   // invalid
#define MACH_MSG_TYPE_LAST 22		   // last one usable in a message
#define MACH_MSG_TYPE_DISPOSE_RECEIVE 24   // MIG: drop the right after use; never in a message
#define MACH_MSG_TYPE_DISPOSE_SEND 25	   // the same
#define MACH_MSG_TYPE_DISPOSE_SEND_ONCE 26 // the same

// The receiver sees which right arrived.
#define MACH_MSG_TYPE_PORT_RECEIVE MACH_MSG_TYPE_MOVE_RECEIVE
#define MACH_MSG_TYPE_PORT_SEND MACH_MSG_TYPE_MOVE_SEND
#define MACH_MSG_TYPE_PORT_SEND_ONCE MACH_MSG_TYPE_MOVE_SEND_ONCE

#define MACH_MSG_TYPE_POLYMORPHIC ((mach_msg_type_name_t)-1) // MIG: given at run time

#define MACH_MSG_TYPE_PORT_ANY(x) ((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_SEND(x) ((x) >= MACH_MSG_TYPE_MOVE_SEND && (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_RIGHT(x) ((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && (x) <= MACH_MSG_TYPE_MOVE_SEND_ONCE)

typedef unsigned int mach_msg_copy_options_t;
#define MACH_MSG_PHYSICAL_COPY 0
#define MACH_MSG_VIRTUAL_COPY 1
#define MACH_MSG_ALLOCATE 2  // reported to the receiver: the kernel allocated the memory
#define MACH_MSG_OVERWRITE 3 // deprecated

typedef unsigned int mach_msg_guard_flags_t;
#define MACH_MSG_GUARD_FLAGS_NONE 0x0000
#define MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE 0x0001 // the right cannot be moved on by its receiver
#define MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND 0x0002 // refuse the send if the port is guarded already
#define MACH_MSG_GUARD_FLAGS_MASK 0x0003

typedef unsigned int mach_msg_descriptor_type_t;
#define MACH_MSG_PORT_DESCRIPTOR 0
#define MACH_MSG_OOL_DESCRIPTOR 1
#define MACH_MSG_OOL_PORTS_DESCRIPTOR 2
#define MACH_MSG_OOL_VOLATILE_DESCRIPTOR 3
#define MACH_MSG_GUARDED_PORT_DESCRIPTOR 4
#define MACH_MSG_DESCRIPTOR_MAX MACH_MSG_GUARDED_PORT_DESCRIPTOR

// ---- Structures ---------------------------------------------------------------------------------------------

#pragma pack(push, 4)

typedef struct {
	mach_msg_bits_t msgh_bits;
	mach_msg_size_t msgh_size;
	mach_port_t msgh_remote_port;
	mach_port_t msgh_local_port;
	mach_port_name_t msgh_voucher_port;
	mach_msg_id_t msgh_id;
} mach_msg_header_t;

#define msgh_reserved msgh_voucher_port
#define MACH_MSG_NULL ((mach_msg_header_t *)0)
#define MACH_MSG_HEADER_EMPTY ((mach_msg_header_t){0})

typedef struct {
	mach_msg_size_t msgh_descriptor_count;
} mach_msg_body_t;

typedef struct {
	mach_msg_header_t header;
	mach_msg_body_t body;
} mach_msg_base_t;

// What all descriptors have in common.
typedef struct {
	natural_t pad1;
	mach_msg_size_t pad2;
	unsigned int pad3 : 24;
	mach_msg_descriptor_type_t type : 8;
} mach_msg_type_descriptor_t;

// One right.
typedef struct {
	mach_port_t name;
	mach_msg_size_t pad1;
	unsigned int pad2 : 16;
	mach_msg_type_name_t disposition : 8;
	mach_msg_descriptor_type_t type : 8;
} mach_msg_port_descriptor_t;

// Out-of-line memory: size bytes at address.
typedef struct {
	void *address;
	boolean_t deallocate : 8; // take it from the sender
	mach_msg_copy_options_t copy : 8;
	unsigned int pad1 : 8;
	mach_msg_descriptor_type_t type : 8;
	mach_msg_size_t size;
} mach_msg_ool_descriptor_t;

// Out-of-line array of count names, all with the same disposition.
typedef struct {
	void *address;
	boolean_t deallocate : 8;
	mach_msg_copy_options_t copy : 8;
	mach_msg_type_name_t disposition : 8;
	mach_msg_descriptor_type_t type : 8;
	mach_msg_size_t count;
} mach_msg_ool_ports_descriptor_t;

// One receive right that arrives guarded with context.
typedef struct {
	mach_port_context_t context;
	mach_msg_guard_flags_t flags : 16;
	mach_msg_type_name_t disposition : 8;
	mach_msg_descriptor_type_t type : 8;
	mach_port_name_t name;
} mach_msg_guarded_port_descriptor_t;

// The same three with the address as an integer, as the names with 64 on macOS.
typedef struct {
	uint64_t address;
	boolean_t deallocate : 8;
	mach_msg_copy_options_t copy : 8;
	unsigned int pad1 : 8;
	mach_msg_descriptor_type_t type : 8;
	mach_msg_size_t size;
} mach_msg_ool_descriptor64_t;

typedef struct {
	uint64_t address;
	boolean_t deallocate : 8;
	mach_msg_copy_options_t copy : 8;
	mach_msg_type_name_t disposition : 8;
	mach_msg_descriptor_type_t type : 8;
	mach_msg_size_t count;
} mach_msg_ool_ports_descriptor64_t;

typedef mach_msg_guarded_port_descriptor_t mach_msg_guarded_port_descriptor64_t;

// Not an array element: descriptors differ in size.
typedef union {
	mach_msg_port_descriptor_t port;
	mach_msg_ool_descriptor_t out_of_line;
	mach_msg_ool_ports_descriptor_t ool_ports;
	mach_msg_type_descriptor_t type;
	mach_msg_guarded_port_descriptor_t guarded_port;
} mach_msg_descriptor_t;

#define MACH_MSG_BODY_NULL ((mach_msg_body_t *)0)
#define MACH_MSG_DESCRIPTOR_NULL ((mach_msg_descriptor_t *)0)

// Trailers: each kind begins with the one before it.
typedef unsigned int mach_msg_trailer_type_t;
typedef unsigned int mach_msg_trailer_size_t;
typedef char *mach_msg_trailer_info_t;

#define MACH_MSG_TRAILER_FORMAT_0 0

typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
} mach_msg_trailer_t;

typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
} mach_msg_seqno_trailer_t;

typedef struct {
	unsigned int val[2]; // effective user and group of the sender
} security_token_t;

typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
} mach_msg_security_trailer_t;

typedef struct {
	// Audit user, effective user, effective group, real user, real group, process, session, process version:
	// the order in which libbsm's audit_token_to_*() read it.
	unsigned int val[8];
} audit_token_t;

#define INVALID_AUDIT_TOKEN_VALUE {{~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u}}
#define KERNEL_SECURITY_TOKEN_VALUE {{0, 1}}
#define KERNEL_AUDIT_TOKEN_VALUE {{0, 0, 0, 0, 0, 0, 0, 0}}

typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
	audit_token_t msgh_audit;
} mach_msg_audit_trailer_t;

typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
	audit_token_t msgh_audit;
	mach_port_context_t msgh_context; // of the receiving port
} mach_msg_context_trailer_t;

typedef struct {
	mach_port_name_t sender;
} msg_labels_t;

typedef int mach_msg_filter_id;
#define MACH_MSG_FILTER_POLICY_ALLOW ((mach_msg_filter_id)0)

typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
	audit_token_t msgh_audit;
	mach_port_context_t msgh_context;
	mach_msg_filter_id msgh_ad;
	msg_labels_t msgh_labels;
} mach_msg_mac_trailer_t;

// Gila: the context trailer and then the badge of the send right that was used (0: no badge).
typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
	audit_token_t msgh_audit;
	mach_port_context_t msgh_context;
	uint64_t msgh_badge;
} mach_msg_badge_trailer_t;

typedef mach_msg_mac_trailer_t mach_msg_max_trailer_t;
typedef mach_msg_security_trailer_t mach_msg_format_0_trailer_t;

#define MACH_MSG_TRAILER_MINIMUM_SIZE sizeof(mach_msg_trailer_t)
#define MACH_MSG_TRAILER_FORMAT_0_SIZE sizeof(mach_msg_format_0_trailer_t)
#define MAX_TRAILER_SIZE ((mach_msg_size_t)sizeof(mach_msg_max_trailer_t))

typedef struct {
	mach_msg_header_t header;
} mach_msg_empty_send_t;

typedef struct {
	mach_msg_header_t header;
	mach_msg_trailer_t trailer;
} mach_msg_empty_rcv_t;

typedef union {
	mach_msg_empty_send_t send;
	mach_msg_empty_rcv_t rcv;
} mach_msg_empty_t;

#pragma pack(pop)

// Where the trailer of a message of x bytes begins.
#define round_msg(x) (((mach_msg_size_t)(x) + sizeof(natural_t) - 1) & ~(sizeof(natural_t) - 1))

// ---- Options ------------------------------------------------------------------------------------------------

typedef integer_t mach_msg_option_t;
typedef integer_t mach_msg_options_t;

#define MACH_MSG_OPTION_NONE 0x00000000
#define MACH_SEND_MSG 0x00000001
#define MACH_RCV_MSG 0x00000002
#define MACH_MSG_STRICT_REPLY 0x00000200 // both ways: the reply port must be a proper one

#define MACH_SEND_TIMEOUT 0x00000010
#define MACH_SEND_OVERRIDE 0x00000020	     // the notify argument is a priority
#define MACH_SEND_INTERRUPT 0x00000040	     // report interruption (else the library repeats)
#define MACH_SEND_NOTIFY 0x00000080	     // queue full: arm a send-possible notification
#define MACH_SEND_ALWAYS 0x00010000	     // kernel: ignore the queue limit
#define MACH_SEND_FILTER_NONFATAL 0x00010000 // user: the same bit
#define MACH_SEND_TRAILER 0x00020000	     // the sender provides the trailer (privileged)
#define MACH_SEND_NOIMPORTANCE 0x00040000
#define MACH_SEND_NODENAP MACH_SEND_NOIMPORTANCE
#define MACH_SEND_IMPORTANCE 0x00080000 // kernel
#define MACH_SEND_SYNC_OVERRIDE 0x00100000
#define MACH_SEND_PROPAGATE_QOS 0x00200000
#define MACH_SEND_SYNC_USE_THRPRI MACH_SEND_PROPAGATE_QOS
#define MACH_SEND_KERNEL 0x00400000		     // kernel
#define MACH_SEND_SYNC_BOOTSTRAP_CHECKIN 0x00800000

#define MACH_RCV_LARGE 0x00000004	   // too large: leave it queued and report its size
#define MACH_RCV_LARGE_IDENTITY 0x00000008 // and the name of its port
#define MACH_RCV_TIMEOUT 0x00000100
#define MACH_RCV_NOTIFY 0x00000000    // no longer an option (was 0x200)
#define MACH_RCV_INTERRUPT 0x00000400 // report interruption
#define MACH_RCV_VOUCHER 0x00000800
#define MACH_RCV_OVERWRITE 0x00000000 // no longer an option (was 0x1000); mach_msg_overwrite takes a receive buffer
#define MACH_RCV_GUARDED_DESC 0x00001000 // the receiver understands guarded port descriptors
#define MACH_RCV_SYNC_WAIT 0x00004000
#define MACH_RCV_SYNC_PEEK 0x00008000

// The trailer wanted: one format and an element, which includes those below it.
#define MACH_RCV_TRAILER_NULL 0
#define MACH_RCV_TRAILER_SEQNO 1
#define MACH_RCV_TRAILER_SENDER 2
#define MACH_RCV_TRAILER_AUDIT 3
#define MACH_RCV_TRAILER_CTX 4
#define MACH_RCV_TRAILER_AV 7
#define MACH_RCV_TRAILER_LABELS 8
#define MACH_RCV_TRAILER_BADGE 9 // Gila; unused by macOS

#define MACH_RCV_TRAILER_TYPE(x) ((mach_msg_option_t)(((unsigned int)(x) & 0xf) << 28))
#define MACH_RCV_TRAILER_ELEMENTS(x) (((x) & 0xf) << 24)
#define MACH_RCV_TRAILER_MASK (0xf << 24)
#define GET_RCV_ELEMENTS(options) (((options) >> 24) & 0xf)

// Size in bytes of the trailer that these receive options ask for.
#define REQUESTED_TRAILER_SIZE(options)                                                                                \
	((mach_msg_trailer_size_t)(GET_RCV_ELEMENTS(options) == MACH_RCV_TRAILER_NULL                                  \
					   ? sizeof(mach_msg_trailer_t)                                                \
				   : GET_RCV_ELEMENTS(options) == MACH_RCV_TRAILER_SEQNO                               \
					   ? sizeof(mach_msg_seqno_trailer_t)                                          \
				   : GET_RCV_ELEMENTS(options) == MACH_RCV_TRAILER_SENDER                              \
					   ? sizeof(mach_msg_security_trailer_t)                                       \
				   : GET_RCV_ELEMENTS(options) == MACH_RCV_TRAILER_AUDIT                               \
					   ? sizeof(mach_msg_audit_trailer_t)                                          \
				   : GET_RCV_ELEMENTS(options) == MACH_RCV_TRAILER_CTX                                 \
					   ? sizeof(mach_msg_context_trailer_t)                                        \
				   : GET_RCV_ELEMENTS(options) == MACH_RCV_TRAILER_AV                                  \
					   ? sizeof(mach_msg_mac_trailer_t)                                            \
				   : GET_RCV_ELEMENTS(options) == MACH_RCV_TRAILER_BADGE                               \
					   ? sizeof(mach_msg_badge_trailer_t)                                          \
					   : sizeof(mach_msg_max_trailer_t)))
#define REQUESTED_TRAILER_SIZE_NATIVE(options) REQUESTED_TRAILER_SIZE(options)

// ---- Return codes -------------------------------------------------------------------------------------------

typedef kern_return_t mach_msg_return_t;

#define MACH_MSG_SUCCESS 0x00000000

// Bits that may be added to a code to say what ran out.
#define MACH_MSG_MASK 0x00003e00
#define MACH_MSG_IPC_SPACE 0x00002000  // names in the receiver's space
#define MACH_MSG_VM_SPACE 0x00001000   // addresses in the receiver's space
#define MACH_MSG_IPC_KERNEL 0x00000800 // kernel memory, for a right
#define MACH_MSG_VM_KERNEL 0x00000400  // kernel memory, for out-of-line data

#define MACH_SEND_IN_PROGRESS 0x10000001 // kernel only
#define MACH_SEND_INVALID_DATA 0x10000002 // the message cannot be read from the sender's memory
#define MACH_SEND_INVALID_DEST 0x10000003
#define MACH_SEND_TIMED_OUT 0x10000004
#define MACH_SEND_INVALID_VOUCHER 0x10000005
#define MACH_SEND_INTERRUPTED 0x10000007
#define MACH_SEND_MSG_TOO_SMALL 0x10000008 // shorter than its header or descriptors
#define MACH_SEND_INVALID_REPLY 0x10000009
#define MACH_SEND_INVALID_RIGHT 0x1000000a // a descriptor names a right that the sender lacks
#define MACH_SEND_INVALID_NOTIFY 0x1000000b
#define MACH_SEND_INVALID_MEMORY 0x1000000c // out-of-line memory is not readable
#define MACH_SEND_NO_BUFFER 0x1000000d
#define MACH_SEND_TOO_LARGE 0x1000000e
#define MACH_SEND_INVALID_TYPE 0x1000000f // unknown descriptor type or disposition
#define MACH_SEND_INVALID_HEADER 0x10000010
#define MACH_SEND_INVALID_TRAILER 0x10000011
#define MACH_SEND_INVALID_CONTEXT 0x10000012
#define MACH_SEND_INVALID_OPTIONS 0x10000013
#define MACH_SEND_INVALID_RT_OOL_SIZE 0x10000015 // not returned
#define MACH_SEND_NO_GRANT_DEST 0x10000016
#define MACH_SEND_MSG_FILTERED 0x10000017
#define MACH_SEND_AUX_TOO_SMALL 0x10000018
#define MACH_SEND_AUX_TOO_LARGE 0x10000019

#define MACH_RCV_IN_PROGRESS 0x10004001 // kernel only
#define MACH_RCV_INVALID_NAME 0x10004002
#define MACH_RCV_TIMED_OUT 0x10004003
#define MACH_RCV_TOO_LARGE 0x10004004 // the buffer is too small; see MACH_RCV_LARGE
#define MACH_RCV_INTERRUPTED 0x10004005
#define MACH_RCV_PORT_CHANGED 0x10004006 // not returned
#define MACH_RCV_INVALID_NOTIFY 0x10004007
#define MACH_RCV_INVALID_DATA 0x10004008 // the receive buffer cannot be written
#define MACH_RCV_PORT_DIED 0x10004009	 // the right went away while waiting
#define MACH_RCV_IN_SET 0x1000400a	 // not returned
#define MACH_RCV_HEADER_ERROR 0x1000400b // see the special bits
#define MACH_RCV_BODY_ERROR 0x1000400c	 // see the special bits
#define MACH_RCV_INVALID_TYPE 0x1000400d
#define MACH_RCV_SCATTER_SMALL 0x1000400e
#define MACH_RCV_INVALID_TRAILER 0x1000400f
#define MACH_RCV_IN_PROGRESS_TIMED 0x10004011 // kernel only
#define MACH_RCV_INVALID_REPLY 0x10004012
#define MACH_RCV_INVALID_ARGUMENTS 0x10004013

// ---- Calls of the user library ------------------------------------------------------------------------------

// Sends msg (send_size bytes), then receives from rcv_name into the same buffer (rcv_size bytes, trailer included),
// as the options say. Repeats itself when interrupted, unless MACH_SEND_INTERRUPT or MACH_RCV_INTERRUPT is set.
mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,
			   mach_port_name_t rcv_name, mach_msg_timeout_t timeout, mach_port_name_t notify);
// The same for everyday calls, which have no time-out and are told nothing: all in registers. Not Mach's.
mach_msg_return_t mach_msg_plain(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
				 mach_msg_size_t rcv_size, mach_port_name_t rcv_name);

// The same as mach_msg, but receives into rcv_msg unless that is NULL. rcv_limit is ignored, as on macOS.
mach_msg_return_t mach_msg_overwrite(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
				     mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
				     mach_port_name_t notify, mach_msg_header_t *rcv_msg, mach_msg_size_t rcv_limit);

_Static_assert(sizeof(mach_msg_header_t) == 24, "message header");
_Static_assert(offsetof(mach_msg_header_t, msgh_id) == 20, "msgh_id");
_Static_assert(sizeof(mach_msg_body_t) == 4 && sizeof(mach_msg_base_t) == 28, "message body");
_Static_assert(sizeof(mach_msg_type_descriptor_t) == 12, "any descriptor");
_Static_assert(sizeof(mach_msg_port_descriptor_t) == 12, "port descriptor");
_Static_assert(sizeof(mach_msg_ool_descriptor_t) == 16, "out-of-line descriptor");
_Static_assert(offsetof(mach_msg_ool_descriptor_t, size) == 12, "out-of-line size");
_Static_assert(sizeof(mach_msg_ool_ports_descriptor_t) == 16, "out-of-line ports descriptor");
_Static_assert(sizeof(mach_msg_guarded_port_descriptor_t) == 16, "guarded port descriptor");
_Static_assert(offsetof(mach_msg_guarded_port_descriptor_t, name) == 12, "guarded port name");
_Static_assert(sizeof(mach_msg_trailer_t) == 8 && sizeof(mach_msg_seqno_trailer_t) == 12, "trailers");
_Static_assert(sizeof(mach_msg_security_trailer_t) == 20, "security trailer");
_Static_assert(sizeof(mach_msg_audit_trailer_t) == 52, "audit trailer");
_Static_assert(sizeof(mach_msg_context_trailer_t) == 60, "context trailer");
_Static_assert(sizeof(mach_msg_mac_trailer_t) == 68, "mac trailer");
_Static_assert(sizeof(mach_msg_badge_trailer_t) == 68, "badge trailer");
_Static_assert(offsetof(mach_msg_badge_trailer_t, msgh_badge) == sizeof(mach_msg_context_trailer_t), "badge");
_Static_assert(sizeof(mach_msg_badge_trailer_t) <= sizeof(mach_msg_max_trailer_t), "MAX_TRAILER_SIZE holds all");

#endif
