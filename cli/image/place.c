// SPDX-License-Identifier: MIT
// The place of the image's gila: the console seat. See place.h.
//
// A session is opened with the first output or input. Ctrl-C ends a read at the prompt; it is an event as well, which a thread
// listens for. A console that was restarted knows the session again but not who watches it, so place_listen asks anew each time.
#include "../place.h"

#include "../interrupt.h"

#include <abi/console.h>
#include <abi/traps.h>
#include <gila/console_types.h>
#include <gila/gila.h>
#include <mach/mach.h>
#include <mach/mig_errors.h>
#include <pthread.h>
#include <string.h>

const bool place_is_host = false;

static mach_port_t console; // a session, or where none can be had the seat
static mach_port_t events;  // receive right, the listener's

bool place_reach(const char **why)
{
	*why = "there is no kernel";
	gila_check_in(); // the shell is launched for a seat
	return gila_task_id() != 0;
}

static bool console_find(void)
{
	mach_port_t seat;
	if (console != MACH_PORT_NULL)
		return true;
	if (gila_seat("console", &seat) != KERN_SUCCESS)
		return false;
	if (console_open(seat, &console) != KERN_SUCCESS)
		console = seat;
	return true;
}

bool place_write(const char *text, size_t size)
{
	if (!console_find())
		return false;
	for (size_t done = 0; done < size;) {
		size_t piece = size - done < CONSOLE_DATA_MAX ? size - done : CONSOLE_DATA_MAX;
		kern_return_t error =
			console_write(console, (const uint8_t *)text + done, (mach_msg_type_number_t)piece);
		// A console that died with a piece may have shown it; its successor shows the next.
		if (error && error != MIG_SERVER_DIED)
			return false;
		done += piece;
	}
	return true;
}

void place_complain(const char *line)
{
	if (!place_write(line, strlen(line)))
		gila_logf("%.*s", (int)strcspn(line, "\n"), line);
}

size_t place_width(void)
{
	uint32_t rows = 0, columns = 0;
	if (!console_find() || console_size(console, &rows, &columns) != KERN_SUCCESS)
		return 0;
	return columns;
}

bool place_apart(int *status) { return false; }

void place_apart_end(int status) {}

// ---- Ctrl-C --------------------------------------------------------------------------------------------------------

static void *listener_main(void *argument)
{
	struct {
		struct console_event event;
		mach_msg_max_trailer_t trailer;
	} message;
	const struct console_event *event = &message.event;
	while (mach_msg(&message.event.head, MACH_RCV_MSG, 0, sizeof(message), events, 0, MACH_PORT_NULL) ==
	       MACH_MSG_SUCCESS) {
		// The other event, the end of the input, interrupts nothing: output may still be read.
		if (event->head.msgh_id == CONSOLE_EVENT_ID && event->head.msgh_size == sizeof(*event) &&
		    event->kind == CONSOLE_EVENT_INTERRUPT)
			interrupt_raise();
		mach_msg_destroy(&message.event.head);
	}
	return NULL;
}

static bool listener_start(void)
{
	pthread_t thread;
	if (events != MACH_PORT_NULL)
		return true;
	if (gila_port_make(&events) != KERN_SUCCESS)
		return false;
	if (pthread_create(&thread, NULL, listener_main, NULL) != 0) {
		gila_port_drop_receive(events);
		events = MACH_PORT_NULL;
		return false;
	}
	pthread_detach(thread);
	return true;
}

void place_listen(void)
{
	// Without it commands cannot be interrupted, but run.
	if (console_find() && listener_start() && console_watch(console, events) != KERN_SUCCESS)
		gila_logf("the console does not tell of Ctrl-C");
	interrupt_clear();
}

// ---- Input ---------------------------------------------------------------------------------------------------------

static bool by_keys;

bool place_input_begin(bool *keys, const char **why)
{
	*why = "the console cannot be reached";
	if (!console_find())
		return false;
	*keys = by_keys = place_width() > 0;
	return true;
}

enum place_input place_input_read(char *to, size_t room, size_t *size)
{
	mach_msg_type_number_t count = (mach_msg_type_number_t)(room < CONSOLE_DATA_MAX ? room : CONSOLE_DATA_MAX);
	kern_return_t error =
		console_read(console, by_keys ? CONSOLE_RAW : CONSOLE_LINE, count, (uint8_t *)to, &count);
	*size = count;
	if (error == CONSOLE_INTERRUPTED)
		return PLACE_INPUT_INTERRUPT;
	return error ? PLACE_INPUT_END : PLACE_INPUT;
}

void place_input_pause(bool pause) {}

void place_input_end(void) {}
