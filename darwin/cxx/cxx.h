// SPDX-License-Identifier: MIT
// What libc++'s objects hold of the system, as programs for macOS have it compiled in: pthread's objects are larger than Debian's, so are
// mbstate_t and a character's classes. All that works on those is here; all else of libc++ is Debian's, found by its name.
// Facts: libc++'s headers, ABI version 1, which is macOS' and Debian's.
#ifndef DARWIN_CXX_H
#define DARWIN_CXX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mutex { // pthread_mutex_t
	uint64_t data[8];
};
struct condition { // pthread_cond_t
	uint64_t data[6];
};
struct holder { // unique_lock<mutex>
	struct mutex *mutex;
	bool owns;
};
#define MUTEX_FREE {{0x32AAABA7}}     // PTHREAD_MUTEX_INITIALIZER
#define CONDITION_FREE {{0x3CB0B1BB}} // PTHREAD_COND_INITIALIZER

int darwin_pthread_mutex_init(struct mutex *mutex, const void *attributes);
int darwin_pthread_mutex_lock(struct mutex *mutex);
int darwin_pthread_mutex_trylock(struct mutex *mutex);
int darwin_pthread_mutex_unlock(struct mutex *mutex);
int darwin_pthread_mutex_destroy(struct mutex *mutex);
int darwin_pthread_cond_init(struct condition *condition, const void *attributes);
int darwin_pthread_cond_signal(struct condition *condition);
int darwin_pthread_cond_broadcast(struct condition *condition);
int darwin_pthread_cond_wait(struct condition *condition, struct mutex *mutex);
int darwin_pthread_cond_destroy(struct condition *condition);

// A function or object of Debian's libc++ or libc++abi, by its mangled name. Ends the program if there is none.
void *cxx_symbol(const char *name);
// throw std::system_error(error, system_category(), what).
_Noreturn void cxx_throw_system_error(int error, const char *what);

// Debian's libc++ was loaded just now (loader/system.c): what is known of it only then. Each file has its part.
void cxx_loaded(void);
void cxx_string_buffer_loaded(void);
void cxx_file_streams_loaded(void);
void cxx_future_loaded(void);
void cxx_errors_loaded(void);

// ---- what happens when a thread ends (thread_exit.c) ---------------------------------------------------------------
struct cxx_state;
struct cxx_at_exit; // __thread_struct's part
struct cxx_thread_struct {
	struct cxx_at_exit *list;
};
// The calling thread's, which is made if there is none.
struct cxx_thread_struct *cxx_thread_here(void);
void darwin_cxx_thread_struct_begin(struct cxx_thread_struct *thread);
void darwin_cxx_thread_struct_end(struct cxx_thread_struct *thread);
// Takes a reference.
void darwin_cxx_thread_struct_ready(struct cxx_thread_struct *thread, struct cxx_state *state);
void darwin_cxx_thread_struct_notify(struct cxx_thread_struct *thread, struct condition *condition, struct mutex *mutex);

// ---- the state that a promise and its futures share (future.c) ------------------------------------------------------
struct cxx_state {
	const void *const *functions; // its vtable
	_Atomic long owners;	      // besides the first
	void *exception;	      // an exception_ptr
	struct mutex mutex;
	struct condition condition;
	unsigned state; // [mutex]
};
void darwin_cxx_state_make_ready(struct cxx_state *state);
void cxx_state_retain(struct cxx_state *state);
void cxx_state_release(struct cxx_state *state);

#endif
