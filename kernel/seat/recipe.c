// SPDX-License-Identifier: MIT
// Recipes: see recipe.h.
//
// A recipe is one allocation: the struct, the pointer arrays, then the strings as they came.
#include "recipe.h"

#include "image.h"

#include <gila/device.h>

#define MILLISECOND UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)
#define TIME_LIMIT (SECOND * 86400 * 365) // longer waits than a year are mistakes

// The strings of a packed recipe, as they are walked.
struct strings {
	const char *next, *end;
};

// The next string, or NULL when the bytes end without its zero byte.
static const char *strings_take(struct strings *strings)
{
	const char *start = strings->next;
	for (const char *at = start; at < strings->end; at++)
		if (!*at) {
			strings->next = at + 1;
			return start;
		}
	return NULL;
}

static const char **strings_take_list(struct strings *strings, const char **to, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		*to = strings_take(strings);
		if (!*to++)
			return NULL;
	}
	return to;
}

static kern_return_t complain(char *complaint, const char *what, const char *value)
{
	format_text(complaint, RECIPE_COMPLAINT_MAX, "%s%s%s%s", what, value ? " '" : "", value ? value : "",
		    value ? "'" : "");
	return KERN_INVALID_ARGUMENT;
}

static kern_return_t check_head(const struct seat_recipe_head *head, char *complaint)
{
	if (head->version != SEAT_RECIPE_VERSION)
		return complain(complaint, "recipe of an unknown version", NULL);
	if (head->flags & ~(uint32_t)(SEAT_TERMINAL | SEAT_START_BOOT | SEAT_RESTART_DEMAND | SEAT_PROGRAM_FILE))
		return complain(complaint, "recipe with unknown flags", NULL);
	if (head->argument_count > SEAT_STRINGS_MAX || head->environment_count > SEAT_STRINGS_MAX ||
	    head->uses_count > SEAT_STRINGS_MAX)
		return complain(complaint, "recipe with more than 256 arguments, environment words or uses", NULL);
	if (head->backoff_factor && (head->backoff_factor < 1000 || head->backoff_factor > 1000000))
		return complain(complaint, "backoff factor below 1 or above 1000", NULL);
	if (head->backoff_initial > TIME_LIMIT || head->backoff_cap > TIME_LIMIT ||
	    head->start_timeout > TIME_LIMIT || head->heartbeat_interval > TIME_LIMIT ||
	    head->heartbeat_timeout > TIME_LIMIT || head->heartbeat_answers > TIME_LIMIT ||
	    (head->backoff_reset > TIME_LIMIT && head->backoff_reset != SEAT_RESET_ALWAYS))
		return complain(complaint, "recipe with a time of more than a year", NULL);
	if (head->backoff_initial && head->backoff_cap && head->backoff_cap < head->backoff_initial)
		return complain(complaint, "backoff cap below the initial backoff", NULL);
	if ((head->heartbeat_timeout || head->heartbeat_answers) && !head->heartbeat_interval)
		return complain(complaint, "heartbeat timeout without an interval", NULL);
	return KERN_SUCCESS;
}

static void fill_defaults(struct seat_recipe_head *head)
{
	if (!head->backoff_initial)
		head->backoff_initial = 100 * MILLISECOND;
	if (!head->backoff_cap)
		head->backoff_cap = head->backoff_initial > 30 * SECOND ? head->backoff_initial : 30 * SECOND;
	if (head->backoff_cap < head->backoff_initial)
		head->backoff_initial = head->backoff_cap;
	if (!head->backoff_reset)
		head->backoff_reset = 10 * SECOND;
	if (head->backoff_reset == SEAT_RESET_ALWAYS)
		head->backoff_reset = 0;
	if (!head->backoff_factor)
		head->backoff_factor = 2000;
	if (!head->start_timeout)
		head->start_timeout = 10 * SECOND;
	if (!head->heartbeat_timeout)
		head->heartbeat_timeout = head->heartbeat_interval;
}

// All that can be said about the strings once they are found.
static kern_return_t check_strings(const struct recipe *recipe, char *complaint)
{
	if (!grants_name_valid(recipe->name, false))
		return complain(complaint, "not a seat's name:", recipe->name);
	if (grants_match("kernel/*", recipe->name))
		return complain(complaint, "names under kernel/ are the kernel's own:", recipe->name);
	if (grants_match(DEVICE_ALIAS_PREFIX "*", recipe->name))
		return complain(complaint, "names under device/ are those of devices:", recipe->name);
	size_t length = 0;
	while (recipe->program[length])
		length++;
	if (length == 0 || length > SEAT_PROGRAM_MAX)
		return complain(complaint, "program path empty or longer than 255 bytes:", recipe->program);
	for (uint32_t i = 0; i < recipe->head.uses_count; i++)
		if (!grants_name_valid(recipe->uses[i], true))
			return complain(complaint, "not a pattern of seat names:", recipe->uses[i]);
	return KERN_SUCCESS;
}

