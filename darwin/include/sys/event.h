// SPDX-License-Identifier: MIT
// kqueue. Facts: xnu's bsd/sys/event.h.
#ifndef DARWIN_INCLUDE_SYS_EVENT_H
#define DARWIN_INCLUDE_SYS_EVENT_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct kevent {
	uintptr_t ident;
	short filter;
	unsigned short flags;
	unsigned fflags;
	long data;
	void *udata;
};
enum { EVFILT_READ = -1, EVFILT_WRITE = -2, EVFILT_VNODE = -4, EVFILT_PROC = -5, EVFILT_SIGNAL = -6, EVFILT_TIMER = -7, EVFILT_MACHPORT = -8, EVFILT_USER = -10 };
enum { EV_ADD = 1, EV_DELETE = 2, EV_ONESHOT = 0x10, EV_CLEAR = 0x20, EV_RECEIPT = 0x40, EV_ERROR = 0x4000, EV_EOF = 0x8000 };
#define NOTE_EXIT 0x80000000u
#define NOTE_EXITSTATUS 0x04000000u
#define NOTE_TRIGGER 0x01000000u
enum { NOTE_DELETE = 1, NOTE_WRITE = 2 };
int kqueue(void);
int kevent(int, const struct kevent *, int, struct kevent *, int, const struct timespec *);
struct kevent64_s {
	uint64_t ident;
	int16_t filter;
	uint16_t flags;
	uint32_t fflags;
	int64_t data;
	uint64_t udata, ext[2];
};
enum { KEVENT_FLAG_IMMEDIATE = 1, KEVENT_FLAG_ERROR_EVENTS = 2 };
int kevent64(int, const struct kevent64_s *, int, struct kevent64_s *, int, unsigned, const struct timespec *);
#ifdef __cplusplus
}
#endif

#endif
