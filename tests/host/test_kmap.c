/* mm/kmem/kmap.c on a machine with highmem: what an address shows is compared with the frame itself. */
#include "mm/kmem/kmap.h"
#include "tests/host/check.h"
#include "tests/host/fake_window.h"

#define NR_PAGES   64
#define NR_THREADS 5

static struct page *pages[NR_PAGES];

static u32 mark_of(const struct page *page)
{
	return page_to_pfn(page) * 2654435761u;
}

static void start(void)
{
	window_boot(1000);
	for (unsigned i = 0; i < NR_PAGES; i++) {
		pages[i] = alloc_page(i % 4 ? GFP_HIGHUSER : GFP_KERNEL);
		CHECK(pages[i]);
		CHECK_EQ(page_is_highmem(pages[i]), i % 4 != 0);
		set_frame_word(page_to_pfn(pages[i]), mark_of(pages[i]));
	}
}

struct fake_thread {
	struct kmap_local_stack stack; /* depth counts highmem pages only */
	struct page *mapped[KMAP_LOCAL_SLOTS * 2];
	u32 *addr[KMAP_LOCAL_SLOTS * 2];
	u32 nr;
};
static struct fake_thread threads[NR_THREADS];
static struct fake_thread *running;

static void switch_to(struct fake_thread *next)
{
	kmap_local_switch(&running->stack, &next->stack);
	kmap_local_running = &next->stack;
	running = next;
}

static void check_running(void)
{
	for (u32 i = 0; i < running->nr; i++)
		CHECK_EQ(*running->addr[i], mark_of(running->mapped[i]));
	CHECK(kmap_check() == 0);
}

TEST(each_thread_keeps_its_own_stack_of_mappings)
{
	start();
	memset(threads, 0, sizeof(threads));
	running = &threads[0];
	kmap_local_running = &running->stack;
	for (unsigned step = 0; step < test_rounds(6000); step++) {
		u32 what = test_rand_below(10);

		if (what == 0) {
			switch_to(&threads[test_rand_below(NR_THREADS)]);
		} else if (what < 6 && running->stack.depth < KMAP_LOCAL_SLOTS &&
			   running->nr < ARRAY_SIZE(running->mapped)) {
			struct page *page = pages[test_rand_below(NR_PAGES)];
			u32 i = running->nr++;

			running->mapped[i] = page;
			running->addr[i] = test_rand_below(4)
						   ? kmap_local(page)
						   : kmap_local_pfn(make_pfn(page_to_pfn(page)));
		} else if (running->nr) {
			u32 i = --running->nr;

			/* Any address in the page will do. */
			kunmap_local((u8 *)running->addr[i] + test_rand_below(PAGE_SIZE));
			if (page_is_highmem(running->mapped[i]))
				CHECK(!window_readable(running->addr[i]));
		}
		check_running();
	}
	for (unsigned i = 0; i < NR_THREADS; i++) {
		switch_to(&threads[i]);
		while (running->nr)
			kunmap_local(running->addr[--running->nr]);
		CHECK_EQ(kmap_slots_used(), 0);
	}
}

TEST(a_lowmem_page_is_its_direct_map_address)
{
	start();
	CHECK(kmap_local(pages[0]) == page_address(pages[0]));
	CHECK(kmap(pages[0]) == page_address(pages[0]));
	CHECK_EQ(kmap_slots_used(), 0);
	kunmap(pages[0]);
	kunmap_local(page_address(pages[0]));
	CHECK(kmap_check() == 0);
}

TEST(whole_pages_are_cleared_and_copied)
{
	start();
	for (unsigned i = 0; i < 8; i++) {
		struct page *to = pages[i], *from = pages[i + 1 + i % 3];
		u32 *words = kmap_local(from), *copy;

		for (unsigned k = 0; k < PAGE_SIZE / 4; k++)
			words[k] = test_rand();
		copy_highpage(to, from);
		copy = kmap_local(to);
		CHECK(!memcmp(words, copy, PAGE_SIZE));
		kunmap_local(copy);
		clear_highpage(from);
		for (unsigned k = 0; k < PAGE_SIZE / 4; k++)
			CHECK_EQ(words[k], 0);
		kunmap_local(words);
		CHECK(kmap_check() == 0);
		CHECK_EQ(kmap_slots_used(), 0);
	}
}

