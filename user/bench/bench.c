/*
 * What operations cost, counted by the time-stamp counter: `bench NAME min=N median=N` for each.
 *
 * Under `qemu -icount shift=0` the counter counts guest instructions, and two runs give the same
 * numbers. Nothing is subtracted. What the measuring itself adds: about 6 instructions for a pair
 * of counter readings; in a loop over pages or calls, 2 to 4 instructions a turn; at each call, 3
 * to 8 that load the registers (through syscall6, 20).
 *
 * Every operation is done once unmeasured and then RUNS times. Words on the command line select
 * operations by name.
 */
#include "user/lib/io.h"
#include "user/lib/syscall.h"

#include <asm/sigcontext.h>
#include <asm/signal.h>

#define RUNS       31
#define PAGES      1024u /* 4 MB */
#define LEN        (PAGES * PAGE_SIZE)
#define CALLS      64
#define RW         (PROT_READ | PROT_WRITE)
#define ANON       (MAP_PRIVATE | MAP_ANONYMOUS)
#define CACHED     "/bin/malloc-demo" /* any file of some hundred KB */
#define FILE_PAGES 150u

static inline uint32_t counter(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return low;
}

static bool has_counter(void)
{
	uint32_t was, is, a = 1, b, c, d;

	/* CPUID is there where the ID flag can be changed */
	asm volatile(
		"pushfl; popl %0; movl %0, %1; xorl $0x200000, %1; pushl %1; popfl; pushfl; popl %1"
		: "=&r"(was), "=&r"(is));
	if (!((was ^ is) & 0x200000))
		return false;
	asm volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return d & 0x10;
}

static void __attribute__((noreturn)) stop(const char *what, long error)
{
	printf("bench: %s failed, error %ld\n", what, -error);
	sys_exit(1);
}

static char *map(size_t len, int flags)
{
	char *p = sys_mmap(NULL, len, RW, flags, -1, 0);

	if (is_error_ptr(p))
		stop("mmap", (long)p);
	sys_madvise(p, len, MADV_NOHUGEPAGE);
	return p;
}

static int fork_or_stop(void)
{
	int pid = sys_fork();

	if (pid < 0)
		stop("fork", pid);
	return pid;
}

static inline void read_pages(volatile char *p, uint32_t pages)
{
	for (; pages; pages--, p += PAGE_SIZE)
		*p;
}

static inline void write_pages(volatile char *p, uint32_t pages)
{
	for (; pages; pages--, p += PAGE_SIZE)
		*p = 1;
}

static uint32_t null_syscall(void)
{
	uint32_t start = counter();

	for (int i = 0; i < CALLS; i++)
		sys_getppid();
	return (counter() - start) / CALLS;
}

static uint32_t read_fault(void)
{
	char *p = map(LEN, ANON);
	uint32_t start = counter(), took;

	read_pages(p, PAGES);
	took = counter() - start;
	sys_munmap(p, LEN);
	return took / PAGES;
}

static uint32_t write_fault(void)
{
	char *p = map(LEN, ANON);
	uint32_t start = counter(), took;

	write_pages(p, PAGES);
	took = counter() - start;
	sys_munmap(p, LEN);
	return took / PAGES;
}

static uint32_t write_after_read(void)
{
	char *p = map(LEN, ANON);
	uint32_t start, took;

	read_pages(p, PAGES);
	start = counter();
	write_pages(p, PAGES);
	took = counter() - start;
	sys_munmap(p, LEN);
	return took / PAGES;
}

/*
 * Forks with 4 MB written. The child, if it is to write, sends what that took; then the parent
 * writes, alone.
 */
static uint32_t after_fork(bool child_writes)
{
	char *p = map(LEN, ANON);
	uint32_t start, took = 0;
	int fds[2], pid;

	write_pages(p, PAGES);
	sys_pipe(fds);
	pid = fork_or_stop();
	if (pid == 0) {
		start = counter();
		if (child_writes)
			write_pages(p, PAGES);
		took = counter() - start;
		sys_write(fds[1], &took, sizeof(took));
		sys_exit(0);
	}
	sys_wait4(pid, NULL, 0, NULL);
	sys_read(fds[0], &took, sizeof(took));
	sys_close(fds[0]);
	sys_close(fds[1]);
	if (!child_writes) {
		start = counter();
		write_pages(p, PAGES);
		took = counter() - start;
	}
	sys_munmap(p, LEN);
	return took / PAGES;
}

