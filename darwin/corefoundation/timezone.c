// SPDX-License-Identifier: MIT
// CFTimeZone; see timezone.h. The system's zone: TZ, or where /etc/localtime points, or /etc/timezone, or GMT.
#include "timezone.h"

#include "constant.h"
#include "gregorian.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/share/zoneinfo/"
enum { MOST_BYTES = 1 << 20 };

struct timezone {
	struct object head;
	struct string *name;
	struct data *data;
	struct zone_rules rules;
};

static void timezone_destroy(struct object *object)
{
	struct timezone *zone = (struct timezone *)object;
	darwin_CFRelease(zone->name);
	darwin_CFRelease(zone->data);
	free(zone->rules.rules);
}

static bool timezone_equal(const struct object *left, const struct object *right)
{
	const struct timezone *a = (const struct timezone *)left, *b = (const struct timezone *)right;
	return darwin_CFEqual(a->name, b->name) && darwin_CFEqual(a->data, b->data);
}

static uint64_t timezone_hash(const struct object *object)
{
	return darwin_CFHash(((const struct timezone *)object)->name);
}

static void timezone_describe(const struct object *object, struct bytes *to)
{
	object_describe(((const struct timezone *)object)->name, to);
}

static const struct object_type timezone_type = {"CFTimeZone",	timezone_destroy,  timezone_equal,
						 timezone_hash, timezone_describe, NULL};
CONSTANT_NAMED(kCFTimeZoneSystemTimeZoneDidChangeNotification);

struct timezone *darwin_CFTimeZoneCreate(const void *allocator, const void *name, const struct data *data)
{
	struct zone_rules rules;
	if (!zone_read(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data), &rules))
		return NULL;
	struct timezone *zone = object_make(&timezone_type, sizeof(*zone));
	zone->name = (struct string *)(uintptr_t)darwin_CFRetain(name);
	zone->data = (struct data *)(uintptr_t)darwin_CFRetain(data);
	zone->rules = rules;
	return zone;
}