TEST(kmap_is_counted)
{
	static u32 users[NR_PAGES];
	static u32 *addr[NR_PAGES];

	start();
	memset(users, 0, sizeof(users));
	for (unsigned step = 0; step < test_rounds(4000); step++) {
		u32 i = test_rand_below(NR_PAGES), used = 0;

		if (test_rand_below(2)) {
			u32 *p = kmap(pages[i]);

			CHECK(p);
			if (users[i])
				CHECK(p == addr[i]);
			addr[i] = p;
			users[i]++;
		} else if (users[i]) {
			kunmap(pages[i]);
			if (!--users[i] && page_is_highmem(pages[i]))
				CHECK(!window_readable(addr[i]));
		}
		for (u32 k = 0; k < NR_PAGES; k++) {
			if (users[k])
				CHECK_EQ(*addr[k], mark_of(pages[k]));
			used += users[k] && page_is_highmem(pages[k]);
		}
		CHECK_EQ(kmap_slots_used(), used);
		CHECK(kmap_check() == 0);
	}
}

TEST(kmap_says_when_all_slots_are_taken)
{
	static struct page *many[PKMAP_SLOTS + 1];

	start();
	for (u32 i = 0; i <= PKMAP_SLOTS; i++) {
		many[i] = alloc_page(GFP_HIGHUSER);
		CHECK(many[i]);
		CHECK_EQ(!kmap(many[i]), i == PKMAP_SLOTS);
	}
	CHECK(kmap_check() == 0);
	CHECK(kmap(many[7]));
	kunmap(many[7]);
	kunmap(many[8]);
	CHECK(kmap(many[PKMAP_SLOTS]));
	CHECK(kmap_check() == 0);
	CHECK_EQ(kmap_slots_used(), PKMAP_SLOTS);
}

TEST(mistakes_are_caught)
{
	void *a, *b;

	start();
	a = kmap_local(pages[1]);
	b = kmap_local(pages[2]);
	CHECK(a && b);
	CHECK_PANIC(kunmap_local(a)); /* not in reverse order */
	kunmap_local(b);
	kunmap_local(a);
	CHECK_PANIC(kunmap_local(a)); /* twice */
	for (unsigned i = 0; i < KMAP_LOCAL_SLOTS; i++)
		CHECK(kmap_local(pages[1]));
	CHECK_PANIC(kmap_local(pages[1]));
	CHECK_PANIC(kunmap(pages[1]));
}

TEST(kmap_check_sees_damage)
{
	u32 *p;

	start();
	p = kmap(pages[1]);
	CHECK(kmap_check() == 0);
	set_pte(pte_of((vaddr_t)p), mk_pte(make_pfn(page_to_pfn(pages[2])), PTE_KERNEL));
	CHECK(kmap_check());
	set_pte(pte_of((vaddr_t)p), mk_pte(make_pfn(page_to_pfn(pages[1])), PTE_KERNEL));
	CHECK(kmap_check() == 0);
	set_pte(pte_of(FIXMAP_BASE + 3 * PAGE_SIZE), mk_pte(make_pfn(5), PTE_KERNEL));
	CHECK(kmap_check());
}

TEST(without_highmem_there_is_one_table_for_kmap)
{
	window_boot(64);
	CHECK(pde_present(*pde_of(FIXMAP_BASE)));
	CHECK(!pde_present(*pde_of(PKMAP_BASE)));
	struct page *page = alloc_page(GFP_HIGHUSER);
	CHECK(kmap(page) == page_address(page));
	/* A frame that is no RAM. */
	set_frame_word(0xFEC00, 0x12345678);
	u32 *p = kmap_local_pfn(make_pfn(0xFEC00));
	CHECK_EQ(*p, 0x12345678);
	kunmap_local(p);
	CHECK(kmap_check() == 0);
}
