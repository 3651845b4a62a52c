// SPDX-License-Identifier: MIT
// init: the first task. Reads the configuration from the boot archive, registers the seats and the drivers with the kernel,
// starts what is marked `boot`, then the shell; the end of the shell is the end of the system.
//
// What is wrong with the configuration is said in the log, one line each; a bad seat does not stop the others.
#include "config.h"
#include "drivers.h"
#include "word.h"

#include <abi/device.h>
#include <abi/monitor.h>
#include <abi/seat.h>
#include <gila/device.h>
#include <gila/gila.h>
#include <gila/monitor.h>
#include <kernel/boot/archive.h>
#include <mach/mach_init.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIVERS_FILE "/system/cfg/drivers.toml" // the compatibility list; it may be absent

static struct archive archive;
static struct config config;
static mach_port_t seats, events;
static const char *commands; // exec=, or NULL
static char *root_device;    // root=, or NULL

// ---- The configuration -------------------------------------------------------------------------------------------------

static bool open_archive(void)
{
	struct archive_error wrong;
	mach_port_t memory;
	uint64_t size;
	size_t index_size;
	void *data, *index = NULL;
	kern_return_t error = gila_seat("kernel/archive", &memory);
	if (!error)
		error = gila_memory_bytes(memory, &size);
	if (!error)
		error = gila_map(memory, 0, size, VM_PROT_READ, &data);
	if (error) {
		gila_logf("the boot archive cannot be had: %s", gila_error_text(error));
		return false;
	}
	if (archive_measure(data, size, &index_size, &wrong) == ARCHIVE_OK && (index = malloc(index_size)) &&
	    archive_open(&archive, data, size, index, index_size, &wrong) == ARCHIVE_OK)
		return true;
	gila_logf("the boot archive cannot be read: %s", index ? archive_error_reason(&wrong) : "damaged, or no memory");
	return false;
}

static const struct archive_node *find_file(const char *path)
{
	const struct archive_node *node;
	bool found = archive_resolve(&archive, path, strlen(path), &node) == ARCHIVE_OK && node->type == TAR_FILE;
	return found ? node : NULL;
}

static bool program_exists(const char *path, void *context) { return find_file(path) != NULL; }

// Whether the kernel has a device whose driver's seat that is.
static bool device_exists(const char *seat, void *context)
{
	static struct device_record records[32];
	mach_port_t devices;
	uint32_t after = 0;
	if (gila_seat(DEVICE_SERVICE, &devices))
		return false;
	for (;;) {
		mach_msg_type_number_t count = 32;
		if (gila_device_list(devices, after, records, &count) || count == 0)
			return false;
		for (mach_msg_type_number_t i = 0; i < count; i++) {
			records[i].seat[SEAT_NAME_MAX] = 0;
			if (strcmp(records[i].seat, seat) == 0)
				return true;
		}
		after = records[count - 1].id;
	}
}

static void complain(const char *line, void *context) { gila_logf("%s", line); }

static struct config_world world = {
	.file = "/system/cfg/init.toml",
	.program_exists = program_exists,
	.device_exists = device_exists,
	.complain = complain};

static bool read_config(void)
{
	const struct archive_node *node = find_file(world.file);
	if (!node) {
		gila_logf("the boot archive has no %s", world.file);
		return false;
	}
	if (config_read(&config, (const char *)node->data, node->size, &world))
		return true;
	gila_logf("%s cannot be used", world.file);
	return false;
}

static void read_drivers(void)
{
	struct config_world drivers = world;
	drivers.file = DRIVERS_FILE;
	const struct archive_node *node = find_file(drivers.file);
	if (!node)
		return;
	config_read_drivers(&config, (const char *)node->data, node->size, &drivers);
	drivers_add(&config, &drivers);
}

// ---- Seats -------------------------------------------------------------------------------------------------------------

static bool add_seat(const struct config_seat *seat, const char *const *extra)
{
	static struct gila_recipe recipe;
	char complaint[160] = "";
	kern_return_t code = KERN_SUCCESS;
	size_t size = config_pack(&config, seat, extra, &recipe);
	if (size == 0) {
		config_complain(&config, &world, seat, "its recipe is larger than 16384 bytes");
		return false;
	}
	kern_return_t error = gila_seat_add(seats, recipe.bytes, (mach_msg_type_number_t)size, false, &code, complaint);
	if (!error && !code)
		return true;
	config_complain(&config, &world, seat, *complaint ? complaint : gila_error_text(error ? error : code));
	return false;
}

static void start_seat(const struct config_seat *seat)
{
	kern_return_t error = gila_seat_start(seats, seat->name);
	if (error)
		config_complain(&config, &world, seat, gila_error_text(error));
}

static void add_seats(void)
{
	for (const struct config_seat *seat = config.seats; seat; seat = seat->next) {
		bool added = add_seat(seat, NULL);
		if (added && (seat->head.flags & SEAT_START_BOOT))
			start_seat(seat);
	}
}

// ---- The shell ---------------------------------------------------------------------------------------------------------

