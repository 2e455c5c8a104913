/*
 * Virtual memory areas of an address space.
 *
 * An area (VMA) is a run of pages with the same rights and the same source. An address space keeps its VMAs
 * twice: as a list in order of address, for walks and for neighbours, and as a red-black tree, for lookup.
 *
 * Each VMA also knows the gap below it, and each tree node the largest gap in its subtree:
 *
 *	0          a    b              c  d           e        USER_END
 *	|---gap----[VMA1]-----gap------[V2]----gap----[ stack ]
 *	                                          ^^^^ guard gap: belongs to the stack
 *
 * So a search for room goes down the tree and never into a subtree that has none: O(log n). The room above the last VMA
 * belongs to no node and is looked at separately. A gap changes when the VMA above it or the one below it moves; all
 * movements go through vma_insert(), vma_remove() and vma_resize(), which fix the two gaps they touch.
 *
 * find_vma() looks at the last VMA found before it goes down the tree. Faults come in runs, so mostly that is the one.
 *
 * Neighbours with the same flags and source, whose offsets continue, are always joined, so that brk or mmap
 * in small steps makes one VMA.
 *
 * Rejected: an array (moves on insertion), a maple or B-tree (faster for thousands of VMAs, and ten times the code).
 */
#include "mm/vm/vma.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/phys/zone.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/pgtable.h"

static struct kmem_cache *vma_cache;

static struct vm_area_struct *vma_of(struct rb_node *node)
{
	return rb_entry(node, struct vm_area_struct, node);
}

/* ---- gaps ---- */

static bool update_subtree_gap(struct rb_node *node)
{
	struct vm_area_struct *vma = vma_of(node);
	u32 most = vma->gap;

	if (node->left)
		most = MAX(most, vma_of(node->left)->subtree_gap);
	if (node->right)
		most = MAX(most, vma_of(node->right)->subtree_gap);
	if (vma->subtree_gap == most)
		return false;
	vma->subtree_gap = most;
	return true;
}

static u32 gap_below(const struct vm_area_struct *vma)
{
	vaddr_t low = vma->prev ? vma->prev->end : 0;
	vaddr_t high = vma_guard_start(vma);

	return high > low ? high - low : 0;
}

static void refresh_gap(struct vm_area_struct *vma)
{
	if (!vma)
		return;
	vma->gap = gap_below(vma);
	rb_update(&vma->node, update_subtree_gap);
}

/* The highest VMA of a subtree with len bytes of room below it that begins at or below latest. */
static struct vm_area_struct *highest_gap(struct rb_node *node, u32 len, vaddr_t latest)
{
	while (node && vma_of(node)->subtree_gap >= len) {
		struct vm_area_struct *vma = vma_of(node), *found;

		if (!vma->prev || vma->prev->end <= latest) {
			found = highest_gap(node->right, len, latest);
			if (found)
				return found;
			if (vma->gap >= len)
				return vma;
		}
		node = node->left;
	}
	return NULL;
}

/* The lowest VMA of a subtree with len bytes of room below it that ends at or above earliest. */
static struct vm_area_struct *lowest_gap(struct rb_node *node, u32 len, vaddr_t earliest)
{
	while (node && vma_of(node)->subtree_gap >= len) {
		struct vm_area_struct *vma = vma_of(node), *found;

		if (vma_guard_start(vma) >= earliest) {
			found = lowest_gap(node->left, len, earliest);
			if (found)
				return found;
			if (vma->gap >= len)
				return vma;
		}
		node = node->right;
	}
	return NULL;
}

vaddr_t vma_room_below(struct mm_struct *mm, u32 len, vaddr_t low, vaddr_t high)
{
	struct vm_area_struct *vma;
	vaddr_t end = high;

	if (len > high || high - len < low)
		return (vaddr_t)-ENOMEM;
	if (mm->last && mm->last->end > high - len) {
		vma = highest_gap(mm->vmas.node, len, high - len);
		if (!vma)
			return (vaddr_t)-ENOMEM;
		end = MIN(high, vma_guard_start(vma));
	}
	return end - len >= low ? end - len : (vaddr_t)-ENOMEM;
}

