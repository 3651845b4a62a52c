// SPDX-License-Identifier: MIT
// gila driver add and remove: the compatibility list while the system runs. A driver's program may lie on any file system:
// its bytes go to the kernel, which keeps them.
#include "command.h"
#include "kernel.h"
#include "program.h"

#include <abi/device.h>
#include <gila/device.h>
#include <gila/gila.h>
#include <gila/recipe.h>
#include <string.h>

struct driver_options {
	const char *compatible, *program, *kind;
	bool boot, replace;
};

// Drivers are the ground that others stand on: back at once, and a short run is enough to be trusted again.
static size_t recipe_make(const struct driver_options *options, struct gila_recipe *recipe)
{
	const struct seat_recipe_head head = {
		.flags = options->boot ? SEAT_START_BOOT : SEAT_RESTART_DEMAND,
		.backoff_initial = 5000000,
		.backoff_factor = 2000,
		.backoff_cap = 1000000000,
		.backoff_reset = 20000000,
	};
	gila_recipe_begin(recipe, &head, options->kind, options->program);
	return gila_recipe_end(recipe);
}

static int driver_send(struct cli *cli, mach_port_t service, const struct driver_options *options, mach_port_t image)
{
	static struct gila_recipe recipe;
	char complaint[160] = "";
	uint32_t bound = 0;
	kern_return_t code = KERN_SUCCESS;
	size_t size = recipe_make(options, &recipe);
	if (size == 0)
		return cli_fail(cli, options->program, "its path is too long");
	kern_return_t error =
		gila_device_add_driver(service, options->compatible, recipe.bytes, (mach_msg_type_number_t)size, image,
				       options->replace, &bound, &code, complaint);
	complaint[sizeof(complaint) - 1] = 0;
	if (error || (code && !*complaint))
		return cli_error(cli, options->compatible, error ? error : code);
	if (code)
		return cli_fail(cli, NULL, "%s", complaint);
	if (cli->json) {
		struct json json = cli_json(cli);
		json_object(&json, NULL);
		json_bool(&json, "ok", true);
		json_number(&json, "devices", bound);
		json_end(&json);
	} else if (bound == 0) {
		cli_print(cli, "no device is left for %s, or none is there\n", options->compatible);
	}
	return CLI_OK;
}

// The kind that the list has for the string; else the name of the program.
static const char *kind_guess(mach_port_t service, const struct driver_options *options, char kind[DEVICE_KIND_MAX + 1])
{
	struct device_driver_record records[32];
	const char *slash = strrchr(options->program, '/');
	uint32_t after = 0;
	for (;;) {
		mach_msg_type_number_t count = 32;
		if (gila_device_drivers(service, after, records, &count) || count == 0 || count > 32)
			return slash ? slash + 1 : options->program;
		for (mach_msg_type_number_t i = 0; i < count; i++) {
			records[i].compatible[DEVICE_COMPATIBLE_MAX] = 0;
			if (strcmp(records[i].compatible, options->compatible) != 0)
				continue;
			memcpy(kind, records[i].kind, DEVICE_KIND_MAX + 1);
			kind[DEVICE_KIND_MAX] = 0;
			return kind;
		}
		after = records[count - 1].id;
	}
}

static int driver_add(struct cli *cli, struct arguments *arguments)
{
	char kind[DEVICE_KIND_MAX + 1];
	mach_port_t service, image;
	struct driver_options options = {
		.boot = argument_flag(arguments, "--boot"),
		.replace = argument_flag(arguments, "--replace"),
		.kind = argument_value(arguments, "--kind"),
	};
	if (!arguments_end(arguments, 3, 3))
		return cli_usage_word(cli, arguments->what, arguments->why);
	options.compatible = arguments->word[2];
	options.program = arguments->word[3];
	if (strlen(options.compatible) > DEVICE_COMPATIBLE_MAX)
		return cli_fail(cli, options.compatible, "longer than %u bytes", DEVICE_COMPATIBLE_MAX);
	if (!kernel_reach(cli, DEVICE_SERVICE, &service))
		return CLI_FAILED;
	if (!options.kind)
		options.kind = kind_guess(service, &options, kind);
	if (!program_get(cli, options.program, &image))
		return CLI_FAILED;
	int status = driver_send(cli, service, &options, image);
	gila_port_drop(image);
	return status;
}

static int driver_remove(struct cli *cli, struct arguments *arguments)
{
	mach_port_t service;
	if (!arguments_end(arguments, 2, 2))
		return cli_usage_word(cli, arguments->what, arguments->why);
	const char *compatible = arguments->word[2];
	if (!kernel_reach(cli, DEVICE_SERVICE, &service))
		return CLI_FAILED;
	kern_return_t error = strlen(compatible) > DEVICE_COMPATIBLE_MAX ? KERN_NOT_FOUND
									 : gila_device_remove_driver(service, compatible);
	if (error == KERN_NOT_FOUND)
		return cli_fail(cli, compatible, "no driver is on the list for it");
	return error ? cli_error(cli, compatible, error) : CLI_OK;
}

int command_driver(struct cli *cli, struct arguments *arguments)
{
	const char *what = arguments->count > 1 ? arguments->word[1] : "";
	if (strcmp(what, "add") == 0)
		return driver_add(cli, arguments);
	if (strcmp(what, "remove") == 0)
		return driver_remove(cli, arguments);
	return cli_usage(cli, *what ? "it is driver add or driver remove" : "too few arguments");
}
