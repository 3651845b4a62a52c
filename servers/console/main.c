// SPDX-License-Identifier: MIT
// console: the terminal, shared by those who want to talk to the person at it.
#include "console.h"
#include "terminal.h"

#include <abi/console_server.h>

static struct console console;

// The host's terminal where the console was launched with one; else the serial line, if there is one. Without either, what is written
// goes where standard output goes: to the kernel's log.
static const struct terminal *choose(void)
{
	return !terminal_host_given() && terminal_serial_there() ? &terminal_serial : &terminal_host;
}

static kern_return_t start(struct serve *serve)
{
	console.terminal = choose();
	console.epoch = (uint32_t)(gila_time_calendar() / 1000);
	kern_return_t error = gila_port_make(&console.input);
	if (!error)
		error = serve_listen(serve, console.input);
	if (!error)
		error = console.terminal->open(console.input);
	if (error) {
		gila_logf("%s: the terminal cannot be had: %s", serve->seat, gila_error_text(error));
		return error;
	}
	console.input_wanted = true;
	console.terminal->want_input();
	return KERN_SUCCESS;
}

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {console_demux, NULL};
	struct serve serve = {
		.demux = demux, .start = start, .gone = console_gone, .message = console_message, .context = &console};
	int status = serve_main(&serve);
	if (console.terminal)
		console.terminal->close();
	return status;
}
