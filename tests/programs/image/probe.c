// SPDX-License-Identifier: MIT
// The server of the whole-system tests (../probe.defs): answers, counts, hangs and dies as it is told.
//
// probe [serve | crash | segv | never-sit | deaf | needs=SEAT | grants]: `crash` exits with 3 and `segv` dies of SIGSEGV before the
// seat is taken; `never-sit` does nothing; `deaf` takes the seat and answers no heartbeat; `needs` calls the probe of
// that seat first.
#include <abi/probe.h>
#include <abi/probe_server.h>
#include <abi/seat.h>
#include <gila/gila.h>
#include <recipe.h>
#include <serve/serve.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t counted;

kern_return_t probe_serve_echo(struct lpc_request *rq, uint64_t value, uint64_t *same, uint32_t *pid)
{
	*same = value;
	*pid = (uint32_t)getpid();
	return KERN_SUCCESS;
}

kern_return_t probe_serve_count(struct lpc_request *rq, uint64_t *total)
{
	*total = ++counted;
	return KERN_SUCCESS;
}

kern_return_t probe_serve_carry(struct lpc_request *rq, mach_port_t right, mach_port_t *back)
{
	*back = right;
	return KERN_SUCCESS;
}

kern_return_t probe_serve_sum(struct lpc_request *rq, mach_port_t memory, uint32_t size, uint64_t *total)
{
	static uint8_t data[1u << 20];
	if (size > sizeof(data) || gila_memory_get(memory, 0, data, size))
		return KERN_INVALID_ARGUMENT;
	*total = 0;
	for (uint32_t i = 0; i < size; i++)
		*total += data[i];
	gila_port_drop(memory);
	return KERN_SUCCESS;
}

kern_return_t probe_serve_hang(struct lpc_request *rq, uint32_t generation)
{
	while (generation == (uint32_t)getpid())
		pause();
	return KERN_SUCCESS;
}

kern_return_t probe_serve_die(struct lpc_request *rq, uint32_t pid, uint32_t status)
{
	if (pid != (uint32_t)getpid())
		return KERN_SUCCESS;
	if (status >= 256) {
		signal((int)status - 256, SIG_DFL);
		kill(getpid(), (int)status - 256);
	}
	_exit((int)status);
}

static void grant_too_much(void)
{
	struct recipe_bytes recipe;
	mach_port_t seats;
	kern_return_t code = KERN_SUCCESS;
	char complaint[160] = "";
	recipe_make(&recipe, "probe/excess", "/system/bin/probe", "*");
	if (gila_seat(SEAT_GRANT_MANAGE, &seats) ||
	    gila_seat_add(seats, recipe.bytes, (mach_msg_type_number_t)recipe.size, false, &code, complaint))
		_exit(4);
	gila_logf("excess: %s: %s", gila_error_text(code), complaint);
}

static void before_sitting(const char *mode)
{
	mach_port_t needed;
	uint64_t same;
	uint32_t pid;
	if (strcmp(mode, "crash") == 0)
		_exit(write(STDERR_FILENO, "crashes on purpose\n", 19) == 19 ? 3 : 4);
	if (strcmp(mode, "segv") == 0)
		raise(SIGSEGV);
	while (strcmp(mode, "never-sit") == 0)
		pause();
	if (strcmp(mode, "grants") == 0)
		grant_too_much();
	if (strncmp(mode, "needs=", 6) == 0 && (gila_seat(mode + 6, &needed) || probe_echo(needed, 1, &same, &pid)))
		_exit(4);
}

static kern_return_t stay_deaf(struct serve *serve)
{
	while (serve)
		pause();
	return KERN_FAILURE;
}

int main(int argc, char **argv)
{
	static bool (*const demux[])(struct lpc_request *) = {probe_demux, NULL};
	const char *mode = argc > 1 ? argv[1] : "serve";
	struct serve serve = {.demux = demux, .start = strcmp(mode, "deaf") == 0 ? stay_deaf : NULL};
	before_sitting(mode);
	return serve_main(&serve);
}