// Lays the strings out behind the struct. `text` is the recipe's own copy of them.
static kern_return_t find_strings(struct recipe *recipe, const char *text, size_t size, char *complaint)
{
	const struct seat_recipe_head *head = &recipe->head;
	struct strings strings = {text, text + size};
	const char **pointers = (const char **)(recipe + 1);
	recipe->name = strings_take(&strings);
	recipe->program = recipe->name ? strings_take(&strings) : NULL;
	if (!recipe->program)
		return complain(complaint, "recipe without a name and a program", NULL);
	recipe->arguments = pointers;
	*pointers++ = recipe->program;
	pointers = strings_take_list(&strings, pointers, head->argument_count);
	if (!pointers)
		return complain(complaint, "recipe with fewer arguments than it says:", recipe->name);
	*pointers++ = NULL;
	recipe->environment = pointers;
	pointers = strings_take_list(&strings, pointers, head->environment_count);
	if (!pointers)
		return complain(complaint, "recipe with fewer environment words than it says:", recipe->name);
	*pointers++ = NULL;
	recipe->uses = pointers;
	if (!strings_take_list(&strings, pointers, head->uses_count))
		return complain(complaint, "recipe with fewer uses than it says:", recipe->name);
	if (strings.next != strings.end)
		return complain(complaint, "recipe with bytes behind its end:", recipe->name);
	return check_strings(recipe, complaint);
}

kern_return_t recipe_parse(const void *data, size_t size, struct recipe **result, char *complaint)
{
	struct seat_recipe_head head;
	complaint[0] = 0;
	if (size < sizeof(head) || size > SEAT_RECIPE_MAX)
		return complain(complaint, "recipe shorter than its head or longer than 16384 bytes", NULL);
	memcpy(&head, data, sizeof(head));
	kern_return_t error = check_head(&head, complaint);
	if (error)
		return error;
	size_t text_size = size - sizeof(head);
	size_t pointers = (size_t)head.argument_count + head.environment_count + head.uses_count + 3;
	size_t whole = sizeof(struct recipe) + pointers * sizeof(char *) + text_size;
	struct recipe *recipe = kalloc(&account_kernel, whole);
	if (!recipe)
		return KERN_RESOURCE_SHORTAGE;
	atomic_init(&recipe->references, 1);
	recipe->size = whole;
	recipe->head = head;
	fill_defaults(&recipe->head);
	char *text = (char *)(recipe + 1) + pointers * sizeof(char *);
	memcpy(text, (const char *)data + sizeof(head), text_size);
	error = find_strings(recipe, text, text_size, complaint);
	if (!error) {
		recipe->grants = grants_create(recipe->uses, head.uses_count);
		if (!recipe->grants)
			error = KERN_RESOURCE_SHORTAGE;
	}
	if (error) {
		recipe_release(recipe);
		return error;
	}
	recipe->from_file = (head.flags & SEAT_PROGRAM_FILE) && !image_in_archive(recipe->program);
	*result = recipe;
	return KERN_SUCCESS;
}

struct recipe *recipe_reference(struct recipe *recipe)
{
	atomic_fetch_add_explicit(&recipe->references, 1, memory_order_relaxed);
	return recipe;
}

void recipe_release(struct recipe *recipe)
{
	if (!recipe || atomic_fetch_sub_explicit(&recipe->references, 1, memory_order_acq_rel) != 1)
		return;
	grants_release(recipe->grants);
	kfree(&account_kernel, recipe, recipe->size);
}

uint32_t recipe_answers(const struct recipe *recipe)
{
	const struct seat_recipe_head *head = &recipe->head;
	if (!head->heartbeat_answers)
		return 0;
	uint64_t pings = (head->heartbeat_answers + head->heartbeat_interval - 1) / head->heartbeat_interval;
	return pings < UINT32_MAX ? (uint32_t)pings : UINT32_MAX;
}

uint64_t recipe_backoff(const struct recipe *recipe, uint32_t failures)
{
	if (failures <= 1)
		return 0;
	uint64_t wait = recipe->head.backoff_initial, cap = recipe->head.backoff_cap;
	for (uint32_t i = 2; i < failures && wait < cap; i++) {
		uint64_t more = wait / 1000 * recipe->head.backoff_factor + wait % 1000 * recipe->head.backoff_factor / 1000;
		if (more == wait) // the factor is 1
			break;
		wait = more;
	}
	return wait < cap ? wait : cap;
}
