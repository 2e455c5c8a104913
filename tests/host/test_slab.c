/* mm/kmem/slab.c, kmalloc.c and slab_debug.c over the real buddy. Objects are checked by their contents. */
#include "lib/failpoint.h"
#include "mm/kmem/slab_def.h"
#include "tests/host/check.h"
#include "tests/host/fake_ram.h"

static u32 free_at_start;

static void start(u32 mb)
{
	fake_ram_boot(mb);
	slab_init();
	slab_shrink_all();
	free_at_start = nr_free_pages();
}

/* Nothing that was allocated since start() is left. */
static void check_nothing_left(u32 objects)
{
	CHECK_EQ(slab_objects_in_use(), objects);
	slab_shrink_all();
	CHECK(slab_check() == 0);
	CHECK_EQ(nr_free_pages(), free_at_start);
	CHECK_PHYS();
}

static void fill(void *obj, u32 len, u32 seed)
{
	u8 *bytes = obj;

	for (u32 i = 0; i < len; i++)
		bytes[i] = (u8)(seed * 31 + i);
}

static void check_filled(const void *obj, u32 len, u32 seed)
{
	const u8 *bytes = obj;

	for (u32 i = 0; i < len; i++)
		CHECK_EQ(bytes[i], (u8)(seed * 31 + i));
}

struct held {
	void *p;
	u32 len, seed;
	struct kmem_cache *cache; /* NULL: kmalloc */
};
static struct held held[3000];
static u32 nr_held;

static void let_go(u32 i)
{
	struct held h = held[i];

	held[i] = held[--nr_held];
	check_filled(h.p, h.len, h.seed);
	if (h.cache)
		kmem_cache_free(h.cache, h.p);
	else
		kfree(h.p);
}

static void hold(void *p, u32 len, struct kmem_cache *cache)
{
	held[nr_held] = (struct held){p, len, test_rand(), cache};
	fill(p, len, held[nr_held++].seed);
}

#define NR_CACHES 5

TEST(random_operations_keep_every_object_whole)
{
	static const u32 sizes[NR_CACHES] = {12, 100, 600, 1500, 9000};
	static const u32 aligns[NR_CACHES] = {4, 64, 0, 16, 32};
	struct kmem_cache *caches[NR_CACHES];
	u32 objects;

	start(24);
	for (unsigned i = 0; i < NR_CACHES; i++) {
		caches[i] = kmem_cache_create("test", sizes[i], aligns[i],
					      i == 1 ? SLAB_HWCACHE_ALIGN : 0, NULL);
		CHECK(caches[i]);
	}
	objects = slab_objects_in_use();
	for (unsigned step = 0; step < test_rounds(4000); step++) {
		u32 grow = step / 700 % 2 ? 3 : 5;

		if (test_rand_below(8) < grow && nr_held < ARRAY_SIZE(held)) {
			unsigned i = test_rand_below(NR_CACHES * 2);
			bool is_kmalloc = i >= NR_CACHES;
			u32 len = is_kmalloc ? 1 + test_rand_below(1u << test_rand_below(15))
					     : sizes[i];
			void *p = is_kmalloc ? kmalloc(len, GFP_KERNEL)
					     : kmem_cache_alloc(caches[i], GFP_KERNEL);

			if (p) {
				if (!is_kmalloc && aligns[i])
					CHECK_EQ((u32)p % aligns[i], 0);
				if (is_kmalloc)
					CHECK(ksize(p) >= len);
				hold(p, len, is_kmalloc ? NULL : caches[i]);
			}
		} else if (nr_held) {
			let_go(test_rand_below(nr_held));
		}
		if (!test_rand_below(300))
			slab_shrink_all();
		if (step % 8 == 0)
			CHECK(slab_check() == 0);
	}
	while (nr_held)
		let_go(test_rand_below(nr_held));
	CHECK(slab_check() == 0);
	CHECK_EQ(slab_objects_in_use(), objects);
	for (unsigned i = 0; i < NR_CACHES; i++)
		CHECK_EQ(kmem_cache_destroy(caches[i]), 0);
	check_nothing_left(objects - NR_CACHES);
}

