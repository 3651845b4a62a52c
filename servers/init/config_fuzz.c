// SPDX-License-Identifier: MIT
// Fuzz target: any text as init's configuration and as its compatibility list.
#include "config.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

static bool program_exists(const char *path, void *context) { return path[0] == '/'; }
static bool device_exists(const char *seat, void *context) { return seat[0] == 'b'; }
static void complain(const char *line, void *context)
{
	if (strlen(line) == 0)
		abort();
}

static int fuzz_config(const uint8_t *data, size_t size)
{
	static const struct config_world world = {
		.file = "f", .program_exists = program_exists, .device_exists = device_exists, .complain = complain};
	static struct gila_recipe packed;
	struct config config;
	if (config_read(&config, (const char *)data, size, &world)) {
		config_drop_absent(&config, &world);
		for (const struct config_seat *seat = config.seats; seat; seat = seat->next)
			if (config_pack(&config, seat, NULL, &packed) > sizeof(packed.bytes))
				abort();
		config_free(&config);
	}
	memset(&config, 0, sizeof(config));
	config_read_drivers(&config, (const char *)data, size, &world);
	for (const struct config_driver *driver = config.drivers; driver; driver = driver->next) {
		if (config_pack(&config, &driver->seat, NULL, &packed) > sizeof(packed.bytes) ||
		    !config_driver_compatible(driver, 0))
			abort();
		config_complain_driver(&config, &world, driver, NULL, "no");
	}
	config_free(&config);
	return 0;
}

FUZZ_TARGET(fuzz_config)
