/* mem_map: the kernel knows something of every frame, in a struct page of its own. */
#include "user/tour/tour.h"

#include <linux/kernel-page-flags.h>

#define STRUCT_PAGE_BYTES 32ull

/* One behind the last frame of all zones. */
static unsigned long last_frame(void)
{
	struct zone_figures zones[MAX_ZONES];
	int count = read_zones(zones);

	return count ? zones[count - 1].start_pfn + zones[count - 1].spanned : 0;
}

static void show_table(unsigned long end)
{
	long ram = system_ram_kb(), total = meminfo_kb("MemTotal");
	long map_kb = end * STRUCT_PAGE_BYTES / KIB;
	uint64_t entry;

	printf("  %lu frames, a struct page of %llu bytes for each: mem_map has %ld KB\n", end,
	       STRUCT_PAGE_BYTES, map_kb);
	printf("  System RAM %ld kB, MemTotal %ld kB: %ld kB were taken before anybody asked\n",
	       ram, total, ram - total);
	claim(read_entries_of("/proc/kpageflags", end - 1, &entry, 1) == 1,
	      "/proc/kpageflags has an entry for the last frame, 0x%05lx", end - 1);
	claim_machine(ram < 0 || total < 0 ? UNSEEN : ram - total >= map_kb,
		      "mem_map is in that difference");
}

static void show_one_frame(void)
{
	volatile char *p = map_pages(PAGE_SIZE);
	uint64_t used, freed;
	long frame, count, count_after;

	if (!p) {
		claim(NO, "a page to look at");
		return;
	}
	claim(frame_of(p) == UNKNOWN, "a page never touched has no frame");
	*p = 1;
	frame = frame_of(p);
	used = frame_flags(frame);
	count = map_count(frame);
	sys_munmap((void *)p, PAGE_SIZE);
	freed = frame_flags(frame);
	count_after = map_count(frame);
	printf("  written, it has frame 0x%05lx: flags 0x%llx, mapped %ld time\n", frame,
	       (unsigned long long)used, count);
	printf("  unmapped, the frame has        flags 0x%llx, mapped %ld times\n",
	       (unsigned long long)freed, count_after);
	claim(frame < 0 ? UNSEEN : (used >> KPF_ANON & 1) && (used >> KPF_MMAP & 1) && count == 1,
	      "written: the frame is anonymous and mapped once");
	claim_machine(frame < 0 ? UNSEEN : !(freed >> KPF_ANON & 1) && !count_after,
		      "unmapped: it is no longer");
}

void tour_frames(void)
{
	unsigned long end = last_frame();

	if (!end || !frame_flags(end ? frame_of(&end) : UNKNOWN)) {
		skip("/proc/zoneinfo, kpageflags or pagemap do not tell of frames");
		return;
	}
	show_table(end);
	show_one_frame();
}
