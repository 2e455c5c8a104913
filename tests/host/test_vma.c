/* The set of VMAs: order, gaps, placement and joining, against a plain array of pages. */
#include "tests/host/check.h"
#include "tests/host/fake_vm.h"
#include "mm/vm/gap.h"
#include "mm/vm/vma.h"
#include "lib/err.h"
#include <linux/mman.h>

#define RW (PROT_READ | PROT_WRITE)

static struct mm_struct *mm;

static void start(void)
{
	vm_boot(16);
	mm = mm_create();
	CHECK(mm != NULL);
	vm_load(mm);
}

static void end(void)
{
	CHECK_EQ(mm_check(mm), 0);
	vm_load(NULL);
	mm_put(mm);
	vm_check_no_leak();
}

/* ---- lookup ---- */

TEST(find_vma_gives_the_first_that_ends_above)
{
	struct vm_area_struct *low, *high;

	start();
	CHECK(find_vma(mm, 0) == NULL);
	vm_map(mm, 0x40000000, 2, RW, MAP_FIXED);
	vm_map(mm, 0x50000000, 2, PROT_READ, MAP_FIXED);
	low = mm->first;
	high = mm->last;
	CHECK(low != high);
	CHECK(find_vma(mm, 0) == low);
	CHECK(find_vma(mm, 0x40000000) == low);
	CHECK(find_vma(mm, 0x40001FFF) == low);
	CHECK(find_vma(mm, 0x40002000) == high);
	CHECK(find_vma(mm, 0x50001FFF) == high);
	CHECK(find_vma(mm, 0x50002000) == NULL);
	CHECK(find_vma(mm, 0xFFFFFFFF) == NULL);
	CHECK(vma_at(mm, 0x3FFFFFFF) == NULL);
	CHECK(vma_at(mm, 0x40001000) == low);
	CHECK(vma_at(mm, 0x40002000) == NULL);
	end();
}

/* ---- joining ---- */

TEST(neighbours_alike_become_one)
{
	start();
	vm_map(mm, 0x40000000, 2, RW, MAP_FIXED);
	vm_map(mm, 0x40004000, 2, RW, MAP_FIXED);
	CHECK_EQ(mm->nr_vmas, 2);
	vm_map(mm, 0x40002000, 1, RW, MAP_FIXED); /* below the hole's end */
	CHECK_EQ(mm->nr_vmas, 2);
	vm_map(mm, 0x40003000, 1, RW, MAP_FIXED); /* fills it */
	CHECK_EQ(mm->nr_vmas, 1);
	CHECK_EQ(mm->first->end - mm->first->start, 6 * PAGE_SIZE);
	vm_map(mm, 0x3FFFF000, 1, RW, MAP_FIXED); /* from below */
	CHECK_EQ(mm->nr_vmas, 1);
	vm_map(mm, 0x3FFFE000, 1, PROT_READ, MAP_FIXED);
	CHECK_EQ(mm->nr_vmas, 2);
	end();
}

TEST(more_than_2_gb_go_at_once)
{
	const u32 pages = 0x90000000u >> PAGE_SHIFT;

	start();
	vm_map(mm, 0x20000000, pages, PROT_READ, MAP_FIXED);
	CHECK_EQ(mm->total_vm, pages);
	CHECK_EQ(do_munmap(mm, 0x20001000, 0x90000000u - PAGE_SIZE), 0);
	CHECK_EQ(mm->total_vm, 1);
	vm_map(mm, 0x20001000, pages - 1, PROT_READ, MAP_FIXED);
	CHECK_EQ(mm->nr_vmas, 1);
	CHECK_EQ(mm->total_vm, pages);
	end();
}

TEST(file_mappings_join_only_if_offsets_continue)
{
	struct vm_file file, other;
	struct mmap_object object, other_object;
	vaddr_t at = 0x40000000;

	start();
	vm_file_init(&file, 1, 100);
	vm_file_init(&other, 2, 100);
	object = vm_file_object(&file);
	other_object = vm_file_object(&other);
	do_mmap(mm, at, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, &object, 5, VM_MAY_ALL);
	do_mmap(mm, at + PAGE_SIZE, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, &object, 7,
		VM_MAY_ALL);
	CHECK_EQ(mm->nr_vmas, 2);
	do_mmap(mm, at + PAGE_SIZE, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, &other_object, 6,
		VM_MAY_ALL);
	CHECK_EQ(mm->nr_vmas, 2);
	CHECK_EQ(file.refs, 1);
	CHECK_EQ(other.refs, 1);
	do_mmap(mm, at + PAGE_SIZE, PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, &object, 6,
		VM_MAY_ALL);
	CHECK_EQ(mm->nr_vmas, 2);
	do_mmap(mm, at + PAGE_SIZE, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, &object, 6,
		VM_MAY_ALL);
	CHECK_EQ(mm->nr_vmas, 1);
	CHECK_EQ(file.refs, 1);
	CHECK_EQ(other.refs, 0);
	end();
	vm_file_drop(&file);
	vm_file_drop(&other);
}

