/*
 * Page faults: which case is it?
 *
 *	VMA | permits | entry      | access | mapping       | then
 *	----+---------+------------+--------+---------------+----------------------------------
 *	no  |         |            |        |               | a stack above grows, or MAPERR
 *	yes | no      |            |        |               | ACCERR
 *	yes | yes     | none       | read   | anonymous     | the zero page, read-only
 *	yes | yes     | none       | write  | anonymous     | a cleared frame
 *	yes | yes     | none       | read   | file          | the cached page, and those around it
 *	yes | yes     | none       | write  | file, private | a copy of the cached page
 *	yes | yes     | none       | write  | file, shared  | the cached page, writable, now dirty
 *	yes | yes     | read-only  | write  | private       | last owner: made writable; else copied
 *	yes | yes     | read-only  | write  | shared        | made writable, now dirty
 *	yes | yes     | sufficient |        |               | the TLB was behind: flush and go on
 *
 * A PROT_NONE entry (PTE_PROTNONE) cannot get here with rights: mprotect() changes all entries with
 * the VMA.
 *
 * Nothing sleeps but the reading of a file page. After that the VMA may be gone, so nothing is
 * mapped then and the instruction faults again, this time with the page in the cache.
 */
#include "mm/vm/fault.h"
#include "mm/vm/vma.h"

static enum fault_result spurious_fault(vaddr_t addr)
{
	flush_tlb_page(addr);
	return FAULT_MINOR;
}

enum fault_result handle_mm_fault(struct mm_struct *mm, vaddr_t addr, u32 flags)
{
	struct vm_area_struct *vma = mm->cache;
	u32 write = flags & FAULT_FLAG_WRITE, needed = write;
	pte_t *pte;

	if (unlikely(!vma || !vma_holds(vma, addr))) {
		vma = find_extend_vma(mm, addr);
		if (!vma)
			return FAULT_SEGV_MAPERR;
	}
	static_assert(FAULT_FLAG_WRITE == VM_WRITE, "what a write needs");
	if (!write) { /* i386 cannot forbid reading alone */
		needed = VM_READ | VM_WRITE | VM_EXEC;
		if (unlikely(flags & FAULT_FLAG_EXEC))
			needed = VM_EXEC;
	}
	if (unlikely(!(vma->flags & needed)))
		return FAULT_SEGV_ACCERR;
	if (unlikely(!pte_table_exists(mm, addr)) && pte_table_alloc(mm, addr))
		return FAULT_OOM;

	mm->min_flt++; /* who finds that it is something else takes it back: fault_not_minor() */
	mm_stats.faults++;
	vma->populated = true;
	pte = pte_of(addr);
	if (pte_none(*pte)) {
		if (likely(!vma->mapping))
			return write ? anon_write_fault(vma, addr, pte)
				     : anon_read_fault(vma, addr, pte);
		return write ? file_write_fault(vma, addr, pte) : file_read_fault(vma, addr, pte);
	}
	if (likely(write && !pte_write(*pte)))
		return vma->flags & VM_SHARED ? shared_write_fault(vma, addr, pte)
					      : private_write_fault(vma, addr, pte);
	return spurious_fault(addr);
}
