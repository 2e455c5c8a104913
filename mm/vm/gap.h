/*
 * The free room between VMAs: how it is kept. Private to this room; the search is in gap.c.
 *
 * vma->gap is the free room below vma, vma->subtree_gap the largest gap in vma's subtree.
 */
#pragma once

#include "mm/vm/vma.h"

static __always_inline struct vm_area_struct *vma_of(struct rb_node *node)
{
	return rb_entry(node, struct vm_area_struct, node);
}

/* What subtree_gap should be, by the node and its children. */
static __always_inline u32 gap_largest(const struct vm_area_struct *vma)
{
	u32 most = vma->gap;

	if (vma->node.left && vma_of(vma->node.left)->subtree_gap > most)
		most = vma_of(vma->node.left)->subtree_gap;
	if (vma->node.right && vma_of(vma->node.right)->subtree_gap > most)
		most = vma_of(vma->node.right)->subtree_gap;
	return most;
}

/* For the tree's own movements. */
bool gap_update(struct rb_node *node);

/* The neighbour below vma, or vma's own start, has moved. */
static __always_inline void gap_refresh(struct vm_area_struct *vma)
{
	vaddr_t low = vma->prev ? vma->prev->end : 0, high = vma_guard_start(vma);
	struct rb_node *node = &vma->node;

	vma->gap = high > low ? high - low : 0;
	do {
		struct vm_area_struct *at = vma_of(node);
		u32 most = gap_largest(at);

		if (at->subtree_gap == most)
			return;
		at->subtree_gap = most;
		node = node->parent;
	} while (node);
}
