// SPDX-License-Identifier: MIT
// bench: measures a running Gila beside floors taken in the same run; bench/run.sh says how it is used.
//
//   bench calls --here CPU --there CPU [--quick] [--title TEXT]   calls, messages, life of threads and servers
//   bench memory --server PID [--quick]                           memory of the kernel server
//   bench boot --gila FILE --image FILE --folder FOLDER [--quick] boot to prompt
//   bench floors --here CPU --there CPU [--quick]                 the floors alone
//   bench ballast KIND COUNT                                      ballast.h
// The system is the one at $GILA_SOCKET. `there` is where the kernel and the servers were pinned by whoever booted it.
#include "ballast.h"
#include "boot.h"
#include "calls.h"
#include "memory.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *title, *gila, *image, *folder;
	int here, there;
	pid_t server;
	bool quick;
};

static int usage(void)
{
	fprintf(stderr, "usage: bench calls|memory|boot|floors|ballast ...; see bench/main.c\n");
	return 2;
}

static bool parse(struct options *options, int count, char **words)
{
	*options = (struct options){.title = "Calls", .here = -1, .there = -1};
	for (int i = 0; i < count; i++) {
		const char *value = i + 1 < count ? words[i + 1] : "";
		if (strcmp(words[i], "--quick") == 0) {
			options->quick = true;
			continue;
		}
		if (strcmp(words[i], "--title") == 0)
			options->title = value;
		else if (strcmp(words[i], "--gila") == 0)
			options->gila = value;
		else if (strcmp(words[i], "--image") == 0)
			options->image = value;
		else if (strcmp(words[i], "--folder") == 0)
			options->folder = value;
		else if (strcmp(words[i], "--here") == 0)
			options->here = atoi(value);
		else if (strcmp(words[i], "--there") == 0)
			options->there = atoi(value);
		else if (strcmp(words[i], "--server") == 0)
			options->server = atoi(value);
		else
			return false;
		i++;
	}
	return true;
}

static void take_floors(const struct options *options, struct plan *plan)
{
	struct stats stats = {0};
	unsigned rounds = options->quick ? 500 : 20000;
	const char *where = plan->here == plan->there ? "same core" : "cross core";
	char what[64];
	floor_futex(plan->here, plan->there, rounds, &stats);
	plan->floors.futex = stats_median(&stats);
	snprintf(what, sizeof(what), "floor: futex there and back, %s", where);
	report_figure(what, "us", &stats, 0, 0);
	floor_datagram(plan->here, plan->there, rounds, &stats);
	plan->floors.datagram = stats_median(&stats);
	snprintf(what, sizeof(what), "floor: Unix datagram there and back, %s", where);
	report_figure(what, "us", &stats, 0, 0);
	floor_copy(options->quick ? 20 : 200, &stats);
	plan->floors.copy = stats_median(&stats);
	report_figure("floor: copying 1 MiB", "us", &stats, 0, 0);
	free(stats.samples);
}

// Machines change their speed; what is measured next is held against a fresh floor.
static void take_floor_again(const struct options *options, struct plan *plan)
{
	static struct stats stats;
	floor_futex(plan->here, plan->there, options->quick ? 500 : 10000, &stats);
	plan->floors.futex = stats_median(&stats);
}

static void run_calls(const struct options *options, struct plan *plan)
{
	struct link link;
	link_open(&link);
	measure_traps(&link, plan);
	take_floor_again(options, plan);
	measure_messages(&link, plan);
	take_floor_again(options, plan);
	measure_one_way(&link, plan);
	take_floor_again(options, plan);
	measure_semaphores(&link, plan);
	measure_check_in(&link, plan);
	measure_restart(&link, plan);
}

int main(int argc, char **argv)
{
	struct options options;
	if (argc == 4 && strcmp(argv[1], "ballast") == 0)
		return ballast_main(argv[2], (unsigned)atoi(argv[3]));
	if (argc < 2 || !parse(&options, argc - 2, argv + 2))
		return usage();
	struct plan plan = {.rounds = options.quick ? 300 : 10000, .here = options.here, .there = options.there};
	report_heading(options.title);
	if (strcmp(argv[1], "calls") == 0 || strcmp(argv[1], "floors") == 0) {
		take_floors(&options, &plan);
		if (strcmp(argv[1], "calls") == 0)
			run_calls(&options, &plan);
	} else if (strcmp(argv[1], "memory") == 0 && options.server > 0) {
		struct link link;
		link_open(&link);
		measure_memory_use(&link, options.server, options.quick ? 50 : 1);
	} else if (strcmp(argv[1], "boot") == 0 && options.gila && options.image && options.folder) {
		measure_boot(options.gila, options.image, options.folder, options.quick ? 2 : 20);
	} else {
		return usage();
	}
	report_summary();
	return 0;
}
