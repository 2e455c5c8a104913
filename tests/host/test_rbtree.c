/* lib/rbtree.c against a sorted array, with a summary (count and sum of each subtree) kept in the nodes. */
#include "tests/host/check.h"
#include "lib/rbtree.h"

#define NR_ITEMS 400

struct item {
	struct rb_node node;
	u32 key, weight;
	u32 count, sum; /* of the subtree */
	bool in_tree;
};

static struct item items[NR_ITEMS];
static struct rb_root root;

static struct item *item_of(const struct rb_node *node)
{
	return rb_entry(node, struct item, node);
}

static bool summarise(struct rb_node *node)
{
	struct item *item = item_of(node);
	u32 count = 1, sum = item->weight;
	bool changed;

	if (node->left) {
		count += item_of(node->left)->count;
		sum += item_of(node->left)->sum;
	}
	if (node->right) {
		count += item_of(node->right)->count;
		sum += item_of(node->right)->sum;
	}
	changed = count != item->count || sum != item->sum;
	item->count = count;
	item->sum = sum;
	return changed;
}

static void insert(struct item *item, rb_update_fn update)
{
	struct rb_node **link = &root.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item->key < item_of(parent)->key ? &parent->left : &parent->right;
	}
	/* What an unlinked node holds must not matter. */
	item->count = test_rand();
	item->sum = test_rand();
	rb_insert(&root, &item->node, parent, link, update);
	item->in_tree = true;
}

/* Counts and checks the subtree without trusting its summaries. */
static void check_subtree(struct rb_node *node, u32 *count, u32 *sum)
{
	u32 left_count = 0, left_sum = 0, right_count = 0, right_sum = 0;

	if (!node) {
		*count = *sum = 0;
		return;
	}
	check_subtree(node->left, &left_count, &left_sum);
	check_subtree(node->right, &right_count, &right_sum);
	*count = left_count + right_count + 1;
	*sum = left_sum + right_sum + item_of(node)->weight;
	CHECK_EQ(item_of(node)->count, *count);
	CHECK_EQ(item_of(node)->sum, *sum);
}

static void check_tree(bool summaries)
{
	struct rb_node *node = rb_first(&root), *last = NULL;
	unsigned nr = 0;

	CHECK_OK(rb_check(&root));
	/* Key i is item i: the array is the sorted model. */
	for (unsigned i = 0; i < NR_ITEMS; i++) {
		if (!items[i].in_tree)
			continue;
		CHECK(node == &items[i].node);
		CHECK(rb_prev(node) == last);
		last = node;
		node = rb_next(node);
		nr++;
	}
	CHECK(!node);
	CHECK(rb_last(&root) == last);
	if (summaries) {
		u32 count, sum;

		check_subtree(root.node, &count, &sum);
		CHECK_EQ(count, nr);
	}
}

static void reset(void)
{
	root = RB_ROOT;
	memset(items, 0, sizeof(items));
	for (unsigned i = 0; i < NR_ITEMS; i++) {
		items[i].key = i;
		items[i].weight = test_rand_below(1000);
	}
}

static void random_operations(rb_update_fn update)
{
	reset();
	for (unsigned round = test_rounds(6000); round; round--) {
		/* Waves of growing and shrinking, so that small and large trees both occur. */
		bool grow = round / 500 % 2;
		struct item *item = &items[test_rand_below(NR_ITEMS)];

		if (!item->in_tree && (grow || !test_rand_below(4))) {
			insert(item, update);
		} else if (item->in_tree && (!grow || !test_rand_below(4))) {
			rb_erase(&root, &item->node, update);
			item->in_tree = false;
		} else if (item->in_tree && update) {
			item->weight = test_rand_below(1000);
			rb_update(&item->node, update);
		}
		check_tree(update);
	}
}

TEST(random_operations_plain)
{
	random_operations(NULL);
}

TEST(random_operations_with_summaries)
{
	random_operations(summarise);
}

/* Every order of insertion and every order of removal of five nodes. */
static void permute(unsigned *order, unsigned nr, unsigned at, void (*use)(unsigned *, unsigned))
{
	if (at == nr) {
		use(order, nr);
		return;
	}
	for (unsigned i = at; i < nr; i++) {
		unsigned swap = order[at];

		order[at] = order[i];
		order[i] = swap;
		permute(order, nr, at + 1, use);
		order[i] = order[at];
		order[at] = swap;
	}
}

static unsigned insert_order[6];

static void remove_in_order(unsigned *order, unsigned nr)
{
	root = RB_ROOT;
	for (unsigned i = 0; i < nr; i++)
		insert(&items[insert_order[i]], summarise);
	check_tree(true);
	for (unsigned i = 0; i < nr; i++) {
		rb_erase(&root, &items[order[i]].node, summarise);
		items[order[i]].in_tree = false;
		check_tree(true);
	}
}

static void insert_in_order(unsigned *order, unsigned nr)
{
	unsigned removal[6] = {0, 1, 2, 3, 4, 5};

	memcpy(insert_order, order, nr * sizeof(*order));
	permute(removal, nr, 0, remove_in_order);
}

TEST(every_order_of_five)
{
	unsigned order[6] = {0, 1, 2, 3, 4, 5};

	reset();
	permute(order, 5, 0, insert_in_order);
}

TEST(height_stays_logarithmic)
{
	unsigned deepest = 0;

	reset();
	for (unsigned i = 0; i < NR_ITEMS; i++)
		insert(&items[i], NULL);
	for (unsigned i = 0; i < NR_ITEMS; i++) {
		unsigned depth = 0;

		for (struct rb_node *node = &items[i].node; node; node = node->parent)
			depth++;
		deepest = MAX(deepest, depth);
	}
	CHECK(deepest <= 18); /* 2 * log2(401) = 17.3 */
}

TEST(replace)
{
	struct item other;

	reset();
	for (unsigned i = 0; i < 100; i++)
		insert(&items[i], summarise);
	for (unsigned i = 0; i < 100; i++) {
		u32 count, sum;

		other = items[i];
		other.weight += 5;
		rb_replace(&root, &items[i].node, &other.node, summarise);
		CHECK_OK(rb_check(&root));
		check_subtree(root.node, &count, &sum);
		CHECK_EQ(count, 100);
		rb_replace(&root, &other.node, &items[i].node, summarise);
		check_tree(true);
	}
}

TEST(check_finds_damage)
{
	struct rb_node *node;

	reset();
	for (unsigned i = 0; i < 50; i++)
		insert(&items[i], NULL);
	CHECK_OK(rb_check(&root));
	for (unsigned i = 0; i < 50; i++) {
		node = &items[i].node;
		node->red = !node->red;
		CHECK(rb_check(&root));
		node->red = !node->red;
	}
	node = root.node->left;
	node->parent = node;
	CHECK(rb_check(&root));
}
