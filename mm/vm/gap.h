/*
 * The free room between VMAs: what keeps the bounds of gap.c right. Private to this room.
 */
#pragma once

#include "mm/vm/vma.h"

static __always_inline struct vm_area_struct *vma_of(struct rb_node *node)
{
	return rb_entry(node, struct vm_area_struct, node);
}

/* The free bytes below vma, a stack's guard gap not counted. */
static __always_inline u32 gap_below(const struct vm_area_struct *vma)
{
	vaddr_t low = vma->prev ? vma->prev->end : 0, high = vma_guard_start(vma);

	return high > low ? high - low : 0;
}

/* The tree moves a node: its bound anew, from its gap and its children. Never more than it was. */
bool gap_update(struct rb_node *node);

/* There is a gap in the subtree of node. */
static __always_inline void gap_appears(struct rb_node *node, u32 gap)
{
	while (node && vma_of(node)->room_bound < gap) {
		vma_of(node)->room_bound = gap;
		node = node->parent;
	}
}

/*
 * What vma_room_below() would find, where that is easy to see: below the stack or, if there are
 * mappings already, below the highest of them. => the address and *next; or 0: search.
 */
static __always_inline vaddr_t gap_near_top(const struct mm_struct *mm, u32 len, vaddr_t low,
					    vaddr_t high, struct vm_area_struct **next)
{
	struct vm_area_struct *vma = mm->last;
	vaddr_t room, end;

	if (!vma || len > high - low)
		return 0;
	if (vma->prev && vma->prev->end > high - len)
		vma = vma->prev;
	room = vma->prev ? vma->prev->end : 0;
	end = MIN(high, vma_guard_start(vma));
	if (room < low)
		room = low;
	if (vma->end <= high - len || room > end || len > end - room)
		return 0;
	*next = vma;
	return end - len;
}
