/* mmap and its family: results and errors as Linux gives them. */
#include "tests/host/check.h"
#include "tests/host/fake_vm.h"
#include "lib/err.h"
#include "lib/failpoint.h"
#include <linux/mman.h>

#define AT       0x40000000u
#define RW       (PROT_READ | PROT_WRITE)
#define ANON     (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGES(n) ((n)*PAGE_SIZE)

static struct mm_struct *mm;
static struct vm_file file;
static struct mmap_object object;

static void start(void)
{
	vm_boot(16);
	mm = mm_create();
	CHECK(mm != NULL);
	vm_load(mm);
	vm_file_init(&file, 3, 40);
	object = vm_file_object(&file);
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

static int map_error(vaddr_t addr, u32 len, u32 prot, u32 flags)
{
	return (int)do_mmap(mm, addr, len, prot, flags, NULL, 0, 0);
}

static int map_file_error(u32 prot, u32 flags, u32 pgoff, u32 may)
{
	return (int)do_mmap(mm, 0, PAGE_SIZE, prot, flags, &object, pgoff, may);
}

static u32 read_at(vaddr_t addr)
{
	u32 value = 0;

	CHECK(vm_read(addr, &value) <= FAULT_MAJOR);
	return value;
}

static void write_at(vaddr_t addr, u32 value)
{
	CHECK(vm_write(addr, value) <= FAULT_MAJOR);
}

/* The VMA at addr has exactly this range and these rights. */
static void check_vma(vaddr_t addr, vaddr_t from, vaddr_t to, u32 prot)
{
	struct vm_area_struct *vma = vma_at(mm, addr);

	CHECK(vma != NULL);
	CHECK_EQ(vma->start, from);
	CHECK_EQ(vma->end, to);
	CHECK_EQ(vma->flags & 7, prot);
}

/* ---- mmap ---- */

TEST(mmap_refuses_what_linux_refuses)
{
	start();
	CHECK_EQ(map_error(0, 0, RW, ANON), -EINVAL);
	CHECK_EQ(map_error(0, 0xFFFFF001, RW, ANON), -ENOMEM);
	CHECK_EQ(map_error(0, USER_END + PAGE_SIZE, PROT_READ, ANON), -ENOMEM);
	CHECK_EQ(map_error(0, PAGE_SIZE, RW, MAP_ANONYMOUS), -EINVAL);
	CHECK_EQ(map_error(0, PAGE_SIZE, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE), -EINVAL);
	CHECK_EQ(map_error(AT + 1, PAGE_SIZE, RW, ANON | MAP_FIXED), -EINVAL);
	CHECK_EQ(map_error(USER_END, PAGE_SIZE, RW, ANON | MAP_FIXED), -ENOMEM);
	CHECK_EQ(map_error(USER_END - PAGE_SIZE, PAGES(2), RW, ANON | MAP_FIXED), -ENOMEM);
	CHECK_EQ(map_error(0, PAGE_SIZE, RW, ANON | MAP_FIXED), -EPERM);
	CHECK_EQ(map_error(MMAP_MIN_ADDR - PAGE_SIZE, PAGE_SIZE, RW, ANON | MAP_FIXED), -EPERM);
	CHECK_EQ(map_error(0, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN), -EINVAL);
	CHECK_EQ(map_error(0, PAGE_SIZE, RW, ANON | MAP_HUGETLB), -ENOMEM);
	CHECK_EQ(map_error(0, (nr_managed_pages() + 1) * PAGE_SIZE, RW, ANON), -ENOMEM);
	CHECK_EQ(mm->nr_vmas, 0);
	CHECK_EQ((vaddr_t)map_error(USER_END - PAGE_SIZE, PAGE_SIZE, RW, ANON | MAP_FIXED),
		 USER_END - PAGE_SIZE);
	end();
}

TEST(mmap_of_a_file_keeps_to_its_mode)
{
	const u32 read_only = VM_MAYREAD | VM_MAYEXEC;

	start();
	CHECK_EQ(map_file_error(RW, MAP_SHARED, 0, read_only), -EACCES);
	CHECK_EQ(map_file_error(RW, MAP_SHARED_VALIDATE, 0, read_only), -EACCES);
	CHECK_EQ(map_file_error(PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, 0, VM_MAY_ALL),
		 -EOPNOTSUPP);
	CHECK_EQ(map_file_error(PROT_READ, MAP_PRIVATE, 0, VM_MAYWRITE), -EACCES);
	CHECK_EQ(map_file_error(PROT_READ | PROT_EXEC, MAP_PRIVATE, 0, VM_MAYREAD), -EPERM);
	CHECK_EQ(map_file_error(PROT_READ, 0, 0, VM_MAY_ALL), -EINVAL);
	CHECK_EQ(map_file_error(PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, 0, VM_MAY_ALL), -EINVAL);
	CHECK_EQ(map_file_error(PROT_READ, MAP_PRIVATE, 0xFFFFFFFF, VM_MAY_ALL), -EOVERFLOW);
	CHECK_EQ(file.refs, 0);
	CHECK(!is_err_addr(map_file_error(PROT_READ, MAP_SHARED, 0, read_only)));
	CHECK_EQ(do_mprotect(mm, mm->first->start, PAGE_SIZE, RW), -EACCES);
	CHECK_EQ(file.refs, 1);
	end();
	CHECK_EQ(file.refs, 0);
}

TEST(fixed_replaces_and_noreplace_does_not)
{
	start();
	vm_map(mm, AT, 4, RW, MAP_FIXED);
	for (u32 i = 0; i < 4; i++)
		write_at(AT + PAGES(i), i + 1);
	CHECK_EQ(map_error(AT + PAGES(3), PAGES(2), RW, ANON | MAP_FIXED_NOREPLACE), -EEXIST);
	CHECK_EQ(map_error(AT + PAGES(4), PAGES(2), RW, ANON | MAP_FIXED_NOREPLACE), AT + PAGES(4));
	CHECK_EQ(map_error(AT + PAGES(1), PAGES(2), PROT_READ, ANON | MAP_FIXED), AT + PAGES(1));
	CHECK_EQ(read_at(AT), 1);
	CHECK_EQ(read_at(AT + PAGES(1)), 0);
	CHECK_EQ(read_at(AT + PAGES(2)), 0);
	CHECK_EQ(read_at(AT + PAGES(3)), 4);
	CHECK_EQ(mm->nr_vmas, 3);
	CHECK_EQ(mm->rss_anon, 2);
	end();
}

/* Whatever allocation fails, a replacing mmap leaves what was there. */
TEST(a_failed_mmap_changes_nothing)
{
	for (u32 nth = 1;; nth++) {
		int got;

		start();
		vm_map(mm, AT, 6, RW, MAP_FIXED);
		write_at(AT + PAGES(2), 7);
		vm_fail_slab = nth;
		got = map_error(AT + PAGES(2), PAGES(2), PROT_READ,
				MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
		vm_fail_slab = 0;
		if (got == -ENOMEM) {
			check_vma(AT, AT, AT + PAGES(6), RW);
			CHECK_EQ(read_at(AT + PAGES(2)), 7);
		}
		end();
		if (got != -ENOMEM)
			break;
		CHECK(nth < 10);
	}
}

TEST(populate_maps_at_once)
{
	start();
	vm_map(mm, AT, 5, RW, MAP_FIXED | MAP_POPULATE);
	CHECK_EQ(mm->rss_anon, 5);
	vm_map(mm, AT + PAGES(8), 5, PROT_READ, MAP_FIXED | MAP_POPULATE);
	CHECK_EQ(mm->rss_anon, 5);
	vm_map(mm, AT + PAGES(16), 5, PROT_NONE, MAP_FIXED | MAP_POPULATE);
	CHECK(!is_err_addr(do_mmap(mm, 0, PAGES(5), PROT_READ, MAP_PRIVATE | MAP_POPULATE, &object,
				   0, VM_MAY_ALL)));
	CHECK_EQ(mm->rss_file, 5);
	end();
}

TEST(limits_hold)
{
	start();
	mm->as_limit_bytes = PAGES(10);
	vm_map(mm, AT, 8, RW, MAP_FIXED);
	CHECK_EQ(map_error(0, PAGES(3), PROT_READ, ANON), -ENOMEM);
	vm_map(mm, AT + PAGES(4), 6, PROT_READ, MAP_FIXED); /* replaces four of them */
	CHECK_EQ(mm->total_vm, 10);
	mm->as_limit_bytes = 0xFFFFFFFF;
	mm->data_limit_bytes = PAGES(5);
	CHECK_EQ(map_error(0, PAGES(2), RW, ANON), -ENOMEM);
	CHECK(!is_err_addr(map_error(0, PAGES(2), PROT_READ, ANON)));
	CHECK_EQ(do_mprotect(mm, AT + PAGES(4), PAGES(2), RW), -ENOMEM);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(4), PAGES(1), RW), 0);
	end();
}

