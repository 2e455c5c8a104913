/*
 * Walks of page tables for observers: what lies at one address, and the entries of a range. Both work
 * on any address space, wherever its tables lie.
 */
#include "mm/kmem/kmap.h"
#include "mm/vm/pgtable.h"

void mm_walk(struct mm_struct *mm, vaddr_t addr, struct pt_walk *out)
{
	const struct pgdir *pgdir = mm ? &mm->pgdir : &kernel_pgdir;
	pte_t *table;

	*out = (struct pt_walk){.cr3 = pgdir->phys, .pde = pgdir->entries[pde_index(addr)]};
	if (!pde_present(out->pde) || pde_large(out->pde))
		return;
	table = kmap_local_pfn(pde_pfn(out->pde));
	out->pte = table[pte_index(addr)];
	kunmap_local(table);
}

void mm_visit_entries(struct mm_struct *mm, vaddr_t start, vaddr_t end,
		      struct entry_visitor *visitor)
{
	vaddr_t addr, next;

	for (addr = start; addr < end; addr = next) {
		pte_t *pte, *pte_end;

		next = table_end(addr, end);
		if (!pte_table_exists(mm, addr))
			continue;
		pte = pte_map(mm, addr);
		pte_end = pte + ((next - addr) >> PAGE_SHIFT);
		visitor->visit(visitor, pte, pte_end, addr);
		pte_unmap(mm, pte);
	}
}

void vma_visit_entries(struct vm_area_struct *vma, struct entry_visitor *visitor)
{
	if (vma->populated)
		mm_visit_entries(vma->mm, vma->start, vma->end, visitor);
}
