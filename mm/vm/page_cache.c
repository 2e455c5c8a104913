/*
 * The page cache: for each file a radix tree from page number to struct page.
 *
 *	height 0: root is page 0 itself        (a file of one page needs no node)
 *	height 1: root -> node of 64 slots     (256 KB)
 *	height 2: root -> node -> node         (16 MB), and so on: 6 bits of the page number a level
 *
 * A tree grows at the root when a higher page number comes and loses nodes when their last slot
 * empties. The cache holds one reference on each page; mappings and readers hold their own, so a
 * dropped page lives as long as anybody still looks at it.
 *
 * A page that is being read is in the tree with PG_LOCKED and without PG_UPTODATE. Others who want
 * it sleep until the lock goes, and look again: a failed read has removed it.
 */
#include "mm/vm/page_cache.h"
#include "kernel/core/wait.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/phys/buddy.h"
#include "mm/vm/mm.h"
#include "mm/vm/unmap.h"

#define RADIX_BITS       6u
#define RADIX_SLOTS      (1u << RADIX_BITS)
#define RADIX_MASK       (RADIX_SLOTS - 1)
#define RADIX_MAX_HEIGHT 6u /* 6 x 6 bits hold any u32 */

struct radix_node {
	void *slots[RADIX_SLOTS];
	u32 used;
};

static struct kmem_cache *node_cache;
static struct wait_queue page_unlocked;
static u32 nr_cached, nr_cached_shmem;

__init void page_cache_init(void)
{
	node_cache = kmem_cache_create("radix_tree_node", sizeof(struct radix_node), 0, 0, NULL);
	BUG_ON(!node_cache);
	wait_queue_init(&page_unlocked);
}

void address_space_init(struct address_space *as, const struct address_space_operations *ops,
			void *host)
{
	*as = (struct address_space){.ops = ops, .host = host};
	INIT_LIST_HEAD(&as->vmas);
}

u32 page_cache_nr_pages(void)
{
	return nr_cached;
}

u32 page_cache_nr_shmem(void)
{
	return nr_cached_shmem;
}

/* ---- the tree ---- */

/* The level's part of index; level 1 is the leaf. */
static __always_inline u32 slot_at(u32 index, u32 level)
{
	return index >> ((level - 1) * RADIX_BITS) & RADIX_MASK;
}

static bool fits(u32 height, u32 index)
{
	return height >= RADIX_MAX_HEIGHT || !(index >> (height * RADIX_BITS));
}

/* The slot of index, empty or not; NULL where its leaf is missing. */
static __always_inline void **find_slot(struct address_space *as, u32 index)
{
	void **slot = &as->root;
	u32 shift = as->height * RADIX_BITS; /* of the level above */

	if (unlikely(!fits(as->height, index)))
		return NULL;
	while (shift) {
		struct radix_node *node = *slot;

		if (unlikely(!node))
			return NULL;
		shift -= RADIX_BITS;
		slot = &node->slots[index >> shift & RADIX_MASK];
	}
	return slot;
}

static struct radix_node *new_node(void)
{
	struct radix_node *node = kmem_cache_alloc(node_cache, GFP_KERNEL);

	if (node)
		memset(node, 0, sizeof(*node));
	return node;
}

/* Frees the empty nodes on the way to index. */
static void prune(struct address_space *as, u32 index)
{
	struct radix_node *path[RADIX_MAX_HEIGHT + 1];
	u32 level = as->height;
	void *at = as->root;

	for (; level && at; level--) {
		path[level] = at;
		at = path[level]->slots[slot_at(index, level)];
	}
	/* cppcheck-suppress uninitvar ; the loop above has set path from here to the top */
	for (level++; level <= as->height && !path[level]->used; level++) {
		kmem_cache_free(node_cache, path[level]);
		if (level == as->height) {
			as->root = NULL;
			break;
		}
		path[level + 1]->slots[slot_at(index, level + 1)] = NULL;
		path[level + 1]->used--;
	}
	if (!as->root)
		as->height = 0;
}

