// SPDX-License-Identifier: MIT
// Carrying out a launch: a task with the recipe's grants and limits, made the occupant, given the program.
//
// A launch that fails ends the task (or never makes one), and the seat goes on as after any crash. May suspend.
#include "seat.h"

#include "../task/task.h"
#include "image.h"

static void apply_limit(_Atomic uint64_t *limit, uint64_t value)
{
	if (value)
		atomic_store(limit, value);
}

static void apply_limits(struct account *account, const struct seat_recipe_head *head)
{
	apply_limit(&account->count_limit[ACCOUNT_MEMORY_BYTES], head->limit_memory);
	// What a task touches itself comes on top of what its memory objects have: as much again.
	apply_limit(&account->count_limit[ACCOUNT_PAGES], head->limit_memory / MD_PAGE_SIZE * 2);
	apply_limit(&account->bytes_limit, head->limit_kernel);
	apply_limit(&account->count_limit[ACCOUNT_THREAD], head->limit_threads);
	apply_limit(&account->count_limit[ACCOUNT_PORT], head->limit_ports);
	apply_limit(&account->count_limit[ACCOUNT_MESSAGE], head->limit_messages);
	apply_limit(&account->count_limit[ACCOUNT_RIGHT], head->limit_rights);
}

// The last component of the program's path: what people call the task.
static const char *task_name(const struct recipe *recipe)
{
	const char *name = recipe->program;
	for (const char *at = name; *at; at++)
		if (*at == '/' && at[1])
			name = at + 1;
	return name;
}

// The launch failed before there was an occupant.
static void seat_launch_failed(struct seat *seat, uint32_t generation, kern_return_t error)
{
	lock_acquire(&seat->lock);
	if (seat->generation == generation && seat->state == SEAT_STARTING && !seat->occupant) {
		seat->occupant_generation = generation;
		seat_ended_locked(seat, SEAT_REASON_LOAD, error);
	}
	lock_release(&seat->lock);
}

// False: the launch was overtaken by a stop, a restart or the end of the seat.
static bool seat_make_occupant(struct seat *seat, struct task *task, uint32_t generation, uint64_t timeout)
{
	lock_acquire(&seat->lock);
	bool current = seat->generation == generation && seat->state == SEAT_STARTING && !seat->occupant;
	if (current) {
		seat->occupant = task_reference(task);
		seat->occupant_generation = generation;
		task->seat = seat_reference(seat); // nobody else knows the task yet
		seat_set_deadline_locked(seat, md_clock_now() + timeout);
	}
	lock_release(&seat->lock);
	if (!current)
		seat_kick(seat, SEAT_LAUNCH_DUE);
	return current;
}

void seat_launch(struct seat *seat, struct recipe *recipe, struct image *image, uint32_t generation)
{
	struct task *task = NULL;
	kern_return_t error = image ? KERN_SUCCESS : image_find(recipe->program, &image);
	if (error) {
		log_line("seat", "%s: program %s cannot be found (error %d)", seat->name, recipe->program, error);
		goto failed;
	}
	task = task_create(NULL, task_name(recipe), recipe->grants);
	error = KERN_RESOURCE_SHORTAGE;
	if (!task) {
		log_line("seat", "%s: no memory for a task", seat->name);
		goto failed;
	}
	apply_limits(task->account, &recipe->head);
	if (!seat_make_occupant(seat, task, generation, recipe->head.start_timeout)) {
		task_terminate(task, KERN_DEATH_LOAD, 0);
		goto out;
	}
	const struct md_launch launch = {
		.name = task->name,
		.image = image->data,
		.image_size = image->size,
		.image_id = image->id,
		.arguments = recipe->arguments,
		.environment = recipe->environment,
		.terminal = (recipe->head.flags & SEAT_TERMINAL) != 0,
	};
	error = task_launch(task, &launch); // an error ends the task, and so the seat hears of it
	if (error)
		log_line("seat", "%s: %s cannot be launched (error %d)", seat->name, recipe->program, error);
	goto out;
failed:
	seat_launch_failed(seat, generation, error);
out:
	if (task)
		task_release(task);
	image_release(image);
	recipe_release(recipe);
}
