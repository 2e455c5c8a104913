/* Arrays of bits, a word at a time where it can be. */
#include "lib/bitmap.h"

static void change_range(u32 *map, u32 start, u32 count, bool set)
{
	u32 end = start + count;

	while (start < end) {
		u32 bit = start % BITMAP_BITS;
		u32 len = MIN(end - start, BITMAP_BITS - bit);
		u32 mask = (len == BITMAP_BITS ? ~0u : (1u << len) - 1) << bit;

		if (set)
			map[start / BITMAP_BITS] |= mask;
		else
			map[start / BITMAP_BITS] &= ~mask;
		start += len;
	}
}

void bitmap_set_range(u32 *map, u32 start, u32 count)
{
	change_range(map, start, count, true);
}

void bitmap_clear_range(u32 *map, u32 start, u32 count)
{
	change_range(map, start, count, false);
}

/* The first bit that differs from those of `invert` (all ones or all zeroes). */
static u32 next_bit(const u32 *map, u32 nbits, u32 start, u32 invert)
{
	while (start < nbits) {
		u32 bit = start % BITMAP_BITS;
		u32 word = (map[start / BITMAP_BITS] ^ invert) >> bit;

		if (word) {
			start += __builtin_ctz(word);
			return MIN(start, nbits);
		}
		start += BITMAP_BITS - bit;
	}
	return nbits;
}

u32 bitmap_next_set(const u32 *map, u32 nbits, u32 start)
{
	return next_bit(map, nbits, start, 0);
}

u32 bitmap_next_clear(const u32 *map, u32 nbits, u32 start)
{
	return next_bit(map, nbits, start, ~0u);
}

u32 bitmap_find_clear_area(const u32 *map, u32 nbits, u32 start, u32 count)
{
	for (;;) {
		u32 end;

		start = bitmap_next_clear(map, nbits, start);
		if (start >= nbits || nbits - start < count)
			return nbits;
		end = bitmap_next_set(map, start + count, start);
		if (end == start + count)
			return start;
		start = end;
	}
}

u32 bitmap_weight(const u32 *map, u32 nbits)
{
	u32 bit, weight = 0;

	for (bit = bitmap_next_set(map, nbits, 0); bit < nbits;
	     bit = bitmap_next_set(map, nbits, bit + 1))
		weight++;
	return weight;
}
