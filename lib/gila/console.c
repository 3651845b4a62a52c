// SPDX-License-Identifier: MIT
// The console for programs; see <gila/console.h>.
#include <gila/console.h>

#include <abi/console.h>
#include <stdarg.h>
#include <stdio.h>

kern_return_t gila_console_write(const void *data, size_t size)
{
	mach_port_t console;
	kern_return_t error = gila_seat("console", &console);
	for (size_t done = 0; !error && done < size; done += CONSOLE_DATA_MAX) {
		size_t piece = size - done < CONSOLE_DATA_MAX ? size - done : CONSOLE_DATA_MAX;
		error = console_write(console, (const uint8_t *)data + done, (mach_msg_type_number_t)piece);
	}
	return error;
}

void gila_print(const char *format, ...)
{
	char text[2048];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length <= 0)
		return;
	size_t size = length < (int)sizeof(text) ? (size_t)length : sizeof(text) - 1;
	if (gila_console_write(text, size))
		gila_logf("%.*s", (int)(text[size - 1] == '\n' ? size - 1 : size), text);
}

kern_return_t gila_console_open(mach_port_t *session)
{
	mach_port_t console;
	kern_return_t error = gila_seat("console", &console);
	return error ? error : console_open(console, session);
}

kern_return_t gila_console_read(mach_port_t session, enum console_mode mode, void *to, size_t size, size_t *got)
{
	mach_msg_type_number_t count = size < CONSOLE_DATA_MAX ? (mach_msg_type_number_t)size : CONSOLE_DATA_MAX;
	kern_return_t error = console_read(session, mode, count, to, &count);
	*got = error ? 0 : count;
	return error;
}

void gila_console_size(uint32_t *rows, uint32_t *columns)
{
	mach_port_t console;
	*rows = *columns = 0;
	if (gila_seat("console", &console) || console_size(console, rows, columns))
		*rows = *columns = 0;
}
