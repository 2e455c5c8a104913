/* Resource limits that are enforced, each in a child. */
#include "tests/abi/lib/abi.h"

#include <asm/signal.h>
#include <linux/falloc.h>
#include <linux/resource.h>

#define RW                          (PROT_READ | PROT_WRITE)
#define ANON                        (MAP_PRIVATE | MAP_ANONYMOUS)
#define map(len, prot)              ((long)sys_mmap(NULL, len, prot, ANON, -1, 0))
#define pwrite(fd, at, len, offset) syscall5(__NR_pwrite64, fd, (long)(at), len, offset, 0)
#define MB                          (1u << 20)

static long set(int resource, unsigned long cur, unsigned long max)
{
	struct rlimit limit = {cur, max};

	return syscall2(__NR_setrlimit, resource, (long)&limit);
}

static int address_space(void *arg)
{
	(void)arg;
	say("limit of 64 MB", set(RLIMIT_AS, 64 * MB, 64 * MB));
	say_ok("map 65 MB", map(65 * MB, PROT_NONE));
	say_ok("map 32 MB", map(32 * MB, PROT_NONE));
	say_ok("and 32 MB", map(32 * MB, PROT_NONE));
	say_ok("shared", (long)sys_mmap(NULL, 32 * MB, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	return 0;
}

static int data(void *arg)
{
	char *brk = sys_brk(NULL), *p = sys_mmap(NULL, 8 * MB, PROT_READ, ANON, -1, 0);

	(void)arg;
	say("limit of 4 MB", set(RLIMIT_DATA, 4 * MB, 4 * MB));
	line("heap of 5 MB: %s", sys_brk(brk + 5 * MB) == brk ? "no" : "yes");
	line("heap of 1 MB: %s", sys_brk(brk + MB) == brk ? "no" : "yes");
	say_ok("map 5 MB", map(5 * MB, RW));
	say_ok("map 1 MB", map(MB, RW));
	say_ok("5 MB to read", map(5 * MB, PROT_READ));
	say_ok("5 MB shared", (long)sys_mmap(NULL, 5 * MB, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	say("5 MB become writable", sys_mprotect(p, 5 * MB, RW));
	say("1 MB becomes writable", sys_mprotect(p, MB, RW));
	return 0;
}

static int no_data(void *arg)
{
	char *brk = sys_brk(NULL);

	(void)arg;
	say("a limit of 0", set(RLIMIT_DATA, 0, RLIM_INFINITY));
	line("a page of heap: %s", sys_brk(brk + PAGE_SIZE) == brk ? "no" : "yes");
	say_ok("map 1 MB", map(MB, RW)); /* meant for brk alone */
	say("0, and no more than 4 KB", set(RLIMIT_DATA, 0, PAGE_SIZE));
	say_ok("map 1 MB", map(MB, RW));
	return 0;
}

/* Its memory is ours, its limits are not. */
static int child_with_our_memory(void *arg)
{
	int status = 0, pid = syscall0(__NR_vfork);

	(void)arg;
	if (pid == 0) {
		set(RLIMIT_AS, 8 * MB, RLIM_INFINITY);
		sys_exit(is_error(map(16 * MB, RW)));
	}
	sys_wait4(pid, &status, 0, NULL);
	say_status("16 MB within 8", status);
	say_ok("16 MB for the parent", map(16 * MB, RW));
	return 0;
}

static int read_only_pages(void *arg)
{
	volatile char *p = arg;

	p[-1] = 1;
	return 0;
}

static int stack(void *arg)
{
	char *top = sys_mmap((void *)0x60000000, 64 * PAGE_SIZE, RW,
			     ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0);

	(void)arg;
	say("limit of 128 pages", set(RLIMIT_STACK, 128 * PAGE_SIZE, RLIM_INFINITY));
	say_status("64 pages and one", in_child(read_only_pages, top));
	say_status("128 pages", in_child(read_only_pages, top - 63 * PAGE_SIZE));
	say_status("129 pages", in_child(read_only_pages, top - 64 * PAGE_SIZE));
	return 0;
}

static int file_size_fatal(void *arg)
{
	pwrite((long)arg, "x", 1, 10000);
	return 0;
}

static int file_size(void *arg)
{
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		unsigned long mask[2];
	} ignore = {(void *)1, 0, NULL, {0, 0}};
	int fd = sys_open("tests/limits.tmp", O_RDWR | O_CREAT | O_TRUNC, 0644), pipe[2];
	static char block[5000];

	(void)arg;
	say("limit of 8192 bytes", set(RLIMIT_FSIZE, 8192, 8192));
	say_status("not ignored", in_child(file_size_fatal, (void *)(long)fd));
	syscall4(__NR_rt_sigaction, SIGXFSZ, (long)&ignore, 0, 8);
	say("a write", sys_write(fd, block, 5000));
	say("across the limit", sys_write(fd, block, 5000));
	say("at the limit", sys_write(fd, block, 1));
	say("nothing there", sys_write(fd, block, 0));
	say("behind it", pwrite(fd, block, 1, 100000));
	say("before it", pwrite(fd, block, 1, 0));
	say("longer", syscall2(__NR_ftruncate, fd, 8193));
	say("as long", syscall2(__NR_ftruncate, fd, 8192));
	say("shorter", syscall2(__NR_ftruncate, fd, 100));
	say("a pipe", syscall1(__NR_pipe, (long)pipe));
	for (int i = 0; i < 3; i++)
		say("knows no limit", sys_write(pipe[1], block, 5000));
	sys_close(fd);
	syscall1(__NR_unlink, (long)"tests/limits.tmp");
	return 0;
}

static int descriptors(void *arg)
{
	int fds[2];

	(void)arg;
	say("limit of 5", set(RLIMIT_NOFILE, 5, 5));
	say("3", syscall1(__NR_dup, 1));
	say("a pipe needs two", syscall1(__NR_pipe, (long)fds));
	say("4", syscall1(__NR_dup, 1));
	say("5", syscall1(__NR_dup, 1));
	say("to 5", syscall2(__NR_dup2, 1, 5));
	say("from 5 on", syscall3(__NR_fcntl64, 1, F_DUPFD, 5));
	say("to 4", syscall2(__NR_dup2, 1, 4));
	return 0;
}

static int processes(void *arg)
{
	int pid, status;

	(void)arg;
	say("limit of 2", set(RLIMIT_NPROC, 2, 2));
	pid = sys_fork(); /* root is not bound */
	if (pid == 0)
		sys_exit(0);
	sys_wait4(pid, &status, 0, NULL);
	say_status("root", status);
	say("another user", syscall3(__NR_setresuid32, 4242, 4242, 4242));
	pid = sys_fork();
	if (pid == 0) {
		say("a grandchild", sys_fork());
		sys_exit(0);
	}
	sys_wait4(pid, &status, 0, NULL);
	say_status("a child", status);
	pid = sys_fork();
	if (pid == 0)
		sys_exit(7);
	sys_wait4(pid, &status, 0, NULL);
	say_status("another when it is gone", status);
	say("a higher limit", set(RLIMIT_NPROC, 2, 3));
	say("a lower one", set(RLIMIT_NPROC, 1, 1));
	say("and back", set(RLIMIT_NPROC, 2, 2));
	return 0;
}

static int spin(void *arg)
{
	(void)arg;
	set(RLIMIT_CPU, 1, 2);
	for (volatile int stop = 0; !stop;)
		;
	return 0;
}

int main(void)
{
	say_status("address space", in_child(address_space, NULL));
	say_status("data", in_child(data, NULL));
	say_status("no data", in_child(no_data, NULL));
	say_status("the parent's memory", in_child(child_with_our_memory, NULL));
	say_status("stack", in_child(stack, NULL));
	say_status("file size", in_child(file_size, NULL));
	say_status("descriptors", in_child(descriptors, NULL));
	say_status("processes", in_child(processes, NULL));
	say_status("a second of time", in_child(spin, NULL));
	say("soft above hard", set(RLIMIT_CORE, 2, 1));
	say("no such limit", set(99, 1, 1));
	return 0;
}
