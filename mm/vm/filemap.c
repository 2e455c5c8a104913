/*
 * Faults in mappings of files and of shared memory.
 *
 * All of them map pages of the page cache: privately until the first write, which takes an
 * anonymous copy; shared for good, but read-only until the first write, so that a dirty page is
 * known the moment it becomes so.
 *
 * A read fault whose page is cached maps the cached pages around it as well, as far as one leaf of
 * the cache's tree and one 64 KB stretch of the address space reach: a few instructions each now,
 * against a fault each later.
 */
#include "lib/err.h"
#include "mm/phys/buddy.h"
#include "mm/vm/fault.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/unmap.h"
#include "mm/vm/vma.h"

#define FAULT_AROUND_PAGES 16u /* Linux's measured choice: 64 KB */

static __always_inline u32 file_index(const struct vm_area_struct *vma, vaddr_t addr)
{
	return vma->pgoff + ((addr - vma->start) >> PAGE_SHIFT);
}

static __always_inline u32 file_pages(const struct address_space *as)
{
	return (u32)((as->size_bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

/* A new entry for a page-cache page. */
static __always_inline void map_cached(pte_t *pte, struct page *page, u32 bits)
{
	get_page(page);
	nr_file_mapped += page->mapcount == 0;
	page->mapcount++;
	set_pte(pte, page_pte(page, bits));
}

/* Maps page `slots[0]` at pte and what is cached and unmapped around it. */
static void map_around(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte,
		       const struct page_cache_run *run, u32 pages_to_end)
{
	u32 bits = vma->pte_bits & ~PTE_WRITABLE, mapped = 0;
	u32 in_stretch = pte_index(addr) & (FAULT_AROUND_PAGES - 1);
	s32 before = MIN(MIN(in_stretch, run->before), (addr - vma->start) >> PAGE_SHIFT);
	s32 after = MIN(MIN(FAULT_AROUND_PAGES - 1 - in_stretch, run->after), pages_to_end);
	s32 i;

	for (i = -before; i <= after; i++) {
		struct page *page = run->slot[i];

		if (!pte_none(pte[i]) || !page || !(page->flags & PG_UPTODATE))
			continue;
		map_cached(pte + i, page, bits);
		mapped++;
	}
	*rss_of_file(vma) += mapped;
	mm_stats.file_maps += mapped;
}

/*
 * The cached page of addr with a new reference. => FAULT_MINOR and *page, or a result to return:
 * FAULT_MAJOR if it had to be read, for the address space may have changed meanwhile.
 */
static __always_inline enum fault_result file_page(struct vm_area_struct *vma, vaddr_t addr,
						   struct page **page)
{
	struct address_space *as = vma->mapping;
	struct mm_struct *mm = vma->mm;
	u32 index = file_index(vma, addr);
	bool major = false;

	if (index >= file_pages(as))
		return fault_not_minor(mm, FAULT_BUS);
	*page = page_cache_get(as, index, &major); /* may sleep: vma may be gone */
	if (IS_ERR(*page))
		return fault_not_minor(mm, PTR_ERR(*page) == -ENOMEM ? FAULT_OOM : FAULT_BUS);
	if (likely(!major))
		return FAULT_MINOR;
	put_page(*page);
	return fault_not_minor(mm, FAULT_MAJOR);
}

enum fault_result file_read_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte)
{
	u32 index = file_index(vma, addr), nr_pages = file_pages(vma->mapping);
	struct page_cache_run run;
	enum fault_result result;
	struct page *page;

	if (unlikely(index >= nr_pages))
		return fault_not_minor(vma->mm, FAULT_BUS);
	if (likely(page_cache_run(vma->mapping, index, &run))) {
		u32 to_vma_end = (vma->end - 1 - addr) >> PAGE_SHIFT; /* addr is not rounded */

		map_around(vma, addr, pte, &run, MIN(to_vma_end, nr_pages - 1 - index));
		return FAULT_MINOR;
	}
	result = file_page(vma, addr, &page);
	if (result != FAULT_MINOR)
		return result;
	map_cached(pte, page, vma->pte_bits & ~PTE_WRITABLE);
	put_page(page);
	++*rss_of_file(vma);
	mm_stats.file_maps++;
	return FAULT_MINOR;
}

static __always_inline enum fault_result map_shared(struct vm_area_struct *vma, pte_t *pte,
						    struct page *page)
{
	page->flags |= PG_DIRTY;
	map_cached(pte, page, vma->pte_bits);
	++*rss_of_file(vma);
	mm_stats.file_maps++;
	return FAULT_MINOR;
}

enum fault_result file_write_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte)
{
	struct page *page;
	enum fault_result result = file_page(vma, addr, &page);

	if (unlikely(result != FAULT_MINOR))
		return result;
	result = vma->flags & VM_SHARED ? map_shared(vma, pte, page)
					: map_private_copy(vma, pte, page);
	put_page(page);
	return result;
}

enum fault_result shared_write_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte)
{
	(void)vma;
	pte_page(*pte)->flags |= PG_DIRTY;
	set_pte(pte, pte_mkyoung((pte_t){pte->v | PTE_WRITABLE}));
	flush_tlb_page(addr);
	return FAULT_MINOR;
}
