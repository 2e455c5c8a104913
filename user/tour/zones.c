/* Chapter 2: what memory there is, and its zones. */
#include "user/tour/tour.h"

/*
 * Prints iomem's outer entries and adds up what is called System RAM. Returns false without the
 * file.
 */
static bool print_iomem(unsigned long *ram_kb)
{
	static char text[8192];
	char *line, *end;

	*ram_kb = 0;
	if (read_file("/proc/iomem", text, sizeof(text)) <= 0) {
		printf("  (there is no /proc/iomem here)\n");
		return false;
	}
	printf("  /proc/iomem, outer entries:\n");
	for (line = text; *line; line = end) {
		unsigned long long from, to;
		const char *s = line, *digits;
		char number[20];

		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		else
			end = line + strlen(line);
		if (*line == ' ')
			continue;
		digits = s;
		snprintf(number, sizeof(number), "0x%s", digits);
		from = parse_number(number, NULL);
		s = strchr(s, '-');
		if (!s)
			continue;
		snprintf(number, sizeof(number), "0x%s", s + 1);
		to = parse_number(number, NULL);
		printf("    %s\n", line);
		/* whole pages only, as the kernel counts them */
		if (strstr(line, "System RAM") &&
		    (to + 1) / PAGE_SIZE > (from + PAGE_SIZE - 1) / PAGE_SIZE)
			*ram_kb += ((to + 1) / PAGE_SIZE - (from + PAGE_SIZE - 1) / PAGE_SIZE) * 4;
	}
	return true;
}

void tour_zones(void)
{
	struct zone_figures zones[MAX_ZONES];
	unsigned long ram_kb, managed_kb = 0, free_kb = 0;
	long total, free, low, high;
	bool has_iomem, in_order = true;
	int count;

	chapter("The memory map and its zones");
	has_iomem = print_iomem(&ram_kb);
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
	claim(count && total >= 0 ? managed_kb == (unsigned long)total : UNSEEN,
	      "the zones' managed pages add up to MemTotal, %lu kB", managed_kb);
	claim(count ? in_order : UNSEEN, "managed <= present <= spanned, and min <= low <= high");
	claim(has_iomem && total >= 0 ? ram_kb >= (unsigned long)total : UNSEEN,
	      "MemTotal is %ld kB less than System RAM: the kernel and mem_map",
	      (long)ram_kb - total);
	claim(total < 0 || low < 0 || high < 0 ? UNSEEN : low + high == total,
	      "low memory %ld kB + high memory %ld kB = MemTotal", low, high);
	claim(count && free >= 0 ? (long)free_kb - free < 1024 && free - (long)free_kb < 1024
				 : UNSEEN,
	      "the zones' free pages add up to MemFree, within 1 MB");
}
