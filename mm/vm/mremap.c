/*
 * mremap: a mapping made longer, shorter, or put elsewhere. Frames are never copied: a move takes
 * the entries along.
 */
#include <linux/mman.h>

#include "lib/err.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/pgtable.h"
#include "mm/vm/populate.h"
#include "mm/vm/vma.h"

struct remap {
	vaddr_t old_addr, new_addr;
	u32 old_len, new_len;
	u32 flags;
};

/* Moves one table's worth, to where all entries are empty. */
static void move_entries(pte_t *to, pte_t *from, pte_t *end)
{
	for (; from < end; from++, to++) {
		set_pte(to, *from);
		set_pte(from, PTE_NONE);
	}
}

/* Makes the tables that a move of len bytes needs. */
static int alloc_target_tables(struct mm_struct *mm, vaddr_t old, vaddr_t new, u32 len)
{
	u32 offset;

	for (offset = 0; offset < len; offset += PAGE_SIZE) {
		/* The next page at which either side comes into a new table. */
		u32 old_rest = table_end(old + offset, old + len) - (old + offset);
		u32 new_rest = table_end(new + offset, new + len) - (new + offset);

		if (pte_table_exists(mm, old + offset) && !pte_table_exists(mm, new + offset) &&
		    pte_table_alloc(mm, new + offset))
			return -ENOMEM;
		offset += MIN(old_rest, new_rest) - PAGE_SIZE;
	}
	return 0;
}

static void move_pages(struct mm_struct *mm, vaddr_t old, vaddr_t new, u32 len)
{
	struct tlb_batch batch = TLB_BATCH_EMPTY;
	u32 offset, step;

	for (offset = 0; offset < len; offset += step) {
		u32 old_rest = table_end(old + offset, old + len) - (old + offset);
		u32 new_rest = table_end(new + offset, new + len) - (new + offset);
		pte_t *from = pte_of(old + offset);

		step = MIN(old_rest, new_rest);
		if (!pte_table_exists(mm, old + offset))
			continue;
		move_entries(pte_of(new + offset), from, from + (step >> PAGE_SHIFT));
		tlb_batch_add(&batch, mm, from, from + (step >> PAGE_SHIFT));
	}
	tlb_batch_flush(&batch);
}

/* A VMA like the part of old that begins at r->old_addr, at the new address, pages and all. It is not joined
 * with its neighbours yet, for old may be one of them. */
static int move_vma(struct mm_struct *mm, struct vm_area_struct *old, const struct remap *r)
{
	struct vm_area_struct *vma = vma_alloc();
	u32 len = MIN(r->old_len, r->new_len);

	if (!vma)
		return -ENOMEM;
	if (mm->nr_vmas + 3 >= max_map_count)
		goto no_memory;
	*vma = *old;
	vma->start = r->new_addr;
	vma->end = r->new_addr + r->new_len;
	vma->pgoff = old->mapping ? old->pgoff + ((r->old_addr - old->start) >> PAGE_SHIFT)
				  : r->new_addr >> PAGE_SHIFT;
	vma_insert(mm, vma, find_vma(mm, r->new_addr));
	if (old->populated && alloc_target_tables(mm, r->old_addr, r->new_addr, len))
		goto undo;
	if (vma->ops && vma->ops->open)
		vma->ops->open(vma);
	if (old->populated)
		move_pages(mm, r->old_addr, r->new_addr, len);
	return 0;
undo:
	free_tables(mm, vma->start, vma->end, vma->prev ? vma->prev->end : 0,
		    vma->next ? vma->next->start : USER_END);
	vma_remove(mm, vma);
no_memory:
	vma_free(vma);
	return -ENOMEM;
}

