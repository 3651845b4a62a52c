// SPDX-License-Identifier: MIT
// Register states of threads (thread_get_state, thread_set_state, exceptions). Flavours and layouts of macOS
// <mach/thread_status.h> and <mach/machine/_structs.h>. Both processors' structures are always there, because tools
// read states of the other one; MACHINE_THREAD_STATE is the native one, with its header. Counts are in 32-bit words.
#ifndef MACH_THREAD_STATUS_H
#define MACH_THREAD_STATUS_H

#include <mach/message.h>
#include <mach/vm_types.h>

typedef natural_t *thread_state_t;
typedef int thread_state_flavor_t;
typedef thread_state_flavor_t *thread_state_flavor_array_t;

#define THREAD_STATE_FLAVOR_LIST 0
#define THREAD_STATE_FLAVOR_LIST_NEW 128
#define THREAD_STATE_FLAVOR_LIST_10_9 129
#define THREAD_STATE_FLAVOR_LIST_10_13 130
#define THREAD_STATE_FLAVOR_LIST_10_15 131

#define THREAD_CONVERT_THREAD_STATE_TO_SELF 1
#define THREAD_CONVERT_THREAD_STATE_FROM_SELF 2

#define THREAD_STATE_WORDS(type) ((mach_msg_type_number_t)(sizeof(type) / sizeof(uint32_t)))

// ---- x86_64 -------------------------------------------------------------------------------------------------

#define x86_THREAD_STATE32 1
#define x86_FLOAT_STATE32 2
#define x86_EXCEPTION_STATE32 3
#define x86_THREAD_STATE64 4
#define x86_FLOAT_STATE64 5
#define x86_EXCEPTION_STATE64 6
#define x86_THREAD_STATE 7	// a header, then the 64-bit state
#define x86_FLOAT_STATE 8	// the same
#define x86_EXCEPTION_STATE 9	// the same
#define x86_DEBUG_STATE32 10
#define x86_DEBUG_STATE64 11
#define x86_DEBUG_STATE 12 // a header, then the 64-bit state
#define x86_AVX_STATE32 16
#define x86_AVX_STATE64 17
#define x86_AVX_STATE 18
#define x86_AVX512_STATE32 19
#define x86_AVX512_STATE64 20
#define x86_AVX512_STATE 21
#define x86_PAGEIN_STATE 22
#define x86_THREAD_FULL_STATE64 23
#define x86_INSTRUCTION_STATE 24
#define x86_LAST_BRANCH_STATE 25

struct x86_state_hdr {
	uint32_t flavor;
	uint32_t count;
};
typedef struct x86_state_hdr x86_state_hdr_t;

#define _STRUCT_X86_THREAD_STATE64 struct __darwin_x86_thread_state64
_STRUCT_X86_THREAD_STATE64 {
	uint64_t __rax, __rbx, __rcx, __rdx;
	uint64_t __rdi, __rsi, __rbp, __rsp;
	uint64_t __r8, __r9, __r10, __r11, __r12, __r13, __r14, __r15;
	uint64_t __rip, __rflags;
	uint64_t __cs, __fs, __gs;
};
typedef _STRUCT_X86_THREAD_STATE64 x86_thread_state64_t;
#define x86_THREAD_STATE64_COUNT THREAD_STATE_WORDS(x86_thread_state64_t)

// Only for the union below: no 32-bit program runs on Gila.
#define _STRUCT_X86_THREAD_STATE32 struct __darwin_i386_thread_state
_STRUCT_X86_THREAD_STATE32 {
	unsigned int __eax, __ebx, __ecx, __edx, __edi, __esi, __ebp, __esp;
	unsigned int __ss, __eflags, __eip, __cs, __ds, __es, __fs, __gs;
};
typedef _STRUCT_X86_THREAD_STATE32 x86_thread_state32_t;
#define x86_THREAD_STATE32_COUNT THREAD_STATE_WORDS(x86_thread_state32_t)

