// SPDX-License-Identifier: MIT
// Threads: each is a thread of the host's C library (so that %fs is what that library expects), with Darwin's thread data at %gs.
//
// %gs:0 is the thread itself; %gs:(key * 8) is the value of a key, as code compiled for Darwin reads it directly: Go keeps its g
// in slot 6 (runtime/tls_darwin_amd64.s), pthread_key_create gives keys from 256 on. Facts: libpthread's private/pthread/tsd_private.h.
#ifndef DARWIN_THREAD_H
#define DARWIN_THREAD_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define THREAD_SLOTS 768u
#define THREAD_FIRST_KEY 256u

struct thread_exit { // what _tlv_atexit registered
	void (*function)(void *);
	void *argument;
	struct thread_exit *next;
};
struct thread_cleanup { // Darwin's struct __darwin_pthread_handler_rec
	void (*function)(void *);
	void *argument;
	struct thread_cleanup *next;
};

enum { THREAD_CANCEL_PENDING = 1, THREAD_CANCEL_DISABLED = 2, THREAD_CANCEL_ASYNCHRONOUS = 4, THREAD_ENDS = 8 };

struct thread { // begins as libpthread's struct _opaque_pthread_t does: pthread_cleanup_push writes into it
	long signature;			 // [I]
	struct thread_cleanup *cleanups; // [o]
	void *slots[THREAD_SLOTS];	 // [o] slot 0: the thread
	int error;		   // [o] errno
	pthread_t host;		   // [I]
	int id;			   // [I] Linux' number of it
	void *(*start)(void *);	   // [I]
	void *argument, *result;   // [I], [o] until it is joined
	struct thread_exit *exits; // [o]
	jmp_buf end;		   // [o] where pthread_exit goes
	bool has_end;		   // [o] `end` is set: the program's own threads, not helpers
	_Atomic uint32_t cancel;   // bits THREAD_*
	struct thread *next, **at; // [threads_lock] of all
	int32_t policy, priority;  // what was asked for: hints
	_Atomic uint32_t detached; // it frees itself
	_Atomic uint32_t started;  // its fields are valid
	uint64_t old_mask;	   // signals that were blocked when it was created
	void *stack_top;	   // [I]
	size_t stack_size;	   // [I]
	char name[64];		   // [o]
	bool own_folder;	   // [o] pthread_chdir_np was called
};

static inline struct thread *thread_self(void)
{
	struct thread *self;
	__asm__("mov %%gs:0, %0" : "=r"(self));
	return self;
}

// The class of service that a thread is to have (darwin/dispatch/qos.c).
struct attributes;
uint64_t *thread_attributes_qos(struct attributes *attributes);

// Makes the calling thread, which the host's library started, one of Darwin's: the first, or one of dispatch.
void thread_adopt(void);
// A thread of the system's own, detached; its function calls thread_adopt first. Signals of the program are blocked in it.
int thread_start_helper(pthread_t *thread, void *(*start)(void *), void *argument);
// Whether it is one: the program may have kept one that has ended. Takes threads_lock.
bool thread_is_known(const struct thread *thread);
// The program's thread by Linux' number, or NULL.
struct thread *thread_find(int id);
// Whether there was ever another thread than the first since the process began: pthread_is_threaded_np(3).
extern _Atomic bool thread_many;
// After fork: the calling thread alone is left.
void thread_forked(void);
// threads_lock and that of the keys, for fork.
void thread_lock_all(void);
void thread_unlock_all(void);
void thread_keys_lock(void);
void thread_keys_unlock(void);
// Ends the calling thread if it was cancelled and may be. A wait that was interrupted comes here, too (errno_result).
void thread_cancel_now(struct thread *thread);
static inline void thread_cancel_point(void)
{
	struct thread *self = thread_self();
	if ((self->cancel & (THREAD_CANCEL_PENDING | THREAD_CANCEL_DISABLED | THREAD_ENDS)) == THREAD_CANCEL_PENDING)
		thread_cancel_now(self);
}
// Runs what _tlv_atexit registered, then (thread_run_destructors) values of keys: of the calling thread, which is about to end.
void thread_run_exits(struct thread *thread);
// Runs destructors of the calling thread, which is about to end.
void thread_run_destructors(struct thread *thread);
// 0: none is free.
unsigned long thread_key_create(void (*destructor)(void *));
// Destructor of blocks of thread-local variables.
void thread_free_block(void *block);

#endif