/* Adds levels until index fits. */
static int grow(struct address_space *as, u32 index)
{
	while (!fits(as->height, index)) {
		if (as->root) {
			struct radix_node *node = new_node();

			if (!node)
				return -ENOMEM;
			node->slots[0] = as->root;
			node->used = 1;
			as->root = node;
		}
		as->height++;
	}
	return 0;
}

/* The leaf that a slot of find_slot() lies in; the tree has one. */
static __always_inline struct radix_node *leaf_of(void **slot, u32 index)
{
	return container_of(slot - (index & RADIX_MASK), struct radix_node, slots[0]);
}

/* Where the leaf is missing. */
static noinline int insert(struct address_space *as, u32 index, struct page *page)
{
	void **slot = &as->root;
	struct radix_node *parent = NULL;
	u32 level;

	if (grow(as, index))
		goto fail;
	for (level = as->height; level; level--) {
		if (!*slot) {
			*slot = new_node();
			if (!*slot)
				goto fail;
			if (parent)
				parent->used++;
		}
		parent = *slot;
		slot = &parent->slots[slot_at(index, level)];
	}
	*slot = page;
	if (parent)
		parent->used++;
	return 0;
fail:
	prune(as, index);
	return -ENOMEM;
}

/* ---- pages ---- */

static void drop_page(struct page *page)
{
	nr_cached_shmem -= page->mapping->shmem;
	page->flags &= ~(PG_PAGECACHE | PG_DIRTY);
	page->mapping = NULL;
	page->index = 0;
	nr_cached--;
	put_page(page);
}

struct page *page_cache_find(struct address_space *as, u32 index)
{
	void **slot = find_slot(as, index);
	struct page *page = slot ? *slot : NULL;

	if (page)
		get_page(page);
	return page;
}

bool page_cache_run(struct address_space *as, u32 index, struct page_cache_run *run)
{
	void **slot = find_slot(as, index);
	struct page *page = slot ? *slot : NULL;

	if (unlikely(!page || !(page->flags & PG_UPTODATE)))
		return false;
	run->slot = (struct page **)slot;
	run->before = as->height ? index & RADIX_MASK : 0;
	run->after = as->height ? RADIX_MASK - run->before : 0;
	return true;
}

/* Puts a page in. slot: find_slot() of its index, which is empty or missing. */
static __always_inline int put_in(struct address_space *as, void **slot, struct page *page,
				  u32 index)
{
	if (likely(slot && as->height)) {
		*slot = page;
		leaf_of(slot, index)->used++;
	} else {
		int error = insert(as, index, page);

		if (error)
			return error;
	}
	get_page(page);
	page->flags |= PG_PAGECACHE;
	page->mapping = as;
	page->index = index;
	as->nr_pages++;
	nr_cached++;
	nr_cached_shmem += as->shmem;
	return 0;
}

int page_cache_add(struct address_space *as, struct page *page, u32 index)
{
	void **slot = find_slot(as, index);

	return slot && *slot ? -EEXIST : put_in(as, slot, page, index);
}

/* Takes one page out, unless truncation already did. */
static void page_cache_remove(struct address_space *as, struct page *page, u32 index)
{
	void **slot = find_slot(as, index);

	if (!slot || *slot != page)
		return;
	*slot = NULL;
	if (as->height)
		leaf_of(slot, index)->used--;
	prune(as, index);
	as->nr_pages--;
	drop_page(page);
}

/* Fills a new page that is in the cache. */
static __always_inline int read_in(struct address_space *as, struct page *page, u32 index,
				   bool *major)
{
	int error;

	if (!as->ops || !as->ops->read_page) {
		clear_highpage(page);
		page->flags |= PG_UPTODATE;
		return 0;
	}
	*major = true;
	page->flags |= PG_LOCKED;
	error = as->ops->read_page(as, page);
	page->flags &= ~PG_LOCKED;
	if (error)
		page_cache_remove(as, page, index);
	else
		page->flags |= PG_UPTODATE;
	wake_up_all(&page_unlocked);
	return error;
}

