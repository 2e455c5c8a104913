/* Seals of a memfd, holes in it, and MADV_REMOVE. */
#include "tests/abi/lib/abi.h"

#include <linux/falloc.h>
#include <linux/memfd.h>

#define RW                             (PROT_READ | PROT_WRITE)
#define memfd(name, flags)             syscall2(__NR_memfd_create, (long)(name), flags)
#define add_seals(fd, seals)           syscall3(__NR_fcntl64, fd, F_ADD_SEALS, seals)
#define get_seals(fd)                  syscall3(__NR_fcntl64, fd, F_GET_SEALS, 0)
#define ftruncate(fd, size)            syscall2(__NR_ftruncate, fd, size)
#define pwrite(fd, at, len, o)         syscall5(__NR_pwrite64, fd, (long)(at), len, o, 0)
#define fallocate(fd, mode, from, len) syscall6(__NR_fallocate, fd, mode, from, 0, len, 0)
#define PUNCH                          (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

/* A memfd of two pages. */
static int two_pages(void)
{
	int fd = memfd("sealed", MFD_ALLOW_SEALING);

	ftruncate(fd, 2 * PAGE_SIZE);
	return fd;
}

static void *map_shared(int fd, int prot)
{
	return sys_mmap(NULL, PAGE_SIZE, prot, MAP_SHARED, fd, 0);
}

static void test_adding(void)
{
	int fd = memfd("plain", 0), file = sys_open(DATA_FILE, O_RDONLY, 0), pipe[2];

	say("seals of one made without", get_seals(fd));
	say("it takes no more", add_seals(fd, F_SEAL_GROW));
	sys_close(fd);
	fd = two_pages();
	say("seals of one made with", get_seals(fd));
	say("an unknown seal", add_seals(fd, 0x1000));
	say("none", add_seals(fd, 0));
	say("shrink", add_seals(fd, F_SEAL_SHRINK));
	say("shrink again, and grow", add_seals(fd, F_SEAL_SHRINK | F_SEAL_GROW));
	say("they are", get_seals(fd));
	say("seal", add_seals(fd, F_SEAL_SEAL));
	say("they are", get_seals(fd));
	say("then no more", add_seals(fd, F_SEAL_WRITE));
	say("not even none", add_seals(fd, 0));
	sys_close(fd);
	say("of a file, for reading", add_seals(file, F_SEAL_GROW));
	say("of a closed one", get_seals(99));
	syscall1(__NR_pipe, (long)pipe);
	say("of a pipe", get_seals(pipe[0]));
	sys_close(pipe[0]);
	sys_close(pipe[1]);
	sys_close(file);
}

static void test_size(void)
{
	int fd = two_pages();

	add_seals(fd, F_SEAL_SHRINK);
	say("shrunk: shorter", ftruncate(fd, PAGE_SIZE));
	say("the same", ftruncate(fd, 2 * PAGE_SIZE));
	say("longer", ftruncate(fd, 3 * PAGE_SIZE));
	add_seals(fd, F_SEAL_GROW);
	say("grown: longer", ftruncate(fd, 4 * PAGE_SIZE));
	say("a write at the end", pwrite(fd, "x", 1, 3 * PAGE_SIZE));
	say("across the end", pwrite(fd, "xyz", 3, 3 * PAGE_SIZE - 1));
	say("before it", pwrite(fd, "xyz", 3, 100));
	say("allocated before the end", fallocate(fd, 0, 0, PAGE_SIZE));
	say("beyond it", fallocate(fd, 0, 0, 4 * PAGE_SIZE));
	say("beyond it, size kept", fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4 * PAGE_SIZE));
	say("a hole", fallocate(fd, PUNCH, 0, PAGE_SIZE));
	say("size", sys_lseek(fd, 0, 2));
	sys_close(fd);
}

static void test_write(void)
{
	int fd = two_pages();
	char *p = map_shared(fd, RW);

	say("mapped for writing", add_seals(fd, F_SEAL_WRITE));
	sys_munmap(p, PAGE_SIZE);
	p = sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	say("mapped privately", add_seals(fd, F_SEAL_WRITE));
	p[0] = 'p';
	line("the private copy: %c", p[0]);
	say("a write", pwrite(fd, "x", 1, 0));
	say("of nothing", pwrite(fd, "x", 0, 0));
	say("a hole", fallocate(fd, PUNCH, 0, PAGE_SIZE));
	say("longer", ftruncate(fd, 3 * PAGE_SIZE));
	say_ok("mapped for writing then", (long)map_shared(fd, RW));
	say_ok("privately", (long)sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0));
	sys_close(fd);
}

