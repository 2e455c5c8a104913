/* Each row of the table in fault.c, with what it must count, and the stacks. */
#include "tests/host/check.h"
#include "tests/host/fake_vm.h"
#include "lib/err.h"
#include "lib/failpoint.h"
#include <linux/mman.h>

#define AT 0x40000000u
#define RW (PROT_READ | PROT_WRITE)

static struct mm_struct *mm;
static struct vm_file file;

static void start(void)
{
	vm_boot(16);
	mm = mm_create();
	CHECK(mm != NULL);
	vm_load(mm);
	vm_file_init(&file, 3, 40);
}

static void end(void)
{
	CHECK_EQ(mm_check(mm), 0);
	vm_check_tlb();
	vm_load(NULL);
	mm_put(mm);
	vm_file_drop(&file);
	vm_check_no_leak();
}

static vaddr_t map_file(vaddr_t addr, u32 nr_pages, u32 prot, u32 type, u32 pgoff)
{
	struct mmap_object object = vm_file_object(&file);
	vaddr_t at = do_mmap(mm, addr, nr_pages * PAGE_SIZE, prot, type | (addr ? MAP_FIXED : 0),
			     &object, pgoff, VM_MAY_ALL);

	if (is_err_addr(at))
		FAIL("mmap of the file gave %d", (int)at);
	return at;
}

static u32 read_at(vaddr_t addr)
{
	u32 value = 0;

	CHECK(vm_read(addr, &value) <= FAULT_MAJOR);
	return value;
}

/* ---- no VMA, no right ---- */

TEST(no_vma_is_maperr)
{
	u32 value;

	start();
	vm_map(mm, AT, 1, RW, MAP_FIXED);
	CHECK_EQ(vm_read(AT - 1, &value), FAULT_SEGV_MAPERR);
	CHECK_EQ(vm_read(AT + PAGE_SIZE, &value), FAULT_SEGV_MAPERR);
	CHECK_EQ(vm_write(0, 1), FAULT_SEGV_MAPERR);
	CHECK_EQ(vm_read(USER_END - 4, &value), FAULT_SEGV_MAPERR);
	CHECK_EQ(mm->min_flt, 0);
	end();
}

TEST(rights_are_kept)
{
	u32 value;

	start();
	vm_map(mm, AT, 1, PROT_READ, MAP_FIXED);
	vm_map(mm, AT + PAGE_SIZE, 1, PROT_NONE, MAP_FIXED);
	vm_map(mm, AT + 2 * PAGE_SIZE, 1, PROT_WRITE, MAP_FIXED);
	vm_map(mm, AT + 3 * PAGE_SIZE, 1, PROT_EXEC, MAP_FIXED);
	CHECK_EQ(vm_write(AT, 1), FAULT_SEGV_ACCERR);
	CHECK_EQ(vm_read(AT, &value), FAULT_MINOR);
	CHECK_EQ(vm_write(AT, 1), FAULT_SEGV_ACCERR);
	CHECK_EQ(vm_read(AT + PAGE_SIZE, &value), FAULT_SEGV_ACCERR);
	CHECK_EQ(vm_read(AT + 2 * PAGE_SIZE, &value), FAULT_MINOR); /* i386: writable is readable */
	CHECK_EQ(vm_read(AT + 3 * PAGE_SIZE, &value), FAULT_MINOR);
	CHECK_EQ(handle_mm_fault(mm, AT, FAULT_FLAG_USER | FAULT_FLAG_EXEC), FAULT_SEGV_ACCERR);
	CHECK_EQ(handle_mm_fault(mm, AT + 3 * PAGE_SIZE, FAULT_FLAG_USER | FAULT_FLAG_EXEC),
		 FAULT_MINOR);
	end();
}

/* ---- anonymous ---- */

TEST(reads_share_the_zero_page)
{
	u32 free_before;

	start();
	vm_map(mm, AT, 100, RW, MAP_FIXED);
	CHECK_EQ(read_at(AT), 0);
	free_before = nr_free_pages();
	for (u32 i = 1; i < 100; i++)
		CHECK_EQ(read_at(AT + i * PAGE_SIZE + 40), 0);
	CHECK_EQ(nr_free_pages(), free_before);
	CHECK_EQ(mm->min_flt, 100);
	CHECK_EQ(mm->rss_anon, 0);
	CHECK_EQ(zero_page->refcount, 1);
	CHECK_EQ(zero_page->mapcount, 0);
	end();
}

