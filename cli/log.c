// SPDX-License-Identifier: MIT
// gila log: the kernel's log, from its oldest line that is left.
#include "command.h"
#include "interrupt.h"
#include "kernel.h"
#include "place.h"

#include <abi/monitor.h>
#include <string.h>

#define LOG_PAGE 6144u	   // bytes of one answer (abi/monitor.defs)
#define LOG_PAUSE_MS 200u // between looks for more

// A line "[seconds.micros] who: text" as an object.
static void log_line_json(struct cli *cli, char *line)
{
	struct json json = cli_json(cli);
	char *close = line[0] == '[' ? strchr(line, ']') : NULL;
	char *who = close && close[1] == ' ' ? close + 2 : NULL, *colon = who ? strstr(who, ": ") : NULL;
	json_object(&json, NULL);
	if (colon) {
		*close = *colon = 0;
		json_string(&json, "time", line + 1 + strspn(line + 1, " "));
		json_string(&json, "who", who);
		json_string(&json, "text", colon + 2);
	} else {
		json_string(&json, "text", line);
	}
	json_end(&json);
}

// Prints what came; as JSON only whole lines, the rest stays in `rest`.
static void log_show(struct cli *cli, struct text *rest, const char *text, size_t size)
{
	if (!cli->json) {
		text_append(&cli->out, text, size);
		return;
	}
	text_append(rest, text, size);
	size_t begin = 0;
	for (char *end; (end = memchr(rest->data + begin, '\n', rest->length - begin));) {
		*end = 0;
		log_line_json(cli, rest->data + begin);
		begin = (size_t)(end - rest->data) + 1;
	}
	text_remove(rest, 0, begin);
}

int command_log(struct cli *cli, struct arguments *arguments)
{
	bool follow = argument_flag(arguments, "-f");
	mach_port_t monitor;
	uint64_t offset = 0;
	struct text rest = {0};
	kern_return_t error = KERN_SUCCESS;
	uint8_t page[LOG_PAGE];
	uint32_t size;
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (!kernel_reach(cli, MONITOR_NAME, &monitor))
		return CLI_FAILED;
	do {
		size = sizeof(page);
		error = monitor_log_read(monitor, &offset, page, &size);
		if (!error && size <= sizeof(page))
			log_show(cli, &rest, (const char *)page, size);
		cli_flush(cli);
	} while (!error && !cli->closed && !interrupt_raised() &&
		 (size > 0 || (follow && interrupt_pause(LOG_PAUSE_MS))));
	if (cli->json && rest.length > 0)
		log_line_json(cli, rest.data);
	text_free(&rest);
	return error ? cli_monitor_error(cli, error) : CLI_OK;
}
