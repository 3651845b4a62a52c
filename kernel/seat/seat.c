// SPDX-License-Identifier: MIT
// Seats: the table of them, registration and management; see seat.h. Look-ups and taking are in seat_lookup.c.
#include "seat.h"

#include "../device/device.h"
#include "../memory/memory.h"
#include "../task/task.h"
#include "image.h"
#include "seat_table.h"

#include <gila/loader.h>

struct lock seat_table_lock;
static struct tree seats_by_name, seats_by_id; // [seat_table_lock] each seat: one reference
static uint32_t last_id;                       // [seat_table_lock]

static int compare_name(const void *key, const struct tree_node *node)
{
	const char *name = key, *other = container_of(node, struct seat, by_name)->name;
	while (*name && *name == *other) {
		name++;
		other++;
	}
	return (unsigned char)*name - (unsigned char)*other;
}

static int compare_id(const void *key, const struct tree_node *node)
{
	uint32_t id = *(const uint32_t *)key, other = container_of(node, struct seat, by_id)->id;
	return id < other ? -1 : id > other;
}

void seat_module_init(void)
{
	lock_init(&seat_table_lock, RANK_SEAT_TABLE);
	tree_init(&seats_by_name, compare_name);
	tree_init(&seats_by_id, compare_id);
	seat_watch_init();
}

// ---- Object --------------------------------------------------------------------------------------------------------

static void seat_free(struct seat *seat)
{
	timer_cancel(&seat->timer);
	if (seat->port)
		port_release(seat->port);
	recipe_release(seat->recipe);
	image_release(seat->image);
	if (seat->kept)
		memory_release(seat->kept);
	kfree(&account_kernel, seat, sizeof(*seat));
	account_refund(&account_kernel, ACCOUNT_SEAT, 1);
}

static void seat_destroy(struct object *object)
{
	struct seat *seat = container_of(object, struct seat, object);
	assert(seat->state == SEAT_REMOVED && !seat->occupant && !port_alive(seat->port));
	seat_free(seat);
}

static void seat_print(struct object *object, char *to, size_t room)
{
	struct seat *seat = container_of(object, struct seat, object);
	format_text(to, room, "seat %s: %s, task %u, launch %u, %u restarts", seat->name, seat_state_name(seat->state),
		    seat->occupant ? seat->occupant->id : 0, seat->generation, seat->restarts);
}

const struct object_kind seat_kind = {"seat", seat_destroy, seat_print};

// ---- The port's keeper: only kicks, see seat_step ------------------------------------------------------------------

static void seat_wanted(struct port *port) { seat_kick(port->keeper_data, SEAT_WANTED); }
static void seat_returned(struct port *port) { seat_kick(port->keeper_data, SEAT_RETURNED); }
static void seat_died(struct port *port) { seat_kick(port->keeper_data, SEAT_PORT_DIED); }
static const struct port_keeper_ops keeper_ops = {
	.wanted = seat_wanted,
	.returned = seat_returned,
	.died = seat_died,
};

// The port's reference on the seat is dropped once the port is dead.
uint32_t seat_id_of_port_locked(struct port *port)
{
	if (port->keeper != &keeper_ops || port_state(port) == PORT_DEAD)
		return 0;
	return ((const struct seat *)port->keeper_data)->id;
}

// A seat that is being freed waits for this function, but is not to be looked after any more: seat_kick sees that.
static void seat_timer_fired(struct timer *timer) { seat_kick(container_of(timer, struct seat, timer), SEAT_TIME); }

// The seat is removed (or never was one). The port ends in seat_step, as soon as its right is there: it may be in a
// message now.
static void seat_end_ports(struct seat *seat)
{
	if (seat->port) {
		(void)port_recall(seat->port);
		seat_kick(seat, SEAT_RETURNED);
	}
	if (seat->reply_port) {
		port_end_object(seat->reply_port);
		port_release(seat->reply_port);
	}
}

// A seat that nobody knows yet, with one reference. The recipe's reference stays the caller's until it succeeds.
static struct seat *seat_create(const char *name, struct recipe *recipe)
{
	if (!account_charge(&account_kernel, ACCOUNT_SEAT, 1))
		return NULL;
	struct seat *seat = kalloc(&account_kernel, sizeof(*seat));
	if (!seat) {
		account_refund(&account_kernel, ACCOUNT_SEAT, 1);
		return NULL;
	}
	object_init(&seat->object, &seat_kind);
	lock_init(&seat->lock, RANK_SEAT);
	format_text(seat->name, sizeof(seat->name), "%s", name);
	seat->state = SEAT_VACANT;
	seat->since = md_clock_now();
	list_init(&seat->walk_link);
	work_init(&seat->work, seat_step);
	timer_init(&seat->timer, seat_timer_fired);
	seat->reply_port = seat_create_reply_port(seat);
	if (seat->reply_port) {
		seat->port = port_create_kept(&account_kernel, &keeper_ops, seat);
		if (seat->port) {
			seat_reference(seat); // the port's, until it has died
			seat->recipe = recipe;
			return seat;
		}
	}
	seat_end_ports(seat);
	seat_free(seat);
	return NULL;
}

