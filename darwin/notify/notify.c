// SPDX-License-Identifier: MIT
// Notifications by name between the processes of a user. Facts: notify(3), <notify.h>.
//
// A registration remembers which generation of its name it has seen. Those that are to be told have a thread, which wakes when anything
// is posted and looks at them all; those that only check have none.
#include "page.h"

#include "../dispatch/block.h"
#include "../dispatch/object.h"
#include "../libsystem/dispatch.h"
#include "../libsystem/errno.h"
#include "../libsystem/futex.h"
#include "../libsystem/mach_names.h"
#include "../libsystem/thread.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <mach/message.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum notify_status {
	NOTIFY_OK = 0,
	NOTIFY_INVALID_NAME = 1,
	NOTIFY_INVALID_TOKEN = 2,
	NOTIFY_INVALID_PORT = 3,
	NOTIFY_INVALID_FILE = 4,
	NOTIFY_INVALID_SIGNAL = 5,
	NOTIFY_FAILED = 1000000
};
enum { NOTIFY_REUSE = 1 };
enum notify_kind { NOTIFY_CHECK, NOTIFY_DISPATCH, NOTIFY_FILE, NOTIFY_SIGNAL, NOTIFY_PORT };

struct registration {
	int token;
	enum notify_kind kind;
	struct notify_place *place;
	uint32_t checked, told; // generations
	bool fresh;		// notify_check was not called yet
	unsigned suspended;
	struct dispatch_queue *queue; // NOTIFY_DISPATCH
	struct block *handler;
	int read_end, write_end; // NOTIFY_FILE
	int signal;		 // NOTIFY_SIGNAL
	uint32_t port;		 // NOTIFY_PORT: the program receives there
	struct registration *next;
};

static _Atomic uint32_t notify_lock;
static struct registration *registrations; // [notify_lock]
static int last_token;			   // [notify_lock]
static bool thread_runs;		   // [notify_lock]

int darwin_kill(int process, int number);
int signals_to_host(int darwin);
mach_msg_return_t darwin_mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
				  mach_msg_size_t receive_size, mach_port_name_t name, mach_msg_timeout_t timeout,
				  mach_port_name_t notify);
int darwin_mach_port_allocate(uint32_t task, uint32_t right, uint32_t *name);
int darwin_mach_port_mod_refs(uint32_t task, uint32_t name, uint32_t right, int delta);

// ---- telling --------------------------------------------------------------------------------------------------------

struct delivery {
	struct block *handler;
	int token;
};
struct block_of_token {
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, int token);
};

static void deliver(void *argument)
{
	struct delivery *delivery = argument;
	((struct block_of_token *)delivery->handler)->invoke(delivery->handler, delivery->token);
	block_release(delivery->handler);
	free(delivery);
}

