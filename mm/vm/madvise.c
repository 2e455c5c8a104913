/*
 * madvise.
 *
 *	DONTNEED, DONTNEED_LOCKED      pages go at once
 *	FREE                           pages go when memory is short (lazyfree.c)
 *	REMOVE                         the pages of a shared object go, for everybody
 *	POPULATE_READ, _WRITE          faults are taken now
 *	DONTFORK, WIPEONFORK           what a child gets; DOFORK and KEEPONFORK undo it
 *	RANDOM, SEQUENTIAL, DONTDUMP   kept and told; NORMAL and DODUMP undo it
 *	WILLNEED, COLD, PAGEOUT        nothing to do: everything there is lies in memory
 *	MERGEABLE, HUGEPAGE ...        EINVAL, as on a Linux built without them
 *
 * As on Linux parts before an error have taken the advice. Holes are passed over and reported at the end;
 * populating stops at one.
 */
#include <linux/mman.h>

#include "lib/err.h"
#include "mm/vm/lazyfree.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/populate.h"
#include "mm/vm/unmap.h"
#include "mm/vm/vma.h"

/* The flags of the VMA with the advice, where that is all there is to it; or ~0. */
static u32 flags_for(u32 flags, int advice)
{
	switch (advice) {
	case MADV_NORMAL:
		return flags & ~(VM_RAND_READ | VM_SEQ_READ);
	case MADV_RANDOM:
		return (flags & ~VM_SEQ_READ) | VM_RAND_READ;
	case MADV_SEQUENTIAL:
		return (flags & ~VM_RAND_READ) | VM_SEQ_READ;
	case MADV_DONTFORK:
		return flags | VM_DONTFORK;
	case MADV_DOFORK:
		return flags & ~VM_DONTFORK;
	case MADV_WIPEONFORK:
		return flags | VM_WIPEONFORK;
	case MADV_KEEPONFORK:
		return flags & ~VM_WIPEONFORK;
	case MADV_DONTDUMP:
		return flags | VM_DONTDUMP;
	case MADV_DODUMP:
		return flags & ~VM_DONTDUMP;
	}
	return ~0u;
}

static int remove_pages(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	const u32 needed = VM_SHARED | VM_WRITE;
	u32 first = vma->pgoff + ((start - vma->start) >> PAGE_SHIFT);
	u32 last = first + ((end - start) >> PAGE_SHIFT) - 1;

	if ((vma->flags & VM_LOCKED) || !vma->mapping)
		return -EINVAL;
	if ((vma->flags & needed) != needed)
		return -EACCES;
	if (vma->ops && vma->ops->remove)
		return vma->ops->remove(vma, first, last);
	if (!vma->mapping->shmem)
		return -EOPNOTSUPP;
	page_cache_punch(vma->mapping, first, last);
	return 0;
}

/* Advice for the part of one VMA in [start, end). *done becomes the VMA that holds it then. */
static int advise_vma(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, int advice,
		      struct vm_area_struct **done)
{
	u32 flags = flags_for(vma->flags, advice);

	*done = vma;
	if (advice == MADV_WIPEONFORK && vma->mapping)
		return -EINVAL;
	if (flags != ~0u)
		return vma_change_part(done, start, end, flags);
	switch (advice) {
	case MADV_DONTNEED:
		if (vma->flags & VM_LOCKED)
			return -EINVAL;
		/* fall through */
	case MADV_DONTNEED_LOCKED:
		zap_and_flush(vma, start, end);
		return 0;
	case MADV_FREE:
		if ((vma->flags & VM_LOCKED) || vma->mapping)
			return -EINVAL;
		lazyfree_mark(vma, start, end);
		return 0;
	case MADV_COLD:
	case MADV_PAGEOUT:
		return vma->flags & VM_LOCKED ? -EINVAL : 0;
	case MADV_REMOVE:
		return remove_pages(vma, start, end);
	case MADV_POPULATE_READ:
		return vma->flags & VM_READ ? populate_range(vma->mm, start, end, 0) : -EINVAL;
	case MADV_POPULATE_WRITE:
		return populate_range(vma->mm, start, end, FAULT_FLAG_WRITE);
	}
	return 0;
}

static bool populates(int advice)
{
	return advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE;
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
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return true;
	default:
		return false;
	}
}

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
			if (!vma || vma->start >= end || populates(advice))
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
