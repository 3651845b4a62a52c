// SPDX-License-Identifier: MIT
// Boot to prompt; see boot.h.
#include "boot.h"
#include "report.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROMPT "gila> "
#define BOOT_GOAL 100000.0 // µs
#define PATIENCE 10000     // ms

// Reads until `text` has come. False: it did not in time.
static bool await_text(int terminal, const char *text)
{
	char seen[65536];
	size_t length = 0;
	struct pollfd event = {.fd = terminal, .events = POLLIN};
	while (length < sizeof(seen) - 1 && poll(&event, 1, PATIENCE) == 1) {
		ssize_t size = read(terminal, seen + length, sizeof(seen) - 1 - length);
		if (size <= 0)
			return false;
		length += (size_t)size;
		seen[length] = 0;
		if (strstr(seen, text))
			return true;
	}
	return false;
}

static bool boot_once(const char *command, const char *image, const char *folder, struct stats *stats)
{
	int terminal;
	char socket[256];
	snprintf(socket, sizeof(socket), "%s/boot-session", folder);
	uint64_t start = clock_now();
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
	if (pid == 0) {
		execl(command, command, "boot", "--image", image, "--socket", socket, (char *)NULL);
		_exit(127);
	}
	bool prompted = pid > 0 && await_text(terminal, PROMPT);
	if (prompted)
		stats_add(stats, (double)(clock_now() - start) / 1000);
	char control_d = 4;
	bool ended = prompted && write(terminal, &control_d, 1) == 1 && !await_text(terminal, "\x1b[never]");
	if (pid > 0 && !ended)
		kill(pid, SIGKILL);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	close(terminal);
	return prompted;
}

void measure_boot(const char *command, const char *image, const char *folder, unsigned rounds)
{
	static struct stats stats;
	stats_begin(&stats);
	for (unsigned i = 0; i < rounds; i++) {
		if (!boot_once(command, image, folder, &stats)) {
			report_skipped("boot to prompt", "the prompt did not come");
			return;
		}
	}
	report_figure("boot to prompt", "us", &stats, 0, BOOT_GOAL);
}
