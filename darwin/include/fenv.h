// SPDX-License-Identifier: MIT
// The floating-point environment. Facts: Libm's <fenv.h> for x86_64.
#ifndef DARWIN_INCLUDE_FENV_H
#define DARWIN_INCLUDE_FENV_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct {
	unsigned short __control, __status;
	unsigned __mxcsr;
	char __reserved[8];
} fenv_t;
extern const fenv_t _FE_DFL_ENV;
enum { FE_INVALID = 1, FE_DIVBYZERO = 4, FE_UPWARD = 0x800, FE_TONEAREST = 0 };
int fegetenv(fenv_t *), fesetenv(const fenv_t *), feholdexcept(fenv_t *), feupdateenv(const fenv_t *);
int feclearexcept(int), fetestexcept(int), fesetround(int), fegetround(void), feraiseexcept(int);
#ifdef __cplusplus
}
#endif

#endif
