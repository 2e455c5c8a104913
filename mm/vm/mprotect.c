/*
 * mprotect: new rights for what is mapped, and for what will be.
 *
 * A VMA is cut to the range, gets the rights, and is joined with neighbours that are now like it.
 * Its entries change at once: those with PTE_OWNED get PTE_WRITE back without a fault, and
 * PROT_NONE hides the frames without giving them up. As on Linux, the VMAs before an error keep
 * their new rights.
 */
#include <linux/mman.h>

#include "lib/err.h"
#include "mm/vm/pgtable.h"
#include "mm/vm/populate.h"
#include "mm/vm/vma.h"

#define VM_RIGHTS (VM_READ | VM_WRITE | VM_EXEC)

/*
 * One table's part, from a used entry on. All entries of a VMA have its rights but for PTE_WRITE,
 * which those without PTE_OWNED lack; so the change is the same for all, and writable says who gets
 * PTE_WRITE. => one past the last used.
 */
static __always_inline pte_t *change_entries(pte_t *pte, pte_t *end, u32 take, u32 give,
					     bool writable)
{
	do {
		u32 entry = pte->v;

		if (!entry) {
			pte_t *next = pte_skip_none(pte, end);

			if (next == end)
				break;
			pte = next;
			continue;
		}
		if (writable && (entry & PTE_OWNED))
			entry |= PTE_WRITE;
		set_pte(pte++, (pte_t){(entry & ~take) | give});
	} while (pte < end);
	return pte;
}

/* Not in line: so the loops keep everything in registers. */
static noinline pte_t *change_writable(pte_t *pte, pte_t *end, u32 take, u32 give)
{
	return change_entries(pte, end, take, give, true);
}
static noinline pte_t *change_read_only(pte_t *pte, pte_t *end, u32 take, u32 give)
{
	return change_entries(pte, end, take, give, false);
}

static void change_range(struct vm_area_struct *vma, u32 old_bits, struct tlb_batch *batch)
{
	const u32 rights = PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_PROTNONE;
	u32 take = old_bits & ~vma->pte_bits & rights;
	u32 give = vma->pte_bits & ~old_bits & rights & ~PTE_WRITE;
	bool writable = vma->pte_bits & PTE_WRITE;
	struct mm_struct *mm = vma->mm;
	vaddr_t addr, next;

	for (addr = vma->start; addr < vma->end; addr = next) {
		pte_t *pte, *end, *last;

		next = table_end(addr, vma->end);
		if (!pte_table_exists(mm, addr))
			continue;
		pte = pte_map(mm, addr);
		end = pte + ((next - addr) >> PAGE_SHIFT);
		if (pte_none(*pte))
			pte = pte_skip_none(pte, end);
		if (pte < end) {
			last = (writable ? change_writable : change_read_only)(pte, end, take,
									       give);
			if (take & (PTE_PRESENT | PTE_WRITE)) /* a new right is found by a fault */
				tlb_batch_add(batch, mm, pte, last);
		}
		pte_unmap(mm, end - 1);
	}
}

/* Pages that become data: Linux's conditions, which are RLIMIT_DATA and overcommit. flags: what the VMA
 * gets; with VM_ACCOUNT afterwards. */
static __always_inline bool may_become_writable(const struct vm_area_struct *vma, u32 nr_pages,
						u32 *flags)
{
	const struct mm_struct *mm = vma->mm;

	if (unlikely(!may_expand_vm(mm, *flags, nr_pages)) &&
	    may_expand_vm(mm, vma->flags, nr_pages))
		return false;
	if (likely(vma->flags & VM_ACCOUNT))
		return true;
	*flags |= vma_account_bit(*flags);
	return may_commit(mm, *flags, nr_pages);
}

/* What is private, locked and becomes writable takes its copies now. => the VMA that holds the part then; it may
 * have gone while we slept. */
static noinline struct vm_area_struct *take_copies(struct vm_area_struct *vma, vaddr_t start,
						   vaddr_t end)
{
	struct mm_struct *mm = vma->mm;

	populate_vmas(mm, start, end, VM_LOCKED | VM_WRITE);
	vma = vma_at(mm, start);
	return vma ? vma : ERR_PTR(-ENOMEM);
}

