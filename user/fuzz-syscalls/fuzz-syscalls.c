/*
 * Random system calls from several processes, with pointers that are random, unmapped, the
 * kernel's, or half mapped.
 *
 *	fuzz-syscalls [SEED [CALLS [PROCESSES [MASK]]]]
 *
 * MASK selects what is called: 1 memory, 2 files, 4 processes, 8 time and the rest, 16 any number
 * at all, 32 signals, timers, futexes and threads. The same words give each process the same calls;
 * what they meet may differ, since they run side by side.
 *
 * This process makes no random call. It starts workers, each with a number of calls to do, and
 * starts new ones when they end, which is often: they unmap their text, write over their stack, kill
 * themselves. A worker counts in a page that it shares with this process, twice, once complemented,
 * so that a count it has scribbled over is not believed. A worker that makes no progress for a
 * while, asleep or waiting for itself, is killed.
 *
 * Not called: reboot, and kill of anything but the worker itself. Random call numbers are for
 * Pagoda only.
 */
#include "user/lib/io.h"
#include "user/lib/syscall.h"

#include <asm/signal.h>
#include <linux/sched.h>

#define MAX_WORKERS  16
#define CALLS_EACH   5000u
#define PATIENCE_MS  500                  /* without progress */
#define ARENA        ((char *)0x20000000) /* where a worker's pointers mostly point */
#define ARENA_PAGES  32u
#define ARENA_LEN    (ARENA_PAGES * PAGE_SIZE)
#define SCRATCH      "/fuzz-scratch"
#define RW           (PROT_READ | PROT_WRITE)
#define HIGHEST_CALL 460

enum {
	MEMORY = 1,
	FILES = 2,
	PROCESSES = 4,
	REST = 8,
	ANY = 16,
	SIGNALS = 32,
};

/* One worker's place in the shared page */
struct tally {
	volatile uint32_t done, not_done;
};

struct worker {
	int pid;
	uint32_t seen;     /* its count when we last looked */
	uint32_t quiet_ms; /* since when it has not changed */
};

static uint32_t state;

