/*
 * Anonymous memory: private pages that belong to no file.
 *
 * A page that was never written is the one zero page, mapped read-only as often as asked for; it is
 * in no count and never freed. The first write gets a frame of its own. After fork two address
 * spaces map it read-only; the first of them to write takes a copy, and the one left, seen by a
 * refcount of 1, writes to the frame itself.
 */
#include "lib/panic.h"
#include "mm/kmem/kmap.h"
#include "mm/phys/buddy.h"
#include "mm/vm/fault.h"
#include "mm/vm/unmap.h"

struct page *zero_page;
static u32 zero_entry; /* its address, for entries */
struct mm_stats mm_stats;

__init void anon_init(void)
{
	zero_page = alloc_page(GFP_KERNEL);
	BUG_ON(!zero_page);
	clear_highpage(zero_page);
	zero_entry = page_pte(zero_page, 0).v;
}

/* A frame to be mapped once, in vma. Its contents are the caller's to fill in. */
static __always_inline struct page *new_anon_page(struct vm_area_struct *vma)
{
	struct page *page = alloc_page(GFP_HIGHUSER_MOVABLE);

	if (unlikely(!page))
		return NULL;
	page->flags |= PG_ANON;
	page->mapcount = 1;
	nr_anon_mapped++;
	vma->has_anon = true;
	vma->mm->rss_anon++;
	return page;
}

enum fault_result anon_read_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte)
{
	(void)addr;
	mm_stats.zero_maps++;
	set_pte(pte, (pte_t){zero_entry | (vma->pte_bits & ~PTE_WRITABLE)});
	return FAULT_MINOR;
}

enum fault_result anon_write_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte)
{
	struct page *page = new_anon_page(vma);

	(void)addr;
	if (unlikely(!page))
		return fault_not_minor(vma->mm, FAULT_OOM);
	clear_highpage(page);
	mm_stats.zero_fills++;
	set_pte(pte, page_pte(page, vma->pte_bits));
	return FAULT_MINOR;
}

static __always_inline enum fault_result map_copy(struct vm_area_struct *vma, pte_t *pte,
						  struct page *page)
{
	struct page *copy = new_anon_page(vma);

	if (unlikely(!copy))
		return fault_not_minor(vma->mm, FAULT_OOM);
	copy_highpage(copy, page);
	mm_stats.cow_breaks++;
	set_pte(pte, page_pte(copy, vma->pte_bits));
	return FAULT_MINOR;
}

enum fault_result map_private_copy(struct vm_area_struct *vma, pte_t *pte, struct page *page)
{
	return map_copy(vma, pte, page);
}

/* The first write to a page that only showed the zero page. */
static noinline enum fault_result replace_zero_page(struct vm_area_struct *vma, vaddr_t addr,
						    pte_t *pte)
{
	enum fault_result result = anon_write_fault(vma, addr, pte);

	flush_tlb_page(addr);
	return result;
}

static noinline enum fault_result break_cow(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte)
{
	struct page *page = pte_page(*pte);
	enum fault_result result = map_copy(vma, pte, page);

	if (unlikely(result != FAULT_MINOR))
		return result;
	flush_tlb_page(addr);
	if (likely(page_unmapped(page)))
		vma->mm->rss_anon--;
	else
		--*rss_of_file(vma);
	return FAULT_MINOR;
}

enum fault_result private_write_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte)
{
	struct page *page = pte_page(*pte);

	if (!(page->flags & PG_ANON) || page->refcount != 1)
		return page == zero_page ? replace_zero_page(vma, addr, pte)
					 : break_cow(vma, addr, pte);
	mm_stats.cow_reuses++;
	set_pte(pte, pte_mkyoung((pte_t){pte->v | PTE_WRITABLE}));
	flush_tlb_page(addr);
	return FAULT_MINOR;
}
