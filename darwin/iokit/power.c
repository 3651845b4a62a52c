// SPDX-License-Identifier: MIT
// Power sources: /sys/class/power_supply. Facts: IOPowerSources.h, IOPSKeys.h; Linux' Documentation/ABI/testing/sysfs-class-power.
#include "devices.h"

#include "../corefoundation/constant.h"
#include "../corefoundation/runloop.h"
#include "../systemconfiguration/watch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/sys/class/power_supply"
enum { TIME_UNKNOWN = -1, TIME_UNLIMITED = -2 };

CONSTANT(darwin_power_mains, "AC Power"); // programs do not name these
CONSTANT(darwin_power_battery, "Battery Power");
CONSTANT(darwin_power_ups, "UPS Power");

struct supply {
	char name[64], model[64], serial[64];
	bool is_ups, charging, discharging, full, present;
	int64_t percent;
	double hours_empty, hours_full; // below 0: not known
};

static int64_t value_of(const char *folder, const char *name)
{
	char text[64];
	return sys_read(folder, name, text, sizeof(text)) ? strtoll(text, NULL, 10) : -1;
}

static bool text_is(const char *folder, const char *name, const char *wanted)
{
	char text[64];
	return sys_read(folder, name, text, sizeof(text)) && strcmp(text, wanted) == 0;
}

// In energy or in charge, whichever the driver has; micro-units of both, so that the quotient is hours.
static void times_read(const char *folder, struct supply *supply)
{
	int64_t now = value_of(folder, "energy_now"), full = value_of(folder, "energy_full"),
		rate = value_of(folder, "power_now");
	if (now < 0 || rate <= 0) {
		now = value_of(folder, "charge_now");
		full = value_of(folder, "charge_full");
		rate = value_of(folder, "current_now");
	}
	bool known = now >= 0 && rate > 0;
	supply->hours_empty = known ? (double)now / (double)rate : -1;
	supply->hours_full = known && full >= now ? (double)(full - now) / (double)rate : -1;
}

// False: it is no battery of the computer.
static bool supply_read(const char *name, struct supply *supply)
{
	char folder[512];
	snprintf(folder, sizeof(folder), FOLDER "/%.256s", name);
	*supply = (struct supply){.percent = value_of(folder, "capacity")};
	supply->is_ups = text_is(folder, "type", "UPS");
	if ((!supply->is_ups && !text_is(folder, "type", "Battery")) || text_is(folder, "scope", "Device"))
		return false;
	snprintf(supply->name, sizeof(supply->name), "%.60s", name);
	sys_read(folder, "model_name", supply->model, sizeof(supply->model));
	sys_read(folder, "serial_number", supply->serial, sizeof(supply->serial));
	supply->present = value_of(folder, "present") != 0;
	supply->charging = text_is(folder, "status", "Charging");
	supply->discharging = text_is(folder, "status", "Discharging");
	supply->full = text_is(folder, "status", "Full");
	times_read(folder, supply);
	return supply->present && supply->percent >= 0;
}

static bool mains_are_on(void)
{
	DIR *list = opendir(FOLDER);
	bool any = false, on = false;
	for (struct dirent *at; list && (at = readdir(list));) {
		char folder[512];
		snprintf(folder, sizeof(folder), FOLDER "/%s", at->d_name);
		if (at->d_name[0] == '.' || !(text_is(folder, "type", "Mains") || text_is(folder, "type", "USB")))
			continue;
		any = true;
		on |= value_of(folder, "online") > 0;
	}
	if (list)
		closedir(list);
	return on || !any;
}

// Calls the function with each battery; says whether there is any.
static bool supplies_walk(void (*visit)(void *context, const struct supply *supply), void *context)
{
	struct supply supply;
	bool any = false;
	DIR *list = opendir(FOLDER);
	for (struct dirent *at; list && (at = readdir(list));)
		if (at->d_name[0] != '.' && supply_read(at->d_name, &supply)) {
			visit(context, &supply);
			any = true;
		}
	if (list)
		closedir(list);
	return any;
}

// ---- descriptions ---------------------------------------------------------------------------------------------------

static void put_flag(struct dictionary *to, const char *key, bool flag)
{
	dictionary_put(to, key, flag ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse);
}

static struct number *minutes(bool counts, double hours)
{
	return number_make(!counts ? 0 : hours < 0 ? -1 : (int64_t)(hours * 60)); // -1: still being found out
}

