// SPDX-License-Identifier: MIT
// Messages of the loader and of libSystem itself; see report.h.
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static void report_line(const char *format, va_list arguments)
{
	char line[2048] = "gila: ";
	int length = 6 + vsnprintf(line + 6, sizeof(line) - 7, format, arguments);
	if (length > (int)sizeof(line) - 2)
		length = (int)sizeof(line) - 2;
	line[length++] = '\n';
	if (write(2, line, (size_t)length) < 0) {
		// there is nobody to tell
	}
}

void report(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	report_line(format, arguments);
	va_end(arguments);
}

_Noreturn void report_fatal(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	report_line(format, arguments);
	va_end(arguments);
	_exit(126);
}
