// SPDX-License-Identifier: MIT
// Logs. Facts: <os/log.h>; Clang's __builtin_os_log_format.
#ifndef DARWIN_INCLUDE_OS_LOG_H
#define DARWIN_INCLUDE_OS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct os_log_s *os_log_t;
typedef uint8_t os_log_type_t;
enum { OS_LOG_TYPE_DEFAULT = 0, OS_LOG_TYPE_INFO = 1, OS_LOG_TYPE_DEBUG = 2, OS_LOG_TYPE_ERROR = 0x10, OS_LOG_TYPE_FAULT = 0x11 };
extern struct os_log_s _os_log_default;
#define OS_LOG_DEFAULT (&_os_log_default)
#define OS_LOG_DISABLED ((os_log_t)0)
os_log_t os_log_create(const char *, const char *);
bool os_log_type_enabled(os_log_t, os_log_type_t);
void _os_log_impl(void *, os_log_t, os_log_type_t, const char *, uint8_t *, uint32_t);
extern char __dso_handle;
#define os_log_with_type(log, type, format, ...)                                                                       \
	do {                                                                                                           \
		if (os_log_type_enabled(log, type)) {                                                                  \
			uint8_t buffer[__builtin_os_log_format_buffer_size(format, ##__VA_ARGS__)];                    \
			__builtin_os_log_format(buffer, format, ##__VA_ARGS__);                                        \
			_os_log_impl(&__dso_handle, log, type, format, buffer, sizeof(buffer));                        \
		}                                                                                                      \
	} while (0)
#define os_log(log, ...) os_log_with_type(log, OS_LOG_TYPE_DEFAULT, __VA_ARGS__)
#define os_log_error(log, ...) os_log_with_type(log, OS_LOG_TYPE_ERROR, __VA_ARGS__)
#define os_log_debug(log, ...) os_log_with_type(log, OS_LOG_TYPE_DEBUG, __VA_ARGS__)
void *os_retain(void *);
void os_release(void *);
typedef uint64_t os_signpost_id_t;
bool os_signpost_enabled(os_log_t);
os_signpost_id_t os_signpost_id_generate(os_log_t);
os_signpost_id_t os_signpost_id_make_with_pointer(os_log_t, const void *);

typedef struct os_activity_s *os_activity_t;
struct os_activity_scope_state_s {
	uint64_t opaque[2];
};
extern struct os_activity_s _os_activity_none, _os_activity_current;
os_activity_t _os_activity_create(void *, const char *, os_activity_t, uint32_t);
void os_activity_scope_enter(os_activity_t, struct os_activity_scope_state_s *);
void os_activity_scope_leave(struct os_activity_scope_state_s *);
uint64_t os_activity_get_identifier(os_activity_t, uint64_t *);
#ifdef __BLOCKS__
void os_activity_apply(os_activity_t, void (^)(void));
#endif
#ifdef __cplusplus
}
#endif

#endif
