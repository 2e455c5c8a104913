/*
 * The buddy allocator (Knowlton 1965), by migrate type, with hot lists in front.
 *
 * Free memory is kept as blocks of 2^order frames, aligned to their size. A block of order n is split into two
 * buddies of order n - 1, whose frame numbers differ in bit n - 1 alone; when both are free they are merged again, so
 * what is free is always described by the fewest blocks.
 *
 *   frame   8   9  10  11  12  13  14  15
 *          [8       order 2][12 o1][14][15 in use]     14's buddy is in use: it stays of order 0
 *
 * struct page of a free block: the head has PG_BUDDY and its order in `private`, and hangs by `lru` on
 * zone->free_area[order].list[type]; the frames behind it have no flag and no reference. A lookup of the
 * buddy is therefore one test of its head's flag and order.
 *
 * Migrate types. An unmovable frame in the middle of 4 MB keeps those 4 MB from ever being one block again. So each
 * 4 MB pageblock has a type, and allocations of a type come from pageblocks of that type:
 *
 *   - every free block is on the list of its pageblock's type (a block never crosses a pageblock);
 *   - a type that has run out takes from another, and from the largest block first: where at least half of that
 *     pageblock is free, the pageblock changes its type with everything free in it, so that the next
 *     allocations of the type find room there; where not, one block, the smallest that will do, is taken out and
 *     the pageblock stays what it is.
 *
 * Hot lists. Single frames, nearly all there ever is, do not pass through the above one by one. Each zone has for
 * each type a stack of free frames (last freed, first used: its cache lines may still be warm), filled and
 * emptied a batch at a time. In it a struct page is already as its next owner gets it, but for
 * PG_HOT and the reference. Watermarks are looked at when a hot list is filled. A list holds at most 1/64 of the zone,
 * and all are emptied before an allocation fails; then whoever keeps frames only to be quick (struct shrinker) is asked
 * for them.
 *
 *   alloc_page ──▶ hot list ◀── page_free_last          one frame
 *                   │    ▲
 *            gives back  fills                          a batch of frames
 *                   ▼    │
 *                 free_area[0..10]  ◀──▶ alloc_pages, free_pages of order > 0
 *
 * Locking: none. The kernel is not pre-empted and interrupt handlers do not allocate.
 *
 * Rejected: a bitmap of free buddies for each order, as early Linux had; it saves the flag and costs a second truth
 * that must agree with mem_map.
 */
#include "mm/phys/buddy.h"
#include "lib/failpoint.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/phys/bootmem.h"
#include <asm/errno.h>

#define PAGE_POISON 0xAAu

/* What a free frame's flags keep. */
#define PG_KEPT (PG_ZONE_MASK | (DEBUG ? PG_POISONED : 0))
/* A frame with one of these is not freed like any other: most often it is freed twice. */
#define PG_ODD         (PG_RESERVED | PG_BUDDY | PG_SLAB | PG_HOT | PG_LOCKED | PG_COMPOUND)

#define GFP_PLACE_MASK (GFP_ZONE_MASK | GFP_MIGRATE_MASK)

static struct failpoint page_alloc_failpoint = {.name = "page_alloc"};
struct buddy_stats buddy_stats;
static LIST_HEAD(shrinkers);

/* The hot list to look at first for each zone and migrate type of a request: that of the highest zone that the
 * machine has. */
static struct hot_list *first_hot[GFP_PLACE_MASK + 1];

/* Where a type takes from when it has run out. */
#define NR_FALLBACKS 2
static const u8 fallbacks[MIGRATE_CMA][NR_FALLBACKS] = {
	[MIGRATE_UNMOVABLE] = {MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE},
	[MIGRATE_MOVABLE] = {MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE},
	[MIGRATE_RECLAIMABLE] = {MIGRATE_UNMOVABLE, MIGRATE_MOVABLE},
};

/* ---- blocks ---- */

