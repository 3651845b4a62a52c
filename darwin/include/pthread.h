// SPDX-License-Identifier: MIT
// Threads. Facts: libpthread's pthread.h and sys/_pthread/_pthread_types.h.
#ifndef DARWIN_INCLUDE_PTHREAD_H
#define DARWIN_INCLUDE_PTHREAD_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct __darwin_pthread_handler_rec {
	void (*routine)(void *);
	void *arg;
	struct __darwin_pthread_handler_rec *next;
};
typedef struct pthread {
	long sig;
	struct __darwin_pthread_handler_rec *cleanups;
} *pthread_t;
// Pushing and popping is done in the program.
#define pthread_cleanup_push(function, argument)                                                                       \
	{                                                                                                              \
		pthread_t self_ = pthread_self();                                                                      \
		struct __darwin_pthread_handler_rec record_ = {(function), (argument), self_->cleanups};               \
		self_->cleanups = &record_
#define pthread_cleanup_pop(execute)                                                                                   \
		self_->cleanups = record_.next;                                                                        \
		if (execute)                                                                                           \
			record_.routine(record_.arg);                                                                  \
	}
enum { PTHREAD_CREATE_JOINABLE = 1, PTHREAD_CREATE_DETACHED = 2, PTHREAD_CANCEL_ENABLE = 1, PTHREAD_CANCEL_DISABLE = 0, PTHREAD_CANCEL_DEFERRED = 2, PTHREAD_CANCEL_ASYNCHRONOUS = 0 };
enum { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_RECURSIVE };
#define PTHREAD_CANCELED ((void *)1)
struct sched_param {
	int sched_priority;
	char opaque[4];
};
typedef unsigned long pthread_key_t;
typedef struct { long sig; char opaque[56]; } pthread_mutex_t, pthread_attr_t;
typedef struct { long sig; char opaque[40]; } pthread_cond_t;
typedef struct { long sig; char opaque[192]; } pthread_rwlock_t;
typedef struct { long sig; char opaque[8]; } pthread_once_t, pthread_mutexattr_t, pthread_condattr_t;
typedef struct { long sig; char opaque[16]; } pthread_rwlockattr_t;
enum { PTHREAD_PROCESS_SHARED = 1, PTHREAD_PROCESS_PRIVATE = 2 };
#define PTHREAD_MUTEX_INITIALIZER {0x32AAABA7, {0}}
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER {0x32AAABA2, {0}}
#define PTHREAD_COND_INITIALIZER {0x3CB0B1BB, {0}}
#define PTHREAD_RWLOCK_INITIALIZER {0x2DA8B3B4, {0}}
#define PTHREAD_ONCE_INIT {0x30B1BCBA, {0}}
int pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int pthread_join(pthread_t, void **);
int pthread_detach(pthread_t);
void pthread_exit(void *) __attribute__((noreturn));
unsigned pthread_mach_thread_np(pthread_t);
int pthread_threadid_np(pthread_t, uint64_t *);
pthread_t pthread_self(void);
int pthread_kill(pthread_t, int);
int pthread_mutex_lock(pthread_mutex_t *);
int pthread_mutex_trylock(pthread_mutex_t *);
int pthread_mutex_unlock(pthread_mutex_t *);
int pthread_cond_wait(pthread_cond_t *, pthread_mutex_t *);
int pthread_cond_timedwait_relative_np(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
int pthread_cond_signal(pthread_cond_t *);
int pthread_cond_broadcast(pthread_cond_t *);
int pthread_rwlock_rdlock(pthread_rwlock_t *);
int pthread_rwlock_wrlock(pthread_rwlock_t *);
int pthread_rwlock_trywrlock(pthread_rwlock_t *);
int pthread_rwlock_unlock(pthread_rwlock_t *);
int pthread_once(pthread_once_t *, void (*)(void));
int pthread_key_create(pthread_key_t *, void (*)(void *));
int pthread_key_delete(pthread_key_t);
int pthread_setspecific(pthread_key_t, const void *);
void *pthread_getspecific(pthread_key_t);
int pthread_cancel(pthread_t);
void pthread_testcancel(void);
int pthread_setcancelstate(int, int *);
int pthread_setcanceltype(int, int *);
int pthread_atfork(void (*)(void), void (*)(void), void (*)(void));
int pthread_attr_init(pthread_attr_t *);
int pthread_attr_destroy(pthread_attr_t *);
int pthread_attr_setstacksize(pthread_attr_t *, size_t);
int pthread_attr_getstack(const pthread_attr_t *, void **, size_t *);
int pthread_attr_setstack(pthread_attr_t *, void *, size_t);
int pthread_attr_setdetachstate(pthread_attr_t *, int);
int pthread_attr_setschedparam(pthread_attr_t *, const struct sched_param *);
int pthread_getschedparam(pthread_t, int *, struct sched_param *);
void *pthread_get_stackaddr_np(pthread_t);
size_t pthread_get_stacksize_np(pthread_t);
int pthread_mutexattr_init(pthread_mutexattr_t *);
int pthread_mutexattr_settype(pthread_mutexattr_t *, int);
int pthread_mutexattr_gettype(const pthread_mutexattr_t *, int *);
int pthread_mutexattr_setpshared(pthread_mutexattr_t *, int);
int pthread_condattr_init(pthread_condattr_t *);
int pthread_condattr_setpshared(pthread_condattr_t *, int);
int pthread_rwlockattr_init(pthread_rwlockattr_t *);
int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *, int);
int pthread_cond_init(pthread_cond_t *, const pthread_condattr_t *);
int pthread_rwlock_init(pthread_rwlock_t *, const pthread_rwlockattr_t *);
int pthread_rwlock_tryrdlock(pthread_rwlock_t *);
int pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *);
pthread_t pthread_from_mach_thread_np(unsigned);
unsigned pthread_mach_thread_np(pthread_t);
int pthread_setname_np(const char *);
int pthread_getname_np(pthread_t, char *, size_t);
int pthread_main_np(void);
int pthread_chdir_np(const char *);
int pthread_fchdir_np(int);
void _tlv_atexit(void (*)(void *), void *);
#ifdef __cplusplus
}
#endif

#endif