static uint32_t random_word(void)
{
	/* xorshift32; never 0 unless scribbled over */
	state = state ? state : 0x9e3779b9;
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static uint32_t below(uint32_t limit)
{
	return random_word() % limit;
}

static bool one_in(uint32_t n)
{
	return below(n) == 0;
}

/* --- arguments --- */

static const char *const paths[] = {
	"/",
	"/bin",
	"/bin/true",
	"/dev/null",
	"/init",
	"/proc/self/maps",
	"/proc/meminfo",
	"/no/such",
	"bin/../bin/true",
	"/bin/true/x",
	"/proc/self/pagemap",
	"/proc/self/stat",
	"/proc/slabinfo",
	"",
	"/proc",
};

static uint32_t random_pointer(void)
{
	switch (below(12)) {
	case 0:
		return below(0x10000);
	case 1: /* the kernel's half, and what is special in it */
		switch (below(5)) {
		case 0:
			return 0xc0000000 + below(0x100000);
		case 1:
			return 0xffc00000 + below(0x400000);
		case 2:
			return 0xff000000 + below(0x800000);
		case 3:
			return -below(64);
		default:
			return 0xc0000000 + below(0x40000000);
		}
	case 2: /* around the border */
		return 0xc0000000 - 32 + below(64);
	case 3: /* nothing is mapped behind the arena */
		return (uint32_t)ARENA + ARENA_LEN + below(PAGE_SIZE);
	case 4: /* half there */
		return (uint32_t)ARENA + ARENA_LEN - below(64);
	case 5: /* a part of the arena is read-only, a part without access */
		return (uint32_t)ARENA + below(4) * PAGE_SIZE + PAGE_SIZE - below(32);
	case 6:
		return random_word();
	case 7:
		return (uint32_t)random_pointer + below(PAGE_SIZE);
	default:
		return (uint32_t)ARENA + below(ARENA_LEN);
	}
}

static uint32_t random_path(void)
{
	return one_in(6) ? random_pointer() : (uint32_t)paths[below(ARRAY_SIZE(paths))];
}

static uint32_t random_len(void)
{
	static const uint32_t special[] = {
		0,          1,          4095,       4096,       4097,       0x10000,   0x400000,
		0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff, 0x3fffffff, 0xc0000000};

	if (one_in(8))
		return special[below(ARRAY_SIZE(special))];
	return one_in(3) ? below(64 * PAGE_SIZE) : below(8) * PAGE_SIZE;
}

/*
 * Where a mapping is made or changed: mostly in or right behind the arena, so that the worker lives
 * on.
 */
static uint32_t random_place(void)
{
	if (one_in(60))
		return random_word();
	if (one_in(60))
		return random_pointer();
	return (uint32_t)ARENA + below(4 * ARENA_PAGES) * PAGE_SIZE +
	       (one_in(20) ? below(PAGE_SIZE) : 0);
}

static uint32_t random_fd(void)
{
	return one_in(20) ? random_word() : below(12);
}

static uint32_t random_bits(void)
{
	return one_in(4) ? random_word() : random_word() & random_word() & random_word();
}

static uint32_t random_prot(void)
{
	return one_in(30) ? random_word() : below(8);
}

static uint32_t random_any(void)
{
	switch (below(4)) {
	case 0:
		return random_pointer();
	case 1:
		return random_len();
	case 2:
		return random_fd();
	default:
		return random_bits();
	}
}

/* --- calls --- */

/* Touches what a call gave us: most faults of a worker happen here. */
static void touch(long ret, uint32_t len)
{
	volatile char *p = (volatile char *)ret;

	if (is_error(ret) || !len || len > 0x10000000)
		return;
	*p;
	p[len - 1];
	if (one_in(2))
		*p = 1;
}

static void call_memory(void)
{
	uint32_t len = random_len(), prot = random_prot(), flags;
	long ret;

	switch (below(9)) {
	case 0:
	case 1:
		flags = one_in(20) ? random_word()
				   : (one_in(3) ? MAP_SHARED : MAP_PRIVATE) |
					     (one_in(3) ? 0 : MAP_ANONYMOUS) |
					     (one_in(4) ? MAP_FIXED : 0);
		ret = (long)sys_mmap((void *)random_place(), len, prot, flags, random_fd(),
				     one_in(3) ? random_word() : below(4));
		if ((prot & RW) == RW && one_in(4))
			touch(ret, len);
		break;
	case 2:
		sys_munmap((void *)random_place(), len);
		break;
	case 3:
	case 4:
		sys_mprotect((void *)random_place(), len, random_prot());
		break;
	case 5:
		ret = (long)sys_mremap((void *)random_place(), random_len(), len,
				       one_in(10) ? random_word() : below(4),
				       (void *)random_place());
		if (one_in(40))
			touch(ret, len);
		break;
	case 6:
		sys_madvise((void *)random_place(), len, one_in(2) ? MADV_DONTNEED : random_bits());
		break;
	case 7:
		ret = (long)sys_brk(NULL);
		sys_brk((void *)(one_in(10) ? random_word()
					    : (uint32_t)ret + below(0x40000) - 0x18000));
		break;
	default:
		syscall1(__NR_mmap, random_pointer());
	}
}

static void call_files(void)
{
	uint64_t at;
	int fd;

	switch (below(16)) {
	case 0:
		sys_open((char *)random_path(),
			 one_in(3) ? random_bits() & ~(O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)
				   : O_RDONLY,
			 0);
		break;
	case 1: /* the only file that is written to; it starts empty again each time */
		fd = sys_open(SCRATCH, O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (fd >= 0)
			sys_write(fd, (void *)random_pointer(), below(0x4000));
		break;
	case 2:
		syscall4(__NR_openat, one_in(2) ? AT_FDCWD : (long)random_fd(), random_path(),
			 O_RDONLY, 0);
		break;
	case 3:
	case 4:
		sys_close(random_fd());
		break;
	case 5:
	case 6:
		sys_read(random_fd(), (void *)random_pointer(), random_len());
		break;
	case 7:
		sys_write(random_fd(), (void *)random_pointer(), random_len() & 0xffff);
		break;
	case 8:
		syscall3(__NR_writev, random_fd(), random_pointer(),
			 one_in(4) ? random_word() : below(6));
		break;
	case 9:
		syscall3(__NR_readv, random_fd(), random_pointer(),
			 one_in(4) ? random_word() : below(6));
		break;
	case 10:
		sys_lseek(random_fd(), random_word(), below(5));
		break;
	case 11:
		sys_llseek(random_fd(), below(0x10000),
			   one_in(2) ? &at : (uint64_t *)random_pointer(), below(4));
		break;
	case 12:
		sys_stat64((char *)random_path(), (void *)random_pointer());
		sys_fstat64(random_fd(), (void *)random_pointer());
		break;
	case 13:
		syscall4(__NR_fstatat64, random_fd(), random_path(), random_pointer(),
			 random_bits());
		syscall5(__NR_statx, one_in(2) ? AT_FDCWD : (long)random_fd(), random_path(),
			 random_bits(), random_word(), random_pointer());
		break;
	case 14: /* not blocking, or a worker would wait for itself for ever */
		syscall2(__NR_pipe2, random_pointer(),
			 one_in(10) ? random_word() | O_NONBLOCK : O_NONBLOCK);
		break;
	default:
		syscall1(__NR_dup, random_fd());
		syscall2(__NR_dup2, random_fd(), random_fd());
	}
}

/* A new process that ends at once, before it can use the stack that it may share with us. */
static void fork_and_end(long nr, long flags, long stack)
{
	long ret;

	asm volatile("int $0x80\n\t"
		     "test %%eax, %%eax\n\t"
		     "jnz 1f\n\t"
		     "movl %2, %%eax\n\t"
		     "xorl %%ebx, %%ebx\n\t"
		     "int $0x80\n"
		     "1:"
		     : "=a"(ret), "+b"(flags)
		     : "i"(__NR_exit), "a"(nr), "c"(stack), "d"(0), "S"(0), "D"(0)
		     : "memory");
	if (ret > 0)
		sys_wait4(ret, NULL, one_in(4) ? WNOHANG : 0, NULL);
}

static void call_processes(void)
{
	uint32_t words[4];

	switch (below(24)) {
	case 0:
		fork_and_end(__NR_fork, 0, 0);
		break;
	case 1:
		fork_and_end(__NR_vfork, 0, 0);
		break;
	case 2:
		fork_and_end(__NR_clone,
			     one_in(2) ? SIGCHLD
				       : SIGCHLD | (random_bits() & ~CLONE_PARENT & ~0xff),
			     one_in(2) ? 0 : (long)random_pointer());
		break;
	case 3: /* ends the worker when it succeeds: mostly it must not */
		for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
			words[i] = random_pointer();
		syscall3(__NR_execve, one_in(40) ? (long)"/bin/true" : (long)random_pointer(),
			 one_in(2) ? (long)words : (long)random_pointer(), random_pointer());
		break;
	case 4:
		if (one_in(30))
			sys_kill(sys_getpid(), below(70));
		break;
	case 5:
		if (one_in(100))
			syscall1(one_in(2) ? __NR_exit : __NR_exit_group, random_word());
		break;
	case 6:
	case 7:
		syscall4(__NR_wait4, random_word(), random_pointer(), random_bits() | WNOHANG,
			 random_pointer());
		break;
	case 8:
	case 9:
		syscall3(__NR_waitpid, random_word() | 0x40000000, random_pointer(), WNOHANG);
		break;
	case 10:
	case 11:
		sys_sched_yield();
		break;
	default:
		syscall0(one_in(2) ? __NR_getpid : __NR_getppid);
		syscall0(__NR_gettid);
	}
}

static uint32_t thread_stack(void)
{
	return one_in(4) ? random_pointer() : (uint32_t)ARENA + ARENA_LEN - 64;
}

/* Handlers, masks, timers, futexes, threads. Nothing waits for long: a timer runs. */
static void call_signals(void)
{
	static const int signals[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGSEGV, SIGCHLD, SIGTSTP,
				      SIGCONT, SIGPIPE, SIGILL,  SIGBUS,  34,      64};
	uint32_t *words = (uint32_t *)ARENA;
	int signo = one_in(10) ? (int)random_word() : signals[below(ARRAY_SIZE(signals))];
	uint32_t at = random_pointer(), nothing[2] = {0, below(3000000)};

	switch (below(14)) {
	case 0:
		words[0] = one_in(2) ? below(2) : random_pointer();
		words[1] = random_word();
		words[2] = one_in(2) ? random_pointer() : random_word();
		syscall4(__NR_rt_sigaction, signo, one_in(3) ? at : (uint32_t)words,
			 one_in(2) ? 0 : random_pointer(), 8);
		break;
	case 1:
		syscall4(__NR_rt_sigprocmask, below(4), at, one_in(2) ? 0 : random_pointer(), 8);
		break;
	case 2:
		syscall2(__NR_sigaltstack, at, random_pointer());
		break;
	case 3:
		if (one_in(8))
			syscall0(one_in(2) ? __NR_sigreturn : __NR_rt_sigreturn);
		syscall3(__NR_sigaction, signo, at, random_pointer());
		break;
	case 4:
		syscall3(__NR_tgkill, sys_getpid(), syscall0(__NR_gettid), signo);
		break;
	case 5:
		syscall3(__NR_rt_sigqueueinfo, sys_getpid(), signo, at);
		break;
	case 6:
		syscall4(__NR_rt_sigtimedwait, at, random_pointer(), (long)nothing, 8);
		break;
	case 7:
		syscall3(__NR_setitimer, below(4), at, random_pointer());
		break;
	case 8:
		syscall2(__NR_getitimer, below(4), at);
		syscall1(__NR_alarm, below(2));
		break;
	case 9:
		syscall6(one_in(2) ? __NR_futex : __NR_futex_time64, at,
			 below(14) | (below(4) << 7), below(4), (long)nothing, random_pointer(),
			 random_word());
		break;
	case 10:
		fork_and_end(__NR_clone,
			     CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
				     (one_in(2) ? CLONE_VFORK : 0),
			     thread_stack());
		break;
	case 11:
		syscall2(__NR_set_robust_list, at, 12);
		syscall1(__NR_set_tid_address, random_pointer());
		break;
	case 12:
		syscall5(__NR_waitid, below(4), random_word(), at, random_bits() | WNOHANG, 0);
		break;
	default:
		syscall5(__NR_prctl, below(60), at, 0, 0, 0);
	}
}

static void call_rest(void)
{
	struct timespec moment = {.tv_nsec = below(2000)};

	switch (below(12)) {
	case 0:
		sys_uname((void *)random_pointer());
		break;
	case 1:
		syscall2(__NR_gettimeofday, random_pointer(),
			 one_in(2) ? 0 : (long)random_pointer());
		break;
	case 2:
		syscall2(__NR_clock_gettime, below(14), random_pointer());
		break;
	case 3:
		syscall2(__NR_clock_gettime64, random_bits(), random_pointer());
		break;
	case 4: /* a bad pointer, or a moment: what lies in the arena could be a year */
		if (one_in(8))
			sys_nanosleep(&moment, (void *)random_pointer());
		else
			sys_nanosleep((void *)(0xc0000000 + below(0x3fffffff)), NULL);
		break;
	case 5:
		syscall1(__NR_set_thread_area, random_pointer());
		break;
	default: /* what a C library calls when it starts; it need not be there */
		syscall5((const long[]){__NR_set_tid_address, __NR_set_robust_list, __NR_rseq,
					__NR_ugetrlimit, __NR_getrandom, __NR_readlink,
					__NR_prlimit64, __NR_access, __NR_getuid32}[below(9)],
			 random_pointer(), random_pointer(), random_bits(), random_pointer(), 0);
	}
}

/*
 * Not here: what stops the machine, what signals others, what waits for a signal, and forks, which
 * have their own case.
 */
static bool is_left_out(uint32_t nr)
{
	static const uint16_t left_out[] = {
		__NR_reboot,
		__NR_kill,
		__NR_tkill,
		__NR_tgkill,
		__NR_rt_sigqueueinfo,
		__NR_pause,
		__NR_fork,
		__NR_vfork,
		__NR_clone,
		__NR_rt_tgsigqueueinfo,
		__NR_clone3,
		__NR_exit,
		__NR_exit_group,
		__NR_rt_sigsuspend,
		__NR_sigsuspend,
		__NR_nanosleep,
		__NR_clock_nanosleep,
		__NR_clock_nanosleep_time64,
		__NR_pidfd_send_signal,
		__NR_waitpid,
		__NR_wait4,
		__NR_waitid,
		__NR_open,
		__NR_openat,
		__NR_creat,
		__NR_truncate,
		__NR_unlink,
		__NR_rename,
		__NR_unlinkat,
		__NR_renameat,
		__NR_renameat2,
		__NR_rmdir,
		__NR_openat2,
		__NR_truncate64,
		__NR_pipe,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(left_out); i++)
		if (left_out[i] == nr)
			return true;
	return false;
}

static void call_any(void)
{
	uint32_t nr = one_in(20) ? random_word() : below(HIGHEST_CALL);

	if (!is_left_out(nr))
		syscall6(nr, random_any(), random_any(), random_any(), random_any(), random_any(),
			 random_any());
}

/* --- a worker --- */

static void make_arena(void)
{
	uint32_t *word;

	if (is_error_ptr(
		    sys_mmap(ARENA, ARENA_LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)))
		return;
	sys_munmap(ARENA + ARENA_LEN, PAGE_SIZE);
	/* values that structures may hold: pointers, lengths, small numbers */
	for (word = (uint32_t *)ARENA; word < (uint32_t *)(ARENA + 6 * PAGE_SIZE);
	     word += 1 + below(16))
		*word = random_any();
	sys_mprotect(ARENA + PAGE_SIZE, PAGE_SIZE, PROT_READ);
	sys_mprotect(ARENA + 3 * PAGE_SIZE, PAGE_SIZE, PROT_NONE);
}

static void __attribute__((noreturn))
work(struct tally *tally, uint32_t seed, uint32_t calls, uint32_t mask)
{
	static void (*const groups[])(void) = {call_memory, call_files, call_processes,
					       call_rest,   call_any,   call_signals};
	int null;

	/* what is written must not be seen, what is read must not wait for a key */
	for (int fd = 0; fd < 3; fd++)
		sys_close(fd);
	do
		null = sys_open("/dev/null", O_RDWR, 0);
	while (null >= 0 && null < 2);

	state = seed;
	for (uint32_t done = 0; done < calls; done++) {
		uint32_t group;

		if (done % 256 == 0)
			make_arena();
		tally->done = done;
		tally->not_done = ~done;
		do
			group = below(ARRAY_SIZE(groups));
		while (!(mask >> group & 1));
		groups[group]();
	}
	tally->done = calls;
	tally->not_done = ~calls;
	sys_exit(0);
}

/* --- the process that starts them --- */

static uint32_t count_of(const struct tally *tally)
{
	uint32_t done = tally->done;

	return tally->not_done == ~done && done <= CALLS_EACH ? done : 0;
}

static bool is_pagoda(void)
{
	int fd = sys_open("/proc/self/pagewalk", O_RDONLY, 0);

	if (fd >= 0)
		sys_close(fd);
	return fd >= 0;
}

struct totals {
	uint32_t calls, workers, early, stuck;
};

static int start_worker(struct tally *tally, uint32_t seed, uint32_t mask)
{
	int pid;

	tally->done = 0;
	tally->not_done = ~0u;
	pid = sys_fork();
	if (pid == 0)
		work(tally, seed, CALLS_EACH, mask);
	return pid;
}

/* Kills a worker that has made no progress since we looked last, PATIENCE_MS long. */
static void watch(struct worker *worker, const struct tally *tally, uint32_t passed_ms,
		  struct totals *totals)
{
	uint32_t count = tally->done;

	if (count != worker->seen) {
		worker->seen = count;
		worker->quiet_ms = 0;
		return;
	}
	worker->quiet_ms += passed_ms;
	if (worker->quiet_ms >= PATIENCE_MS) {
		totals->stuck++;
		worker->quiet_ms = 0;
		sys_kill(worker->pid, SIGKILL);
	}
}

static struct totals run(uint32_t seed, uint32_t calls, uint32_t nr_workers, uint32_t mask,
			 struct tally *tallies)
{
	const struct timespec tick = {.tv_nsec = 10 * 1000 * 1000};
	struct worker workers[MAX_WORKERS] = {0};
	struct totals totals = {0};
	uint32_t said = 0, failed = 0;

	for (;;) {
		uint32_t running = 0;
		int status, pid;

		for (uint32_t i = 0; i < nr_workers; i++) {
			if (!workers[i].pid && totals.calls < calls) {
				/* each worker of a run has its own seed, the same in every run */
				pid = start_worker(&tallies[i],
						   (seed + totals.workers * 0x9e3779b9u) | 1, mask);
				if (pid > 0) {
					workers[i] = (struct worker){.pid = pid};
					totals.workers++;
				} else {
					failed++;
				}
			}
			running += workers[i].pid != 0;
		}
		if (!running && (totals.calls >= calls || failed > 1000))
			return totals;
		while ((pid = sys_wait4(-1, &status, WNOHANG, NULL)) > 0)
			for (uint32_t i = 0; i < nr_workers; i++)
				if (workers[i].pid == pid) {
					workers[i].pid = 0;
					totals.calls += count_of(&tallies[i]);
					totals.early += status != 0;
				}
		if (totals.calls / 100000 != said) {
			said = totals.calls / 100000;
			printf("fuzz: %u calls, %u workers\n", totals.calls, totals.workers);
		}
		sys_nanosleep(&tick, NULL);
		for (uint32_t i = 0; i < nr_workers; i++)
			if (workers[i].pid)
				watch(&workers[i], &tallies[i], tick.tv_nsec / 1000000, &totals);
	}
}

int main(int argc, char *argv[])
{
	uint32_t seed = argc > 1 ? parse_number(argv[1], NULL) : 1;
	uint32_t calls = argc > 2 ? parse_number(argv[2], NULL) : 1000000;
	uint32_t nr_workers = argc > 3 ? parse_number(argv[3], NULL) : 4;
	uint32_t mask = argc > 4 ? parse_number(argv[4], NULL) : 0x3f;
	struct tally *tallies = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct totals totals;

	if (is_error_ptr(tallies)) {
		printf("fuzz: no shared memory, error %ld\n", -(long)tallies);
		return 1;
	}
	if (!is_pagoda())
		mask &= ~ANY;
	if (!(mask & 0x3f) || !nr_workers || nr_workers > MAX_WORKERS) {
		printf("usage: fuzz-syscalls [SEED [CALLS [PROCESSES (1-%d) [MASK (1-63)]]]]\n",
		       MAX_WORKERS);
		return 1;
	}
	printf("fuzz: seed %u, %u calls, %u processes, mask 0x%x\n", seed, calls, nr_workers, mask);
	totals = run(seed, calls, nr_workers, mask, tallies);
	printf("fuzz: %u workers, %u of them ended early, %u were stuck\n", totals.workers,
	       totals.early, totals.stuck);
	printf("fuzz: %u calls done\n", totals.calls);
	return totals.calls >= calls ? 0 : 1;
}
