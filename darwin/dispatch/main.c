// SPDX-License-Identifier: MIT
// The main queue: serial, run by the first thread in dispatch_main or by its run loop (dispatch_main_drain).
#include "queue.h"

#include "../libsystem/futex.h"
#include "../libsystem/report.h"

static const struct dispatch_class main_class = {.kind = DISPATCH_MAIN};

struct dispatch_queue darwin_dispatch_main_q = {
	.head = {.class = &main_class, .references = DISPATCH_FOREVER_USERS, .users = DISPATCH_FOREVER_USERS},
	.qos = 0x15,
	.label = (char *)(uintptr_t) "com.apple.main-thread"};

static _Atomic uint32_t main_word; // 1: there is something to run
static void (*_Atomic main_hook)(void);

int darwin_pthread_main_np(void);
void dispatch_pool_forget(void);
void dispatch_manager_forget(void);
void notify_forget(void);

void dispatch_main_wake(void)
{
	void (*hook)(void) = main_hook;
	main_word = 1;
	futex_wake(&main_word, 1);
	if (hook)
		hook();
}

void dispatch_main_attach(void (*wake)(void))
{
	main_hook = wake;
	if (main_word)
		wake();
}

void dispatch_main_drain(void)
{
	if (atomic_exchange(&main_word, 0))
		dispatch_queue_drain(&darwin_dispatch_main_q);
}

_Noreturn void darwin_dispatch_main(void)
{
	if (!darwin_pthread_main_np())
		report_fatal("dispatch_main: it was not called by the first thread");
	for (;;) {
		futex_wait(&main_word, 0, NULL, false);
		dispatch_main_drain();
	}
}

// For run loops: CFRunLoop calls this when the queue's handle says that there is something to do.
void darwin_dispatch_main_queue_callback_4CF(void *message)
{
	(void)message;
	dispatch_main_drain();
}

void dispatch_forget_all(void)
{
	main_word = 0;
	dispatch_pool_forget();
	dispatch_manager_forget();
	notify_forget();
}