static void test_future_write(void)
{
	int fd = two_pages();
	char *p = map_shared(fd, RW), *q;

	say("future write, mapped for writing", add_seals(fd, F_SEAL_FUTURE_WRITE));
	say("seals", get_seals(fd));
	p[0] = 'f';
	say("a write", pwrite(fd, "x", 1, 0));
	say_ok("mapped for writing then", (long)map_shared(fd, RW));
	q = map_shared(fd, PROT_READ);
	line("for reading: %c", q[0]);
	say("and then for writing", sys_mprotect(q, PAGE_SIZE, RW));
	say("a hole", fallocate(fd, PUNCH, 0, PAGE_SIZE));
	say("removed from the old mapping", sys_madvise(p, PAGE_SIZE, MADV_REMOVE));
	sys_close(fd);
}

static void show(const char *what, const char *p, int pages)
{
	char text[16];
	int i;

	for (i = 0; i < pages; i++)
		text[i] = p[i * PAGE_SIZE] ? p[i * PAGE_SIZE] : '.';
	text[i] = '\0';
	say_text(what, text);
}

static void test_holes(void)
{
	int fd = memfd("holes", 0);
	char *p, *copy;
	struct stat64 st;

	ftruncate(fd, 8 * PAGE_SIZE);
	p = sys_mmap(NULL, 8 * PAGE_SIZE, RW, MAP_SHARED, fd, 0);
	copy = sys_mmap(NULL, 8 * PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	memset(p, 's', 8 * PAGE_SIZE);
	copy[2 * PAGE_SIZE] = 'c';
	show("shared", p, 8);
	show("private", copy, 8);
	say("two in the middle", fallocate(fd, PUNCH, 2 * PAGE_SIZE, 2 * PAGE_SIZE));
	show("shared", p, 8);
	show("private keeps its copy", copy, 8);
	sys_fstat64(fd, &st);
	line("blocks: %d", (int)st.st_blocks);
	say("parts of pages", fallocate(fd, PUNCH, 5 * PAGE_SIZE + 1, PAGE_SIZE));
	line("around: %d %d %d %d", p[5 * PAGE_SIZE], p[5 * PAGE_SIZE + 1], p[6 * PAGE_SIZE],
	     p[6 * PAGE_SIZE + 1]);
	say("within one page", fallocate(fd, PUNCH, 7 * PAGE_SIZE + 10, 10));
	line("around: %d %d %d %d", p[7 * PAGE_SIZE + 9], p[7 * PAGE_SIZE + 10],
	     p[7 * PAGE_SIZE + 19], p[7 * PAGE_SIZE + 20]);
	say("beyond the end", fallocate(fd, PUNCH, 7 * PAGE_SIZE, 100 * PAGE_SIZE));
	show("shared", p, 8);
	say("size", sys_lseek(fd, 0, 2));
	say("allocated", fallocate(fd, 0, 7 * PAGE_SIZE, 2 * PAGE_SIZE));
	say("size", sys_lseek(fd, 0, 2));
	say("allocated, size kept", fallocate(fd, FALLOC_FL_KEEP_SIZE, 9 * PAGE_SIZE, PAGE_SIZE));
	say("size", sys_lseek(fd, 0, 2));
	sys_fstat64(fd, &st);
	line("blocks: %d", (int)st.st_blocks);
	say("zeroed", fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, PAGE_SIZE));
	say("a hole, size not kept", fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, PAGE_SIZE));
	say("of no length", fallocate(fd, 0, 0, 0));
	say("before the start", fallocate(fd, 0, -1, 10));
	sys_close(fd);
}

static void test_remove(void)
{
	char *shared = sys_mmap(NULL, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *private = need_pages(1, RW);
	int fd = two_pages(), pid, status;
	char *p = sys_mmap(NULL, 2 * PAGE_SIZE, RW, MAP_SHARED, fd, 0);
	char text[2] = "";

	memset(shared, 'm', 4 * PAGE_SIZE);
	pid = sys_fork();
	if (pid == 0)
		sys_exit(sys_madvise(shared + PAGE_SIZE, 2 * PAGE_SIZE, MADV_REMOVE));
	sys_wait4(pid, &status, 0, NULL);
	say_status("removed in a child", status);
	show("the parent sees it", shared, 4);
	say("private memory", sys_madvise(private, PAGE_SIZE, MADV_REMOVE));
	memset(p, 'f', 2 * PAGE_SIZE);
	say("of a file", sys_madvise(p + PAGE_SIZE, PAGE_SIZE, MADV_REMOVE));
	sys_pread64(fd, text, 1, PAGE_SIZE);
	line("the file has %d", text[0]);
	syscall2(__NR_mlock, (long)p, PAGE_SIZE);
	say("locked", sys_madvise(p, PAGE_SIZE, MADV_REMOVE));
	p = sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	say("a private mapping of a file", sys_madvise(p, PAGE_SIZE, MADV_REMOVE));
	sys_close(fd);
}

int main(void)
{
	test_adding();
	test_size();
	test_write();
	test_future_write();
	test_holes();
	test_remove();
	return 0;
}