// ---- Registration --------------------------------------------------------------------------------------------------

static kern_return_t complain(char *complaint, kern_return_t code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static kern_return_t complain(char *complaint, kern_return_t code, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	format_text_list(complaint, RECIPE_COMPLAINT_MAX, format, list);
	va_end(list);
	return code;
}

// Limits may only be narrowed, as grants.
static kern_return_t check_limits(struct task *registrar, const struct recipe *recipe, char *complaint)
{
	const struct seat_recipe_head *head = &recipe->head;
	const struct account *own = registrar->account;
	const struct {
		const char *what;
		uint64_t asked, had;
	} limits[] = {
		{"bytes of memory objects", head->limit_memory, account_limit(own, ACCOUNT_MEMORY_BYTES)},
		{"bytes of kernel memory", head->limit_kernel, account_limit(own, ACCOUNT_BYTES)},
		{"threads", head->limit_threads, account_limit(own, ACCOUNT_THREAD)},
		{"ports", head->limit_ports, account_limit(own, ACCOUNT_PORT)},
		{"messages", head->limit_messages, account_limit(own, ACCOUNT_MESSAGE)},
		{"rights", head->limit_rights, account_limit(own, ACCOUNT_RIGHT)},
	};
	for (unsigned i = 0; i < array_count(limits); i++)
		if (limits[i].asked > limits[i].had)
			return complain(complaint, KERN_DENIED, "%s: limit of %llu %s, but %s has only %llu",
					recipe->name, (unsigned long long)limits[i].asked, limits[i].what,
					registrar->name, (unsigned long long)limits[i].had);
	return KERN_SUCCESS;
}

static kern_return_t check_program(const struct recipe *recipe, char *complaint)
{
	if (image_in_archive(recipe->program))
		return KERN_SUCCESS;
	if (!recipe->from_file)
		return complain(complaint, KERN_NOT_FOUND, "%s: program %s: not in the boot archive", recipe->name,
				recipe->program);
	if (text_equal(recipe->name, LOADER_SEAT))
		return complain(complaint, KERN_NOT_FOUND, "%s: its own program %s must be in the boot archive", recipe->name,
				recipe->program);
	return KERN_SUCCESS;
}

kern_return_t seat_check_recipe(struct task *registrar, const char *names, const struct recipe *recipe,
				const struct image *image, char *complaint)
{
	if (grants_find_excess(registrar->grants, &names, 1))
		return complain(complaint, KERN_DENIED, "%s: %s has no grant for that name", names, registrar->name);
	const char *excess = grants_find_excess(registrar->grants, recipe->uses, recipe->head.uses_count);
	if (excess)
		return complain(complaint, KERN_DENIED, "%s: uses \"%s\", which %s itself has not been granted",
				recipe->name, excess, registrar->name);
	kern_return_t error = check_limits(registrar, recipe, complaint);
	return error || image ? error : check_program(recipe, complaint);
}

// A seat that was created becomes known; the caller keeps its reference. False: there is one of that name.
static bool seat_publish(struct seat *seat)
{
	lock_acquire(&seat_table_lock);
	bool added = tree_insert(&seats_by_name, seat->name, &seat->by_name);
	if (added) {
		seat->id = ++last_id;
		added = tree_insert(&seats_by_id, &seat->id, &seat->by_id);
		assert(added);
		seat_reference(seat); // the table's
	}
	lock_release(&seat_table_lock);
	return added;
}

// It never was one: its recipe and image stay the caller's.
static void seat_discard(struct seat *seat)
{
	seat->recipe = NULL;
	seat->image = NULL;
	seat->state = SEAT_REMOVED;
	seat_end_ports(seat);
	seat_release(seat);
}

static kern_return_t seat_add(struct recipe *recipe, char *complaint)
{
	struct seat *seat = seat_create(recipe->name, recipe);
	if (!seat)
		return complain(complaint, KERN_RESOURCE_SHORTAGE, "%s: no memory for the seat", recipe->name);
	if (seat_publish(seat)) {
		seat_release(seat);
		return KERN_SUCCESS;
	}
	kern_return_t code = complain(complaint, KERN_NAME_EXISTS, "%s: there is a seat of that name", recipe->name);
	seat_discard(seat);
	return code;
}

kern_return_t seat_add_device(struct device *device, const char *name, struct recipe *recipe, struct image *image,
			      struct seat **result)
{
	struct seat *seat = seat_create(name, recipe);
	if (!seat)
		return KERN_RESOURCE_SHORTAGE;
	seat->image = image;
	seat->device = device;
	if (!seat_publish(seat)) {
		seat_discard(seat);
		return KERN_NAME_EXISTS;
	}
	recipe_reference(recipe);
	if (image)
		image_reference(image);
	*result = seat;
	return KERN_SUCCESS;
}

void seat_set_program(struct seat *seat, struct recipe *recipe, struct image *image)
{
	lock_acquire(&seat->lock);
	struct recipe *recipe_before = seat->recipe;
	struct image *image_before = seat->image;
	seat->recipe = recipe_reference(recipe);
	seat->image = image ? image_reference(image) : NULL;
	seat_forget_asked_locked(seat);
	seat->failures = 0;
	lock_release(&seat->lock);
	seat_kick(seat, SEAT_LAUNCH_DUE);
	recipe_release(recipe_before);
	image_release(image_before);
}

static kern_return_t seat_replace_recipe(struct recipe *recipe, char *complaint)
{
	struct seat *seat = seat_find(recipe->name);
	if (!seat)
		return complain(complaint, KERN_NOT_FOUND, "%s: there is no such seat to replace", recipe->name);
	struct image *image = NULL;
	lock_acquire(&seat->lock);
	struct recipe *before = seat->recipe;
	if (!text_equal(before->program, recipe->program)) { // an image was that of the old one
		image = seat->image;
		seat->image = NULL;
		seat_forget_asked_locked(seat);
	}
	seat->recipe = recipe;
	seat->failures = 0;
	lock_release(&seat->lock);
	seat_kick(seat, SEAT_LAUNCH_DUE);
	image_release(image);
	recipe_release(before);
	seat_release(seat);
	return KERN_SUCCESS;
}

kern_return_t seat_register(struct task *registrar, struct recipe *recipe, bool replace, char *complaint)
{
	complaint[0] = 0;
	kern_return_t error = seat_check_recipe(registrar, recipe->name, recipe, NULL, complaint);
	if (!error)
		error = replace ? seat_replace_recipe(recipe, complaint) : seat_add(recipe, complaint);
	if (error)
		log_line("seat", "refused to register %s", complaint);
	return error;
}

// ---- Management ----------------------------------------------------------------------------------------------------

// Seat lock held. The occupant, to be ended by the caller without the lock (a reference), or NULL.
static struct task *seat_condemn(struct seat *seat)
{
	if (!seat->occupant)
		return NULL;
	if (seat->verdict == SEAT_REASON_NONE)
		seat->verdict = SEAT_REASON_STOPPED;
	return task_reference(seat->occupant);
}

static void end_occupant(struct task *task)
{
	if (!task)
		return;
	task_terminate(task, KERN_DEATH_PROTOCOL, 0);
	task_release(task);
}

void seat_stop(struct seat *seat)
{
	struct task *task = NULL;
	lock_acquire(&seat->lock);
	if (seat->state != SEAT_DISABLED && seat->state != SEAT_REMOVED) {
		seat_set_deadline_locked(seat, 0);
		seat_enter_locked(seat, SEAT_DISABLED);
		task = seat_condemn(seat);
	}
	lock_release(&seat->lock);
	end_occupant(task);
}

void seat_start(struct seat *seat)
{
	lock_acquire(&seat->lock);
	if (seat->state == SEAT_VACANT || seat->state == SEAT_BACKING_OFF || seat->state == SEAT_DISABLED) {
		seat->failures = 0;
		seat_begin_locked(seat);
	}
	lock_release(&seat->lock);
}

void seat_restart(struct seat *seat)
{
	struct task *task = NULL;
	lock_acquire(&seat->lock);
	if (seat->state != SEAT_REMOVED) {
		seat->failures = 0;
		task = seat_condemn(seat);
		seat_begin_locked(seat);
	}
	lock_release(&seat->lock);
	end_occupant(task);
}

void seat_remove(struct seat *seat)
{
	lock_acquire(&seat_table_lock);
	lock_acquire(&seat->lock);
	bool ours = seat->state != SEAT_REMOVED;
	struct task *task = NULL;
	if (ours) {
		seat_set_deadline_locked(seat, 0);
		seat_enter_locked(seat, SEAT_REMOVED);
		task = seat_condemn(seat);
		tree_remove(&seats_by_name, &seat->by_name);
		tree_remove(&seats_by_id, &seat->by_id);
	}
	lock_release(&seat->lock);
	lock_release(&seat_table_lock);
	if (!ours)
		return;
	if (!task && seat->device) // else when the driver has ended
		device_seat_removed(seat->device);
	end_occupant(task);
	seat_end_ports(seat);
	seat_release(seat); // the table's
}

// ---- Table ---------------------------------------------------------------------------------------------------------

struct seat *seat_find(const char *name)
{
	lock_acquire(&seat_table_lock);
	struct tree_node *node = tree_find(&seats_by_name, name);
	struct seat *seat = node ? seat_reference(container_of(node, struct seat, by_name)) : NULL;
	lock_release(&seat_table_lock);
	return seat ? seat : device_find_seat(name);
}

struct seat *seat_by_id_locked(uint32_t id)
{
	struct tree_node *node = tree_find(&seats_by_id, &id);
	return node ? container_of(node, struct seat, by_id) : NULL;
}

struct seat *seat_next(uint32_t after)
{
	if (after == UINT32_MAX)
		return NULL;
	uint32_t from = after + 1;
	lock_acquire(&seat_table_lock);
	struct tree_node *node = tree_find_from(&seats_by_id, &from);
	struct seat *seat = node ? seat_reference(container_of(node, struct seat, by_id)) : NULL;
	lock_release(&seat_table_lock);
	return seat;
}
