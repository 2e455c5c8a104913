/* Advice that is more than DONTNEED: FREE, POPULATE, what children get, hints; remap_file_pages; mappings that ask to be
 * filled or validated. */
#include "tests/abi/lib/abi.h"

#include <linux/memfd.h>

#define RW                   (PROT_READ | PROT_WRITE)
#define ANON                 (MAP_PRIVATE | MAP_ANONYMOUS)
#define advise(at, len, how) sys_madvise(at, len, how)
#define remap(at, len, prot, page, flags) \
	syscall5(__NR_remap_file_pages, (long)(at), len, prot, page, flags)

static bool is_old_or_zero(const char *p, char old)
{
	return *p == old || *p == 0;
}

static void test_free(void)
{
	char *p = need_pages(4, RW), *shared, *file;
	int fd = sys_open(DATA_FILE, O_RDONLY, 0), pid, status;

	memset(p, 'f', 4 * PAGE_SIZE);
	say("free", advise(p, 3 * PAGE_SIZE, MADV_FREE));
	p[PAGE_SIZE] = 'w';
	line("written since: %c", p[PAGE_SIZE]);
	line("not written: %s", is_old_or_zero(p, 'f') ? "old or zero" : "neither");
	line("not freed: %c", p[3 * PAGE_SIZE]);
	pid = sys_fork();
	if (pid == 0) {
		line("a child: written since %c, not written %s", p[PAGE_SIZE],
		     is_old_or_zero(p, 'f') ? "old or zero" : "neither");
		p[0] = 'c';
		line("the child writes: %c", p[0]);
		sys_exit(0);
	}
	sys_wait4(pid, &status, 0, NULL);
	line("the parent: %s", is_old_or_zero(p, 'f') ? "old or zero" : "neither");
	say("before it is written", advise(need_pages(2, RW), 2 * PAGE_SIZE, MADV_FREE));
	say("without access", advise(need_pages(2, PROT_NONE), 2 * PAGE_SIZE, MADV_FREE));
	shared = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	say("shared", advise(shared, PAGE_SIZE, MADV_FREE));
	file = sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	say("of a file", advise(file, PAGE_SIZE, MADV_FREE));
	sys_munmap(p + PAGE_SIZE, PAGE_SIZE);
	say("a hole", advise(p, 4 * PAGE_SIZE, MADV_FREE));
	line("behind it: %s", is_old_or_zero(p + 3 * PAGE_SIZE, 'f') ? "old or zero" : "neither");
	sys_close(fd);
}

