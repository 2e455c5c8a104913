/* What memory there is, its zones, and what each keeps back. */
#include "user/tour/tour.h"

static void print_iomem(void)
{
	static struct lines lines;
	char *line;

	if (!lines_open(&lines, "/proc/iomem"))
		return;
	printf("  /proc/iomem, outer entries:\n");
	while ((line = lines_next(&lines)))
		if (*line != ' ')
			printf("    %s\n", line);
}

/* lowmem_reserve: what a zone keeps from those who could also use the zones above it. */
static void show_reserves(const struct zone_figures *zones, int count)
{
	unsigned long ratio[MAX_ZONES] = {256, 32, 32}, above = 0;
	char text[64];
	bool right = true;

	if (count < 2)
		return;
	if (read_file("/proc/sys/vm/lowmem_reserve_ratio", text, sizeof(text)) > 0) {
		const char *s = text;

		for (int i = 0; i < MAX_ZONES; i++)
			s = take_number(s, &ratio[i]);
	}
	for (int i = count - 2; i >= 0; i--) {
		unsigned long want;

		above += zones[i + 1].managed;
		want = ratio[i] ? above / ratio[i] : 0;
		printf("    %-10s keeps %6lu pages from who can use %s: %lu above it / %lu\n",
		       zones[i].name, zones[i].protection[count - 1], zones[count - 1].name, above,
		       ratio[i]);
		right = right && zones[i].protection[count - 1] == want;
	}
	claim_machine(right, "a zone's reserve is the size of the zones above, divided");
}

/* The highest zone that has frames to spare for a program: above its mark, and its reserve. */
static int expected_zone(const struct zone_figures *zones, int count)
{
	int i = count - 1;

	while (i > 0 && zones[i].free <= zones[i].high + zones[i].protection[count - 1] + 64)
		i--;
	return i;
}

static void show_choice(const struct zone_figures *zones, int count)
{
	const struct zone_figures *wanted = &zones[expected_zone(zones, count)];
	volatile char *p = map_pages(PAGE_SIZE);
	long frame;

	if (!p)
		return;
	*p = 1;
	frame = frame_of(p);
	claim_machine(frame < 0 ? UNSEEN : (unsigned long)frame >= wanted->start_pfn,
		      "a program's page, 0x%05lx, is in %s, the highest with room", frame,
		      zone_of(frame));
	sys_munmap((void *)p, PAGE_SIZE);
}

void tour_zones(void)
{
	struct zone_figures zones[MAX_ZONES];
	unsigned long managed_kb = 0, free_kb = 0;
	long ram_kb, total, free, low, high;
	bool in_order = true;
	int count;

	print_iomem();
	ram_kb = system_ram_kb();
	total = meminfo_kb("MemTotal");
	free = meminfo_kb("MemFree");
	low = meminfo_kb("LowTotal");
	high = meminfo_kb("HighTotal");
	count = read_zones(zones);
	if (count) {
		printf("  /proc/zoneinfo, in pages of 4 KB:\n");
		printf("    zone       first frame  spanned  present  managed     free   min   low "
		       " high\n");
	}
	for (int i = 0; i < count; i++) {
		struct zone_figures *zone = &zones[i];

		printf("    %-10s     0x%05lx %8lu %8lu %8lu %8lu %5lu %5lu %5lu\n", zone->name,
		       zone->start_pfn, zone->spanned, zone->present, zone->managed, zone->free,
		       zone->min, zone->low, zone->high);
		managed_kb += zone->managed * 4;
		free_kb += zone->free * 4;
		in_order = in_order && zone->min <= zone->low && zone->low <= zone->high &&
			   zone->managed <= zone->present && zone->present <= zone->spanned;
	}
	printf("  /proc/meminfo: MemTotal %ld kB, MemFree %ld kB\n", total, free);
	claim_machine(count && total >= 0 ? managed_kb == (unsigned long)total : UNSEEN,
		      "the zones' managed pages add up to MemTotal, %lu kB", managed_kb);
	claim(count ? in_order : UNSEEN, "managed <= present <= spanned, and min <= low <= high");
	claim(ram_kb >= 0 && total >= 0 ? ram_kb >= total : UNSEEN,
	      "MemTotal is %ld kB less than System RAM: the kernel and mem_map", ram_kb - total);
	if (low >= 0 && high >= 0)
		claim(low + high == total, "low memory %ld kB + high memory %ld kB = MemTotal", low,
		      high);
	claim_machine(count && free >= 0
			      ? (long)free_kb - free < 1024 && free - (long)free_kb < 1024
			      : UNSEEN,
		      "the zones' free pages add up to MemFree, within 1 MB");
	if (!count)
		return;
	show_reserves(zones, count);
	show_choice(zones, count);
}
