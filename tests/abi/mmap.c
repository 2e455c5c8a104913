/* mmap: where, how much, with which flags, and what it refuses. */
#include "tests/abi/lib/abi.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* The arguments of old_mmap, call 90, come in memory and its offset is in bytes. */
struct old_mmap_args {
	unsigned long at, len, prot, flags, fd, offset;
};

static long map(void *at, size_t len, int prot, int flags, int fd, long offset_pages)
{
	return (long)sys_mmap(at, len, prot, flags, fd, offset_pages);
}

static void show_refusals(int fd)
{
	int write_only = sys_open("tests/data/text", O_WRONLY, 0);
	int dir = sys_open("tests/data", O_RDONLY, 0);
	char *used = need_pages(2, RW);
	int fds[2];

	sys_pipe(fds);
	say_ok("len 0", map(NULL, 0, RW, ANON, -1, 0));
	say_ok("len of nearly 4 GiB", map(NULL, 0xffffff00, RW, ANON, -1, 0));
	say_ok("len that wraps to 0", map(NULL, 0xffffffff, RW, ANON, -1, 0));
	say_ok("len of 3.9 GiB", map(NULL, 0xfa000000, RW, ANON, -1, 0));
	say_ok("neither shared nor private", map(NULL, PAGE_SIZE, RW, MAP_ANONYMOUS, -1, 0));
	say_ok("both shared and private",
	       map(NULL, PAGE_SIZE, RW, MAP_ANONYMOUS | MAP_SHARED | MAP_PRIVATE, -1, 0));
	say_ok("no file", map(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, -1, 0));
	say_ok("descriptor 99", map(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 99, 0));
	say_ok("a pipe", map(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fds[0], 0));
	say_ok("a folder", map(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, dir, 0));
	say_ok("write-only file, private",
	       map(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, write_only, 0));
	say_ok("read-only file, shared, writable", map(NULL, PAGE_SIZE, RW, MAP_SHARED, fd, 0));
	say_ok("read-only file, private, writable", map(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0));
	say_ok("fixed, not aligned", map(used + 1, PAGE_SIZE, RW, ANON | MAP_FIXED, -1, 0));
	say_ok("fixed, in the kernel or past the end",
	       map((void *)0xfffff000, 2 * PAGE_SIZE, RW, ANON | MAP_FIXED, -1, 0));
	say_ok("fixed without replacing, on what is mapped",
	       map(used, PAGE_SIZE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	say_ok("anonymous with a descriptor of nothing", map(NULL, PAGE_SIZE, RW, ANON, 99, 0));
	say_ok("anonymous with an offset", map(NULL, PAGE_SIZE, RW, ANON, -1, 5));
}

static void show_places(void)
{
	char *a = need_pages(4, RW), *b, *hint;

	line("aligned: %s", (uintptr_t)a % PAGE_SIZE ? "no" : "yes");
	line("zero: %s", a[0] == 0 && a[4 * PAGE_SIZE - 1] == 0 ? "yes" : "no");
	sys_munmap(a, 4 * PAGE_SIZE);
	b = (char *)map(a, 4 * PAGE_SIZE, RW, ANON, -1, 0);
	line("a hint that is free is taken: %s", b == a ? "yes" : "no");
	b = (char *)map(a, PAGE_SIZE, RW, ANON, -1, 0);
	line("a hint that is in use is not: %s", b != a && !is_error_ptr(b) ? "yes" : "no");
	hint = (char *)0x30000123;
	b = (char *)map(hint, PAGE_SIZE, RW, ANON, -1, 0);
	line("a hint is rounded to a page: %s",
	     (uintptr_t)b == 0x30000000 || (uintptr_t)b == 0x30001000 ? "yes" : "no");
	sys_munmap(b, PAGE_SIZE);

	a[PAGE_SIZE] = 'o';
	b = (char *)map(a + PAGE_SIZE, PAGE_SIZE, RW, ANON | MAP_FIXED, -1, 0);
	line("fixed replaces: %s, and is zero: %s", b == a + PAGE_SIZE ? "yes" : "no",
	     b[0] == 0 ? "yes" : "no");
	b = (char *)map(a + 2 * PAGE_SIZE, PAGE_SIZE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
	say_read("fixed PROT_NONE in the middle", b);
	say_write("its neighbour below", b - 1);
	say_write("its neighbour above", b + PAGE_SIZE);
	hint = (char *)0x31000000;
	b = (char *)map(hint, 100, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
	line("fixed without replacing, where it is free: %s", b == hint ? "there" : "elsewhere");
	say_write("a length of 100 is a page", hint + PAGE_SIZE - 1);
	say_write("and no more", hint + PAGE_SIZE);
}

static void show_protections(void)
{
	char *none = need_pages(1, PROT_NONE), *read = need_pages(1, PROT_READ);
	char *write = need_pages(1, PROT_WRITE), *exec = need_pages(1, PROT_EXEC);

	say_read("PROT_NONE, read", none);
	say_write("PROT_NONE, write", none);
	say("PROT_NONE, read by the kernel", peek(none));
	say_read("PROT_READ, read", read);
	say_write("PROT_READ, write", read);
	say_write("PROT_WRITE, write", write);
	say_read("PROT_WRITE, read", write);
	say_write("PROT_EXEC, write", exec);
}

struct two_pages {
	volatile char *private, *shared;
};

static int writes_both(void *arg)
{
	struct two_pages *pages = arg;

	line("the child finds %c and %c", pages->private[0], pages -> shared[0]);
	pages->private[0] = 'c';
	pages->shared[0] = 'c';
	pages->shared[PAGE_SIZE] = 'n'; /* not touched before the fork */
	line("the child leaves %c and %c", pages->private[0], pages -> shared[0]);
	return 0;
}

static void show_fork(void)
{
	struct two_pages pages = {
		.private = need_pages(1, RW),
		.shared = (char *)map(NULL, 2 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
	};

	if (is_error_ptr((void *)pages.shared)) {
		line("shared anonymous memory: %s", errno_name(-(long)pages.shared));
		return;
	}
	line("shared anonymous memory is zero: %s", pages.shared[0] == 0 ? "yes" : "no");
	pages.private[0] = 'p';
	pages.shared[0] = 'p';
	in_child(writes_both, &pages);
	line("the parent finds %c and %c", pages.private[0], pages.shared[0]);
	line("and what the child wrote first to a page: %c", pages.shared[PAGE_SIZE]);
}

static void show_old_mmap(int fd)
{
	struct old_mmap_args args = {.len = 2 * PAGE_SIZE, .prot = RW, .flags = ANON, .fd = -1u};
	char *p;

	say_ok("old mmap, anonymous", syscall1(__NR_mmap, (long)&args));
	args = (struct old_mmap_args){
		.len = 100, .prot = PROT_READ, .flags = MAP_PRIVATE, .fd = fd, .offset = PAGE_SIZE};
	p = (char *)syscall1(__NR_mmap, (long)&args);
	if (!is_error(say_ok("old mmap, the file's second page", (long)p)))
		line("it starts with '%.8s'", p);
	args.offset = 100;
	say_ok("old mmap, offset within a page", syscall1(__NR_mmap, (long)&args));
	say_ok("old mmap, arguments at a bad address", syscall1(__NR_mmap, 0xfffff000));
}

/* Many mappings side by side: each is there, and all go. */
static void show_many(void)
{
	enum { MANY = 300 };
	char *p[MANY];
	int good = 0, gone = 0;

	for (int i = 0; i < MANY; i++) {
		p[i] = (char *)map(NULL, PAGE_SIZE, i & 1 ? RW : PROT_READ, ANON, -1, 0);
		if (i & 1)
			p[i][0] = i;
	}
	for (int i = 0; i < MANY; i++)
		good += peek(p[i]) == (i & 1 ? i & 255 : 0);
	for (int i = 0; i < MANY; i++)
		sys_munmap(p[i], PAGE_SIZE);
	for (int i = 0; i < MANY; i++)
		gone += peek(p[i]) == -EFAULT;
	line("%d mappings: %d right, then %d gone", MANY, good, gone);
}

int main(void)
{
	int fd = sys_open(DATA_FILE, O_RDONLY, 0);

	show_refusals(fd);
	show_places();
	show_protections();
	show_fork();
	show_old_mmap(fd);
	show_many();
	return 0;
}
