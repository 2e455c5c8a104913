/*
 * The set of VMAs of an address space. Private to this room: system calls go through mm.h.
 * Nothing here touches PTEs. Changes keep order, gaps, counters and code_limit right.
 */
#pragma once

#include "mm/kmem/slab.h"
#include "mm/vm/commit.h"
#include "mm/vm/mm.h"

void vma_init(void);

extern struct kmem_cache *vma_cache;
/* A structure of no address space, or NULL without memory. */
static inline __must_check struct vm_area_struct *vma_alloc(void)
{
	return kmem_cache_alloc(vma_cache, GFP_KERNEL);
}
/* For one that is in no address space. Calls neither ops->close nor anything else. */
static inline void vma_free(struct vm_area_struct *vma)
{
	kmem_cache_free(vma_cache, vma);
}
/* ops->close, then memory. */
static inline void vma_close(struct vm_area_struct *vma)
{
	if (vma->ops && vma->ops->close)
		vma->ops->close(vma);
	vma_free(vma);
}

/* For a fault at addr, which is not in the VMA found last: the VMA that holds it, perhaps a stack that was made
 * to reach it; NULL: there is none. */
struct vm_area_struct *find_extend_vma(struct mm_struct *mm, vaddr_t addr);

/* The last VMA that ends at or below addr, or NULL. next is find_vma(mm, addr). */
static inline struct vm_area_struct *vma_prev(struct mm_struct *mm, struct vm_area_struct *next)
{
	return next ? next->prev : mm->last;
}
static inline bool vma_overlaps(const struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	return vma && vma->start < end && vma->end > start;
}
static inline u32 vma_pages(const struct vm_area_struct *vma)
{
	return (vma->end - vma->start) >> PAGE_SHIFT;
}
/* Where others must stay below: a stack keeps its guard gap free. */
static inline vaddr_t vma_guard_start(const struct vm_area_struct *vma)
{
	if (likely(!(vma->flags & VM_GROWSDOWN)))
		return vma->start;
	return vma->start > STACK_GUARD_GAP ? vma->start - STACK_GUARD_GAP : 0;
}
/* A fresh private anonymous VMA. */
static __always_inline void vma_fill(struct vm_area_struct *vma, vaddr_t start, vaddr_t end,
				     u32 flags)
{
	vma->start = start;
	vma->end = end;
	vma->flags = flags;
	vma->pgoff = start >> PAGE_SHIFT;
	vma->populated = vma->has_anon = false;
	vma->mapping = NULL;
	vma->ops = NULL;
	vma->file = NULL;
}
/* PTE bits of a page that has all the rights of a VMA with these flags. */
u32 vma_pte_bits(u32 flags);

/* Puts vma, filled in but for links and pte_bits, between its neighbours. next: find_vma(mm,
 * vma->start). */
void vma_insert(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *next);
/* Takes vma out; it stays the caller's. */
void vma_remove(struct mm_struct *mm, struct vm_area_struct *vma);
/* Those from first up to above, at least one (NULL: all). ops->close may sleep, so it comes when
 * all are out. */
void vma_remove_and_close(struct mm_struct *mm, struct vm_area_struct *first,
			  struct vm_area_struct *above);
/* Moves the ends. No neighbour may be overrun. pgoff follows start. */
void vma_resize(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t start, vaddr_t end);
void vma_set_flags(struct mm_struct *mm, struct vm_area_struct *vma, u32 flags);
/* Gives the part of *vma in [start, end) other flags, but the same rights. *vma becomes the VMA that
 * holds the part then. 0, or -ENOMEM. */
__must_check int vma_change_part(struct vm_area_struct **vma, vaddr_t start, vaddr_t end,
				 u32 flags);
/*
 * Cuts so that a part is a VMA by itself: [start, end), which lies within vma; or with
 * vma_isolate_range() the VMAs from first on up to end, the last of which may reach beyond it.
 * => the first VMA of the part, or NULL without memory, and then nothing has changed.
 */
__must_check struct vm_area_struct *vma_isolate(struct mm_struct *mm, struct vm_area_struct *vma,
						vaddr_t start, vaddr_t end);
__must_check struct vm_area_struct *
vma_isolate_range(struct mm_struct *mm, struct vm_area_struct *first, vaddr_t start, vaddr_t end);
/* Does upper begin where lower ends, and could the two be one? */
static __always_inline bool vma_can_join(const struct vm_area_struct *lower,
					 const struct vm_area_struct *upper)
{
	return lower->end == upper->start && lower->flags == upper->flags &&
	       lower->mapping == upper->mapping && lower->file == upper->file &&
	       lower->ops == upper->ops && lower->pgoff + vma_pages(lower) == upper->pgoff;
}
/* Joins vma with the neighbours that can be one with it. => the VMA that now holds its range. */
struct vm_area_struct *vma_merge(struct mm_struct *mm, struct vm_area_struct *vma);
/*
 * Puts in a VMA that was filled in (vma_fill), or grows a neighbour that is alike by its range and
 * frees it. next: find_vma(mm, vma->start); the range must be free. ops->open is called if it
 * becomes a VMA of its own.
 * => the VMA that now holds its range.
 */
struct vm_area_struct *vma_add(struct mm_struct *mm, struct vm_area_struct *vma,
			       struct vm_area_struct *next);
/* A copy of all VMAs of from in the empty mm, ops->open called for each. => 0, or -ENOMEM: then mm
 * is empty. */
__must_check int vma_clone_all(struct mm_struct *mm, struct mm_struct *from);

/*
 * gap.c: len bytes within [low, high), as high or as low as possible.
 * => an address, and in *next the VMA above the room or NULL; or -ENOMEM.
 */
vaddr_t vma_room_below(struct mm_struct *mm, u32 len, vaddr_t low, vaddr_t high,
		       struct vm_area_struct **next);
vaddr_t vma_room_above(struct mm_struct *mm, u32 len, vaddr_t low, vaddr_t high,
		       struct vm_area_struct **next);
/* mmap.c: an address by the rules of mmap(2), MAP_FIXED included, or -errno. *next is find_vma() of
 * it. */
vaddr_t get_unmapped_area(struct mm_struct *mm, vaddr_t addr, u32 len, u32 map_flags,
			  struct vm_area_struct **next);

/* ---- limits ---- */

static __always_inline bool vma_is_data(u32 flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}
/* Would nr_pages more with these VMA flags keep within RLIMIT_AS and RLIMIT_DATA? */
static inline bool may_expand_vm(const struct mm_struct *mm, u32 flags, u32 nr_pages)
{
	if (mm->total_vm + nr_pages > mm->as_limit_bytes >> PAGE_SHIFT)
		return false;
	return !vma_is_data(flags) || mm->data_vm + nr_pages <= mm->data_limit_bytes >> PAGE_SHIFT;
}
/* RLIMIT_MEMLOCK, for nr_pages more with these VMA flags. */
static inline bool may_lock(const struct mm_struct *mm, u32 flags, u32 nr_pages)
{
	return likely(!(flags & VM_LOCKED)) ||
	       mm->locked_vm + nr_pages <= mm->memlock_limit_bytes >> PAGE_SHIFT;
}
/* Overcommit: may nr_pages more with these VMA flags be promised? */
static __always_inline bool may_commit(const struct mm_struct *mm, u32 flags, u32 nr_pages)
{
	return !(flags & VM_ACCOUNT) || commit_permits(mm, nr_pages);
}
/* VM_ACCOUNT, if a new VMA with these flags comes to have pages of its own. */
static __always_inline u32 vma_account_bit(u32 flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_NORESERVE)) == VM_WRITE ? VM_ACCOUNT : 0;
}
