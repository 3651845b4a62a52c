// SPDX-License-Identifier: MIT
// What thread_info tells: flavours and their structures. Values and layouts of macOS <mach/thread_info.h>. Counts are
// in 32-bit words.
#ifndef MACH_THREAD_INFO_H
#define MACH_THREAD_INFO_H

#include <mach/message.h>
#include <mach/policy.h>
#include <mach/time_value.h>
#include <mach/vm_types.h>

typedef natural_t thread_flavor_t;
typedef integer_t *thread_info_t;

#define THREAD_INFO_MAX 32
typedef integer_t thread_info_data_t[THREAD_INFO_MAX];

#define THREAD_BASIC_INFO 3
struct thread_basic_info {
	time_value_t user_time;
	time_value_t system_time;
	integer_t cpu_usage; // TH_USAGE_SCALE is one whole CPU
	policy_t policy;
	integer_t run_state; // TH_STATE_*
	integer_t flags;     // TH_FLAGS_*
	integer_t suspend_count;
	integer_t sleep_time; // seconds
};
typedef struct thread_basic_info thread_basic_info_data_t;
typedef struct thread_basic_info *thread_basic_info_t;
#define THREAD_BASIC_INFO_COUNT ((mach_msg_type_number_t)(sizeof(thread_basic_info_data_t) / sizeof(natural_t)))

#define THREAD_IDENTIFIER_INFO 4
struct thread_identifier_info {
	uint64_t thread_id;	 // unique since boot
	uint64_t thread_handle;	 // address of the thread's own data
	uint64_t dispatch_qaddr; // address of its libdispatch queue
};
typedef struct thread_identifier_info thread_identifier_info_data_t;
typedef struct thread_identifier_info *thread_identifier_info_t;
#define THREAD_IDENTIFIER_INFO_COUNT                                                                                   \
	((mach_msg_type_number_t)(sizeof(thread_identifier_info_data_t) / sizeof(natural_t)))

#define THREAD_EXTENDED_INFO 5
#define MAXTHREADNAMESIZE 64
struct thread_extended_info {
	uint64_t pth_user_time;	  // nanoseconds
	uint64_t pth_system_time; // nanoseconds
	int32_t pth_cpu_usage;
	int32_t pth_policy;
	int32_t pth_run_state;
	int32_t pth_flags;
	int32_t pth_sleep_time; // seconds
	int32_t pth_curpri;
	int32_t pth_priority;
	int32_t pth_maxpriority;
	char pth_name[MAXTHREADNAMESIZE]; // ends with a zero byte
};
typedef struct thread_extended_info thread_extended_info_data_t;
typedef struct thread_extended_info *thread_extended_info_t;
#define THREAD_EXTENDED_INFO_COUNT ((mach_msg_type_number_t)(sizeof(thread_extended_info_data_t) / sizeof(natural_t)))

#define THREAD_DEBUG_INFO_INTERNAL 6
#define THREAD_SCHED_TIMESHARE_INFO 10
#define THREAD_SCHED_RR_INFO 11
#define THREAD_SCHED_FIFO_INFO 12

#define TH_USAGE_SCALE 1000

#define TH_STATE_RUNNING 1
#define TH_STATE_STOPPED 2
#define TH_STATE_WAITING 3
#define TH_STATE_UNINTERRUPTIBLE 4
#define TH_STATE_HALTED 5

#define TH_FLAGS_SWAPPED 0x1
#define TH_FLAGS_IDLE 0x2
#define TH_FLAGS_GLOBAL_FORCED_IDLE 0x4

_Static_assert(sizeof(struct thread_basic_info) == 40, "thread_basic_info");
_Static_assert(sizeof(struct thread_identifier_info) == 24, "thread_identifier_info");
_Static_assert(sizeof(struct thread_extended_info) == 112, "thread_extended_info");

#endif
