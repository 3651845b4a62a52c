// SPDX-License-Identifier: MIT
// What this program itself has to say, on standard error: "gila: TEXT".
#ifndef DARWIN_REPORT_H
#define DARWIN_REPORT_H

void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
// The same once for each place that names it by a static flag: of what is not there and can be done without.
#define report_once(...)                                                                                               \
	do {                                                                                                           \
		static _Atomic int reported;                                                                           \
		if (!reported++)                                                                                       \
			report(__VA_ARGS__);                                                                           \
	} while (0)
// report, then the status of a program that cannot be run.
_Noreturn void report_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
