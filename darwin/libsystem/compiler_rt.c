// SPDX-License-Identifier: MIT
// What compilers and JITs call: half-precision numbers, caches of instructions. Facts: compiler-rt's builtins (__gnu_h2f_ieee and
// __gnu_f2h_ieee take and give the bits of IEEE 754's binary16), sys_icache_invalidate(3).
#include <stdint.h>
#include <string.h>

float darwin_gnu_h2f_ieee(uint16_t half)
{
	uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3ff, bits;
	float value;
	if (exponent == 0) { // 0 or a subnormal: a multiple of 2 to the -24
		value = (float)fraction * 0x1p-24f;
		memcpy(&bits, &value, 4);
		bits |= sign;
	} else
		bits = sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | fraction << 13;
	memcpy(&value, &bits, 4);
	return value;
}

// To the nearest, halfway to the even one.
uint16_t darwin_gnu_f2h_ieee(float value)
{
	uint32_t bits;
	memcpy(&bits, &value, 4);
	uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
	bits &= 0x7fffffff;
	if (bits > 0x7f800000) // not a number: quiet, with what fits of its payload
		return (uint16_t)(sign | 0x7e00 | (bits >> 13 & 0x1ff));
	if (bits >= 0x477ff000) // from 65520 on: infinity
		return sign | 0x7c00;
	if (bits < 0x33000000) // not more than half of the least
		return sign;
	uint32_t exponent = bits >> 23, fraction = (bits & 0x7fffff) | 0x800000;
	uint32_t shift = exponent < 113 ? 126 - exponent : 13; // subnormals lose more bits
	uint32_t result = exponent < 113 ? fraction >> shift : (exponent - 112) << 10 | (fraction >> 13 & 0x3ff);
	uint32_t rest = fraction & ((1u << shift) - 1), half = 1u << (shift - 1);
	result += rest > half || (rest == half && (result & 1)); // a carry goes into the exponent, as it should
	return (uint16_t)(sign | result);
}

// On x86_64 caches are coherent: there is nothing to do.
void darwin_sys_icache_invalidate(void *at, size_t size) { (void)at, (void)size; }
void darwin_sys_dcache_flush(void *at, size_t size) { (void)at, (void)size; }

int darwin_sys_cache_control(int function, void *at, size_t size)
{
	(void)at, (void)size;
	return function == 1 || function == 2 ? 0 : 45; // kCacheFunctionPrepareForExecution, _FlushDcache; ENOTSUP
}
