// SPDX-License-Identifier: MIT
#include "interrupt.h"

#include "cli.h"

#include <gila/test.h>
#include <pthread.h>

TEST(ctrl_c_ends_a_pause)
{
	interrupt_clear();
	CHECK(interrupt_pause(1));
	CHECK(!interrupt_raised());
	interrupt_raise();
	CHECK(interrupt_raised());
	CHECK(!interrupt_pause(60000));
	interrupt_clear();
	CHECK(interrupt_pause(0));
}

static void *raise_soon(void *argument)
{
	interrupt_raise();
	return NULL;
}

TEST(ctrl_c_from_another_thread_ends_a_pause)
{
	pthread_t thread;
	interrupt_clear();
	CHECK(pthread_create(&thread, NULL, raise_soon, NULL) == 0);
	CHECK(!interrupt_pause(60000));
	pthread_join(thread, NULL);
	interrupt_clear();
}

TEST(commands_run_in_a_thread_with_the_same_outcome)
{
	struct cli cli = {.closed = true};
	interrupt_clear();
	CHECK_EQ(interrupt_run(&cli, "help"), CLI_OK);
	CHECK_EQ(interrupt_run(&cli, "help nonesuch; help"), CLI_FAILED);
	CHECK_EQ(interrupt_run(&cli, "nonesuch"), CLI_USAGE);
	CHECK(!cli.ends);
	text_free(&cli.out);
	text_free(&cli.errors);
}

TEST(ctrl_c_ends_a_row_of_commands)
{
	struct cli cli = {.closed = true};
	interrupt_raise();
	CHECK_EQ(interrupt_run(&cli, "help; nonesuch"), CLI_OK); // the second one does not run
	interrupt_clear();
	text_free(&cli.out);
	text_free(&cli.errors);
}
