/* vmalloc and ioremap: kernel addresses of their own, above the direct map. */
#include "user/tour/tour.h"

#define MORE 8 /* processes */

struct areas {
	unsigned int count, mapped_devices, guarded;
	unsigned long pages; /* of those that say so */
	unsigned int with_pages;
};

/* "0xSTART-0xEND LENGTH WHO pages=N vmalloc" */
static bool read_areas(struct areas *to, int print)
{
	static struct lines lines;
	char *line;

	settle();
	memset(to, 0, sizeof(*to));
	if (!lines_open(&lines, "/proc/vmallocinfo"))
		return false;
	while ((line = lines_next(&lines))) {
		const char *pages = strstr(line, " pages="), *len = strchr(line, ' ');
		unsigned long n, bytes;

		if (print-- > 0)
			printf("    %s\n", line);
		to->count++;
		to->mapped_devices += strstr(line, " ioremap") != NULL;
		if (!pages || !len)
			continue;
		take_number(pages + 7, &n);
		take_number(len, &bytes);
		to->pages += n;
		to->with_pages++;
		to->guarded += bytes == (n + 1) * PAGE_SIZE;
	}
	return to->count != 0;
}

void tour_vmalloc(void)
{
	struct areas before, during, after;
	struct waiting processes[MORE];
	int started = 0;

	printf("  /proc/vmallocinfo, the first lines:\n");
	if (!read_areas(&before, 4)) {
		skip("/proc/vmallocinfo cannot be read");
		return;
	}
	claim_machine(before.guarded == before.with_pages,
		      "%u areas of pages: each has a page behind it that is not mapped",
		      before.with_pages);
	printf("  Every process has a stack in the kernel, and such stacks are such areas.\n");
	for (int i = 0; i < MORE; i++) {
		processes[i] = start_waiting();
		started += processes[i].pid != 0;
	}
	read_areas(&during, 0);
	for (int i = 0; i < MORE; i++)
		release(processes[i]);
	read_areas(&after, 0);
	printf("    %-24s %4u areas %6lu pages\n", "before", before.count, before.pages);
	printf("    with %d more processes    %4u areas %6lu pages\n", started, during.count,
	       during.pages);
	printf("    %-24s %4u areas %6lu pages\n", "ended", after.count, after.pages);
	claim_machine(started == MORE && during.count >= before.count + MORE,
		      "%d processes more: %d areas more", started,
		      (int)(during.count - before.count));
	claim_machine(after.pages <= before.pages + (during.pages - before.pages) / MORE,
		      "they were given back");
	printf("  ioremap: %u areas are of devices, not memory.\n", before.mapped_devices);
}
