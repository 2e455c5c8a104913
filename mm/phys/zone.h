/*
 * Zones: DMA 0-16 MB, NORMAL 16-896 MB, HIGHMEM above. Counts are frames.
 */
#pragma once

#include "lib/list.h"
#include "mm/phys/gfp.h"
#include "mm/phys/memmap.h"

struct free_area {
	struct list_head list[MIGRATE_TYPES];
	u32 nr[MIGRATE_TYPES]; /* blocks on each list */
};

enum watermark { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };

struct hot_list { /* single frames in front of the free lists, by migrate type, LIFO */
	struct list_head list[MIGRATE_CMA];
	u32 count[MIGRATE_CMA];
	u32 high;  /* give back when a list grows beyond */
	u32 batch; /* how many go there or come back at once */
};

struct zone {
	struct hot_list hot;
	u32 nr_free; /* in the free lists; hot frames not counted */
	u32 watermark[NR_WMARK];
	u32 lowmem_reserve[MAX_NR_ZONES]; /* kept back from requests that could use zone [i] */
	struct free_area free_area[11];
	const char *name; /* "DMA", "Normal", "HighMem" */
	u32 start_pfn, spanned, present, managed;
	u8 *pageblock_type; /* enum migrate_type of each 4 MB block from start_pfn rounded down */
};

extern struct zone zones[MAX_NR_ZONES];

/* Frames free anywhere, hot lists included. */
u32 nr_free_pages(void);
u32 zone_nr_free(const struct zone *z); /* hot list included */
u32 nr_free_lowmem(void);
u32 nr_managed_pages(void);

/* Boot: makes mem_map and the zones from the sanitised map; every usable frame that bootmem has not handed out
 * goes to the buddy. After it bootmem is closed. */
void zones_init(const struct memmap *map);

static inline struct zone *page_zone_of(u32 flags)
{
	return &zones[flags & 3];
}