static void test_populate(void)
{
	char *p = need_pages(6, RW), *file, *shared;
	int fd = sys_open(DATA_FILE, O_RDONLY, 0);

	say("populate two for writing", advise(p, 2 * PAGE_SIZE, MADV_POPULATE_WRITE));
	say_core("they are there", p, 6);
	say("two for reading", advise(p + 2 * PAGE_SIZE, 2 * PAGE_SIZE, MADV_POPULATE_READ));
	say_core("they too", p, 6);
	sys_mprotect(p + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	sys_mprotect(p + 5 * PAGE_SIZE, PAGE_SIZE, PROT_NONE);
	say("read-only for writing", advise(p + 4 * PAGE_SIZE, PAGE_SIZE, MADV_POPULATE_WRITE));
	say("read-only for reading", advise(p + 4 * PAGE_SIZE, PAGE_SIZE, MADV_POPULATE_READ));
	say("nothing for reading", advise(p + 5 * PAGE_SIZE, PAGE_SIZE, MADV_POPULATE_READ));
	sys_munmap(p + 2 * PAGE_SIZE, PAGE_SIZE);
	say("a hole", advise(p, 4 * PAGE_SIZE, MADV_POPULATE_READ));
	file = sys_mmap(NULL, 4 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	say("a file", advise(file, 3 * PAGE_SIZE, MADV_POPULATE_READ));
	say("beyond its end", advise(file, 4 * PAGE_SIZE, MADV_POPULATE_READ));
	shared = sys_mmap(NULL, 2 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	say("shared", advise(shared, 2 * PAGE_SIZE, MADV_POPULATE_WRITE));
	say_core("there", shared, 2);
	p = sys_mmap(NULL, 3 * PAGE_SIZE, RW, ANON | MAP_POPULATE, -1, 0);
	say_core("mapped and populated", p, 3);
	p = sys_mmap(NULL, 3 * PAGE_SIZE, PROT_NONE, ANON | MAP_POPULATE, -1, 0);
	say_core("without access", p, 3);
	p = sys_mmap(NULL, 4 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	say_read("a file that ends before", p);
	sys_close(fd);
}

static int looks(void *arg)
{
	char *p = arg;

	line("a child has %d %d", p[0], p[PAGE_SIZE]);
	say_read("and the third", p + 2 * PAGE_SIZE);
	return 0;
}

static void test_children(void)
{
	char *p = need_pages(4, RW);
	int fd = sys_open(DATA_FILE, O_RDONLY, 0);

	memset(p, 'k', 4 * PAGE_SIZE);
	say("keep two from children", advise(p + 2 * PAGE_SIZE, PAGE_SIZE, MADV_DONTFORK));
	say("wipe one in them", advise(p + PAGE_SIZE, PAGE_SIZE, MADV_WIPEONFORK));
	say_status("child", in_child(looks, p));
	say("keep it", advise(p + PAGE_SIZE, PAGE_SIZE, MADV_KEEPONFORK));
	say("give it", advise(p + 2 * PAGE_SIZE, PAGE_SIZE, MADV_DOFORK));
	say_status("child", in_child(looks, p));
	say("wipe shared memory",
	    advise(sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), PAGE_SIZE,
		   MADV_WIPEONFORK));
	say("wipe a file's",
	    advise(sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0), PAGE_SIZE, MADV_WIPEONFORK));
	sys_close(fd);
}

static void test_hints(void)
{
	static const int hints[] = {MADV_NORMAL,   MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
				    MADV_DONTDUMP, MADV_DODUMP, MADV_COLD,       MADV_PAGEOUT};
	char *p = need_pages(4, RW);

	memset(p, 'h', 4 * PAGE_SIZE);
	sys_munmap(p + 2 * PAGE_SIZE, PAGE_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(hints); i++) {
		line("advice %d", hints[i]);
		say("the second page", advise(p + PAGE_SIZE, PAGE_SIZE, hints[i]));
		say("all and a hole", advise(p, 4 * PAGE_SIZE, hints[i]));
	}
	line("contents: %c %c %c", p[0], p[PAGE_SIZE], p[3 * PAGE_SIZE]);
}

static void test_remap_file(void)
{
	int fd = syscall2(__NR_memfd_create, (long)"remap", 0);
	char *p, *q, text[5] = "";

	syscall2(__NR_ftruncate, fd, 4 * PAGE_SIZE);
	p = sys_mmap(NULL, 4 * PAGE_SIZE, RW, MAP_SHARED, fd, 0);
	for (int i = 0; i < 4; i++)
		p[i * PAGE_SIZE] = 'a' + i;
	for (int i = 0; i < 4; i++)
		say("the pages the other way round",
		    remap(p + i * PAGE_SIZE, PAGE_SIZE, 0, 3 - i, 0));
	for (int i = 0; i < 4; i++)
		text[i] = p[i * PAGE_SIZE];
	say_text("are", text);
	p[0] = 'D';
	sys_pread64(fd, text, 1, 3 * PAGE_SIZE);
	line("a write to the first is in the file's last: %c", text[0]);
	say("across mappings that are not alike any more", remap(p, 4 * PAGE_SIZE, 0, 0, 0));
	line("and in order again: %c %c", p[0], p[3 * PAGE_SIZE]);
	say("with rights", remap(p, PAGE_SIZE, PROT_READ, 0, 0));
	say("of no length", remap(p, 100, 0, 0, 0));
	q = need_pages(2, RW);
	say("private memory", remap(q, PAGE_SIZE, 0, 0, 0));
	sys_munmap(q, PAGE_SIZE);
	say("nothing", remap(q, PAGE_SIZE, 0, 0, 0));
	sys_mprotect(p, PAGE_SIZE, PROT_READ);
	say("half of it with other rights", remap(p, 2 * PAGE_SIZE, 0, 1, 0));
	say("read-only", remap(p, PAGE_SIZE, 0, 1, 0));
	line("it has: %c", p[0]);
	say_write("and stays so", p);
	q = sys_mmap(NULL, 2 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	q[0] = 'x';
	q[PAGE_SIZE] = 'y';
	say("shared anonymous", remap(q, PAGE_SIZE, 0, 1, 0));
	line("it has: %c %c", q[0], q[PAGE_SIZE]);
	sys_close(fd);
}

static void test_flags(void)
{
	char *p = need_pages(3, RW), *q;
	int fd = sys_open(DATA_FILE, O_RDONLY, 0);

	sys_munmap(p + PAGE_SIZE, PAGE_SIZE);
	q = sys_mmap(p + PAGE_SIZE, PAGE_SIZE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
	line("not replacing, into a gap: %s", q == p + PAGE_SIZE ? "there" : "not there");
	say_ok("over something",
	       (long)sys_mmap(p + PAGE_SIZE, PAGE_SIZE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	say_ok("validated", (long)sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED_VALIDATE, fd, 0));
	say_ok("validated, synchronous",
	       (long)sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, fd, 0));
	say_ok("no reserve", (long)sys_mmap(NULL, PAGE_SIZE, RW, ANON | MAP_NORESERVE, -1, 0));
	say_ok("for a stack", (long)sys_mmap(NULL, PAGE_SIZE, RW, ANON | MAP_STACK, -1, 0));
	sys_close(fd);
}

int main(void)
{
	test_free();
	test_populate();
	test_children();
	test_hints();
	test_remap_file();
	test_flags();
	return 0;
}
