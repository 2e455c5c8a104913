/* mm/kmem/vmalloc.c: what an area holds is written and read through its mappings. */
#include "mm/kmem/vmalloc.h"
#include "lib/failpoint.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "tests/host/check.h"
#include "tests/host/fake_window.h"

#define MAX_AREAS 100

struct held {
	u8 *addr;
	u32 len, seed;
	bool is_device;
};
static struct held held[MAX_AREAS];
static u32 nr_held;
static u32 frames_at_start, objects_at_start;

static void start(u32 mb)
{
	window_boot(mb);
	nr_held = 0;
	slab_shrink_all();
	objects_at_start = slab_objects_in_use();
	frames_at_start = nr_free_pages();
}

static void check_nothing_left(void)
{
	CHECK(vmalloc_check() == 0);
	CHECK_EQ(vmalloc_nr_pages(), 0);
	CHECK_EQ(slab_objects_in_use(), objects_at_start);
	slab_shrink_all();
	CHECK_EQ(nr_free_pages(), frames_at_start);
	CHECK(slab_check() == 0);
	CHECK_PHYS();
}

static u32 word_at(const struct held *h, u32 page)
{
	return (h->seed + page) * 2654435761u;
}

static void check_contents(const struct held *h)
{
	for (u32 i = 0; i < h->len / PAGE_SIZE; i++)
		CHECK_EQ(*(u32 *)(h->addr + i * PAGE_SIZE), word_at(h, i));
}

/* Around an area nothing can be reached. */
static void check_guards(const struct held *h)
{
	CHECK(!window_readable(h->addr - 1));
	CHECK(!window_readable(h->addr + h->len));
}

static void hold(u8 *addr, u32 len, bool is_device)
{
	struct held h = {addr, ALIGN_UP(len, PAGE_SIZE), test_rand(), is_device};

	CHECK(nr_held < MAX_AREAS);
	CHECK_EQ((u32)addr & ~PAGE_MASK, 0);
	for (u32 i = 0; i < nr_held; i++)
		CHECK(addr + h.len < held[i].addr || held[i].addr + held[i].len < addr);
	for (u32 i = 0; i < h.len / PAGE_SIZE; i++)
		*(u32 *)(addr + i * PAGE_SIZE) = word_at(&h, i);
	held[nr_held++] = h;
}

static void let_go(u32 i)
{
	struct held h = held[i];

	held[i] = held[--nr_held];
	check_contents(&h);
	check_guards(&h);
	if (h.is_device)
		iounmap(h.addr + test_rand_below(PAGE_SIZE));
	else
		vfree(h.addr);
	CHECK(!window_readable(h.addr));
	CHECK(!window_readable(h.addr + h.len - 1));
}

static void random_walk(u32 mb, unsigned steps)
{
	start(mb);
	for (unsigned step = 0; step < steps; step++) {
		if (test_rand_below(8) < (step / 150 % 2 ? 3u : 5u) && nr_held < MAX_AREAS) {
			u32 len = 1 + test_rand_below(PAGE_SIZE << test_rand_below(9));
			u32 kind = test_rand_below(4);
			/* Each device of the test has 64 MB of addresses of its own. */
			u8 *p = kind == 0   ? vmalloc_stack(2 * PAGE_SIZE)
				: kind == 1 ? ioremap(0xA0000000 + step * (1u << 21), len)
					    : vmalloc(len);

			if (p)
				hold(p, kind ? len : 2 * PAGE_SIZE, kind == 1);
		} else if (nr_held) {
			let_go(test_rand_below(nr_held));
		}
		CHECK(vmalloc_check() == 0);
	}
	while (nr_held)
		let_go(test_rand_below(nr_held));
	check_nothing_left();
}

TEST(random_operations_with_highmem)
{
	random_walk(1000, MIN(test_rounds(700), 700u));
}

TEST(random_operations_in_8_mb)
{
	random_walk(8, MIN(test_rounds(700), 700u));
}

TEST(frames_and_tables_come_from_highmem)
{
	u32 low;
	void *p;

	start(1000);
	p = vmalloc(PAGE_SIZE);
	low = nr_free_lowmem();
	void *q = vmalloc(8 << 20);

	CHECK(p && q);
	CHECK_EQ(nr_free_lowmem(), low);
	vfree(q);
	vfree(p);
	check_nothing_left();
}

TEST(each_allocation_that_fails_leaves_nothing)
{
	struct failpoint *page, *slab;

	start(1000);
	page = failpoint_find("page_alloc");
	slab = failpoint_find("slab_alloc");
	CHECK(page && slab);
	/* Ten pages, across two tables: 10 frames, 2 tables, and the slab that the area is in. */
	void *filler = vmalloc((4 << 20) - 8 * PAGE_SIZE);
	CHECK(filler);
	frames_at_start = nr_free_pages();
	objects_at_start = slab_objects_in_use();
	u32 fired = 0;
	for (u32 nth = 1; nth < 20; nth++) {
		CHECK_EQ(failpoint_arm("page_alloc", nth, 1), 0);
		void *p = vmalloc(10 * PAGE_SIZE);
		fired += page->fired;
		CHECK_EQ(!p, page->fired);
		failpoint_disarm(page);
		vfree(p);
		CHECK(vmalloc_check() == 0);
		CHECK_EQ(nr_free_pages(), frames_at_start);
		CHECK_EQ(slab_objects_in_use(), objects_at_start);
	}
	CHECK(fired >= 11);
	CHECK_EQ(failpoint_arm("slab_alloc", 1, 2), 0);
	CHECK(!vmalloc(1));
	CHECK(!ioremap(0xF0000000, 1));
	CHECK_EQ(slab->fired, 2);
	failpoint_disarm(slab);
	CHECK(vmalloc_check() == 0);
}

