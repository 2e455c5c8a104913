/*
 * MADV_FREE: see lazyfree.h.
 *
 * An entry for an anonymous frame is dirty from its making on, since it is made by a write. Advice takes
 * the dirty bit away, and the processor sets it again at the next write: so clean is what may go. No list of
 * pages is kept. When memory is short all address spaces that were ever so advised are looked through,
 * which costs time in proportion to what is mapped there, and seldom.
 */
#include "mm/vm/lazyfree.h"
#include "mm/vm/unmap.h"
#include "mm/vm/vma.h"

static LIST_HEAD(advised); /* by mm->lazyfree_node */

void lazyfree_list(struct mm_struct *mm)
{
	if (mm->lazyfree)
		return;
	mm->lazyfree = true;
	list_add_tail(&mm->lazyfree_node, &advised);
}

void lazyfree_unlist(struct mm_struct *mm)
{
	if (!mm->lazyfree)
		return;
	mm->lazyfree = false;
	list_del(&mm->lazyfree_node);
}

static bool is_anon(pte_t entry)
{
	return !pte_none(entry) && (pte_page(entry)->flags & PG_ANON);
}

void lazyfree_mark(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct mm_struct *mm = vma->mm;
	struct tlb_batch batch = TLB_BATCH_EMPTY;
	vaddr_t addr, next;

	if (!vma->has_anon)
		return;
	lazyfree_list(mm);
	for (addr = start; addr < end; addr = next) {
		pte_t *pte, *first, *last;

		next = table_end(addr, end);
		if (!pte_table_exists(mm, addr))
			continue;
		first = pte_map(mm, addr);
		last = first + ((next - addr) >> PAGE_SHIFT);
		for (pte = pte_skip_none(first, last); pte < last; pte++)
			if (is_anon(*pte) && (pte->v & PTE_OWNED))
				set_pte(pte, (pte_t){pte->v & ~PTE_DIRTY});
		tlb_batch_add(&batch, mm, first, last);
		pte_unmap(mm, first);
	}
	tlb_batch_flush(&batch);
}

/* => pages that went. */
static u32 drop_clean(struct vm_area_struct *vma)
{
	u32 nr_dropped = 0;
	vaddr_t addr, next;

	for (addr = vma->start; addr < vma->end; addr = next) {
		struct pt_walk walk;

		next = addr + PAGE_SIZE;
		if (!pte_table_exists(vma->mm, addr)) {
			next = table_end(addr, vma->end);
			continue;
		}
		mm_walk(vma->mm, addr, &walk);
		if (!is_anon(walk.pte) || (walk.pte.v & PTE_DIRTY))
			continue;
		zap_and_flush(vma, addr, next);
		nr_dropped++;
	}
	return nr_dropped;
}

u32 lazyfree_reclaim(void)
{
	u32 nr_dropped = 0;

	while (!list_empty(&advised)) {
		struct mm_struct *mm = list_first_entry(&advised, struct mm_struct, lazyfree_node);
		struct vm_area_struct *vma;

		lazyfree_unlist(mm);
		for_each_vma (mm, vma)
			if (vma->has_anon && !vma->mapping && !(vma->flags & VM_LOCKED))
				nr_dropped += drop_clean(vma);
	}
	return nr_dropped;
}
