/* What is promised (overcommit) and what is locked: limits, counts, and that they go with what they count. */
#include "tests/host/check.h"
#include "tests/host/fake_vm.h"
#include "lib/err.h"
#include "mm/vm/commit.h"
#include <linux/mman.h>

#define AT       0x40000000u
#define RW       (PROT_READ | PROT_WRITE)
#define ANON     (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGES(n) ((n)*PAGE_SIZE)

static struct mm_struct *mm;

static void start(void)
{
	vm_boot(16);
	mm = mm_create();
	CHECK(mm != NULL);
	mm->admin = true;
	vm_load(mm);
}

static void end(void)
{
	CHECK_EQ(mm_check(mm), 0);
	vm_check_tlb();
	vm_load(NULL);
	mm_put(mm);
	vm_check_no_leak();
}

static void set_mode(u32 mode, u32 kbytes)
{
	commit_policy.mode = mode;
	commit_policy.kbytes = kbytes;
	commit_policy_changed();
}

static int map_error(vaddr_t addr, u32 nr_pages, u32 prot, u32 flags)
{
	return (int)do_mmap(mm, addr, PAGES(nr_pages), prot, flags, NULL, 0, 0);
}

/* ---- promised ---- */

TEST(private_writable_memory_is_promised)
{
	start();
	vm_map(mm, AT, 10, RW, MAP_FIXED);
	CHECK_EQ(vm_committed, 10);
	vm_map(mm, AT + PAGES(10), 10, PROT_READ, MAP_FIXED);
	CHECK_EQ(vm_committed, 10);
	vm_map(mm, AT + PAGES(20), 10, RW, MAP_FIXED | MAP_NORESERVE);
	CHECK_EQ(vm_committed, 10);
	CHECK(!is_err_addr(
		map_error(AT + PAGES(30), 10, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED)));
	CHECK_EQ(vm_committed, 20);
	CHECK_EQ(objects_committed, 10);
	CHECK(!is_err_addr(map_error(AT + PAGES(40), 10, RW,
				     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE)));
	CHECK_EQ(vm_committed, 20);
	CHECK_EQ(do_munmap(mm, AT + PAGES(4), PAGES(30)), 0);
	CHECK_EQ(vm_committed, 4 + 10);
	CHECK_EQ(do_munmap(mm, AT, PAGES(50)), 0);
	CHECK_EQ(vm_committed, 0);
	CHECK_EQ(setup_stack_vma(mm, PAGES(3), false), 0);
	CHECK_EQ(vm_committed, 3);
	CHECK_EQ(vm_write(STACK_TOP - PAGES(5), 1), FAULT_MINOR);
	CHECK_EQ(vm_committed, 5);
	end();
}

TEST(mprotect_promises_what_becomes_writable)
{
	u32 value;

	start();
	vm_map(mm, AT, 10, PROT_READ, MAP_FIXED);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(2), PAGES(4), RW), 0);
	CHECK_EQ(vm_committed, 4);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(2), PAGES(4), PROT_READ), 0);
	CHECK_EQ(vm_committed, 0); /* never touched: all is as it was */
	CHECK_EQ(mm->nr_vmas, 1);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(2), PAGES(4), RW), 0);
	CHECK_EQ(vm_write(AT + PAGES(3), 7), FAULT_MINOR);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(2), PAGES(4), PROT_READ), 0);
	CHECK_EQ(vm_committed, 4); /* a page is there that the file has not */
	CHECK_EQ(mm->nr_vmas, 3);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(2), PAGES(4), RW), 0);
	CHECK_EQ(vm_committed, 4);
	CHECK_EQ(vm_read(AT + PAGES(3), &value), FAULT_MINOR);
	CHECK_EQ(value, 7);
	end();
}