TEST(kmalloc_serves_every_size)
{
	u32 objects;

	start(24);
	objects = slab_objects_in_use();
	for (u32 len = 1; len <= 20000; len += len < 300 ? 1 : 97) {
		u8 *p = kmalloc(len, GFP_KERNEL), *z = kzalloc(len, GFP_KERNEL);

		CHECK(p && z);
		CHECK(ksize(p) >= len);
		/* No more than twice the size, but for the smallest. */
		CHECK(ksize(p) <= MAX(len * 2, 8u));
		CHECK_EQ((u32)p % 8, 0);
		for (u32 i = 0; i < len; i++)
			CHECK_EQ(z[i], 0);
		fill(p, len, len);
		kfree(z);
		check_filled(p, len, len);
		kfree(p);
	}
	CHECK(!kmalloc(0, GFP_KERNEL));
	CHECK(!kmalloc((4u << 20) + 1, GFP_KERNEL));
	CHECK(!kmalloc(0xFFFFFFFF, GFP_KERNEL));
	kfree(NULL);
	void *large = kmalloc(4u << 20, GFP_KERNEL);
	CHECK(large);
	CHECK_EQ(ksize(large), 4u << 20);
	kfree(large);
	check_nothing_left(objects);
}

TEST(dma_objects_lie_below_16_mb)
{
	start(64);
	for (u32 len = 8; len <= 8192; len *= 2) {
		void *p = kmalloc(len, GFP_DMA), *q = kmalloc(len, GFP_KERNEL);

		CHECK(p && q);
		CHECK(virt_to_phys(p) + len <= 16 << 20);
		CHECK(virt_to_phys(q) >= 16 << 20);
		kfree(p);
		kfree(q);
	}
	CHECK(slab_check() == 0);
}

static unsigned constructed;

static void construct(void *obj)
{
	memset(obj, 0xC0, 40);
	constructed++;
}

/* The struct slab that does not fit on its slab: a cache of large objects must not need DMA memory. */
TEST(what_describes_a_slab_is_no_dma_memory)
{
	start(64);
	u32 objects = slab_objects_in_use();
	void *p = kmalloc(1024, GFP_KERNEL), *dma = kmalloc(1024, GFP_DMA);

	CHECK(virt_to_phys(page_slab(virt_to_page(p))) >= 16u << 20);
	CHECK(virt_to_phys(page_slab(virt_to_page(dma))) >= 16u << 20);
	kfree(p);
	kfree(dma);
	check_nothing_left(objects);
}

TEST(a_constructor_runs_once_for_each_object)
{
	struct kmem_cache *c;
	void *objs[500];

	start(8);
	constructed = 0;
	c = kmem_cache_create("constructed", 40, 0, 0, construct);
	CHECK(c);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 500; i++) {
			objs[i] = kmem_cache_alloc(c, GFP_KERNEL);
			CHECK(objs[i]);
			for (unsigned k = 0; k < 40; k++)
				CHECK_EQ(((u8 *)objs[i])[k], 0xC0);
		}
		/* Whole slabs; the first time none has been given back. */
		CHECK_EQ(constructed % c->objs_per_slab, 0);
		CHECK(round || constructed == c->nr_slabs * c->objs_per_slab);
		for (unsigned i = 0; i < 500; i++) {
			if (round == 1 || i % 2)
				kmem_cache_free(c, objs[i]);
		}
		if (round != 1) {
			for (unsigned i = 0; i < 500; i += 2)
				kmem_cache_free(c, objs[i]);
		}
		CHECK(slab_check() == 0);
	}
	CHECK_EQ(kmem_cache_destroy(c), 0);
}

