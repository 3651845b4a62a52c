// SPDX-License-Identifier: MIT
// gila trace: the kernel's records as lines, as JSON, or as a file for Chrome's tracing view.
#include "chrome.h"
#include "command.h"
#include "interrupt.h"
#include "kernel.h"
#include "place.h"
#include "stream.h"

#include <abi/monitor.h>
#include <abi/traps.h>
#include <gila/gila.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TRACE_PAGE 80u	   // records of one answer (abi/monitor.defs)
#define TRACE_PAUSE_MS 100u

struct tracing {
	struct cli *cli;
	struct kernel_lists lists;
	uint32_t self;	       // this task, whose records since `start` are not shown: reading the trace makes them
	uint64_t start;
	uint64_t cursor, next; // next: the sequence number that would come if nothing was lost
	uint64_t end;	       // ns since boot; 0: what there is now, UINT64_MAX: until Ctrl-C
	bool life;	       // only tasks and seats: who lives
	bool to_chrome;
	struct chrome chrome;
	struct text file_text;
	struct stream file;
	const char *path;
};

static const char *task_name(const struct tracing *tracing, uint32_t id)
{
	const struct monitor_task *task = kernel_task_by_id(&tracing->lists, id);
	return task ? task->name : id ? "" : "kernel";
}

static void trace_line(struct tracing *tracing, const struct monitor_trace *record)
{
	struct cli *cli = tracing->cli;
	cli_print(cli, "%5" PRIu64 ".%06" PRIu64 " cpu%u %u:%u ", record->time / 1000000000,
		  record->time / 1000 % 1000000, record->cpu, record->task, record->thread);
	text_add_clean(&cli->out, task_name(tracing, record->task));
	text_add_byte(&cli->out, ' ');
	event_describe(record, &cli->out);
	text_add_byte(&cli->out, '\n');
}

static bool is_of_life(const struct monitor_trace *record)
{
	return record->event == MONITOR_EVENT_TASK_START || record->event == MONITOR_EVENT_TASK_END ||
	       record->event == MONITOR_EVENT_SEAT_STATE || record->event == MONITOR_EVENT_SEAT_LOOKUP;
}

static void trace_show(struct tracing *tracing, const struct monitor_trace *record)
{
	if (tracing->life && !is_of_life(record))
		return;
	uint64_t lost = tracing->next && record->sequence > tracing->next ? record->sequence - tracing->next : 0;
	tracing->next = record->sequence + 1;
	if (lost && tracing->to_chrome)
		chrome_lost(&tracing->chrome, lost);
	else if (lost && !tracing->cli->json && !tracing->life)
		cli_print(tracing->cli, "%" PRIu64 " records lost\n", lost);
	if (record->task == tracing->self && record->time >= tracing->start)
		return;
	if (tracing->to_chrome) {
		chrome_event(&tracing->chrome, record);
	} else if (tracing->cli->json) {
		struct json json = cli_json(tracing->cli);
		event_json(record, &json);
	} else {
		trace_line(tracing, record);
	}
}

// Gives away what has been made so far. False: the file cannot be written, or nobody reads.
static bool trace_flush(struct tracing *tracing)
{
	cli_flush(tracing->cli);
	if (tracing->to_chrome && tracing->file_text.length > 0) {
		bool written = stream_write(&tracing->file, tracing->file_text.data, tracing->file_text.length);
		text_clear(&tracing->file_text);
		if (!written)
			return false;
	}
	return !tracing->cli->closed;
}

// A page that is not full was the end of what there is; pausing then keeps the reading from feeding itself.
static bool trace_goes_on(const struct tracing *tracing, uint32_t count)
{
	if (interrupt_raised() || (tracing->end != UINT64_MAX && tracing->end > 0 && gila_time() >= tracing->end))
		return false;
	return count >= TRACE_PAGE || (tracing->end > 0 && interrupt_pause(TRACE_PAUSE_MS));
}

static int trace_run(struct tracing *tracing)
{
	struct monitor_trace records[TRACE_PAGE];
	uint32_t count;
	// Without an end, what is there at the start is shown.
	uint64_t stop = tracing->end ? UINT64_MAX : tracing->start;
	do {
		count = TRACE_PAGE;
		kern_return_t error = monitor_trace_read(tracing->lists.monitor, &tracing->cursor, records, &count);
		if (error)
			return cli_monitor_error(tracing->cli, error);
		for (uint32_t i = 0; i < count && i < TRACE_PAGE; i++) {
			if (records[i].time > stop)
				return CLI_OK;
			records[i].text[sizeof(records[i].text) - 1] = 0;
			trace_show(tracing, &records[i]);
		}
		if (!trace_flush(tracing))
			return tracing->file.why ? cli_fail(tracing->cli, tracing->path, "%s", tracing->file.why) : CLI_OK;
	} while (trace_goes_on(tracing, count));
	return CLI_OK;
}

// Runs with the file around it.
static int trace_to_file(struct tracing *tracing)
{
	struct cli *cli = tracing->cli;
	struct text path = {0};
	// On the host the file is one of the host's: it is for programs there.
	text_format(&path, "%s%s", place_is_host && !stream_host_path(tracing->path) ? STREAM_HOST : "", tracing->path);
	if (!stream_create(&tracing->file, path.data)) {
		cli_fail(cli, tracing->path, "%s", tracing->file.why);
		text_free(&path);
		stream_close(&tracing->file);
		return CLI_FAILED;
	}
	text_free(&path);
	chrome_begin(&tracing->chrome, &tracing->file_text);
	chrome_name(&tracing->chrome, 0, "kernel");
	for (size_t i = 0; i < tracing->lists.task_count; i++)
		chrome_name(&tracing->chrome, tracing->lists.tasks[i].id, tracing->lists.tasks[i].name);
	int status = trace_run(tracing);
	chrome_end(&tracing->chrome);
	if (status == CLI_OK && (!trace_flush(tracing) || !stream_close(&tracing->file)))
		status = cli_fail(cli, tracing->path, "%s", tracing->file.why ? tracing->file.why : "cannot be written");
	stream_close(&tracing->file);
	text_free(&tracing->file_text);
	return status;
}

static int trace_command(struct cli *cli, struct arguments *arguments, struct tracing *tracing)
{
	bool follow = argument_flag(arguments, "-f");
	tracing->life = argument_flag(arguments, "-l");
	const char *length = argument_value(arguments, "--for");
	uint64_t seconds = 0;
	tracing->path = argument_value(arguments, "--chrome");
	tracing->to_chrome = tracing->path != NULL;
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (length && !argument_number(length, 1, 86400, &seconds))
		return cli_usage_word(cli, length, "not a number of seconds from 1 to 86400");
	if (!kernel_lists_get(cli, &tracing->lists))
		return CLI_FAILED;
	tracing->self = gila_task_id();
	tracing->start = gila_time();
	tracing->end = seconds ? tracing->start + seconds * 1000000000 : follow ? UINT64_MAX : 0;
	int status = tracing->to_chrome ? trace_to_file(tracing) : trace_run(tracing);
	kernel_lists_free(&tracing->lists);
	return status;
}

int command_trace(struct cli *cli, struct arguments *arguments)
{
	struct tracing *tracing = memory_get(sizeof(*tracing)); // too large for a stack
	memset(tracing, 0, sizeof(*tracing));
	tracing->cli = cli;
	int status = trace_command(cli, arguments, tracing);
	free(tracing);
	return status;
}