struct x86_thread_state {
	x86_state_hdr_t tsh; // says which of the two follows
	union {
		x86_thread_state32_t ts32;
		x86_thread_state64_t ts64;
	} uts;
};
typedef struct x86_thread_state x86_thread_state_t;
#define x86_THREAD_STATE_COUNT THREAD_STATE_WORDS(x86_thread_state_t)

#define _STRUCT_X86_THREAD_FULL_STATE64 struct __darwin_x86_thread_full_state64
_STRUCT_X86_THREAD_FULL_STATE64 {
	_STRUCT_X86_THREAD_STATE64 __ss64;
	uint64_t __ds, __es, __ss, __gsbase;
};
typedef _STRUCT_X86_THREAD_FULL_STATE64 x86_thread_full_state64_t;
#define x86_THREAD_FULL_STATE64_COUNT THREAD_STATE_WORDS(x86_thread_full_state64_t)

#define _STRUCT_X86_EXCEPTION_STATE64 struct __darwin_x86_exception_state64
_STRUCT_X86_EXCEPTION_STATE64 {
	uint16_t __trapno;
	uint16_t __cpu;
	uint32_t __err;
	uint64_t __faultvaddr;
};
typedef _STRUCT_X86_EXCEPTION_STATE64 x86_exception_state64_t;
#define x86_EXCEPTION_STATE64_COUNT THREAD_STATE_WORDS(x86_exception_state64_t)

#define _STRUCT_X86_DEBUG_STATE64 struct __darwin_x86_debug_state64
_STRUCT_X86_DEBUG_STATE64 {
	uint64_t __dr0, __dr1, __dr2, __dr3, __dr4, __dr5, __dr6, __dr7;
};
typedef _STRUCT_X86_DEBUG_STATE64 x86_debug_state64_t;
#define x86_DEBUG_STATE64_COUNT THREAD_STATE_WORDS(x86_debug_state64_t)

// The fields after __fpu_reserved are the FXSAVE image (Intel SDM, volume 1, 10.5.1).
#define _STRUCT_FP_CONTROL struct __darwin_fp_control
_STRUCT_FP_CONTROL {
	unsigned short __invalid : 1, __denorm : 1, __zdiv : 1, __ovrfl : 1, __undfl : 1, __precis : 1, : 2, __pc : 2,
		__rc : 2, : 1, : 3;
};

#define _STRUCT_FP_STATUS struct __darwin_fp_status
_STRUCT_FP_STATUS {
	unsigned short __invalid : 1, __denorm : 1, __zdiv : 1, __ovrfl : 1, __undfl : 1, __precis : 1, __stkflt : 1,
		__errsumm : 1, __c0 : 1, __c1 : 1, __c2 : 1, __tos : 3, __c3 : 1, __busy : 1;
};

#define _STRUCT_MMST_REG struct __darwin_mmst_reg
_STRUCT_MMST_REG {
	char __mmst_reg[10];
	char __mmst_rsrv[6];
};

#define _STRUCT_XMM_REG struct __darwin_xmm_reg
_STRUCT_XMM_REG {
	char __xmm_reg[16];
};

#define _STRUCT_X86_FLOAT_STATE64 struct __darwin_x86_float_state64
_STRUCT_X86_FLOAT_STATE64 {
	int __fpu_reserved[2];
	_STRUCT_FP_CONTROL __fpu_fcw;
	_STRUCT_FP_STATUS __fpu_fsw;
	uint8_t __fpu_ftw;
	uint8_t __fpu_rsrv1;
	uint16_t __fpu_fop;
	uint32_t __fpu_ip;
	uint16_t __fpu_cs;
	uint16_t __fpu_rsrv2;
	uint32_t __fpu_dp;
	uint16_t __fpu_ds;
	uint16_t __fpu_rsrv3;
	uint32_t __fpu_mxcsr;
	uint32_t __fpu_mxcsrmask;
	_STRUCT_MMST_REG __fpu_stmm0, __fpu_stmm1, __fpu_stmm2, __fpu_stmm3;
	_STRUCT_MMST_REG __fpu_stmm4, __fpu_stmm5, __fpu_stmm6, __fpu_stmm7;
	_STRUCT_XMM_REG __fpu_xmm0, __fpu_xmm1, __fpu_xmm2, __fpu_xmm3;
	_STRUCT_XMM_REG __fpu_xmm4, __fpu_xmm5, __fpu_xmm6, __fpu_xmm7;
	_STRUCT_XMM_REG __fpu_xmm8, __fpu_xmm9, __fpu_xmm10, __fpu_xmm11;
	_STRUCT_XMM_REG __fpu_xmm12, __fpu_xmm13, __fpu_xmm14, __fpu_xmm15;
	char __fpu_rsrv4[6 * 16];
	int __fpu_reserved1;
};
typedef _STRUCT_X86_FLOAT_STATE64 x86_float_state64_t;
#define x86_FLOAT_STATE64_COUNT THREAD_STATE_WORDS(x86_float_state64_t)

