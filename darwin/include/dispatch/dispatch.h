// SPDX-License-Identifier: MIT
// libdispatch. Facts: <dispatch/{object,time,queue,group,semaphore,once,source,block,data,io}.h>.
#ifndef DARWIN_INCLUDE_DISPATCH_H
#define DARWIN_INCLUDE_DISPATCH_H

#include <stdbool.h>
#include <sys/qos.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct dispatch_object_s *dispatch_object;
typedef struct dispatch_queue_s *dispatch_queue_t;
typedef struct dispatch_queue_attr_s *dispatch_queue_attr_t;
typedef struct dispatch_group_s *dispatch_group_t;
typedef struct dispatch_semaphore_s *dispatch_semaphore_t;
typedef struct dispatch_source_s *dispatch_source_t;
typedef const struct dispatch_source_type_s *dispatch_source_type_t;
typedef union {
	dispatch_object object;
	dispatch_queue_t queue;
	dispatch_group_t group;
	dispatch_semaphore_t semaphore;
	dispatch_source_t source;
	struct dispatch_data_s *data;
	struct dispatch_io_s *io;
} dispatch_object_t __attribute__((__transparent_union__));
typedef void (*dispatch_function_t)(void *);
typedef unsigned long long dispatch_time_t;

#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define DISPATCH_TIME_NOW 0ull
#define DISPATCH_TIME_FOREVER (~0ull)
#define DISPATCH_WALLTIME_NOW (~1ull)
dispatch_time_t dispatch_time(dispatch_time_t, long long);
dispatch_time_t dispatch_walltime(const struct timespec *, long long);

void dispatch_retain(dispatch_object_t);
void dispatch_release(dispatch_object_t);
void *dispatch_get_context(dispatch_object_t);
void dispatch_set_context(dispatch_object_t, void *);
void dispatch_set_finalizer_f(dispatch_object_t, dispatch_function_t);
void dispatch_set_target_queue(dispatch_object_t, dispatch_queue_t);
void dispatch_suspend(dispatch_object_t);
void dispatch_resume(dispatch_object_t);
void dispatch_activate(dispatch_object_t);

extern struct dispatch_queue_s _dispatch_main_q;
extern struct dispatch_queue_attr_s _dispatch_queue_attr_concurrent;
#define dispatch_get_main_queue() (&_dispatch_main_q)
#define DISPATCH_QUEUE_SERIAL ((dispatch_queue_attr_t)0)
#define DISPATCH_QUEUE_CONCURRENT (&_dispatch_queue_attr_concurrent)
#define DISPATCH_CURRENT_QUEUE_LABEL ((dispatch_queue_t)0)
#define DISPATCH_TARGET_QUEUE_DEFAULT ((dispatch_queue_t)0)
#define DISPATCH_APPLY_AUTO ((dispatch_queue_t)0)
enum {
	DISPATCH_QUEUE_PRIORITY_HIGH = 2,
	DISPATCH_QUEUE_PRIORITY_DEFAULT = 0,
	DISPATCH_QUEUE_PRIORITY_LOW = -2,
	DISPATCH_QUEUE_PRIORITY_BACKGROUND = -32768
};
dispatch_queue_t dispatch_get_global_queue(long, unsigned long);
dispatch_queue_t dispatch_get_current_queue(void);
dispatch_queue_attr_t dispatch_queue_attr_make_initially_inactive(dispatch_queue_attr_t);
dispatch_queue_attr_t dispatch_queue_attr_make_with_qos_class(dispatch_queue_attr_t, qos_class_t, int);
dispatch_queue_t dispatch_queue_create(const char *, dispatch_queue_attr_t);
dispatch_queue_t dispatch_queue_create_with_target(const char *, dispatch_queue_attr_t, dispatch_queue_t) __asm__("_dispatch_queue_create_with_target$V2");
dispatch_queue_t dispatch_workloop_create(const char *);
dispatch_queue_t dispatch_workloop_create_inactive(const char *);
void dispatch_workloop_set_autorelease_frequency(dispatch_queue_t, unsigned long);
void dispatch_set_qos_class_floor(dispatch_object_t, qos_class_t, int);
const char *dispatch_queue_get_label(dispatch_queue_t);
qos_class_t dispatch_queue_get_qos_class(dispatch_queue_t, int *);
void dispatch_queue_set_specific(dispatch_queue_t, const void *, void *, dispatch_function_t);
void *dispatch_queue_get_specific(dispatch_queue_t, const void *);
void *dispatch_get_specific(const void *);
void dispatch_assert_queue(dispatch_queue_t) __asm__("_dispatch_assert_queue$V2");
void dispatch_assert_queue_not(dispatch_queue_t) __asm__("_dispatch_assert_queue_not$V2");
void dispatch_assert_queue_barrier(dispatch_queue_t);
void dispatch_main(void) __attribute__((noreturn));
void dispatch_async_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_sync_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_barrier_async_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_barrier_sync_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_after_f(dispatch_time_t, dispatch_queue_t, void *, dispatch_function_t);
void dispatch_apply_f(size_t, dispatch_queue_t, void *, void (*)(void *, size_t));

