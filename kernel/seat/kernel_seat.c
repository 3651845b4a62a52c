// SPDX-License-Identifier: MIT
// Services of the kernel by name; see kernel_seat.h.
#include "kernel_seat.h"

#include "../boot/boot.h"
#include "../debug/monitor.h"
#include "../device/device.h"

#include <gila/device.h>
#include <gila/monitor.h>
#include <gila/seat.h>

static const struct {
	const char *name;
	struct right (*make_send)(void);
} services[] = {
	{SEAT_GRANT_MANAGE, seat_calls_make_send},
	{MONITOR_NAME, monitor_make_send},
	{"kernel/archive", boot_archive_make_send},
	{DEVICE_SERVICE, device_calls_make_send},
};

void kernel_seat_module_init(void)
{
	seat_calls_module_init();
	seat_settle_module_init();
}

bool kernel_seat_lookup(const char *name, struct right *right)
{
	for (unsigned i = 0; i < array_count(services); i++) {
		if (!text_equal(services[i].name, name))
			continue;
		*right = services[i].make_send();
		return true;
	}
	return false;
}
