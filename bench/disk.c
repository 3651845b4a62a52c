// SPDX-License-Identifier: MIT
// Throughput of disks; see disk.h. The lanes take turns, so that a machine that changes its speed is the same to all of them; each figure is
// the median of the turns.
#include "disk.h"
#include "lane.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

#define FILES_LEAST 0.9 // of the direct client's throughput, from LARGE on
#define LARGE 65536u
#define FUSE_LEAST 3.0  // times that of fuse2fs, at SMALL
#define SMALL 4096u

static const uint32_t sizes[] = {4096, 16384, 65536, 262144, 1048576};
static const struct {
	const char *name;
	bool write, random;
} patterns[] = {
	{"sequential read", false, false}, {"random read", false, true}, {"sequential write", true, false}, {"random write", true, true}};

enum { DIRECT, DRIVER, FILES, FUSE, FUSE_CACHED, LANES };

static struct stats stats[LANES], messages;

static void run_lane(const struct disk_plan *plan, unsigned lane, const struct lane_job *job)
{
	struct lane_result result = {0};
	if ((lane == DIRECT && !plan->socket) || (lane >= FUSE && !plan->fuse))
		return;
	if (lane >= FUSE)
		lane_file_forget(plan->fuse);
	if (lane == DIRECT)
		lane_direct_run(job, &result);
	else if (lane == DRIVER)
		lane_driver_run(job, &result);
	else if (lane == FILES)
		lane_file_run(plan->file, LANE_GILA, job, &result);
	else
		lane_file_run(plan->fuse, lane == FUSE ? LANE_UNCACHED : LANE_HOST, job, &result);
	stats_add(&stats[lane], result.rate);
	if (lane == DRIVER && job->depth == LANE_DEPTH)
		stats_add(&messages, result.messages);
}

static void measure(const struct disk_plan *plan, struct lane_job job, const char *name)
{
	char what[64];
	snprintf(what, sizeof(what), "%s, %u KiB, depth %u", name, job.size / 1024, job.depth);
	if (plan->only && !strstr(what, plan->only))
		return;
	for (unsigned lane = 0; lane < LANES; lane++)
		stats_begin(&stats[lane]);
	for (unsigned turn = 0; turn < (plan->quick ? 1 : 3); turn++, job.seed++) {
		for (unsigned lane = 0; lane < LANES; lane++)
			run_lane(plan, lane, &job);
	}
	struct report_disk line = {
		.direct = stats_median(&stats[DIRECT]),
		.driver = stats_median(&stats[DRIVER]),
		.files = stats_median(&stats[FILES]),
		.fuse = stats_median(&stats[FUSE]),
		.cached = stats_median(&stats[FUSE_CACHED]),
		.direct_least = job.size >= LARGE ? FILES_LEAST : 0,
		.fuse_least = job.size == SMALL ? FUSE_LEAST : 0,
	};
	report_disk_line(what, &line);
}

// What lies in caches already: Gila's, and Linux' own before fuse2fs.
static void measure_cached(const struct disk_plan *plan, uint32_t size, bool random)
{
	struct lane_job job = {.random = random, .size = size, .depth = 1, .area = 4 << 20, .seed = 5, .seconds = plan->quick ? 0.05 : 0.3};
	struct lane_result files = {0}, fuse = {0};
	char what[64];
	snprintf(what, sizeof(what), "cached %s read, %u KiB, depth 1", random ? "random" : "sequential", size / 1024);
	if (plan->only && !strstr(what, plan->only))
		return;
	for (unsigned turn = 0; turn < 2; turn++) { // the first fills the caches
		lane_file_run(plan->file, LANE_GILA, &job, &files);
		if (plan->fuse)
			lane_file_run(plan->fuse, LANE_HOST, &job, &fuse);
	}
	report_disk_line(what, &(struct report_disk){.files = files.rate, .cached = fuse.rate});
}

void measure_disk(const struct disk_plan *plan)
{
	struct lane_job job = {.area = plan->area, .seed = 1, .seconds = plan->quick ? 0.03 : 0.2};
	report_disk_heading("Disk, MiB/s");
	if (plan->socket)
		lane_direct_open(plan->socket);
	else
		report_skipped("the disk's daemon driven directly", "there is no socket");
	lane_driver_open(plan->seat);
	stats_begin(&messages);
	if (!plan->fuse)
		report_skipped("fuse2fs", plan->why);
	for (unsigned p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
		job.write = patterns[p].write;
		job.random = patterns[p].random;
		for (job.depth = 1; job.depth <= LANE_DEPTH; job.depth += LANE_DEPTH - 1) {
			for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
				job.size = sizes[i];
				measure(plan, job, patterns[p].name);
			}
		}
	}
	measure_cached(plan, 4096, true);
	measure_cached(plan, 65536, false);
	lane_driver_close();
	if (plan->socket)
		lane_direct_close();
	report_heading("Disk, others");
	report_figure("messages of a request at depth 8, both ways", "", &messages, 0, 1);
}