/* Somebody else is reading it. */
static noinline struct page *wait_for_page(struct address_space *as, struct page *page, u32 index,
					   bool *major)
{
	get_page(page);
	wait_event(page_unlocked, !(page->flags & PG_LOCKED));
	if (page->flags & PG_UPTODATE)
		return page;
	put_page(page);
	return page_cache_get(as, index, major); /* the read failed; it is out of the tree */
}

struct page *page_cache_get(struct address_space *as, u32 index, bool *major)
{
	void **slot = find_slot(as, index);
	struct page *page = slot ? *slot : NULL;
	int error;

	if (likely(page)) {
		if (unlikely(!(page->flags & PG_UPTODATE)))
			return wait_for_page(as, page, index, major);
		get_page(page);
		return page;
	}
	if (as->ops && as->ops->charge) {
		error = as->ops->charge(as);
		if (unlikely(error))
			return ERR_PTR(error);
	}
	error = -ENOMEM;
	page = alloc_page(GFP_HIGHUSER_MOVABLE); /* does not sleep: slot is what it was */
	if (unlikely(!page) && lazyfree_reclaim())
		page = alloc_page(GFP_HIGHUSER_MOVABLE);
	if (unlikely(!page))
		goto fail;
	error = put_in(as, slot, page, index);
	if (!error)
		error = read_in(as, page, index, major);
	if (!error)
		return page;
	put_page(page);
fail:
	if (as->ops && as->ops->uncharge)
		as->ops->uncharge(as);
	return ERR_PTR(error);
}

/* Drops the pages first to last below *slot, which covers page numbers from base on. => whether it is
 * empty now. */
static bool drop_in_slot(struct address_space *as, void **slot, u32 level, u32 base, u32 first,
			 u32 last)
{
	struct radix_node *node = *slot;
	u32 i;

	if (!node)
		return true;
	if (!level) {
		if (base < first || base > last)
			return false;
		drop_page(*slot);
		as->nr_pages--;
		*slot = NULL;
		return true;
	}
	for (i = first > base ? slot_at(first, level) : 0; i < RADIX_SLOTS; i++) {
		u32 below = base + (i << ((level - 1) * RADIX_BITS));

		if (below > last || below < base) /* the highest level reaches beyond 32 bits */
			break;
		if (node->slots[i] &&
		    drop_in_slot(as, &node->slots[i], level - 1, below, first, last))
			node->used--;
	}
	if (node->used)
		return false;
	kmem_cache_free(node_cache, node);
	*slot = NULL;
	return true;
}

static void drop_pages(struct address_space *as, u32 first, u32 last)
{
	if (fits(as->height, first) && drop_in_slot(as, &as->root, as->height, 0, first, last))
		as->height = 0;
}

void page_cache_truncate(struct address_space *as, u32 first)
{
	unmap_mapping(as, first, UINT32_MAX, true);
	drop_pages(as, first, UINT32_MAX);
}

void page_cache_punch(struct address_space *as, u32 first, u32 last)
{
	unmap_mapping(as, first, last, false);
	drop_pages(as, first, last);
}

/* ---- check ---- */

static u32 count_pages(struct address_space *as, void *at, u32 level, u32 base, bool *sound)
{
	struct radix_node *node = at;
	struct page *page = at;
	u32 i, used = 0, pages = 0;

	if (!at)
		return 0;
	if (!level) {
		if (page->mapping != as || page->index != base ||
		    page->refcount < 1 + page->mapcount || !(page->flags & PG_PAGECACHE) ||
		    (page->flags & PG_ANON))
			*sound = false;
		return 1;
	}
	for (i = 0; i < RADIX_SLOTS; i++) {
		used += node->slots[i] != NULL;
		pages += count_pages(as, node->slots[i], level - 1,
				     base + (i << ((level - 1) * RADIX_BITS)), sound);
	}
	if (used != node->used || !used)
		*sound = false;
	return pages;
}

int page_cache_check(struct address_space *as)
{
	bool sound = true;
	u32 pages = count_pages(as, as->root, as->height, 0, &sound);

	if (sound && pages == as->nr_pages)
		return 0;
	printk("page cache: tree of mapping %p is wrong: %u pages found, %u counted\n", (void *)as,
	       pages, as->nr_pages);
	return -EIO;
}
