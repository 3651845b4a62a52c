// SPDX-License-Identifier: MIT
// Mathematics, whole, as libc++'s headers need it. Facts: Libm's <math.h>.
#ifndef DARWIN_INCLUDE_MATH_H
#define DARWIN_INCLUDE_MATH_H

#ifdef __cplusplus
extern "C" {
#endif
#define F1(name) double name(double); float name##f(float); long double name##l(long double);
#define F2(name) double name(double, double); float name##f(float, float); long double name##l(long double, long double);
F1(acos) F1(asin) F1(atan) F1(cos) F1(sin) F1(tan) F1(acosh) F1(asinh) F1(atanh) F1(cosh) F1(sinh) F1(tanh) F1(exp)
F1(exp2) F1(expm1) F1(log) F1(log10) F1(log1p) F1(log2) F1(logb) F1(cbrt) F1(fabs) F1(sqrt) F1(erf) F1(erfc)
F1(lgamma) F1(tgamma) F1(ceil) F1(floor) F1(nearbyint) F1(rint) F1(round) F1(trunc)
F2(atan2) F2(pow) F2(hypot) F2(fmod) F2(remainder) F2(copysign) F2(nextafter) F2(fdim) F2(fmax) F2(fmin)
#undef F1
#undef F2
#define EACH(result, name, arguments_d, arguments_f, arguments_l) result name arguments_d; result name##f arguments_f; result name##l arguments_l;
EACH(int, ilogb, (double), (float), (long double))
EACH(long, lrint, (double), (float), (long double))
EACH(long, lround, (double), (float), (long double))
EACH(long long, llrint, (double), (float), (long double))
EACH(long long, llround, (double), (float), (long double))
#undef EACH
double fma(double, double, double), frexp(double, int *), ldexp(double, int), modf(double, double *), nan(const char *);
double nexttoward(double, long double), remquo(double, double, int *), scalbln(double, long), scalbn(double, int);
float fmaf(float, float, float), frexpf(float, int *), ldexpf(float, int), modff(float, float *), nanf(const char *);
float nexttowardf(float, long double), remquof(float, float, int *), scalblnf(float, long), scalbnf(float, int);
long double fmal(long double, long double, long double), frexpl(long double, int *), ldexpl(long double, int);
long double modfl(long double, long double *), nanl(const char *), nexttowardl(long double, long double);
long double remquol(long double, long double, int *), scalblnl(long double, long), scalbnl(long double, int);
int abs(int);
typedef float float_t;
typedef double double_t;
#define HUGE_VAL __builtin_huge_val()
#define HUGE_VALF __builtin_huge_valf()
#define HUGE_VALL __builtin_huge_vall()
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define FP_NAN 1
#define FP_INFINITE 2
#define FP_ZERO 3
#define FP_NORMAL 4
#define FP_SUBNORMAL 5
#define FP_ILOGB0 (-2147483647 - 1)
#define FP_ILOGBNAN (-2147483647 - 1)
#define MATH_ERRNO 1
#define MATH_ERREXCEPT 2
#define math_errhandling 2
#define fpclassify(x) __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x)
#define signbit(x) __builtin_signbit(x)
#define isfinite(x) __builtin_isfinite(x)
#define isinf(x) __builtin_isinf(x)
#define isnan(x) __builtin_isnan(x)
#define isnormal(x) __builtin_isnormal(x)
#define isgreater(x, y) __builtin_isgreater(x, y)
#define isgreaterequal(x, y) __builtin_isgreaterequal(x, y)
#define isless(x, y) __builtin_isless(x, y)
#define islessequal(x, y) __builtin_islessequal(x, y)
#define islessgreater(x, y) __builtin_islessgreater(x, y)
#define isunordered(x, y) __builtin_isunordered(x, y)
#ifdef __cplusplus
}
#endif

#endif