TEST(a_write_gets_a_cleared_frame)
{
	start();
	vm_map(mm, AT, 3, RW, MAP_FIXED);
	CHECK_EQ(vm_write(AT + 8, 77), FAULT_MINOR);
	CHECK_EQ(vm_faults, 1);
	CHECK_EQ(read_at(AT + 8), 77);
	CHECK_EQ(read_at(AT + 4092), 0);
	CHECK_EQ(mm->rss_anon, 1);
	CHECK_EQ(read_at(AT + PAGE_SIZE), 0); /* the zero page first */
	CHECK_EQ(vm_write(AT + PAGE_SIZE, 5), FAULT_MINOR);
	CHECK_EQ(vm_faults, 1);
	CHECK_EQ(read_at(AT + PAGE_SIZE), 5);
	CHECK_EQ(read_at(AT + PAGE_SIZE + 4), 0);
	CHECK_EQ(mm->rss_anon, 2);
	CHECK_EQ(mm_nr_anon_pages(), 2);
	CHECK_EQ(do_munmap(mm, AT, 3 * PAGE_SIZE), 0);
	CHECK_EQ(mm->rss_anon, 0);
	CHECK_EQ(mm->hiwater_rss, 2);
	CHECK_EQ(mm->nr_tables, 0);
	end();
}

/* ---- files ---- */

TEST(a_file_page_is_read_once_and_shared)
{
	struct page *page;

	start();
	map_file(AT, 10, PROT_READ, MAP_PRIVATE, 5);
	CHECK_EQ(vm_read(AT + PAGE_SIZE, &(u32){0}), FAULT_MAJOR);
	CHECK_EQ(mm->maj_flt, 1);
	CHECK_EQ(mm->min_flt, 1); /* the page was read, then the instruction tried again */
	CHECK_EQ(read_at(AT + PAGE_SIZE), vm_file_word(&file, 6));
	CHECK_EQ(mm->rss_file, 1);
	page = page_cache_find(&file.as, 6);
	CHECK(page && page->mapcount == 1 && page->refcount == 3);
	put_page(page);
	map_file(AT + 0x100000, 10, PROT_READ, MAP_SHARED, 5);
	CHECK_EQ(read_at(AT + 0x100000 + PAGE_SIZE), vm_file_word(&file, 6));
	CHECK_EQ(page->mapcount, 2);
	CHECK_EQ(page_cache_nr_mapped(), 1); /* frames, not entries */
	CHECK_EQ(file.reads, 1);
	end();
}

/* Pages 16-31 of the file, all cached, mapped where 16-page stretches of addresses agree with those
 * of the file. */
TEST(a_read_fault_maps_the_cached_pages_around_it)
{
	bool major;

	start();
	for (u32 i = 0; i < 40; i++)
		put_page(page_cache_get(&file.as, i, &major));
	map_file(AT, 40, PROT_READ, MAP_PRIVATE, 0);
	CHECK_EQ(read_at(AT + 20 * PAGE_SIZE), vm_file_word(&file, 20));
	CHECK_EQ(mm->rss_file, 16);
	CHECK_EQ(page_cache_nr_mapped(), 16);
	for (u32 i = 16; i < 32; i++) {
		CHECK_EQ(read_at(AT + i * PAGE_SIZE), vm_file_word(&file, i));
		CHECK_EQ(vm_faults, 0);
	}
	CHECK_EQ(read_at(AT + 32 * PAGE_SIZE), vm_file_word(&file, 32));
	CHECK_EQ(mm->rss_file, 24);
	CHECK_EQ(mm->min_flt, 2);
	end();
}