/* ---- placement ---- */

TEST(placement_is_top_down_and_code_bottom_up)
{
	struct vm_file file;
	struct mmap_object object;
	vaddr_t first, second, low, low2;

	start();
	vm_file_init(&file, 1, 100);
	object = vm_file_object(&file);
	first = vm_map(mm, 0, 3, RW, 0);
	CHECK_EQ(first, STACK_TOP - (128u << 20) - 3 * PAGE_SIZE);
	second = vm_map(mm, 0, 1, PROT_READ, 0);
	CHECK_EQ(second, first - PAGE_SIZE);
	low = do_mmap(mm, 0, 2 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, &object, 0, VM_MAY_ALL);
	CHECK_EQ(low, MMAP_LIB_BASE);
	low2 = do_mmap(mm, 0, PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE, &object, 0,
		       VM_MAY_ALL);
	CHECK_EQ(low2, MMAP_LIB_BASE + 2 * PAGE_SIZE);
	/* What does not fit below the program goes with the rest. */
	low2 = do_mmap(mm, 0, 0x08000000, PROT_READ | PROT_EXEC, MAP_PRIVATE, &object, 0,
		       VM_MAY_ALL);
	CHECK_EQ(low2, second - 0x08000000);
	end();
	vm_file_drop(&file);
}

TEST(a_hint_is_taken_if_free)
{
	start();
	CHECK_EQ(vm_map(mm, 0x40000123, 2, RW, 0), 0x40000000);
	CHECK(vm_map(mm, 0x40001000, 1, PROT_READ, 0) != 0x40001000);
	CHECK_EQ(vm_map(mm, 0x1000, 1, PROT_READ, 0), MMAP_MIN_ADDR);
	end();
}

TEST(a_stack_keeps_its_guard_gap)
{
	vaddr_t gap;

	start();
	CHECK_EQ(setup_stack_vma(mm, 16 * PAGE_SIZE, false), 0);
	gap = STACK_TOP - 16 * PAGE_SIZE - STACK_GUARD_GAP;
	CHECK(vm_map(mm, gap, 1, RW, 0) != gap);
	CHECK_EQ(vm_map(mm, gap - PAGE_SIZE, 1, RW, 0), gap - PAGE_SIZE);
	CHECK_EQ(vm_map(mm, gap, 1, RW, MAP_FIXED), gap); /* who insists gets it */
	end();
}

TEST(everything_can_be_filled)
{
	vaddr_t at;
	u32 total = 0;

	start();
	while (!is_err_addr(
		at = do_mmap(mm, 0, 64u << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0, 0)))
		total += 64;
	CHECK_EQ(at, (vaddr_t)-ENOMEM);
	CHECK_EQ(total, 3072 - 64); /* all but the 64 MB that lose 64 KB at the bottom */
	end();
}

/* The highest, and lowest, place by going through every page. */
static vaddr_t plain_below(const bool *used, u32 base, u32 nr, u32 pages, u32 low, u32 high)
{
	u32 run = 0;

	(void)base;
	for (u32 i = MIN(high, nr); i-- > low;) {
		run = used[i] ? 0 : run + 1;
		if (run == pages)
			return i;
	}
	return ~0u;
}

static vaddr_t plain_above(const bool *used, u32 nr, u32 pages, u32 low, u32 high)
{
	u32 run = 0;

	for (u32 i = low; i < MIN(high, nr); i++) {
		run = used[i] ? 0 : run + 1;
		if (run == pages)
			return i + 1 - pages;
	}
	return ~0u;
}

