/*
 * Zones: DMA 0-16 MB, NORMAL 16-896 MB, HIGHMEM above. Counts are frames.
 */
#pragma once

#include "lib/list.h"
#include "mm/phys/gfp.h"
#include "mm/phys/memmap.h"
#include "mm/phys/page.h"

#define MAX_ORDER       11 /* orders 0..10: 4 KB..4 MB */
#define PAGEBLOCK_ORDER 10
#define PAGEBLOCK_PAGES (1u << PAGEBLOCK_ORDER)
#define MAX_PAGEBLOCKS  1024u /* 4 GiB of them */

/* Nothing above 16 MB is reached by an ISA DMA controller (24 address lines). */
#define DMA_ZONE_END_PFN (16u << (20 - PAGE_SHIFT))

struct free_area {
	struct list_head list[MIGRATE_TYPES];
	u32 nr[MIGRATE_TYPES]; /* blocks on each list */
};

enum watermark { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };

/* Single free frames in front of the free lists: a stack, linked by page->next_hot. */
struct hot_list {
	struct page *first; /* the one freed last */
	u32 count;
	u32 high;  /* give back when count grows beyond */
	u32 batch; /* how many come, or go back, at once */
	u32 pops;  /* since boot: frames taken off it, to be used or to go back */
};

struct zone {
	struct hot_list hot[MIGRATE_TYPES];
	u32 nr_free; /* in the free lists; hot frames not counted */
	u32 watermark[NR_WMARK];
	u32 lowmem_reserve[MAX_NR_ZONES]; /* kept back from requests that could use zone [i] */
	struct free_area free_area[MAX_ORDER];
	/* Frames since boot: to and from the hot lists, and of blocks of order > 0 handed out and given back. What
	 * programs see, all that was allocated and freed, follows from these and pops (zone_nr_allocs). */
	u32 hot_filled, hot_given, block_allocs, block_frees;
	const char *name; /* "DMA", "Normal", "HighMem" */
	/* spanned counts from start_pfn to the zone's last frame, holes included; present is without holes;
	 * managed is what was ever given to the buddy. All 0 in a zone that the machine does not have. */
	u32 start_pfn, spanned, present, managed;
};

extern struct zone zones[MAX_NR_ZONES];
#define for_each_zone(z) for ((z) = zones; (z) < zones + MAX_NR_ZONES; (z)++)

/* The hot list for frames of each 4 MB pageblock. It says both the zone and the migrate type of the pageblock:
 * its index in zone->hot. NULL beyond the end of memory. */
extern struct hot_list *pageblock_hot[MAX_PAGEBLOCKS];

static inline struct zone *page_zone_of(u32 flags)
{
	return &zones[flags & 3];
}
/* One shift, where page_to_pfn() >> PAGEBLOCK_ORDER would be two. */
static inline u32 page_to_pageblock(const struct page *page)
{
	return ((vaddr_t)page - (vaddr_t)mem_map) / (sizeof(struct page) << PAGEBLOCK_ORDER);
}
static inline enum migrate_type pageblock_type(u32 pfn)
{
	struct hot_list *hot = pageblock_hot[pfn >> PAGEBLOCK_ORDER];
	struct zone *z = zones;

	while (hot >= z->hot + MIGRATE_TYPES)
		z++;
	return hot - z->hot;
}

/* Frames free anywhere, hot lists included. */
u32 nr_free_pages(void);
u32 zone_nr_free(const struct zone *z);                   /* hot lists included */
u32 zone_nr_blocks(const struct zone *z, unsigned order); /* of all types, on the free lists */
u32 nr_free_lowmem(void);
u32 nr_managed_pages(void);

/* Frames handed out from z, and given back to all zones, since boot. They wrap at 2^32. */
u32 zone_nr_allocs(const struct zone *z);
u32 nr_page_frees(void);

/* Boot: makes mem_map and the zones from the sanitised map; every usable frame that bootmem has not handed out
 * goes to the buddy. After it bootmem hands out nothing. Needs the direct map. */
void zones_init(const struct memmap *map);
/* Watermarks and reserves from what is managed now. zones_init() does it; so does giving boot memory back. */
void zones_set_watermarks(void);
/* /proc/sys/vm/min_free_kbytes: the min watermarks of all zones below HIGHMEM together. -EINVAL: more than a
 * quarter of them, which would leave programs nothing. */
extern u32 min_free_kb;
__must_check int zones_set_min_free(u32 kb);
/* /proc/sys/vm/watermark_scale_factor: how far low and high lie above min at least, in parts of what the zone manages. Who
 * changes it calls zones_set_watermarks(). */
extern u32 watermark_scale_factor;
#define WATERMARK_SCALE_UNIT 10000u
#define WATERMARK_SCALE_MAX  3000u /* Linux's; times 2^20 frames it is less than 2^32 */

/* Verifies the figures against mem_map. 0, or -EIO after a printk. */
int zones_check(void);
