// SPDX-License-Identifier: MIT
// What the kernel tells people at the machine.
#include "../core/base.h"

#include <machine/kern.h>
#include <machine/sim/sim.h>
#include <string.h>

static char told[16384];
static size_t length;

static void put(const char *text, size_t size)
{
	for (size_t i = 0; i < size && length < sizeof(told) - 1; i++)
		told[length++] = text[i];
	told[length] = 0;
}

static bool tells(char what, const char *text)
{
	length = 0;
	return kern_tell(what, put) && strstr(told, text);
}

static void waits(void *argument) { sim_pause(); }

TEST(the_kernel_tells_tasks_with_their_threads_and_seats_and_memory_and_the_log)
{
	struct task *task = sim_client("somebody", waits, NULL);
	CHECK(task);
	sim_settle();
	CHECK(tells('t', "somebody: alive, seat none"));
	CHECK(strstr(told, "kernel\n") == told);
	CHECK(strstr(told, "thread "));
	CHECK(tells('s', "")); // there is none
	CHECK(tells('m', " tasks\n"));
	CHECK(strstr(told, " kernel bytes\n"));
	log_line("test", "the last line but none");
	CHECK(tells('l', "test: the last line but none\n"));
	for (unsigned i = 0; i < 200; i++)
		log_line("test", "line %u, which is not a short one either, so that there are more than can be told", i);
	CHECK(tells('l', "line 199,"));
	CHECK(!strstr(told, "the last line but none"));
	CHECK(!kern_tell('x', put));
	sim_kill(task);
	sim_join(task);
}
