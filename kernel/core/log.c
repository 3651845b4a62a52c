// SPDX-License-Identifier: MIT
// The kernel log and the end of the world; see base.h. A line is "[seconds.micros] who: text". What comes from user
// space is made printable on its way in.
#include "base.h"

#include "lock.h"

#define LOG_SIZE (256u << 10)
#define LINE_SIZE 512u

static struct lock log_lock;
static bool log_ready;
static char ring[LOG_SIZE];
static uint64_t written; // bytes since boot
static _Atomic bool panicking;

void log_module_init(void)
{
	lock_init(&log_lock, RANK_LOG);
	log_ready = true;
}

static void log_append(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		ring[(written + i) % LOG_SIZE] = text[i];
	written += length;
}

static void log_line_list(const char *who, const char *format, va_list list)
{
	char line[LINE_SIZE];
	uint64_t now = md_clock_now() / 1000;
	size_t length = format_text(line, sizeof(line), "[%4lu.%06lu] %s: ", now / 1000000, now % 1000000, who);
	if (length < sizeof(line) - 1)
		length += format_text_list(line + length, sizeof(line) - length, format, list);
	if (length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[length++] = '\n';
	if (log_ready && !atomic_load(&panicking)) {
		lock_acquire(&log_lock);
		log_append(line, length);
		lock_release(&log_lock);
	}
	md_log_write(line, length);
}

void log_line(const char *who, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	log_line_list(who, format, list);
	va_end(list);
}

size_t log_read(uint64_t *offset, char *to, size_t room)
{
	lock_acquire(&log_lock);
	if (*offset > written)
		*offset = written;
	if (written - *offset > LOG_SIZE) {
		// What was overwritten is gone; start at the next whole line.
		*offset = written - LOG_SIZE;
		while (*offset < written && ring[*offset % LOG_SIZE] != '\n')
			++*offset;
		if (*offset < written)
			++*offset;
	}
	size_t count = 0;
	for (; count < room && *offset < written; count++)
		to[count] = ring[(*offset)++ % LOG_SIZE];
	lock_release(&log_lock);
	return count;
}

void panic(const char *format, ...)
{
	va_list list;
	if (atomic_exchange(&panicking, true))
		md_end(MD_END_PANIC, 70); // a panic while panicking
	va_start(list, format);
	log_line_list("panic", format, list);
	va_end(list);
	md_end(MD_END_PANIC, 70);
}

void assertion_failed(const struct assertion *assertion)
{
	panic("%s:%d: assertion failed: %s", assertion->file, assertion->line, assertion->expression);
}
