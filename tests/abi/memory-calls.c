/* mincore, msync, fadvise64, memfd_create, and copies between processes. */
#include "tests/abi/lib/abi.h"

#include <linux/memfd.h>

#define RW                    (PROT_READ | PROT_WRITE)
#define BAD                   ((void *)0xfffff000)
#define mincore(at, len, vec) syscall3(__NR_mincore, (long)(at), len, (long)(vec))
#define msync(at, len, flags) syscall3(__NR_msync, (long)(at), len, flags)
#define memfd(name, flags)    syscall2(__NR_memfd_create, (long)(name), flags)

static void test_mincore(int data)
{
	char *p = need_pages(4, RW), *shared;
	unsigned char vec[4];

	say_core("untouched", p, 4);
	p[PAGE_SIZE] = 1;
	say_core("second written", p, 4);
	*(volatile char *)(p + 2 * PAGE_SIZE);
	say_core("third read", p, 4);
	sys_mprotect(p + PAGE_SIZE, PAGE_SIZE, PROT_NONE);
	say_core("second without access", p, 4);
	sys_munmap(p + 3 * PAGE_SIZE, PAGE_SIZE);
	say("a hole at the end", mincore(p, 4 * PAGE_SIZE, vec));
	say("not aligned", mincore(p + 1, PAGE_SIZE, vec));
	say("len 0", mincore(p, 0, vec));
	say("len 1", mincore(p, 1, vec));
	say("beyond user memory", mincore(p, 0xf0000000, vec));
	say("answers to a bad address", mincore(p, PAGE_SIZE, BAD));
	say("answers to unmapped memory", mincore(p, PAGE_SIZE, 16));
	shared = sys_mmap(NULL, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	shared[0] = shared[2 * PAGE_SIZE] = 1;
	say_core("shared, first and third written", shared, 4);
	shared = sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, data, 0);
	*(volatile char *)shared;
	say_core("a file's page that was read", shared, 1);
}

static void test_mlock(void)
{
	char *p = need_pages(4, RW), *none = need_pages(1, PROT_NONE);

	say("lock a byte on two pages", syscall2(__NR_mlock, (long)(p + 4095), 2));
	say_core("they are there", p, 4);
	say("unlock", syscall2(__NR_munlock, (long)p, 2 * PAGE_SIZE));
	say("when touched", syscall3(__NR_mlock2, (long)p, 3 * PAGE_SIZE, 1));
	say("unknown flag", syscall3(__NR_mlock2, (long)p, PAGE_SIZE, 2));
	say("len 0", syscall2(__NR_mlock, (long)p, 0));
	say("without access", syscall2(__NR_mlock, (long)none, PAGE_SIZE));
	sys_munmap(p + PAGE_SIZE, PAGE_SIZE);
	say("a hole", syscall2(__NR_mlock, (long)p, 3 * PAGE_SIZE));
	say("unlock over a hole", syscall2(__NR_munlock, (long)p, 3 * PAGE_SIZE));
	say("unlock all", syscall0(__NR_munlockall));
}

static void test_msync(void)
{
	char *p = need_pages(4, RW);

	say("sync", msync(p, 4 * PAGE_SIZE, MS_SYNC));
	say("async", msync(p, 4 * PAGE_SIZE, MS_ASYNC | MS_INVALIDATE));
	say("no flags", msync(p, PAGE_SIZE, 0));
	say("sync and async", msync(p, PAGE_SIZE, MS_SYNC | MS_ASYNC));
	say("an unknown flag", msync(p, PAGE_SIZE, 8));
	say("not aligned", msync(p + 1, PAGE_SIZE, MS_SYNC));
	say("len 0", msync(p, 0, MS_SYNC));
	say("len 1", msync(p, 1, MS_SYNC));
	say("wraps", msync(p, 0xf0000000, MS_SYNC));
	sys_munmap(p + PAGE_SIZE, PAGE_SIZE);
	say("a hole", msync(p, 4 * PAGE_SIZE, MS_SYNC));
	say("only the hole", msync(p + PAGE_SIZE, PAGE_SIZE, MS_SYNC));
}

static void test_fadvise(int data)
{
	int pipe[2];

	syscall1(__NR_pipe, (long)pipe);
	for (int advice = 0; advice < 8; advice++)
		say("fadvise64", syscall5(__NR_fadvise64, data, 0, 0, 0, advice));
	say("of a pipe", syscall5(__NR_fadvise64, pipe[0], 0, 0, 0, 0));
	say("of nothing", syscall5(__NR_fadvise64, 99, 0, 0, 0, 0));
	say("64 bits", syscall6(__NR_fadvise64_64, data, 0, 0, 4096, 0, 3));
	say("a negative length", syscall6(__NR_fadvise64_64, data, 0, 0, 0, -1, 3));
	sys_close(pipe[0]);
	sys_close(pipe[1]);
}

