/* mm/phys/buddy.c against a model of who owns which frame. */
#include "mm/phys/buddy.h"
#include "lib/failpoint.h"
#include "tests/host/check.h"
#include "tests/host/fake_ram.h"

#define MAX_BLOCKS 16384

struct block {
	struct page *page;
	unsigned order;
};
static struct block blocks[MAX_BLOCKS];
static u32 nr_blocks, frames_in_use;
static u32 zone_taken[MAX_NR_ZONES], given; /* frames, since start */
static u32 allocs_before[MAX_NR_ZONES], frees_before;
static u8 owned[0x100000]; /* by pfn */

static void start(u32 mb)
{
	fake_ram_boot(mb);
	nr_blocks = frames_in_use = given = 0;
	memset(owned, 0, sizeof(owned));
	memset(zone_taken, 0, sizeof(zone_taken));
	for (unsigned i = 0; i < MAX_NR_ZONES; i++)
		allocs_before[i] = zone_nr_allocs(&zones[i]);
	frees_before = nr_page_frees();
}

static void take(struct page *page, unsigned order, gfp_t gfp)
{
	u32 pfn = page_to_pfn(page);

	CHECK(pfn < max_pfn);
	CHECK_EQ(pfn & ((1u << order) - 1), 0);
	CHECK((page->flags & PG_ZONE_MASK) <= (gfp & GFP_ZONE_MASK));
	CHECK_EQ(page->flags & ~PG_ZONE_MASK, order ? PG_COMPOUND : 0);
	CHECK_EQ(page->refcount, 1);
	CHECK_EQ(page->mapcount, 0);
	for (u32 i = 0; i < 1u << order; i++) {
		CHECK_EQ(owned[pfn + i], 0);
		owned[pfn + i] = 1;
	}
	if (gfp & __GFP_ZERO) {
		const u8 *bytes = page_address(page);

		CHECK(bytes[0] == 0 && !memcmp(bytes, bytes + 1, (PAGE_SIZE << order) - 1));
	}
	if (!page_is_highmem(page) && pfn < FAKE_RAM_MAX_MB << 8)
		memset(page_address(page), 0x33, PAGE_SIZE << order);
	CHECK(nr_blocks < MAX_BLOCKS);
	blocks[nr_blocks++] = (struct block){page, order};
	frames_in_use += 1u << order;
	zone_taken[page->flags & PG_ZONE_MASK] += 1u << order;
}

/* What /proc/vmstat tells is what was done. */
static void check_counts(void)
{
	for (unsigned i = 0; i < MAX_NR_ZONES; i++)
		CHECK_EQ(zone_nr_allocs(&zones[i]) - allocs_before[i], zone_taken[i]);
	CHECK_EQ(nr_page_frees() - frees_before, given);
}

static void give(u32 i)
{
	struct block b = blocks[i];

	blocks[i] = blocks[--nr_blocks];
	frames_in_use -= 1u << b.order;
	given += 1u << b.order;
	memset(owned + page_to_pfn(b.page), 0, 1u << b.order);
	/* What an owner leaves behind. */
	b.page->flags |= PG_ANON | PG_DIRTY | PG_UPTODATE;
	if (test_rand_below(2))
		free_pages(b.page, b.order);
	else
		put_page(b.page);
}

static gfp_t random_gfp(void)
{
	gfp_t gfp = test_rand_below(MAX_NR_ZONES) | test_rand_below(MIGRATE_CMA)
							    << GFP_MIGRATE_SHIFT;

	if (!test_rand_below(8))
		gfp |= __GFP_HIGH;
	if (!test_rand_below(8) && (gfp & GFP_ZONE_MASK) != ZONE_HIGHMEM)
		gfp |= __GFP_ZERO;
	return gfp;
}

