// SPDX-License-Identifier: MIT
// recipes: registers seats that must be refused, and checks the code and that a complaint names the matter. Then thousands of
// damaged recipes; seats that come of them are removed.
#include "client.h"
#include "recipe.h"

#include <abi/seat.h>
#include <gila/gila.h>
#include <stdio.h>
#include <string.h>

#define PROBE "/system/bin/probe"
#define DAMAGED 3000u

static mach_port_t seats;

static kern_return_t add(const void *bytes, size_t size, bool replace, char complaint[160])
{
	kern_return_t code = KERN_SUCCESS;
	complaint[0] = 0;
	kern_return_t error = gila_seat_add(seats, bytes, (mach_msg_type_number_t)size, replace, &code, complaint);
	return error ? error : code;
}

static void refused(const char *name, const char *program, bool replace, kern_return_t expected, const char *in_complaint)
{
	struct recipe_bytes recipe;
	char complaint[160];
	recipe_make(&recipe, name, program, NULL);
	kern_return_t code = add(recipe.bytes, recipe.size, replace, complaint);
	if (code != expected || !strstr(complaint, in_complaint))
		client_fail("seat \"%s\", program %s: %s, \"%s\"", name, program, gila_error_text(code), complaint);
}

static void damaged(void)
{
	uint64_t seed = 20240607;
	for (unsigned i = 0; i < DAMAGED; i++) {
		struct recipe_bytes recipe;
		char complaint[160];
		recipe_make(&recipe, "probe/damaged", PROBE, "probe/*");
		for (uint64_t n = client_random(&seed) % 4 + 1; n > 0; n--)
			recipe.bytes[client_random(&seed) % recipe.size] = (uint8_t)client_random(&seed);
		size_t size = client_random(&seed) % 3 ? recipe.size : client_random(&seed) % (recipe.size + 40);
		kern_return_t code = add(recipe.bytes, size, i & 1, complaint);
		if (code && !complaint[0] && size <= recipe.size)
			client_fail("damaged recipe %u: %s without a complaint", i, gila_error_text(code));
		if (!code && memchr(recipe.bytes + sizeof(struct seat_recipe_head), 0, SEAT_NAME_MAX + 1))
			(void)!gila_seat_remove(seats, (char *)recipe.bytes + sizeof(struct seat_recipe_head));
	}
}

int main(void)
{
	struct recipe_bytes recipe;
	char complaint[160];
	mach_port_t handle;
	client_limit(60);
	seats = client_seat(SEAT_GRANT_MANAGE);
	refused("probe/serve", PROBE, false, KERN_NAME_EXISTS, "probe/serve");
	refused("probe/missing", "/system/bin/none", false, KERN_NOT_FOUND, "/system/bin/none");
	refused("probe/missing", PROBE, true, KERN_NOT_FOUND, "probe/missing");
	refused("kernel/mine", PROBE, false, KERN_INVALID_ARGUMENT, "kernel/mine");
	refused("a//b", PROBE, false, KERN_INVALID_ARGUMENT, "a//b");
	refused("", PROBE, false, KERN_INVALID_ARGUMENT, "");
	recipe_make(&recipe, "probe/fresh", PROBE, NULL);
	client_must("a seat that is fine", add(recipe.bytes, recipe.size, false, complaint));
	client_must("a look-up of it", gila_seat("probe/fresh", &handle));
	client_must("its removal", gila_seat_remove(seats, "probe/fresh"));
	if (gila_seat_remove(seats, "probe/fresh") != KERN_NOT_FOUND)
		client_fail("a seat is removed twice");
	damaged();
	return client_status();
}
