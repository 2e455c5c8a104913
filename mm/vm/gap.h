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