/* ---- munmap ---- */

TEST(munmap_refuses_what_linux_refuses)
{
	start();
	CHECK_EQ(do_munmap(mm, AT, 0), -EINVAL);
	CHECK_EQ(do_munmap(mm, AT + 1, PAGE_SIZE), -EINVAL);
	CHECK_EQ(do_munmap(mm, USER_END, PAGE_SIZE), -EINVAL);
	CHECK_EQ(do_munmap(mm, USER_END - PAGE_SIZE, PAGES(2)), -EINVAL);
	CHECK_EQ(do_munmap(mm, 0xFFFFF000, PAGE_SIZE), -EINVAL);
	CHECK_EQ(do_munmap(mm, AT, PAGE_SIZE), 0); /* nothing there is no error */
	CHECK_EQ(do_munmap(mm, 0, USER_END), 0);
	end();
}

TEST(munmap_cuts_and_frees_tables_nobody_needs)
{
	start();
	vm_map(mm, AT, 1024 + 4, RW, MAP_FIXED);
	vm_map(mm, AT + PAGES(1024 + 8), 1, RW, MAP_FIXED);
	write_at(AT, 1);
	write_at(AT + PAGES(1023), 2);
	write_at(AT + PAGES(1024), 3);
	CHECK_EQ(mm->nr_tables, 2);
	CHECK_EQ(do_munmap(mm, AT + PAGES(1), PAGES(1026)), 0);
	CHECK_EQ(mm->nr_tables, 2);
	check_vma(AT, AT, AT + PAGES(1), RW);
	check_vma(AT + PAGES(1027), AT + PAGES(1027), AT + PAGES(1028), RW);
	CHECK_EQ(mm->rss_anon, 1);
	CHECK_EQ(do_munmap(mm, AT, PAGES(1)), 0);
	CHECK_EQ(mm->nr_tables, 1);
	CHECK_EQ(do_munmap(mm, AT + PAGES(1027), 1), 0);
	CHECK_EQ(mm->nr_tables, 1); /* the other VMA reaches into it, and never had a page */
	CHECK_EQ(do_munmap(mm, AT + PAGES(1032), 1), 0);
	CHECK_EQ(mm->nr_tables, 0);
	end();
}

