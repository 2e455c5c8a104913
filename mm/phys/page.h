/*
 * struct page: one for each frame from 0 to the end of memory, in mem_map, in the direct map.
 */
#pragma once

#include "arch/i386/cpu/layout.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct kmem_cache;
struct address_space;

/* page->flags. Bits 0-1 hold the zone, 2-3 unused. */
#define PG_ZONE_MASK 0x3u
#define PG_RESERVED  (1u << 4) /* never in the buddy: kernel image, mem_map, firmware, holes */
#define PG_BUDDY     (1u << 5) /* head of a free block; private is its order */
#define PG_SLAB      (1u << 6)
#define PG_HOT       (1u << 7) /* free, on a hot list */
#define PG_TABLE     (1u << 8) /* page directory or page table */
#define PG_ANON      (1u << 9)
#define PG_PAGECACHE (1u << 10) /* mapping and index are valid */
#define PG_DIRTY     (1u << 11)
#define PG_UPTODATE  (1u << 12)
#define PG_LOCKED    (1u << 13)
#define PG_VMALLOC   (1u << 14)
#define PG_KSTACK    (1u << 15)
#define PG_COMPOUND  (1u << 16) /* head of an allocated block of order > 0; private is its order */
#define PG_MARKED    (1u << 18) /* counted: by a report that is being made, never longer */
#define PG_POISONED  (1u << 17) /* debug builds: free, and filled with PAGE_POISON */

struct page {
	u32 flags;
	s32 refcount; /* users; 0 is free. Owned by get_page() and put_page() */
	s32 mapcount; /* user PTEs that point here */
	union {
		struct address_space *mapping; /* PG_PAGECACHE */
		struct kmem_cache *cache;      /* PG_SLAB */
		void *owner;                   /* debug builds: who allocated it */
	};
	u32 index; /* PG_PAGECACHE: page number in the file; PG_SLAB: the allocator's */
	union {
		struct list_head lru;
		struct page *next_hot; /* PG_HOT */
	};
	u32 private; /* order of a block, or its owner's */
};
static_assert(sizeof(struct page) == 32, "mem_map costs 32 bytes a frame");

#define PAGE_OFFSET KERNEL_BASE

extern struct page *mem_map;
extern u32 max_pfn;     /* frames in mem_map: one past the last usable frame */
extern u32 max_low_pfn; /* one past the last frame of the direct map */

static inline u32 page_to_pfn(const struct page *p)
{
	return (u32)(p - mem_map);
}
static inline struct page *pfn_to_page(u32 pfn)
{
	return mem_map + pfn;
}
static inline bool pfn_valid(u32 pfn)
{
	return pfn < max_pfn;
}
static inline paddr_t page_to_phys(const struct page *p)
{
	return page_to_pfn(p) << PAGE_SHIFT;
}
static inline bool page_is_highmem(const struct page *p)
{
	return page_to_pfn(p) >= max_low_pfn;
}
/* Direct map: physical below LOWMEM_MAX to kernel virtual and back. */
static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(pa + PAGE_OFFSET);
}
static inline paddr_t virt_to_phys(const void *va)
{
	return (vaddr_t)va - PAGE_OFFSET;
}
static inline struct page *virt_to_page(const void *va)
{
	return pfn_to_page(virt_to_phys(va) >> PAGE_SHIFT);
}
/* Kernel address of a lowmem page; NULL for a highmem page (kmap_local it). */
static inline void *page_address(const struct page *p)
{
	return page_is_highmem(p) ? NULL : phys_to_virt(page_to_phys(p));
}

/* References. put_page() of the last one frees the frame (order 0). */
static inline void get_page(struct page *p)
{
	p->refcount++;
}
void page_free_last(struct page *p); /* private half of put_page */
static inline void put_page(struct page *p)
{
	if (--p->refcount == 0)
		page_free_last(p);
}
