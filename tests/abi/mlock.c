/* mlock, mlock2, mlockall and MAP_LOCKED: what they bring in, refuse and limit. */
#include "tests/abi/lib/abi.h"

#include <linux/resource.h>

#define RW                     (PROT_READ | PROT_WRITE)
#define ANON                   (MAP_PRIVATE | MAP_ANONYMOUS)
#define mlock(at, len)         syscall2(__NR_mlock, (long)(at), len)
#define mlock2(at, len, flags) syscall3(__NR_mlock2, (long)(at), len, flags)
#define munlock(at, len)       syscall2(__NR_munlock, (long)(at), len)
#define mlockall(flags)        syscall1(__NR_mlockall, flags)
#define munlockall()           syscall0(__NR_munlockall)

/* Limits to so many pages, and is nobody. */
static void become_nobody(unsigned long pages)
{
	struct rlimit limit = {pages * PAGE_SIZE, pages * PAGE_SIZE};

	syscall2(__NR_setrlimit, RLIMIT_MEMLOCK, (long)&limit);
	say("another user", syscall3(__NR_setresuid32, 1000, 1000, 1000));
}

static void test_advice(void)
{
	char *p = need_pages(4, RW);

	memset(p, 'l', 4 * PAGE_SIZE);
	mlock(p + PAGE_SIZE, PAGE_SIZE);
	say("give back, locked", sys_madvise(p + PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED));
	say("free, locked", sys_madvise(p + PAGE_SIZE, PAGE_SIZE, MADV_FREE));
	say("cold, locked", sys_madvise(p + PAGE_SIZE, PAGE_SIZE, MADV_COLD));
	say("page out, locked", sys_madvise(p + PAGE_SIZE, PAGE_SIZE, MADV_PAGEOUT));
	say("will need, locked", sys_madvise(p + PAGE_SIZE, PAGE_SIZE, MADV_WILLNEED));
	say("across", sys_madvise(p, 4 * PAGE_SIZE, MADV_DONTNEED));
	line("what came before went: %d %d %d", p[0], p[PAGE_SIZE], p[2 * PAGE_SIZE]);
	say("locked or not", sys_madvise(p, 4 * PAGE_SIZE, 24 /* MADV_DONTNEED_LOCKED */));
	line("all went: %d %d %d", p[0], p[PAGE_SIZE], p[2 * PAGE_SIZE]);
	say("invalidate, locked", syscall3(__NR_msync, (long)p, 4 * PAGE_SIZE, MS_INVALIDATE));
	say("sync, locked", syscall3(__NR_msync, (long)p, 4 * PAGE_SIZE, MS_SYNC));
	munlock(p, 4 * PAGE_SIZE);
	say("invalidate", syscall3(__NR_msync, (long)p, 4 * PAGE_SIZE, MS_INVALIDATE));
	say("give back", sys_madvise(p, 4 * PAGE_SIZE, MADV_DONTNEED));
}

