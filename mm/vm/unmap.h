/*
 * Taking pages out of an address space. Private to this room. Any mm, loaded or not.
 */
#pragma once

#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/pgtable.h"

/* Clears the entries of [start, end), which lies within vma, and gives their frames up. Tables
 * stay; the caller flushes. */
void zap_populated(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, struct tlb_batch *batch);
static __always_inline void zap_range(struct vm_area_struct *vma, vaddr_t start, vaddr_t end,
				      struct tlb_batch *batch)
{
	if (vma->populated)
		zap_populated(vma, start, end, batch);
}
/* The same with its own flush. */
void zap_and_flush(struct vm_area_struct *vma, vaddr_t start, vaddr_t end);
/* Unmaps the pages first to last of as wherever they are mapped, or also private copies of them. */
void unmap_mapping(struct address_space *as, u32 first, u32 last, bool copies_too);

extern u32 nr_anon_mapped; /* anonymous frames with a mapcount */
extern u32 nr_file_mapped; /* frames of the page cache with one */

/* The counter of vma's mm for pages of its file. */
static __always_inline u32 *rss_of_file(struct vm_area_struct *vma)
{
	return vma->mapping && vma->mapping->shmem ? &vma->mm->rss_shmem : &vma->mm->rss_file;
}
/* The last entry for an anonymous frame went, but somebody still holds a reference. */
void forget_anon(struct page *page);
/* A user entry for page goes. => whether it was anonymous. */
static __always_inline bool page_unmapped(struct page *page)
{
	if (unlikely(!(page->flags & PG_ANON))) {
		nr_file_mapped -= --page->mapcount == 0;
		put_page(page);
		return false;
	}
	if (--page->refcount == 0) { /* no reference, so no entry either */
		page->mapcount = 0;
		nr_anon_mapped--;
		page_free_last(page);
	} else if (unlikely(--page->mapcount == 0)) {
		forget_anon(page);
	}
	return true;
}
