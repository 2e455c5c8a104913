/* Arrays of bits in 32-bit words. Bit n is bit n % 32 of word n / 32. */
#pragma once

#include "lib/compiler.h"

#define BITMAP_BITS                 32u
#define BITMAP_WORDS(nbits)         DIV_ROUND_UP(nbits, BITMAP_BITS)
#define DECLARE_BITMAP(name, nbits) u32 name[BITMAP_WORDS(nbits)]

static inline bool bitmap_test(const u32 *map, u32 bit)
{
	return map[bit / BITMAP_BITS] >> bit % BITMAP_BITS & 1;
}

static inline void bitmap_set(u32 *map, u32 bit)
{
	map[bit / BITMAP_BITS] |= 1u << bit % BITMAP_BITS;
}

static inline void bitmap_clear(u32 *map, u32 bit)
{
	map[bit / BITMAP_BITS] &= ~(1u << bit % BITMAP_BITS);
}

static inline void bitmap_flip(u32 *map, u32 bit)
{
	map[bit / BITMAP_BITS] ^= 1u << bit % BITMAP_BITS;
}

/* Bits [start, start + count). */
void bitmap_set_range(u32 *map, u32 start, u32 count);
void bitmap_clear_range(u32 *map, u32 start, u32 count);

/* => the first set (clear) bit in [start, nbits), or nbits. */
u32 bitmap_next_set(const u32 *map, u32 nbits, u32 start);
u32 bitmap_next_clear(const u32 *map, u32 nbits, u32 start);

/* => the first of `count` clear bits in a row within [start, nbits), or nbits. */
u32 bitmap_find_clear_area(const u32 *map, u32 nbits, u32 start, u32 count);

/* => how many bits below nbits are set. */
u32 bitmap_weight(const u32 *map, u32 nbits);