static void add_block(struct zone *z, struct page *page, unsigned order, unsigned type)
{
	struct free_area *area = &z->free_area[order];

	page->flags |= PG_BUDDY;
	page->private = order;
	list_add(&page->lru, &area->list[type]);
	area->nr[type]++;
}

static void remove_block(struct zone *z, struct page *page, unsigned order, unsigned type)
{
	page->flags &= ~PG_BUDDY;
	list_del(&page->lru);
	z->free_area[order].nr[type]--;
}

/* Frees a block, whose entries are those of free frames, and merges it with its buddies as far as they are free. */
static void free_block(struct zone *z, struct page *page, unsigned order)
{
	u32 pfn = page_to_pfn(page);
	unsigned type = pageblock_hot[page_to_pageblock(page)] - z->hot;

	z->nr_free += 1u << order;
	for (; order < MAX_ORDER - 1; order++) {
		u32 buddy_pfn = pfn ^ 1u << order;
		struct page *buddy = pfn_to_page(buddy_pfn);

		if (buddy_pfn >= max_pfn || !(buddy->flags & PG_BUDDY) || buddy->private != order)
			break;
		remove_block(z, buddy, order, type);
		buddy_stats.merges++;
		pfn &= ~(1u << order);
	}
	add_block(z, pfn_to_page(pfn), order, type);
}

/*
 * Takes the smallest free block of order `min` or more and splits it until it is of order `max` at most (min <= max).
 * => its head and *order, or NULL.
 */
static struct page *take_block(struct zone *z, unsigned type, unsigned min, unsigned max,
			       unsigned *order)
{
	unsigned have = min;
	struct page *page;

	while (list_empty(&z->free_area[have].list[type])) {
		if (++have == MAX_ORDER)
			return NULL;
	}
	page = list_first_entry(&z->free_area[have].list[type], struct page, lru);
	remove_block(z, page, have, type);
	while (have > max) {
		have--;
		add_block(z, page + (1u << have), have, type);
		buddy_stats.splits++;
	}
	z->nr_free -= 1u << have;
	*order = have;
	return page;
}

/* ---- pageblocks ---- */

/* Frames of free blocks in the pageblock that starts at `pfn`, which all are moved to the lists of `to` unless it is
 * the type that they have. */
static u32 move_pageblock(struct zone *z, u32 pfn, unsigned from, unsigned to)
{
	u32 end = MIN(pfn + PAGEBLOCK_PAGES, max_pfn);
	u32 nr_free = 0;

	while (pfn < end) {
		struct page *page = pfn_to_page(pfn);
		unsigned order = page->private;

		if (!(page->flags & PG_BUDDY)) {
			pfn++;
			continue;
		}
		if (from != to) {
			remove_block(z, page, order, from);
			add_block(z, page, order, to);
		}
		nr_free += 1u << order;
		pfn += 1u << order;
	}
	return nr_free;
}

/* Changes the type of the pageblock of a free block of another type, if at least half of it is free. */
static bool claim_pageblock(struct zone *z, const struct page *block, unsigned from, unsigned to)
{
	u32 pfn = ALIGN_DOWN(page_to_pfn(block), PAGEBLOCK_PAGES);

	if (move_pageblock(z, pfn, from, from) < PAGEBLOCK_PAGES / 2)
		return false;
	move_pageblock(z, pfn, from, to);
	pageblock_hot[pfn >> PAGEBLOCK_ORDER] = &z->hot[to];
	buddy_stats.claims++;
	return true;
}

/* As take_block(), from the other types. */
static struct page *steal_block(struct zone *z, unsigned type, unsigned min, unsigned max,
				unsigned *order)
{
	struct page *page = NULL;

	for (unsigned have = MAX_ORDER; have-- > min;) {
		for (unsigned i = 0; i < NR_FALLBACKS; i++) {
			unsigned from = fallbacks[type][i];
			struct list_head *list = &z->free_area[have].list[from];

			if (list_empty(list))
				continue;
			page = list_first_entry(list, struct page, lru);
			if (claim_pageblock(z, page, from, type))
				return take_block(z, type, min, max, order);
			/* The largest there is is in a pageblock that is mostly in use. */
			goto take_one;
		}
	}
	return NULL;
take_one:
	page = NULL;
	for (unsigned i = 0; i < NR_FALLBACKS && !page; i++)
		page = take_block(z, fallbacks[type][i], min, max, order);
	return page;
}

