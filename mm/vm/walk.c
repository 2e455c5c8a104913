/*
 * The translation of one address in any address space, for reports.
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
