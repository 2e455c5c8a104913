/*
 * read, readv, write, writev, lseek and _llseek on a file: counts, ends, errors, and buffers that
 * are half there.
 */
#include "tests/abi/lib/abi.h"

#define RW (PROT_READ | PROT_WRITE)

/* Two pages of which only the first is mapped; returns the address `len` bytes before its end. */
static char *half_mapped(size_t len)
{
	char *p = need_pages(2, RW);

	sys_munmap(p + PAGE_SIZE, PAGE_SIZE);
	return p + PAGE_SIZE - len;
}

static void show_reads(int fd)
{
	static char text[16384];
	char *half;

	say("read of 0", sys_read(fd, text, 0));
	say("read of 10", sys_read(fd, text, 10));
	line("it is '%.6s'", text);
	say("read to the end and over", sys_read(fd, text, sizeof(text)));
	say("read at the end", sys_read(fd, text, 10));
	sys_lseek(fd, 4090, 0);
	say("read across a page", sys_read(fd, text, 12));
	sys_lseek(fd, 9995, 0);
	say("read over the end", sys_read(fd, text, 100));
	sys_lseek(fd, 0, 0);
	say("read to a bad address", sys_read(fd, (void *)0xfffff000, 10));
	say("read of 0 to a bad address", sys_read(fd, (void *)0xfffff000, 0));
	say("read to NULL", sys_read(fd, NULL, 10));
	say("the offset did not move", sys_lseek(fd, 0, 1));
	half = half_mapped(100);
	say("read of 300 to 100 mapped bytes", sys_read(fd, half, 300));
	line("they start with '%.6s'", half);
	say("the offset is", sys_lseek(fd, 0, 1));
	say("read to read-only memory", sys_read(fd, need_pages(1, PROT_READ), 10));
	say("read to text", sys_read(fd, (void *)show_reads, 10));
	say("read from descriptor 99", sys_read(99, text, 10));
	say("read from descriptor -1", sys_read(-1, text, 10));
	say("read with a huge length", sys_read(fd, text, 0x80000000));
	say("write to it, opened for reading", sys_write(fd, text, 10));
}

static void show_vectors(int fd)
{
	char a[8], b[8], *half = half_mapped(3);
	struct iovec two[2] = {{a, 5}, {b, 4}}, bad[2] = {{a, 5}, {(void *)0xfffff000, 4}};
	struct iovec zero[2] = {{NULL, 0}, {b, 4}}, negative[1] = {{a, -1}},
		     torn[2] = {{a, 2}, {half, 6}};
	struct iovec many[2] = {{a, 0x7fffffff}, {b, 0x7fffffff}};
	int fds[2];

	sys_lseek(fd, 0, 0);
	say("readv of 5 and 4", syscall3(__NR_readv, fd, (long)two, 2));
	line("'%.5s' '%.4s'", a, b);
	say("readv of no vectors", syscall3(__NR_readv, fd, (long)two, 0));
	say("readv of -1 vectors", syscall3(__NR_readv, fd, (long)two, -1));
	say("readv of 1025 vectors", syscall3(__NR_readv, fd, (long)two, 1025));
	say("readv, vectors at a bad address", syscall3(__NR_readv, fd, 0xfffff000, 2));
	say("readv, the second buffer bad", syscall3(__NR_readv, fd, (long)bad, 2));
	say("readv, a length of -1", syscall3(__NR_readv, fd, (long)negative, 1));
	say("readv, the first of length 0", syscall3(__NR_readv, fd, (long)zero, 2));
	say("readv, a buffer torn in the middle", syscall3(__NR_readv, fd, (long)torn, 2));

	sys_pipe(fds);
	say("writev of 5 and 4", syscall3(__NR_writev, fds[1], (long)two, 2));
	say("writev, a length of -1", syscall3(__NR_writev, fds[1], (long)negative, 1));
	say("writev of 0 vectors", syscall3(__NR_writev, fds[1], (long)two, 0));
	say("writev, vectors at a bad address", syscall3(__NR_writev, fds[1], 0xfffff000, 1));
	say("writev to descriptor 99", syscall3(__NR_writev, 99, (long)two, 2));
	say("read back", sys_read(fds[0], a, 8));
	(void)many;
}