TEST(around_stops_at_the_vma_the_file_and_the_cache_node)
{
	bool major;

	start();
	file.as.size_bytes = 70 * PAGE_SIZE;
	for (u32 i = 0; i < 70; i++)
		put_page(page_cache_get(&file.as, i, &major));
	map_file(AT + 3 * PAGE_SIZE, 4, PROT_READ, MAP_PRIVATE, 10);
	CHECK_EQ(read_at(AT + 4 * PAGE_SIZE), vm_file_word(&file, 11));
	CHECK_EQ(mm->rss_file, 4);
	CHECK_EQ(do_munmap(mm, AT, 16 * PAGE_SIZE), 0);
	CHECK_EQ(mm->rss_file, 0);
	/* 60-63 lie in one node, 64-69 in the next; beyond 69 is no file. */
	map_file(AT, 16, PROT_READ, MAP_PRIVATE, 60);
	CHECK_EQ(read_at(AT), vm_file_word(&file, 60));
	CHECK_EQ(mm->rss_file, 4);
	CHECK_EQ(read_at(AT + 5 * PAGE_SIZE), vm_file_word(&file, 65));
	CHECK_EQ(mm->rss_file, 10);
	CHECK_EQ(vm_read(AT + 10 * PAGE_SIZE, &(u32){0}), FAULT_BUS);
	end();
}

TEST(around_leaves_what_is_mapped_alone)
{
	bool major;

	start();
	for (u32 i = 0; i < 16; i++)
		put_page(page_cache_get(&file.as, i, &major));
	map_file(AT, 16, RW, MAP_PRIVATE, 0);
	CHECK_EQ(vm_write(AT + 3 * PAGE_SIZE, 123), FAULT_MINOR);
	CHECK_EQ(read_at(AT), vm_file_word(&file, 0));
	CHECK_EQ(read_at(AT + 3 * PAGE_SIZE), 123);
	CHECK_EQ(mm->rss_file, 15);
	CHECK_EQ(mm->rss_anon, 1);
	end();
}

TEST(a_private_write_copies)
{
	bool major;

	start();
	put_page(page_cache_get(&file.as, 2, &major));
	map_file(AT, 5, RW, MAP_PRIVATE, 0);
	CHECK_EQ(vm_write(AT + 2 * PAGE_SIZE + 4, 9), FAULT_MINOR); /* at once */
	CHECK_EQ(vm_faults, 1);
	CHECK_EQ(read_at(AT + 2 * PAGE_SIZE), vm_file_word(&file, 2));
	CHECK_EQ(mm->rss_anon, 1);
	CHECK_EQ(mm->rss_file, 0);
	put_page(page_cache_get(&file.as, 3, &major));
	CHECK_EQ(read_at(AT + 3 * PAGE_SIZE), vm_file_word(&file, 3)); /* read first */
	CHECK_EQ(mm->rss_file, 1);
	CHECK_EQ(vm_write(AT + 3 * PAGE_SIZE, 10), FAULT_MINOR);
	CHECK_EQ(mm->rss_file, 0);
	CHECK_EQ(mm->rss_anon, 2);
	map_file(AT + 0x100000, 5, PROT_READ, MAP_SHARED, 0);
	CHECK_EQ(read_at(AT + 0x100000 + 3 * PAGE_SIZE), vm_file_word(&file, 3));
	end();
}

TEST(a_shared_write_marks_the_page_dirty)
{
	struct page *page;
	bool major;

	start();
	put_page(page_cache_get(&file.as, 1, &major));
	map_file(AT, 5, RW, MAP_SHARED, 0);
	CHECK_EQ(read_at(AT + PAGE_SIZE), vm_file_word(&file, 1));
	page = page_cache_find(&file.as, 1);
	CHECK(!(page->flags & PG_DIRTY));
	CHECK_EQ(vm_write(AT + PAGE_SIZE, 4), FAULT_MINOR);
	CHECK_EQ(vm_faults, 1);
	CHECK(page->flags & PG_DIRTY);
	CHECK_EQ(*(u32 *)page_address(page), 4);
	put_page(page);
	CHECK(vm_write(AT + 2 * PAGE_SIZE, 6) == FAULT_MAJOR); /* not cached */
	page = page_cache_find(&file.as, 2);
	CHECK(page->flags & PG_DIRTY);
	put_page(page);
	CHECK_EQ(mm->rss_file, 2);
	end();
}

TEST(beyond_the_end_is_a_bus_error)
{
	start();
	file.as.size_bytes = 2 * PAGE_SIZE + 1;
	map_file(AT, 10, RW, MAP_SHARED, 0);
	CHECK_EQ(read_at(AT + 2 * PAGE_SIZE), vm_file_word(&file, 2));
	CHECK_EQ(vm_read(AT + 3 * PAGE_SIZE, &(u32){0}), FAULT_BUS);
	CHECK_EQ(vm_write(AT + 3 * PAGE_SIZE, 1), FAULT_BUS);
	CHECK_EQ(mm->min_flt, 1);
	file.fail = -EIO;
	CHECK_EQ(vm_read(AT, &(u32){0}), FAULT_BUS);
	file.fail = -ENOMEM;
	CHECK_EQ(vm_read(AT, &(u32){0}), FAULT_OOM);
	end();
}