static void describe(void *context, const struct supply *supply)
{
	struct dictionary *entry = dictionary_make();
	dictionary_put(entry, "Type", string_format(supply->is_ups ? "UPS" : "InternalBattery"));
	dictionary_put(entry, "Transport Type", string_format(supply->is_ups ? "USB" : "Internal"));
	dictionary_put(entry, "Name", string_from_text(*supply->model ? supply->model : supply->name));
	dictionary_put(entry, "Power Source State", darwin_CFRetain(supply->discharging ? darwin_power_battery : darwin_power_mains));
	dictionary_put(entry, "Current Capacity", number_make(supply->percent));
	dictionary_put(entry, "Max Capacity", number_make(100));
	put_flag(entry, "Is Present", true);
	put_flag(entry, "Is Charging", supply->charging);
	put_flag(entry, "Is Charged", supply->full);
	dictionary_put(entry, "Time to Empty", minutes(supply->discharging, supply->hours_empty));
	dictionary_put(entry, "Time to Full Charge", minutes(supply->charging, supply->hours_full));
	if (*supply->serial)
		dictionary_put(entry, "Hardware Serial Number", string_from_text(supply->serial));
	array_add(context, entry);
}

// Its list is itself: an array of descriptions.
struct array *darwin_IOPSCopyPowerSourcesInfo(void)
{
	struct array *list = array_make(true);
	supplies_walk(describe, list);
	return list;
}

const void *darwin_IOPSCopyPowerSourcesList(const void *information)
{
	return darwin_CFRetain(information);
}

const void *darwin_IOPSGetPowerSourceDescription(const void *information, const void *source)
{
	return source;
}

struct sum {
	bool discharging, ups;
	int64_t percent;
	double hours;
};

static void add_up(void *context, const struct supply *supply)
{
	struct sum *sum = context;
	sum->discharging |= supply->discharging;
	sum->ups |= supply->discharging && supply->is_ups;
	sum->percent = supply->percent < sum->percent ? supply->percent : sum->percent;
	if (supply->discharging && supply->hours_empty >= 0)
		sum->hours = (sum->hours < 0 ? 0 : sum->hours) + supply->hours_empty;
}

static struct sum sum_make(void)
{
	struct sum sum = {.percent = 100, .hours = -1};
	supplies_walk(add_up, &sum);
	sum.discharging = sum.discharging && !mains_are_on();
	return sum;
}

const void *darwin_IOPSGetProvidingPowerSourceType(const void *information)
{
	struct sum sum = sum_make();
	return !sum.discharging ? darwin_power_mains : sum.ups ? darwin_power_ups : darwin_power_battery;
}

// In seconds.
double darwin_IOPSGetTimeRemainingEstimate(void)
{
	struct sum sum = sum_make();
	return !sum.discharging ? TIME_UNLIMITED : sum.hours < 0 ? TIME_UNKNOWN : sum.hours * 3600;
}

// None, early (a fifth is left), final (ten minutes).
int darwin_IOPSGetBatteryWarningLevel(void)
{
	enum { WARNING_NONE = 1, WARNING_EARLY = 2, WARNING_FINAL = 3 };
	struct sum sum = sum_make();
	if (!sum.discharging)
		return WARNING_NONE;
	if (sum.percent <= 5 || (sum.hours >= 0 && sum.hours < 1.0 / 6))
		return WARNING_FINAL;
	return sum.percent <= 20 ? WARNING_EARLY : WARNING_NONE;
}

// Linux does not know the adapter.
struct dictionary *darwin_IOPSCopyExternalPowerAdapterDetails(void)
{
	return NULL;
}

// ---- changes --------------------------------------------------------------------------------------------------------

struct power_watch {
	struct changes_watcher watcher; // first: it is what `changed` gets
	struct source *source;
	void (*called)(void *context);
	void *context;
};

static void changed(struct changes_watcher *watcher)
{
	source_tell(((struct power_watch *)watcher)->source);
}

static void perform(void *info)
{
	struct power_watch *watch = info;
	watch->called(watch->context);
}

static void watch_release(const void *info)
{
	struct power_watch *watch = (struct power_watch *)(uintptr_t)info;
	changes_forget(&watch->watcher);
	free(watch);
}

struct source *darwin_IOPSNotificationCreateRunLoopSource(void (*called)(void *context), void *info)
{
	struct power_watch *watch = calloc(1, sizeof(*watch));
	if (!watch || !called) {
		free(watch);
		return NULL;
	}
	struct source_context context = {.info = watch, .release = watch_release, .perform = perform};
	watch->called = called;
	watch->context = info;
	watch->source = darwin_CFRunLoopSourceCreate(NULL, 0, &context);
	watch->watcher = (struct changes_watcher){.kind = CHANGES_DEVICES, .changed = changed};
	changes_watch(&watch->watcher); // if Linux does not tell, nothing comes
	return watch->source;
}

struct source *darwin_IOPSCreateLimitedPowerNotification(void (*called)(void *context), void *info)
{
	return darwin_IOPSNotificationCreateRunLoopSource(called, info);
}
