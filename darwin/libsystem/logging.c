// SPDX-License-Identifier: MIT
// syslog, and who is logged in (utmpx). Facts: Libc's <syslog.h>: priorities, options and facilities have Linux' numbers; %m is the error.
// <utmpx.h>: struct utmpx.
#include "abi.h"
#include "errno.h"
#include "printf.h"
#include "thread.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <utmpx.h>

char *darwin_strerror(int);
const char *darwin_getprogname(void);

static char *with_error(const char *format, const char *error)
{
	size_t extra = 0, length = strlen(error);
	for (const char *at = format; (at = strstr(at, "%m")); at += 2)
		extra += 2 * length;
	char *text = malloc(strlen(format) + extra + 1), *to = text;
	for (; text && *format; format++) {
		if (format[0] == '%' && format[1] == 'm') {
			for (const char *from = error; *from; from++) {
				if (*from == '%')
					*to++ = '%';
				*to++ = *from;
			}
			format++;
			continue;
		}
		*to++ = *format;
		if (format[0] == '%' && format[1] == '%')
			*to++ = *++format;
	}
	if (text)
		*to = '\0';
	return text;
}

void darwin_vsyslog(int priority, const char *format, va_list arguments)
{
	char *text = NULL, *whole = with_error(format, darwin_strerror(thread_self()->error));
	if (whole && print_to_block(&text, locale_current(), whole, arguments) >= 0)
		syslog(priority, "%s", text);
	free(text);
	free(whole);
}

void darwin_syslog(int priority, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	darwin_vsyslog(priority, format, arguments);
	va_end(arguments);
}

void darwin_openlog(const char *name, int options, int facility)
{
	openlog(name ? name : darwin_getprogname(), options, facility);
}

// ---- utmpx ----------------------------------------------------------------------------------------------------------

struct darwin_utmpx {
	char user[256], id[4], line[32];
	int32_t process;
	int16_t type, pad;
	struct darwin_timeval time;
	char host[256];
	uint32_t rest[16];
};
_Static_assert(sizeof(struct darwin_utmpx) == 640, "struct utmpx");

static int16_t type_to_darwin(short host)
{
	return host == OLD_TIME ? 3 : host == NEW_TIME ? 4 : host; // the others are the same
}

static struct darwin_utmpx *answer(const struct utmpx *from)
{
	static struct darwin_utmpx to;
	if (!from)
		return NULL;
	memset(&to, 0, sizeof(to));
	memcpy(to.user, from->ut_user, sizeof(from->ut_user));
	memcpy(to.id, from->ut_id, sizeof(to.id));
	memcpy(to.line, from->ut_line, sizeof(to.line));
	memcpy(to.host, from->ut_host, sizeof(to.host) - 1);
	to.process = from->ut_pid;
	to.type = type_to_darwin(from->ut_type);
	to.time = (struct darwin_timeval){from->ut_tv.tv_sec, from->ut_tv.tv_usec, 0};
	return &to;
}

struct darwin_utmpx *darwin_getutxent(void)
{
	return answer(getutxent());
}

struct darwin_utmpx *darwin_getutxline(const struct darwin_utmpx *wanted)
{
	struct utmpx host = {0};
	memcpy(host.ut_line, wanted->line, sizeof(host.ut_line));
	return answer(getutxline(&host));
}

static struct utmpx host_of(const struct darwin_utmpx *from)
{
	struct utmpx to = {0};
	memcpy(to.ut_user, from->user, sizeof(to.ut_user));
	memcpy(to.ut_id, from->id, sizeof(to.ut_id));
	memcpy(to.ut_line, from->line, sizeof(to.ut_line));
	memcpy(to.ut_host, from->host, sizeof(to.ut_host));
	to.ut_pid = from->process;
	to.ut_type = from->type == 3 ? OLD_TIME : from->type == 4 ? NEW_TIME : (short)(from->type & 0xff);
	to.ut_tv.tv_sec = (int32_t)from->time.seconds;
	to.ut_tv.tv_usec = from->time.microseconds;
	return to;
}

struct darwin_utmpx *darwin_getutxid(const struct darwin_utmpx *wanted)
{
	struct utmpx host = host_of(wanted);
	return answer(getutxid(&host));
}

struct darwin_utmpx *darwin_pututxline(const struct darwin_utmpx *line)
{
	struct utmpx host = host_of(line);
	struct utmpx *put = pututxline(&host);
	if (!put)
		errno_result(-1);
	return answer(put);
}
