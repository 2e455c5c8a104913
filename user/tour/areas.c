/* Areas (struct vm_area_struct): one for each range of equal treatment, found by splitting and merging. */
#include "user/tour/tour.h"

#define PAGES 5u
#define THIRD (2 * PAGE_SIZE)

static char *p;

static bool shows(int want, const char *what)
{
	int count = count_areas(p, p + PAGES * PAGE_SIZE);

	printf("    %-44s %d area%s\n", what, count, count == 1 ? "" : "s");
	return count == want;
}

void tour_areas(void)
{
	bool one, split, merged, hole, filled;

	p = map_pages(PAGES * PAGE_SIZE);
	if (!p || count_areas(p, p + PAGE_SIZE) < 0) {
		skip("there is no /proc/self/maps");
		return;
	}
	one = shows(1, "5 pages mapped");
	sys_mprotect(p + THIRD, PAGE_SIZE, PROT_READ);
	split = shows(3, "the third made read-only");
	sys_mprotect(p + THIRD, PAGE_SIZE, PROT_READ | PROT_WRITE);
	merged = shows(1, "writable again");
	sys_munmap(p + THIRD, PAGE_SIZE);
	hole = shows(2, "the third unmapped");
	sys_mmap(p + THIRD, PAGE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	sys_madvise(p + THIRD, PAGE_SIZE, MADV_NOHUGEPAGE);
	filled = shows(1, "mapped again in the hole");
	claim(one, "what was mapped at once is one area");
	claim(split, "a page with other rights splits it in three");
	claim(merged, "equal again, they are merged");
	claim(hole, "a hole leaves one on each side");
	claim(filled, "what fills the hole is merged with both neighbours");
	sys_munmap(p, PAGES * PAGE_SIZE);
}