/* Linux's conditions for a VMA that is to become longer, in its order. */
static int check_resize(struct mm_struct *mm, const struct vm_area_struct *vma,
			const struct remap *r)
{
	u32 pgoff = vma->pgoff + ((r->old_addr - vma->start) >> PAGE_SHIFT);
	u32 growth = r->new_len > r->old_len ? (r->new_len - r->old_len) >> PAGE_SHIFT : 0;

	if (!r->old_len && !(vma->flags & VM_SHARED))
		return -EINVAL;
	if ((r->flags & MREMAP_DONTUNMAP) && (vma->flags & VM_DONTEXPAND))
		return -EINVAL;
	if (r->old_len > vma->end - r->old_addr)
		return -EFAULT;
	if (r->new_len == r->old_len)
		return 0;
	if (pgoff + (r->new_len >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	if (vma->flags & VM_DONTEXPAND)
		return -EFAULT;
	if (!may_lock(mm, vma->flags, growth))
		return -EAGAIN;
	if (!may_expand_vm(mm, vma->flags, growth) || !may_commit(mm, vma->flags, growth))
		return -ENOMEM;
	return 0;
}

/* What mmap would have been asked for. */
static u32 placement_flags(const struct vm_area_struct *vma)
{
	return (vma->flags & VM_SHARED ? MAP_SHARED : MAP_PRIVATE) |
	       (vma->mapping ? 0 : MAP_ANONYMOUS);
}

/* The old range is cut out first, so that once the pages have moved nothing is left that can fail.
 * */
static vaddr_t move_to(struct mm_struct *mm, struct vm_area_struct *vma, const struct remap *r)
{
	bool leaves = r->old_len && !(r->flags & MREMAP_DONTUNMAP);
	bool unlocks = (r->flags & MREMAP_DONTUNMAP) && (vma->flags & VM_LOCKED);
	int error;

	if (leaves || unlocks)
		vma = vma_isolate(mm, vma, r->old_addr, r->old_addr + r->old_len);
	if (!vma)
		return (vaddr_t)-ENOMEM;
	error = move_vma(mm, vma, r);
	if (!error && leaves)
		error = do_munmap(mm, r->old_addr, r->old_len);
	if (!error && unlocks) /* the pages are elsewhere, and so is the lock */
		vma_set_flags(mm, vma, vma->flags & ~VM_LOCK_BITS);
	if (leaves ? error : unlocks)
		vma_merge(mm, vma_at(mm, r->old_addr));
	if (!error)
		vma_merge(mm, vma_at(mm, r->new_addr));
	return error ? (vaddr_t)error : r->new_addr;
}

/* MREMAP_FIXED and MREMAP_DONTUNMAP. */
static vaddr_t remap_to(struct mm_struct *mm, struct remap *r)
{
	struct vm_area_struct *vma = vma_at(mm, r->old_addr), *next;
	bool fixed = r->flags & MREMAP_FIXED;
	int error;

	if (r->new_addr & ~PAGE_MASK)
		return (vaddr_t)-EINVAL;
	if (r->new_len > USER_END || r->new_addr > USER_END - r->new_len)
		return (vaddr_t)-EINVAL;
	if (r->old_addr + r->old_len > r->new_addr && r->new_addr + r->new_len > r->old_addr)
		return (vaddr_t)-EINVAL;
	if (mm->nr_vmas + 5 >= max_map_count)
		return (vaddr_t)-ENOMEM;
	error = check_resize(mm, vma, r);
	if (error)
		return (vaddr_t)error;
	if ((r->flags & MREMAP_DONTUNMAP) &&
	    (!may_expand_vm(mm, vma->flags, r->old_len >> PAGE_SHIFT) ||
	     !may_commit(mm, vma->flags, r->old_len >> PAGE_SHIFT)))
		return (vaddr_t)-ENOMEM;
	r->new_addr = get_unmapped_area(mm, r->new_addr, r->new_len,
					placement_flags(vma) | (fixed ? MAP_FIXED : 0), &next);
	if (is_err_addr(r->new_addr))
		return r->new_addr;
	if (fixed)
		error = do_munmap(mm, r->new_addr, r->new_len);
	if (!error && r->old_len > r->new_len) {
		error = do_munmap(mm, r->old_addr + r->new_len, r->old_len - r->new_len);
		r->old_len = r->new_len;
	}
	if (error)
		return (vaddr_t)error;
	/* Without an old length nothing overlaps, and yet the new range may have taken the old one. */
	vma = vma_at(mm, r->old_addr);
	return vma ? move_to(mm, vma, r) : (vaddr_t)-EFAULT;
}

static bool can_grow_in_place(const struct vm_area_struct *vma, const struct remap *r)
{
	vaddr_t end = r->old_addr + r->new_len;

	if (r->old_len != vma->end - r->old_addr || end < r->old_addr || end > USER_END)
		return false;
	return !vma->next || vma->next->start >= end;
}

static vaddr_t remap(struct mm_struct *mm, vaddr_t old, u32 old_len, u32 new_len, u32 flags,
		     vaddr_t new_addr)
{
	struct remap r = {
		.old_addr = old,
		.new_addr = new_addr,
		.old_len = ALIGN_UP(old_len, PAGE_SIZE),
		.new_len = ALIGN_UP(new_len, PAGE_SIZE),
		.flags = flags,
	};
	struct vm_area_struct *vma, *next;
	int error;

	if (flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP))
		return (vaddr_t)-EINVAL;
	if ((flags & MREMAP_FIXED) && !(flags & MREMAP_MAYMOVE))
		return (vaddr_t)-EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && (!(flags & MREMAP_MAYMOVE) || old_len != new_len))
		return (vaddr_t)-EINVAL;
	if ((old & ~PAGE_MASK) || !r.new_len)
		return (vaddr_t)-EINVAL;
	vma = vma_at(mm, old);
	if (!vma)
		return (vaddr_t)-EFAULT;
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return remap_to(mm, &r);
	if (r.old_len >= r.new_len) {
		error = r.old_len > r.new_len
				? do_munmap(mm, old + r.new_len, r.old_len - r.new_len)
				: 0;
		return error ? (vaddr_t)error : old;
	}
	error = check_resize(mm, vma, &r);
	if (error)
		return (vaddr_t)error;
	if (can_grow_in_place(vma, &r)) {
		vma_resize(mm, vma, vma->start, old + r.new_len);
		vma_merge(mm, vma);
		return old;
	}
	if (!(flags & MREMAP_MAYMOVE))
		return (vaddr_t)-ENOMEM;
	r.new_addr = get_unmapped_area(mm, 0, r.new_len, placement_flags(vma), &next);
	if (is_err_addr(r.new_addr))
		return r.new_addr;
	return move_to(mm, vma, &r);
}

vaddr_t do_mremap(struct mm_struct *mm, vaddr_t old, u32 old_len, u32 new_len, u32 flags,
		  vaddr_t new_addr)
{
	vaddr_t at = remap(mm, old, old_len, new_len, flags, new_addr);

	if (unlikely(mm->locked_vm) && !is_err_addr(at)) /* what is new; the rest stays as it was */
		populate_vmas(mm, at + ALIGN_UP(old_len, PAGE_SIZE),
			      at + ALIGN_UP(new_len, PAGE_SIZE), VM_LOCKED);
	return at;
}
