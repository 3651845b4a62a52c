// SPDX-License-Identifier: MIT
// What libc++ does when a thread ends: states of promises become ready, conditions are told (set_value_at_thread_exit,
// notify_all_at_thread_exit). Programs keep a __thread_struct as the value of __thread_local_data's key, which must be one of Darwin's.
#include "cxx.h"

#include "../libsystem/report.h"
#include "../libsystem/thread.h"

#include <stdlib.h>

struct cxx_at_exit {
	struct cxx_at_exit *next;
	struct cxx_state *state; // or NULL: a condition is told
	struct condition *condition;
	struct mutex *mutex;
};

void *darwin_pthread_getspecific(unsigned long key);
int darwin_pthread_setspecific(unsigned long key, const void *value);

void darwin_cxx_thread_struct_begin(struct cxx_thread_struct *thread)
{
	thread->list = NULL;
}

void darwin_cxx_thread_struct_end(struct cxx_thread_struct *thread)
{
	struct cxx_at_exit *item;
	while ((item = thread->list)) {
		thread->list = item->next;
		if (item->state) {
			darwin_cxx_state_make_ready(item->state);
			cxx_state_release(item->state);
		} else {
			darwin_pthread_mutex_unlock(item->mutex);
			darwin_pthread_cond_broadcast(item->condition);
		}
		free(item);
	}
}

// In the order in which they were added.
static void add(struct cxx_thread_struct *thread, const struct cxx_at_exit *what)
{
	struct cxx_at_exit *item = malloc(sizeof(*item)), **at = &thread->list;
	if (!item)
		report_fatal("c++: no memory");
	*item = *what;
	while (*at)
		at = &(*at)->next;
	*at = item;
}

void darwin_cxx_thread_struct_ready(struct cxx_thread_struct *thread, struct cxx_state *state)
{
	cxx_state_retain(state);
	add(thread, &(struct cxx_at_exit){.state = state});
}

void darwin_cxx_thread_struct_notify(struct cxx_thread_struct *thread, struct condition *condition, struct mutex *mutex)
{
	add(thread, &(struct cxx_at_exit){.condition = condition, .mutex = mutex});
}

static void thread_struct_free(void *thread)
{
	darwin_cxx_thread_struct_end(thread);
	free(thread);
}

unsigned long *darwin_cxx_thread_local_data(void)
{
	static unsigned long key;
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&lock);
	if (!key)
		key = thread_key_create(thread_struct_free);
	pthread_mutex_unlock(&lock);
	return &key;
}

struct cxx_thread_struct *cxx_thread_here(void)
{
	unsigned long key = *darwin_cxx_thread_local_data();
	struct cxx_thread_struct *thread = darwin_pthread_getspecific(key);
	if (!thread) {
		thread = calloc(1, sizeof(*thread));
		if (!thread || darwin_pthread_setspecific(key, thread))
			report_fatal("c++: no memory");
	}
	return thread;
}

void darwin_cxx_notify_all_at_thread_exit(struct condition *condition, struct holder *lock)
{
	struct mutex *mutex = lock->mutex;
	*lock = (struct holder){0};
	darwin_cxx_thread_struct_notify(cxx_thread_here(), condition, mutex);
}
