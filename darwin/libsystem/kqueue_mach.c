// SPDX-License-Identifier: MIT
// EVFILT_MACHPORT: a port or port set as a source of a kqueue.
//
// A thread for each waits for messages with less room than any has, so that they stay queued (MACH_RCV_LARGE), and then
// makes the source's eventfd readable. It stays so until somebody who takes events finds no message: then the thread
// waits again.
// 1. State: WATCHING -> TOLD by the thread, TOLD -> WATCHING by who takes events, either -> ENDING by who closes the
// source.
// 2. Two references: the source's and the thread's. The last one closes the eventfd.
// Facts: xnu's bsd/sys/event.h (fflags are options of mach_msg, ext is the buffer).
#include "kqueue.h"

#include "errno.h"
#include "futex.h"
#include "mach_names.h"
#include "thread.h"

#include <abi/thread_act.h>
#include <abi/traps.h>
#include <mach/message.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum watch_state { WATCH_WATCHING, WATCH_TOLD, WATCH_ENDING };

struct mach_watch {
	_Atomic uint32_t state;	     // enum watch_state; a futex word
	_Atomic uint32_t references; // [a]
	_Atomic uint32_t thread;     // [a] the kernel's name of the thread, once it runs; a futex word
	mach_port_t port;	     // [I]
	int file;		     // [I] eventfd
	int process;		     // [I] in a child of fork there is no such thread
};

#define PEEK_SIZE ((mach_msg_size_t)sizeof(mach_msg_header_t)) // less than any message with its trailer

static void watch_release(struct mach_watch *watch)
{
	if (atomic_fetch_sub(&watch->references, 1) > 1)
		return;
	close(watch->file);
	free(watch);
}

// A message is there (TOO_LARGE), none is (TIMED_OUT), or the port is gone. The header says how large it is and at
// which port.
static mach_msg_return_t peek(mach_port_t port, mach_msg_option_t option, mach_msg_header_t *header)
{
	memset(header, 0, sizeof(*header));
	return mach_msg_trap(header, MACH_RCV_MSG | MACH_RCV_LARGE | MACH_RCV_LARGE_IDENTITY | option, 0, PEEK_SIZE,
			     port, 0, MACH_PORT_NULL);
}

static void *watch_main(void *argument)
{
	struct mach_watch *watch = argument;
	mach_msg_header_t header;
	uint64_t one = 1;
	watch->thread = thread_self_trap();
	futex_wake(&watch->thread, 1);
	while (watch->state != WATCH_ENDING) {
		uint32_t watching = WATCH_WATCHING;
		if (peek(watch->port, 0, &header) == MACH_RCV_INTERRUPTED)
			continue;
		if (!atomic_compare_exchange_strong(&watch->state, &watching, WATCH_TOLD))
			break;
		if (write(watch->file, &one, sizeof(one)) < 0)
			break;
		while (watch->state == WATCH_TOLD)
			futex_wait(&watch->state, WATCH_TOLD, NULL, false);
	}
	kernelrpc_mach_port_deallocate_trap(MACH_TASK_SELF, watch->thread);
	watch_release(watch);
	return NULL;
}

int mach_watch_open(struct source *source)
{
	mach_msg_header_t header;
	pthread_t thread;
	mach_port_t port = (mach_port_t)source->ident;
	mach_msg_return_t there = mach_ready() ? peek(port, MACH_RCV_TIMEOUT, &header) : MACH_RCV_INVALID_NAME;
	if (there != MACH_RCV_TOO_LARGE && there != MACH_RCV_TIMED_OUT)
		return DARWIN_ENOENT; // as kevent(2) says of what is no receive right
	struct mach_watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return DARWIN_ENOMEM;
	watch->port = port;
	watch->references = 2;
	watch->process = getpid();
	watch->file = source->file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watch->file < 0 || thread_start_helper(&thread, watch_main, watch)) {
		if (watch->file >= 0)
			close(watch->file);
		free(watch);
		return DARWIN_ENOMEM;
	}
	source->own = true;
	source->watch = watch;
	return 0;
}

void mach_watch_close(struct source *source)
{
	struct mach_watch *watch = source->watch;
	if (watch->process != getpid()) {
		close(watch->file);
		free(watch);
		return;
	}
	uint32_t before = atomic_exchange(&watch->state, WATCH_ENDING);
	futex_wake(&watch->state, 1);
	while (watch->thread == MACH_PORT_NULL)
		futex_wait(&watch->thread, MACH_PORT_NULL, NULL, false);
	if (before == WATCH_WATCHING) // it waits in the kernel, or is about to
		gila_thread_abort(watch->thread);
	watch_release(watch);
}

// With MACH_RCV_MSG the message is received into ext[0], which has ext[1] bytes: fflags is mach_msg's result then.
static void receive(mach_port_t port, mach_msg_option_t option, struct kqueue_event *event)
{
	mach_msg_header_t *to = (mach_msg_header_t *)(uintptr_t)event->ext[0]; // NOLINT
	mach_msg_return_t result = mach_msg_trap(to, (option & ~MACH_SEND_MSG) | MACH_RCV_TIMEOUT, 0,
						 (mach_msg_size_t)event->ext[1], port, 0, MACH_PORT_NULL);
	event->fflags = (uint32_t)result;
	if (result == MACH_MSG_SUCCESS)
		event->ext[1] = to->msgh_size;
}

bool mach_watch_take(struct source *source, struct kqueue_event *event)
{
	struct mach_watch *watch = source->watch;
	mach_msg_option_t option = (mach_msg_option_t)source->note[0].fflags;
	mach_msg_header_t header;
	uint64_t count;
	uint32_t told = WATCH_TOLD;
	mach_msg_return_t there = peek(watch->port, MACH_RCV_TIMEOUT, &header);
	if (there == MACH_RCV_TIMED_OUT) {
		if (read(watch->file, &count, sizeof(count)) == sizeof(count) &&
		    atomic_compare_exchange_strong(&watch->state, &told, WATCH_WATCHING))
			futex_wake(&watch->state, 1);
		return false;
	}
	event->fflags = 0;
	event->data = header.msgh_local_port;
	if (there != MACH_RCV_TOO_LARGE) {
		event->flags |= EV_EOF | EV_ONESHOT;
		event->data = 0;
		return true;
	}
	event->ext[0] = source->note[0].ext[0];
	event->ext[1] = header.msgh_size;
	if (option & MACH_RCV_MSG) {
		event->ext[1] = source->note[0].ext[1];
		receive(watch->port, option, event);
	}
	return true;
}
