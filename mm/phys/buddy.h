/*
 * The frame allocator: blocks of 2^order frames, naturally aligned. Theory in buddy.c.
 * Nothing here sleeps (reclaim comes later and will say so). Not for interrupt handlers.
 */
#pragma once

#include "mm/phys/gfp.h"
#include "mm/phys/page.h"
#include "mm/phys/zone.h"

#define MAX_ORDER      11 /* orders 0..10: 4 KB..4 MB */
#define PAGEBLOCK_ORDER 10

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
__must_check void *get_zeroed_page(gfp_t gfp);
void free_page_at(void *addr);

/* Boot: hands the frames [start, end) of usable memory to the buddy. */
void free_range_to_buddy(u32 start_pfn, u32 end_pfn);
/* Gives the frames of a part of the kernel's image or of a boot module to the buddy (PG_RESERVED is cleared). */
void free_reserved_range(u32 start_pfn, u32 end_pfn);

/* Puts the frames of the hot lists back, so that the free lists show everything. */
void drain_hot_lists(void);

/* Verifies every list, count, alignment, flag and that no two free buddies lie unmerged. 0, or panics in BUG_ON
 * style with a message when die, else returns -EIO after a printk. */
int buddy_check(void);
