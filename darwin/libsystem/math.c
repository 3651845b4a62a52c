// SPDX-License-Identifier: MIT
// Functions of Darwin's libm that Linux' does not have, the floating-point environment, and arithmetic that compilers call.
// Facts: Libm's <math.h> and <fenv.h> for x86_64; compiler-rt's description of __muloti4 and its kin.
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <xmmintrin.h>

// ---- sine and cosine of multiples of pi: exact where the result is ---------------------------------------------------

static double reduce(double x, int *quarter)
{
	double whole = fmod(fabs(x), 2.0); // exact
	*quarter = (int)floor(whole * 2.0 + 0.5);
	return whole - *quarter * 0.5; // -0.25 to 0.25, exact
}

static double sine_part(double rest, int quarter)
{
	switch (quarter & 3) {
	case 0: return sin(M_PI * rest);
	case 1: return cos(M_PI * rest);
	case 2: return -sin(M_PI * rest);
	default: return -cos(M_PI * rest);
	}
}

double darwin_sinpi(double x)
{
	int quarter;
	if (!isfinite(x))
		return x - x;
	double rest = reduce(x, &quarter), value = sine_part(rest, quarter);
	return value == 0 ? copysign(0.0, x) : copysign(1.0, x) * value;
}

double darwin_cospi(double x)
{
	int quarter;
	if (!isfinite(x))
		return x - x;
	double rest = reduce(x, &quarter), value = sine_part(rest, quarter + 1);
	return value == 0 ? 0.0 : value;
}

double darwin_tanpi(double x)
{
	return darwin_sinpi(x) / darwin_cospi(x);
}

float darwin_sinpif(float x) { return (float)darwin_sinpi(x); }
float darwin_cospif(float x) { return (float)darwin_cospi(x); }
float darwin_tanpif(float x) { return (float)darwin_tanpi(x); }

struct both {
	double sine, cosine;
};
struct both_float {
	float sine, cosine;
};

struct both darwin_sincospi_stret(double x)
{
	return (struct both){darwin_sinpi(x), darwin_cospi(x)};
}

struct both_float darwin_sincospif_stret(float x)
{
	return (struct both_float){darwin_sinpif(x), darwin_cospif(x)};
}

void darwin_sincospi(double x, double *sine, double *cosine)
{
	*sine = darwin_sinpi(x);
	*cosine = darwin_cospi(x);
}

// The host's exp10 misses whole powers; its pow does not.
double darwin_exp10(double x) { return pow(10.0, x); }
float darwin_exp10f(float x) { return (float)pow(10.0, x); }

// Nor does its cbrt give whole roots of cubes.
double darwin_cbrt(double x) { return (double)cbrtl(x); }
float darwin_cbrtf(float x) { return (float)cbrtl(x); }

// ---- classes: <math.h> FP_NAN 1, FP_INFINITE 2, FP_ZERO 3, FP_NORMAL 4, FP_SUBNORMAL 5 ------------------------------

static int class_of(int host)
{
	static const int classes[] = {[FP_NAN] = 1, [FP_INFINITE] = 2, [FP_ZERO] = 3, [FP_NORMAL] = 4, [FP_SUBNORMAL] = 5};
	return classes[host];
}

#define CLASSES(suffix, type)                                                                                          \
	int darwin_fpclassify##suffix(type x) { return class_of(fpclassify(x)); }                                      \
	int darwin_isfinite##suffix(type x) { return isfinite(x) != 0; }                                               \
	int darwin_isinf##suffix(type x) { return isinf(x) != 0; }                                                     \
	int darwin_isnan##suffix(type x) { return isnan(x) != 0; }                                                     \
	int darwin_isnormal##suffix(type x) { return isnormal(x) != 0; }                                               \
	int darwin_signbit##suffix(type x) { return signbit(x) != 0; }
CLASSES(f, float)
CLASSES(d, double)
CLASSES(l, long double)

int darwin_math_errhandling(void)
{
	return 2; // MATH_ERREXCEPT
}

