/*
 * Four measures of what a program takes, in a case that can be computed by hand.
 *
 *   4 pages that three processes have, 5 that two have, 6 of one's own, 8 never touched:
 *   VSS = 4 + 5 + 6 + 8    RSS = 4 + 5 + 6    PSS = 4/3 + 5/2 + 6    USS = 6
 */
#include "user/tour/tour.h"

#define BY_THREE  4u
#define BY_TWO    5u
#define OWN       6u
#define UNTOUCHED 8u
#define KB(pages) ((pages) * (PAGE_SIZE / KIB))

struct sizes {
	unsigned long vss, rss, pss, uss;
};

/* Adds what smaps says of the area that starts there. */
static bool add_area(const char *start, struct sizes *sizes)
{
	static struct lines lines;
	static struct mapping area;
	bool found = false;
	unsigned long kb;
	char *line;

	if (!lines_open(&lines, "/proc/self/smaps"))
		return false;
	area.start = 0;
	while ((line = lines_next(&lines))) {
		if (parse_mapping(line, &area) || area.start != (uint32_t)start)
			continue;
		found = true;
		if (line_value(line, "Size:", &kb))
			sizes->vss += kb;
		else if (line_value(line, "Rss:", &kb))
			sizes->rss += kb;
		else if (line_value(line, "Pss:", &kb))
			sizes->pss += kb;
		else if (line_value(line, "Private_Clean:", &kb) ||
			 line_value(line, "Private_Dirty:", &kb))
			sizes->uss += kb;
	}
	return found;
}

static char *map_shared(unsigned int pages)
{
	return sys_mmap(NULL, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
}

/* Between two pages that cannot be read, so that it stays an area of its own. */
static char *map_private(unsigned int pages)
{
	char *p = sys_mmap(NULL, (pages + 2) * PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	if (!is_error_ptr(p))
		sys_mprotect(p += PAGE_SIZE, pages * PAGE_SIZE, PROT_READ | PROT_WRITE);
	return p;
}

static void touch(volatile char *p, unsigned int pages)
{
	for (unsigned int i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = 1;
}

/* A process that has these pages until `hold` is closed; it says when it has. */
static int start_sharer(char *three, char *two, int ready, int hold)
{
	int pid = sys_fork();
	char byte = 0;

	if (pid)
		return pid;
	touch(three, BY_THREE);
	if (two)
		touch(two, BY_TWO);
	sys_write(ready, &byte, 1);
	sys_read(hold, &byte, 1);
	sys_exit(0);
}

static void print_and_claim(const struct sizes *sizes)
{
	const unsigned long vss = KB(BY_THREE + BY_TWO + OWN + UNTOUCHED);
	const unsigned long rss = KB(BY_THREE + BY_TWO + OWN);
	/* smaps rounds each area down to whole kB, and so do we */
	const unsigned long pss = KB(BY_THREE) / 3 + KB(BY_TWO) / 2 + KB(OWN);

	printf("    by hand   VSS 23 pages    RSS 15 pages    PSS 9 5/6 pages    USS 6 pages\n");
	printf("    smaps     VSS %5lu kB    RSS %5lu kB    PSS %8lu kB    USS %3lu kB\n",
	       sizes->vss, sizes->rss, sizes->pss, sizes->uss);
	claim(sizes->vss == vss, "VSS, all that is promised, is %lu kB", vss);
	claim(sizes->rss == rss, "RSS, all that has a frame, is %lu kB", rss);
	claim(sizes->pss == pss, "PSS, each frame divided by its users, is %lu kB", pss);
	claim(sizes->uss == KB(OWN), "USS, what would come back at the end, is %u kB", KB(OWN));
}

void tour_sizes(void)
{
	char *three = map_shared(BY_THREE), *two = map_shared(BY_TWO), *own, byte;
	struct sizes sizes = {.vss = 0};
	int ready[2], hold[2], first, second;

	if (is_error_ptr(three) || is_error_ptr(two) || sys_pipe(ready) || sys_pipe(hold)) {
		claim(NO, "shared pages and pipes");
		return;
	}
	touch(three, BY_THREE);
	touch(two, BY_TWO);
	first = start_sharer(three, two, ready[1], hold[0]);
	second = start_sharer(three, NULL, ready[1], hold[0]);
	if (first < 0 || second < 0 || sys_read(ready[0], &byte, 1) != 1 ||
	    sys_read(ready[0], &byte, 1) != 1) {
		claim(NO, "two more processes");
		return;
	}
	own = map_private(OWN + UNTOUCHED);
	touch(own, OWN);
	printf("  4 pages are mapped by three processes, 5 by two, 6 by this one; 8 are "
	       "untouched.\n");
	if (add_area(three, &sizes) && add_area(two, &sizes) && add_area(own, &sizes))
		print_and_claim(&sizes);
	else
		skip("there is no /proc/self/smaps");
	sys_write(hold[1], "..", 2);
	sys_wait4(first, NULL, 0, NULL);
	sys_wait4(second, NULL, 0, NULL);
	for (int i = 0; i < 2; i++) {
		sys_close(ready[i]);
		sys_close(hold[i]);
	}
	sys_munmap(three, BY_THREE * PAGE_SIZE);
	sys_munmap(two, BY_TWO * PAGE_SIZE);
	sys_munmap(own - PAGE_SIZE, (OWN + UNTOUCHED + 2) * PAGE_SIZE);
}