static uint32_t cow_break(void)
{
	return after_fork(true);
}

static uint32_t cow_reuse(void)
{
	return after_fork(false);
}

static uint32_t fork_small(void)
{
	uint32_t start = counter();
	int pid = fork_or_stop();

	if (pid == 0)
		sys_exit(0);
	sys_wait4(pid, NULL, 0, NULL);
	return counter() - start;
}

static uint32_t fork_4mb(void)
{
	char *p = map(LEN, ANON);
	uint32_t took;

	write_pages(p, PAGES);
	took = fork_small();
	sys_munmap(p, LEN);
	return took;
}

static uint32_t fork_exec(void)
{
	static char *const argv[] = {"true", NULL}, *const envp[] = {NULL};
	uint32_t start = counter();
	int pid = fork_or_stop(), status;

	if (pid == 0) {
		sys_execve("/bin/true", argv, envp);
		sys_exit(1);
	}
	sys_wait4(pid, &status, 0, NULL);
	start = counter() - start;
	if (status)
		stop("exec of /bin/true", -ENOENT);
	return start;
}

static uint32_t mmap_4mb(void)
{
	uint32_t start = counter();
	char *p = sys_mmap(NULL, LEN, RW, ANON, -1, 0);

	sys_munmap(p, LEN);
	return counter() - start;
}

static uint32_t munmap_page(void)
{
	char *p = map(LEN, ANON);
	uint32_t start;

	write_pages(p, PAGES);
	start = counter();
	sys_munmap(p, LEN);
	return (counter() - start) / PAGES;
}

static uint32_t mmap_page(void)
{
	uint32_t start = counter();
	char *p = sys_mmap(NULL, PAGE_SIZE, RW, ANON, -1, 0);

	*(volatile char *)p = 1;
	sys_munmap(p, PAGE_SIZE);
	return counter() - start;
}

static uint32_t brk_page(void)
{
	char *top = sys_brk(NULL);
	uint32_t start;

	top += -(uintptr_t)top & (PAGE_SIZE - 1);
	sys_brk(top);
	start = counter();
	sys_brk(top + PAGE_SIZE);
	*(volatile char *)top = 1;
	sys_brk(top);
	return counter() - start;
}

/* A written mapping whose neighbours on both sides are not like it. */
static char *fenced(uint32_t pages)
{
	char *p = map((pages + 2) * PAGE_SIZE, ANON);

	sys_mprotect(p, PAGE_SIZE, PROT_NONE);
	sys_mprotect(p + (pages + 1) * PAGE_SIZE, PAGE_SIZE, PROT_NONE);
	write_pages(p + PAGE_SIZE, pages);
	return p + PAGE_SIZE;
}

static void unmap_fenced(char *p, uint32_t pages)
{
	sys_munmap(p - PAGE_SIZE, (pages + 2) * PAGE_SIZE);
}

static uint32_t mprotect_1mb(void)
{
	char *p = fenced(256);
	uint32_t start = counter();

	sys_mprotect(p, 256 * PAGE_SIZE, PROT_READ);
	sys_mprotect(p, 256 * PAGE_SIZE, RW);
	start = counter() - start;
	unmap_fenced(p, 256);
	return start;
}