/* Two tables go and come back in each other's place; the window must not show the old ones. */
TEST(the_window_is_told_when_a_table_goes)
{
	const vaddr_t other = AT + PAGE_SIZE_LARGE;

	start();
	vm_map(mm, AT, 1, RW, MAP_FIXED);
	vm_map(mm, other, 1, RW, MAP_FIXED);
	write_at(AT, 1);
	write_at(other, 2);
	CHECK_EQ(do_munmap(mm, AT, PAGE_SIZE), 0);
	CHECK_EQ(do_munmap(mm, other, PAGE_SIZE), 0);
	vm_map(mm, AT, 1, RW, MAP_FIXED);
	vm_map(mm, other, 1, RW, MAP_FIXED);
	write_at(AT, 3);
	write_at(other, 4);
	CHECK_EQ(read_at(AT), 3);
	end();
}

/* ---- brk ---- */

TEST(brk_grows_shrinks_and_stays_zero)
{
	const vaddr_t heap = AT + PAGE_SIZE; /* the break lies in the page of the bss below */

	start();
	mm->start_brk = mm->brk = AT + 100;
	CHECK_EQ(do_brk(mm, 0), AT + 100);
	CHECK_EQ(do_brk(mm, AT + 99), AT + 100);
	CHECK_EQ(do_brk(mm, AT + 200), AT + 200);
	CHECK_EQ(mm->nr_vmas, 0);
	CHECK_EQ(do_brk(mm, AT + PAGES(3) + 1), AT + PAGES(3) + 1);
	check_vma(heap, heap, AT + PAGES(4), RW);
	write_at(AT + PAGES(3), 5);
	CHECK_EQ(do_brk(mm, AT + PAGES(10)), AT + PAGES(10));
	check_vma(heap, heap, AT + PAGES(10), RW);
	CHECK_EQ(mm->nr_vmas, 1);
	CHECK(mm->first->flags & VM_HEAP);
	CHECK_EQ(do_brk(mm, AT + PAGES(3)), AT + PAGES(3));
	CHECK_EQ(mm->rss_anon, 0);
	CHECK_EQ(do_brk(mm, AT + PAGES(4)), AT + PAGES(4));
	CHECK_EQ(read_at(AT + PAGES(3)), 0);
	CHECK_EQ(do_brk(mm, AT + 100), AT + 100);
	CHECK_EQ(mm->nr_vmas, 0);
	CHECK_EQ(do_brk(mm, AT + PAGES(2)), AT + PAGES(2)); /* from nothing again */
	end();
}