static void unmap_all(void)
{
	file.reading = NULL;
	CHECK_EQ(do_munmap(mm, AT, 10 * PAGE_SIZE), 0);
}

TEST(the_mapping_may_go_while_its_page_is_read)
{
	start();
	map_file(AT, 10, RW, MAP_PRIVATE, 0);
	file.reading = unmap_all;
	CHECK_EQ(handle_mm_fault(mm, AT, FAULT_FLAG_USER), FAULT_MAJOR);
	CHECK_EQ(vm_read(AT, &(u32){0}), FAULT_SEGV_MAPERR);
	CHECK_EQ(mm->maj_flt, 1);
	CHECK_EQ(mm->min_flt, 0);
	end();
}

TEST(truncation_takes_pages_from_every_mapping)
{
	bool major;

	start();
	for (u32 i = 0; i < 10; i++)
		put_page(page_cache_get(&file.as, i, &major));
	map_file(AT, 10, RW, MAP_SHARED, 0);
	map_file(AT + 0x400000, 10, RW, MAP_PRIVATE, 0);
	for (u32 i = 0; i < 10; i++) {
		CHECK_EQ(vm_write(AT + i * PAGE_SIZE, i), FAULT_MINOR);
		CHECK_EQ(vm_write(AT + 0x400000 + i * PAGE_SIZE, 100 + i), FAULT_MINOR);
	}
	file.as.size_bytes = 4 * PAGE_SIZE;
	page_cache_truncate(&file.as, 4);
	vm_check_tlb();
	CHECK_EQ(mm->rss_file, 4);
	CHECK_EQ(mm->rss_anon, 4);
	CHECK_EQ(read_at(AT + 3 * PAGE_SIZE), 3);
	CHECK_EQ(read_at(AT + 0x400000 + 3 * PAGE_SIZE), 103);
	CHECK_EQ(vm_read(AT + 4 * PAGE_SIZE, &(u32){0}), FAULT_BUS);
	CHECK_EQ(vm_read(AT + 0x400000 + 4 * PAGE_SIZE, &(u32){0}), FAULT_BUS);
	end();
}

/* ---- a TLB that is behind ---- */

TEST(a_spurious_fault_flushes_and_goes_on)
{
	start();
	vm_map(mm, AT, 2, RW, MAP_FIXED);
	CHECK_EQ(vm_write(AT, 1), FAULT_MINOR);
	CHECK_EQ(handle_mm_fault(mm, AT, FAULT_FLAG_WRITE | FAULT_FLAG_PRESENT | FAULT_FLAG_USER),
		 FAULT_MINOR);
	CHECK_EQ(read_at(AT), 1);
	/* mprotect there and back gives the right again without a fault. */
	CHECK_EQ(do_mprotect(mm, AT, 2 * PAGE_SIZE, PROT_READ), 0);
	vm_check_tlb();
	CHECK_EQ(vm_write(AT, 2), FAULT_SEGV_ACCERR);
	CHECK_EQ(do_mprotect(mm, AT, 2 * PAGE_SIZE, RW), 0);
	vm_load(NULL);
	vm_load(mm);
	CHECK_EQ(vm_write(AT, 2), FAULT_MINOR);
	CHECK_EQ(vm_faults, 0);
	end();
}

/* ---- out of memory ---- */

TEST(every_failed_allocation_is_an_oom_fault_that_can_be_repeated)
{
	struct failpoint *frames;

	for (u32 write = 0; write < 2; write++) {
		for (u32 nth = 1;; nth++) {
			enum fault_result result;

			start();
			frames = failpoint_find("page_alloc");
			vm_map(mm, AT, 1, RW, MAP_FIXED);
			CHECK_EQ(failpoint_arm("page_alloc", nth, 1), 0);
			result = write ? vm_write(AT, 3) : vm_read(AT, &(u32){0});
			failpoint_disarm(frames);
			CHECK_EQ(mm_check(mm), 0);
			CHECK_EQ(mm->min_flt, result == FAULT_MINOR);
			CHECK_EQ(vm_write(AT, 3), FAULT_MINOR);
			CHECK_EQ(read_at(AT), 3);
			end();
			if (result == FAULT_MINOR)
				break;
			CHECK_EQ(result, FAULT_OOM);
			CHECK(nth < 10);
		}
	}
}