TEST(placement_agrees_with_a_plain_search)
{
	enum { PAGES = 300 };
	bool used[PAGES] = {false};
	u32 nr_near = 0;

	start();
	for (unsigned round = 0; round < test_rounds(3000); round++) {
		u32 nr = 1 + test_rand_below(12), first = 16 + test_rand_below(PAGES - 16 - nr);
		u32 low = 16 + test_rand_below(PAGES - 16),
		    high = low + test_rand_below(PAGES - low);
		u32 pages = 1 + test_rand_below(test_rand_below(2) ? 4 : 40);
		struct vm_area_struct *next;
		vaddr_t got, plain, near;

		if (test_rand_below(5) < 3) {
			u32 prot = test_rand_below(2) ? PROT_READ : RW;

			vm_map(mm, first * PAGE_SIZE, nr, prot, MAP_FIXED);
			memset(used + first, 1, nr);
		} else {
			CHECK_EQ(do_munmap(mm, first * PAGE_SIZE, nr * PAGE_SIZE), 0);
			memset(used + first, 0, nr);
		}
		CHECK_EQ(mm_check(mm), 0);

		got = vma_room_below(mm, pages * PAGE_SIZE, low * PAGE_SIZE, high * PAGE_SIZE,
				     &next);
		if (!is_err_addr(got))
			CHECK(next == find_vma(mm, got));
		plain = plain_below(used, 0, PAGES, pages, low, high);
		CHECK_EQ(is_err_addr(got) ? ~0u : got / PAGE_SIZE, plain);
		near = gap_near_top(mm, pages * PAGE_SIZE, low * PAGE_SIZE, high * PAGE_SIZE,
				    &next);
		if (near) {
			CHECK_EQ(near, got);
			CHECK(next == find_vma(mm, near));
			nr_near++;
		}
		got = vma_room_above(mm, pages * PAGE_SIZE, low * PAGE_SIZE, high * PAGE_SIZE,
				     &next);
		if (!is_err_addr(got))
			CHECK(next == find_vma(mm, got));
		plain = plain_above(used, PAGES, pages, low, high);
		CHECK_EQ(is_err_addr(got) ? ~0u : got / PAGE_SIZE, plain);
		for (u32 i = 0; i < 4; i++) {
			u32 page = test_rand_below(PAGES);

			CHECK_EQ(vma_at(mm, page * PAGE_SIZE) != NULL, used[page]);
		}
	}
	CHECK(nr_near > 0);
	end();
}

/* ---- code limit ---- */

static u32 limit_calls;

static void limit_changed(struct mm_struct *changed)
{
	CHECK(changed == mm);
	limit_calls++;
}

TEST(the_code_limit_is_the_end_of_the_highest_code)
{
	start();
	limit_calls = 0;
	mm->code_limit_changed = limit_changed;
	vm_map(mm, 0x40000000, 4, PROT_READ | PROT_EXEC, MAP_FIXED);
	CHECK_EQ(mm->code_limit, 0x40004000);
	vm_map(mm, 0x30000000, 4, PROT_READ | PROT_EXEC, MAP_FIXED);
	CHECK_EQ(mm->code_limit, 0x40004000);
	CHECK_EQ(limit_calls, 1);
	CHECK_EQ(do_mprotect(mm, 0x40002000, PAGE_SIZE, PROT_READ), 0);
	CHECK_EQ(mm->code_limit, 0x40004000);
	CHECK_EQ(do_munmap(mm, 0x40003000, PAGE_SIZE), 0);
	CHECK_EQ(mm->code_limit, 0x40002000);
	CHECK_EQ(do_mprotect(mm, 0x40000000, 2 * PAGE_SIZE, PROT_READ), 0);
	CHECK_EQ(mm->code_limit, 0x30004000);
	CHECK_EQ(do_mprotect(mm, 0x40002000, PAGE_SIZE, PROT_READ | PROT_EXEC), 0);
	CHECK_EQ(mm->code_limit, 0x40003000);
	CHECK_EQ(do_munmap(mm, 0, USER_END), 0);
	CHECK_EQ(mm->code_limit, 0);
	end();
}

TEST(sizes_are_counted_by_kind)
{
	start();
	vm_map(mm, 0x40000000, 4, RW, MAP_FIXED);
	vm_map(mm, 0x40004000, 2, PROT_READ | PROT_EXEC, MAP_FIXED);
	vm_map(mm, 0x40008000, 1, PROT_READ, MAP_FIXED);
	CHECK_EQ(setup_stack_vma(mm, 8 * PAGE_SIZE, false), 0);
	CHECK_EQ(mm->total_vm, 15);
	CHECK_EQ(mm->data_vm, 4);
	CHECK_EQ(mm->exec_vm, 2);
	CHECK_EQ(mm->stack_vm, 8);
	CHECK_EQ(do_mprotect(mm, 0x40000000, PAGE_SIZE, PROT_READ), 0);
	CHECK_EQ(mm->data_vm, 3);
	CHECK_EQ(mm->hiwater_vm, 15);
	CHECK_EQ(do_munmap(mm, 0x40000000, 2 * PAGE_SIZE), 0);
	CHECK_EQ(mm->total_vm, 13);
	CHECK_EQ(mm->hiwater_vm, 15);
	end();
}
