/*
 * Stacks: VMAs that grow downwards on a fault below them.
 *
 * Any address counts, not only those near the stack pointer (Linux does the same since 5.0), as
 * long as the stack stays within RLIMIT_STACK and STACK_GUARD_GAP free bytes remain to the
 * accessible VMA beneath: a function with a large frame would step over a single guard page.
 */
#include "lib/err.h"
#include "mm/vm/fault.h"
#include "mm/vm/vma.h"

struct vm_area_struct *expand_stack(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t addr)
{
	const struct vm_area_struct *below = vma->prev;
	u32 grow_pages = (vma->start - addr) >> PAGE_SHIFT;

	if (!(vma->flags & VM_GROWSDOWN) || addr < mmap_min_addr)
		return NULL;
	if (below && !(below->flags & VM_GROWSDOWN) &&
	    (below->flags & (VM_READ | VM_WRITE | VM_EXEC)) && addr - below->end < STACK_GUARD_GAP)
		return NULL;
	if (vma->end - addr > mm->stack_limit_bytes || !may_expand_vm(mm, vma->flags, grow_pages) ||
	    !may_lock(mm, vma->flags, grow_pages) || !may_commit(mm, vma->flags, grow_pages))
		return NULL;
	vma_resize(mm, vma, addr, vma->end);
	return vma_merge(mm, vma);
}

int setup_stack_vma(struct mm_struct *mm, u32 initial_bytes, bool executable)
{
	vaddr_t start = STACK_TOP - ALIGN_UP(initial_bytes, PAGE_SIZE);
	struct vm_area_struct *vma, *next = find_vma(mm, start);

	if (next)
		return -EEXIST;
	vma = commit_permits(mm, (STACK_TOP - start) >> PAGE_SHIFT) ? vma_alloc() : NULL;
	if (!vma)
		return -ENOMEM;
	vma_fill(vma, start, STACK_TOP,
		 VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_GROWSDOWN |
			 VM_STACK | VM_ACCOUNT | (executable ? VM_EXEC : 0));
	vma_insert(mm, vma, NULL);
	return 0;
}
