/* HighMem: memory that the direct map does not reach. User pages and page tables lie there first. */
#include "user/tour/tour.h"

void tour_highmem(void)
{
	size_t len, pages;
	long high[2], low[2], fell_high, fell_low;
	struct walk walk;
	char *p;

	high[0] = meminfo_kb("HighTotal");
	if (high[0] < 0) {
		skip("this kernel has an address for every frame, so no HighMem");
		return;
	}
	if (high[0] == 0) {
		printf("  This machine has less than 896 MB: the direct map reaches all of it.\n");
		return;
	}
	len = fitting(8 * MIB);
	high[0] = meminfo_kb("HighFree");
	if (high[0] < (long)(2 * len / KIB)) {
		printf("  HighMem is nearly full.\n");
		return;
	}
	p = map_pages(len);
	pages = len / PAGE_SIZE;
	if (!p) {
		claim(NO, "memory to write");
		return;
	}
	low[0] = meminfo_kb("LowFree");
	for (size_t i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = 1;
	high[1] = meminfo_kb("HighFree");
	low[1] = meminfo_kb("LowFree");
	printf("                       HighFree kB   LowFree kB\n");
	printf("    before              %10ld   %10ld\n", high[0], low[0]);
	printf("    %5zu pages written %10ld   %10ld\n", pages, high[1], low[1]);
	fell_high = high[0] - high[1];
	fell_low = low[0] - low[1];
	claim_machine(fell_high >= (long)(len / KIB), "the pages came from HighMem, %ld kB",
		      fell_high);
	claim_machine(fell_low <= 64, "low memory, which the kernel needs itself, gave %ld kB",
		      fell_low);
	claim(frame_of(p) < 0 ? UNSEEN : !strcmp(zone_of(frame_of(p)), "HighMem"),
	      "the first lies in frame 0x%05lx, zone %s", frame_of(p), zone_of(frame_of(p)));
	if (read_walk(sys_getpid(), (uint32_t)p, &walk))
		claim(!strcmp(zone_of(walk.pde >> 12), "HighMem"),
		      "and its page table in frame 0x%05x, zone %s", walk.pde >> 12,
		      zone_of(walk.pde >> 12));
	printf("  The kernel had no address for these frames. To clear each it mapped it for a\n"
	       "  moment (kmap), and it reaches the tables through the page-table window.\n");
	sys_munmap(p, len);
}
