/*
 * madvise. MADV_DONTNEED and the advice about fork change what a program sees; the rest is advice,
 * which this kernel accepts where Linux does and has no use for yet.
 */
#include <linux/mman.h>

#include "lib/err.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/populate.h"
#include "mm/vm/unmap.h"
#include "mm/vm/vma.h"

/* Advice for the part of one VMA in [start, end). *done becomes the VMA that holds it then. */
static int advise_vma(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, int advice,
		      struct vm_area_struct **done)
{
	bool private_anon = !vma->mapping;

	*done = vma;
	switch (advice) {
	case MADV_DONTNEED:
		if (vma->flags & VM_LOCKED)
			return -EINVAL;
		/* fall through */
	case MADV_DONTNEED_LOCKED:
		zap_and_flush(vma, start, end);
		return 0;
	case MADV_DONTFORK:
		return vma_change_part(done, start, end, vma->flags | VM_DONTFORK);
	case MADV_DOFORK:
		return vma_change_part(done, start, end, vma->flags & ~VM_DONTFORK);
	case MADV_WIPEONFORK:
		if (!private_anon)
			return -EINVAL;
		return vma_change_part(done, start, end, vma->flags | VM_WIPEONFORK);
	case MADV_KEEPONFORK:
		return vma_change_part(done, start, end, vma->flags & ~VM_WIPEONFORK);
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return populate_range(vma->mm, start, end,
				      advice == MADV_POPULATE_WRITE ? FAULT_FLAG_WRITE : 0);
	case MADV_FREE: /* may keep the contents until memory is short */
		return private_anon ? 0 : -EINVAL;
	case MADV_REMOVE:
		if (!vma->mapping)
			return -EINVAL;
		return (vma->flags & (VM_SHARED | VM_WRITE)) == (VM_SHARED | VM_WRITE) ? -EOPNOTSUPP
										       : -EACCES;
	default:
		return 0;
	}
}

static bool is_known(int advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return true;
	default: /* huge pages and hardware poison: as on a Linux without them */
		return false;
	}
}

/* Holes are passed over and reported at the end, as on Linux; populating stops at one. */
int do_madvise(struct mm_struct *mm, vaddr_t start, u32 len_bytes, int advice)
{
	struct vm_area_struct *vma;
	u32 len = ALIGN_UP(len_bytes, PAGE_SIZE);
	vaddr_t end = start + len;
	int error, hole = 0;

	if (!is_known(advice) || (start & ~PAGE_MASK) || (len_bytes && !len) || end < start)
		return -EINVAL;
	while (start < end) {
		vaddr_t part_end;

		vma = find_vma(mm, start);
		if (!vma || vma->start > start) {
			hole = -ENOMEM;
			if (!vma || vma->start >= end || advice >= MADV_POPULATE_READ)
				break;
			start = vma->start;
		}
		part_end = MIN(vma->end, end);
		error = advise_vma(vma, start, part_end, advice, &vma);
		if (error)
			return error;
		start = part_end;
	}
	return hole;
}
