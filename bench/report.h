// SPDX-License-Identifier: MIT
// The table that is printed: one line for each figure, with the floor it is held against and the goal.
//
// report_figure prints what was measured; the goal is a limit for the median, in the same unit (0: none was set).
// report_skipped says what could not be measured, and why: nothing is left out silently.
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "stats.h"

void report_heading(const char *title);
// floor: 0 when the figure has none.
void report_figure(const char *what, const char *unit, struct stats *stats, double floor, double goal);
// A figure of which there is one value only.
void report_value(const char *what, const char *unit, double value, double floor, double goal);
void report_skipped(const char *what, const char *why);
// Throughputs of one job on all lanes (disk.h), in MiB/s, 0 where it was not measured. Goals are least ratios of `files`, 0: none.
struct report_disk {
	double direct, driver, files, fuse;
	double cached; // fuse2fs with Linux' own cache and read-ahead before it
	double direct_least, fuse_least;
};
void report_disk_heading(const char *title);
void report_disk_line(const char *what, const struct report_disk *line);
// A value that is to be at least `least` times the floor.
void report_ratio(const char *what, const char *unit, double value, double floor, double least);
// How many goals were set, and reached, so far in this process.
void report_summary(void);

#endif
