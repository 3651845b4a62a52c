// SPDX-License-Identifier: MIT
// Memory for each idle thread, port, queued message and task; see memory.h. Resident memory is Rss of the server's
// /proc/PID/smaps_rollup (proc(5)), the pages of trap channels that it has touched included.
#include "memory.h"
#include "ballast.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#define THREAD_GOAL 2048.0 // bytes

static uint64_t resident_bytes(pid_t server)
{
	char path[64], line[256];
	uint64_t kib = 0;
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", server);
	FILE *file = fopen(path, "r");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Rss: %" SCNu64 " kB", &kib) == 1)
			break;
	fclose(file);
	return kib << 10;
}

static void measure_kind(struct link *link, pid_t server, const char *kind, const char *one, unsigned count, double goal)
{
	struct ballast ballast;
	char what[64];
	ballast_start(&ballast, kind, 1); // whatever the first of its kind costs is not counted
	ballast_end(&ballast);
	struct ballast base;
	ballast_start(&base, kind, 1);
	uint64_t resident = resident_bytes(server), kernel = link_kernel_bytes(link);
	ballast_start(&ballast, kind, count);
	uint64_t resident_after = resident_bytes(server), kernel_after = link_kernel_bytes(link);
	snprintf(what, sizeof(what), "%s (of %u): server's resident memory", one, ballast.count);
	report_value(what, "B", (double)(int64_t)(resident_after - resident) / ballast.count, 0, goal);
	snprintf(what, sizeof(what), "%s (of %u): kernel memory", one, ballast.count);
	report_value(what, "B", (double)(int64_t)(kernel_after - kernel) / ballast.count, 0, 0);
	ballast_end(&ballast);
	ballast_end(&base);
}

void measure_memory_use(struct link *link, pid_t server, unsigned scale)
{
	if (resident_bytes(server) == 0) {
		report_skipped("memory", "the server's /proc/PID/smaps_rollup cannot be read");
		return;
	}
	measure_kind(link, server, "threads", "idle thread", 10000 / scale, THREAD_GOAL);
	measure_kind(link, server, "ports", "port", 100000 / scale, 0);
	measure_kind(link, server, "messages", "queued message, 64 bytes", 50000 / scale, 0);
	measure_kind(link, server, "tasks", "task (process)", 500 / scale, 0);
}
