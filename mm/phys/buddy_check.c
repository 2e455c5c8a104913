/*
 * Verifies what buddy.c promises, from mem_map and the zones alone.
 *
 * First each list is followed, with a bound from its count, so that a broken ring ends; then mem_map is walked from
 * frame to frame. Each frame is in exactly one state:
 *
 *   PG_RESERVED            refcount > 0
 *   head of a free block   PG_BUDDY, refcount 0; the frames behind it have no flags and no references
 *   PG_HOT                 refcount 0
 *   in use                 refcount > 0; a PG_COMPOUND head is followed by its other frames
 *
 * The walk counts as many free blocks and hot frames as hang on the lists, so none is lost or on two lists.
 */
#include "mm/phys/buddy.h"
#include "lib/printk.h"
#include <asm/errno.h>

#define FREE_FLAGS (PG_ZONE_MASK | PG_POISONED)

struct tally {
	u32 blocks, hot; /* as counted in mem_map */
	u32 free_frames;
	u32 managed;
};

static int bad(const char *what, const struct page *page)
{
	printk("buddy_check: %s: frame %#x, flags %#x, refcount %d, private %u\n", what,
	       page_to_pfn(page), page->flags, page->refcount, page->private);
	return -EIO;
}

static int bad_zone(const char *what, const struct zone *z)
{
	printk("buddy_check: zone %s: %s\n", z->name, what);
	return -EIO;
}

static bool in_mem_map(const struct page *page)
{
	return page >= mem_map && page < mem_map + max_pfn &&
	       ((vaddr_t)page - (vaddr_t)mem_map) % sizeof(struct page) == 0;
}

static int check_block(const struct zone *z, const struct page *page, unsigned order, unsigned type)
{
	u32 pfn = page_to_pfn(page);
	u32 buddy = pfn ^ 1u << order;

	if (page_zone_of(page->flags) != z)
		return bad("on another zone's list", page);
	if ((page->flags & ~FREE_FLAGS) != PG_BUDDY || page->refcount)
		return bad("on a free list, but not free", page);
	if (page->private != order || pfn & ((1u << order) - 1))
		return bad("on the list of another order", page);
	if (pfn + (1u << order) > z->start_pfn + z->spanned)
		return bad("a block that leaves its zone", page);
	if (pageblock_type(pfn) != type)
		return bad("on the list of another type than its pageblock's", page);
	if (order < MAX_ORDER - 1 && pfn_valid(buddy) && pfn_to_page(buddy)->flags & PG_BUDDY &&
	    pfn_to_page(buddy)->private == order)
		return bad("free, as its buddy is, and not merged", page);
	return 0;
}

static int check_free_list(const struct zone *z, unsigned order, unsigned type, u32 *nr)
{
	const struct list_head *head = &z->free_area[order].list[type];
	const struct list_head *prev = head;
	u32 n = 0;

	for (const struct list_head *node = head->next; node != head; node = node->next) {
		const struct page *page = list_entry(node, struct page, lru);
		int err;

		if (n++ == z->free_area[order].nr[type] || !in_mem_map(page) || node->prev != prev)
			return bad_zone("a free list is broken or longer than its count", z);
		err = check_block(z, page, order, type);
		if (err)
			return err;
		prev = node;
	}
	*nr += n;
	return n == z->free_area[order].nr[type]
		       ? 0
		       : bad_zone("a free list is shorter than its count", z);
}

static int check_hot_list(const struct zone *z, unsigned type, u32 *nr)
{
	const struct hot_list *hot = &z->hot[type];
	u32 n = 0;

	for (const struct page *page = hot->first; page; page = page->next_hot) {
		if (n++ == hot->count || !in_mem_map(page))
			return bad_zone("a hot list is broken or longer than its count", z);
		if (page_zone_of(page->flags) != z)
			return bad("on another zone's hot list", page);
		if ((page->flags & ~FREE_FLAGS) != PG_HOT || page->refcount || page->mapcount)
			return bad("on a hot list, but not free", page);
	}
	*nr += n;
	return n == hot->count ? 0 : bad_zone("a hot list is shorter than its count", z);
}

/* The frames of a block behind its head. */
static int check_body(const struct page *head, unsigned order, u32 allowed_flags)
{
	for (const struct page *page = head + 1; page < head + (1u << order); page++) {
		if (page->flags & ~allowed_flags || page->refcount)
			return bad("inside a block", page);
	}
	return 0;
}

/* One frame or block at `page`; *step is its size. */
static int check_frame(const struct page *page, struct tally *tally, u32 *step)
{
	u32 flags = page->flags;
	unsigned order = flags & (PG_BUDDY | PG_COMPOUND) ? page->private : 0;

	if (order >= MAX_ORDER || page_to_pfn(page) + (1u << order) > max_pfn)
		return bad("an order that cannot be", page);
	*step = 1u << order;
	if (flags & PG_RESERVED)
		return page->refcount > 0 ? 0 : bad("reserved without a reference", page);
	tally->managed += *step;
	if (flags & PG_BUDDY) {
		tally->blocks++;
		tally->free_frames += *step;
		return page->refcount ? bad("free and referenced", page)
				      : check_body(page, order, FREE_FLAGS);
	}
	if (flags & PG_HOT) {
		tally->hot++;
		return page->refcount ? bad("hot and referenced", page) : 0;
	}
	if (page->refcount <= 0)
		return bad("neither free nor referenced", page);
	return flags & PG_COMPOUND ? check_body(page, order, ~(PG_RESERVED | PG_BUDDY | PG_HOT))
				   : 0;
}

static int check_zone(const struct zone *z)
{
	struct tally tally = {0};
	u32 blocks = 0, hot = 0, step = 1, pfn;
	u32 end = z->start_pfn + z->spanned;
	int err = 0;

	for (unsigned type = 0; type < MIGRATE_TYPES && !err; type++) {
		for (unsigned order = 0; order < MAX_ORDER && !err; order++)
			err = check_free_list(z, order, type, &blocks);
		if (!err)
			err = check_hot_list(z, type, &hot);
	}
	for (pfn = z->start_pfn; pfn < end && !err; pfn += step)
		err = check_frame(pfn_to_page(pfn), &tally, &step);
	if (err)
		return err;
	if (pfn != end)
		return bad_zone("a block that leaves the zone", z);
	if (tally.blocks != blocks || tally.hot != hot)
		return bad_zone("free frames that hang on no list", z);
	if (tally.free_frames != z->nr_free)
		return bad_zone("nr_free is wrong", z);
	return tally.managed == z->managed ? 0 : bad_zone("managed is wrong", z);
}

int buddy_check(void)
{
	struct zone *z;

	for_each_zone (z) {
		int err = z->spanned ? check_zone(z) : 0;

		if (err)
			return err;
	}
	return 0;
}