vaddr_t vma_room_above(struct mm_struct *mm, u32 len, vaddr_t low, vaddr_t high)
{
	struct vm_area_struct *vma, *below;
	vaddr_t addr;

	if (len > high || high - len < low)
		return (vaddr_t)-ENOMEM;
	vma = lowest_gap(mm->vmas.node, len, low + len);
	below = vma_prev(mm, vma);
	addr = below ? MAX(low, below->end) : low;
	return addr <= high - len ? addr : (vaddr_t)-ENOMEM;
}

/* ---- lookup ---- */

struct vm_area_struct *find_vma(struct mm_struct *mm, vaddr_t addr)
{
	struct vm_area_struct *found = mm->cache;
	struct rb_node *node;

	if (likely(found && addr - found->start < found->end - found->start))
		return found;
	found = NULL;
	for (node = mm->vmas.node; node;) {
		struct vm_area_struct *vma = vma_of(node);

		if (addr >= vma->end) {
			node = node->right;
			continue;
		}
		found = vma;
		if (addr >= vma->start)
			break;
		node = node->left;
	}
	if (found)
		mm->cache = found;
	return found;
}

struct vm_area_struct *vma_at(struct mm_struct *mm, vaddr_t addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->start <= addr ? vma : NULL;
}

/* ---- accounting ---- */

static bool is_data(u32 flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

/* What the VMA adds to the counters; pages may be negative. */
static void account(struct mm_struct *mm, u32 flags, s32 pages)
{
	mm->total_vm += pages;
	if (pages > 0)
		mm->hiwater_vm = MAX(mm->hiwater_vm, mm->total_vm);
	if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
		mm->exec_vm += pages;
	else if (flags & VM_GROWSDOWN)
		mm->stack_vm += pages;
	else if (is_data(flags))
		mm->data_vm += pages;
}

bool may_expand_vm(const struct mm_struct *mm, u32 flags, u32 nr_pages)
{
	if (nr_pages > (mm->as_limit_bytes >> PAGE_SHIFT) -
			       MIN(mm->total_vm, mm->as_limit_bytes >> PAGE_SHIFT))
		return false;
	return !is_data(flags) || mm->data_limit_bytes == 0xFFFFFFFFu ||
	       mm->data_vm + nr_pages <= mm->data_limit_bytes >> PAGE_SHIFT;
}

bool overcommits(u32 flags, u32 nr_pages)
{
	if ((flags & (VM_WRITE | VM_SHARED | VM_NORESERVE)) != VM_WRITE)
		return false;
	return nr_pages > nr_managed_pages();
}

static void set_code_limit(struct mm_struct *mm, vaddr_t limit)
{
	if (mm->code_limit == limit)
		return;
	mm->code_limit = limit;
	if (mm->code_limit_changed)
		mm->code_limit_changed(mm);
}

static void code_added(struct mm_struct *mm, const struct vm_area_struct *vma)
{
	if ((vma->flags & VM_EXEC) && vma->end > mm->code_limit)
		set_code_limit(mm, vma->end);
}

/* A VMA that had VM_EXEC up to `end` has less now. */
static void code_removed(struct mm_struct *mm, u32 old_flags, vaddr_t end)
{
	struct vm_area_struct *vma = mm->last;

	if (!(old_flags & VM_EXEC) || end != mm->code_limit)
		return;
	while (vma && !(vma->flags & VM_EXEC))
		vma = vma->prev;
	set_code_limit(mm, vma ? vma->end : 0);
}

/* ---- changes ---- */

void vma_init(void)
{
	vma_cache = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0, 0, NULL);
	BUG_ON(!vma_cache);
}

struct vm_area_struct *vma_alloc(void)
{
	return kmem_cache_alloc(vma_cache, GFP_KERNEL);
}

void vma_free(struct vm_area_struct *vma)
{
	kmem_cache_free(vma_cache, vma);
}

u32 vma_pte_bits(u32 flags)
{
	if (!(flags & (VM_READ | VM_WRITE | VM_EXEC)))
		return PTE_PROTNONE;
	return PTE_PRESENT | PTE_USER | PTE_ACCESSED | (flags & VM_WRITE ? PTE_WRITABLE : 0);
}

