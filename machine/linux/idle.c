// SPDX-License-Identifier: MIT
// The end of a kernel that nobody uses (linux_options.idle): after so long without a client. Clients are processes that
// connected by themselves; what the kernel launched does not count.
//
// The timer runs from the moment when the last client went. Whoever connects while the kernel is ending finds its
// socket closed before the welcome, and starts another kernel.
#include "machine.h"

#include <stdatomic.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int idle_file = -1;
static uint64_t idle_time; // ns [I]
#define ENDED UINT32_MAX
static _Atomic uint32_t clients; // or ENDED, for good

static void idle_arm(void)
{
	struct itimerspec spec = {.it_value = {(time_t)(idle_time / 1000000000u), (long)(idle_time % 1000000000u)}};
	timerfd_settime(idle_file, 0, &spec, NULL);
}

bool idle_module_init(uint64_t time)
{
	if (time == 0)
		return true;
	idle_time = time;
	idle_file = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (idle_file < 0 || !source_add(idle_file, SOURCE_IDLE, 0, 0))
		return false;
	idle_arm();
	return true;
}

bool idle_client_came(void)
{
	uint32_t count = atomic_load(&clients);
	while (count != ENDED && !atomic_compare_exchange_weak(&clients, &count, count + 1))
		continue;
	return count != ENDED;
}

void idle_client_went(void)
{
	if (atomic_fetch_sub(&clients, 1) == 1 && idle_file >= 0)
		idle_arm();
}

void idle_event(void)
{
	uint64_t expired;
	uint32_t none = 0;
	// What can be read: nobody has armed it again, which would have taken the expiry back.
	if (read(idle_file, &expired, sizeof(expired)) != (ssize_t)sizeof(expired) ||
	    !atomic_compare_exchange_strong(&clients, &none, ENDED))
		return;
	checkin_close();
	kern_shutdown_requested("nobody using it");
}