dispatch_group_t dispatch_group_create(void);
void dispatch_group_enter(dispatch_group_t);
void dispatch_group_leave(dispatch_group_t);
long dispatch_group_wait(dispatch_group_t, dispatch_time_t);
void dispatch_group_async_f(dispatch_group_t, dispatch_queue_t, void *, dispatch_function_t);
void dispatch_group_notify_f(dispatch_group_t, dispatch_queue_t, void *, dispatch_function_t);

dispatch_semaphore_t dispatch_semaphore_create(long);
long dispatch_semaphore_wait(dispatch_semaphore_t, dispatch_time_t);
long dispatch_semaphore_signal(dispatch_semaphore_t);

typedef long dispatch_once_t;
void dispatch_once_f(dispatch_once_t *, void *, dispatch_function_t);

#define DISPATCH_SOURCE_TYPE(name)                                                                                     \
	extern const struct dispatch_source_type_s _dispatch_source_type_##name
DISPATCH_SOURCE_TYPE(data_add);
DISPATCH_SOURCE_TYPE(data_or);
DISPATCH_SOURCE_TYPE(data_replace);
DISPATCH_SOURCE_TYPE(timer);
DISPATCH_SOURCE_TYPE(read);
DISPATCH_SOURCE_TYPE(write);
DISPATCH_SOURCE_TYPE(signal);
DISPATCH_SOURCE_TYPE(proc);
DISPATCH_SOURCE_TYPE(vnode);
DISPATCH_SOURCE_TYPE(mach_recv);
DISPATCH_SOURCE_TYPE(mach_send);
DISPATCH_SOURCE_TYPE(memorypressure);
#define DISPATCH_SOURCE_TYPE_DATA_ADD (&_dispatch_source_type_data_add)
#define DISPATCH_SOURCE_TYPE_DATA_OR (&_dispatch_source_type_data_or)
#define DISPATCH_SOURCE_TYPE_DATA_REPLACE (&_dispatch_source_type_data_replace)
#define DISPATCH_SOURCE_TYPE_TIMER (&_dispatch_source_type_timer)
#define DISPATCH_SOURCE_TYPE_READ (&_dispatch_source_type_read)
#define DISPATCH_SOURCE_TYPE_WRITE (&_dispatch_source_type_write)
#define DISPATCH_SOURCE_TYPE_SIGNAL (&_dispatch_source_type_signal)
#define DISPATCH_SOURCE_TYPE_PROC (&_dispatch_source_type_proc)
#define DISPATCH_SOURCE_TYPE_VNODE (&_dispatch_source_type_vnode)
#define DISPATCH_SOURCE_TYPE_MACH_RECV (&_dispatch_source_type_mach_recv)
#define DISPATCH_SOURCE_TYPE_MACH_SEND (&_dispatch_source_type_mach_send)
#define DISPATCH_SOURCE_TYPE_MEMORYPRESSURE (&_dispatch_source_type_memorypressure)
enum { DISPATCH_MACH_SEND_DEAD = 1, DISPATCH_MEMORYPRESSURE_NORMAL = 1, DISPATCH_MEMORYPRESSURE_WARN = 2, DISPATCH_MEMORYPRESSURE_CRITICAL = 4 };
#define DISPATCH_PROC_EXIT 0x80000000u
enum { DISPATCH_VNODE_DELETE = 1, DISPATCH_VNODE_WRITE = 2, DISPATCH_VNODE_EXTEND = 4, DISPATCH_VNODE_RENAME = 0x20 };
dispatch_source_t dispatch_source_create(dispatch_source_type_t, uintptr_t, unsigned long, dispatch_queue_t);
void dispatch_source_set_event_handler_f(dispatch_source_t, dispatch_function_t);
void dispatch_source_set_cancel_handler_f(dispatch_source_t, dispatch_function_t);
void dispatch_source_cancel(dispatch_source_t);
long dispatch_source_testcancel(dispatch_source_t);
uintptr_t dispatch_source_get_handle(dispatch_source_t);
unsigned long dispatch_source_get_mask(dispatch_source_t);
unsigned long dispatch_source_get_data(dispatch_source_t);
void dispatch_source_merge_data(dispatch_source_t, unsigned long);
void dispatch_source_set_timer(dispatch_source_t, dispatch_time_t, unsigned long long, unsigned long long);