static void random_walk(u32 mb, unsigned steps, unsigned check_every)
{
	u32 free_at_start;

	start(mb);
	free_at_start = nr_free_pages();
	for (unsigned i = 0; i < steps; i++) {
		/* Phases that fill and phases that empty. */
		bool grow = test_rand_below(8) < (i / 512 % 2 ? 3u : 5u);

		if (grow && nr_blocks < MAX_BLOCKS) {
			gfp_t gfp = random_gfp();
			unsigned order = test_rand_below(4) ? 0 : test_rand_below(MAX_ORDER);
			struct page *page = order || test_rand_below(2) ? alloc_pages(gfp, order)
									: alloc_page(gfp);

			if (page)
				take(page, order, gfp);
		} else if (nr_blocks) {
			give(test_rand_below(nr_blocks));
		}
		if (!test_rand_below(200))
			drain_hot_lists();
		CHECK_EQ(nr_free_pages() + frames_in_use, free_at_start);
		check_counts();
		if (i % check_every == 0)
			CHECK_PHYS();
	}
	while (nr_blocks)
		give(test_rand_below(nr_blocks));
	drain_hot_lists();
	CHECK_EQ(nr_free_pages(), free_at_start);
	CHECK_PHYS();
}

TEST(random_operations_in_8_mb)
{
	random_walk(8, test_rounds(6000), 1);
}

TEST(random_operations_in_17_mb)
{
	random_walk(17, test_rounds(4000), 1);
}

TEST(random_operations_with_highmem)
{
	random_walk(1000, test_rounds(20000), 1000);
}

/* Free blocks by order, of all types and zones. */
static void free_blocks(u32 nr[MAX_ORDER])
{
	struct zone *z;

	memset(nr, 0, MAX_ORDER * sizeof(*nr));
	for_each_zone (z) {
		for (unsigned order = 0; order < MAX_ORDER; order++) {
			for (unsigned type = 0; type < MIGRATE_TYPES; type++)
				nr[order] += z->free_area[order].nr[type];
		}
	}
}

TEST(what_is_freed_merges_to_what_it_was)
{
	u32 before[MAX_ORDER], after[MAX_ORDER];

	start(20);
	free_blocks(before);
	for (unsigned i = 0; i < 3000; i++) {
		struct page *page =
			alloc_page(test_rand_below(2) ? GFP_KERNEL : GFP_HIGHUSER_MOVABLE);

		CHECK(page);
		take(page, 0, GFP_HIGHUSER);
	}
	while (nr_blocks)
		give(test_rand_below(nr_blocks));
	drain_hot_lists();
	free_blocks(after);
	CHECK(!memcmp(before, after, sizeof(before)));
}

TEST(every_frame_above_the_watermark_can_be_had)
{
	struct page *page;
	u32 reserve;

	start(8);
	reserve = zones[ZONE_DMA].watermark[WMARK_MIN];
	while ((page = alloc_page(GFP_HIGHUSER_MOVABLE)))
		take(page, 0, GFP_HIGHUSER_MOVABLE);
	CHECK_EQ(nr_free_pages(), reserve);
	CHECK(!alloc_pages(GFP_KERNEL, 0));
	while ((page = alloc_page(GFP_ATOMIC)))
		take(page, 0, GFP_ATOMIC);
	CHECK_EQ(nr_free_pages(), reserve / 4);
	CHECK_PHYS();
	CHECK(buddy_stats.failed >= 3);
}

