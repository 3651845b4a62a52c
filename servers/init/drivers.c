// SPDX-License-Identifier: MIT
// Tells the kernel the compatibility list; see drivers.h.
#include "drivers.h"

#include <abi/device.h>
#include <gila/device.h>
#include <gila/gila.h>

// One line for each compatible string, all with the same recipe.
static void add_driver(struct config *config, const struct config_world *world, mach_port_t devices,
		       const struct config_driver *driver)
{
	static struct gila_recipe recipe;
	const char *compatible;
	size_t size = config_pack(config, &driver->seat, NULL, &recipe);
	if (size == 0) {
		config_complain_driver(config, world, driver, NULL, "its recipe is larger than 16384 bytes");
		return;
	}
	for (size_t i = 0; (compatible = config_driver_compatible(driver, i)); i++) {
		char complaint[160] = "";
		uint32_t bound;
		kern_return_t code = KERN_SUCCESS;
		kern_return_t error = gila_device_add_driver(devices, compatible, recipe.bytes, (mach_msg_type_number_t)size,
							     MACH_PORT_NULL, false, &bound, &code, complaint);
		if (error || code)
			config_complain_driver(config, world, driver, compatible,
					       *complaint ? complaint : gila_error_text(error ? error : code));
	}
}

void drivers_add(struct config *config, const struct config_world *world)
{
	mach_port_t devices;
	kern_return_t error = config->drivers ? gila_seat(DEVICE_SERVICE, &devices) : KERN_SUCCESS;
	if (error) {
		gila_logf("%s: %s", DEVICE_SERVICE, gila_error_text(error));
		return;
	}
	for (const struct config_driver *driver = config->drivers; driver; driver = driver->next)
		add_driver(config, world, devices, driver);
}
