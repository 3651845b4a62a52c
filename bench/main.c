// SPDX-License-Identifier: MIT
// bench: measures a running Gila beside floors taken in the same run; bench/run.sh says how it is used.
//
//   bench calls --here CPU --there CPU [--quick] [--title TEXT]   calls, messages, life of threads and servers
//   bench memory --server PID [--quick]                           memory of the kernel server
//   bench boot --gila FILE --image FILE --folder FOLDER [--quick] boot to prompt
//   bench floors --here CPU --there CPU [--quick]                 the floors alone
//   bench disk --seat SEAT --file PATH --area BYTES [--direct SOCKET] [--fuse FILE | --why TEXT] [--only LINES] [--quick]   lane.h, disk.h
//   bench restart --file PATH --area BYTES --fs SEAT --seat SEAT [--quick]   of the file system and its driver
//   bench ratio WHAT UNIT VALUE FLOOR LEAST                       one line of the table
//   bench ballast KIND COUNT                                      ballast.h
// The system is the one at $GILA_SOCKET. `there` is where the kernel and the servers were pinned by whoever booted it.
#include "ballast.h"
#include "boot.h"
#include "calls.h"
#include "disk.h"
#include "memory.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *title, *gila, *image, *folder, *fs;
	struct disk_plan disk;
	int here, there;
	pid_t server;
	bool quick;
};

static int usage(void)
{
	fprintf(stderr, "usage: bench calls|memory|boot|floors|ballast ...; see bench/main.c\n");
	return 2;
}

// Where the value of an option goes.
static const char **text_option(struct options *options, const char *word)
{
	const struct {
		const char *word;
		const char **value;
	} known[] = {
		{"--title", &options->title},	    {"--gila", &options->gila},	       {"--image", &options->image},
		{"--folder", &options->folder},	    {"--fs", &options->fs},	       {"--direct", &options->disk.socket},
		{"--seat", &options->disk.seat},    {"--file", &options->disk.file},   {"--fuse", &options->disk.fuse},
		{"--why", &options->disk.why},	    {"--only", &options->disk.only},
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(word, known[i].word) == 0)
			return known[i].value;
	return NULL;
}

static bool parse(struct options *options, int count, char **words)
{
	*options = (struct options){.title = "Calls", .here = -1, .there = -1};
	for (int i = 0; i < count; i++) {
		const char *value = i + 1 < count ? words[i + 1] : "", **text = text_option(options, words[i]);
		if (strcmp(words[i], "--quick") == 0) {
			options->quick = options->disk.quick = true;
			continue;
		}
		if (text)
			*text = value;
		else if (strcmp(words[i], "--here") == 0)
			options->here = atoi(value);
		else if (strcmp(words[i], "--there") == 0)
			options->there = atoi(value);
		else if (strcmp(words[i], "--server") == 0)
			options->server = atoi(value);
		else if (strcmp(words[i], "--area") == 0)
			options->disk.area = strtoull(value, NULL, 10);
		else
			return false;
		i++;
	}
	return true;
}

// Disks have tables of their own.
static bool run_disk(const char *mode, const struct options *options)
{
	const struct disk_plan *disk = &options->disk;
	if (!disk->file || !disk->seat || disk->area < 8 << 20)
		return false;
	if (strcmp(mode, "disk") == 0)
		measure_disk(disk);
	else if (options->fs) {
		measure_disk_restart(disk, options->fs, disk->seat);
		measure_disk_beside(disk, disk->seat);
	}
	report_summary();
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
	if (argc == 7 && strcmp(argv[1], "ratio") == 0) {
		report_ratio(argv[2], argv[3], atof(argv[4]), atof(argv[5]), atof(argv[6]));
		return 0;
	}
	if (argc < 2 || !parse(&options, argc - 2, argv + 2))
		return usage();
	struct plan plan = {.rounds = options.quick ? 300 : 10000, .here = options.here, .there = options.there};
	if (strcmp(argv[1], "disk") == 0 || strcmp(argv[1], "restart") == 0)
		return run_disk(argv[1], &options) ? 0 : usage();
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