TEST(brk_gives_the_old_break_where_it_cannot)
{
	start();
	mm->start_brk = mm->brk = AT;
	vm_map(mm, AT + PAGES(10), 1, RW, MAP_FIXED);
	CHECK_EQ(do_brk(mm, AT + PAGES(9)), AT + PAGES(9));
	CHECK_EQ(do_brk(mm, AT + PAGES(9) + 1), AT + PAGES(9)); /* a page stays free */
	CHECK_EQ(do_brk(mm, USER_END + 1), AT + PAGES(9));
	CHECK_EQ(do_brk(mm, 0xFFFFFFFF), AT + PAGES(9));
	CHECK_EQ(do_munmap(mm, AT + PAGES(10), PAGE_SIZE), 0);
	mm->brk_limit_bytes = PAGES(12);
	CHECK_EQ(do_brk(mm, AT + PAGES(13)), AT + PAGES(9));
	CHECK_EQ(do_brk(mm, AT + PAGES(12)), AT + PAGES(12));
	mm->brk_limit_bytes = 0xFFFFFFFF;
	CHECK_EQ(do_brk(mm, AT + PAGES(20) + (nr_managed_pages() << PAGE_SHIFT)), AT + PAGES(12));
	vm_fail_slab = 1;
	CHECK_EQ(do_brk(mm, AT + PAGES(14)), AT + PAGES(12));
	end();
}

/* ---- mprotect ---- */

TEST(mprotect_refuses_what_linux_refuses)
{
	start();
	vm_map(mm, AT, 4, RW, MAP_FIXED);
	vm_map(mm, AT + PAGES(6), 2, RW, MAP_FIXED);
	CHECK_EQ(do_mprotect(mm, AT + 1, PAGE_SIZE, PROT_READ), -EINVAL);
	CHECK_EQ(do_mprotect(mm, AT, 0, PROT_READ), 0);
	CHECK_EQ(do_mprotect(mm, AT, 0xFFFFFFFF, PROT_READ), -ENOMEM);
	CHECK_EQ(do_mprotect(mm, AT, PAGE_SIZE, 0x100), -EINVAL);
	CHECK_EQ(do_mprotect(mm, AT, PAGE_SIZE, PROT_GROWSUP | PROT_GROWSDOWN), -EINVAL);
	CHECK_EQ(do_mprotect(mm, AT, PAGE_SIZE, PROT_READ | PROT_GROWSDOWN), -EINVAL);
	CHECK_EQ(do_mprotect(mm, AT, PAGE_SIZE, PROT_READ | PROT_GROWSUP), -EINVAL);
	CHECK_EQ(do_mprotect(mm, AT - PAGE_SIZE, PAGE_SIZE, PROT_READ), -ENOMEM);
	CHECK_EQ(do_mprotect(mm, 0x60000000, PAGE_SIZE, PROT_READ), -ENOMEM);
	check_vma(AT, AT, AT + PAGES(4), RW);
	/* A hole: what is before it has changed. */
	CHECK_EQ(do_mprotect(mm, AT + PAGES(2), PAGES(6), PROT_READ), -ENOMEM);
	check_vma(AT + PAGES(2), AT + PAGES(2), AT + PAGES(4), PROT_READ);
	check_vma(AT + PAGES(6), AT + PAGES(6), AT + PAGES(8), RW);
	end();
}

/* glibc makes a stack executable so: whatever the stack has grown to. */
TEST(mprotect_growsdown_reaches_to_the_start_of_the_stack)
{
	start();
	CHECK_EQ(setup_stack_vma(mm, PAGES(8), false), 0);
	CHECK_EQ(do_mprotect(mm, STACK_TOP - PAGES(2), PAGES(1), RW | PROT_EXEC | PROT_GROWSDOWN),
		 0);
	check_vma(STACK_TOP - PAGES(4), STACK_TOP - PAGES(8), STACK_TOP - PAGES(1), RW | PROT_EXEC);
	check_vma(STACK_TOP - 1, STACK_TOP - PAGES(1), STACK_TOP, RW);
	CHECK_EQ(mm->code_limit, STACK_TOP - PAGES(1));
	end();
}

