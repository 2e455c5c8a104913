/*
 * Placement: where len bytes fit.
 *
 *	0          a    b              c  d           e        USER_END
 *	|---gap----[VMA1]-----gap------[V2]----gap----[ stack ]
 *	                                          ^^^^ guard gap: belongs to the stack
 *
 * Each node of the tree of VMAs knows the largest gap in its subtree, so the search never goes down
 * where there is no room: O(log n). The room above the last VMA belongs to no node and is looked at
 * separately.
 *
 * What is placed top-down nearly always fits in the gap below the stack or below the VMA under it,
 * so those two are tried before the tree.
 */
#include "mm/vm/gap.h"
#include "lib/err.h"

bool gap_update(struct rb_node *node)
{
	struct vm_area_struct *vma = vma_of(node);
	u32 most = gap_largest(vma);

	if (vma->subtree_gap == most)
		return false;
	vma->subtree_gap = most;
	return true;
}

static bool starts_by(const struct vm_area_struct *vma, vaddr_t latest)
{
	return !vma->prev || vma->prev->end <= latest;
}

/* The highest VMA of a subtree with len bytes of room below it that begins at or below latest. */
static struct vm_area_struct *highest_gap(struct rb_node *node, u32 len, vaddr_t latest)
{
	while (node && vma_of(node)->subtree_gap >= len) {
		struct vm_area_struct *vma = vma_of(node), *found;

		if (starts_by(vma, latest)) {
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

vaddr_t vma_room_below(struct mm_struct *mm, u32 len, vaddr_t low, vaddr_t high,
		       struct vm_area_struct **next)
{
	struct vm_area_struct *vma = mm->last;
	vaddr_t end = high;

	*next = NULL;
	if (len > high || high - len < low)
		return (vaddr_t)-ENOMEM;
	if (vma && vma->end > high - len) {
		if (vma->gap < len || !starts_by(vma, high - len))
			vma = vma->prev;
		if (!vma || vma->gap < len || !starts_by(vma, high - len))
			vma = highest_gap(mm->vmas.node, len, high - len);
		if (!vma)
			return (vaddr_t)-ENOMEM;
		end = MIN(high, vma_guard_start(vma));
		*next = vma;
	}
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
