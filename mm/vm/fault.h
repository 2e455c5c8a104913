/*
 * The cases of a page fault, between fault.c and those who handle them. Private to this room. pte
 * is the entry of addr in the current address space; its table exists. The rights were checked.
 * addr is the faulting address, not rounded.
 */
#pragma once

#include "mm/vm/mm.h"
#include "mm/vm/pgtable.h"

/* A fault was counted as minor, but is not. => result */
static inline enum fault_result fault_not_minor(struct mm_struct *mm, enum fault_result result)
{
	mm->min_flt--;
	if (result == FAULT_MAJOR) {
		mm->maj_flt++;
		mm_stats.major_faults++;
	}
	return result;
}

/* anon.c */
void anon_init(void);
enum fault_result anon_read_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte);
enum fault_result anon_write_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte);
/* A write to a read-only entry of a private mapping. */
enum fault_result private_write_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte);
/* Maps a copy of page, which stays the caller's. */
enum fault_result map_private_copy(struct vm_area_struct *vma, pte_t *pte, struct page *page);

/* filemap.c */
enum fault_result file_read_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte);
enum fault_result file_write_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte);
/* A write to a read-only entry of a shared mapping. */
enum fault_result shared_write_fault(struct vm_area_struct *vma, vaddr_t addr, pte_t *pte);

/* stack.c: makes a VM_GROWSDOWN VMA reach down to addr, if limits and neighbours permit. => the VMA
 * that holds addr then, or NULL. */
struct vm_area_struct *expand_stack(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t addr);
