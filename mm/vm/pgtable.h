/*
 * User page tables: how this room uses the software bits of an entry, tables made and freed, and
 * TLB flushes in batches.
 *
 * A user entry is one of
 *
 *	0                              nothing here yet
 *	frame | PTE_PRESENT | rights   mapped
 *	frame | PTE_PROTNONE           mapped, but the VMA permits nothing (PROT_NONE)
 *
 * PTE_OWNED says that a write needs neither a copy nor a question: the frame is anonymous and only
 * ours, or it is a shared file page already marked dirty. In a VMA that permits writing, PTE_WRITE
 * is set exactly where PTE_OWNED is; so mprotect() can take the right away and give it back without
 * a look at the frame.
 */
#pragma once

#include "mm/vm/mm.h"

#define PTE_OWNED      0x200u
#define PTE_PROTNONE   0x400u
#define PTE_SOFT_DIRTY 0x800u /* written since soft_dirty_clear() took the mark */
/* what a write fault adds */
#define PTE_WRITABLE (PTE_WRITE | PTE_DIRTY | PTE_OWNED | PTE_SOFT_DIRTY)

static_assert(((PTE_OWNED | PTE_PROTNONE | PTE_SOFT_DIRTY) & ~PTE_SOFT) == 0,
	      "bits that the processor ignores");

#define PTE_NONE ((pte_t){0})

static inline struct page *pte_page(pte_t entry)
{
	return pfn_to_page(pte_pfn(entry).n);
}
static __always_inline pte_t page_pte(const struct page *page, u32 bits)
{
	return mk_pte(make_pfn(page_to_pfn(page)), bits);
}
/* The entry without its mark; the next write faults, and sets it again. The caller flushes. */
static __always_inline pte_t soft_dirty_clear(pte_t entry)
{
	return (pte_t){entry.v & ~(PTE_WRITE | PTE_OWNED | PTE_SOFT_DIRTY)};
}
/* ---- tables ---- */

#define PDE_USER_TABLE (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

void pgtable_init(void);
/* Makes the table that holds the entry of addr. 0, or -ENOMEM. */
__must_check int pte_table_alloc(struct mm_struct *mm, vaddr_t addr);
/* Frees those of the tables of [low, high), whole tables, that there are. */
void free_table_range(struct mm_struct *mm, vaddr_t low, vaddr_t high);
/*
 * Frees the tables of [start, end) of which nothing lies outside [floor, ceiling), the free space
 * around. All their entries must be PTE_NONE and their TLB entries flushed.
 */
static __always_inline void free_tables(struct mm_struct *mm, vaddr_t start, vaddr_t end,
					vaddr_t floor, vaddr_t ceiling)
{
	vaddr_t low = ALIGN_DOWN(start, PAGE_SIZE_LARGE);
	vaddr_t high = ALIGN_UP(end, PAGE_SIZE_LARGE);

	if (low < floor)
		low += PAGE_SIZE_LARGE;
	if (high > ceiling)
		high -= PAGE_SIZE_LARGE;
	if (low < high)
		free_table_range(mm, low, high);
}

static __always_inline bool pte_table_exists(const struct mm_struct *mm, vaddr_t addr)
{
	return pde_present(mm->pgdir.entries[pde_index(addr)]);
}
/* The entry of addr, whose table exists; valid up to the end of that table, until pte_unmap(). */
pte_t *pte_map_other(struct mm_struct *mm, vaddr_t addr);
void pte_unmap_other(pte_t *pte);
static __always_inline pte_t *pte_map(struct mm_struct *mm, vaddr_t addr)
{
	return likely(mm == current_mm) ? pte_of(addr) : pte_map_other(mm, addr);
}
/* pte: any entry of the table. */
static __always_inline void pte_unmap(struct mm_struct *mm, pte_t *pte)
{
	if (unlikely(mm != current_mm))
		pte_unmap_other(pte);
}
/* End of the part of [addr, end) that one table covers. */
static __always_inline vaddr_t table_end(vaddr_t addr, vaddr_t end)
{
	vaddr_t boundary = (addr | (PAGE_SIZE_LARGE - 1)) + 1;

	return MIN(boundary, end);
}
/* The first entry from pte on that is not PTE_NONE, or end. Empty stretches go by in fours. */
pte_t *pte_skip_none(pte_t *pte, pte_t *end);
/* Page directories travel with their mm_struct, which is cached; the user part of a free one is
 * zero. */
__must_check int pgdir_alloc(struct pgdir *pgdir);
void pgdir_free(struct pgdir *pgdir);
u32 pgtable_drain(void); /* frames freed from the cache of tables */
extern u32 nr_table_pages;

/* ---- TLB ---- */

/*
 * Entries that were taken away or weakened lie in [start, end). Few pages are flushed one by one,
 * many by one reload of CR3. Frames may be freed before the flush: user mode does not run in
 * between, and the kernel touches no user page.
 */
#define TLB_BATCH_PAGES \
	32u /* a reload costs about what so many INVLPG and refills do (Linux: 33) */

struct tlb_batch {
	vaddr_t start, end;
};
#define TLB_BATCH_EMPTY ((struct tlb_batch){~0u, 0})

/* Of the entries [first, last) of one table of mm. Nothing if mm is not loaded: loading it flushes. */
static __always_inline void tlb_batch_add(struct tlb_batch *batch, const struct mm_struct *mm,
					  const pte_t *first, const pte_t *last)
{
	vaddr_t start, end;

	if (unlikely(mm != current_mm))
		return;
	start = pte_vaddr(first);
	end = pte_vaddr(last - 1) + PAGE_SIZE;
	if (start < batch->start)
		batch->start = start;
	if (end > batch->end)
		batch->end = end;
}
void tlb_flush_range(vaddr_t start, vaddr_t end);
static __always_inline void tlb_batch_flush(const struct tlb_batch *batch)
{
	if (!batch->end)
		return;
	if (batch->end - batch->start == PAGE_SIZE)
		flush_tlb_page(batch->start);
	else
		tlb_flush_range(batch->start, batch->end);
}
