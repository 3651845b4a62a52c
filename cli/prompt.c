// SPDX-License-Identifier: MIT
// The prompt; see prompt.h.
#include "prompt.h"

#include "complete.h"
#include "interrupt.h"
#include "place.h"

#include <string.h>

#define PROMPT "gila> "
#define INPUT_ROOM 1024u

static void editor_show(struct cli *cli, struct editor *editor)
{
	if (editor->out.length > 0 && !place_write(editor->out.data, editor->out.length))
		cli->closed = true;
	text_clear(&editor->out);
}

static void run_line(struct cli *cli, const char *line)
{
	cli->last = '\n';
	place_input_pause(true);
	place_listen();
	interrupt_run(cli, line);
	if (cli->last != '\n') // the prompt would be drawn over it
		cli->closed |= !place_write("\n", 1);
	place_input_pause(false);
	place_listen();
}

// What a byte did to the line. False: the prompt is to end.
static bool prompt_step(struct cli *cli, struct editor *editor, enum editor_result result)
{
	switch (result) {
	case EDITOR_MORE:
		return true;
	case EDITOR_COMPLETE:
		complete_at_cursor(editor);
		return true;
	case EDITOR_END:
		return false;
	case EDITOR_LINE:
		editor_show(cli, editor);
		run_line(cli, text_string(&editor->line));
		break;
	case EDITOR_CANCEL:
		break;
	}
	if (!cli->ends)
		editor_start(editor, PROMPT, place_width());
	return !cli->ends;
}

static void prompt_keys(struct cli *cli)
{
	struct editor editor;
	char input[INPUT_ROOM];
	size_t size = 0;
	bool goes_on = true;
	editor_init(&editor);
	place_listen();
	editor_start(&editor, PROMPT, place_width());
	editor_show(cli, &editor);
	while (goes_on && !cli->closed) {
		switch (place_input_read(input, sizeof(input), &size)) {
		case PLACE_INPUT_END:
			goes_on = false;
			break;
		case PLACE_INPUT_INTERRUPT:
			goes_on = prompt_step(cli, &editor, editor_cancel(&editor));
			break;
		case PLACE_INPUT:
			for (size_t i = 0; goes_on && i < size; i++)
				goes_on = prompt_step(cli, &editor, editor_feed(&editor, input[i]));
			break;
		}
		editor_show(cli, &editor);
	}
	editor_free(&editor);
}

// Runs the whole lines of `text` and takes them out. Returns the status of the first command that failed.
static int run_lines(struct cli *cli, struct text *text, bool all)
{
	int first = CLI_OK;
	char *end;
	while (!cli->ends && text->length > 0 &&
	       ((end = memchr(text->data, '\n', text->length)) || all)) {
		size_t size = end ? (size_t)(end - text->data) : text->length;
		struct text line = {0};
		text_append(&line, text->data, size);
		text_remove(text, 0, end ? size + 1 : size);
		place_listen();
		int status = interrupt_run(cli, line.data);
		first = first == CLI_OK ? status : first;
		text_free(&line);
	}
	return first;
}

static int prompt_lines(struct cli *cli)
{
	struct text text = {0};
	char input[INPUT_ROOM];
	size_t size = 0;
	int first = CLI_OK;
	enum place_input what;
	while (!cli->ends && (what = place_input_read(input, sizeof(input), &size)) != PLACE_INPUT_END) {
		if (what == PLACE_INPUT_INTERRUPT)
			continue;
		text_append(&text, input, size);
		int status = run_lines(cli, &text, false);
		first = first == CLI_OK ? status : first;
	}
	int status = run_lines(cli, &text, true);
	text_free(&text);
	return first == CLI_OK ? status : first;
}

int prompt_run(struct cli *cli)
{
	const char *why;
	bool keys;
	if (!place_reach(&why) || !place_input_begin(&keys, &why))
		return cli_fail(cli, NULL, "%s", why);
	int status = CLI_OK;
	if (keys)
		prompt_keys(cli);
	else
		status = prompt_lines(cli);
	place_input_end();
	return status;
}