typedef struct dispatch_data_s *dispatch_data_t;
typedef struct dispatch_io_s *dispatch_io_t;
extern struct dispatch_data_s _dispatch_data_empty;
#define dispatch_data_empty (&_dispatch_data_empty)
enum { DISPATCH_IO_STREAM = 0, DISPATCH_IO_RANDOM = 1, DISPATCH_IO_STOP = 1 };

#ifdef __BLOCKS__
typedef void (^dispatch_block_t)(void);
extern const dispatch_block_t _dispatch_data_destructor_free;
#define DISPATCH_DATA_DESTRUCTOR_DEFAULT ((dispatch_block_t)0)
#define DISPATCH_DATA_DESTRUCTOR_FREE (_dispatch_data_destructor_free)
dispatch_data_t dispatch_data_create(const void *, size_t, dispatch_queue_t, dispatch_block_t);
size_t dispatch_data_get_size(dispatch_data_t);
dispatch_data_t dispatch_data_create_map(dispatch_data_t, const void **, size_t *);
dispatch_data_t dispatch_data_create_concat(dispatch_data_t, dispatch_data_t);
dispatch_data_t dispatch_data_create_subrange(dispatch_data_t, size_t, size_t);
bool dispatch_data_apply(dispatch_data_t, bool (^)(dispatch_data_t, size_t, const void *, size_t));
dispatch_data_t dispatch_data_copy_region(dispatch_data_t, size_t, size_t *);
typedef void (^dispatch_io_handler_t)(bool, dispatch_data_t, int);
void dispatch_read(int, size_t, dispatch_queue_t, void (^)(dispatch_data_t, int));
void dispatch_write(int, dispatch_data_t, dispatch_queue_t, void (^)(dispatch_data_t, int));
dispatch_io_t dispatch_io_create(unsigned long, int, dispatch_queue_t, void (^)(int));
dispatch_io_t dispatch_io_create_with_path(unsigned long, const char *, int, mode_t, dispatch_queue_t, void (^)(int));
dispatch_io_t dispatch_io_create_with_io(unsigned long, dispatch_io_t, dispatch_queue_t, void (^)(int));
void dispatch_io_read(dispatch_io_t, off_t, size_t, dispatch_queue_t, dispatch_io_handler_t);
void dispatch_io_write(dispatch_io_t, off_t, dispatch_data_t, dispatch_queue_t, dispatch_io_handler_t);
void dispatch_io_close(dispatch_io_t, unsigned long);
void dispatch_io_barrier(dispatch_io_t, dispatch_block_t);
int dispatch_io_get_descriptor(dispatch_io_t);
void dispatch_io_set_high_water(dispatch_io_t, size_t);
void dispatch_io_set_low_water(dispatch_io_t, size_t);
void dispatch_async(dispatch_queue_t, dispatch_block_t);
void dispatch_sync(dispatch_queue_t, dispatch_block_t);
void dispatch_async_and_wait(dispatch_queue_t, dispatch_block_t);
void dispatch_barrier_async(dispatch_queue_t, dispatch_block_t);
void dispatch_barrier_sync(dispatch_queue_t, dispatch_block_t);
void dispatch_after(dispatch_time_t, dispatch_queue_t, dispatch_block_t);
void dispatch_apply(size_t, dispatch_queue_t, void (^)(size_t));
void dispatch_group_async(dispatch_group_t, dispatch_queue_t, dispatch_block_t);
void dispatch_group_notify(dispatch_group_t, dispatch_queue_t, dispatch_block_t);
void dispatch_once(dispatch_once_t *, dispatch_block_t);
void dispatch_source_set_event_handler(dispatch_source_t, dispatch_block_t);
void dispatch_source_set_cancel_handler(dispatch_source_t, dispatch_block_t);
void dispatch_source_set_registration_handler(dispatch_source_t, dispatch_block_t);
enum { DISPATCH_BLOCK_BARRIER = 1, DISPATCH_BLOCK_DETACHED = 2 };
dispatch_block_t dispatch_block_create_with_qos_class(unsigned long, qos_class_t, int, dispatch_block_t);
dispatch_block_t dispatch_block_create(unsigned long, dispatch_block_t);
void dispatch_block_perform(unsigned long, dispatch_block_t);
long dispatch_block_wait(dispatch_block_t, dispatch_time_t);
void dispatch_block_notify(dispatch_block_t, dispatch_queue_t, dispatch_block_t);
void dispatch_block_cancel(dispatch_block_t);
long dispatch_block_testcancel(dispatch_block_t);
#endif
#ifdef __cplusplus
}
#endif

#endif
