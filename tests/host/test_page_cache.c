/* The page cache's tree against an array, and reading pages in. */
#include "tests/host/check.h"
#include "tests/host/fake_vm.h"
#include "lib/err.h"

static struct page *new_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	CHECK(page != NULL);
	return page;
}

static void add(struct address_space *as, u32 index)
{
	struct page *page = new_page();

	CHECK_EQ(page_cache_add(as, page, index), 0);
	CHECK_EQ(page->refcount, 2);
	put_page(page);
}

TEST(grows_to_any_index)
{
	static const u32 index[] = {0,    1,      63,     64,       4095,
				    4096, 262143, 262144, 0xFFFFFu, 0xFFFFFFFFu};
	struct address_space as;
	u32 i;

	vm_boot(8);
	address_space_init(&as, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(index); i++) {
		CHECK(page_cache_find(&as, index[i]) == NULL);
		add(&as, index[i]);
		CHECK(page_cache_check(&as) == 0);
	}
	CHECK_EQ(as.nr_pages, ARRAY_SIZE(index));
	for (i = 0; i < ARRAY_SIZE(index); i++) {
		struct page *page = page_cache_find(&as, index[i]);

		CHECK(page && page->index == index[i] && page->mapping == &as);
		put_page(page);
	}
	CHECK(page_cache_find(&as, 2) == NULL);
	CHECK(page_cache_find(&as, 0x80000000u) == NULL);
	page_cache_truncate(&as, 64);
	CHECK_EQ(as.nr_pages, 3);
	CHECK(page_cache_check(&as) == 0);
	page_cache_truncate(&as, 0);
	CHECK_EQ(page_cache_nr_pages(), 0);
	vm_check_no_leak();
}

TEST(a_page_is_added_once)
{
	struct address_space as;
	struct page *page;

	vm_boot(8);
	address_space_init(&as, NULL, NULL);
	add(&as, 7);
	page = new_page();
	CHECK_EQ(page_cache_add(&as, page, 7), -EEXIST);
	CHECK_EQ(page->refcount, 1);
	put_page(page);
	page_cache_truncate(&as, 0);
	vm_check_no_leak();
}

TEST(random_adds_and_truncates)
{
	enum { PAGES = 9000 };
	static bool there[PAGES];
	struct address_space as;

	vm_boot(64);
	memset(there, 0, sizeof(there));
	address_space_init(&as, NULL, NULL);
	for (unsigned round = 0; round < test_rounds(4000); round++) {
		u32 index = test_rand_below(test_rand_below(2) ? PAGES : 100);

		if (test_rand_below(200) == 0) {
			page_cache_truncate(&as, index);
			memset(there + index, 0, PAGES - index);
		} else if (test_rand_below(50) == 0) {
			u32 last = MIN(index + test_rand_below(test_rand_below(2) ? 10 : 3000),
				       PAGES - 1u);

			page_cache_punch(&as, index, last);
			memset(there + index, 0, last + 1 - index);
		} else {
			struct page *page = new_page();

			vm_fail_slab = test_rand_below(4) ? 0 : 1 + test_rand_below(2);
			switch (page_cache_add(&as, page, index)) {
			case 0:
				CHECK(!there[index]);
				there[index] = true;
				break;
			case -EEXIST:
				CHECK(there[index]);
				break;
			default:
				CHECK(!there[index]);
			}
			vm_fail_slab = 0;
			put_page(page);
		}
		index = test_rand_below(PAGES);
		struct page *page = page_cache_find(&as, index);
		CHECK_EQ(page != NULL, there[index]);
		if (page)
			put_page(page);
		if (round % 64 == 0)
			CHECK(page_cache_check(&as) == 0);
	}
	page_cache_truncate(&as, 0);
	vm_check_no_leak();
}

