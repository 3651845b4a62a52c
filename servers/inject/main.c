// SPDX-License-Identifier: MIT
// inject device=SEAT [seed=N] [FAULT=PER_MILLION...]: a block device that is another one, seen through a bad wire. `gila inject` changes
// the rates while it runs; the names of faults are in <gila/inject.h>.
#include "wire.h"

#include <abi/block_server.h>
#include <abi/inject_server.h>
#include <stdlib.h>
#include <string.h>

static struct wire wire = {.attach = block_attach};

static bool parse(const char *word)
{
	if (strncmp(word, "device=", 7) == 0) {
		wire.device = word + 7;
		return *wire.device != 0;
	}
	if (strncmp(word, "seed=", 5) == 0) {
		char *end;
		wire.random = strtoull(word + 5, &end, 10);
		return end != word + 5 && !*end;
	}
	return wire_set_rate(&wire, word);
}

int main(int argc, char **argv)
{
	static bool (*const demux[])(struct lpc_request *) = {block_demux, inject_demux, NULL};
	struct serve serve = {.demux = demux, .start = wire_start, .gone = wire_gone, .message = wire_message, .work = wire_work,
			      .context = &wire};
	for (int i = 1; i < argc; i++) {
		if (parse(argv[i]))
			continue;
		gila_logf("the argument \"%s\" is not device=SEAT, seed=N or FAULT=PER_MILLION", argv[i]);
		return 2;
	}
	if (!wire.device) {
		gila_logf("no device=SEAT was given");
		return 2;
	}
	return serve_main(&serve);
}
