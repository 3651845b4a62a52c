// SPDX-License-Identifier: MIT
// One request; see loader.h.
#include "loader.h"

#include <gila/file.h>
#include <stdio.h>
#include <string.h>

static void refuse(const struct loader_job *job, kern_return_t why, const char *reason)
{
	kern_return_t error = loader_image_failed(job, why, reason);
	if (error && error != KERN_NOT_WAITING)
		gila_logf("%s: program %s cannot be loaded (%s), and the kernel cannot be told: %s", job->seat, job->program, reason,
			  gila_error_text(error));
}

// Asks before anybody is waited for. KERN_NOT_WAITING: there is nothing to do.
static kern_return_t find_source(const struct loader_job *job, char reason[GILA_REASON_MAX])
{
	struct gila_place place;
	kern_return_t error = gila_place_find(job->program, &place);
	if (!error && !place.seat[0])
		error = FILE_IS_DIRECTORY;
	if (error) {
		snprintf(reason, GILA_REASON_MAX, "%s", gila_error_text(error));
		return error;
	}
	char circle[GILA_REASON_MAX];
	error = loader_image_from(job, place.seat, circle);
	if (error == KERN_ALREADY_WAITING)
		snprintf(reason, GILA_REASON_MAX, "servers would wait for each other: %.120s", circle);
	else if (error == KERN_NOT_FOUND)
		snprintf(reason, GILA_REASON_MAX, "it is in the files of the seat %s, which is not there", place.seat);
	return error;
}

void loader_run(const struct loader_job *job)
{
	char reason[GILA_REASON_MAX] = "";
	mach_port_t memory = MACH_PORT_NULL;
	kern_return_t error = find_source(job, reason);
	if (error == KERN_NOT_WAITING)
		return;
	if (!error)
		error = loader_read(job->program, &memory, reason);
	if (!error) {
		error = loader_set_image(job, memory);
		snprintf(reason, sizeof(reason), "the kernel does not take it: %s", gila_error_text(error));
		gila_port_drop(memory);
	}
	if (error && error != KERN_NOT_WAITING)
		refuse(job, error, *reason ? reason : gila_error_text(error));
}
