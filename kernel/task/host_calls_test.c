// SPDX-License-Identifier: MIT
// The calls of the host's port, as a client makes them.
#include <abi/mach_host.h>
#include <abi/traps.h>
#include <gila/version.h>
#include <machine/sim/sim.h>
#include <string.h>

static char version[512];
static kern_return_t got;

static void asker(void *argument)
{
	char text[512] = "";
	got = host_kernel_version(host_self_trap(), text);
	memcpy(version, text, sizeof(version));
}

TEST(host_tells_the_kernel_version)
{
	got = KERN_FAILURE;
	struct task *task = sim_client("asker", asker, NULL);
	CHECK(task);
	sim_join(task);
	CHECK_EQ(got, KERN_SUCCESS);
	CHECK(strcmp(version, GILA_VERSION) == 0);
}