TEST(requests_that_cannot_be_met)
{
	start(64);
	CHECK(!vmalloc(0));
	CHECK(!vmalloc(0xFFFFFFFF));
	CHECK(!vmalloc(VMALLOC_END - VMALLOC_BASE));
	CHECK(!vmalloc(100 << 20)); /* more than there are frames */
	CHECK(!ioremap(0xF0000000, 0));
	CHECK(!ioremap(0xF0000000, 0xFFFFFFFF));
	CHECK(!ioremap(0xFFFFF000, 0x1001));  /* beyond 4 GiB */
	CHECK(!ioremap(20 << 20, PAGE_SIZE)); /* managed RAM */
	CHECK(!memremap(20 << 20, PAGE_SIZE));
	CHECK(!memremap((1 << 20) - PAGE_SIZE, 2 << 20));
	vfree(NULL);
	iounmap(NULL);
	check_nothing_left();
}

TEST(all_of_the_space_can_be_used)
{
	u32 n = 0;
	static void *p[200];

	start(64);
	while ((p[n] = ioremap(0xF0000000, (1 << 20) - PAGE_SIZE))) {
		CHECK_EQ((u32)p[n], VMALLOC_BASE + PAGE_SIZE + n * (1 << 20));
		n++;
	}
	/* All but the first page, in steps of a megabyte with its guard. */
	CHECK_EQ(n, ((VMALLOC_END - VMALLOC_BASE) >> 20) - 1);
	CHECK(vmalloc_check() == 0);
	iounmap(p[17]);
	CHECK(!ioremap(0xF0000000, 1 << 20));
	CHECK(ioremap(0xF0000000, (1 << 20) - PAGE_SIZE) == p[17]);
	/* The lowest of several gaps. */
	iounmap(p[40]);
	iounmap(p[20]);
	iounmap(p[21]);
	CHECK(ioremap(0xF0000000, 3 << 19) == p[20]);
	CHECK(vmalloc_check() == 0);
}

TEST(a_device_is_mapped_uncached_where_it_is)
{
	u32 *p;
	struct vmalloc_info info;
	bool in_guard;

	start(64);
	set_frame_word(0xFEBC1, 0xCAFE);
	p = ioremap(0xFEBC0FFC, 8);
	CHECK(p);
	CHECK_EQ((u32)p & ~PAGE_MASK, 0xFFC);
	CHECK_EQ(p[1], 0xCAFE);
	CHECK((pte_of((u32)p)->v & (PTE_PCD | PTE_PWT)) == (PTE_PCD | PTE_PWT));
	CHECK(vmalloc_find((vaddr_t)p, &info, &in_guard));
	CHECK(!in_guard);
	CHECK_EQ(info.type, VM_AREA_IOREMAP);
	CHECK_EQ(info.phys, 0xFEBC0000);
	CHECK_EQ(info.nr_pages, 2);
	CHECK(vmalloc_find(info.end, &info, &in_guard));
	CHECK(in_guard);
	CHECK(!vmalloc_find(info.end + PAGE_SIZE, &info, &in_guard));
	iounmap(p);
	/* Reserved RAM: a firmware table. */
	p = memremap(0x9F000, 100);
	CHECK(p);
	CHECK_EQ(pte_of((u32)p)->v & PTE_PCD, 0);
	iounmap(p);
	check_nothing_left();
}

static u32 nr_seen;

static void see(const struct vmalloc_info *info, void *arg)
{
	vaddr_t *last = arg;

	CHECK(info->start > *last);
	CHECK_EQ(info->end - info->start, info->nr_pages * PAGE_SIZE);
	*last = info->end;
	nr_seen++;
}

TEST(areas_are_reported_in_order)
{
	vaddr_t last = 0;

	start(64);
	for (unsigned i = 0; i < 30; i++)
		hold(vmalloc(1 + test_rand_below(30000)), 1, false);
	for (unsigned i = 0; i < 10; i++)
		vfree(held[i * 3].addr);
	nr_seen = 0;
	vmalloc_for_each(see, &last);
	CHECK_EQ(nr_seen, 20);
}

TEST(vzalloc_is_zero)
{
	u8 *p;

	start(8);
	for (unsigned round = 0; round < 3; round++) {
		p = vzalloc(5000);
		for (unsigned i = 0; i < 5000; i++)
			CHECK_EQ(p[i], 0);
		memset(p, 0xFF, 8192);
		vfree(p);
	}
	check_nothing_left();
}

TEST(mistakes_are_caught)
{
	u8 *p, *q;

	start(64);
	p = vmalloc(3 * PAGE_SIZE);
	q = ioremap(0xF0000000, 1);
	CHECK(p && q);
	CHECK_PANIC(vfree(p + PAGE_SIZE));
	CHECK_PANIC(vfree(q));
	CHECK_PANIC(iounmap(p));
	CHECK_PANIC(vfree(&nr_held));
	vfree(p);
	CHECK_PANIC(vfree(p));
}

TEST(vmalloc_check_sees_damage)
{
	u32 *p;
	pte_t pte;

	start(64);
	p = vmalloc(2 * PAGE_SIZE);
	CHECK(vmalloc_check() == 0);
	pte = *pte_of((vaddr_t)p);
	set_pte(pte_of((vaddr_t)p), pte_wrprotect(pte));
	CHECK(vmalloc_check());
	set_pte(pte_of((vaddr_t)p), (pte_t){0});
	CHECK(vmalloc_check());
	set_pte(pte_of((vaddr_t)p), pte);
	CHECK(vmalloc_check() == 0);
	/* Something in the guard. */
	set_pte(pte_of((vaddr_t)p + 2 * PAGE_SIZE), pte);
	CHECK(vmalloc_check());
}