TEST(user_memory_leaves_the_zones_below_their_reserves)
{
	struct page *page;
	struct zone *normal = &zones[ZONE_NORMAL];
	u32 left, kernel = 0;

	start(1200);
	while ((page = alloc_page(GFP_HIGHUSER_MOVABLE)))
		;
	CHECK_EQ(zone_nr_free(&zones[ZONE_HIGHMEM]), zones[ZONE_HIGHMEM].watermark[WMARK_MIN]);
	left = normal->watermark[WMARK_MIN] + normal->lowmem_reserve[ZONE_HIGHMEM];
	CHECK_EQ(zone_nr_free(normal), left);
	/* The kernel itself may have what was kept back. */
	while ((page = alloc_page(GFP_KERNEL)))
		kernel += (page->flags & PG_ZONE_MASK) == ZONE_NORMAL;
	CHECK_EQ(kernel, left - normal->watermark[WMARK_MIN]);
	CHECK_EQ(zone_nr_free(&zones[ZONE_DMA]),
		 zones[ZONE_DMA].watermark[WMARK_MIN] +
			 zones[ZONE_DMA].lowmem_reserve[ZONE_NORMAL]);
	while ((page = alloc_page(GFP_DMA)))
		;
	CHECK_EQ(zone_nr_free(&zones[ZONE_DMA]), zones[ZONE_DMA].watermark[WMARK_MIN]);
	CHECK_PHYS();
}

TEST(a_request_gets_the_highest_zone_that_it_can_use)
{
	start(1000);
	CHECK_EQ(alloc_page(GFP_HIGHUSER)->flags & PG_ZONE_MASK, ZONE_HIGHMEM);
	CHECK_EQ(alloc_page(GFP_KERNEL)->flags & PG_ZONE_MASK, ZONE_NORMAL);
	CHECK_EQ(alloc_page(GFP_DMA)->flags & PG_ZONE_MASK, ZONE_DMA);
	start(64);
	CHECK_EQ(alloc_page(GFP_HIGHUSER)->flags & PG_ZONE_MASK, ZONE_NORMAL);
	start(8);
	CHECK_EQ(alloc_page(GFP_HIGHUSER)->flags & PG_ZONE_MASK, ZONE_DMA);
}

TEST(types_keep_to_their_pageblocks)
{
	u8 kinds[64] = {0};

	start(64);
	/* A mixture, as a running system asks for it. */
	for (unsigned i = 0; i < 6000; i++) {
		unsigned type = i % MIGRATE_CMA;
		struct page *page = alloc_page(GFP_KERNEL | type << GFP_MIGRATE_SHIFT);

		CHECK(page);
		kinds[page_to_pfn(page) >> PAGEBLOCK_ORDER] |= 1 << type;
	}
	for (unsigned i = 0; i < 16; i++)
		CHECK((kinds[i] & (kinds[i] - 1)) == 0);
	CHECK_PHYS();
}

TEST(a_type_that_has_run_out_takes_a_whole_pageblock)
{
	struct page *page;

	start(64);
	CHECK_EQ(buddy_stats.claims, 0);
	page = alloc_page(GFP_KERNEL);
	CHECK_EQ(buddy_stats.claims, 1);
	CHECK_EQ(pageblock_type(page_to_pfn(page)), MIGRATE_UNMOVABLE);
	/* The rest of the pageblock serves the next thousand. */
	for (unsigned i = 0; i < 1000; i++)
		CHECK(alloc_page(GFP_KERNEL));
	CHECK_EQ(buddy_stats.claims, 1);
	/* And a pageblock that is mostly in use is not taken over. */
	while ((page = alloc_page(GFP_KERNEL | __GFP_MOVABLE)))
		take(page, 0, GFP_KERNEL);
	for (u32 i = 0; i < 300; i++)
		give(test_rand_below(nr_blocks));
	drain_hot_lists();
	u32 claims = buddy_stats.claims;
	for (unsigned i = 0; i < 200; i++)
		CHECK(alloc_page(GFP_KERNEL));
	CHECK_EQ(buddy_stats.claims, claims);
	CHECK_PHYS();
}

TEST(mistakes_are_caught)
{
	struct page *page, *block;

	start(8);
	page = alloc_page(GFP_KERNEL);
	block = alloc_pages(GFP_KERNEL, 3);
	CHECK(page && block);
	CHECK_PANIC(free_pages(block, 2));
	CHECK_PANIC(free_pages(block + 1, 0));
	CHECK_PANIC(free_pages(page, 1));
	free_page(page);
	CHECK_PANIC(free_page(page));
	CHECK_PANIC(page_free_last(page));
	CHECK_PANIC(page_free_last(pfn_to_page(0)));
	/* Debug builds see a write after free. */
	*(u32 *)page_address(page) = 1;
	CHECK_PANIC((void)!alloc_page(GFP_KERNEL));
}