static void show_seeks(int fd)
{
	uint64_t at = 0;
	int fds[2];

	say("SEEK_SET 100", sys_lseek(fd, 100, 0));
	say("SEEK_CUR -50", sys_lseek(fd, -50, 1));
	say("SEEK_END 0", sys_lseek(fd, 0, 2));
	say("SEEK_END -1", sys_lseek(fd, -1, 2));
	say("past the end", sys_lseek(fd, 20000, 0));
	say("read there", sys_read(fd, &at, 1));
	say("before the start", sys_lseek(fd, -1, 0));
	say("SEEK_CUR to before the start", sys_lseek(fd, -20001, 1));
	say("unknown whence", sys_lseek(fd, 0, 9));
	say("descriptor 99", sys_lseek(99, 0, 0));
	say("the offset is where it was", sys_lseek(fd, 0, 1));
	say("_llseek to 5", sys_llseek(fd, 5, &at, 0));
	line("result %llu", at);
	say("_llseek to 6 GiB", sys_llseek(fd, 6ull << 30, &at, 0));
	line("result %llu", at);
	/* What lseek says there is EOVERFLOW; a 64-bit Linux cuts its answer instead. */
	say("_llseek, result at a bad address", sys_llseek(fd, 1, (uint64_t *)0xfffff000, 0));
	say("_llseek, unknown whence", sys_llseek(fd, 1, &at, 9));
	sys_pipe(fds);
	say("lseek in a pipe", sys_lseek(fds[0], 0, 0));
	say("_llseek in a pipe", sys_llseek(fds[0], 0, &at, 0));
	sys_lseek(fd, 0, 0);
}

static void show_descriptors(void)
{
	int a = sys_open(DATA_FILE, O_RDONLY, 0), b, c;
	char text[4];

	line("the lowest free number is taken: %d", a);
	b = sys_open(DATA_FILE, O_RDONLY, 0);
	sys_close(a);
	c = sys_open(EMPTY_FILE, O_RDONLY, 0);
	line("a number that was closed is taken again: %s", c == a ? "yes" : "no");
	sys_read(b, text, 4);
	line("two opens have two offsets: %ld %ld", sys_lseek(b, 0, 1), sys_lseek(c, 0, 1));
	say("close", sys_close(c));
	say("close again", sys_close(c));
	say("close -1", sys_close(-1));
	c = syscall1(__NR_dup, b);
	line("dup shares the offset: %ld", sys_lseek(c, 0, 1));
	sys_read(c, text, 4);
	line("read through one, seen through the other: %ld", sys_lseek(b, 0, 1));
	say("dup2 to 50", syscall2(__NR_dup2, b, 50));
	say("its offset", sys_lseek(50, 0, 1));
	say("dup2 to itself", syscall2(__NR_dup2, b, b) == b);
	say("dup2 of 99", syscall2(__NR_dup2, 99, 51));
	say("dup2 to -1", syscall2(__NR_dup2, b, -1));
	say("dup of 99", syscall1(__NR_dup, 99));
	if (sys_fork() == 0) {
		sys_read(b, text, 4);
		sys_exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
	say("a child's read moves the offset they share", sys_lseek(b, 0, 1));
}

static void show_opens(void)
{
	char dir[8];
	int fd;

	say("no such file", sys_open("tests/data/nothing", O_RDONLY, 0));
	say("no such folder", sys_open("tests/nothing/text", O_RDONLY, 0));
	say("a file as a folder", sys_open("tests/data/text/x", O_RDONLY, 0));
	say("a file with a slash behind", sys_open("tests/data/text/", O_RDONLY, 0));
	say("a folder to write", sys_open("tests/data", O_WRONLY, 0));
	say("an empty name", sys_open("", O_RDONLY, 0));
	say("a name at a bad address", sys_open((char *)0xfffff000, O_RDONLY, 0));
	say("O_DIRECTORY on a file", sys_open(DATA_FILE, O_RDONLY | O_DIRECTORY, 0));
	say("O_CREAT | O_EXCL on what is there",
	    sys_open(DATA_FILE, O_RDWR | O_CREAT | O_EXCL, 0600));
	say_ok("with // and . and ..", sys_open("tests//./data/../data/text", O_RDONLY, 0));
	fd = say_ok("a folder to read", sys_open("tests/data", O_RDONLY, 0));
	say("read of a folder", sys_read(fd, dir, 8));
	say("openat from it", is_error(syscall3(__NR_openat, fd, (long)"text", O_RDONLY)));
	say("openat from AT_FDCWD",
	    is_error(syscall3(__NR_openat, AT_FDCWD, (long)DATA_FILE, O_RDONLY)));
	say("openat from a file",
	    syscall3(__NR_openat, sys_open(DATA_FILE, O_RDONLY, 0), (long)"text", O_RDONLY));
	say("openat from 99", syscall3(__NR_openat, 99, (long)"text", O_RDONLY));
	say("openat from 99, absolute", is_error(syscall3(__NR_openat, 99, (long)"/", O_RDONLY)));
}

int main(void)
{
	int fd = sys_open(DATA_FILE, O_RDONLY, 0);

	show_descriptors();
	show_opens();
	show_reads(fd);
	show_vectors(fd);
	show_seeks(fd);
	return 0;
}
