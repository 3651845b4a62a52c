// SPDX-License-Identifier: MIT
// Interrupt lines: which are enabled, which CPU takes them, and what stands behind them; see line.h.
#include "line.h"

static struct line {
	const struct line_source *source; // [lock] NULL: nothing raises it
	void *context;                    // [lock]
	_Atomic bool enabled;             // [lock to change]
	uint8_t cpu;                      // [lock] plus 1; 0: not yet
} lines[LINES];
static struct md_lock lines_lock;
static uint32_t watched = LINES; // [I] after boot; LINES: none
static void (*watcher)(bool driven);

void line_attach(uint32_t line, const struct line_source *source, void *context)
{
	assert(line < LINES);
	md_lock_acquire(&lines_lock);
	lines[line].source = source;
	lines[line].context = context;
	md_lock_release(&lines_lock);
}

// A line stays with its CPU: what is on its way when it is enabled anew comes where it is looked for.
unsigned line_cpu(uint32_t number)
{
	static unsigned last;
	struct line *line = &lines[number];
	unsigned count = md_cpu_count();
	for (unsigned i = 0; !line->cpu && i < count; i++) {
		last = (last + 1) % count;
		if (arch_cpu_takes_lines(last))
			line->cpu = (uint8_t)(last + 1);
	}
	return line->cpu ? line->cpu - 1 : 0;
}

kern_return_t md_interrupt_enable(uint32_t number)
{
	if (number >= LINES)
		return KERN_INVALID_ARGUMENT;
	struct line *line = &lines[number];
	md_lock_acquire(&lines_lock);
	kern_return_t error = KERN_SUCCESS;
	atomic_store(&line->enabled, true);
	if (line->source)
		error = line->source->enable(number, line->context);
	if (error)
		atomic_store(&line->enabled, false);
	md_lock_release(&lines_lock);
	return error;
}

void md_interrupt_disable(uint32_t number)
{
	if (number >= LINES)
		return;
	struct line *line = &lines[number];
	md_lock_acquire(&lines_lock);
	atomic_store(&line->enabled, false);
	if (line->source && number != watched)
		line->source->disable(number, line->context);
	md_lock_release(&lines_lock);
}

void md_interrupt_ack(uint32_t number)
{
	if (number >= LINES)
		return;
	struct line *line = &lines[number];
	md_lock_acquire(&lines_lock);
	if (line->source && line->source->ack && atomic_load(&line->enabled))
		line->source->ack(number, line->context);
	md_lock_release(&lines_lock);
}

void line_watch(uint32_t number, void (*seen)(bool driven))
{
	struct line *line = &lines[number];
	md_lock_acquire(&lines_lock);
	if (line->source && line->source->enable(number, line->context) == KERN_SUCCESS) {
		watched = number;
		watcher = seen;
	}
	md_lock_release(&lines_lock);
}

void line_raised(uint32_t number)
{
	if (number >= LINES)
		return;
	struct line *line = &lines[number];
	md_lock_acquire(&lines_lock);
	bool enabled = atomic_load(&line->enabled);
	if (enabled && line->source && line->source->raised)
		line->source->raised(number, line->context);
	md_lock_release(&lines_lock);
	if (number == watched)
		watcher(enabled);
	if (enabled)
		kern_interrupt(number);
}