// A message without contents, whose number is the token. If the port is full, the program has enough to read.
static void send_message(const struct registration *registration)
{
	mach_msg_header_t head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
				  .msgh_size = sizeof(head),
				  .msgh_remote_port = registration->port,
				  .msgh_id = registration->token};
	darwin_mach_msg(&head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(head), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

static void tell(struct registration *registration)
{
	struct delivery *delivery;
	uint32_t number = htonl((uint32_t)registration->token);
	switch (registration->kind) {
	case NOTIFY_CHECK: break;
	case NOTIFY_DISPATCH:
		if (!(delivery = malloc(sizeof(*delivery))))
			break;
		*delivery = (struct delivery){block_copy(registration->handler), registration->token};
		dispatch_queue_add(registration->queue, delivery, deliver);
		break;
	case NOTIFY_FILE:
		if (write(registration->write_end, &number, sizeof(number)) < 0) {
			// it is full: the program has enough to read
		}
		break;
	case NOTIFY_SIGNAL: darwin_kill(getpid(), registration->signal); break;
	case NOTIFY_PORT: send_message(registration); break;
	}
}

static void look_locked(struct registration *registration)
{
	uint32_t generation = registration->place->generation;
	if (registration->suspended || registration->told == generation)
		return;
	registration->told = generation;
	tell(registration);
}

static void *notify_thread(void *argument)
{
	(void)argument;
	thread_adopt();
	for (bool wanted = true; wanted;) {
		uint32_t sequence = notify_sequence();
		futex_lock(&notify_lock);
		wanted = false;
		for (struct registration *at = registrations; at; at = at->next) {
			wanted |= at->kind != NOTIFY_CHECK;
			look_locked(at);
		}
		thread_runs = wanted;
		futex_unlock(&notify_lock);
		if (wanted)
			notify_wait(sequence);
	}
	free(thread_self());
	return NULL;
}

// In a child of fork, where the thread is not.
void notify_forget(void)
{
	notify_lock = 0;
	thread_runs = false;
}

// ---- registrations --------------------------------------------------------------------------------------------------

static struct registration *find_locked(int token)
{
	for (struct registration *at = registrations; at; at = at->next)
		if (at->token == token)
			return at;
	return NULL;
}

static uint32_t add(const char *name, int *token, struct registration like)
{
	struct notify_place *place = name && *name ? notify_place_find(name, true) : NULL;
	struct registration *made = place ? malloc(sizeof(*made)) : NULL;
	pthread_t thread;
	uint32_t status = NOTIFY_OK;
	if (!place)
		return name && strlen(name) < NOTIFY_NAME_MOST && *name ? NOTIFY_FAILED : NOTIFY_INVALID_NAME;
	if (!made)
		return NOTIFY_FAILED;
	*made = like;
	made->place = place;
	made->fresh = true;
	made->checked = made->told = place->generation;
	futex_lock(&notify_lock);
	if (like.kind != NOTIFY_CHECK && !thread_runs) {
		thread_runs = thread_start_helper(&thread, notify_thread, NULL) == 0;
		status = thread_runs ? NOTIFY_OK : NOTIFY_FAILED;
	}
	if (!status) {
		*token = made->token = ++last_token;
		made->next = registrations;
		registrations = made;
	} else
		free(made);
	futex_unlock(&notify_lock);
	return status;
}

uint32_t darwin_notify_register_check(const char *name, int *token)
{
	return add(name, token, (struct registration){.kind = NOTIFY_CHECK});
}

uint32_t darwin_notify_register_dispatch(const char *name, int *token, struct dispatch_queue *queue, struct block *handler)
{
	struct block *copy = block_copy(handler);
	dispatch_object_ref((struct dispatch_object *)queue);
	uint32_t status = add(name, token, (struct registration){.kind = NOTIFY_DISPATCH, .queue = queue, .handler = copy});
	if (status) {
		block_release(copy);
		dispatch_object_unref((struct dispatch_object *)queue);
	}
	return status;
}

uint32_t darwin_notify_register_signal(const char *name, int number, int *token)
{
	if (!signals_to_host(number))
		return NOTIFY_INVALID_SIGNAL;
	return add(name, token, (struct registration){.kind = NOTIFY_SIGNAL, .signal = number});
}

// Another one that tells the same descriptor.
static int write_end_of(int read_end)
{
	int found = -1;
	futex_lock(&notify_lock);
	for (struct registration *at = registrations; at && found < 0; at = at->next)
		if (at->kind == NOTIFY_FILE && at->read_end == read_end)
			found = at->write_end;
	futex_unlock(&notify_lock);
	return found;
}

uint32_t darwin_notify_register_file_descriptor(const char *name, int *file, int flags, int *token)
{
	int ends[2] = {*file, -1};
	if (flags & NOTIFY_REUSE) {
		if ((ends[1] = write_end_of(*file)) < 0)
			return NOTIFY_INVALID_FILE;
	} else if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0)
		return NOTIFY_FAILED;
	uint32_t status =
		add(name, token, (struct registration){.kind = NOTIFY_FILE, .read_end = ends[0], .write_end = ends[1]});
	if (!status)
		*file = ends[0];
	else if (!(flags & NOTIFY_REUSE))
		close(ends[0]), close(ends[1]);
	return status;
}

static bool port_is_told(uint32_t port)
{
	futex_lock(&notify_lock);
	bool found = false;
	for (struct registration *at = registrations; at && !found; at = at->next)
		found = at->kind == NOTIFY_PORT && at->port == port;
	futex_unlock(&notify_lock);
	return found;
}