// ---- environment: fenv_t has 16 bytes -------------------------------------------------------------------------------

struct darwin_fenv {
	uint16_t control, status;
	uint32_t mxcsr;
	char reserved[8];
};
const struct darwin_fenv darwin_FE_DFL_ENV = {0x037f, 0, 0x1f80, {0}};
const struct darwin_fenv darwin_FE_DFL_DISABLE_SSE_DENORMS_ENV = {0x037f, 0, 0x9fc0, {0}};

int darwin_fegetenv(struct darwin_fenv *to)
{
	memset(to, 0, sizeof(*to));
	__asm__ volatile("fnstcw %0" : "=m"(to->control));
	__asm__ volatile("fnstsw %0" : "=m"(to->status));
	to->mxcsr = _mm_getcsr();
	return 0;
}

int darwin_fesetenv(const struct darwin_fenv *from)
{
	fenv_t host;
	__asm__ volatile("fnstenv %0" : "=m"(host));
	host.__control_word = from->control;
	host.__status_word = from->status;
	host.__tags = 0xffff;
	__asm__ volatile("fldenv %0" ::"m"(host));
	_mm_setcsr(from->mxcsr);
	return 0;
}

int darwin_feholdexcept(struct darwin_fenv *to)
{
	struct darwin_fenv quiet;
	darwin_fegetenv(to);
	quiet = *to;
	quiet.control |= FE_ALL_EXCEPT;
	quiet.status &= (uint16_t)~FE_ALL_EXCEPT;
	quiet.mxcsr = (quiet.mxcsr | FE_ALL_EXCEPT << 7) & ~(uint32_t)FE_ALL_EXCEPT;
	return darwin_fesetenv(&quiet);
}

int darwin_feupdateenv(const struct darwin_fenv *from)
{
	int raised = fetestexcept(FE_ALL_EXCEPT);
	darwin_fesetenv(from);
	return feraiseexcept(raised);
}

// ---- arithmetic with a flag for overflow ----------------------------------------------------------------------------

#define MULTIPLY(name, type)                                                                                           \
	type darwin_##name(type one, type other, int *overflow)                                                        \
	{                                                                                                              \
		type product;                                                                                          \
		*overflow = __builtin_mul_overflow(one, other, &product);                                              \
		return product;                                                                                        \
	}
MULTIPLY(mulosi4, int32_t)
MULTIPLY(mulodi4, int64_t)

__int128 darwin_muloti4(__int128 one, __int128 other, int *overflow)
{
	unsigned __int128 a = one < 0 ? -(unsigned __int128)one : (unsigned __int128)one;
	unsigned __int128 b = other < 0 ? -(unsigned __int128)other : (unsigned __int128)other;
	unsigned __int128 limit = ((unsigned __int128)1 << 127) - ((one < 0) == (other < 0));
	*overflow = a != 0 && b > limit / a;
	return (__int128)((unsigned __int128)one * (unsigned __int128)other);
}

// ---- complex numbers: Annex G of C17, as the compiler has it --------------------------------------------------------

#define COMPLEX(letter, type)                                                                                          \
	type _Complex darwin_mul##letter##c3(type a, type b, type c, type d)                                           \
	{                                                                                                              \
		return __builtin_complex(a, b) * __builtin_complex(c, d);                                              \
	}                                                                                                              \
	type _Complex darwin_div##letter##c3(type a, type b, type c, type d)                                           \
	{                                                                                                              \
		return __builtin_complex(a, b) / __builtin_complex(c, d);                                              \
	}
COMPLEX(s, float)
COMPLEX(d, double)
COMPLEX(x, long double)

// ---- the logarithm of the gamma function says its sign --------------------------------------------------------------

int darwin_signgam;
double darwin_lgamma(double x) { return lgamma_r(x, &darwin_signgam); }
float darwin_lgammaf(float x) { return lgammaf_r(x, &darwin_signgam); }
long double darwin_lgammal(long double x) { return lgammal_r(x, &darwin_signgam); }