static void link_list(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *prev,
		      struct vm_area_struct *next)
{
	vma->prev = prev;
	vma->next = next;
	*(prev ? &prev->next : &mm->first) = vma;
	*(next ? &next->prev : &mm->last) = vma;
}

void vma_insert(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *next)
{
	struct vm_area_struct *prev = vma_prev(mm, next);
	struct rb_node *parent, **link;

	/* Of two neighbours in order one has no child between them. */
	if (prev && !prev->node.right) {
		parent = &prev->node;
		link = &parent->right;
	} else {
		parent = next ? &next->node : NULL;
		link = parent ? &parent->left : &mm->vmas.node;
	}
	link_list(mm, vma, prev, next);
	vma->mm = mm;
	vma->pte_bits = vma_pte_bits(vma->flags);
	vma->gap = gap_below(vma);
	vma->subtree_gap = 0;
	rb_insert(&mm->vmas, &vma->node, parent, link, update_subtree_gap);
	refresh_gap(next);
	mm->nr_vmas++;
	mm->cache = vma;
	if (vma->mapping)
		list_add_tail(&vma->mapping_node, &vma->mapping->vmas);
	account(mm, vma->flags, vma_pages(vma));
	code_added(mm, vma);
}

void vma_remove(struct mm_struct *mm, struct vm_area_struct *vma)
{
	rb_erase(&mm->vmas, &vma->node, update_subtree_gap);
	*(vma->prev ? &vma->prev->next : &mm->first) = vma->next;
	*(vma->next ? &vma->next->prev : &mm->last) = vma->prev;
	refresh_gap(vma->next);
	mm->nr_vmas--;
	if (mm->cache == vma)
		mm->cache = NULL;
	if (vma->mapping)
		list_del(&vma->mapping_node);
	account(mm, vma->flags, -(s32)vma_pages(vma));
	code_removed(mm, vma->flags, vma->end);
}

void vma_close(struct vm_area_struct *vma)
{
	if (vma->ops && vma->ops->close)
		vma->ops->close(vma);
	vma_free(vma);
}

void vma_resize(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	vaddr_t old_end = vma->end;
	s32 growth = (s32)((end - start) >> PAGE_SHIFT) - (s32)vma_pages(vma);

	if (start != vma->start) {
		vma->pgoff += (start >> PAGE_SHIFT) - (vma->start >> PAGE_SHIFT);
		vma->start = start;
		refresh_gap(vma);
	}
	if (end != old_end) {
		vma->end = end;
		refresh_gap(vma->next);
	}
	account(mm, vma->flags, growth);
	code_added(mm, vma);
	if (end < old_end)
		code_removed(mm, vma->flags, old_end);
}

void vma_set_flags(struct mm_struct *mm, struct vm_area_struct *vma, u32 flags)
{
	u32 old = vma->flags;

	account(mm, old, -(s32)vma_pages(vma));
	vma->flags = flags;
	vma->pte_bits = vma_pte_bits(flags);
	account(mm, flags, vma_pages(vma));
	code_added(mm, vma);
	if (!(flags & VM_EXEC))
		code_removed(mm, old, vma->end);
}

struct vm_area_struct *vma_split(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t addr)
{
	struct vm_area_struct *upper = vma_alloc();

	if (!upper)
		return NULL;
	*upper = *vma;
	upper->start = addr;
	upper->pgoff += (addr - vma->start) >> PAGE_SHIFT;
	account(mm, vma->flags, -(s32)vma_pages(upper)); /* vma_insert() counts them again */
	vma->end = addr;
	vma_insert(mm, upper, vma->next);
	if (upper->ops && upper->ops->open)
		upper->ops->open(upper);
	return upper;
}

