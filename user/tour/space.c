/* The address space: what the program has of it, and that the rest is the kernel's. */
#include "user/tour/tour.h"

#define USER_END      0xc0000000u
#define MMAP_MIN_ADDR 0x10000u

/* Prints the areas and finds the lowest and the highest address; how many areas there are. */
static int print_areas(uint64_t *low, uint64_t *high)
{
	static struct lines lines;
	static struct mapping area;
	int count = 0;
	char *line;

	*low = UINT64_MAX;
	*high = 0;
	if (!lines_open(&lines, "/proc/self/maps"))
		return 0;
	while ((line = lines_next(&lines))) {
		if (!parse_mapping(line, &area))
			continue;
		printf("    %08llx-%08llx %s %7llu KB  %s\n", (unsigned long long)area.start,
		       (unsigned long long)area.end, area.perms,
		       (unsigned long long)(area.end - area.start) / KIB, area.name);
		count++;
		*low = area.start < *low ? area.start : *low;
		*high = area.end > *high ? area.end : *high;
	}
	return count;
}

/* All lines DirectMap4k, DirectMap4M and what other processors have. */
static long direct_map_kb(void)
{
	static struct lines lines;
	unsigned long kb, sum = 0;
	char *line;

	if (!lines_open(&lines, "/proc/meminfo"))
		return UNKNOWN;
	while ((line = lines_next(&lines)))
		if (!strncmp(line, "DirectMap", 9) && strchr(line, ':')) {
			take_number(strchr(line, ':') + 1, &kb);
			sum += kb;
		}
	return sum;
}

void tour_space(void)
{
	uint64_t low, high;
	long direct = direct_map_kb(), low_kb = meminfo_kb("LowTotal"), error;
	int fds[2];

	printf("  /proc/self/maps: the areas of this program; all else is not mapped\n");
	if (!print_areas(&low, &high)) {
		skip("there is no /proc/self/maps");
		return;
	}
	claim(low >= MMAP_MIN_ADDR, "nothing lies below 64 KB, where null pointers point");
	if (alone())
		claim(high <= USER_END, "the program's addresses end at 3 GB, 0x%08x", USER_END);
	else
		printf("  (a 32-bit kernel has the last GB of them; this one may have moved "
		       "out)\n");
	if (sys_pipe(fds)) {
		claim(NO, "a pipe to ask with");
		return;
	}
	error = sys_write(fds[1], (void *)(USER_END + MIB), 4);
	claim(error == -EFAULT, "asked to write from 0x%08x, the kernel answers EFAULT, %ld",
	      USER_END + MIB, error);
	sys_close(fds[0]);
	sys_close(fds[1]);
	if (low_kb < 0) /* a kernel that maps everything has no low memory to tell apart */
		low_kb = meminfo_kb("MemTotal");
	printf("  /proc/meminfo: %ld kB are mapped directly, MemTotal without HighMem is %ld kB\n",
	       direct, low_kb);
	claim(direct < 0 || low_kb < 0 ? UNSEEN : direct >= low_kb,
	      "the direct map reaches all memory but HighMem");
}