TEST(memory_that_is_full_says_so)
{
	u32 pages = nr_managed_pages();
	enum fault_result result = FAULT_MINOR;
	u32 written = 0;

	start();
	vm_map(mm, AT, pages + 100, PROT_READ, MAP_FIXED);
	CHECK_EQ(do_munmap(mm, AT, (pages + 100) * PAGE_SIZE), 0);
	vm_map(mm, AT, pages + 100, RW, MAP_FIXED | MAP_NORESERVE);
	while ((result = vm_write(AT + written * PAGE_SIZE, written)) == FAULT_MINOR)
		written++;
	CHECK_EQ(result, FAULT_OOM);
	CHECK(written > pages / 2 && written < pages);
	CHECK_EQ(mm->rss_anon, written);
	CHECK_EQ(read_at(AT + (written - 1) * PAGE_SIZE), written - 1);
	end();
}

/* ---- stacks ---- */

TEST(a_stack_grows_to_its_limit)
{
	vaddr_t bottom;

	start();
	mm->stack_limit_bytes = 64 * PAGE_SIZE;
	CHECK_EQ(setup_stack_vma(mm, 4 * PAGE_SIZE, false), 0);
	bottom = STACK_TOP - 4 * PAGE_SIZE;
	CHECK_EQ(vm_write(bottom, 1), FAULT_MINOR);
	CHECK_EQ(vm_write(bottom - 4, 2), FAULT_MINOR);
	CHECK_EQ(mm->stack_vm, 5);
	CHECK_EQ(vm_write(STACK_TOP - 64 * PAGE_SIZE, 3), FAULT_MINOR); /* far below is as good */
	CHECK_EQ(mm->stack_vm, 64);
	CHECK_EQ(vm_write(STACK_TOP - 64 * PAGE_SIZE - 4, 4), FAULT_SEGV_MAPERR);
	CHECK_EQ(mm->stack_vm, 64);
	end();
}

TEST(a_stack_stops_short_of_what_lies_beneath)
{
	vaddr_t below = STACK_TOP - (2u << 20);

	start();
	CHECK_EQ(setup_stack_vma(mm, 4 * PAGE_SIZE, false), 0);
	vm_map(mm, below, 1, RW, MAP_FIXED);
	CHECK_EQ(vm_write(below + PAGE_SIZE + STACK_GUARD_GAP, 1), FAULT_MINOR);
	CHECK_EQ(vm_write(below + STACK_GUARD_GAP, 1), FAULT_SEGV_MAPERR);
	/* What nobody can touch need not be kept away from. */
	CHECK_EQ(do_mprotect(mm, below, PAGE_SIZE, PROT_NONE), 0);
	CHECK_EQ(vm_write(below + PAGE_SIZE, 1), FAULT_MINOR);
	end();
}

TEST(only_what_grows_down_grows)
{
	start();
	vm_map(mm, AT, 1, RW, MAP_FIXED);
	CHECK_EQ(vm_write(AT - 4, 1), FAULT_SEGV_MAPERR);
	vm_map(mm, AT + 0x1000000, 1, RW, MAP_FIXED | MAP_GROWSDOWN);
	CHECK_EQ(vm_write(AT + 0x1000000 - 4, 1), FAULT_MINOR);
	CHECK_EQ(mm->total_vm, 3);
	/* Two that grow into each other become one. */
	vm_map(mm, AT + 0x1000000 - 4 * PAGE_SIZE, 1, RW, MAP_FIXED | MAP_GROWSDOWN);
	CHECK_EQ(vm_write(AT + 0x1000000 - 3 * PAGE_SIZE, 1), FAULT_MINOR);
	CHECK_EQ(mm->nr_vmas, 2);
	CHECK_EQ(do_munmap(mm, AT + 0x1000000 - 4 * PAGE_SIZE, 3 * PAGE_SIZE), 0);
	mm->as_limit_bytes = 3 * PAGE_SIZE;
	CHECK_EQ(vm_write(AT + 0x1000000 - PAGE_SIZE - 4, 1), FAULT_SEGV_MAPERR);
	end();
}
