/*
 * Red-black trees (Cormen et al., "Introduction to Algorithms", chapter 13), with NULL for the black
 * leaves and a summary kept in each node.
 *
 *   1. The root is black.
 *   2. A red node has no red child.
 *   3. Every way from a node down to a leaf meets the same number of black nodes.
 *
 * Summaries: a rotation changes only the two nodes it turns, and the upper of the two then stands for
 * the same set of nodes as before; nothing above it changes. So an insertion or removal brings the
 * way up to the root up to date once, before it rebalances, and a rotation updates its two nodes.
 */
#include "lib/rbtree.h"

static bool is_red(const struct rb_node *node)
{
	return node && node->red;
}

/* Makes `child` take the place of `node` below node's parent. child may be NULL. */
static void replace_child(struct rb_root *root, struct rb_node *node, struct rb_node *child)
{
	struct rb_node *parent = node->parent;

	if (!parent)
		root->node = child;
	else if (parent->left == node)
		parent->left = child;
	else
		parent->right = child;
	if (child)
		child->parent = parent;
}

/*
 *      node                  child
 *     /    \                 /    \
 *    a     child   --->    node    c
 *          /   \          /    \
 *         b     c        a      b
 */
static void rotate_left(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	struct rb_node *child = node->right;

	node->right = child->left;
	if (node->right)
		node->right->parent = node;
	replace_child(root, node, child);
	child->left = node;
	node->parent = child;
	if (update) {
		update(node);
		update(child);
	}
}

static void rotate_right(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	struct rb_node *child = node->left;

	node->left = child->right;
	if (node->left)
		node->left->parent = node;
	replace_child(root, node, child);
	child->right = node;
	node->parent = child;
	if (update) {
		update(node);
		update(child);
	}
}

void rb_update(struct rb_node *node, rb_update_fn update)
{
	while (node && update(node))
		node = node->parent;
}

void rb_insert_rebalance(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	while (is_red(node->parent)) {
		struct rb_node *parent = node->parent;
		struct rb_node *grandparent = parent->parent; /* there is one: the root is black */
		bool on_left = parent == grandparent->left;
		struct rb_node *uncle = on_left ? grandparent->right : grandparent->left;

		if (is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			grandparent->red = true;
			node = grandparent;
			continue;
		}
		if (on_left) {
			if (node == parent->right) {
				rotate_left(root, parent, update);
				parent = node;
			}
			rotate_right(root, grandparent, update);
		} else {
			if (node == parent->left) {
				rotate_right(root, parent, update);
				parent = node;
			}
			rotate_left(root, grandparent, update);
		}
		parent->red = false;
		grandparent->red = true;
		break;
	}
	root->node->red = false;
}

void rb_insert(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
	       struct rb_node **link, rb_update_fn update)
{
	*node = (struct rb_node){.parent = parent, .red = true};
	*link = node;
	if (update) {
		update(node);
		rb_update(parent, update);
	}
	rb_insert_rebalance(root, node, update);
}

/* `node` (perhaps NULL), below `parent`, is one black short. */
static void erase_rebalance(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
			    rb_update_fn update)
{
	while (parent && !is_red(node)) {
		bool on_left = node == parent->left;
		struct rb_node *sibling = on_left ? parent->right : parent->left;
		struct rb_node *near, *far;

		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			if (on_left)
				rotate_left(root, parent, update);
			else
				rotate_right(root, parent, update);
			sibling = on_left ? parent->right : parent->left;
		}
		near = on_left ? sibling->left : sibling->right;
		far = on_left ? sibling->right : sibling->left;
		if (!is_red(near) && !is_red(far)) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			continue;
		}
		if (!is_red(far)) {
			near->red = false;
			sibling->red = true;
			if (on_left)
				rotate_right(root, sibling, update);
			else
				rotate_left(root, sibling, update);
			far = sibling;
			sibling = near;
		}
		sibling->red = parent->red;
		parent->red = false;
		far->red = false;
		if (on_left)
			rotate_left(root, parent, update);
		else
			rotate_right(root, parent, update);
		return;
	}
	if (node)
		node->red = false;
}