struct timezone *darwin_CFTimeZoneCreateWithTimeIntervalFromGMT(const void *allocator, double seconds)
{
	int32_t offset = (int32_t)seconds, minutes = abs(offset) / 60;
	struct timezone *zone = object_make(&timezone_type, sizeof(*zone));
	zone->name = offset == 0 ? string_format("GMT")
				 : string_format("GMT%c%02d%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
	zone->data = darwin_CFDataCreate(NULL, NULL, 0);
	zone->rules.first = (struct zone_rule){INT64_MIN, offset, false, ""};
	char *text = string_to_utf8(zone->name);
	snprintf(zone->rules.first.name, sizeof(zone->rules.first.name), "%s", text);
	free(text);
	return zone;
}

static struct timezone *timezone_open(const char *name)
{
	char path[PATH_MAX];
	struct bytes bytes = {0};
	uint8_t block[4096];
	if (!*name || *name == '/' || strstr(name, "..") ||
	    snprintf(path, sizeof(path), FOLDER "%s", name) >= (int)sizeof(path))
		return NULL;
	FILE *file = fopen(path, "re");
	for (size_t got; file && bytes.count < MOST_BYTES && (got = fread(block, 1, sizeof(block), file)) > 0;)
		bytes_add(&bytes, block, got);
	if (file)
		fclose(file);
	struct data *data = data_take(&bytes);
	struct string *text = string_from_text(name);
	struct timezone *zone = darwin_CFTimeZoneCreate(NULL, text, data);
	darwin_CFRelease(data);
	darwin_CFRelease(text);
	return zone;
}

struct timezone *darwin_CFTimeZoneCreateWithName(const void *allocator, const void *name, uint8_t abbreviations)
{
	char *text = string_to_utf8(name);
	struct timezone *zone = strcmp(text, "GMT") == 0 || (abbreviations && strcmp(text, "UTC") == 0)
					? darwin_CFTimeZoneCreateWithTimeIntervalFromGMT(NULL, 0)
					: timezone_open(text);
	free(text);
	return zone;
}

static struct timezone *system_open(void)
{
	char path[PATH_MAX], *variable = getenv("TZ");
	const char *found = NULL;
	if (variable && *variable)
		found = variable + (*variable == ':');
	if (found && strncmp(found, FOLDER, strlen(FOLDER)) == 0)
		found += strlen(FOLDER);
	struct timezone *zone = found ? timezone_open(found) : NULL;
	if (!zone && realpath("/etc/localtime", path) && (found = strstr(path, "zoneinfo/")))
		zone = timezone_open(found + strlen("zoneinfo/"));
	FILE *file = zone ? NULL : fopen("/etc/timezone", "re");
	if (file && fgets(path, sizeof(path), file)) {
		path[strcspn(path, " \n")] = '\0';
		zone = timezone_open(path);
	}
	if (file)
		fclose(file);
	return zone ? zone : darwin_CFTimeZoneCreateWithTimeIntervalFromGMT(NULL, 0);
}

static struct timezone *_Atomic system_zone, *_Atomic default_zone;

const void *darwin_CFTimeZoneCopySystem(void)
{
	struct timezone *none = NULL, *zone = system_zone;
	if (!zone) {
		zone = system_open();
		if (!atomic_compare_exchange_strong(&system_zone, &none, zone)) {
			darwin_CFRelease(zone);
			zone = none;
		}
	}
	return darwin_CFRetain(zone);
}

void darwin_CFTimeZoneResetSystem(void)
{
	system_zone = NULL; // somebody may be using it: it is not freed
}

const void *darwin_CFTimeZoneCopyDefault(void)
{
	return default_zone ? darwin_CFRetain(default_zone) : darwin_CFTimeZoneCopySystem();
}

void darwin_CFTimeZoneSetDefault(const struct timezone *zone)
{
	default_zone = (struct timezone *)(uintptr_t)darwin_CFRetain(zone);
}

// ---- what a zone tells ----------------------------------------------------------------------------------------------

uint64_t darwin_CFTimeZoneGetTypeID(void)
{
	return (uintptr_t)&timezone_type;
}

const void *darwin_CFTimeZoneGetName(const struct timezone *zone)
{
	return zone->name;
}

const void *darwin_CFTimeZoneGetData(const struct timezone *zone)
{
	return zone->data;
}

static struct zone_rule rule_at(const struct timezone *zone, double seconds)
{
	return zone_rule_at(&zone->rules, seconds + EPOCH_2001);
}

double darwin_CFTimeZoneGetSecondsFromGMT(const void *zone, double seconds)
{
	return rule_at(zone, seconds).offset;
}

struct string *darwin_CFTimeZoneCopyAbbreviation(const struct timezone *zone, double seconds)
{
	return string_format("%s", rule_at(zone, seconds).name);
}

uint8_t darwin_CFTimeZoneIsDaylightSavingTime(const struct timezone *zone, double seconds)
{
	return rule_at(zone, seconds).is_daylight;
}

// How much later than the standard time before it.
double darwin_CFTimeZoneGetDaylightSavingTimeOffset(const struct timezone *zone, double seconds)
{
	struct zone_rule rule = rule_at(zone, seconds);
	if (!rule.is_daylight)
		return 0;
	double half_year = 180 * 86400.0;
	struct zone_rule standard = rule_at(zone, seconds - half_year);
	standard = standard.is_daylight ? rule_at(zone, seconds + half_year) : standard;
	return standard.is_daylight ? 0 : rule.offset - standard.offset;
}

// 0: none is known.
double darwin_CFTimeZoneGetNextDaylightSavingTimeTransition(const struct timezone *zone, double seconds)
{
	double next;
	return zone_next(&zone->rules, seconds + EPOCH_2001, &next) ? next - EPOCH_2001 : 0;
}

// Twice, for the offset may change between.
double timezone_from_local(const void *zone, double local)
{
	if (!zone)
		return local;
	double seconds = local - darwin_CFTimeZoneGetSecondsFromGMT(zone, local);
	return local - darwin_CFTimeZoneGetSecondsFromGMT(zone, seconds);
}

// All names that the database lists. Facts: tzdata's zone1970.tab / tzdata.zi: here the table of zones by country.
struct array *darwin_CFTimeZoneCopyKnownNames(void)
{
	struct array *names = array_make(true);
	char line[512], name[256];
	FILE *file = fopen(FOLDER "zone.tab", "re");
	while (file && fgets(line, sizeof(line), file))
		if (line[0] != '#' && sscanf(line, "%*s %*s %255s", name) == 1)
			array_add(names, string_from_text(name));
	if (file)
		fclose(file);
	array_add(names, string_format("GMT"));
	return names;
}
