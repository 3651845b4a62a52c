// SPDX-License-Identifier: MIT
// Values of threads by key, and what runs when a thread ends.
#include "thread.h"

#include "errno.h"
#include "futex.h"

#include <stdlib.h>

#define DESTRUCTOR_ROUNDS 4 // PTHREAD_DESTRUCTOR_ITERATIONS

static _Atomic uint32_t keys_lock;
static struct {
	bool used;
	void (*destructor)(void *);
} keys[THREAD_SLOTS]; // [keys_lock]; destructors are read without it by threads that end
static _Atomic unsigned long keys_end = THREAD_FIRST_KEY; // [keys_lock] behind the last that was ever used; read as they are

unsigned long thread_key_create(void (*destructor)(void *))
{
	unsigned long key = 0;
	futex_lock(&keys_lock);
	for (unsigned long i = THREAD_FIRST_KEY; i < THREAD_SLOTS && !key; i++)
		if (!keys[i].used)
			key = i;
	if (key) {
		keys[key].used = true;
		keys[key].destructor = destructor;
		if (key >= keys_end)
			keys_end = key + 1;
	}
	futex_unlock(&keys_lock);
	return key;
}

void thread_free_block(void *block)
{
	free(block);
}

int darwin_pthread_key_create(unsigned long *key, void (*destructor)(void *))
{
	*key = thread_key_create(destructor);
	return *key ? 0 : DARWIN_EAGAIN;
}

int darwin_pthread_key_delete(unsigned long key)
{
	if (key < THREAD_FIRST_KEY || key >= THREAD_SLOTS || !keys[key].used)
		return DARWIN_EINVAL;
	futex_lock(&keys_lock);
	keys[key].used = false;
	keys[key].destructor = NULL;
	futex_unlock(&keys_lock);
	return 0;
}

int darwin_pthread_setspecific(unsigned long key, void *value)
{
	if (key >= THREAD_SLOTS)
		return DARWIN_EINVAL;
	thread_self()->slots[key] = value;
	return 0;
}

void *darwin_pthread_getspecific(unsigned long key)
{
	return key < THREAD_SLOTS ? thread_self()->slots[key] : NULL;
}

// Facts: dyld's _tlv_atexit(3): the last registered runs first, before values of keys are destroyed.
void darwin_tlv_atexit(void (*function)(void *), void *argument)
{
	struct thread *thread = thread_self();
	struct thread_exit *exit = malloc(sizeof(*exit));
	if (!exit)
		abort();
	*exit = (struct thread_exit){function, argument, thread->exits};
	thread->exits = exit;
}

static void run_exits(struct thread *thread)
{
	struct thread_exit *exit;
	while ((exit = thread->exits)) { // destructors may register others
		thread->exits = exit->next;
		exit->function(exit->argument);
		free(exit);
	}
}

static bool run_key_destructors(struct thread *thread, bool blocks)
{
	bool again = false;
	for (unsigned long i = THREAD_FIRST_KEY; i < keys_end; i++) {
		void *value = thread->slots[i];
		void (*destructor)(void *) = keys[i].destructor;
		// Blocks of thread-local variables go last: other destructors use them.
		if (!value || !destructor || (destructor == thread_free_block) != blocks)
			continue;
		thread->slots[i] = NULL;
		destructor(value);
		again = true;
	}
	return again;
}

void thread_run_destructors(struct thread *thread)
{
	run_exits(thread);
	for (int round = 0; round < DESTRUCTOR_ROUNDS && run_key_destructors(thread, false); round++)
		run_exits(thread);
	run_key_destructors(thread, true);
}