TEST(mprotect_keeps_pages_and_joins_again)
{
	start();
	vm_map(mm, AT, 9, RW, MAP_FIXED);
	for (u32 i = 0; i < 9; i++)
		write_at(AT + PAGES(i), i + 1);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(4), PAGE_SIZE, PROT_READ), 0);
	CHECK_EQ(mm->nr_vmas, 3);
	CHECK_EQ(vm_write(AT + PAGES(4), 1), FAULT_SEGV_ACCERR);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(4), PAGE_SIZE, RW), 0);
	CHECK_EQ(mm->nr_vmas, 1);
	for (u32 i = 0; i < 9; i++)
		CHECK_EQ(read_at(AT + PAGES(i)), i + 1);
	CHECK_EQ(mm->rss_anon, 9);
	end();
}

TEST(prot_none_hides_pages_and_gives_them_back)
{
	struct mm_struct *child;

	start();
	vm_map(mm, AT, 3, RW, MAP_FIXED);
	write_at(AT, 11);
	write_at(AT + PAGES(1), 12);
	CHECK_EQ(do_mprotect(mm, AT, PAGES(3), PROT_NONE), 0);
	CHECK_EQ(mm->rss_anon, 2);
	CHECK_EQ(vm_read(AT, &(u32){0}), FAULT_SEGV_ACCERR);
	child = dup_mm(mm);
	CHECK(child != NULL);
	CHECK_EQ(mm_check(child), 0);
	CHECK_EQ(do_munmap(mm, AT + PAGES(1), PAGE_SIZE), 0);
	CHECK_EQ(mm->rss_anon, 1);
	CHECK_EQ(do_mprotect(mm, AT, PAGES(1), RW), 0);
	CHECK_EQ(read_at(AT), 11);
	write_at(AT, 21);
	vm_load(child);
	CHECK_EQ(do_mprotect(child, AT, PAGES(3), PROT_READ), 0);
	CHECK_EQ(read_at(AT), 11);
	CHECK_EQ(read_at(AT + PAGES(1)), 12);
	CHECK_EQ(read_at(AT + PAGES(2)), 0);
	vm_load(mm);
	mm_put(child);
	end();
}

/* ---- mremap ---- */

static int remap(vaddr_t old, u32 old_len, u32 new_len, u32 flags, vaddr_t to)
{
	return (int)do_mremap(mm, old, old_len, new_len, flags, to);
}

TEST(mremap_refuses_what_linux_refuses)
{
	const u32 fixed = MREMAP_MAYMOVE | MREMAP_FIXED;

	start();
	vm_map(mm, AT, 4, RW, MAP_FIXED);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(5), 0x80, 0), -EINVAL);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(5), MREMAP_FIXED, AT), -EINVAL);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(5), MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0), -EINVAL);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(4), MREMAP_DONTUNMAP, 0), -EINVAL);
	CHECK_EQ(remap(AT + 1, PAGES(4), PAGES(5), 0, 0), -EINVAL);
	CHECK_EQ(remap(AT, PAGES(4), 0, 0, 0), -EINVAL);
	CHECK_EQ(remap(AT - PAGE_SIZE, PAGES(1), PAGES(2), 0, 0), -EFAULT);
	CHECK_EQ(remap(AT, PAGES(5), PAGES(6), MREMAP_MAYMOVE, 0), -EFAULT);
	CHECK_EQ(remap(AT, 0, PAGES(1), MREMAP_MAYMOVE, 0), -EINVAL); /* private */
	CHECK_EQ(remap(AT, PAGES(4), PAGES(4), fixed, AT + PAGES(8) + 1), -EINVAL);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(4), fixed, AT + PAGES(2)), -EINVAL);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(4), fixed, USER_END - PAGES(3)), -EINVAL);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(4), fixed, 0), -EPERM);
	vm_map(mm, AT + PAGES(4), 1, PROT_READ, MAP_FIXED);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(5), 0, 0), -ENOMEM);
	mm->as_limit_bytes = PAGES(6);
	CHECK_EQ(remap(AT, PAGES(4), PAGES(8), MREMAP_MAYMOVE, 0), -ENOMEM);
	end();
}