TEST(buddy_check_sees_damage)
{
	struct page *page, *free;
	struct zone *z = &zones[ZONE_DMA];

	start(8);
	page = alloc_page(GFP_KERNEL);
	CHECK(buddy_check() == 0);
	z->nr_free++;
	CHECK(buddy_check());
	z->nr_free--;
	page->refcount = 0;
	CHECK(buddy_check());
	page->refcount = 1;
	free = z->hot[MIGRATE_UNMOVABLE].first;
	free->refcount = 1;
	CHECK(buddy_check());
	free->refcount = 0;
	free->flags |= PG_DIRTY;
	CHECK(buddy_check());
	free->flags &= ~PG_DIRTY;
	z->hot[MIGRATE_UNMOVABLE].count--;
	CHECK(buddy_check());
	z->hot[MIGRATE_UNMOVABLE].count++;
	CHECK(buddy_check() == 0);
	/* A frame that nobody has. */
	z->hot[MIGRATE_UNMOVABLE].first = free->next_hot;
	z->hot[MIGRATE_UNMOVABLE].count--;
	CHECK(buddy_check());
}

TEST(allocation_fails_on_demand)
{
	struct failpoint *fp;

	start(8);
	fp = failpoint_find("page_alloc");
	CHECK(fp);
	CHECK(failpoint_arm("page_alloc", 3, 2) == 0);
	CHECK(alloc_page(GFP_KERNEL));
	CHECK(alloc_pages(GFP_KERNEL, 2));
	CHECK(alloc_page(GFP_KERNEL | __GFP_NOFAILPOINT));
	CHECK(!alloc_page(GFP_KERNEL));
	CHECK(!alloc_pages(GFP_KERNEL, 2));
	CHECK(alloc_page(GFP_KERNEL));
	failpoint_disarm(fp);
	CHECK_EQ(fp->fired, 2);
	CHECK_PHYS();
}

static struct page *kept[10];
static u32 nr_kept;

static u32 give_kept(void)
{
	u32 n = nr_kept;

	while (nr_kept)
		free_page(kept[--nr_kept]);
	return n;
}

TEST(who_keeps_frames_to_be_quick_is_asked_before_an_allocation_fails)
{
	static struct shrinker shrinker = {.name = "test", .shrink = give_kept};
	struct page *page;
	u32 had = 0;

	start(8);
	register_shrinker(&shrinker);
	for (nr_kept = 0; nr_kept < ARRAY_SIZE(kept); nr_kept++)
		kept[nr_kept] = alloc_page(GFP_KERNEL);
	while (nr_kept && (page = alloc_page(GFP_KERNEL)))
		had++;
	CHECK_EQ(nr_kept, 0);
	CHECK_EQ(buddy_stats.shrinks, 1);
	/* What was kept can be had, and no more. */
	for (u32 i = 1; i < ARRAY_SIZE(kept); i++)
		CHECK(alloc_page(GFP_KERNEL));
	CHECK(!alloc_page(GFP_KERNEL));
	CHECK_EQ(buddy_stats.shrinks, 2);
	CHECK_PHYS();
}

TEST(references_keep_a_frame)
{
	struct page *page;
	u32 before;

	start(8);
	before = nr_free_pages();
	page = alloc_page(GFP_KERNEL);
	get_page(page);
	put_page(page);
	CHECK_EQ(nr_free_pages(), before - 1);
	put_page(page);
	CHECK_EQ(nr_free_pages(), before);
	/* A block, by its head. */
	page = alloc_pages(GFP_KERNEL, 4);
	put_page(page);
	CHECK_EQ(nr_free_pages(), before);
}
