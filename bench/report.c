// SPDX-License-Identifier: MIT
// The table; see report.h.
#include "report.h"

#include <stdio.h>

static unsigned goals, reached;

void report_heading(const char *title)
{
	printf("\n%s\n%-50s %-5s %10s %10s %10s %7s %10s  %s\n", title, "what", "unit", "median", "p99", "floor", "ratio",
	       "goal", "reached");
}

static void print_number(double value, int width)
{
	if (value == 0)
		printf(" %*s", width, "-");
	else if (value < 10)
		printf(" %*.3f", width, value);
	else if (value < 1000)
		printf(" %*.1f", width, value);
	else
		printf(" %*.0f", width, value);
}

static void print_line(const char *what, const char *unit, double median, double p99, double floor, double goal)
{
	printf("%-50s %-5s", what, unit);
	print_number(median, 10);
	print_number(p99, 10);
	print_number(floor, 10);
	print_number(floor > 0 ? median / floor : 0, 7);
	print_number(goal, 10);
	printf("  %s\n", goal == 0 ? "-" : median <= goal ? "yes" : "no");
	goals += goal != 0;
	reached += goal != 0 && median <= goal;
	fflush(stdout);
}

void report_figure(const char *what, const char *unit, struct stats *stats, double floor, double goal)
{
	if (stats->count == 0)
		report_skipped(what, "no sample was taken");
	else
		print_line(what, unit, stats_median(stats), stats_p99(stats), floor, goal);
}

void report_value(const char *what, const char *unit, double value, double floor, double goal)
{
	print_line(what, unit, value, 0, floor, goal);
}

// ---- Disks -------------------------------------------------------------------------------------------------------------

void report_disk_heading(const char *title)
{
	printf("\n%s\n%-40s %8s %8s %8s %8s %8s  %-18s %-19s %s\n", title, "what", "direct", "driver", "files", "fuse2fs", "+cache",
	       "files/direct, goal", "files/fuse2fs, goal", "files/+cache");
}

// The ratio beside its goal, which counts.
static void print_ratio(double value, double floor, double least)
{
	char text[32] = "-";
	if (value > 0 && floor > 0 && least > 0)
		snprintf(text, sizeof(text), "%.2f  %.1f  %s", value / floor, least, value >= least * floor ? "yes" : "no");
	else if (value > 0 && floor > 0)
		snprintf(text, sizeof(text), "%.2f", value / floor);
	printf(" %-18s", text);
	if (least > 0 && value > 0 && floor > 0) {
		goals++;
		reached += value >= least * floor;
	}
}

void report_disk_line(const char *what, const struct report_disk *line)
{
	printf("%-40s", what);
	print_number(line->direct, 8);
	print_number(line->driver, 8);
	print_number(line->files, 8);
	print_number(line->fuse, 8);
	print_number(line->cached, 8);
	printf(" ");
	print_ratio(line->files, line->direct, line->direct_least);
	print_ratio(line->files, line->fuse, line->fuse_least);
	printf(" ");
	print_ratio(line->files, line->cached, 0);
	printf("\n");
	fflush(stdout);
}

void report_ratio(const char *what, const char *unit, double value, double floor, double least)
{
	double ratio = floor > 0 ? value / floor : 0;
	printf("%-50s %-5s", what, unit);
	print_number(value, 10);
	print_number(0, 10);
	print_number(floor, 10);
	print_number(ratio, 7);
	print_number(least, 10);
	printf("  %s\n", ratio >= least ? "yes" : "no");
	goals++;
	reached += ratio >= least;
	fflush(stdout);
}

void report_skipped(const char *what, const char *why)
{
	printf("%-50s not measured: %s\n", what, why);
	fflush(stdout);
}

void report_summary(void)
{
	if (goals)
		printf("%u of %u goals reached\n", reached, goals);
}