TEST(mremap_shrinks_and_grows_in_place)
{
	start();
	vm_map(mm, AT, 8, RW, MAP_FIXED);
	for (u32 i = 0; i < 8; i++)
		write_at(AT + PAGES(i), i + 1);
	CHECK_EQ(remap(AT, PAGES(8), PAGES(8), 0, 0), AT);
	CHECK_EQ(remap(AT, PAGES(8), PAGES(3), 0, 0), AT);
	check_vma(AT, AT, AT + PAGES(3), RW);
	CHECK_EQ(mm->rss_anon, 3);
	CHECK_EQ(remap(AT, PAGES(3), PAGES(6), 0, 0), AT);
	check_vma(AT, AT, AT + PAGES(6), RW);
	CHECK_EQ(read_at(AT + PAGES(2)), 3);
	CHECK_EQ(read_at(AT + PAGES(3)), 0);
	end();
}

TEST(mremap_moves_pages_not_contents)
{
	struct vm_area_struct *vma;
	vaddr_t to;

	start();
	vm_map(mm, AT, 1030, RW, MAP_FIXED);
	write_at(AT, 1);
	write_at(AT + PAGES(1029), 2);
	vm_map(mm, AT + PAGES(1030), 1, PROT_READ, MAP_FIXED);
	to = do_mremap(mm, AT, PAGES(1030), PAGES(1040), MREMAP_MAYMOVE, 0);
	CHECK(!is_err_addr(to));
	CHECK(to != AT);
	CHECK_EQ(read_at(to), 1);
	CHECK_EQ(read_at(to + PAGES(1029)), 2);
	CHECK_EQ(read_at(to + PAGES(1039)), 0);
	CHECK_EQ(mm->rss_anon, 2);
	CHECK_EQ(vm_read(AT, &(u32){0}), FAULT_SEGV_MAPERR);
	/* A part from the middle leaves two ends. */
	CHECK_EQ(remap(to + PAGES(1029), PAGES(1), PAGES(1), MREMAP_MAYMOVE | MREMAP_FIXED,
		       AT + PAGES(1030)),
		 AT + PAGES(1030));
	CHECK_EQ(read_at(AT + PAGES(1030)), 2);
	check_vma(to, to, to + PAGES(1029), RW);
	vma = vma_at(mm, to + PAGES(1030));
	CHECK(vma && vma->end == to + PAGES(1040));
	end();
}

TEST(mremap_of_nothing_maps_shared_memory_again)
{
	vaddr_t at, again;

	start();
	at = do_mmap(mm, 0, PAGES(2), RW, MAP_SHARED | MAP_ANONYMOUS, NULL, 0, 0);
	CHECK(!is_err_addr(at));
	write_at(at + PAGES(1), 9);
	again = do_mremap(mm, at, 0, PAGES(2), MREMAP_MAYMOVE, 0);
	CHECK(!is_err_addr(again) && again != at);
	CHECK_EQ(read_at(again + PAGES(1)), 9);
	write_at(again, 8);
	CHECK_EQ(read_at(at), 8);
	/* An object does not grow: what is beyond its end has no page. */
	again = do_mremap(mm, again, PAGES(2), PAGES(3), MREMAP_MAYMOVE, 0);
	CHECK(!is_err_addr(again));
	CHECK_EQ(vm_read(again + PAGES(2), &(u32){0}), FAULT_BUS);
	end();
}