// ---- aarch64 ------------------------------------------------------------------------------------------------

#define ARM_THREAD_STATE 1 // a header, then the 32-bit or 64-bit state
#define ARM_UNIFIED_THREAD_STATE ARM_THREAD_STATE
#define ARM_VFP_STATE 2
#define ARM_EXCEPTION_STATE 3
#define ARM_DEBUG_STATE 4
#define ARM_THREAD_STATE64 6
#define ARM_EXCEPTION_STATE64 7
#define ARM_THREAD_STATE32 9
#define ARM_EXCEPTION_STATE64_V2 10
#define ARM_DEBUG_STATE32 14
#define ARM_DEBUG_STATE64 15
#define ARM_NEON_STATE 16
#define ARM_NEON_STATE64 17
#define ARM_CPMU_STATE64 18
#define ARM_PAGEIN_STATE 27

struct arm_state_hdr {
	uint32_t flavor;
	uint32_t count;
};
typedef struct arm_state_hdr arm_state_hdr_t;

#define _STRUCT_ARM_THREAD_STATE64 struct __darwin_arm_thread_state64
_STRUCT_ARM_THREAD_STATE64 {
	uint64_t __x[29];
	uint64_t __fp;
	uint64_t __lr;
	uint64_t __sp;
	uint64_t __pc;
	uint32_t __cpsr;
	uint32_t __pad;
};
typedef _STRUCT_ARM_THREAD_STATE64 arm_thread_state64_t;
#define ARM_THREAD_STATE64_COUNT THREAD_STATE_WORDS(arm_thread_state64_t)

// Only for the union below.
#define _STRUCT_ARM_THREAD_STATE struct __darwin_arm_thread_state
_STRUCT_ARM_THREAD_STATE {
	uint32_t __r[13];
	uint32_t __sp;
	uint32_t __lr;
	uint32_t __pc;
	uint32_t __cpsr;
};
typedef _STRUCT_ARM_THREAD_STATE arm_thread_state32_t;
#define ARM_THREAD_STATE32_COUNT THREAD_STATE_WORDS(arm_thread_state32_t)

struct arm_unified_thread_state {
	arm_state_hdr_t ash; // says which of the two follows
	union {
		arm_thread_state32_t ts_32;
		arm_thread_state64_t ts_64;
	} uts;
};
typedef struct arm_unified_thread_state arm_unified_thread_state_t;
#define ARM_UNIFIED_THREAD_STATE_COUNT THREAD_STATE_WORDS(arm_unified_thread_state_t)

#define _STRUCT_ARM_EXCEPTION_STATE64 struct __darwin_arm_exception_state64
_STRUCT_ARM_EXCEPTION_STATE64 {
	uint64_t __far;
	uint32_t __esr;
	uint32_t __exception;
};
typedef _STRUCT_ARM_EXCEPTION_STATE64 arm_exception_state64_t;
#define ARM_EXCEPTION_STATE64_COUNT THREAD_STATE_WORDS(arm_exception_state64_t)

