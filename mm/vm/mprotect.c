/*
 * mprotect: new rights for what is mapped, and for what will be.
 *
 * A VMA is cut to the range, gets the rights, and is joined with neighbours that are now like it. Its entries change
 * at once: those with PTE_OWNED get PTE_WRITE back without a fault, and PROT_NONE hides the frames without giving them up.
 * As on Linux, the VMAs before an error keep their new rights.
 */
#include <linux/mman.h>

#include "lib/err.h"
#include "mm/vm/pgtable.h"
#include "mm/vm/vma.h"

#define VM_RIGHTS (VM_READ | VM_WRITE | VM_EXEC)

/* One table's part. lost: rights whose loss the TLB has to hear of. */
static void change_entries(pte_t *pte, pte_t *end, u32 vma_bits, u32 lost, vaddr_t base,
			   struct tlb_batch *batch)
{
	pte_t *first = pte;

	for (; (pte = pte_skip_none(pte, end)) < end; pte++) {
		pte_t entry = *pte;

		set_pte(pte, pte_change(entry, vma_bits));
		if (entry.v & lost)
			tlb_batch_add(batch, base + (u32)(pte - first) * PAGE_SIZE);
	}
}

static void change_range(struct vm_area_struct *vma, u32 old_bits, struct tlb_batch *batch)
{
	struct mm_struct *mm = vma->mm;
	u32 lost = old_bits & ~vma->pte_bits & (PTE_PRESENT | PTE_WRITE);
	vaddr_t addr, next;

	if (!vma->populated || old_bits == vma->pte_bits)
		return;
	for (addr = vma->start; addr < vma->end; addr = next) {
		pte_t *pte;

		next = table_end(addr, vma->end);
		if (!pte_table_exists(mm, addr))
			continue;
		pte = pte_map(mm, addr);
		change_entries(pte, pte + ((next - addr) >> PAGE_SHIFT), vma->pte_bits, lost, addr,
			       batch);
		pte_unmap(mm, pte);
	}
}

/* Gives the part of vma in [start, end) the rights. => -errno, or 0 and in *done the VMA that holds the part. */
static int protect_vma(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, u32 rights,
		       struct tlb_batch *batch, struct vm_area_struct **done)
{
	struct mm_struct *mm = vma->mm;
	u32 flags = (vma->flags & ~VM_RIGHTS) | rights;
	u32 old_bits = vma->pte_bits;

	*done = vma;
	if (rights & ~(vma->flags >> 4)) /* VM_MAYREAD and its fellows lie 4 bits above */
		return -EACCES;
	if (flags == vma->flags)
		return 0;
	if ((rights & VM_WRITE) && !(vma->flags & VM_WRITE)) {
		u32 nr_pages = (end - start) >> PAGE_SHIFT;

		if (!may_expand_vm(mm, flags, 0) || overcommits(flags, nr_pages))
			return -ENOMEM;
	}
	if (mm->nr_vmas >= MAX_MAP_COUNT && (vma->start < start || vma->end > end))
		return -ENOMEM;
	if (vma->start < start || vma->end > end) {
		int error = vma_split_at(mm, start, end, &vma);

		if (error)
			return error;
	}
	vma_set_flags(mm, vma, flags);
	change_range(vma, old_bits, batch);
	*done = vma_merge(mm, vma);
	return 0;
}

int do_mprotect(struct mm_struct *mm, vaddr_t start, u32 len, u32 prot)
{
	struct vm_area_struct *vma;
	struct tlb_batch batch;
	vaddr_t end = start + ALIGN_UP(len, PAGE_SIZE);
	int error = 0;

	static_assert(VM_MAYREAD == VM_READ << 4 && VM_MAYWRITE == VM_WRITE << 4 &&
			      VM_MAYEXEC == VM_EXEC << 4,
		      "rights are checked by a shift");
	if ((prot & PROT_GROWSDOWN) && (prot & PROT_GROWSUP))
		return -EINVAL;
	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (!len)
		return 0;
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	vma = find_vma(mm, start);
	if (!vma)
		return -ENOMEM;
	if (prot & PROT_GROWSDOWN) {
		if (vma->start >= end)
			return -ENOMEM;
		if (!(vma->flags & VM_GROWSDOWN))
			return -EINVAL;
		start = vma->start;
	} else if (vma->start > start) {
		return -ENOMEM;
	} else if (prot & PROT_GROWSUP) {
		return -EINVAL; /* no VMA of ours grows upwards */
	}
	tlb_batch_init(&batch);
	for (;;) {
		vaddr_t part_end = MIN(vma->end, end);

		error = protect_vma(vma, start, part_end, prot & VM_RIGHTS, &batch, &vma);
		if (error || part_end >= end)
			break;
		start = part_end;
		vma = vma->end > start ? vma : vma->next;
		if (!vma || vma->start > start) {
			error = -ENOMEM;
			break;
		}
	}
	tlb_batch_flush(&batch, mm);
	return error;
}