static struct page *obtain_block(struct zone *z, unsigned type, unsigned min, unsigned max,
				 unsigned *order)
{
	struct page *page = take_block(z, type, min, max, order);

	return page ? page : steal_block(z, type, min, max, order);
}

/* ---- hot lists ---- */

static struct page *pop(struct hot_list *hot)
{
	struct page *page = hot->first;

	hot->first = page->next_hot;
	hot->count--;
	hot->pops++;
	page->flags &= ~PG_HOT;
	return page;
}

/* n frames go back. */
static void give_back(struct hot_list *hot, u32 n)
{
	struct zone *z = page_zone_of(hot->first->flags);

	buddy_stats.gives_back++;
	z->hot_given += n;
	while (n--)
		free_block(z, pop(hot), 0);
}

static noinline void give_back_batch(struct hot_list *hot)
{
	give_back(hot, hot->batch);
}

void drain_hot_lists(void)
{
	struct zone *z;

	for_each_zone (z) {
		for (unsigned type = 0; type < MIGRATE_TYPES; type++) {
			if (z->hot[type].first)
				give_back(&z->hot[type], z->hot[type].count);
		}
	}
}

/* At most n frames, of the smallest blocks that there are; within a block they will go out in ascending order. The list
 * is empty. */
static void fill(struct zone *z, struct hot_list *hot, u32 n)
{
	unsigned max = PAGEBLOCK_ORDER;

	buddy_stats.refills++;
	while (n) {
		struct page *page, *first = hot->first;
		unsigned order;

		while (1u << max > n)
			max--;
		page = obtain_block(z, hot - z->hot, 0, max, &order);
		if (!page)
			return;
		hot->first = page;
		for (struct page *last = page + (1u << order) - 1; page < last; page++) {
			page->flags |= PG_HOT;
			page->next_hot = page + 1;
		}
		page->flags |= PG_HOT;
		page->next_hot = first;
		hot->count += 1u << order;
		z->hot_filled += 1u << order;
		n -= 1u << order;
	}
}

/* ---- debug builds ---- */

static void poison(struct page *page)
{
	if (page_is_highmem(page))
		return;
	memset(page_address(page), PAGE_POISON, PAGE_SIZE);
	page->flags |= PG_POISONED;
}

static void check_poison(struct page *page)
{
	const u32 *word = page_address(page);

	if (!(page->flags & PG_POISONED))
		return;
	for (u32 i = 0; i < PAGE_SIZE / 4; i++) {
		if (word[i] != PAGE_POISON * 0x01010101u)
			panic("frame %#x was written to at +%#x after it was freed by %pS",
			      page_to_pfn(page), i * 4, page->owner);
	}
	page->flags &= ~PG_POISONED;
}

static void debug_allocated(struct page *page, unsigned order, void *caller)
{
	for (u32 i = 0; i < 1u << order; i++)
		check_poison(page + i);
	page->owner = caller;
}

static void debug_freed(struct page *page, unsigned order, void *caller)
{
	for (u32 i = 0; i < 1u << order; i++) {
		ASSERT(page[i].mapcount == 0);
		page[i].owner = caller;
		poison(page + i);
	}
}

/* ---- allocation ---- */

/* How many frames of z a request may take. */
static u32 zone_room(const struct zone *z, gfp_t gfp)
{
	u32 min = z->watermark[WMARK_MIN];
	u32 keep = (gfp & __GFP_HIGH ? min / 4 : min) + z->lowmem_reserve[gfp & GFP_ZONE_MASK];

	return z->nr_free > keep ? z->nr_free - keep : 0;
}

