// SPDX-License-Identifier: MIT
// bootstrap_*: names for ports. They are kept by the server of the seat `bootstrap` (servers/bootstrap), which the
// kernel launches when somebody looks the seat up. Who finds no such seat registers it, with the program that lies
// beside this one. A name that nobody took there may be that of a seat. Facts: <servers/bootstrap.h> of macOS.
#include "mach_names.h"

#include <abi/bootstrap.h>
#include <abi/seat.h>
#include <fcntl.h>
#include <gila/gila.h>
#include <gila/recipe.h>
#include <limits.h>
#include <mach/kern_return.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BOOTSTRAP_SUCCESS = 0, BOOTSTRAP_NOT_PRIVILEGED = 1100 };
#define PROGRAM "gila-bootstrap"
#define STEP 0x100000u // bytes of the program that are sent at once

// ---- the server -----------------------------------------------------------------------------------------------------

// The program as a memory object.
static kern_return_t program_read(mach_port_t *memory)
{
	char path[PATH_MAX];
	struct stat status;
	void *bytes = MAP_FAILED;
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - sizeof(PROGRAM));
	if (length < 0)
		return KERN_FAILURE;
	path[length] = '\0';
	strcpy(strrchr(path, '/') + 1, PROGRAM);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0)
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (file >= 0)
		close(file);
	if (bytes == MAP_FAILED)
		return KERN_FAILURE;
	uint64_t size = (uint64_t)status.st_size;
	kern_return_t error = gila_memory_make(size, memory);
	for (uint64_t at = 0; !error && at < size; at += STEP)
		error = gila_memory_put(*memory, at, (char *)bytes + at, size - at < STEP ? size - at : STEP);
	munmap(bytes, size);
	return error;
}

// Two programs that do so at once: the second finds the seat there, and gives it the same program.
static kern_return_t seat_make(void)
{
	const struct seat_recipe_head head = {.flags = SEAT_PROGRAM_FILE | SEAT_RESTART_DEMAND};
	struct gila_recipe *recipe = malloc(sizeof(*recipe));
	char complaint[160] = "";
	kern_return_t code = KERN_SUCCESS, error;
	mach_port_t seats, memory;
	if (!recipe)
		return KERN_RESOURCE_SHORTAGE;
	gila_recipe_begin(recipe, &head, BOOTSTRAP_SEAT, PROGRAM);
	size_t size = gila_recipe_end(recipe);
	if (!(error = program_read(&memory))) {
		error = gila_seat(SEAT_GRANT_MANAGE, &seats);
		if (!error)
			error = gila_seat_add(seats, recipe->bytes, (mach_msg_type_number_t)size, false, &code,
					      complaint);
		if (!error && (code == KERN_SUCCESS || code == KERN_NAME_EXISTS))
			error = gila_seat_set_image(seats, BOOTSTRAP_SEAT, 0, memory);
		gila_port_drop(memory);
	}
	free(recipe);
	return error ? error : code == KERN_NAME_EXISTS ? KERN_SUCCESS : code;
}

static kern_return_t server_find(mach_port_t *server)
{
	if (!mach_ready())
		return BOOTSTRAP_NOT_PRIVILEGED;
	kern_return_t error = gila_seat(BOOTSTRAP_SEAT, server);
	if (error == KERN_NOT_FOUND && !(error = seat_make()))
		error = gila_seat(BOOTSTRAP_SEAT, server);
	return error ? BOOTSTRAP_NO_MEMORY : BOOTSTRAP_SUCCESS;
}

// ---- the calls ------------------------------------------------------------------------------------------------------

static bool is_bootstrap(mach_port_t port)
{
	return port == MACH_BOOTSTRAP;
}

// What a call to the server brought: its own answers are Darwin's; a kernel or a server that is gone knows nobody.
static kern_return_t result(kern_return_t error)
{
	return error == BOOTSTRAP_SUCCESS || (error >= BOOTSTRAP_NOT_PRIVILEGED && error <= BOOTSTRAP_NO_MEMORY)
		       ? error
		       : BOOTSTRAP_UNKNOWN;
}

kern_return_t darwin_bootstrap_look_up(mach_port_t bootstrap, const char *name, mach_port_t *port)
{
	mach_port_t server;
	*port = MACH_PORT_NULL;
	if (!is_bootstrap(bootstrap))
		return MACH_SEND_INVALID_DEST;
	if (strlen(name) >= BOOTSTRAP_NAME_SIZE)
		return BOOTSTRAP_UNKNOWN;
	kern_return_t error = server_find(&server);
	if (!error)
		error = bootstrap_look_up(server, name, port);
	if (error == BOOTSTRAP_UNKNOWN && gila_seat(name, port) == KERN_SUCCESS)
		error = gila_port_copy(*port); // the library keeps its own
	return result(error);
}

kern_return_t darwin_bootstrap_check_in(mach_port_t bootstrap, const char *name, mach_port_t *port)
{
	mach_port_t server;
	*port = MACH_PORT_NULL;
	if (!is_bootstrap(bootstrap))
		return MACH_SEND_INVALID_DEST;
	if (strlen(name) >= BOOTSTRAP_NAME_SIZE)
		return BOOTSTRAP_NOT_PRIVILEGED;
	kern_return_t error = server_find(&server);
	return result(error ? error : bootstrap_check_in(server, name, port));
}

kern_return_t darwin_bootstrap_register(mach_port_t bootstrap, char *name, mach_port_t port)
{
	mach_port_t server;
	if (!is_bootstrap(bootstrap))
		return MACH_SEND_INVALID_DEST;
	if (strlen(name) >= BOOTSTRAP_NAME_SIZE)
		return BOOTSTRAP_NOT_PRIVILEGED;
	kern_return_t error = server_find(&server);
	return result(error ? error : bootstrap_give(server, name, port));
}

const char *darwin_bootstrap_strerror(kern_return_t error)
{
	switch (error) {
	case BOOTSTRAP_SUCCESS: return "Success";
	case BOOTSTRAP_NOT_PRIVILEGED: return "Permission denied";
	case BOOTSTRAP_NAME_IN_USE:
	case BOOTSTRAP_ACTIVE: return "Service name already exists";
	case BOOTSTRAP_UNKNOWN: return "Unknown service name";
	case BOOTSTRAP_NO_MEMORY: return "Memory allocation failed";
	default: return "(unknown)";
	}
}
