// SPDX-License-Identifier: MIT
// Mathematics. Facts: Libm's <math.h>.
#ifndef DARWIN_INCLUDE_MATH_H
#define DARWIN_INCLUDE_MATH_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
int __fpclassifyd(double);
double __sinpi(double), __cospi(double), __exp10(double);
double pow(double, double), fmin(double, double), cbrt(double), nan(const char *);
float fmaxf(float, float), log1pf(float);
long double sqrtl(long double), powl(long double, long double);
long lrint(double);
double frexp(double, int *), ldexp(double, int), strtod(const char *, char **);
#ifdef __cplusplus
}
#endif

#endif
