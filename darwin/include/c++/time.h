// SPDX-License-Identifier: MIT
// What libc++'s headers need besides.
#ifndef DARWIN_INCLUDE_CXX_TIME_H
#define DARWIN_INCLUDE_CXX_TIME_H

#include_next <time.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef unsigned long clock_t;
typedef enum { _CLOCK_REALTIME = 0, _CLOCK_MONOTONIC = 6, _CLOCK_MONOTONIC_RAW = 4, _CLOCK_UPTIME_RAW = 8 } clockid_t;
#define CLOCK_REALTIME _CLOCK_REALTIME
#define CLOCK_MONOTONIC _CLOCK_MONOTONIC
#define CLOCK_MONOTONIC_RAW _CLOCK_MONOTONIC_RAW
#define CLOCK_UPTIME_RAW _CLOCK_UPTIME_RAW
#define CLOCKS_PER_SEC 1000000
clock_t clock(void);
double difftime(time_t, time_t);
time_t time(time_t *);
char *asctime(const struct tm *), *ctime(const time_t *);
struct tm *gmtime(const time_t *), *localtime(const time_t *);
int nanosleep(const struct timespec *, struct timespec *), clock_gettime(clockid_t, struct timespec *);
#ifdef __cplusplus
}
#endif

#endif
