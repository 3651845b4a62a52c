// SPDX-License-Identifier: MIT
// Calendar. Facts: Libc's <time.h>.
#ifndef DARWIN_INCLUDE_TIME_H
#define DARWIN_INCLUDE_TIME_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct tm {
	int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
	long tm_gmtoff;
	char *tm_zone;
};
extern char *tzname[];
extern long timezone;
struct tm *gmtime_r(const time_t *, struct tm *);
struct tm *localtime_r(const time_t *, struct tm *);
time_t mktime(struct tm *), timegm(struct tm *);
size_t strftime(char *, size_t, const char *, const struct tm *);
char *strptime(const char *, const char *, struct tm *);
char *asctime_r(const struct tm *, char *);
void tzset(void);
#ifdef __cplusplus
}
#endif

#endif