static struct page *alloc_from(struct zone *z, gfp_t gfp, unsigned order)
{
	unsigned type = (gfp & GFP_MIGRATE_MASK) >> GFP_MIGRATE_SHIFT;
	struct hot_list *hot = &z->hot[type];
	u32 room = zone_room(z, gfp);
	struct page *page;

	if (order) {
		if (room < 1u << order)
			return NULL;
		page = obtain_block(z, type, order, order, &order);
		if (!page)
			return NULL;
		z->block_allocs += 1u << order;
		page->flags |= PG_COMPOUND;
		page->private = order;
		page->refcount = 1;
		return page;
	}
	/* What is on the hot list of the zone of choice has been paid for when it was filled; other zones'
	 * reserves count for each frame. */
	if (!room && hot != first_hot[gfp & GFP_PLACE_MASK])
		return NULL;
	if (!hot->first)
		fill(z, hot, MIN(room, hot->batch));
	if (!hot->first)
		return NULL;
	page = pop(hot);
	page->refcount = 1;
	return page;
}

void register_shrinker(struct shrinker *shrinker)
{
	list_add_tail(&shrinker->node, &shrinkers);
}

u32 shrink_all(void)
{
	struct shrinker *shrinker;
	u32 frames = 0;

	buddy_stats.shrinks++;
	list_for_each_entry (shrinker, &shrinkers, node)
		frames += shrinker->shrink();
	return frames;
}

static struct page *alloc_from_zones(gfp_t gfp, unsigned order)
{
	for (struct zone *z = &zones[gfp & GFP_ZONE_MASK]; z >= zones; z--) {
		struct page *page = z->managed ? alloc_from(z, gfp, order) : NULL;

		if (page)
			return page;
	}
	return NULL;
}

static noinline struct page *alloc_slow(gfp_t gfp, unsigned order, void *caller)
{
	struct page *page;

	ASSERT((gfp & GFP_ZONE_MASK) < MAX_NR_ZONES);
	ASSERT((gfp & GFP_MIGRATE_MASK) >> GFP_MIGRATE_SHIFT != MIGRATE_CMA);
	if (order >= MAX_ORDER)
		return NULL;
	if (!(gfp & __GFP_NOFAILPOINT) && failpoint_fires(&page_alloc_failpoint))
		return NULL;
	page = alloc_from_zones(gfp, order);
	if (!page) {
		drain_hot_lists();
		page = alloc_from_zones(gfp, order);
	}
	if (!page && shrink_all()) {
		drain_hot_lists();
		page = alloc_from_zones(gfp, order);
	}
	if (!page) {
		buddy_stats.failed++;
		return NULL;
	}
	if (DEBUG)
		debug_allocated(page, order, caller);
	if (gfp & __GFP_ZERO) {
		ASSERT(!page_is_highmem(page));
		memset(page_address(page), 0, PAGE_SIZE << order);
	}
	return page;
}

struct page *alloc_pages(gfp_t gfp, unsigned order)
{
	return alloc_slow(gfp, order, __builtin_return_address(0));
}

struct page *alloc_page(gfp_t gfp)
{
	struct hot_list *hot = first_hot[gfp & GFP_PLACE_MASK];
	struct page *page;

	if (unlikely(!hot->first) || unlikely(gfp & __GFP_ZERO) ||
	    unlikely(page_alloc_failpoint.armed))
		return alloc_slow(gfp, 0, __builtin_return_address(0));
	page = pop(hot);
	page->refcount = 1;
	if (DEBUG)
		debug_allocated(page, 0, __builtin_return_address(0));
	return page;
}

void *get_free_page(gfp_t gfp)
{
	struct page *page = alloc_page(gfp);

	ASSERT(!page || !page_is_highmem(page));
	return page ? page_address(page) : NULL;
}

/* ---- release ---- */