#define _STRUCT_ARM_EXCEPTION_STATE64_V2 struct __darwin_arm_exception_state64_v2
_STRUCT_ARM_EXCEPTION_STATE64_V2 {
	uint64_t __far;
	uint64_t __esr;
};
typedef _STRUCT_ARM_EXCEPTION_STATE64_V2 arm_exception_state64_v2_t;
#define ARM_EXCEPTION_STATE64_V2_COUNT THREAD_STATE_WORDS(arm_exception_state64_v2_t)

#define _STRUCT_ARM_NEON_STATE64 struct __darwin_arm_neon_state64
_STRUCT_ARM_NEON_STATE64 {
	__uint128_t __v[32];
	uint32_t __fpsr;
	uint32_t __fpcr;
};
typedef _STRUCT_ARM_NEON_STATE64 arm_neon_state64_t;
#define ARM_NEON_STATE64_COUNT THREAD_STATE_WORDS(arm_neon_state64_t)

#define _STRUCT_ARM_DEBUG_STATE64 struct __darwin_arm_debug_state64
_STRUCT_ARM_DEBUG_STATE64 {
	uint64_t __bvr[16];
	uint64_t __bcr[16];
	uint64_t __wvr[16];
	uint64_t __wcr[16];
	uint64_t __mdscr_el1; // bit 0: single step
};
typedef _STRUCT_ARM_DEBUG_STATE64 arm_debug_state64_t;
#define ARM_DEBUG_STATE64_COUNT THREAD_STATE_WORDS(arm_debug_state64_t)

// ---- The native processor -----------------------------------------------------------------------------------

#if defined(__aarch64__)
#define THREAD_STATE_NONE 5
#define THREAD_STATE_MAX 1296 // words of the largest state
#define MACHINE_THREAD_STATE ARM_THREAD_STATE
#define MACHINE_THREAD_STATE_COUNT ARM_UNIFIED_THREAD_STATE_COUNT
#else
#define THREAD_STATE_NONE 13
#define THREAD_STATE_MAX 614
#define MACHINE_THREAD_STATE x86_THREAD_STATE
#define MACHINE_THREAD_STATE_COUNT x86_THREAD_STATE_COUNT
#endif

typedef natural_t thread_state_data_t[THREAD_STATE_MAX];

_Static_assert(sizeof(x86_thread_state64_t) == 168 && x86_THREAD_STATE64_COUNT == 42, "x86_THREAD_STATE64");
_Static_assert(offsetof(x86_thread_state64_t, __rip) == 128, "x86_THREAD_STATE64.__rip");
_Static_assert(sizeof(x86_thread_state_t) == 176 && x86_THREAD_STATE_COUNT == 44, "x86_THREAD_STATE");
_Static_assert(sizeof(x86_thread_full_state64_t) == 200, "x86_THREAD_FULL_STATE64");
_Static_assert(sizeof(x86_exception_state64_t) == 16, "x86_EXCEPTION_STATE64");
_Static_assert(sizeof(x86_debug_state64_t) == 64, "x86_DEBUG_STATE64");
_Static_assert(sizeof(x86_float_state64_t) == 524, "x86_FLOAT_STATE64");
_Static_assert(offsetof(x86_float_state64_t, __fpu_xmm0) == 8 + 160, "the FXSAVE image");
_Static_assert(sizeof(arm_thread_state64_t) == 272 && ARM_THREAD_STATE64_COUNT == 68, "ARM_THREAD_STATE64");
_Static_assert(offsetof(arm_thread_state64_t, __pc) == 256, "ARM_THREAD_STATE64.__pc");
_Static_assert(sizeof(arm_unified_thread_state_t) == 280, "ARM_UNIFIED_THREAD_STATE");
_Static_assert(sizeof(arm_exception_state64_t) == 16, "ARM_EXCEPTION_STATE64");
_Static_assert(sizeof(arm_neon_state64_t) == 528, "ARM_NEON_STATE64");
_Static_assert(sizeof(arm_debug_state64_t) == 520, "ARM_DEBUG_STATE64");

#endif
