// SPDX-License-Identifier: MIT
// Contexts. Facts: xnu's bsd/sys/_types/_ucontext64.h with _XOPEN_SOURCE.
#ifndef DARWIN_INCLUDE_UCONTEXT_H
#define DARWIN_INCLUDE_UCONTEXT_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct __darwin_ucontext {
	int uc_onstack;
	sigset_t uc_sigmask;
	struct {
		void *ss_sp;
		size_t ss_size;
		int ss_flags;
	} uc_stack;
	struct __darwin_ucontext *uc_link;
	size_t uc_mcsize;
	void *uc_mcontext;
	char __mcontext_data[712];
} ucontext_t;
int getcontext(ucontext_t *) __attribute__((returns_twice));
int setcontext(const ucontext_t *);
int swapcontext(ucontext_t *, const ucontext_t *) __attribute__((returns_twice));
void makecontext(ucontext_t *, void (*)(), int, ...);
#ifdef __cplusplus
}
#endif

#endif