static void test_on_fault(void)
{
	char *p = need_pages(6, RW);

	say("on fault", mlock2(p, 4 * PAGE_SIZE, MLOCK_ONFAULT));
	say_core("nothing is there", p, 6);
	p[PAGE_SIZE] = 1;
	say("not on fault", mlock2(p + 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0));
	say_core("now it is", p, 6);
	p = sys_mremap(p, 6 * PAGE_SIZE, 8 * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	say_ok("across two kinds", (long)p);
}

static void test_moved(void)
{
	char *p = need_pages(2, RW), *q;

	mlock(p, 2 * PAGE_SIZE);
	p = sys_mremap(p, 2 * PAGE_SIZE, 5 * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	say_core("longer", p, 5);
	q = sys_mmap(NULL, 3 * PAGE_SIZE, RW, ANON | MAP_LOCKED, -1, 0);
	say_core("mapped locked", q, 3);
	q = sys_mmap(NULL, 3 * PAGE_SIZE, RW, ANON | MAP_POPULATE, -1, 0);
	say_core("mapped populated", q, 3);
	q = sys_mmap(NULL, 3 * PAGE_SIZE, RW, ANON | MAP_POPULATE | MAP_NONBLOCK, -1, 0);
	say_core("not blocking", q, 3);
	q = sys_mmap(NULL, 3 * PAGE_SIZE, PROT_READ, ANON | MAP_LOCKED, -1, 0);
	say_core("mapped locked for reading", q, 3);
	q = sys_mmap(NULL, 3 * PAGE_SIZE, PROT_NONE, ANON | MAP_LOCKED, -1, 0);
	say_core("mapped locked for nothing", q, 3);
	say("it may be used then", sys_mprotect(q, 3 * PAGE_SIZE, RW));
	say_core("and is there", q, 3);
}

static int all_of_it(void *arg)
{
	char *p = need_pages(4, RW), *q;
	int pid, status;

	(void)arg;
	say("no flags", mlockall(0));
	say("on fault alone", mlockall(MCL_ONFAULT));
	say("unknown", mlockall(8));
	say("future", mlockall(MCL_FUTURE));
	say_core("what is, is not", p, 4);
	q = need_pages(3, RW);
	say_core("what comes, is", q, 3);
	q = sys_brk(NULL);
	sys_brk(q + 2 * PAGE_SIZE);
	say_core("the heap too", (char *)(((long)q + 4095) & ~4095l), 2);
	say("future on fault", mlockall(MCL_FUTURE | MCL_ONFAULT));
	q = need_pages(3, RW);
	say_core("what comes", q, 3);
	say("current", mlockall(MCL_CURRENT));
	say_core("what was there", p, 4);
	q = need_pages(3, RW);
	say_core("what comes", q, 3);
	pid = sys_fork();
	if (pid == 0) { /* a child has no locks */
		say("give back in a child", sys_madvise(p, PAGE_SIZE, MADV_DONTNEED));
		sys_exit(0);
	}
	sys_wait4(pid, &status, 0, NULL);
	say("give back", sys_madvise(p, PAGE_SIZE, MADV_DONTNEED));
	say("unlock all", munlockall());
	say("give back", sys_madvise(p, PAGE_SIZE, MADV_DONTNEED));
	return 0;
}

static int limited(void *arg)
{
	char *p = need_pages(16, RW);

	(void)arg;
	become_nobody(8);
	say("8 pages", mlock(p, 8 * PAGE_SIZE));
	say("the same again", mlock(p, 8 * PAGE_SIZE));
	say("one more", mlock(p + 8 * PAGE_SIZE, PAGE_SIZE));
	say("9 with the same 8", mlock(p, 9 * PAGE_SIZE));
	say_ok("map one locked", (long)sys_mmap(NULL, PAGE_SIZE, RW, ANON | MAP_LOCKED, -1, 0));
	say_ok("longer", (long)sys_mremap(p, 8 * PAGE_SIZE, 9 * PAGE_SIZE, MREMAP_MAYMOVE, NULL));
	say("all", mlockall(MCL_CURRENT));
	say("what comes", mlockall(MCL_FUTURE));
	say_ok("and then a page", (long)sys_mmap(NULL, PAGE_SIZE, RW, ANON, -1, 0));
	say("unlock one", munlock(p, PAGE_SIZE));
	say_ok("a page", (long)sys_mmap(NULL, PAGE_SIZE, RW, ANON, -1, 0));
	say_ok("another", (long)sys_mmap(NULL, PAGE_SIZE, RW, ANON, -1, 0));
	say("unlock all", munlockall());
	say("6 pages", mlock(p, 6 * PAGE_SIZE));
	return 0;
}

static int forbidden(void *arg)
{
	char *p = need_pages(2, RW);

	(void)arg;
	become_nobody(0);
	say("lock", mlock(p, PAGE_SIZE));
	say("nothing", mlock(p, 0));
	say("on fault", mlock2(p, PAGE_SIZE, MLOCK_ONFAULT));
	say("all", mlockall(MCL_FUTURE));
	say_ok("map locked", (long)sys_mmap(NULL, PAGE_SIZE, RW, ANON | MAP_LOCKED, -1, 0));
	say("unlock", munlock(p, PAGE_SIZE));
	say("unlock all", munlockall());
	return 0;
}

static int root_without_limit(void *arg)
{
	struct rlimit none = {0, 0};
	char *p = need_pages(2, RW);

	(void)arg;
	syscall2(__NR_setrlimit, RLIMIT_MEMLOCK, (long)&none);
	say("root with a limit of 0", mlock(p, PAGE_SIZE));
	return 0;
}

int main(void)
{
	test_advice();
	test_on_fault();
	test_moved();
	say_status("all", in_child(all_of_it, NULL));
	say_status("limited", in_child(limited, NULL));
	say_status("forbidden", in_child(forbidden, NULL));
	say_status("root", in_child(root_without_limit, NULL));
	return 0;
}
