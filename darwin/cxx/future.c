// SPDX-License-Identifier: MIT
// libc++'s promise, future and what they share: __assoc_sub_state, which has a mutex and a condition in it. Facts: libc++'s <future>.
//
// A program's own states (of a value, of async) begin with ours and have functions of their own. State: 0 -> ATTACHED by the first
// future; -> READY (with a value if CONSTRUCTED, else with an exception), at once or when the thread ends; DEFERRED: who waits first
// makes the value.
#include "cxx.h"

#include "../libsystem/report.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { STATE_CONSTRUCTED = 1, STATE_ATTACHED = 2, STATE_READY = 4, STATE_DEFERRED = 8 };
enum { ALREADY_RETRIEVED = 1, ALREADY_SATISFIED, NO_STATE, BROKEN_PROMISE }; // future_errc

struct error_code {
	int value;
	const void *category;
};
struct pointer { // promise<void>, future<void>, shared_future<void>, exception_ptr
	void *to;
};
enum { FUNCTION_DELETE = 1, FUNCTION_ON_ZERO, FUNCTION_EXECUTE }; // [0]: the destructor

static _Noreturn void throw_future_error(int which)
{
	void *error = ((void *(*)(size_t))cxx_symbol("__cxa_allocate_exception"))(32); // logic_error's 16 bytes and the code's
	const void *category = ((const void *(*)(void))cxx_symbol("_ZNSt3__115future_categoryEv"))();
	((void (*)(void *, struct error_code))cxx_symbol("_ZNSt3__112future_errorC1ENS_10error_codeE"))(
		error, (struct error_code){which, category});
	((void (*)(void *, void *, void *))cxx_symbol("__cxa_throw"))(error, cxx_symbol("_ZTINSt3__112future_errorE"),
								      cxx_symbol("_ZNSt3__112future_errorD1Ev"));
	abort();
}

// One more exception_ptr to the same exception; and its end.
static void *exception_copy(void *exception)
{
	struct pointer from = {exception}, to;
	if (!exception)
		return NULL;
	((void (*)(struct pointer *, const struct pointer *))cxx_symbol("_ZNSt13exception_ptrC1ERKS_"))(&to, &from);
	return to.to;
}

static void exception_drop(void *exception)
{
	struct pointer pointer = {exception};
	if (exception)
		((void (*)(struct pointer *))cxx_symbol("_ZNSt13exception_ptrD1Ev"))(&pointer);
}

// ---- life -----------------------------------------------------------------------------------------------------------

void cxx_state_retain(struct cxx_state *state)
{
	atomic_fetch_add(&state->owners, 1);
}

void cxx_state_release(struct cxx_state *state)
{
	if (atomic_fetch_sub(&state->owners, 1) == 0)
		((void (*)(struct cxx_state *))state->functions[FUNCTION_ON_ZERO])(state);
}

static void state_end(struct cxx_state *state)
{
	exception_drop(state->exception);
	darwin_pthread_cond_destroy(&state->condition);
	darwin_pthread_mutex_destroy(&state->mutex);
}

static void state_delete(struct cxx_state *state)
{
	state_end(state);
	free(state);
}

void darwin_cxx_state_on_zero(struct cxx_state *state)
{
	((void (*)(struct cxx_state *))state->functions[FUNCTION_DELETE])(state);
}

void darwin_cxx_state_execute(struct cxx_state *state)
{
	(void)state;
	throw_future_error(NO_STATE);
}

struct {
	intptr_t offset;
	const void *type;
	const void *functions[4];
} darwin_cxx_state_vtable = {.functions = {(const void *)state_end, (const void *)state_delete, (const void *)darwin_cxx_state_on_zero,
					  (const void *)darwin_cxx_state_execute}};

void cxx_future_loaded(void)
{
	darwin_cxx_state_vtable.type = cxx_symbol("_ZTINSt3__117__assoc_sub_stateE");
}

// ---- what is told ---------------------------------------------------------------------------------------------------

// With the state's lock; who may not set it again gets an exception, and the lock is free.
static void lock_unset(struct cxx_state *state)
{
	darwin_pthread_mutex_lock(&state->mutex);
	if (!(state->state & STATE_CONSTRUCTED) && !state->exception)
		return;
	darwin_pthread_mutex_unlock(&state->mutex);
	throw_future_error(ALREADY_SATISFIED);
}

static void unlock_ready(struct cxx_state *state)
{
	state->state |= STATE_READY;
	darwin_pthread_cond_broadcast(&state->condition);
	darwin_pthread_mutex_unlock(&state->mutex);
}

void darwin_cxx_state_make_ready(struct cxx_state *state)
{
	darwin_pthread_mutex_lock(&state->mutex);
	unlock_ready(state);
}

void darwin_cxx_state_set_value(struct cxx_state *state)
{
	lock_unset(state);
	state->state |= STATE_CONSTRUCTED;
	unlock_ready(state);
}

void darwin_cxx_state_set_exception(struct cxx_state *state, const struct pointer *exception)
{
	lock_unset(state);
	state->exception = exception_copy(exception->to);
	unlock_ready(state);
}

void darwin_cxx_state_set_value_at_exit(struct cxx_state *state)
{
	lock_unset(state);
	state->state |= STATE_CONSTRUCTED;
	darwin_cxx_thread_struct_ready(cxx_thread_here(), state);
	darwin_pthread_mutex_unlock(&state->mutex);
}