TEST(mode_0_refuses_only_what_is_plainly_too_much)
{
	u32 all;

	start();
	all = nr_managed_pages();
	CHECK_EQ(map_error(AT, all + 1, RW, ANON), -ENOMEM);
	CHECK_EQ(map_error(AT, all + 1, RW, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM);
	CHECK(!is_err_addr(map_error(AT, all + 1, PROT_READ, ANON | MAP_FIXED)));
	CHECK_EQ(do_mprotect(mm, AT, PAGES(all + 1), RW), -ENOMEM);
	for (u32 i = 1; i <= 3; i++) /* together they may be more than there is */
		vm_map(mm, AT + PAGES(2 * all * i), all, RW, MAP_FIXED);
	CHECK_EQ(do_mremap(mm, AT + PAGES(2 * all), PAGES(all), PAGES(2 * all), 0, 0),
		 AT + PAGES(2 * all));
	CHECK_EQ(vm_committed, 4 * all);
	CHECK(!dup_mm(mm)); /* one of its VMAs is too large now */
	CHECK_EQ(do_munmap(mm, AT + PAGES(2 * all), PAGES(all)), 0);
	set_mode(COMMIT_ALWAYS, 0);
	vm_map(mm, AT, all + 1, RW, MAP_FIXED);
	end();
}

TEST(mode_2_keeps_all_promises_below_the_limit)
{
	struct mm_struct *child;

	start();
	set_mode(COMMIT_NEVER, 400);
	commit_policy.user_reserve_kb = commit_policy.admin_reserve_kb = 0;
	CHECK_EQ(commit_limit(), 100);
	vm_map(mm, AT, 60, RW, MAP_FIXED);
	CHECK_EQ(map_error(AT + PAGES(60), 40, RW, ANON | MAP_FIXED), -ENOMEM);
	CHECK_EQ(map_error(AT + PAGES(60), 40, RW, ANON | MAP_FIXED | MAP_NORESERVE), -ENOMEM);
	CHECK_EQ(map_error(AT + PAGES(60), 40, RW, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM);
	CHECK(!dup_mm(mm));
	/* In the place of what is promised already. */
	CHECK_EQ(map_error(AT, 90, RW, ANON | MAP_FIXED), AT);
	CHECK_EQ(vm_committed, 90);
	CHECK_EQ(do_mremap(mm, AT, PAGES(90), PAGES(100), MREMAP_MAYMOVE, 0), (vaddr_t)-ENOMEM);
	CHECK_EQ(do_mremap(mm, AT, PAGES(90), PAGES(90), MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0),
		 (vaddr_t)-ENOMEM);
	CHECK_EQ(do_munmap(mm, AT, PAGES(60)), 0);
	child = dup_mm(mm);
	CHECK(child != NULL);
	CHECK_EQ(vm_committed, 60);
	vm_map(mm, AT, 30, PROT_READ, MAP_FIXED);
	CHECK_EQ(do_mprotect(mm, AT, PAGES(30), RW), 0);
	CHECK_EQ(do_mprotect(mm, AT, PAGES(30), PROT_READ), 0);
	vm_map(mm, AT + PAGES(200), 20, RW, MAP_FIXED);
	CHECK_EQ(do_mprotect(mm, AT, PAGES(30), RW), -ENOMEM);
	mm->start_brk = mm->brk = AT + PAGES(300);
	CHECK_EQ(do_brk(mm, AT + PAGES(320)), AT + PAGES(300));
	CHECK_EQ(do_brk(mm, AT + PAGES(310)), AT + PAGES(310));
	mm_put(child);
	end();
}

TEST(what_is_kept_back_is_not_for_everybody)
{
	start();
	set_mode(COMMIT_NEVER, 400);
	commit_policy.user_reserve_kb = 40; /* of 64 pages a 32nd, 2, is less */
	commit_policy.admin_reserve_kb = 80;
	vm_map(mm, AT, 64, PROT_READ, MAP_FIXED);
	mm->admin = false;
	CHECK_EQ(map_error(0, 78, RW, ANON), -ENOMEM);
	CHECK(!is_err_addr(map_error(AT + PAGES(100), 77, RW, ANON | MAP_FIXED)));
	CHECK_EQ(do_munmap(mm, AT + PAGES(100), PAGES(77)), 0);
	mm->admin = true;
	CHECK_EQ(map_error(0, 98, RW, ANON), -ENOMEM);
	CHECK(!is_err_addr(map_error(0, 97, RW, ANON)));
	end();
}

/* ---- locked ---- */

TEST(mlock_locks_whole_pages_and_brings_them_in)
{
	start();
	vm_map(mm, AT, 8, RW, MAP_FIXED);
	CHECK_EQ(do_mlock(mm, AT + PAGES(2) - 1, 2, VM_LOCKED), 0);
	CHECK_EQ(mm->locked_vm, 2);
	CHECK_EQ(mm->rss_anon, 2);
	CHECK_EQ(mm->nr_vmas, 3);
	CHECK_EQ(do_mlock(mm, AT, PAGES(4), VM_LOCK_BITS), 0);
	CHECK_EQ(mm->locked_vm, 4);
	CHECK_EQ(mm->rss_anon, 2);
	CHECK_EQ(do_madvise(mm, AT, PAGES(4), MADV_DONTNEED), -EINVAL);
	CHECK_EQ(do_madvise(mm, AT, PAGES(4), MADV_DONTNEED_LOCKED), 0);
	CHECK_EQ(mm->rss_anon, 0);
	CHECK_EQ(do_munlock(mm, AT, PAGES(8)), 0);
	CHECK_EQ(mm->locked_vm, 0);
	CHECK_EQ(mm->nr_vmas, 1);
	CHECK_EQ(do_mlock(mm, AT, PAGES(9), VM_LOCKED), -ENOMEM);
	CHECK_EQ(mm->locked_vm, 8); /* what came before the hole is */
	CHECK_EQ(mm->rss_anon, 0);  /* but not brought in */
	CHECK_EQ(do_mlock(mm, AT, 0, VM_LOCKED), 0);
	CHECK_EQ(do_mlock(mm, AT, 0xFFFFF000u, VM_LOCKED), -EINVAL);
	CHECK_EQ(do_munlock(mm, AT, 0xF0000000u), -EINVAL);
	end();
}

TEST(the_limit_counts_each_page_once)
{
	start();
	vm_map(mm, AT, 8, RW, MAP_FIXED);
	mm->memlock_limit_bytes = PAGES(4) + 100;
	CHECK_EQ(do_mlock(mm, AT, PAGES(3), VM_LOCKED), 0);
	CHECK_EQ(do_mlock(mm, AT, PAGES(4), VM_LOCKED), 0);
	CHECK_EQ(do_mlock(mm, AT, PAGES(5), VM_LOCKED), -ENOMEM);
	CHECK_EQ(mm->locked_vm, 4);
	CHECK_EQ(map_error(0, 1, RW, ANON | MAP_LOCKED), -EAGAIN);
	CHECK_EQ(do_mlockall(mm, MCL_CURRENT), -ENOMEM);
	CHECK_EQ(do_mremap(mm, AT, PAGES(4), PAGES(5), MREMAP_MAYMOVE, 0), (vaddr_t)-EAGAIN);
	CHECK_EQ(do_munlock(mm, AT, PAGES(1)), 0);
	CHECK(!is_err_addr(map_error(AT + PAGES(20), 1, RW, ANON | MAP_LOCKED)));
	CHECK_EQ(mm->locked_vm, 4);
	mm->memlock_limit_bytes = 0;
	CHECK_EQ(do_mlock(mm, AT, PAGES(1), VM_LOCKED), -EPERM);
	CHECK_EQ(do_mlockall(mm, MCL_FUTURE), -EPERM);
	CHECK_EQ(map_error(0, 1, RW, ANON | MAP_LOCKED), -EPERM);
	CHECK_EQ(do_munlockall(mm), 0);
	CHECK_EQ(mm->locked_vm, 0);
	end();
}

TEST(mlockall_locks_what_is_and_what_comes)
{
	struct mm_struct *child;

	start();
	vm_map(mm, AT, 4, RW, MAP_FIXED);
	vm_map(mm, AT + PAGES(10), 4, PROT_NONE, MAP_FIXED);
	CHECK_EQ(do_mlockall(mm, 0), -EINVAL);
	CHECK_EQ(do_mlockall(mm, MCL_ONFAULT), -EINVAL);
	CHECK_EQ(do_mlockall(mm, 8), -EINVAL);
	CHECK_EQ(do_mlockall(mm, MCL_CURRENT), 0);
	CHECK_EQ(mm->locked_vm, 8);
	CHECK_EQ(mm->rss_anon, 4);
	vm_map(mm, AT + PAGES(20), 2, RW, MAP_FIXED);
	CHECK_EQ(mm->locked_vm, 8);
	CHECK_EQ(do_mlockall(mm, MCL_FUTURE), 0);
	vm_map(mm, AT + PAGES(30), 2, RW, MAP_FIXED);
	CHECK_EQ(mm->locked_vm, 10);
	CHECK_EQ(mm->rss_anon, 6);
	mm->start_brk = mm->brk = AT + PAGES(300);
	CHECK_EQ(do_brk(mm, AT + PAGES(303)), AT + PAGES(303));
	CHECK_EQ(mm->locked_vm, 13);
	CHECK_EQ(mm->rss_anon, 9);
	CHECK_EQ(do_mlockall(mm, MCL_FUTURE | MCL_ONFAULT), 0);
	vm_map(mm, AT + PAGES(40), 2, RW, MAP_FIXED | MAP_POPULATE);
	CHECK_EQ(mm->locked_vm, 15);
	CHECK_EQ(mm->rss_anon, 9);
	CHECK_EQ(do_mprotect(mm, AT + PAGES(10), PAGES(4), RW), 0);
	CHECK_EQ(mm->rss_anon, 13); /* what is locked is there once it may be */
	child = dup_mm(mm);
	CHECK(child != NULL);
	CHECK_EQ(child->locked_vm, 0);
	CHECK_EQ(child->def_flags, 0);
	CHECK_EQ(mm_check(child), 0);
	mm_put(child);
	CHECK_EQ(mm->locked_vm, 15);
	CHECK_EQ(do_munlockall(mm), 0);
	CHECK_EQ(mm->locked_vm, 0);
	vm_map(mm, AT + PAGES(50), 2, RW, MAP_FIXED);
	CHECK_EQ(mm->locked_vm, 0);
	end();
}

TEST(a_lock_moves_with_its_pages)
{
	vaddr_t to;

	start();
	vm_map(mm, AT, 6, RW, MAP_FIXED);
	CHECK_EQ(do_mlock(mm, AT, PAGES(6), VM_LOCKED), 0);
	to = do_mremap(mm, AT + PAGES(2), PAGES(2), PAGES(4), MREMAP_MAYMOVE, 0);
	CHECK(!is_err_addr(to));
	CHECK_EQ(mm->locked_vm, 8);
	CHECK_EQ(mm->rss_anon, 8);
	CHECK_EQ(do_mremap(mm, AT, PAGES(2), PAGES(2),
			   MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, AT + PAGES(100)),
		 AT + PAGES(100));
	CHECK_EQ(mm->locked_vm, 8); /* the pages that are left behind are not locked any more */
	CHECK(!(vma_at(mm, AT)->flags & VM_LOCKED));
	CHECK(vma_at(mm, AT + PAGES(100))->flags & VM_LOCKED);
	end();
}