uint32_t darwin_notify_register_mach_port(const char *name, uint32_t *port, int flags, int *token)
{
	if (flags & NOTIFY_REUSE) {
		if (!port_is_told(*port))
			return NOTIFY_INVALID_PORT;
	} else if (darwin_mach_port_allocate(MACH_TASK_SELF, MACH_PORT_RIGHT_RECEIVE, port))
		return NOTIFY_FAILED;
	uint32_t status = add(name, token, (struct registration){.kind = NOTIFY_PORT, .port = *port});
	if (status && !(flags & NOTIFY_REUSE))
		darwin_mach_port_mod_refs(MACH_TASK_SELF, *port, MACH_PORT_RIGHT_RECEIVE, -1);
	return status;
}

int darwin_close(int file);

static void registration_free(struct registration *registration)
{
	// A descriptor or port goes with the last that tells it.
	if (registration->kind == NOTIFY_FILE && write_end_of(registration->read_end) < 0) {
		darwin_close(registration->read_end);
		close(registration->write_end);
	}
	if (registration->kind == NOTIFY_PORT && !port_is_told(registration->port))
		darwin_mach_port_mod_refs(MACH_TASK_SELF, registration->port, MACH_PORT_RIGHT_RECEIVE, -1);
	if (registration->kind == NOTIFY_DISPATCH) {
		block_release(registration->handler);
		dispatch_object_unref((struct dispatch_object *)registration->queue);
	}
	free(registration);
}

uint32_t darwin_notify_cancel(int token)
{
	futex_lock(&notify_lock);
	struct registration *found = find_locked(token);
	for (struct registration **at = &registrations; *at && found; at = &(*at)->next)
		if (*at == found) {
			*at = found->next;
			break;
		}
	futex_unlock(&notify_lock);
	if (!found)
		return NOTIFY_INVALID_TOKEN;
	registration_free(found);
	return NOTIFY_OK;
}

// ---- what programs ask and tell -------------------------------------------------------------------------------------

uint32_t darwin_notify_post(const char *name)
{
	if (!name || !*name || strlen(name) >= NOTIFY_NAME_MOST)
		return NOTIFY_INVALID_NAME;
	struct notify_place *place = notify_place_find(name, false);
	if (place)
		notify_place_post(place); // else nobody ever registered it
	return NOTIFY_OK;
}

uint32_t darwin_notify_check(int token, int *posted)
{
	futex_lock(&notify_lock);
	struct registration *registration = find_locked(token);
	if (registration) {
		uint32_t generation = registration->place->generation;
		*posted = registration->fresh || registration->checked != generation;
		registration->fresh = false;
		registration->checked = generation;
	}
	futex_unlock(&notify_lock);
	return registration ? NOTIFY_OK : NOTIFY_INVALID_TOKEN;
}

int darwin_notify_is_valid_token(int token)
{
	futex_lock(&notify_lock);
	struct registration *registration = find_locked(token);
	futex_unlock(&notify_lock);
	return registration != NULL;
}

uint32_t darwin_notify_set_state(int token, uint64_t value)
{
	futex_lock(&notify_lock);
	struct registration *registration = find_locked(token);
	if (registration)
		registration->place->value = value;
	futex_unlock(&notify_lock);
	return registration ? NOTIFY_OK : NOTIFY_INVALID_TOKEN;
}

uint32_t darwin_notify_get_state(int token, uint64_t *value)
{
	futex_lock(&notify_lock);
	struct registration *registration = find_locked(token);
	if (registration)
		*value = registration->place->value;
	futex_unlock(&notify_lock);
	return registration ? NOTIFY_OK : NOTIFY_INVALID_TOKEN;
}

uint32_t darwin_notify_suspend(int token)
{
	futex_lock(&notify_lock);
	struct registration *registration = find_locked(token);
	if (registration)
		registration->suspended++;
	futex_unlock(&notify_lock);
	return registration ? NOTIFY_OK : NOTIFY_INVALID_TOKEN;
}

// What was posted meanwhile is told once.
uint32_t darwin_notify_resume(int token)
{
	futex_lock(&notify_lock);
	struct registration *registration = find_locked(token);
	if (registration && registration->suspended > 0 && --registration->suspended == 0)
		look_locked(registration);
	futex_unlock(&notify_lock);
	return registration ? NOTIFY_OK : NOTIFY_INVALID_TOKEN;
}