TEST(every_failed_allocation_leaves_the_tree_sound)
{
	for (u32 nth = 1;; nth++) {
		struct address_space as;
		struct page *page;
		bool failed;

		vm_boot(8);
		address_space_init(&as, NULL, NULL);
		add(&as, 5);
		page = new_page();
		vm_fail_slab = nth;
		failed = page_cache_add(&as, page, 0x12345678) == -ENOMEM;
		vm_fail_slab = 0;
		CHECK(page_cache_check(&as) == 0);
		CHECK_EQ(as.nr_pages, failed ? 1 : 2);
		CHECK(page_cache_find(&as, 5));
		put_page(page_cache_find(&as, 5));
		put_page(page_cache_find(&as, 5));
		put_page(page);
		page_cache_truncate(&as, 0);
		if (!failed)
			break;
		CHECK(nth < 20);
	}
}

TEST(get_reads_once)
{
	struct vm_file file;
	struct page *page;
	bool major = false;

	vm_boot(8);
	vm_file_init(&file, 1, 100);
	page = page_cache_get(&file.as, 70, &major);
	CHECK(!IS_ERR(page) && major);
	CHECK_EQ(*(u32 *)page_address(page), vm_file_word(&file, 70));
	CHECK_EQ(page->refcount, 2);
	put_page(page);
	major = false;
	page = page_cache_get(&file.as, 70, &major);
	CHECK(!major);
	CHECK_EQ(file.reads, 1);
	put_page(page);
	vm_file_drop(&file);
	vm_check_no_leak();
}

TEST(a_hole_reads_as_zeros)
{
	struct address_space as;
	struct page *page;
	bool major = false;

	vm_boot(8);
	address_space_init(&as, NULL, NULL);
	page = page_cache_get(&as, 3, &major);
	CHECK(!IS_ERR(page) && !major && (page->flags & PG_UPTODATE));
	for (u32 i = 0; i < PAGE_SIZE / 4; i++)
		CHECK_EQ(((u32 *)page_address(page))[i], 0);
	put_page(page);
	page_cache_truncate(&as, 0);
	vm_check_no_leak();
}

TEST(a_failed_read_leaves_no_page)
{
	struct vm_file file;
	bool major = false;

	vm_boot(8);
	vm_file_init(&file, 1, 100);
	file.fail = -EIO;
	CHECK_EQ(PTR_ERR(page_cache_get(&file.as, 5, &major)), -EIO);
	CHECK_EQ(file.as.nr_pages, 0);
	file.fail = 0;
	put_page(page_cache_get(&file.as, 5, &major));
	CHECK_EQ(file.as.nr_pages, 1);
	vm_file_drop(&file);
	vm_check_no_leak();
}

static struct vm_file *truncated;

static void truncate_it(void)
{
	page_cache_truncate(&truncated->as, 0);
}

TEST(truncation_during_a_read_keeps_the_reader_s_page)
{
	struct vm_file file;
	struct page *page;
	bool major = false;

	vm_boot(8);
	vm_file_init(&file, 1, 100);
	truncated = &file;
	file.reading = truncate_it;
	page = page_cache_get(&file.as, 5, &major);
	CHECK(!IS_ERR(page));
	CHECK_EQ(page->refcount, 1);
	CHECK_EQ(file.as.nr_pages, 0);
	put_page(page);
	file.fail = -EIO;
	CHECK_EQ(PTR_ERR(page_cache_get(&file.as, 5, &major)), -EIO);
	vm_file_drop(&file);
	vm_check_no_leak();
}

static struct page *locked;

static void unlock_it(void)
{
	locked->flags = (locked->flags & ~PG_LOCKED) | PG_UPTODATE;
}

TEST(a_second_reader_waits)
{
	struct vm_file file;
	struct page *page;
	bool major = false;

	vm_boot(8);
	vm_file_init(&file, 1, 100);
	locked = new_page();
	locked->flags |= PG_LOCKED;
	CHECK_EQ(page_cache_add(&file.as, locked, 9), 0);
	vm_schedule = unlock_it;
	page = page_cache_get(&file.as, 9, &major);
	CHECK(page == locked && !major && !file.reads);
	put_page(page);
	put_page(locked);
	vm_file_drop(&file);
	vm_check_no_leak();
}
