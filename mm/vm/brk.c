/*
 * brk: the heap, one VMA that grows behind the program's bss.
 */
#include "lib/err.h"
#include "mm/vm/populate.h"
#include "mm/vm/vma.h"

#define HEAP_FLAGS \
	(VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_HEAP | VM_ACCOUNT)

/* Adds [start, end), which must be free with a page to spare. */
static int heap_grow(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *next = find_vma(mm, start), *vma;
	u32 nr_pages = (end - start) >> PAGE_SHIFT, flags = HEAP_FLAGS | mm->def_flags;

	if (next && end + PAGE_SIZE > vma_guard_start(next))
		return -ENOMEM;
	if (mm->nr_vmas > max_map_count || !may_lock(mm, flags, nr_pages) ||
	    !may_expand_vm(mm, HEAP_FLAGS, nr_pages) || !commit_permits(mm, nr_pages))
		return -ENOMEM;
	vma = vma_alloc();
	if (!vma)
		return -ENOMEM;
	vma_fill(vma, start, end, flags);
	vma_add(mm, vma, next);
	return 0;
}

/* RLIMIT_DATA, where there is one: data, bss and heap together. */
static noinline bool within_data_limit(const struct mm_struct *mm, vaddr_t new_brk)
{
	u32 data = mm->end_data - mm->start_data;

	return data <= mm->brk_limit_bytes && new_brk - mm->start_brk <= mm->brk_limit_bytes - data;
}

vaddr_t do_brk(struct mm_struct *mm, vaddr_t new_brk)
{
	vaddr_t old_end = ALIGN_UP(mm->brk, PAGE_SIZE), new_end = ALIGN_UP(new_brk, PAGE_SIZE);

	if (new_brk < mm->start_brk || new_brk > USER_END)
		return mm->brk;
	if (unlikely(mm->brk_limit_bytes != 0xFFFFFFFFu) && !within_data_limit(mm, new_brk))
		return mm->brk;
	if (new_end > old_end) {
		if (heap_grow(mm, old_end, new_end))
			return mm->brk;
		/* Before what may sleep, in which another thread may move it on. */
		mm->brk = new_brk;
		if (unlikely(mm->def_flags & VM_LOCKED))
			populate_vmas(mm, old_end, new_end, VM_LOCKED);
		return new_brk;
	}
	if (new_end < old_end) {
		const struct vm_area_struct *vma = find_vma(mm, new_end);

		/* Nothing is there any more to be given back: as Linux, the break stays. */
		if (unlikely(!vma || vma->start >= old_end))
			return mm->brk;
		if (do_munmap(mm, new_end, old_end - new_end))
			return mm->brk;
	}
	mm->brk = new_brk;
	return new_brk;
}