/* What a removal leaves to be put right. */
struct removal {
	struct rb_node *child, *parent; /* child (perhaps NULL), below parent, moved up by one */
	struct rb_node *heir;           /* in the place of the node, or NULL */
	bool removed_black;
};

static __always_inline struct removal take_out(struct rb_root *root, struct rb_node *node)
{
	struct removal r = {.heir = NULL};
	struct rb_node *heir;

	if (!node->left || !node->right) {
		r.child = node->left ? node->left : node->right;
		r.parent = node->parent;
		r.removed_black = !node->red;
		replace_child(root, node, r.child);
		return r;
	}
	/* Its successor leaves its own place, where it has no left child, and takes node's. */
	heir = node->right;
	while (heir->left)
		heir = heir->left;
	r.heir = heir;
	r.child = heir->right;
	r.parent = heir->parent == node ? heir : heir->parent;
	r.removed_black = !heir->red;
	if (r.parent != heir) {
		replace_child(root, heir, r.child);
		heir->right = node->right;
		heir->right->parent = heir;
	}
	replace_child(root, node, heir);
	heir->left = node->left;
	heir->left->parent = heir;
	heir->red = node->red;
	return r;
}

void rb_erase(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	struct removal r = take_out(root, node);

	if (update) {
		struct rb_node *up = r.parent;

		/* Up to the heir whatever happens: its summary is that of its former place. */
		for (; r.heir && up != r.heir; up = up->parent)
			update(up);
		if (r.heir) {
			update(r.heir);
			up = r.heir->parent;
		}
		rb_update(up, update);
	}
	if (r.removed_black)
		erase_rebalance(root, r.child, r.parent, update);
}

void rb_erase_slow(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	struct removal r = take_out(root, node);

	if (r.heir)
		update(r.heir);
	if (r.removed_black)
		erase_rebalance(root, r.child, r.parent, update);
}

void rb_replace(struct rb_root *root, struct rb_node *old, struct rb_node *node,
		rb_update_fn update)
{
	*node = *old;
	replace_child(root, old, node);
	if (node->left)
		node->left->parent = node;
	if (node->right)
		node->right->parent = node;
	if (update) {
		update(node);
		rb_update(node->parent, update);
	}
}

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->left)
		node = node->left;
	return node;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->right)
		node = node->right;
	return node;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	if (node->right) {
		node = node->right;
		while (node->left)
			node = node->left;
		return (struct rb_node *)node;
	}
	while (node->parent && node == node->parent->right)
		node = node->parent;
	return node->parent;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	if (node->left) {
		node = node->left;
		while (node->right)
			node = node->right;
		return (struct rb_node *)node;
	}
	while (node->parent && node == node->parent->left)
		node = node->parent;
	return node->parent;
}

/* A tree of 2^32 nodes is at most this deep. A deeper one is a ring. */
#define MAX_DEPTH 64

/* Black height of the subtree, or -1 with *error. Goes downward only: `parent` links may be damaged. */
static int check_subtree(const struct rb_node *node, const struct rb_node *parent, int depth,
			 const char **error)
{
	int left, right;

	if (!node)
		return 0;
	if (depth > MAX_DEPTH)
		*error = "the tree is too deep to be one";
	else if (node->parent != parent)
		*error = "a child does not point back at its parent";
	else if (node->red && is_red(parent))
		*error = "a red node has a red child";
	if (*error)
		return -1;
	left = check_subtree(node->left, node, depth + 1, error);
	right = *error ? -1 : check_subtree(node->right, node, depth + 1, error);
	if (*error)
		return -1;
	if (left != right) {
		*error = "black heights differ";
		return -1;
	}
	return left + !node->red;
}

const char *rb_check(const struct rb_root *root)
{
	const char *error = NULL;

	if (is_red(root->node))
		return "the root is red";
	check_subtree(root->node, NULL, 0, &error);
	return error;
}
