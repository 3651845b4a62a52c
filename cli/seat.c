// SPDX-License-Identifier: MIT
// gila seat: adds seats to the running system, gives them other programs, removes them.
#include "command.h"
#include "kernel.h"
#include "place.h"
#include "program.h"

#include <abi/seat.h>
#include <gila/gila.h>
#include <gila/recipe.h>
#include <stdlib.h>
#include <string.h>

// ---- add -----------------------------------------------------------------------------------------------------------

// The recipe of the words NAME PROGRAM ARGUMENT...
static size_t recipe_make(const struct arguments *arguments, uint32_t flags, const char *const *uses, size_t uses_count,
			  struct gila_recipe *recipe)
{
	const struct seat_recipe_head head = {.flags = flags};
	const char *mounts = getenv("GILA_MOUNTS");
	gila_recipe_begin(recipe, &head, arguments->word[2], arguments->word[3]);
	for (size_t i = 4; i < arguments->count; i++)
		gila_recipe_argument(recipe, arguments->word[i]);
	if (mounts)
		gila_recipe_variable(recipe, "GILA_MOUNTS", mounts);
	for (size_t i = 0; i < uses_count; i++)
		gila_recipe_use(recipe, uses[i]);
	return gila_recipe_end(recipe);
}

static int seat_send(struct cli *cli, const char *name, const struct gila_recipe *recipe, size_t size, bool replace, bool start)
{
	char complaint[160] = "";
	kern_return_t code = KERN_SUCCESS;
	mach_port_t seats;
	if (size == 0)
		return cli_fail(cli, name, "its recipe is larger than %u bytes", SEAT_RECIPE_MAX);
	if (!kernel_reach(cli, SEAT_GRANT_MANAGE, &seats))
		return CLI_FAILED;
	kern_return_t error = gila_seat_add(seats, recipe->bytes, (mach_msg_type_number_t)size, replace, &code, complaint);
	if (!error && code && *complaint)
		return cli_fail(cli, NULL, "%s", complaint);
	if (error || code)
		return cli_error(cli, name, error ? error : code);
	if (start && (error = gila_seat_start(seats, name)))
		return cli_error(cli, name, error);
	return CLI_OK;
}

static int seat_add(struct cli *cli, struct arguments *arguments)
{
	static struct gila_recipe recipe;
	const char *uses[SEAT_STRINGS_MAX], *pattern, *why;
	size_t uses_count = 0;
	bool replace = argument_flag(arguments, "--replace"), start = argument_flag(arguments, "--start");
	while (uses_count < SEAT_STRINGS_MAX && (pattern = argument_value(arguments, "--uses")))
		uses[uses_count++] = pattern;
	if (!arguments_end(arguments, 3, SIZE_MAX))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (arguments->count - 4 > SEAT_STRINGS_MAX)
		return cli_usage(cli, "more than 256 arguments");
	if (!place_reach(&why)) // where the mounts are known from
		return cli_fail(cli, NULL, "%s", why);
	uint32_t flags = (uint32_t)SEAT_PROGRAM_FILE | (start ? 0 : SEAT_RESTART_DEMAND);
	size_t size = recipe_make(arguments, flags, uses, uses_count, &recipe);
	return seat_send(cli, arguments->word[2], &recipe, size, replace, start);
}

// ---- update --------------------------------------------------------------------------------------------------------

// The path of the seat's program; false: it is not known, and the complaint has been made.
static bool update_path(struct cli *cli, const struct monitor_seat *seat, char path[sizeof(seat->program)])
{
	memcpy(path, seat->program, sizeof(seat->program));
	if (strlen(path) + 1 < sizeof(seat->program))
		return true;
	cli_fail(cli, seat->name, "the path of its program is too long to be told: give it");
	return false;
}

// Whether somebody sits there, or is about to.
static bool is_in_use(uint32_t state)
{
	return state == SEAT_STARTING || state == SEAT_OCCUPIED || state == SEAT_BACKING_OFF;
}

static int update_found(struct cli *cli, const struct monitor_seat *seat, const char *given)
{
	char path[sizeof(seat->program)];
	mach_port_t seats, memory;
	if (!given && !update_path(cli, seat, path))
		return CLI_FAILED;
	if (!kernel_reach(cli, SEAT_GRANT_MANAGE, &seats) || !program_get(cli, given ? given : path, &memory))
		return CLI_FAILED;
	kern_return_t error = gila_seat_set_image(seats, seat->name, 0, memory);
	gila_port_drop(memory);
	if (!error && is_in_use(seat->state))
		error = gila_seat_restart(seats, seat->name);
	return error ? cli_error(cli, seat->name, error) : CLI_OK;
}

static int seat_update(struct cli *cli, struct arguments *arguments)
{
	struct kernel_lists lists;
	int status = CLI_FAILED;
	bool found = false;
	if (!arguments_end(arguments, 2, 3))
		return cli_usage_word(cli, arguments->what, arguments->why);
	const char *name = arguments->word[2], *path = arguments->count > 3 ? arguments->word[3] : NULL;
	if (!kernel_lists_get(cli, &lists))
		return CLI_FAILED;
	for (size_t i = 0; i < lists.seat_count && !found; i++) {
		found = strcmp(lists.seats[i].name, name) == 0;
		if (found)
			status = update_found(cli, &lists.seats[i], path);
	}
	kernel_lists_free(&lists);
	return found ? status : cli_fail(cli, name, "no such seat");
}

// ---- remove --------------------------------------------------------------------------------------------------------

static int seat_remove(struct cli *cli, struct arguments *arguments)
{
	mach_port_t seats;
	if (!arguments_end(arguments, 2, 2))
		return cli_usage_word(cli, arguments->what, arguments->why);
	const char *name = arguments->word[2];
	if (!kernel_reach(cli, SEAT_GRANT_MANAGE, &seats))
		return CLI_FAILED;
	kern_return_t error = strlen(name) > SEAT_NAME_MAX ? KERN_NOT_FOUND : gila_seat_remove(seats, name);
	if (error == KERN_NOT_FOUND)
		return cli_fail(cli, name, "no such seat");
	return error ? cli_error(cli, name, error) : CLI_OK;
}

int command_seat(struct cli *cli, struct arguments *arguments)
{
	static const struct {
		const char *word;
		int (*run)(struct cli *cli, struct arguments *arguments);
	} deeds[] = {{"add", seat_add}, {"update", seat_update}, {"remove", seat_remove}};
	const char *word = arguments->count > 1 ? arguments->word[1] : NULL;
	if (!word)
		return cli_usage(cli, "what is to be done with a seat is missing");
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(word, deeds[i].word) == 0)
			return deeds[i].run(cli, arguments);
	return cli_usage_word(cli, word, "not something to do with a seat");
}
