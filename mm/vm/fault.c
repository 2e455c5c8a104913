/*
 * Page faults: which case is it?
 *
 *	VMA holds addr | it permits | entry      | access | mapping        | then
 *	---------------+------------+------------+--------+----------------+-------------------------------------------
 *	no             |            |            |        |                | a stack above grows, else FAULT_SEGV_MAPERR
 *	yes            | no         |            |        |                | FAULT_SEGV_ACCERR
 *	yes            | yes        | none       | read   | anonymous      | the zero page, read-only
 *	yes            | yes        | none       | write  | anonymous      | a cleared frame
 *	yes            | yes        | none       | read   | file           | its page-cache page, read-only; neighbours too
 *	yes            | yes        | none       | write  | file, private  | a copy of the page-cache page
 *	yes            | yes        | none       | write  | file, shared   | its page-cache page, writable, now dirty
 *	yes            | yes        | read-only  | write  | private        | last owner: made writable; else a copy
 *	yes            | yes        | read-only  | write  | shared         | made writable, now dirty
 *	yes            | yes        | sufficient |        |                | the TLB was behind: flush and go on
 *
 * A PROT_NONE entry (PTE_PROTNONE) cannot get here with rights: mprotect() changes all entries with the VMA.
 *
 * Nothing sleeps but the reading of a file page. After that the VMA may be gone, so nothing is mapped then and the
 * instruction faults again, this time with the page in the cache.
 */
#include "mm/vm/fault.h"

static __always_inline enum fault_result entry_fault(struct vm_area_struct *vma, vaddr_t addr,
						     bool write)
{
	pte_t *pte = pte_of(addr);
	pte_t entry = *pte;

	if (pte_none(entry)) {
		vma->populated = true;
		if (likely(!vma->mapping))
			return write ? anon_write_fault(vma, addr, pte)
				     : anon_read_fault(vma, addr, pte);
		return write ? file_write_fault(vma, addr, pte) : file_read_fault(vma, addr, pte);
	}
	if (write && !pte_write(entry))
		return vma->flags & VM_SHARED ? shared_write_fault(vma, addr, pte)
					      : private_write_fault(vma, addr, pte);
	flush_tlb_page(addr);
	return FAULT_MINOR;
}

/* The VMA that holds addr, or a stack that could be made to reach it; NULL: there is none. */
static struct vm_area_struct *find_or_grow(struct mm_struct *mm, vaddr_t addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (!vma || (addr < vma->start && !expand_stack(mm, vma, addr & PAGE_MASK)))
		return NULL;
	return vma;
}

enum fault_result handle_mm_fault(struct mm_struct *mm, vaddr_t addr, u32 flags)
{
	struct vm_area_struct *vma = mm->cache;
	enum fault_result result;
	u32 needed = VM_READ | VM_WRITE | VM_EXEC; /* i386 cannot forbid reading alone */

	if (unlikely(!vma || addr - vma->start >= vma->end - vma->start)) {
		vma = find_or_grow(mm, addr);
		if (!vma)
			return FAULT_SEGV_MAPERR;
	}
	if (flags & FAULT_FLAG_WRITE)
		needed = VM_WRITE;
	else if (unlikely(flags & FAULT_FLAG_EXEC))
		needed = VM_EXEC;
	if (unlikely(!(vma->flags & needed)))
		return FAULT_SEGV_ACCERR;
	if (unlikely(!pte_table_exists(mm, addr)) && pte_table_alloc(mm, addr))
		return FAULT_OOM;
	result = entry_fault(vma, addr & PAGE_MASK, flags & FAULT_FLAG_WRITE);
	if (likely(result == FAULT_MINOR))
		mm->min_flt++;
	else if (result == FAULT_MAJOR)
		mm->maj_flt++;
	return result;
}