int vma_split_at(struct mm_struct *mm, vaddr_t start, vaddr_t end, struct vm_area_struct **first)
{
	struct vm_area_struct *vma = find_vma(mm, start), *last;

	if (vma && vma->start < start) {
		vma = vma_split(mm, vma, start);
		if (!vma)
			return -ENOMEM;
	}
	*first = vma;
	last = vma && vma->end >= end ? vma : find_vma(mm, end - 1);
	if (last && last->start < end && last->end > end && !vma_split(mm, last, end)) {
		vma_merge(mm, *first);
		return -ENOMEM;
	}
	return 0;
}

/* Can `upper`, which begins where `lower` ends, be one VMA with it? */
static bool can_join(const struct vm_area_struct *lower, const struct vm_area_struct *upper)
{
	return lower->end == upper->start && lower->flags == upper->flags &&
	       lower->mapping == upper->mapping && lower->file == upper->file &&
	       lower->ops == upper->ops && lower->pgoff + vma_pages(lower) == upper->pgoff;
}

static void absorb(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *upper)
{
	vaddr_t end = upper->end;

	vma->populated |= upper->populated;
	vma->has_anon |= upper->has_anon;
	vma_remove(mm, upper);
	vma_resize(mm, vma, vma->start, end);
	vma_close(upper);
	mm->cache = vma;
}

struct vm_area_struct *vma_merge(struct mm_struct *mm, struct vm_area_struct *vma)
{
	if (vma->next && can_join(vma, vma->next))
		absorb(mm, vma, vma->next);
	if (vma->prev && can_join(vma->prev, vma)) {
		vma = vma->prev;
		absorb(mm, vma, vma->next);
	}
	return vma;
}

struct vm_area_struct *vma_extend(struct mm_struct *mm, const struct vm_area_struct *like,
				  struct vm_area_struct *next)
{
	struct vm_area_struct *prev = vma_prev(mm, next);

	if (prev && can_join(prev, like)) {
		vma_resize(mm, prev, prev->start, like->end);
		return next && can_join(prev, next) ? vma_merge(mm, prev) : prev;
	}
	if (next && can_join(like, next)) {
		vma_resize(mm, next, like->start, next->end);
		return next;
	}
	return NULL;
}

/* ---- fork ---- */

/* Copies a subtree as it stands, colours and gaps included, and appends its VMAs to mm's list in order. */
static int clone_subtree(struct mm_struct *mm, struct rb_node *from, struct rb_node *parent,
			 struct rb_node **link)
{
	struct vm_area_struct *vma = vma_alloc(), *old = vma_of(from);

	if (!vma)
		return -ENOMEM;
	memcpy(vma, old, sizeof(*vma));
	vma->node.parent = parent;
	vma->node.left = vma->node.right = NULL;
	vma->mm = mm;
	if (from->left && clone_subtree(mm, from->left, &vma->node, &vma->node.left))
		goto fail;
	link_list(mm, vma, mm->last, NULL);
	*link = &vma->node;
	mm->nr_vmas++;
	if (vma->mapping)
		list_add_tail(&vma->mapping_node, &vma->mapping->vmas);
	if (vma->ops && vma->ops->open)
		vma->ops->open(vma);
	if (from->right)
		return clone_subtree(mm, from->right, &vma->node, &vma->node.right);
	return 0;
fail:
	vma_free(vma);
	return -ENOMEM;
}

/* Frees what was cloned: by the list, for the tree is not whole. */
static void unclone(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *next;

	for (vma = mm->first; vma; vma = next) {
		next = vma->next;
		if (vma->mapping)
			list_del(&vma->mapping_node);
		vma_close(vma);
	}
	mm->vmas = RB_ROOT;
	mm->first = mm->last = NULL;
	mm->nr_vmas = 0;
}

int vma_clone_all(struct mm_struct *mm, struct mm_struct *from)
{
	struct vm_area_struct *vma, *next;

	if (!from->vmas.node)
		return 0;
	if (clone_subtree(mm, from->vmas.node, NULL, &mm->vmas.node)) {
		unclone(mm);
		return -ENOMEM;
	}
	for (vma = mm->first; vma; vma = next) {
		next = vma->next;
		if (unlikely(vma->flags & VM_DONTFORK)) {
			vma_remove(mm, vma);
			vma_close(vma);
		}
	}
	return 0;
}
