/*
 * The frame allocator: blocks of 2^order frames, naturally aligned. Theory in buddy.c.
 * Nothing here sleeps (reclaim comes later and will say so). Not for interrupt handlers.
 */
#pragma once

#include "mm/phys/gfp.h"
#include "mm/phys/page.h"
#include "mm/phys/zone.h"

/* Returns the head frame of a block with refcount 1, or NULL. Contents are undefined without __GFP_ZERO.
 * order > 0: only the head has a refcount, and free_pages() needs the same order. */
__must_check struct page *alloc_pages(gfp_t gfp, unsigned order);
/* alloc_pages of order 0 by the shortest way: the hot list. */
__must_check struct page *alloc_page(gfp_t gfp);
/* Gives a block back. The caller holds the only reference (refcount 1). */
void free_pages(struct page *page, unsigned order);
static inline void free_page(struct page *page)
{
	free_pages(page, 0);
}
/* A lowmem page by its kernel address, or NULL. */
__must_check void *get_free_page(gfp_t gfp);
void free_page_at(void *addr);

/* Boot, from zones_init(). The free lists are empty and the zones' extents known. */
void buddy_init(void);
/* Boot, from zones_init(): once what is managed is known. */
void buddy_size_hot_lists(void);
/* Boot: hands the frames [start, end) of usable memory, whose mem_map entries are those of free frames, to the
 * buddy. */
void free_range_to_buddy(u32 start_pfn, u32 end_pfn);
/* Gives the frames of a part of the kernel's image or of a boot module to the buddy (PG_RESERVED is cleared). All that
 * is usable memory must be reserved; what is not, for mem= or memmap= say so, stays out of use. */
void free_reserved_range(u32 start_pfn, u32 end_pfn);

/* Puts the frames of the hot lists back, so that the free lists show everything. */
void drain_hot_lists(void);

/*
 * Frames that are held only to be quick the next time. shrink() gives them back and returns how many; it may not
 * allocate or sleep, and may be called from within any allocation, but only from one that would else fail.
 */
struct shrinker {
	const char *name;
	u32 (*shrink)(void);
	struct list_head node;
};
void register_shrinker(struct shrinker *shrinker);
/* Calls all of them. Returns frames given back. */
u32 shrink_all(void);

/* How often since boot. */
struct buddy_stats {
	u32 refills, gives_back; /* of a hot list */
	u32 splits, merges;
	u32 shrinks; /* of all that is kept to be quick */
	u32 claims;  /* pageblocks that changed their type */
	u32 failed;  /* requests that got nothing */
};
extern struct buddy_stats buddy_stats;

/* Verifies every list, count, alignment and flag, that no two free buddies lie unmerged, and that every frame of
 * mem_map is in one state. 0, or -EIO after a printk of the first thing that is wrong. */
int buddy_check(void);
