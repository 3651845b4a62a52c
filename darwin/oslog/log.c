// SPDX-License-Identifier: MIT
// os_log: nobody keeps messages here; with OS_ACTIVITY_DT_MODE in the environment they are written to standard error, as when a
// debugger starts a program. Facts: <os/log.h>, os_log(3).
#include "../dispatch/object.h"
#include "../libsystem/errno.h"
#include "../libsystem/futex.h"
#include "../libsystem/thread.h"
#include "format.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum log_type { LOG_DEFAULT = 0, LOG_INFO = 1, LOG_DEBUG = 2, LOG_ERROR = 0x10, LOG_FAULT = 0x11 };
#define MESSAGE_MOST 1024u

struct oslog {
	struct dispatch_object head; // dispatch_retain and os_retain are the same
	const char *subsystem, *category;
	struct oslog *next;
};

static const struct dispatch_class oslog_class = {.kind = DISPATCH_LOG};
#define OSLOG_STATIC {.class = &oslog_class, .references = DISPATCH_FOREVER_USERS, .users = DISPATCH_FOREVER_USERS}

struct oslog darwin_os_log_default = {.head = OSLOG_STATIC}, darwin_os_log_disabled = {.head = OSLOG_STATIC};
static _Atomic uint32_t logs_lock;
static struct oslog *logs; // [logs_lock] they stay, as on Darwin

char *darwin_strerror(int number);
const char *darwin_getprogname(void);

struct oslog *darwin_os_log_create(const char *subsystem, const char *category)
{
	struct oslog *log;
	futex_lock(&logs_lock);
	for (log = logs; log; log = log->next)
		if (strcmp(log->subsystem, subsystem) == 0 && strcmp(log->category, category) == 0)
			break;
	if (!log && (log = calloc(1, sizeof(*log)))) {
		*log = (struct oslog){OSLOG_STATIC, strdup(subsystem), strdup(category), logs};
		if (log->subsystem && log->category)
			logs = log;
		else
			log = &darwin_os_log_default;
	}
	futex_unlock(&logs_lock);
	return log ? log : &darwin_os_log_default;
}

static bool is_yes(const char *value)
{
	return value && *value && strcmp(value, "0") != 0 && strcasecmp(value, "NO") != 0 && strcasecmp(value, "disable") != 0;
}

static bool is_shown(void)
{
	const char *mode = getenv("OS_ACTIVITY_MODE");
	return is_yes(getenv("OS_ACTIVITY_DT_MODE")) && !(mode && strcasecmp(mode, "disable") == 0);
}

uint8_t darwin_os_log_type_enabled(const struct oslog *log, uint8_t type)
{
	if (!log || log == &darwin_os_log_disabled)
		return false;
	return is_shown() || type != LOG_DEBUG;
}

uint8_t darwin_os_log_is_enabled(const struct oslog *log)
{
	return darwin_os_log_type_enabled(log, LOG_DEFAULT);
}

uint8_t darwin_os_log_is_debug_enabled(const struct oslog *log)
{
	return darwin_os_log_type_enabled(log, LOG_DEBUG);
}

static void show(const struct oslog *log, const char *message)
{
	char line[MESSAGE_MOST + 512], date[32], zone[8];
	struct timeval now;
	struct tm parts;
	gettimeofday(&now, NULL);
	localtime_r(&now.tv_sec, &parts);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &parts);
	strftime(zone, sizeof(zone), "%z", &parts);
	bool named = log->subsystem != NULL;
	int length = snprintf(line, sizeof(line), "%s.%06ld%s %.64s[%d:%d] %s%.128s%s%.128s%s%s\n", date, (long)now.tv_usec, zone,
			      darwin_getprogname(), getpid(), thread_self()->id, named ? "[" : "",
			      named ? log->subsystem : "", named ? ":" : "", named ? log->category : "", named ? "] " : "",
			      message);
	if (length >= (int)sizeof(line)) {
		length = (int)sizeof(line) - 1;
		line[length - 1] = '\n';
	}
	if (write(2, line, (size_t)length) < 0) {
		// nobody reads it: a log never stops a program
	}
}

void darwin_os_log_impl(void *image, const struct oslog *log, uint8_t type, const char *format, const uint8_t *buffer,
			uint32_t size)
{
	char message[MESSAGE_MOST];
	int host = errno, darwin = thread_self()->error;
	(void)image;
	if (is_shown() && darwin_os_log_type_enabled(log, type)) {
		oslog_format(message, sizeof(message), format, buffer, size, darwin_strerror(darwin));
		show(log, message);
	}
	errno = host;
	thread_self()->error = darwin;
}

void darwin_os_log_debug_impl(void *image, const struct oslog *log, uint8_t type, const char *format,
			      const uint8_t *buffer, uint32_t size)
{
	(void)type;
	darwin_os_log_impl(image, log, LOG_DEBUG, format, buffer, size);
}

void darwin_os_log_error_impl(void *image, const struct oslog *log, uint8_t type, const char *format,
			      const uint8_t *buffer, uint32_t size)
{
	(void)type;
	darwin_os_log_impl(image, log, LOG_ERROR, format, buffer, size);
}

void darwin_os_log_fault_impl(void *image, const struct oslog *log, uint8_t type, const char *format,
			      const uint8_t *buffer, uint32_t size)
{
	(void)type;
	darwin_os_log_impl(image, log, LOG_FAULT, format, buffer, size);
}

// Without {public} and the like, which printf does not know.
static void drop_braces(char *to, size_t room, const char *format)
{
	size_t used = 0;
	while (*format && used < room - 1) {
		to[used++] = *format++;
		if (to[used - 1] == '%' && *format == '{') {
			format += strcspn(format, "}");
			format += *format == '}';
		}
	}
	to[used] = '\0';
}

void darwin_os_log_with_args(const struct oslog *log, uint8_t type, const char *format, va_list arguments, void *caller)
{
	char plain[MESSAGE_MOST], message[MESSAGE_MOST];
	(void)caller;
	if (!is_shown() || !darwin_os_log_type_enabled(log, type))
		return;
	errno = errno_from_darwin(thread_self()->error); // %m
	drop_braces(plain, sizeof(plain), format);
	vsnprintf(message, sizeof(message), plain, arguments);
	show(log, message);
}

void darwin_os_log_internal(void *image, const struct oslog *log, uint8_t type, const char *format, ...)
{
	va_list arguments;
	(void)image;
	va_start(arguments, format);
	darwin_os_log_with_args(log, type, format, arguments, NULL);
	va_end(arguments);
}

// Programs keep objects of libdispatch and of os_log by the same calls.
struct dispatch_object *darwin_os_retain(struct dispatch_object *object)
{
	darwin_dispatch_retain(object);
	return object;
}

void darwin_os_release(struct dispatch_object *object)
{
	darwin_dispatch_release(object);
}
