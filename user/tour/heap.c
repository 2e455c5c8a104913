/*
 * The two ways to memory that malloc has: the heap, one area that ends at the program break, for
 * what is small; a mapping of its own for what is large. malloc-demo shows malloc choose.
 */
#include "user/tour/tour.h"

#define HEAP  (1024 * KIB)
#define USED  (256 * KIB)
#define LARGE (512 * KIB)

struct sizes {
	long data_kb, resident_kb;
};

static struct sizes take(const char *when)
{
	struct sizes sizes = {.data_kb = status_kb("VmData:"), .resident_kb = resident_kb()};

	if (when)
		printf("    %-36s %8ld %12ld\n", when, sizes.data_kb, sizes.resident_kb);
	return sizes;
}

static int grew(long from, long to, long want)
{
	return from < 0 || to < 0 ? UNSEEN : to - from == want;
}

static void write_pages(volatile char *p, size_t len)
{
	for (size_t at = 0; at < len; at += PAGE_SIZE)
		p[at] = 1;
}

void tour_heap(void)
{
	char *start = sys_brk(NULL), *mapped;
	struct sizes before, moved, written, shrunk, apart, gone;
	bool clear = true;

	start = sys_brk((char *)(((uint32_t)start + PAGE_SIZE - 1) & -PAGE_SIZE));
	take(NULL); /* the first reading touches what the later ones need */
	printf("                                         VmData kB  resident kB\n");
	before = take("before");
	if (sys_brk(start + HEAP) != start + HEAP) {
		claim(NO, "the break moves");
		return;
	}
	moved = take("the break moved up by 1 MB");
	write_pages(start, USED);
	written = take("256 KB of it written");
	sys_brk(start);
	shrunk = take("the break back where it was");
	sys_brk(start + HEAP);
	for (size_t at = 0; at < USED; at++)
		clear = clear && !start[at];
	sys_brk(start);
	mapped = map_pages(LARGE);
	if (mapped)
		write_pages(mapped, LARGE);
	apart = take("512 KB mapped apart and written");
	sys_munmap(mapped, LARGE);
	gone = take("and unmapped");
	claim(grew(before.data_kb, moved.data_kb, HEAP / KIB),
	      "moving the break is a promise of 1024 kB");
	claim(grew(before.resident_kb, moved.resident_kb, 0), "which costs no frame");
	claim(grew(moved.resident_kb, written.resident_kb, USED / KIB), "frames come with writing");
	claim(grew(before.resident_kb, shrunk.resident_kb, 0), "and go when the break moves back");
	claim(clear, "what comes again is full of zeros, not of what was there");
	claim(grew(shrunk.resident_kb, apart.resident_kb, LARGE / KIB),
	      "a mapping of its own costs the same,");
	claim(grew(shrunk.resident_kb, gone.resident_kb, 0),
	      "but can go alone, whatever lies above it");
}
