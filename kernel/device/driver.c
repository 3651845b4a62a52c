// SPDX-License-Identifier: MIT
// The compatibility list: see driver.h.
#include "driver.h"

#include "../seat/grants.h"
#include "../seat/image.h"
#include "../seat/recipe.h"
#include "../seat/seat.h"
#include "../task/task.h"

#define DRIVERS_MAX 4096u
#define NUMBERS_MAX 10000u // of one kind

static struct list drivers; // [device_lock]
static uint32_t last_id, driver_count; // [device_lock]

void driver_module_init(void) { list_init(&drivers); }

static kern_return_t complain(char *complaint, kern_return_t code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static kern_return_t complain(char *complaint, kern_return_t code, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	format_text_list(complaint, RECIPE_COMPLAINT_MAX, format, list);
	va_end(list);
	return code;
}

// ---- Checks --------------------------------------------------------------------------------------------------------

// Devicetree Specification v0.4, 2.3.1: "manufacturer,model" and the like; here also pci:1af4:1042.
static bool compatible_valid(const char *text)
{
	size_t length = 0;
	for (; text[length]; length++)
		if (text[length] <= ' ' || text[length] > '~' || length == DEVICE_COMPATIBLE_MAX)
			return false;
	return length > 0;
}

// The name of a recipe of a driver: one component, with room for a number behind it.
static bool kind_valid(const char *kind)
{
	for (size_t i = 0; kind[i]; i++)
		if (kind[i] == '/' || i == DEVICE_KIND_MAX)
			return false;
	return !text_equal(kind, "kernel") && !text_equal(kind, "device");
}

static kern_return_t check_wish(struct task *registrar, const struct driver_wish *wish, char *complaint)
{
	char names[SEAT_NAME_MAX + 1];
	if (!compatible_valid(wish->compatible))
		return complain(complaint, KERN_INVALID_ARGUMENT,
				"\"%s\" is no compatible string: 1 to %u visible characters are", wish->compatible,
				DEVICE_COMPATIBLE_MAX);
	if (!kind_valid(wish->recipe->name))
		return complain(complaint, KERN_INVALID_ARGUMENT,
				"%s: \"%s\" is no kind: one word of at most %u characters, not kernel or device",
				wish->compatible, wish->recipe->name, DEVICE_KIND_MAX);
	format_text(names, sizeof(names), "%s/*", wish->recipe->name);
	return seat_check_recipe(registrar, names, wish->recipe, wish->image, complaint);
}

// ---- Lines: the device lock is held --------------------------------------------------------------------------------

static struct driver *driver_find_locked(const char *compatible)
{
	list_for_each(link, &drivers) {
		struct driver *driver = container_of(link, struct driver, link);
		if (text_equal(driver->compatible, compatible))
			return driver;
	}
	return NULL;
}

static uint32_t count_bound_locked(const char *compatible)
{
	uint32_t count = 0;
	for (struct device *device = NULL; (device = device_after(device));)
		count += device->seat && text_equal(device->match, compatible);
	return count;
}

// Gives the device a seat of its own. False: no memory.
static bool driver_bind_locked(struct driver *driver, struct device *device)
{
	char name[SEAT_NAME_MAX + 1];
	kern_return_t error = KERN_NAME_EXISTS;
	for (uint32_t number = 0; error == KERN_NAME_EXISTS && number < NUMBERS_MAX; number++) {
		format_text(name, sizeof(name), "%s/%u", driver->recipe->name, number);
		error = seat_add_device(device, name, driver->recipe, driver->image, &device->seat);
	}
	if (error) {
		log_line("device", "%s: no seat can be made for its driver %s (error %d)", device->address,
			 driver->recipe->program, error);
		return false;
	}
	for (uint32_t i = 0; (device->match = fdt_string(&device->compatible, i)); i++)
		if (text_equal(device->match, driver->compatible))
			break;
	log_line("device", "%s: driver %s in the seat %s", device->address, driver->recipe->program, name);
	seat_watch_device(device->seat, SEAT_EVENT_DEVICE_ADDED);
	if (driver->recipe->head.flags & SEAT_START_BOOT)
		seat_start(device->seat);
	return true;
}

static void say_unbound_locked(const struct driver *driver)
{
	const struct device *taken = NULL;
	for (struct device *device = NULL; (device = device_after(device));)
		if (!taken && device->seat && device_is_compatible(device, driver->compatible))
			taken = device;
	if (taken)
		log_line("device", "%s: no device is left for %s: %s has the driver of %s", driver->compatible,
			 driver->recipe->program, taken->address, taken->match);
	else
		log_line("device", "%s: there is no such device; %s waits for one", driver->compatible,
			 driver->recipe->program);
}

static void driver_bind_all_locked(struct driver *driver)
{
	uint32_t bound = 0;
	for (struct device *device = NULL; (device = device_after(device));)
		if (!device->seat && device_is_compatible(device, driver->compatible))
			bound += driver_bind_locked(driver, device);
	if (bound == 0)
		say_unbound_locked(driver);
}

// ---- Adding and removing -------------------------------------------------------------------------------------------

static struct driver *driver_create(const struct driver_wish *wish)
{
	struct driver *driver = kalloc(&account_kernel, sizeof(*driver));
	if (!driver)
		return NULL;
	format_text(driver->compatible, sizeof(driver->compatible), "%s", wish->compatible);
	driver->recipe = recipe_reference(wish->recipe);
	driver->image = wish->image ? image_reference(wish->image) : NULL;
	list_init(&driver->link);
	return driver;
}

static void driver_free(struct driver *driver)
{
	if (!driver)
		return;
	recipe_release(driver->recipe);
	image_release(driver->image);
	kfree(&account_kernel, driver, sizeof(*driver));
}

// The line `before` and its seats go on with what the new one has, which takes its place.
static void driver_replace_locked(struct driver *before, struct driver *driver)
{
	driver->id = before->id;
	list_insert_between(&driver->link, &before->link, before->link.next);
	list_remove(&before->link);
	for (struct device *device = NULL; (device = device_after(device));)
		if (device->seat && text_equal(device->match, driver->compatible))
			seat_set_program(device->seat, driver->recipe, driver->image);
	log_line("device", "%s: the driver is %s from the next launch on", driver->compatible, driver->recipe->program);
}

static kern_return_t driver_insert_locked(struct driver *driver, bool replace, struct driver **before, char *complaint)
{
	struct driver *same = driver_find_locked(driver->compatible);
	if (same && !replace)
		return complain(complaint, KERN_NAME_EXISTS, "%s: has the driver %s already, no device is left for %s",
				driver->compatible, same->recipe->program, driver->recipe->program);
	if (same && !text_equal(same->recipe->name, driver->recipe->name))
		return complain(complaint, KERN_INVALID_ARGUMENT, "%s: its driver is of the kind %s, which cannot become %s",
				driver->compatible, same->recipe->name, driver->recipe->name);
	if (same) {
		driver_replace_locked(same, driver);
		*before = same;
	} else if (driver_count == DRIVERS_MAX) {
		return complain(complaint, KERN_RESOURCE_SHORTAGE, "%s: the list has %u lines already", driver->compatible,
				DRIVERS_MAX);
	} else {
		driver->id = ++last_id;
		driver_count++;
		list_push_back(&drivers, &driver->link);
	}
	driver_bind_all_locked(driver);
	return KERN_SUCCESS;
}

kern_return_t driver_add(struct task *registrar, const struct driver_wish *wish, uint32_t *bound, char *complaint)
{
	struct driver *driver = NULL, *before = NULL;
	complaint[0] = 0;
	*bound = 0;
	kern_return_t error = check_wish(registrar, wish, complaint);
	if (!error && !(driver = driver_create(wish)))
		error = complain(complaint, KERN_RESOURCE_SHORTAGE, "%s: no memory", wish->compatible);
	if (!error) {
		lock_acquire(&device_lock);
		error = driver_insert_locked(driver, wish->replace, &before, complaint);
		*bound = error ? 0 : count_bound_locked(driver->compatible);
		lock_release(&device_lock);
	}
	if (error) {
		log_line("device", "refused a driver: %s", complaint);
		before = driver;
	}
	driver_free(before);
	return error;
}

kern_return_t driver_remove(const char *compatible)
{
	lock_acquire(&device_lock);
	struct driver *driver = driver_find_locked(compatible);
	if (driver) {
		list_remove(&driver->link);
		driver_count--;
	}
	lock_release(&device_lock);
	driver_free(driver);
	return driver ? KERN_SUCCESS : KERN_NOT_FOUND;
}

uint32_t driver_list(uint32_t after, struct device_driver_record *records, uint32_t room)
{
	uint32_t count = 0;
	lock_acquire(&device_lock);
	list_for_each(link, &drivers) {
		struct driver *driver = container_of(link, struct driver, link);
		if (count == room)
			break;
		if (driver->id <= after)
			continue;
		struct device_driver_record *record = &records[count++];
		memset(record, 0, sizeof(*record));
		record->id = driver->id;
		record->devices = count_bound_locked(driver->compatible);
		record->flags = driver->recipe->head.flags;
		format_text(record->kind, sizeof(record->kind), "%s", driver->recipe->name);
		format_text(record->compatible, sizeof(record->compatible), "%s", driver->compatible);
		format_text(record->program, sizeof(record->program), "%s", driver->recipe->program);
	}
	lock_release(&device_lock);
	return count;
}
