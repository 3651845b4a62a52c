// SPDX-License-Identifier: MIT
// What programs without a terminal write to their standard output and error: lines of the kernel log, under the
// program's name. A line longer than OUTPUT_LINE is broken; what is written after the log's pace waits in the pipe.
#include "machine.h"

#include <errno.h>
#include <unistd.h>

#define OUTPUT_LINE 256u
#define PIECES_AT_ONCE 16 // read from one program before others have their turn

static void output_flush(struct process *process)
{
	if (process->line_length > 0)
		log_line(process->name, "%.*s", (int)process->line_length, process->line);
	process->line_length = 0;
}

static void output_take(struct process *process, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (c == '\n' || process->line_length == OUTPUT_LINE)
			output_flush(process);
		if (c != '\n')
			process->line[process->line_length++] = c == '\t' || (unsigned char)c >= ' ' ? c : '?';
	}
}

// One CPU at a time: edge-triggered events of the same pipe may come to two. Returns whether there may be more.
static bool output_read(struct process *process)
{
	char text[1024];
	md_lock_acquire(&process->output_lock);
	ssize_t size = process->output < 0 || process->output_ended ? -1 : read(process->output, text, sizeof(text));
	// Memory for a line only when there is one.
	if (size > 0 && !process->line)
		process->line = kalloc(&account_kernel, OUTPUT_LINE);
	if (size > 0 && process->line)
		output_take(process, text, (size_t)size);
	md_lock_release(&process->output_lock);
	return size > 0;
}

void output_event(struct process *process)
{
	for (int i = 0; i < PIECES_AT_ONCE; i++)
		if (!output_read(process))
			return;
	// More is there, and no further event will say so.
	md_lock_acquire(&process->output_lock);
	bool ended = process->output < 0 || process->output_ended;
	if (!ended)
		source_remove(process->output);
	bool armed = ended || source_add(process->output, SOURCE_OUTPUT, process->index, process->generation);
	md_lock_release(&process->output_lock);
	if (!armed)
		process_refuse(process, "no room for an event source");
}

void output_end(struct process *process)
{
	for (int i = 0; i < PIECES_AT_ONCE && output_read(process); i++)
		;
	md_lock_acquire(&process->output_lock);
	output_flush(process);
	kfree(&account_kernel, process->line, OUTPUT_LINE);
	process->line = NULL;
	process->output_ended = true;
	md_lock_release(&process->output_lock);
}
