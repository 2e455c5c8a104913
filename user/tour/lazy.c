/* Memory that is promised, read, written and given back. */
#include "user/tour/tour.h"

struct figures {
	long free_kb, faults, resident_kb;
};

static void take(struct figures *to, const char *when)
{
	to->faults = minor_faults();
	to->free_kb = meminfo_kb("MemFree");
	to->resident_kb = resident_kb();
	if (when)
		printf("    %-26s %10ld %12ld %14ld\n", when, to->free_kb, to->faults,
		       to->resident_kb);
}

static bool known(const struct figures *figures)
{
	return figures->free_kb >= 0;
}

/* Whether the free memory fell by `want_kb` and no more than `slack_kb` beside. */
static int fell_by(const struct figures *from, const struct figures *to, long want_kb,
		   long slack_kb)
{
	long fell = from->free_kb - to->free_kb;

	if (!known(from) || !known(to))
		return UNSEEN;
	return fell >= want_kb - slack_kb && fell <= want_kb + slack_kb;
}

static int faulted(const struct figures *from, const struct figures *to, size_t want)
{
	if (from->faults < 0 || to->faults < 0)
		return UNSEEN;
	return (size_t)(to->faults - from->faults) == want;
}

/* Counts the pages of a range whose frame is `same` (or is not, where that is asked). */
static size_t count_frames(const char *p, size_t pages, long same, bool want_same)
{
	static long frames[512];
	size_t found = 0;

	for (size_t at = 0; at < pages; at += ARRAY_SIZE(frames)) {
		size_t n = pages - at < ARRAY_SIZE(frames) ? pages - at : ARRAY_SIZE(frames);

		n = frames_of(p + at * PAGE_SIZE, n, frames);
		for (size_t i = 0; i < n; i++)
			found += frames[i] != UNKNOWN && (frames[i] == same) == want_same;
	}
	return found;
}

void tour_lazy(void)
{
	struct figures start, mapped, read, written, gone;
	size_t len = 100 * MIB, pages, writing, tables, alike, own;
	volatile char *p;
	unsigned int sum = 0;
	long zero_frame;

	settle();
	take(&start, NULL); /* the first reading touches what the later ones need */
	printf("                                  MemFree kB minor faults    resident kB\n");
	take(&start, "before");
	while (!(p = map_pages(len)) && len > MIB)
		len /= 2;
	if (!p) {
		claim(NO, "not even 1 MB can be mapped");
		return;
	}
	if (len < 100 * MIB)
		printf("  100 MB are more than this kernel promises on this machine: %zu MB "
		       "instead.\n",
		       len / MIB);
	pages = len / PAGE_SIZE;
	tables = len / (4 * MIB) + 1;
	take(&mapped, "mapped");
	claim_machine(fell_by(&start, &mapped, 0, 16), "mapping %zu MB used no frame", len / MIB);

	for (size_t i = 0; i < pages; i++)
		sum |= p[i * PAGE_SIZE];
	take(&read, "every page read");
	zero_frame = frame_of(p);
	alike = zero_frame < 0 ? 0 : count_frames((char *)p, pages, zero_frame, true);
	claim(sum == 0, "every byte read was 0");
	claim(faulted(&mapped, &read, pages), "%zu pages, %ld minor faults", pages,
	      read.faults - mapped.faults);
	claim(zero_frame < 0 ? UNSEEN : alike == pages,
	      "all %zu show the one zero page, frame 0x%05lx", alike, zero_frame);
	claim_machine(fell_by(&mapped, &read, tables * 4, 64),
		      "the only frames used are those of %zu page tables (MemFree %+ld kB)", tables,
		      read.free_kb - mapped.free_kb);

	writing = fitting(len) / PAGE_SIZE;
	if (writing < pages)
		printf("  This machine has room to write %zu MB of the %zu MB.\n",
		       writing * PAGE_SIZE / MIB, len / MIB);
	take(&read, "before writing");
	for (size_t i = 0; i < writing; i++)
		p[i * PAGE_SIZE] = 1;
	take(&written, "written");
	own = count_frames((char *)p, writing, zero_frame, false);
	claim(faulted(&read, &written, writing), "%zu pages, %ld minor faults", writing,
	      written.faults - read.faults);
	claim(zero_frame < 0 ? UNSEEN : own == writing,
	      "%zu pages have a frame that is not the zero page", own);
	claim_machine(fell_by(&read, &written, writing * 4, 256),
		      "one frame a page: MemFree %+ld kB", written.free_kb - read.free_kb);
	sys_munmap((void *)p, len);
	take(&gone, "unmapped");
	claim_machine(fell_by(&start, &gone, 0, 256), "all of it came back");
}