/* Gives the part of vma in [start, end) the rights. => the VMA that holds the part, or ERR_PTR. */
static struct vm_area_struct *protect_vma(struct vm_area_struct *vma, vaddr_t start, vaddr_t end,
					  u32 rights, struct tlb_batch *batch)
{
	struct mm_struct *mm = vma->mm;
	u32 flags = (vma->flags & ~VM_RIGHTS) | rights;
	u32 old_bits = vma->pte_bits, old_flags = vma->flags;

	if (rights & ~(vma->flags >> 4)) /* VM_MAYREAD and its fellows lie 4 bits above */
		return ERR_PTR(-EACCES);
	if (flags == vma->flags)
		return vma;
	if ((rights & VM_WRITE) && !(vma->flags & VM_WRITE)) {
		if (!may_become_writable(vma, (end - start) >> PAGE_SHIFT, &flags))
			return ERR_PTR(-ENOMEM);
	} else if (unlikely(!vma->has_anon) && !vma->mapping && !(rights & VM_WRITE)) {
		flags &= ~VM_ACCOUNT; /* nothing was written, nothing will be */
	}
	if (vma->start < start || vma->end > end) {
		if (mm->nr_vmas >= max_map_count)
			return ERR_PTR(-ENOMEM);
		vma = vma_isolate(mm, vma, start, end);
		if (!vma)
			return ERR_PTR(-ENOMEM);
	}
	mm->cache = vma; /* what is protected is often used, or protected again, next */
	vma_set_flags(mm, vma, flags);
	if (vma->populated && old_bits != vma->pte_bits)
		change_range(vma, old_bits, batch);
	vma = vma_merge(mm, vma);
	if (unlikely((old_flags & (VM_WRITE | VM_SHARED | VM_LOCKED)) == VM_LOCKED) &&
	    (rights & VM_WRITE))
		return take_copies(vma, start, end);
	return vma;
}

/* PROT_GROWSDOWN: from the start of the stack that begins below end. => 0, or Linux's error. */
static int protect_from_stack_start(const struct vm_area_struct *vma, u32 prot, vaddr_t end,
				    vaddr_t *start)
{
	if (!(prot & PROT_GROWSDOWN)) /* no VMA of ours grows upwards */
		return vma->start > *start ? -ENOMEM : -EINVAL;
	if (vma->start >= end)
		return -ENOMEM;
	if (!(vma->flags & VM_GROWSDOWN))
		return -EINVAL;
	*start = vma->start;
	return 0;
}

int do_mprotect(struct mm_struct *mm, vaddr_t start, u32 len, u32 prot)
{
	const u32 grows = PROT_GROWSDOWN | PROT_GROWSUP;
	struct vm_area_struct *vma;
	struct tlb_batch batch = TLB_BATCH_EMPTY;
	vaddr_t end = start + ALIGN_UP(len, PAGE_SIZE);
	int error = 0;

	static_assert(VM_MAYREAD == VM_READ << 4 && VM_MAYWRITE == VM_WRITE << 4 &&
			      VM_MAYEXEC == VM_EXEC << 4,
		      "rights are checked by a shift");
	if ((prot & grows) == grows || (start & ~PAGE_MASK))
		return -EINVAL;
	if (!len)
		return 0;
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | grows))
		return -EINVAL;
	vma = find_vma(mm, start);
	if (!vma)
		return -ENOMEM;
	if (unlikely(prot & grows))
		error = protect_from_stack_start(vma, prot, end, &start);
	else if (vma->start > start)
		error = -ENOMEM;
	while (!error) {
		vaddr_t part_end = MIN(vma->end, end);

		vma = protect_vma(vma, start, part_end, prot & VM_RIGHTS, &batch);
		if (IS_ERR(vma)) {
			error = PTR_ERR(vma);
			break;
		}
		if (part_end == end)
			break;
		start = part_end;
		vma = vma->end > start ? vma : vma->next;
		if (!vma || vma->start > start)
			error = -ENOMEM;
	}
	tlb_batch_flush(&batch);
	return error;
}
