/*
 * Second-level tables and page directories of user address spaces.
 *
 * A table is made by the first fault in its 4 MB and freed when the last VMA that reaches into its
 * 4 MB goes: the neighbours of an unmapped range say so, and nobody counts entries. Tables live in
 * highmem where there is some: the current ones are reached through the page-table window, others
 * through a temporary kmap.
 *
 * A table whose entries have all been unmapped is full of zeros, which is what the next one has to
 * be. A few are kept, so that fork does not pay for clearing them. Page directories are kept in the
 * same way with their mm_struct (mm.c): a cached one stays registered, so that new kernel PDEs
 * reach it.
 */
#include "mm/vm/pgtable.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmem/kmap.h"
#include "mm/phys/buddy.h"

#define TABLE_CACHE_MAX 16u /* 64 KB; fork of a small program takes about 3 */

static struct page *table_cache[TABLE_CACHE_MAX];
static u32 table_cache_nr;
u32 nr_table_pages;

static struct page *table_page_alloc(void)
{
	struct page *page;

	if (table_cache_nr)
		return table_cache[--table_cache_nr];
	page = alloc_page(GFP_HIGHUSER);
	if (!page)
		return NULL;
	clear_highpage(page);
	page->flags |= PG_TABLE;
	nr_table_pages++;
	return page;
}

static void table_page_release(struct page *page)
{
	page->flags &= ~PG_TABLE;
	nr_table_pages--;
	put_page(page);
}

static bool table_is_zero(struct page *page)
{
	pte_t *table = kmap_local(page);
	bool zero = pte_skip_none(table, table + PTRS_PER_TABLE) == table + PTRS_PER_TABLE;

	kunmap_local(table);
	return zero;
}

static void table_page_free(struct page *page)
{
	ASSERT(table_is_zero(page));
	if (table_cache_nr < TABLE_CACHE_MAX)
		table_cache[table_cache_nr++] = page;
	else
		table_page_release(page);
}

u32 pgtable_drain(void)
{
	u32 drained = table_cache_nr;

	while (table_cache_nr)
		table_page_release(table_cache[--table_cache_nr]);
	return drained;
}

int pte_table_alloc(struct mm_struct *mm, vaddr_t addr)
{
	struct page *page = table_page_alloc();

	if (!page)
		return -ENOMEM;
	mm->nr_tables++;
	set_pde(&mm->pgdir.entries[pde_index(addr)],
		mk_pde(make_pfn(page_to_pfn(page)), PDE_USER_TABLE));
	return 0;
}

void free_table_range(struct mm_struct *mm, vaddr_t low, vaddr_t high)
{
	for (; low < high; low += PAGE_SIZE_LARGE) {
		pde_t *slot = &mm->pgdir.entries[pde_index(low)];
		pde_t pde = *slot;

		if (!pde_present(pde))
			continue;
		set_pde(slot, (pde_t){0});
		/* The window's own translation, and with it what the processor remembers of the
		 * directory. */
		if (mm == current_mm)
			flush_tlb_page((vaddr_t)pte_of(low));
		mm->nr_tables--;
		table_page_free(pfn_to_page(pde_pfn(pde).n));
	}
}

pte_t *pte_skip_none(pte_t *pte, pte_t *end)
{
	while (end - pte >= 4 && !(pte[0].v | pte[1].v | pte[2].v | pte[3].v))
		pte += 4;
	while (pte < end && pte_none(*pte))
		pte++;
	return pte;
}

pte_t *pte_map_other(struct mm_struct *mm, vaddr_t addr)
{
	pde_t pde = mm->pgdir.entries[pde_index(addr)];

	return (pte_t *)kmap_local(pfn_to_page(pde_pfn(pde).n)) + pte_index(addr);
}

void pte_unmap_other(pte_t *pte)
{
	kunmap_local((void *)((vaddr_t)pte & PAGE_MASK));
}

int pgdir_alloc(struct pgdir *pgdir)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	page->flags |= PG_TABLE;
	nr_table_pages++;
	pgdir->phys = page_to_phys(page);
	pgdir->entries = page_address(page);
	memset(pgdir->entries, 0, PAGE_SIZE);
	pgdir_register(pgdir);
	return 0;
}

void pgdir_free(struct pgdir *pgdir)
{
	pgdir_unregister(pgdir);
	table_page_release(virt_to_page(pgdir->entries));
}

void tlb_flush_range(vaddr_t start, vaddr_t end)
{
	if (end - start > TLB_BATCH_PAGES * PAGE_SIZE) {
		flush_tlb_user();
		return;
	}
	for (; start < end; start += PAGE_SIZE)
		flush_tlb_page(start);
}
