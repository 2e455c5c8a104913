/*
 * munmap, and whatever else takes pages out of an address space.
 *
 * The work is proportional to the frames mapped: a VMA in which no fault ever happened is not
 * looked at, 4 MB without a table are one step, and within a table empty entries go by in fours.
 * Tables go when no VMA reaches into their 4 MB any more, which the neighbours of the unmapped
 * range tell.
 */
#include "mm/vm/unmap.h"
#include "lib/err.h"
#include "mm/vm/lazyfree.h"
#include "mm/vm/vma.h"

u32 nr_anon_mapped, nr_file_mapped;

u32 page_cache_nr_mapped(void)
{
	return nr_file_mapped;
}

void forget_anon(struct page *page)
{
	page->flags &= ~PG_ANON;
	nr_anon_mapped--;
}

/* One table's part, from a used entry on. => one past the last used entry. */
static pte_t *zap_entries(struct vm_area_struct *vma, pte_t *pte, pte_t *end)
{
	u32 nr_anon = 0, nr_file = 0;

	do {
		pte_t entry = *pte;
		struct page *page = pte_page(entry);

		if (pte_none(entry)) {
			pte_t *next = pte_skip_none(pte, end);

			if (next == end)
				break;
			pte = next;
			continue;
		}
		set_pte(pte++, PTE_NONE);
		if (unlikely(page == zero_page))
			continue;
		if (likely(page_unmapped(page)))
			nr_anon++;
		else
			nr_file++;
	} while (pte < end);
	vma->mm->rss_anon -= nr_anon;
	if (unlikely(nr_file))
		*rss_of_file(vma) -= nr_file;
	return pte;
}

static void update_hiwater(struct mm_struct *mm)
{
	u32 rss = mm_rss(mm);

	if (rss > mm->hiwater_rss)
		mm->hiwater_rss = rss;
}

void zap_populated(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, struct tlb_batch *batch)
{
	struct mm_struct *mm = vma->mm;
	vaddr_t addr, next;

	update_hiwater(mm);
	for (addr = start; addr < end; addr = next) {
		pte_t *pte, *pte_end, *first;

		next = table_end(addr, end);
		if (!pte_table_exists(mm, addr))
			continue;
		pte = pte_map(mm, addr);
		pte_end = pte + ((next - addr) >> PAGE_SHIFT);
		first = pte_none(*pte) ? pte_skip_none(pte, pte_end) : pte;
		if (first < pte_end)
			tlb_batch_add(batch, mm, first, zap_entries(vma, first, pte_end));
		pte_unmap(mm, pte);
	}
}

void zap_and_flush(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct tlb_batch batch = TLB_BATCH_EMPTY;

	zap_range(vma, start, end, &batch);
	tlb_batch_flush(&batch);
}

/*
 * munmap(2). The VMAs at the ends are cut first, the only step that can fail. Then go the pages,
 * the TLB entries, the tables, and the VMAs. ops->close may sleep, so it comes when the address
 * space is in order again.
 */
int do_munmap(struct mm_struct *mm, vaddr_t start, u32 len)
{
	struct vm_area_struct *vma, *first;
	struct tlb_batch batch = TLB_BATCH_EMPTY;
	vaddr_t end;

	if ((start & ~PAGE_MASK) || start > USER_END || len > USER_END - start || !len)
		return -EINVAL;
	end = start + ALIGN_UP(len, PAGE_SIZE);
	first = find_vma(mm, start);
	if (!first || first->start >= end)
		return 0;
	if (first->start < start && first->end > end && mm->nr_vmas >= max_map_count)
		return -ENOMEM;
	if (first->start < start || first->end != end) {
		first = vma_isolate_range(mm, first, start, end);
		if (!first)
			return -ENOMEM;
	}
	for (vma = first; vma && vma->start < end; vma = vma->next)
		zap_range(vma, vma->start, vma->end, &batch);
	tlb_batch_flush(&batch);
	free_tables(mm, start, end, first->prev ? first->prev->end : 0,
		    vma ? vma->start : USER_END);
	vma_remove_and_close(mm, first, vma);
	return 0;
}

void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *next;
	struct tlb_batch batch = TLB_BATCH_EMPTY;

	for_each_vma (mm, vma)
		zap_range(vma, vma->start, vma->end, &batch);
	tlb_batch_flush(&batch);
	for_each_vma (mm, vma) {
		free_tables(mm, vma->start, vma->end, 0, vma->next ? vma->next->start : USER_END);
		if (vma->mapping)
			list_del(&vma->mapping_node);
	}
	vma = mm->first;
	mm->vmas = RB_ROOT;
	mm->first = mm->last = mm->cache = NULL;
	mm->nr_vmas = 0;
	mm->total_vm = mm->data_vm = mm->stack_vm = mm->exec_vm = mm->other_vm = 0;
	lazyfree_unlist(mm);
	vm_committed -= mm->account_vm;
	mm->account_vm = mm->locked_vm = 0;
	mm->code_limit = 0;
	for (; vma; vma = next) {
		next = vma->next;
		vma_close(vma);
	}
}

/* The entries of [start, end) that show the file's own pages. */
static void zap_uncopied(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	for (; start < end; start += PAGE_SIZE) {
		struct pt_walk walk;

		mm_walk(vma->mm, start, &walk);
		if (!pte_none(walk.pte) && !(pte_page(walk.pte)->flags & PG_ANON))
			zap_and_flush(vma, start, start + PAGE_SIZE);
	}
}

void unmap_mapping(struct address_space *as, u32 first, u32 last, bool copies_too)
{
	struct vm_area_struct *vma;

	list_for_each_entry (vma, &as->vmas, mapping_node) {
		u32 low = MAX(first, vma->pgoff), high = MIN(last, vma->pgoff + vma_pages(vma) - 1);
		vaddr_t start = vma->start + (low - vma->pgoff) * PAGE_SIZE;
		vaddr_t end = vma->start + (high + 1 - vma->pgoff) * PAGE_SIZE;

		if (low > high || !vma->populated)
			continue;
		if (copies_too || !vma->has_anon)
			zap_and_flush(vma, start, end);
		else
			zap_uncopied(vma, start, end);
	}
}
