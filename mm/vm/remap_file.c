/*
 * remap_file_pages: other pages of the same object, in another order, at the same place. Linux, which once kept such
 * mappings as one VMA, emulates it by VMAs of their own since 4.0; so it is here.
 */
#include <linux/mman.h>

#include "lib/err.h"
#include "mm/vm/vma.h"

/* Do VMAs like the first one hold all of [start, end)? */
static bool is_uniform(const struct vm_area_struct *first, vaddr_t end)
{
	const struct vm_area_struct *vma = first;

	for (; vma->end < end; vma = vma->next)
		if (!vma->next || vma->next->start != vma->end ||
		    vma->next->mapping != first->mapping || vma->next->flags != first->flags)
			return false;
	return true;
}

int do_remap_file_pages(struct mm_struct *mm, vaddr_t start, u32 len, u32 prot, u32 pgoff,
			u32 flags)
{
	const u32 needed = VM_SHARED | VM_MAYWRITE; /* Linux calls shared what can be written */
	struct vm_area_struct *vma, holder;
	struct mmap_object object;
	vaddr_t at;

	start &= PAGE_MASK;
	len &= PAGE_MASK;
	if (prot || start + len <= start || pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	vma = vma_at(mm, start);
	if (!vma || (vma->flags & needed) != needed || !is_uniform(vma, start + len))
		return -EINVAL;
	object = (struct mmap_object){vma->mapping, vma->ops, vma->file};
	flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE | (flags & MAP_NONBLOCK) |
		(vma->flags & VM_LOCKED ? MAP_LOCKED : 0);
	/* A reference, for the VMAs that have the others may go on the way. */
	holder = *vma;
	if (holder.ops && holder.ops->open)
		holder.ops->open(&holder);
	at = do_mmap(mm, start, len, holder.flags & (VM_READ | VM_WRITE | VM_EXEC), flags, &object,
		     pgoff, holder.flags & (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC));
	if (holder.ops && holder.ops->close)
		holder.ops->close(&holder);
	return is_err_addr(at) ? (int)at : 0;
}
