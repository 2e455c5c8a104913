/*
 * Memory before the buddy: a sorted array of reserved ranges laid over the memory map.
 *
 *   usable     [---------------------------------------------------)   memmap, read only
 *   reserved   [0)    [kernel)[module)                    [tables)     ranges[], sorted, apart
 *
 * A request takes the highest free place below its limit, so that what boot allocates (mem_map above all)
 * lies at the end of lowmem and leaves the DMA zone whole. Single frames taken one after the other are
 * neighbours and make one range. There is no free: frames that boot is done with go to the buddy,
 * which tells us with bootmem_release() so that the itemised report stays true.
 *
 * A bitmap of frames would be simpler to search, but must itself be allocated before there is an
 * allocator, and is 128 KiB for 4 GiB.
 */
#include "mm/phys/bootmem.h"
#include "lib/panic.h"
#include "lib/string.h"

/* Frame 0, the kernel, a few modules and firmware tables, and what boot allocates: neighbours of one use are
 * merged, so 64 is far from what a machine needs. */
#define MAX_RESERVED 64

struct reserved_range {
	u32 start, end; /* frames */
	enum bootmem_use use;
};

static const struct memmap *memmap;
static struct reserved_range ranges[MAX_RESERVED];
static u32 nr_ranges;
static u32 pages_by_use[BOOTMEM_NR_USES];

__init void bootmem_init(const struct memmap *map)
{
	memmap = map;
	nr_ranges = 0;
	memset(pages_by_use, 0, sizeof(pages_by_use));
	/* The BIOS data area; also, physical address 0 then never stands for memory. */
	bootmem_reserve(0, PAGE_SIZE, BOOTMEM_OTHER);
}

const struct memmap *bootmem_map(void)
{
	return memmap;
}

bool bootmem_usable_part(u32 *start, u32 *end)
{
	for (u32 i = 0; i < memmap->nr; i++) {
		const struct memmap_range *r = &memmap->r[i];
		u32 from = MAX(*start, r->start.n), to = MIN(*end, r->end.n);

		if (r->type == MEM_USABLE && from < to) {
			*start = from;
			*end = to;
			return true;
		}
	}
	return false;
}

static u32 usable_in(u32 start, u32 end)
{
	u32 n = 0;

	for (u32 from = start, to = end; bootmem_usable_part(&from, &to); from = to, to = end)
		n += to - from;
	return n;
}

static void remove_at(u32 i)
{
	memmove(&ranges[i], &ranges[i + 1], (--nr_ranges - i) * sizeof(ranges[0]));
}

/* [start, end) overlaps no range and belongs before ranges[i]. */
static void insert_at(u32 i, u32 start, u32 end, enum bootmem_use use)
{
	bool joins_left = i > 0 && ranges[i - 1].end == start && ranges[i - 1].use == use;
	bool joins_right = i < nr_ranges && ranges[i].start == end && ranges[i].use == use;

	pages_by_use[use] += usable_in(start, end);
	if (joins_left && joins_right) {
		ranges[i - 1].end = ranges[i].end;
		remove_at(i);
	} else if (joins_left) {
		ranges[i - 1].end = end;
	} else if (joins_right) {
		ranges[i].start = start;
	} else {
		if (nr_ranges == MAX_RESERVED)
			panic("too many reserved memory ranges");
		memmove(&ranges[i + 1], &ranges[i], (nr_ranges++ - i) * sizeof(ranges[0]));
		ranges[i] = (struct reserved_range){start, end, use};
	}
}

static __init void reserve_frames(u32 start, u32 end, enum bootmem_use use)
{
	/* The parts between the ranges that are already there. An insertion may merge ranges, so the search
	 * starts again behind it: there are few ranges. */
	while (start < end) {
		u32 i = 0;
		u32 to = end;

		while (i < nr_ranges && ranges[i].end <= start)
			i++;
		if (i < nr_ranges && ranges[i].start <= start) {
			start = ranges[i].end;
			continue;
		}
		if (i < nr_ranges)
			to = MIN(to, ranges[i].start);
		insert_at(i, start, to, use);
		start = to;
	}
}

__init void bootmem_reserve(paddr_t start, paddr_t end, enum bootmem_use use)
{
	if (start == end)
		return;
	reserve_frames(start >> PAGE_SHIFT, ((end - 1) >> PAGE_SHIFT) + 1, use);
}

/* The range that overlaps [start, end) and ends last, or NULL. */
static const struct reserved_range *last_overlap(u32 start, u32 end)
{
	for (u32 i = nr_ranges; i-- > 0;) {
		if (ranges[i].start < end && start < ranges[i].end)
			return &ranges[i];
	}
	return NULL;
}

/* The highest n frames in [start, end) that are not reserved, or 0. */
static __init u32 find_free(u32 start, u32 end, u32 n, u32 align)
{
	while (end > start && end - start >= n) {
		u32 at = ALIGN_DOWN(end - n, align);
		const struct reserved_range *r;

		if (at < start)
			break;
		r = last_overlap(at, at + n);
		if (!r)
			return at;
		end = r->start;
	}
	return 0;
}

__init paddr_t bootmem_alloc(u32 len, u32 align, paddr_t limit, enum bootmem_use use)
{
	u32 n = (len >> PAGE_SHIFT) + ((len & ~PAGE_MASK) != 0);
	u32 align_frames = MAX(align >> PAGE_SHIFT, 1u);

	if (!n)
		return 0;
	for (u32 i = memmap->nr; i-- > 0;) {
		const struct memmap_range *r = &memmap->r[i];
		u32 at;

		if (r->type != MEM_USABLE)
			continue;
		at = find_free(r->start.n, MIN(r->end.n, limit >> PAGE_SHIFT), n, align_frames);
		if (at) {
			reserve_frames(at, at + n, use);
			return at << PAGE_SHIFT;
		}
	}
	return 0;
}

u32 bootmem_pages(enum bootmem_use use)
{
	return pages_by_use[use];
}

__init void bootmem_for_each_free(void (*fn)(u32 start_pfn, u32 end_pfn))
{
	for (u32 i = 0; i < memmap->nr; i++) {
		const struct memmap_range *r = &memmap->r[i];
		u32 at = r->start.n;

		if (r->type != MEM_USABLE)
			continue;
		for (u32 k = 0; k < nr_ranges && at < r->end.n; k++) {
			if (ranges[k].end <= at)
				continue;
			if (at < MIN(ranges[k].start, r->end.n))
				fn(at, MIN(ranges[k].start, r->end.n));
			at = ranges[k].end;
		}
		if (at < r->end.n)
			fn(at, r->end.n);
	}
}

void bootmem_release(u32 start, u32 end)
{
	const struct reserved_range *overlap;

	while (start < end && (overlap = last_overlap(start, end))) {
		struct reserved_range r = *overlap;
		u32 i = overlap - ranges;

		pages_by_use[r.use] -= usable_in(r.start, r.end);
		remove_at(i);
		/* What is left of it at either side; insert_at() counts it again. */
		if (end < r.end)
			insert_at(i, end, r.end, r.use);
		if (r.start < start)
			insert_at(i, r.start, start, r.use);
	}
}