/* A block, or something that must not be freed. The reference is gone. */
static noinline void free_odd(struct page *page, void *caller)
{
	unsigned order = page->private;

	if ((page->flags & PG_ODD) != PG_COMPOUND)
		panic("frame %#x freed by %pS has flags %#x", page_to_pfn(page), caller,
		      page->flags);
	if (DEBUG)
		debug_freed(page, order, caller);
	page->flags &= PG_KEPT;
	page_zone_of(page->flags)->block_frees += 1u << order;
	free_block(page_zone_of(page->flags), page, order);
}

void page_free_last(struct page *page)
{
	u32 flags = page->flags;
	struct hot_list *hot;

	if (unlikely(flags & PG_ODD)) {
		free_odd(page, __builtin_return_address(0));
		return;
	}
	if (DEBUG) {
		debug_freed(page, 0, __builtin_return_address(0));
		flags = page->flags;
	}
	page->flags = (flags & PG_KEPT) | PG_HOT;
	hot = pageblock_hot[page_to_pageblock(page)];
	page->next_hot = hot->first;
	hot->first = page;
	if (unlikely(++hot->count > hot->high))
		give_back_batch(hot);
}

void free_pages(struct page *page, unsigned order)
{
	BUG_ON(page->refcount != 1);
	BUG_ON(order && (!(page->flags & PG_COMPOUND) || page->private != order));
	page->refcount = 0;
	page_free_last(page);
}

void free_page_at(void *addr)
{
	free_page(virt_to_page(addr));
}

/* ---- boot ---- */

__init void buddy_init(void)
{
	memset(&buddy_stats, 0, sizeof(buddy_stats));
	INIT_LIST_HEAD(&shrinkers);
	if (!failpoint_find(page_alloc_failpoint.name))
		failpoint_register(&page_alloc_failpoint);
}

void buddy_size_hot_lists(void)
{
	struct zone *z;

	for_each_zone (z) {
		/* 1/64 of the zone, so that a program that comes and goes stays within; but never more than
		 * 8 MB, and never so little that it is not worth having. */
		u32 high = MIN(MAX(z->managed / 64, 32u), 2048u);

		u32 batch = 8;

		while (batch < 64 && batch * 8 < high)
			batch *= 2;
		for (unsigned type = 0; type < MIGRATE_TYPES; type++) {
			z->hot[type].high = high;
			z->hot[type].batch = batch;
		}
	}
	for (gfp_t gfp = 0; gfp <= GFP_PLACE_MASK; gfp++) {
		unsigned type = gfp >> GFP_MIGRATE_SHIFT;

		z = &zones[MIN(gfp & GFP_ZONE_MASK, (gfp_t)ZONE_HIGHMEM)];
		while (z > zones && !z->managed)
			z--;
		first_hot[gfp] = &z->hot[type];
	}
}

void free_range_to_buddy(u32 pfn, u32 end)
{
	while (pfn < end) {
		unsigned order = MAX_ORDER - 1;
		struct page *page = pfn_to_page(pfn);
		struct zone *z = page_zone_of(page->flags);

		while (pfn & ((1u << order) - 1) || end - pfn < 1u << order)
			order--;
		free_block(z, page, order);
		z->managed += 1u << order;
		pfn += 1u << order;
	}
}

static void free_usable_range(u32 start, u32 end)
{
	for (u32 pfn = start; pfn < end; pfn++) {
		struct page *page = pfn_to_page(pfn);

		BUG_ON(!(page->flags & PG_RESERVED));
		page->flags &= PG_ZONE_MASK;
		page->refcount = 0;
	}
	free_range_to_buddy(start, end);
}

void free_reserved_range(u32 start, u32 end)
{
	const struct memmap *map = bootmem_map();

	for (u32 i = 0; i < map->nr; i++) {
		const struct memmap_range *r = &map->r[i];

		if (r->type == MEM_USABLE)
			free_usable_range(MAX(start, r->start.n), MIN(end, r->end.n));
	}
	bootmem_release(start, end);
	zones_set_watermarks();
	buddy_size_hot_lists();
}