static bool start_shell(void)
{
	const char *extra[] = {"-c", commands, NULL};
	struct config_seat *shell = config.shell;
	kern_return_t error = gila_port_make_deep(MACH_PORT_QLIMIT_LARGE, &events);
	if (!error)
		error = gila_seat_watch(seats, events);
	if (error) {
		gila_logf("the kernel's events cannot be had: %s", gila_error_text(error));
		return false;
	}
	// After commands the system ends, whatever became of them; a prompt comes back if it did not end by itself.
	if (commands)
		shell->head.flags |= SEAT_RESTART_DEMAND;
	else
		shell->head.flags &= ~(uint32_t)SEAT_RESTART_DEMAND;
	if (!add_seat(shell, commands ? extra : NULL))
		return false;
	start_seat(shell);
	return true;
}

// What the end of the shell means for the system.
struct shell_end {
	bool final;
	int status;
};

static struct shell_end judge(uint32_t reason, int code)
{
	struct shell_end end = {.final = commands != NULL, .status = 1};
	switch (reason) {
	case SEAT_REASON_EXIT:
		return (struct shell_end){true, code};
	case SEAT_REASON_SIGNAL:
		end.status = 128 + code;
		gila_logf("the shell was ended by signal %d", code);
		return end;
	case SEAT_REASON_LOAD:
		gila_logf("the shell %s cannot be loaded: %s", config.shell->program, gila_error_text(code));
		end.final = true;
		return end;
	case SEAT_REASON_STOPPED:
		return end;
	default:
		gila_logf("the shell was ended by the kernel (reason %u)", reason);
		return end;
	}
}

// Events were lost: is the shell still there?
static bool shell_has_ended(uint32_t *reason, int *code)
{
	static struct monitor_seat records[24];
	mach_port_t monitor;
	uint32_t after = 0;
	if (gila_seat(MONITOR_NAME, &monitor))
		return false;
	for (;;) {
		mach_msg_type_number_t count = 24;
		if (monitor_seats(monitor, after, records, &count) || count == 0)
			return false;
		for (mach_msg_type_number_t i = 0; i < count; i++) {
			if (strcmp(records[i].name, CONFIG_SHELL_SEAT) != 0)
				continue;
			*reason = records[i].reason;
			*code = records[i].code;
			return records[i].state != SEAT_OCCUPIED && records[i].state != SEAT_STARTING;
		}
		after = records[count - 1].id;
	}
}

// Whether the event says that the shell has ended.
static bool is_end(const struct seat_event *event, uint32_t *reason, int *code)
{
	bool mine = event->kind == SEAT_EVENT_STATE && strcmp(event->name, CONFIG_SHELL_SEAT) == 0;
	*reason = event->reason;
	*code = event->code;
	if (mine && (event->before == SEAT_OCCUPIED || event->before == SEAT_STARTING) && event->state != SEAT_OCCUPIED)
		return true;
	return event->lost > 0 && shell_has_ended(reason, code);
}

static int await_shell(void)
{
	static union {
		struct seat_event event;
		uint8_t bytes[sizeof(struct seat_event) + MAX_TRAILER_SIZE];
	} buffer;
	for (;;) {
		mach_msg_return_t result = mach_msg(&buffer.event.head, MACH_RCV_MSG, 0, sizeof(buffer), events, 0, MACH_PORT_NULL);
		uint32_t reason;
		int code;
		if (result != MACH_MSG_SUCCESS) {
			gila_logf("the kernel's events cannot be received: %s", gila_error_text(result));
			return 1;
		}
		bool event = buffer.event.head.msgh_id == SEAT_EVENT_ID && buffer.event.head.msgh_size == sizeof(buffer.event);
		buffer.event.name[sizeof(buffer.event.name) - 1] = 0;
		if (event && is_end(&buffer.event, &reason, &code)) {
			struct shell_end end = judge(reason, code);
			if (end.final)
				return end.status;
		}
		mach_msg_destroy(&buffer.event.head);
	}
}

// The words that are for init. False: complained of.
static bool read_words(int argc, char **argv)
{
	static char joined[4096];
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "config=", 7) == 0) {
			world.file = argv[i] + 7;
		} else if (strncmp(argv[i], "root=", 5) == 0) {
			root_device = argv[i] + 5;
			if (!word_decode(root_device)) {
				gila_logf("%s has a %% without two hexadecimal digits", argv[i]);
				return false;
			}
		} else if (strncmp(argv[i], "exec=", 5) == 0) {
			bool alone = i + 1 == argc;
			if (!word_join(argv + i, argc - i, joined, sizeof(joined)) || (alone && !word_decode(joined))) {
				gila_logf("the end of the command line, %s, is too long or has a %% without two hexadecimal digits",
					  argv[i]);
				return false;
			}
			commands = joined + 5;
			return true;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	if (!read_words(argc, argv))
		return 2;
	kern_return_t error = gila_seat(SEAT_GRANT_MANAGE, &seats);
	if (error) {
		gila_logf("%s: %s", SEAT_GRANT_MANAGE, gila_error_text(error));
		return 1;
	}
	if (!open_archive() || !read_config())
		return 1;
	read_drivers();
	config_drop_absent(&config, &world);
	config.root_device = root_device;
	if (root_device && !config.root_seat)
		gila_logf("root=%s: %s mounts nothing at /", root_device, world.file);
	add_seats();
	return start_shell() ? await_shell() : 1;
}
