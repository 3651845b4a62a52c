// SPDX-License-Identifier: MIT
// The report; see report.h.
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const kind_names[WORK_KINDS] = {"read", "write", "sync", "names", "look"};

static double micros(uint64_t nanoseconds) { return (double)nanoseconds / 1000; }

static void print_times(const char *name, const struct times *times, bool json)
{
	if (json)
		printf(",\"%s\":{\"count\":%" PRIu64 ",\"median_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f}", name, times->count,
		       micros(times_percentile(times, 50)), micros(times_percentile(times, 99)), micros(times->most));
	else if (times->count > 0)
		printf("  %-28s %9" PRIu64 " times, median %.1f us, p99 %.1f us, longest %.1f ms\n", name, times->count,
		       micros(times_percentile(times, 50)), micros(times_percentile(times, 99)), micros(times->most) / 1000);
}

static void print_kills(const struct killer *killer, bool json)
{
	char name[96];
	if (json)
		printf(",\"kills\":[");
	for (unsigned i = 0; i < killer->count; i++) {
		const struct killer_seat *seat = &killer->seats[i];
		if (json) {
			printf("%s{\"seat\":\"%s\",\"count\":%" PRIu64, i ? "," : "", seat->name, seat->kills);
			print_times("next_answer", &seat->times, true);
			print_times("undisturbed", &seat->quiet, true);
			printf("}");
			continue;
		}
		snprintf(name, sizeof(name), "kill of %s to next answer", seat->name);
		printf("  %s: %" PRIu64 " kills\n", seat->name, seat->kills);
		print_times(name, &seat->times, false);
		snprintf(name, sizeof(name), "the same call undisturbed");
		print_times(name, &seat->quiet, false);
	}
	if (json)
		printf("]");
}

static void print_json(const struct work *work, uint64_t steps, double seconds)
{
	printf("{\"clients\":%u,\"seed\":%" PRIu64 ",\"round\":%u,\"seconds\":%.3f,\"steps\":%" PRIu64 ",\"steps_per_second\":%.1f", work->clients,
	       work->seed, work->round, seconds, steps, (double)steps / seconds);
	printf(",\"read_bytes\":%" PRIu64 ",\"written_bytes\":%" PRIu64, work->read_bytes, work->written_bytes);
	printf(",\"failures\":%" PRIu64 ",\"wrong_bytes\":%" PRIu64 ",\"damages\":%" PRIu64 ",\"shortages\":%" PRIu64
	       ",\"server_died\":%" PRIu64 ",\"gone\":%s",
	       work->failures, work->wrong, work->damages, work->shortages, work->died, work->gone ? "true" : "false");
}

static void print_line(const struct work *work, uint64_t steps, double seconds)
{
	printf("%u clients, seed %" PRIu64 ", round %u, %.1f s: %" PRIu64 " steps (%.0f/s), %.1f MB written, %.1f MB read; %" PRIu64
	       " failures, %" PRIu64 " wrong bytes; MIG_SERVER_DIED %" PRIu64 ", repeated for shortages %" PRIu64 "%s\n",
	       work->clients, work->seed, work->round, seconds, steps, (double)steps / seconds, (double)work->written_bytes / 1e6,
	       (double)work->read_bytes / 1e6, work->failures, work->wrong, work->died, work->shortages,
	       work->gone ? "; the system went away" : "");
	if (work->damage)
		printf("  damage: %" PRIu64 " times a client met errors or wrong bytes and began anew\n", work->damages);
}

void report_print(const struct work *work, const struct client *clients, const struct killer *killer, double seconds, bool json)
{
	uint64_t steps = 0;
	for (unsigned i = 0; i < work->clients; i++)
		steps += clients[i].steps;
	(json ? print_json : print_line)(work, steps, seconds);
	for (unsigned kind = 0; kind < WORK_KINDS; kind++) {
		struct times all = {0};
		for (unsigned i = 0; i < work->clients; i++)
			times_join(&all, &clients[i].times[kind]);
		print_times(kind_names[kind], &all, json);
	}
	print_kills(killer, json);
	printf(json ? "}\n" : "");
	fflush(stdout);
}
