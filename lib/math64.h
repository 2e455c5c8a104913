/*
 * 64-bit arithmetic without libgcc. Addition, multiplication and shifts gcc does in line; division it
 * would call for, so that is here.
 */
#pragma once

#include "lib/compiler.h"

/* Quotient and remainder by two 32-bit divisions: the high half first, its remainder into the low. */
static inline u64 div_u64_rem(u64 n, u32 divisor, u32 *remainder)
{
	u32 high = n >> 32;
	u32 low = n;
	u32 rest = 0;

	__asm__("divl %2" : "+a"(high), "+d"(rest) : "r"(divisor) : "cc");
	__asm__("divl %2" : "+a"(low), "+d"(rest) : "r"(divisor) : "cc");
	*remainder = rest;
	return (u64)high << 32 | low;
}

static inline u64 div_u64(u64 n, u32 divisor)
{
	u32 rest;

	return div_u64_rem(n, divisor, &rest);
}

/* n / divisor for a full 64-bit divisor, rounded down; slow, for code that is seldom run. */
u64 div64_u64(u64 n, u64 divisor);

/* (n * mul) >> shift with a 96-bit product; shift is at most 32. The result is cut to 64 bits. */
static inline u64 mul_u64_u32_shr(u64 n, u32 mul, unsigned shift)
{
	u64 low = (u64)(u32)n * mul;
	u64 high = (n >> 32) * mul;

	return (low >> shift) + (high << (32 - shift));
}
