// SPDX-License-Identifier: MIT
// Compile and run test of include/mach: the numbers and layouts that programs and the kernel must agree on, beyond
// the static assertions in the headers themselves. Run by tests/headers.sh; exits non-zero if a check fails.
//
// Sources of the values: the public macOS headers, and messages as they lie in memory there.
#include <mach/mach.h>
#include <stdio.h>
#include <string.h>

// Numbers, from several places of each header.
_Static_assert(KERN_INVALID_NAME == 15 && KERN_SEMAPHORE_DESTROYED == 42 && KERN_OPERATION_TIMED_OUT == 49, "KERN_*");
_Static_assert(KERN_NOT_FOUND == 56 && KERN_DENIED == 53, "KERN_*");
_Static_assert(MIG_TYPE_ERROR == -300 && MIG_BAD_ID == -303 && MIG_SERVER_DIED == -308, "MIG_*");
_Static_assert(MACH_MSG_TYPE_MOVE_RECEIVE == 16 && MACH_MSG_TYPE_MAKE_SEND_ONCE == 21, "dispositions");
_Static_assert(MACH_PORT_TYPE_SEND == 0x10000 && MACH_PORT_TYPE_RECEIVE == 0x20000, "MACH_PORT_TYPE_*");
_Static_assert(MACH_PORT_TYPE_DEAD_NAME == 0x100000 && MACH_PORT_TYPE_ALL_RIGHTS == 0x1f0000, "MACH_PORT_TYPE_*");
_Static_assert(MACH_NOTIFY_PORT_DELETED == 65 && MACH_NOTIFY_SEND_POSSIBLE == 66, "MACH_NOTIFY_*");
_Static_assert(MACH_NOTIFY_PORT_DESTROYED == 69 && MACH_NOTIFY_NO_SENDERS == 70, "MACH_NOTIFY_*");
_Static_assert(MACH_NOTIFY_SEND_ONCE == 71 && MACH_NOTIFY_DEAD_NAME == 72, "MACH_NOTIFY_*");
_Static_assert(MACH_SEND_INVALID_DEST == 0x10000003 && MACH_RCV_TIMED_OUT == 0x10004003, "message codes");
_Static_assert(EXC_MASK_ALL == 0x1bfe, "EXC_MASK_ALL");
_Static_assert(MACH_PORT_MAKE(0x12, 0x03000000) == 0x1203, "names");
_Static_assert(MACH_PORT_INDEX(0x1203) == 0x12 && MACH_PORT_GEN(0x1203) == 0x03000000, "names");

// Header bits.
_Static_assert(MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) == 0x1513, "bits");
_Static_assert(MACH_MSGH_BITS_SET(19, 21, 17, MACH_MSGH_BITS_COMPLEX) == 0x80111513, "bits");
_Static_assert(MACH_MSGH_BITS_VOUCHER(0x80111513) == 17 && MACH_MSGH_BITS_LOCAL(0x80111513) == 21, "bits");
_Static_assert(MACH_MSGH_BITS_OTHER(0x80111513) == 0x80000000, "bits");
// No special bit touches a code, and the mask covers all four.
_Static_assert((MACH_MSG_MASK & (MACH_MSG_IPC_SPACE | MACH_MSG_VM_SPACE | MACH_MSG_IPC_KERNEL | MACH_MSG_VM_KERNEL)) ==
		       (MACH_MSG_IPC_SPACE | MACH_MSG_VM_SPACE | MACH_MSG_IPC_KERNEL | MACH_MSG_VM_KERNEL),
	       "MACH_MSG_MASK");
_Static_assert((MACH_RCV_INVALID_ARGUMENTS & MACH_MSG_MASK) == 0, "MACH_MSG_MASK");

// Trailers.
#define TRAILER(element)                                                                                               \
	REQUESTED_TRAILER_SIZE(MACH_RCV_MSG | MACH_RCV_TRAILER_TYPE(0) | MACH_RCV_TRAILER_ELEMENTS(element))
_Static_assert(TRAILER(MACH_RCV_TRAILER_NULL) == 8 && TRAILER(MACH_RCV_TRAILER_SEQNO) == 12, "trailer sizes");
_Static_assert(TRAILER(MACH_RCV_TRAILER_SENDER) == 20 && TRAILER(MACH_RCV_TRAILER_AUDIT) == 52, "trailer sizes");
_Static_assert(TRAILER(MACH_RCV_TRAILER_CTX) == 60 && TRAILER(MACH_RCV_TRAILER_AV) == 68, "trailer sizes");
_Static_assert(TRAILER(MACH_RCV_TRAILER_LABELS) == 68 && TRAILER(MACH_RCV_TRAILER_BADGE) == 68, "trailer sizes");
_Static_assert(MACH_RCV_TRAILER_BADGE <= 0xf, "the element number has four bits");
_Static_assert(offsetof(mach_msg_context_trailer_t, msgh_context) == 52, "context is not aligned to 8");
_Static_assert(round_msg(25) == 28 && round_msg(28) == 28, "round_msg");

