// SPDX-License-Identifier: MIT
// Notifications by name. Facts: notify(3).
#ifndef DARWIN_INCLUDE_NOTIFY_H
#define DARWIN_INCLUDE_NOTIFY_H

#include <dispatch/dispatch.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { NOTIFY_STATUS_OK = 0, NOTIFY_STATUS_INVALID_NAME = 1, NOTIFY_STATUS_INVALID_TOKEN = 2, NOTIFY_REUSE = 1 };
uint32_t notify_post(const char *);
uint32_t notify_register_check(const char *, int *);
uint32_t notify_register_signal(const char *, int, int *);
uint32_t notify_register_file_descriptor(const char *, int *, int, int *);
uint32_t notify_register_mach_port(const char *, unsigned *, int, int *);
uint32_t notify_check(int, int *);
uint32_t notify_cancel(int);
uint32_t notify_suspend(int);
uint32_t notify_resume(int);
uint32_t notify_set_state(int, uint64_t);
uint32_t notify_get_state(int, uint64_t *);
bool notify_is_valid_token(int);
#ifdef __BLOCKS__
uint32_t notify_register_dispatch(const char *, int *, dispatch_queue_t, void (^)(int));
#endif
#ifdef __cplusplus
}
#endif

#endif