TEST(slabs_are_coloured)
{
	struct kmem_cache *c;
	u32 offsets = 0, first;

	start(8);
	c = kmem_cache_create("coloured", 360, 0, 0, NULL);
	CHECK(c && c->colours > 1);
	first = c->colour_unit;
	for (unsigned i = 0; i < c->colours; i++) {
		struct slab *s;

		for (unsigned k = 0; k < c->objs_per_slab; k++)
			CHECK(kmem_cache_alloc(c, GFP_KERNEL));
		list_for_each_entry (s, &c->slabs_full, list)
			offsets |= 1u << ((u32)s->objs & ~PAGE_MASK) / first % 32;
	}
	CHECK(__builtin_popcount(offsets) >= (int)MIN(c->colours, 3u));
	CHECK(slab_check() == 0);
}

TEST(a_cache_in_use_is_not_destroyed)
{
	struct kmem_cache *c;
	void *p;

	start(8);
	c = kmem_cache_create("busy", 64, 0, 0, NULL);
	p = kmem_cache_alloc(c, GFP_KERNEL);
	CHECK(p);
	CHECK(kmem_cache_destroy(c) < 0);
	CHECK(slab_check() == 0);
	kmem_cache_free(c, p);
	CHECK_EQ(kmem_cache_destroy(c), 0);
	CHECK(!kmem_cache_create("empty", 0, 0, 0, NULL));
	CHECK(!kmem_cache_create("huge", (1 << 20) + 1, 0, 0, NULL));
	c = kmem_cache_create("largest", 1 << 20, 0, 0, NULL);
	CHECK(c);
	p = kmem_cache_alloc(c, GFP_KERNEL);
	CHECK(p);
	memset(p, 1, 1 << 20);
	kmem_cache_free(c, p);
	CHECK(slab_check() == 0);
	CHECK_EQ(kmem_cache_destroy(c), 0);
}

static u32 seen_active, seen_total;

static void see(const struct slab_info *info, void *arg)
{
	if (!strcmp(info->name, arg)) {
		seen_active = info->active_objs;
		seen_total = info->num_objs;
		CHECK_EQ(info->num_objs, info->num_slabs * info->objs_per_slab);
	}
}

TEST(the_report_counts_objects_in_use)
{
	struct kmem_cache *c;
	void *objs[100];

	start(8);
	c = kmem_cache_create("counted", 50, 0, 0, NULL);
	for (unsigned i = 0; i < 100; i++)
		objs[i] = kmem_cache_alloc(c, GFP_KERNEL);
	slab_for_each(see, "counted");
	CHECK_EQ(seen_active, 100);
	CHECK(seen_total >= 100);
	for (unsigned i = 0; i < 99; i++)
		kmem_cache_free(c, objs[i]);
	slab_for_each(see, "counted");
	CHECK_EQ(seen_active, 1);
}

TEST(empty_slabs_go_back)
{
	struct kmem_cache *c;
	static void *objs[2000];
	u32 before;

	start(24);
	c = kmem_cache_create("emptied", 256, 0, 0, NULL);
	before = nr_free_pages();
	for (unsigned i = 0; i < 2000; i++)
		objs[i] = kmem_cache_alloc(c, GFP_KERNEL);
	CHECK(before - nr_free_pages() >= 2000 * 256 / 4096);
	for (unsigned i = 0; i < 2000; i++)
		kmem_cache_free(c, objs[i]);
	/* By themselves but for what is kept at hand; all of it on request. */
	CHECK(before - nr_free_pages() <= 16);
	kmem_cache_shrink(c);
	CHECK_EQ(nr_free_pages(), before);
}

TEST(mistakes_are_caught)
{
	struct kmem_cache *c;
	u8 *p, *q;

	start(8);
	c = kmem_cache_create("mistaken", 52, 0, 0, NULL);
	p = kmem_cache_alloc(c, GFP_KERNEL);
	q = kmalloc(52, GFP_KERNEL);
	CHECK_PANIC(kmem_cache_free(c, q));     /* another cache's */
	CHECK_PANIC(kmem_cache_free(c, p + 4)); /* inside an object */
	CHECK_PANIC(kfree(get_free_page(GFP_KERNEL)));
	CHECK_PANIC(kfree(&nr_held)); /* no memory of ours */
	kmem_cache_free(c, p);
	CHECK_PANIC(kmem_cache_free(c, p)); /* twice */
	CHECK(strstr(panic_text, "mistaken"));
	p[3] = 1; /* after free */
	CHECK(slab_check());
	CHECK_PANIC((void)!kmem_cache_alloc(c, GFP_KERNEL));

	start(8);
	c = kmem_cache_create("overrun", 52, 0, 0, NULL);
	p = kmem_cache_alloc(c, GFP_KERNEL);
	p[52] = 1;
	CHECK(slab_check());
	CHECK_PANIC(kmem_cache_free(c, p));

	start(8);
	c = kmem_cache_create("underrun", 52, 0, 0, NULL);
	p = kmem_cache_alloc(c, GFP_KERNEL);
	p[-1] = 1;
	CHECK(slab_check());
	CHECK_PANIC(kmem_cache_free(c, p));
}

