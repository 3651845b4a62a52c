// SPDX-License-Identifier: MIT
// What libc++'s headers need besides.
#ifndef DARWIN_INCLUDE_CXX_PTHREAD_H
#define DARWIN_INCLUDE_CXX_PTHREAD_H

#include_next <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif
int pthread_mutexattr_destroy(pthread_mutexattr_t *), pthread_mutex_destroy(pthread_mutex_t *), pthread_cond_destroy(pthread_cond_t *);
int pthread_cond_timedwait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
#ifdef __cplusplus
}
#endif

#endif
