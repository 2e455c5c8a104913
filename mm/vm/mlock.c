/*
 * mlock: memory that stays. A VMA is locked, or locked on fault: then its pages stay once they are there.
 *
 * Nothing is paged out here, so a lock brings pages in, keeps advice from throwing them away, and
 * counts against RLIMIT_MEMLOCK: mm->locked_vm, which vma.c keeps. Locks do not nest, and go with fork
 * and exec.
 */
#include <linux/mman.h>

#include "lib/err.h"
#include "mm/vm/populate.h"
#include "mm/vm/vma.h"

/* Gives each VMA's part of the range, from its first VMA on, these lock bits. Before an error they keep
 * them, as on Linux. */
static int set_lock_bits(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 bits)
{
	while (start < end) {
		struct vm_area_struct *vma = vma_at(mm, start);
		vaddr_t part_end;
		int error;

		if (!vma)
			return -ENOMEM;
		part_end = MIN(vma->end, end);
		error = vma_change_part(&vma, start, part_end, (vma->flags & ~VM_LOCK_BITS) | bits);
		if (error)
			return error;
		start = part_end;
	}
	return 0;
}

/* The whole pages around [*start, *start + len). => their end, or 0: it lies beyond 4 GiB. */
static vaddr_t round_range(vaddr_t *start, u32 len)
{
	vaddr_t first = *start & PAGE_MASK;
	vaddr_t end = first + ALIGN_UP(len + (*start & ~PAGE_MASK), PAGE_SIZE);

	*start = first;
	return end < first ? 0 : end;
}

static u32 count_locked(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	const struct vm_area_struct *vma = find_vma(mm, start);
	u32 bytes = 0;

	for (; vma_overlaps(vma, start, end); vma = vma->next)
		if (vma->flags & VM_LOCKED)
			bytes += MIN(vma->end, end) - MAX(vma->start, start);
	return bytes >> PAGE_SHIFT;
}

int do_mlock(struct mm_struct *mm, vaddr_t start, u32 len, u32 bits)
{
	vaddr_t end = round_range(&start, len);
	u32 nr_pages = (end - start) >> PAGE_SHIFT;
	int error;

	if (!mm->memlock_limit_bytes)
		return -EPERM;
	if (start && !end)
		return -EINVAL;
	if (!may_lock(mm, VM_LOCKED, nr_pages) &&
	    !may_lock(mm, VM_LOCKED, nr_pages - count_locked(mm, start, end)))
		return -ENOMEM;
	error = set_lock_bits(mm, start, end, bits);
	if (error)
		return error;
	error = populate_all(mm, start, end);
	return error == -ENOMEM ? -EAGAIN : error ? -ENOMEM : 0; /* as POSIX names them */
}

int do_munlock(struct mm_struct *mm, vaddr_t start, u32 len)
{
	vaddr_t end = round_range(&start, len);

	return start && !end ? -EINVAL : set_lock_bits(mm, start, end, 0);
}

/* Every VMA there is. One that cannot be changed stays as it is: none is cut, so there is none. */
static void set_all(struct mm_struct *mm, u32 bits)
{
	struct vm_area_struct *vma;

	for (vma = mm->first; vma; vma = vma->next) {
		int never = vma_change_part(&vma, vma->start, vma->end,
					    (vma->flags & ~VM_LOCK_BITS) | bits);

		(void)never;
	}
}

int do_mlockall(struct mm_struct *mm, u32 flags)
{
	u32 bits = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);

	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!mm->memlock_limit_bytes)
		return -EPERM;
	if ((flags & MCL_CURRENT) && mm->total_vm > mm->memlock_limit_bytes >> PAGE_SHIFT)
		return -ENOMEM;
	mm->def_flags = flags & MCL_FUTURE ? bits : 0;
	if (flags & MCL_CURRENT) {
		set_all(mm, bits);
		populate_vmas(mm, 0, USER_END, VM_LOCKED);
	}
	return 0;
}

int do_munlockall(struct mm_struct *mm)
{
	mm->def_flags = 0;
	set_all(mm, 0);
	return 0;
}