TEST(slab_check_sees_damage)
{
	struct kmem_cache *c;
	struct slab *s;
	void *p;

	start(8);
	c = kmem_cache_create("damaged", 200, 0, 0, NULL);
	p = kmem_cache_alloc(c, GFP_KERNEL);
	kmem_cache_shrink(c); /* the others back into their slab */
	CHECK(slab_check() == 0);
	s = page_slab(virt_to_page(p));
	c->nr_taken++;
	CHECK(slab_check());
	c->nr_taken--;
	s->nr_taken--;
	CHECK(slab_check());
	s->nr_taken++;
	c->nr_slabs++;
	CHECK(slab_check());
	c->nr_slabs--;
	CHECK(c->objs_per_slab - s->nr_taken >= 2);
	s->free_stack[s->nr_taken] = s->free_stack[s->nr_taken + 1];
	CHECK(slab_check());
}

TEST(slabs_make_room_before_an_allocation_fails)
{
	struct kmem_cache *c;
	static void *objs[400];
	u32 n = 0, frames = 0;

	start(8);
	c = kmem_cache_create("kept", 4000, 0, 0, NULL);
	while (n < 400 && (objs[n] = kmem_cache_alloc(c, GFP_KERNEL)))
		n++;
	while (alloc_page(GFP_KERNEL))
		;
	while (n)
		kmem_cache_free(c, objs[--n]);
	CHECK(c->nr_slabs > 0); /* some are kept, at hand or empty */
	while (alloc_page(GFP_KERNEL))
		frames++;
	CHECK(frames > 0);
	CHECK_EQ(c->nr_slabs, 0);
	CHECK(slab_check() == 0);
	CHECK_PHYS();
}

TEST(without_memory_nothing_is_lost)
{
	struct kmem_cache *c;
	u32 objects;
	struct failpoint *slab, *page;

	start(8);
	c = kmem_cache_create("scarce", 1000, 0, 0, NULL); /* off-slab */
	objects = slab_objects_in_use();
	slab_shrink_all();
	slab = failpoint_find("slab_alloc");
	page = failpoint_find("page_alloc");
	CHECK(slab && page);
	free_at_start = nr_free_pages();
	/* Each allocation that one request makes fails in turn. */
	for (u32 nth = 1; nth <= 3; nth++) {
		void *p;

		CHECK_EQ(failpoint_arm("page_alloc", nth, 1), 0);
		p = kmem_cache_alloc(c, GFP_KERNEL);
		CHECK_EQ(!p, page->fired == 1);
		failpoint_disarm(page);
		if (p)
			kmem_cache_free(c, p);
		check_nothing_left(objects);
		CHECK_EQ(failpoint_arm("slab_alloc", nth, 1), 0);
		p = kmem_cache_alloc(c, GFP_KERNEL);
		CHECK_EQ(!p, slab->fired == 1);
		failpoint_disarm(slab);
		if (p)
			kmem_cache_free(c, p);
		check_nothing_left(objects);
	}
	/* And in earnest. */
	u32 n = 0;
	while (kmem_cache_alloc(c, GFP_KERNEL))
		n++;
	CHECK(n > 1000);
	CHECK(!kmalloc(8192, GFP_KERNEL));
	CHECK(slab_check() == 0);
	CHECK_PHYS();
}
