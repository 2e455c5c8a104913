/* Faults taken ahead of time: see populate.h. */
#include "mm/vm/populate.h"
#include "kernel/core/thread.h"
#include "lib/err.h"
#include "mm/vm/vma.h"

int populate_range(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 fault_flags)
{
	while (start < end) {
		switch (handle_mm_fault(mm, start, fault_flags)) {
		case FAULT_MINOR:
			start += PAGE_SIZE;
			thread_make_way(); /* another thread may change the VMAs: each fault looks anew */
			break;
		case FAULT_MAJOR: /* read in; nothing is mapped yet */
			break;
		case FAULT_SEGV_MAPERR:
			return -ENOMEM;
		case FAULT_SEGV_ACCERR:
			return -EINVAL;
		case FAULT_BUS:
			return -EFAULT;
		case FAULT_OOM:
			if (!lazyfree_reclaim())
				return -ENOMEM;
			break;
		}
	}
	return 0;
}

/* A private page that may be written becomes its own at once. */
static u32 first_use(const struct vm_area_struct *vma)
{
	return (vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE ? FAULT_FLAG_WRITE : 0;
}

static int populate(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 flags, bool all)
{
	while (mm == current_mm && start < end) {
		struct vm_area_struct *vma = find_vma(mm, start); /* anew: a fault may sleep */
		vaddr_t part_end;

		if (!vma || vma->start >= end)
			break;
		start = MAX(start, vma->start);
		part_end = MIN(vma->end, end);
		if ((vma->flags & flags) == flags && !(vma->flags & VM_LOCKONFAULT)) {
			int error = populate_range(mm, start, part_end, first_use(vma));

			if (error && all)
				return error;
		}
		start = part_end;
	}
	return 0;
}

int populate_all(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	return populate(mm, start, end, 0, true);
}

void populate_vmas(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 flags)
{
	int ignored = populate(mm, start, end, flags, false);

	(void)ignored;
}
