/*
 * Red-black trees, embedded in what they order, with optional augmentation: a value in each node that
 * sums up its subtree (the largest gap, say) and is kept true through every change.
 *
 * The caller searches, in its own loop, for the link where the new node belongs:
 *
 *   struct rb_node **link = &root->node, *parent = NULL;
 *   while (*link) {
 *           parent = *link;
 *           link = key < key_of(parent) ? &parent->left : &parent->right;
 *   }
 *   rb_insert(root, node, parent, link, update);
 */
#pragma once

#include "lib/compiler.h"

struct rb_node {
	struct rb_node *parent;
	struct rb_node *left, *right;
	bool red;
};

struct rb_root {
	struct rb_node *node;
};

#define RB_ROOT              \
	(struct rb_root)     \
	{                    \
		.node = NULL \
	}
#define rb_entry(ptr, type, member) container_of(ptr, type, member)

/*
 * Recomputes a node's summary from the node and its two children. NULL for a tree without one.
 * => whether the summary changed: where it did not, nothing above needs to be looked at.
 */
typedef bool (*rb_update_fn)(struct rb_node *node);

void rb_insert(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
	       struct rb_node **link, rb_update_fn update);
void rb_erase(struct rb_root *root, struct rb_node *node, rb_update_fn update);

/*
 * The same where summaries are already right for the tree as it will be: the caller has seen to
 * node's and those above it before it inserts, and a removal makes none wrong (they are bounds, say).
 * Only nodes that move are updated. A leaf that comes below a black node, or a red one that goes,
 * moves none: that much is done in line.
 */
void rb_insert_rebalance(struct rb_root *root, struct rb_node *node, rb_update_fn update);
void rb_erase_slow(struct rb_root *root, struct rb_node *node, rb_update_fn update);

static __always_inline void rb_insert_updated(struct rb_root *root, struct rb_node *node,
					      struct rb_node *parent, struct rb_node **link,
					      rb_update_fn update)
{
	node->parent = parent;
	node->left = node->right = NULL;
	node->red = true;
	*link = node;
	if (!parent || parent->red)
		rb_insert_rebalance(root, node, update);
}

static __always_inline void rb_erase_updated(struct rb_root *root, struct rb_node *node,
					     rb_update_fn update)
{
	struct rb_node *parent = node->parent;

	if (!node->red || node->left || node->right)
		rb_erase_slow(root, node, update);
	else if (parent->left == node) /* there is a parent: the root is black */
		parent->left = NULL;
	else
		parent->right = NULL;
}

/* To be called when what a node contributes to its summary has changed while it is in the tree. */
void rb_update(struct rb_node *node, rb_update_fn update);

/* Puts `node` where `old` is; the order must stay the same. Summaries above are brought up to date. */
void rb_replace(struct rb_root *root, struct rb_node *old, struct rb_node *node,
		rb_update_fn update);

/* In order; NULL at the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

#define rb_for_each(pos, root) for (pos = rb_first(root); pos; pos = rb_next(pos))

/*
 * Verifies links, colours and black heights. Order and summaries are the caller's to verify.
 * => NULL, or what is wrong.
 */
const char *rb_check(const struct rb_root *root);