// Counts that callers compile in.
_Static_assert(MACH_PORT_RECEIVE_STATUS_COUNT == 10 && MACH_PORT_INFO_EXT_COUNT == 17, "port attribute counts");
_Static_assert(MACH_PORT_LIMITS_INFO_COUNT == 1 && MACH_PORT_GUARD_INFO_COUNT == 2, "port attribute counts");
_Static_assert(MACH_TASK_BASIC_INFO_COUNT == 12 && TASK_BASIC_INFO_64_COUNT == 10, "task counts");
_Static_assert(TASK_VM_INFO_REV0_COUNT == 36 && TASK_VM_INFO_COUNT == 93, "task counts");
_Static_assert(THREAD_BASIC_INFO_COUNT == 10 && THREAD_IDENTIFIER_INFO_COUNT == 6, "thread counts");
_Static_assert(THREAD_EXTENDED_INFO_COUNT == 28 && HOST_BASIC_INFO_COUNT == 12, "counts");
_Static_assert(HOST_VM_INFO64_COUNT == 38 && VM_REGION_BASIC_INFO_COUNT_64 == 9, "counts");
_Static_assert(VM_REGION_SUBMAP_INFO_COUNT_64 == 19, "counts");
_Static_assert(x86_FLOAT_STATE64_COUNT == 131 && ARM_NEON_STATE64_COUNT == 132, "state counts");

static int failures;

// Compares a structure with the bytes that it must have.
static void expect_bytes(const char *what, const void *have, const unsigned char *want, size_t size)
{
	const unsigned char *bytes = have;
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != want[i]) {
			printf("%s: byte %zu is %02x, must be %02x\n", what, i, bytes[i], want[i]);
			failures++;
			return;
		}
	}
}

// Bit fields have no offset that a static assertion could check.
static void check_descriptors(void)
{
	mach_msg_port_descriptor_t port = {.name = 0x1203, .disposition = 20, .type = MACH_MSG_PORT_DESCRIPTOR};
	expect_bytes("port descriptor", &port, (const unsigned char[]){3, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0}, 12);

	mach_msg_ool_descriptor_t memory = {
		.address = (void *)0x1122334455667788, .deallocate = 1, .copy = 1, .type = 1, .size = 5};
	expect_bytes("out-of-line descriptor", &memory,
		     (const unsigned char[]){0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 1, 1, 0, 1, 5, 0, 0, 0}, 16);

	mach_msg_ool_descriptor64_t memory64 = {
		.address = 0x1122334455667788, .deallocate = 1, .copy = 1, .type = 1, .size = 5};
	expect_bytes("out-of-line descriptor, 64", &memory64, (const unsigned char *)&memory, 16);

	mach_msg_ool_ports_descriptor_t ports = {.address = (void *)0x10, .copy = 1, .disposition = 19, .type = 2, .count = 3};
	expect_bytes("out-of-line ports descriptor", &ports,
		     (const unsigned char[]){0x10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 19, 2, 3, 0, 0, 0}, 16);

	mach_msg_guarded_port_descriptor_t guarded = {
		.context = 0x20, .flags = 0x0201, .disposition = 16, .type = 4, .name = 0x1203};
	expect_bytes("guarded port descriptor", &guarded,
		     (const unsigned char[]){0x20, 0, 0, 0, 0, 0, 0, 0, 1, 2, 16, 4, 3, 0x12, 0, 0}, 16);

	mach_msg_descriptor_t any;
	memcpy(&any, &guarded, sizeof guarded);
	if (any.type.type != MACH_MSG_GUARDED_PORT_DESCRIPTOR) {
		printf("a guarded port descriptor read as any descriptor has type %u\n", any.type.type);
		failures++;
	}
}

static void check_others(void)
{
	expect_bytes("NDR_record", &NDR_record, (const unsigned char[]){0, 0, 0, 0, 1, 0, 0, 0}, 8);

	_STRUCT_FP_CONTROL control = {.__pc = 3, .__rc = 2};
	expect_bytes("FP control word", &control, (const unsigned char[]){0, 0x0b}, 2);

	_STRUCT_FP_STATUS status = {.__errsumm = 1, .__tos = 5, .__busy = 1};
	expect_bytes("FP status word", &status, (const unsigned char[]){0x80, 0xa8}, 2);

	mach_port_qos_t qos = {.name = 1, .len = 7};
	expect_bytes("mach_port_qos_t", &qos, (const unsigned char[]){1, 0, 0, 0, 7, 0, 0, 0}, 8);
}

int main(void)
{
	check_descriptors();
	check_others();
	return failures != 0;
}
