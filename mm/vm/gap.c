/*
 * Placement: where len bytes fit.
 *
 *	0          a    b              c  d           e        USER_END
 *	|---gap----[VMA1]-----gap------[V2]----gap----[ stack ]
 *	                                          ^^^^ guard gap: belongs to the stack
 *
 * Each node of the tree of VMAs has a bound: no gap below a VMA of its subtree is larger. The
 * search never goes down where the bound is too small, so it is O(log n).
 *
 * A bound may be too large, never too small. So a new VMA, which only makes gaps smaller, costs
 * nothing but its own bound; a gap that grows raises the bounds above it until one is large enough
 * already; and a search that was led astray lowers what misled it on the way back. Each step astray
 * is thus paid by one change that did not keep the bounds exact: O(log n) a change. Keeping them
 * exact would walk to the root twice for every mmap and munmap.
 *
 * The room above the last VMA belongs to no node and is looked at separately.
 */
#include "mm/vm/gap.h"
#include "lib/err.h"

static void tighten(struct vm_area_struct *vma)
{
	u32 bound = gap_below(vma);

	if (vma->node.left && vma_of(vma->node.left)->room_bound > bound)
		bound = vma_of(vma->node.left)->room_bound;
	if (vma->node.right && vma_of(vma->node.right)->room_bound > bound)
		bound = vma_of(vma->node.right)->room_bound;
	vma->room_bound = bound;
}

bool gap_update(struct rb_node *node)
{
	tighten(vma_of(node));
	return false; /* those above bound it still */
}

/* The VMA at the top of a subtree that may have len bytes somewhere, else NULL. */
static struct vm_area_struct *promising(struct rb_node *node, u32 len)
{
	return node && vma_of(node)->room_bound >= len ? vma_of(node) : NULL;
}

/* The highest VMA of a subtree with len bytes of room below it that begins at or below latest. */
static struct vm_area_struct *highest_gap(struct rb_node *node, u32 len, vaddr_t latest)
{
	struct vm_area_struct *vma = promising(node, len), *found = NULL;

	if (!vma)
		return NULL;
	if (!vma->prev || vma->prev->end <= latest) {
		found = highest_gap(node->right, len, latest);
		if (!found && gap_below(vma) >= len)
			return vma;
	}
	if (!found)
		found = highest_gap(node->left, len, latest);
	if (!found)
		tighten(vma);
	return found;
}

/* The lowest VMA of a subtree with len bytes of room below it that ends at or above earliest. */
static struct vm_area_struct *lowest_gap(struct rb_node *node, u32 len, vaddr_t earliest)
{
	struct vm_area_struct *vma = promising(node, len), *found = NULL;

	if (!vma)
		return NULL;
	if (vma_guard_start(vma) >= earliest) {
		found = lowest_gap(node->left, len, earliest);
		if (!found && gap_below(vma) >= len)
			return vma;
	}
	if (!found)
		found = lowest_gap(node->right, len, earliest);
	if (!found)
		tighten(vma);
	return found;
}

vaddr_t vma_room_below(struct mm_struct *mm, u32 len, vaddr_t low, vaddr_t high,
		       struct vm_area_struct **next)
{
	struct vm_area_struct *vma = NULL;
	vaddr_t end = high;

	if (len > high || high - len < low)
		return (vaddr_t)-ENOMEM;
	if (mm->last && mm->last->end > high - len) {
		vma = highest_gap(mm->vmas.node, len, high - len);
		if (!vma)
			return (vaddr_t)-ENOMEM;
		end = MIN(high, vma_guard_start(vma));
	}
	*next = vma;
	return end - len >= low ? end - len : (vaddr_t)-ENOMEM;
}

vaddr_t vma_room_above(struct mm_struct *mm, u32 len, vaddr_t low, vaddr_t high,
		       struct vm_area_struct **next)
{
	struct vm_area_struct *below;
	vaddr_t addr;

	if (len > high || high - len < low)
		return (vaddr_t)-ENOMEM;
	*next = lowest_gap(mm->vmas.node, len, low + len);
	below = vma_prev(mm, *next);
	addr = below ? MAX(low, below->end) : low;
	return addr <= high - len ? addr : (vaddr_t)-ENOMEM;
}