TEST(mremap_dontunmap_leaves_an_empty_mapping)
{
	vaddr_t to;

	start();
	vm_map(mm, AT, 2, RW, MAP_FIXED);
	write_at(AT, 4);
	to = do_mremap(mm, AT, PAGES(2), PAGES(2), MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
	CHECK(!is_err_addr(to));
	CHECK_EQ(read_at(to), 4);
	CHECK_EQ(read_at(AT), 0);
	CHECK_EQ(mm->total_vm, 4);
	end();
}

/* There the new mapping could be one with the old. */
TEST(mremap_to_a_neighbour_moves_all_or_nothing)
{
	for (u32 nth = 1;; nth++) {
		int got;

		start();
		vm_map(mm, AT, 4, RW, MAP_FIXED);
		write_at(AT + PAGES(1), 7);
		vm_fail_slab = nth;
		got = remap(AT, PAGES(4), PAGES(4), MREMAP_MAYMOVE | MREMAP_FIXED, AT + PAGES(4));
		vm_fail_slab = 0;
		if (got == -ENOMEM) {
			check_vma(AT, AT, AT + PAGES(4), RW);
			CHECK_EQ(read_at(AT + PAGES(1)), 7);
		} else {
			CHECK_EQ(got, AT + PAGES(4));
			check_vma(AT + PAGES(4), AT + PAGES(4), AT + PAGES(8), RW);
			CHECK_EQ(read_at(AT + PAGES(5)), 7);
		}
		CHECK_EQ(mm->total_vm, 4);
		end();
		if (got != -ENOMEM)
			break;
		CHECK(nth < 10);
	}
}

TEST(mremap_dontunmap_takes_the_lock_along_to_a_neighbour)
{
	const vaddr_t places[] = {AT - PAGES(2), AT + PAGES(2)};

	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		start();
		vm_map(mm, AT, 2, RW, MAP_FIXED | MAP_LOCKED);
		CHECK_EQ(remap(AT, PAGES(2), PAGES(2),
			       MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, places[i]),
			 (int)places[i]);
		check_vma(AT, AT, AT + PAGES(2), RW);
		CHECK(!(vma_at(mm, AT)->flags & VM_LOCKED));
		check_vma(places[i], places[i], places[i] + PAGES(2), RW);
		CHECK(vma_at(mm, places[i])->flags & VM_LOCKED);
		CHECK_EQ(mm->locked_vm, 2);
		end();
	}
}

/* ---- madvise ---- */

TEST(madvise_refuses_what_linux_refuses)
{
	start();
	vm_map(mm, AT, 2, RW, MAP_FIXED);
	CHECK_EQ(do_madvise(mm, AT, PAGES(1), 5), -EINVAL);
	CHECK_EQ(do_madvise(mm, AT, PAGES(1), -1), -EINVAL);
	CHECK_EQ(do_madvise(mm, AT, PAGES(1), MADV_HUGEPAGE), -EINVAL);
	CHECK_EQ(do_madvise(mm, AT + 1, PAGES(1), MADV_DONTNEED), -EINVAL);
	CHECK_EQ(do_madvise(mm, AT, 0xFFFFFFFF, MADV_DONTNEED), -EINVAL);
	CHECK_EQ(do_madvise(mm, AT, 0xE0000000, MADV_DONTNEED), -EINVAL);
	CHECK_EQ(do_madvise(mm, AT, 0, MADV_DONTNEED), 0);
	CHECK_EQ(do_madvise(mm, AT, PAGES(2), MADV_WILLNEED), 0);
	CHECK_EQ(do_madvise(mm, AT, PAGES(2), MADV_SEQUENTIAL), 0);
	CHECK_EQ(do_madvise(mm, AT, PAGES(3), MADV_NORMAL), -ENOMEM);
	CHECK_EQ(do_madvise(mm, 0x60000000, PAGES(3), MADV_NORMAL), -ENOMEM);
	CHECK_EQ(do_madvise(mm, AT, PAGES(1), MADV_REMOVE), -EINVAL);
	end();
}

TEST(dontneed_drops_pages_also_beyond_a_hole)
{
	start();
	vm_map(mm, AT, 2, RW, MAP_FIXED);
	vm_map(mm, AT + PAGES(4), 2, RW, MAP_FIXED);
	write_at(AT, 1);
	write_at(AT + PAGES(4), 2);
	write_at(AT + PAGES(5), 3);
	CHECK_EQ(do_madvise(mm, AT, PAGES(5), MADV_DONTNEED), -ENOMEM);
	vm_check_tlb();
	CHECK_EQ(mm->rss_anon, 1);
	CHECK_EQ(read_at(AT), 0);
	CHECK_EQ(read_at(AT + PAGES(4)), 0);
	CHECK_EQ(read_at(AT + PAGES(5)), 3);
	end();
}