static uint32_t mprotect_page(void)
{
	char *p = fenced(16);
	uint32_t start = counter();

	sys_mprotect(p + 8 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	sys_mprotect(p + 8 * PAGE_SIZE, PAGE_SIZE, RW);
	start = counter() - start;
	unmap_fenced(p, 16);
	return start;
}

static uint32_t pipe_round(void)
{
	int there[2], back[2], pid;
	uint32_t start;
	char byte = 1;

	sys_pipe(there);
	sys_pipe(back);
	pid = fork_or_stop();
	if (pid == 0) {
		sys_close(there[1]);
		while (sys_read(there[0], &byte, 1) == 1)
			sys_write(back[1], &byte, 1);
		sys_exit(0);
	}
	sys_write(there[1], &byte, 1);
	sys_read(back[0], &byte, 1);
	start = counter();
	for (int i = 0; i < CALLS; i++) {
		sys_write(there[1], &byte, 1);
		sys_read(back[0], &byte, 1);
	}
	start = counter() - start;
	for (int i = 0; i < 2; i++) {
		sys_close(there[i]);
		sys_close(back[i]);
	}
	sys_wait4(pid, NULL, 0, NULL);
	return start / CALLS;
}

/* Two processes that do nothing but give way: a yield takes two switches until it returns. */
static uint32_t yield_switch(void)
{
	int pid = fork_or_stop();
	uint32_t start;

	if (pid == 0)
		for (;;)
			sys_sched_yield();
	sys_sched_yield();
	start = counter();
	for (int i = 0; i < CALLS; i++)
		sys_sched_yield();
	start = counter() - start;
	sys_kill(pid, SIGKILL);
	sys_wait4(pid, NULL, 0, NULL);
	return start / CALLS / 2;
}

static int cached_file(void)
{
	static char buffer[PAGE_SIZE];
	int fd = sys_open(CACHED, O_RDONLY, 0);
	uint32_t pages = 0;

	if (fd < 0)
		stop("open of " CACHED, fd);
	while (sys_read(fd, buffer, sizeof(buffer)) == (long)sizeof(buffer))
		pages++;
	if (pages < FILE_PAGES)
		stop("reading " CACHED ", which is too short", -EINVAL);
	sys_lseek(fd, 0, 0);
	return fd;
}

static uint32_t file_pages(void (*touch)(volatile char *, uint32_t))
{
	int fd = cached_file();
	char *p = sys_mmap(NULL, FILE_PAGES * PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	uint32_t start;

	if (is_error_ptr(p))
		stop("mmap of a file", (long)p);
	start = counter();
	touch(p, FILE_PAGES);
	start = counter() - start;
	sys_munmap(p, FILE_PAGES * PAGE_SIZE);
	sys_close(fd);
	return start / FILE_PAGES;
}

static uint32_t file_fault(void)
{
	return file_pages(read_pages);
}

static uint32_t file_write_fault(void)
{
	return file_pages(write_pages);
}

static uint32_t shared_fault(void)
{
	char *p = map(LEN, MAP_SHARED | MAP_ANONYMOUS);
	uint32_t start = counter();

	write_pages(p, PAGES);
	start = counter() - start;
	sys_munmap(p, LEN);
	return start / PAGES;
}

static uint32_t read_4k(void)
{
	static char buffer[PAGE_SIZE] __attribute__((aligned(4096)));
	int fd = cached_file();
	uint32_t start;

	buffer[0] = 1;
	start = counter();
	sys_read(fd, buffer, sizeof(buffer));
	start = counter() - start;
	sys_close(fd);
	return start;
}

struct handler { /* struct sigaction of the kernel */
	void (*handler)(int signo, struct sigcontext context);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* Goes on behind the instruction: mov eax, [eax] is two bytes. */
static void skip(int signo, struct sigcontext context)
{
	(void)signo;
	((volatile struct sigcontext *)&context)->eip += 2;
}

static void __attribute__((naked)) restorer(void)
{
	asm volatile("popl %%eax\n\tmovl %0, %%eax\n\tint $0x80" ::"i"(__NR_sigreturn));
}

/* A fault, its handler, and back. */
static uint32_t sigsegv(void)
{
	struct handler action = {skip, SA_RESTORER, restorer, 0};
	uint32_t start;

	syscall4(__NR_rt_sigaction, SIGSEGV, (long)&action, 0, sizeof(uint64_t));
	start = counter();
	for (int i = 0; i < CALLS; i++)
		asm volatile("xorl %%eax, %%eax\n\tmovl (%%eax), %%eax" ::: "eax", "memory");
	start = counter() - start;
	action.handler = NULL;
	syscall4(__NR_rt_sigaction, SIGSEGV, (long)&action, 0, sizeof(uint64_t));
	return start / CALLS;
}

/* Opened, read and closed. */
static uint32_t read_report(const char *path)
{
	char text[4096];
	uint32_t start = counter();
	int fd = sys_open(path, O_RDONLY, 0);

	if (fd < 0 || sys_read(fd, text, sizeof(text)) < 100)
		stop(path, fd);
	sys_close(fd);
	return counter() - start;
}

/* smaps_rollup of a program that has mapped 1 GB and touched so many pages of it. */
static uint32_t rollup(uint32_t pages)
{
	char *p = map(1u << 30, ANON | MAP_NORESERVE);
	uint32_t took;

	write_pages(p, pages);
	took = read_report("/proc/self/smaps_rollup");
	sys_munmap(p, 1u << 30);
	return took;
}

static uint32_t rollup_empty(void)
{
	return rollup(0);
}

static uint32_t rollup_page(void)
{
	return (rollup(PAGES) - rollup(0)) / PAGES;
}

static uint32_t buddyinfo(void)
{
	return read_report("/proc/buddyinfo");
}

static uint32_t pagetypeinfo(void)
{
	return read_report("/proc/pagetypeinfo");
}

/* With every other one of 16,384 frames free: thousands of free blocks of one frame. */
static uint32_t fragmented(uint32_t (*report)(void))
{
	size_t pages = 16384;
	char *p = map(pages * PAGE_SIZE, ANON);
	uint32_t took;

	write_pages(p, pages);
	for (size_t i = 0; i < pages; i += 2)
		sys_madvise(p + i * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED);
	took = report();
	sys_munmap(p, pages * PAGE_SIZE);
	return took;
}

static uint32_t buddyinfo_fragmented(void)
{
	return fragmented(buddyinfo);
}

static uint32_t pagetypeinfo_fragmented(void)
{
	return fragmented(pagetypeinfo);
}

static const struct {
	const char *name;
	uint32_t (*run)(void);
} operations[] = {
	{"null-syscall", null_syscall},   {"read-fault", read_fault},
	{"write-fault", write_fault},     {"write-after-read", write_after_read},
	{"cow-break", cow_break},         {"cow-reuse", cow_reuse},
	{"fork-small", fork_small},       {"fork-4mb", fork_4mb},
	{"fork-exec", fork_exec},         {"mmap-4mb", mmap_4mb},
	{"munmap-page", munmap_page},     {"mmap-page", mmap_page},
	{"brk-page", brk_page},           {"mprotect-1mb", mprotect_1mb},
	{"mprotect-page", mprotect_page}, {"pipe", pipe_round},
	{"yield", yield_switch},          {"sigsegv", sigsegv},
	{"file-fault", file_fault},       {"file-write-fault", file_write_fault},
	{"shared-fault", shared_fault},   {"read-4k", read_4k},
	{"rollup-1gb", rollup_empty},     {"rollup-page", rollup_page},
	{"buddyinfo", buddyinfo},         {"buddyinfo-fragmented", buddyinfo_fragmented},
	{"pagetypeinfo", pagetypeinfo},   {"pagetypeinfo-fragmented", pagetypeinfo_fragmented},
};

static bool selected(const char *name, char *words[])
{
	if (!*words)
		return true;
	for (; *words; words++)
		if (!strcmp(*words, name))
			return true;
	return false;
}

int main(int argc, char *argv[])
{
	uint32_t took[RUNS];

	(void)argc;
	if (!has_counter()) {
		printf("bench: this processor has no time-stamp counter\n");
		return 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++) {
		if (!selected(operations[i].name, argv + 1))
			continue;
		operations[i].run();
		for (int run = 0; run < RUNS; run++) {
			uint32_t value = operations[i].run();
			int at = run;

			for (; at && took[at - 1] > value; at--)
				took[at] = took[at - 1];
			took[at] = value;
		}
		printf("bench %s min=%u median=%u\n", operations[i].name, took[0], took[RUNS / 2]);
	}
	return 0;
}