static void test_memfd(void)
{
	static char name[300];
	int fd = memfd("one", MFD_CLOEXEC), status, pid;
	char *p, *q, text[8] = "";

	line("a descriptor: %s", fd >= 0 ? "yes" : "no");
	say("close on exec", syscall3(__NR_fcntl64, fd, F_GETFD, 0));
	say("open mode", syscall3(__NR_fcntl64, fd, F_GETFL, 0) & O_ACCMODE);
	say("its end", sys_lseek(fd, 0, 2));
	say("made longer", syscall2(__NR_ftruncate, fd, 3 * PAGE_SIZE));
	say("its end", sys_lseek(fd, 0, 2));
	p = sys_mmap(NULL, 3 * PAGE_SIZE, RW, MAP_SHARED, fd, 0);
	q = sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	memcpy(p, "shared", 7);
	line("the private mapping sees '%s'", q);
	q[0] = 'S';
	say("pread", syscall5(__NR_pread64, fd, (long)text, 7, 0, 0));
	line("the file has '%s', the private page '%s'", text, q);
	pid = sys_fork();
	if (pid == 0) {
		memcpy(p, "child", 6);
		sys_exit(0);
	}
	sys_wait4(pid, &status, 0, NULL);
	line("from the child: '%s'", p);
	say("made shorter", syscall2(__NR_ftruncate, fd, PAGE_SIZE));
	say_read("read in the file", p);
	say_read("read behind it", p + PAGE_SIZE);
	sys_close(fd);
	line("still there without descriptor: '%s'", p);
	memset(name, 'n', sizeof(name) - 1);
	say("a name that is too long", memfd(name, 0));
	name[250] = '\0';
	say("of 250 letters", memfd(name, 0));
	name[249] = '\0';
	fd = say_ok("of 249 letters", memfd(name, 0));
	sys_close(fd);
	say("a name at a bad address", memfd(BAD, 0));
	say("an unknown flag", memfd("x", 0x100));
}

#define read_other(pid, here, n, there, m) \
	syscall6(__NR_process_vm_readv, pid, (long)(here), n, (long)(there), m, 0)
#define write_other(pid, here, n, there, m) \
	syscall6(__NR_process_vm_writev, pid, (long)(here), n, (long)(there), m, 0)

static void test_process_vm(void)
{
	char *p = need_pages(4, RW), text[16] = "", *none = need_pages(1, PROT_NONE);
	struct iovec here[2] = {{text, 3}, {text + 3, 5}}, there[2] = {{p, 4}, {p + 8, 4}}, v, w;
	int pid, status, stop[2], c;

	syscall1(__NR_pipe, (long)stop);
	memcpy(p, "mine....parent", 15);
	pid = sys_fork();
	if (pid == 0) {
		memcpy(p, "hers....child!", 15);
		syscall3(__NR_write, stop[1], (long)"x", 1);
		while (*(volatile char *)(p + 3 * PAGE_SIZE) != 'g')
			sys_sched_yield();
		sys_exit(p[2 * PAGE_SIZE]);
	}
	syscall3(__NR_read, stop[0], (long)&c, 1);
	say("two parts into two", read_other(pid, here, 2, there, 2));
	line("text '%s'", text);
	say("less room here", read_other(pid, here, 1, there, 2));
	say("less there", read_other(pid, here, 2, there, 1));
	say("nothing here", read_other(pid, here, 0, there, 1));
	v = (struct iovec){p, 4 * PAGE_SIZE};
	w = (struct iovec){none, 4};
	say("memory without access", read_other(pid, here, 2, &w, 1));
	w = (struct iovec){(void *)16, 4};
	say("nothing is there", read_other(pid, here, 2, &w, 1));
	say("into nothing", read_other(pid, &w, 1, there, 2));
	say("a bad array", read_other(pid, BAD, 1, there, 1));
	say("a bad array there", read_other(pid, here, 1, BAD, 1));
	say("too many", read_other(pid, here, 1025, there, 1));
	say("flags", syscall6(__NR_process_vm_readv, pid, (long)here, 1, (long)there, 1, 1));
	say("no such process", read_other(999999, here, 1, there, 1));
	say("nothing to do for it here", read_other(999999, here, 0, there, 1));
	say("nothing to do for it there", read_other(999999, here, 1, there, 0));
	here[0].iov_len = there[1].iov_len = INT32_MAX;
	there[0].iov_len = INT32_MAX;
	say("more than can be counted", read_other(999999, here, 2, there, 2));
	here[0].iov_len = -1;
	say("a negative length", read_other(pid, here, 1, there, 1));
	here[0] = (struct iovec){"Z", 1};
	v = (struct iovec){p + 2 * PAGE_SIZE, 1};
	say("written there", write_other(pid, here, 1, &v, 1));
	here[0] = (struct iovec){"g", 1};
	v = (struct iovec){p + 3 * PAGE_SIZE, 1};
	say("and once more", write_other(pid, here, 1, &v, 1));
	sys_wait4(pid, &status, 0, NULL);
	line("the child saw '%c', ours is %d", status >> 8, p[2 * PAGE_SIZE]);
	say("a process that is gone", read_other(pid, here, 1, there, 1));
}

int main(void)
{
	int data = sys_open(DATA_FILE, O_RDONLY, 0);

	test_mincore(data);
	test_mlock();
	test_msync();
	test_fadvise(data);
	test_memfd();
	test_process_vm();
	return 0;
}