TEST(madvise_populates)
{
	start();
	vm_map(mm, AT, 4, RW, MAP_FIXED);
	vm_map(mm, AT + PAGES(4), 1, PROT_READ, MAP_FIXED);
	CHECK_EQ(do_madvise(mm, AT, PAGES(4), MADV_POPULATE_WRITE), 0);
	CHECK_EQ(mm->rss_anon, 4);
	CHECK_EQ(do_madvise(mm, AT, PAGES(5), MADV_POPULATE_WRITE), -EINVAL);
	CHECK_EQ(do_madvise(mm, AT, PAGES(5), MADV_POPULATE_READ), 0);
	CHECK_EQ(do_madvise(mm, AT, PAGES(6), MADV_POPULATE_READ), -ENOMEM);
	CHECK(!is_err_addr(do_mmap(mm, AT + PAGES(5), PAGES(2), PROT_READ, MAP_SHARED | MAP_FIXED,
				   &object, 39, VM_MAY_ALL)));
	CHECK_EQ(do_madvise(mm, AT + PAGES(5), PAGES(2), MADV_POPULATE_READ), -EFAULT);
	end();
}

TEST(freed_pages_go_when_memory_is_short_but_not_if_written)
{
	struct mm_struct *child;
	u32 value;

	start();
	vm_lazyfree = true;
	vm_map(mm, AT, 6, RW, MAP_FIXED);
	for (u32 i = 0; i < 6; i++)
		write_at(AT + PAGES(i), i + 1);
	CHECK_EQ(lazyfree_reclaim(), 0);
	CHECK_EQ(do_madvise(mm, AT, PAGES(4), MADV_FREE), 0);
	vm_check_tlb();
	CHECK_EQ(read_at(AT + PAGES(2)), 3); /* a read does not keep it */
	write_at(AT + PAGES(1), 22);
	CHECK_EQ(do_mlock(mm, AT + PAGES(3), PAGE_SIZE, VM_LOCKED), 0);
	child = dup_mm(mm);
	CHECK(child != NULL);
	CHECK_EQ(lazyfree_reclaim(), 2 + 3); /* in the child the lock is no more */
	CHECK_EQ(mm->rss_anon, 4);
	CHECK_EQ(child->rss_anon, 3);
	CHECK_EQ(read_at(AT), 0);
	CHECK_EQ(read_at(AT + PAGES(1)), 22);
	CHECK_EQ(read_at(AT + PAGES(2)), 0);
	CHECK_EQ(read_at(AT + PAGES(3)), 4);
	CHECK_EQ(read_at(AT + PAGES(4)), 5);
	vm_load(child);
	CHECK_EQ(vm_read(AT + PAGES(1), &value), FAULT_MINOR);
	CHECK_EQ(value, 22);
	vm_load(mm);
	mm_put(child);
	CHECK_EQ(lazyfree_reclaim(), 0); /* nothing was advised since */
	end();
}

TEST(remap_file_pages_maps_other_pages_in_place)
{
	start();
	CHECK_EQ(do_mmap(mm, AT, PAGES(8), RW, MAP_SHARED | MAP_FIXED, &object, 0, VM_MAY_ALL), AT);
	CHECK_EQ(do_remap_file_pages(mm, AT + PAGES(2), PAGES(2), 0, 20, 0), 0);
	CHECK_EQ(mm->nr_vmas, 3);
	CHECK_EQ(file.refs, 3);
	CHECK_EQ(read_at(AT + PAGES(2)), vm_file_word(&file, 20));
	CHECK_EQ(read_at(AT + PAGES(3)), vm_file_word(&file, 21));
	CHECK_EQ(read_at(AT + PAGES(4)), vm_file_word(&file, 4));
	CHECK_EQ(do_remap_file_pages(mm, AT, PAGES(8), 0, 0, 0), 0);
	CHECK_EQ(mm->nr_vmas, 1);
	CHECK_EQ(file.refs, 1);
	CHECK_EQ(do_remap_file_pages(mm, AT, PAGES(9), 0, 0, 0), -EINVAL);
	CHECK_EQ(do_remap_file_pages(mm, AT, PAGES(8), PROT_READ, 0, 0), -EINVAL);
	end();
}

/* ---- many VMAs ---- */

TEST(the_number_of_vmas_is_bounded)
{
	int error = 0;
	u32 made = 0;

	start();
	mm->nr_vmas = MAX_MAP_COUNT - 10; /* as if there were so many */
	vm_map(mm, AT, 100, RW, MAP_FIXED);
	while (made < 50 &&
	       !(error = do_mprotect(mm, AT + PAGES(2 * made + 1), PAGE_SIZE, PROT_READ)))
		made++;
	CHECK_EQ(error, -ENOMEM);
	CHECK(made >= 3 && made <= 6);
	mm->nr_vmas -= MAX_MAP_COUNT - 10;
	end();
}