void darwin_cxx_state_set_exception_at_exit(struct cxx_state *state, const struct pointer *exception)
{
	lock_unset(state);
	state->exception = exception_copy(exception->to);
	darwin_cxx_thread_struct_ready(cxx_thread_here(), state);
	darwin_pthread_mutex_unlock(&state->mutex);
}

// ---- waiting --------------------------------------------------------------------------------------------------------

// With the lock held by `lock`, which is free afterwards if this thread made the value.
void darwin_cxx_state_sub_wait(struct cxx_state *state, struct holder *lock)
{
	if (!(state->state & STATE_READY) && (state->state & STATE_DEFERRED)) {
		state->state &= ~(unsigned)STATE_DEFERRED;
		darwin_pthread_mutex_unlock(lock->mutex);
		lock->owns = false;
		((void (*)(struct cxx_state *))state->functions[FUNCTION_EXECUTE])(state);
		return;
	}
	while (!(state->state & STATE_READY))
		darwin_pthread_cond_wait(&state->condition, lock->mutex);
}

void darwin_cxx_state_wait(struct cxx_state *state)
{
	struct holder lock = {&state->mutex, true};
	darwin_pthread_mutex_lock(&state->mutex);
	darwin_cxx_state_sub_wait(state, &lock);
	if (lock.owns)
		darwin_pthread_mutex_unlock(&state->mutex);
}

// Throws it again: that takes a reference of its own.
static _Noreturn void rethrow(void *exception)
{
	((void (*)(struct pointer *))cxx_symbol("_ZSt17rethrow_exceptionSt13exception_ptr"))(&(struct pointer){exception});
	abort();
}

void darwin_cxx_state_copy(struct cxx_state *state)
{
	darwin_cxx_state_wait(state);
	if (state->exception)
		rethrow(state->exception);
}

// ---- promise<void>, future<void>, shared_future<void> ---------------------------------------------------------------

static struct cxx_state *state_of(const struct pointer *promise)
{
	if (!promise->to)
		throw_future_error(NO_STATE);
	return promise->to;
}

void darwin_cxx_promise_begin(struct pointer *promise)
{
	struct cxx_state *state = malloc(sizeof(*state));
	if (!state)
		report_fatal("c++: no memory");
	*state = (struct cxx_state){
		.functions = darwin_cxx_state_vtable.functions, .mutex = MUTEX_FREE, .condition = CONDITION_FREE};
	promise->to = state;
}

// An exception_ptr to a future_error: Debian's promise<void> makes one when it ends without a value. Its state begins as ours does.
static void *broken_promise(void)
{
	struct pointer promise;
	((void (*)(struct pointer *))cxx_symbol("_ZNSt3__17promiseIvEC1Ev"))(&promise);
	struct cxx_state *state = promise.to;
	cxx_state_retain(state);
	((void (*)(struct pointer *))cxx_symbol("_ZNSt3__17promiseIvED1Ev"))(&promise);
	void *exception = exception_copy(state->exception);
	cxx_state_release(state);
	return exception;
}

void darwin_cxx_promise_end(struct pointer *promise)
{
	struct cxx_state *state = promise->to;
	if (!state)
		return;
	if (!(state->state & STATE_CONSTRUCTED) && !state->exception && atomic_load(&state->owners) > 0) {
		struct pointer exception = {broken_promise()};
		darwin_cxx_state_set_exception(state, &exception);
		exception_drop(exception.to);
	}
	cxx_state_release(state);
}

// One future only.
void darwin_cxx_future_begin(struct pointer *future, struct cxx_state *state)
{
	darwin_pthread_mutex_lock(&state->mutex);
	bool taken = state->state & STATE_ATTACHED;
	state->state |= STATE_ATTACHED;
	darwin_pthread_mutex_unlock(&state->mutex);
	if (taken)
		throw_future_error(ALREADY_RETRIEVED);
	cxx_state_retain(state);
	future->to = state;
}

struct pointer *darwin_cxx_promise_get_future(struct pointer *future, struct pointer *promise)
{
	darwin_cxx_future_begin(future, state_of(promise));
	return future;
}

void darwin_cxx_promise_set_value(struct pointer *promise)
{
	darwin_cxx_state_set_value(state_of(promise));
}

void darwin_cxx_promise_set_exception(struct pointer *promise, const struct pointer *exception)
{
	darwin_cxx_state_set_exception(state_of(promise), exception);
}

void darwin_cxx_promise_set_value_at_exit(struct pointer *promise)
{
	darwin_cxx_state_set_value_at_exit(state_of(promise));
}

void darwin_cxx_promise_set_exception_at_exit(struct pointer *promise, const struct pointer *exception)
{
	darwin_cxx_state_set_exception_at_exit(state_of(promise), exception);
}

void darwin_cxx_future_end(struct pointer *future)
{
	if (future->to)
		cxx_state_release(future->to);
}

// Nothing of this function runs after it throws, so that the reference by which it throws goes when the thread's next one comes.
void darwin_cxx_future_get(struct pointer *future)
{
	static _Thread_local void *thrown;
	struct cxx_state *state = future->to;
	darwin_cxx_state_wait(state);
	void *exception = exception_copy(state->exception);
	future->to = NULL;
	cxx_state_release(state);
	if (!exception)
		return;
	exception_drop(thrown);
	thrown = exception;
	rethrow(exception);
}

struct pointer *darwin_cxx_shared_future_assign(struct pointer *future, const struct pointer *other)
{
	if (other->to)
		cxx_state_retain(other->to);
	darwin_cxx_future_end(future);
	future->to = other->to;
	return future;
}
