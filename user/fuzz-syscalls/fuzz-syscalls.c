/*
 * Random system calls from several processes, with arguments that mean something, nearly mean
 * something, or mean nothing.
 *
 *	fuzz-syscalls [SEED [CALLS [PROCESSES [MASK]]]]
 *
 * MASK selects what is called: 1 memory, 2 files and mounts, 4 processes and threads, 8 time and the
 * rest, 16 any number at all, 32 signals, timers and futexes. The same words give each process the
 * same calls; what they meet may differ, since they run side by side. For Pagoda only: it would do
 * to Linux what it does here.
 *
 * This process makes no random call. It starts workers, each with a number of calls to do and a root
 * directory of its own, and starts new ones when they end, which is often: they unmap their text,
 * write over their stack, kill each other. A worker counts in a page that it shares with this
 * process, twice, once complemented, so that a count it has scribbled over is not believed.
 *
 * What must not happen:
 *
 *	a panic
 *	a process that SIGKILL does not end. One that makes no progress for a while, asleep or waiting for
 *	itself or stopped, is killed, and so are all that the workers left behind
 *	a structure that is not whole (/proc/pagoda/check), looked at after every 100,000 calls
 *	anything left over: when all workers are gone, /proc/pagoda/counts is what it was after the
 *	first ones had gone (looked at where no other process runs)
 */
#include "user/fuzz-syscalls/fuzz.h"
#include "user/lib/machine.h"
#include "user/lib/proc.h"

#include <asm/signal.h>
#include <linux/stat.h>

#define PATIENCE_MS   300u  /* without progress */
#define LIFE_MS       5000u /* a thread of it that runs wild does not keep it from progress */
#define GRACE_MS      20000u /* from SIGKILL to the end: others run meanwhile, out of memory perhaps */
#define TICK_MS       10u
#define SAY_EACH      100000u
#define WARM_UP_CALLS 20000u
#define MNT_DETACH    2

struct worker {
	int pid;
	uint32_t seen;     /* its count when we last looked */
	uint32_t quiet_ms; /* since when it has not changed */
	uint32_t age_ms;
	bool killed;
};

struct shared *shared;
uint32_t starter;

static struct worker workers[MAX_WORKERS];
static uint32_t nr_workers;

static struct {
	uint32_t calls, workers, early, killed, left_over;
	bool failed;
} totals;

static char text[16 * 1024];

static void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
	static char message[900];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	printf("fuzz: FAILED: %s\n", message);
	totals.failed = true;
}

static void wait_a_tick(void)
{
	const struct timespec tick = {.tv_nsec = TICK_MS * 1000 * 1000};

	sys_nanosleep(&tick, NULL);
}

/* --- roots --- */

static const char *root_of(uint32_t index)
{
	static char name[16];

	snprintf(name, sizeof(name), "/fuzz-%u", index);
	return name;
}

/* The last mount at or below a name, "" for none. What was mounted last lies on top. */
static void last_mount_below(const char *name, char *to, size_t size)
{
	size_t len = strlen(name);
	char *line = text;

	to[0] = '\0';
	if (read_file("/proc/mounts", text, sizeof(text)) < 0)
		return;
	while (*line) {
		char *end = strchr(line, '\n'), *place = strchr(line, ' ');

		if (!end || !place)
			return;
		place++;
		*strchr(place, ' ') = '\0';
		if (!strncmp(place, name, len) && (!place[len] || place[len] == '/'))
			snprintf(to, size, "%s", place);
		line = end + 1;
	}
}

static void take_root_away(uint32_t index)
{
	char place[256];

	for (;;) {
		int err;

		last_mount_below(root_of(index), place, sizeof(place));
		if (!place[0])
			return;
		err = syscall2(__NR_umount2, (long)place, MNT_DETACH);
		if (err) /* another mount hides the way to it */
			err = syscall2(__NR_umount2, (long)root_of(index), MNT_DETACH);
		if (err) {
			fail("%s cannot be unmounted, error %d", place, -err);
			return;
		}
	}
}

static bool make_root(uint32_t index)
{
	const char *root = root_of(index);

	syscall2(__NR_mkdir, (long)root, 0755);
	return !syscall5(__NR_mount, (long)"fuzz", (long)root, (long)"tmpfs", 0,
			 (long)"size=1m,nr_inodes=200");
}

/* --- the machine --- */

static void check(void)
{
	if (!machine_check())
		totals.failed = true;
}

/* Segments of shared memory outlive who made them. */
static void remove_segments(void)
{
	char answer[128];

	for (uint32_t i = 0; i < 4096; i++) {
		long id = syscall3(__NR_shmctl, i, 13 /* SHM_STAT */, (long)answer);

		if (id >= 0)
			syscall3(__NR_shmctl, id, 0 /* IPC_RMID */, 0);
	}
}

/* --- who is there --- */

/* Calls what for each process that came after this one: how many there are. */
static uint32_t for_each_later(void (*what)(uint32_t pid))
{
	struct pids pids;
	uint32_t nr = 0;

	for (uint32_t pid = pids_first(&pids); pid; pid = pids_next(&pids))
		if (pid > starter) {
			what(pid);
			nr++;
		}
	return nr;
}

/* Nobody but process 1 and this one, so that what is left over was the workers'. */
static bool is_alone(void)
{
	struct pids pids;
	uint32_t nr = 0;

	for (uint32_t pid = pids_first(&pids); pid; pid = pids_next(&pids))
		nr++;
	return nr == 2;
}

static void kill_it(uint32_t pid)
{
	sys_kill(pid, SIGKILL);
}

static void say_stuck(uint32_t pid)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/%u/status", pid);
	if (read_file(name, text, 400) > 0)
		printf("fuzz: process %u, killed and still there:\n%s\n", pid, text);
	totals.failed = true;
}

/* All that the workers left behind ends, and everything that belonged to it is given back. */
static void sweep(void)
{
	uint32_t left = 1;

	for (uint32_t waited = 0; left && waited < GRACE_MS; waited += TICK_MS) {
		left = for_each_later(kill_it);
		if (!waited)
			totals.left_over += left;
		while (sys_wait4(-1, NULL, WNOHANG, NULL) > 0)
			;
		wait_a_tick();
	}
	if (left)
		for_each_later(say_stuck);
	for (uint32_t i = 0; i < nr_workers; i++)
		take_root_away(i);
	remove_segments();
	check();
}

/* --- workers --- */

static uint32_t count_of(uint32_t index)
{
	uint32_t done = shared->tally[index].done;

	return shared->tally[index].not_done == ~done && done <= CALLS_EACH ? done : 0;
}

static bool start_worker(uint32_t index, uint32_t seed, uint32_t mask)
{
	int pid;

	take_root_away(index);
	if (!make_root(index))
		return false;
	shared->tally[index].done = 0;
	shared->tally[index].not_done = ~0u;
	pid = sys_fork();
	if (pid == 0)
		work(index, seed, CALLS_EACH, mask, root_of(index));
	if (pid < 0)
		return false;
	workers[index] = (struct worker){.pid = pid};
	shared->pids[index] = pid;
	totals.workers++;
	return true;
}

/* Kills a worker that has made no progress since we looked last, PATIENCE_MS long. */
static void watch(uint32_t index)
{
	struct worker *worker = &workers[index];
	uint32_t count = shared->tally[index].done;

	worker->age_ms += TICK_MS;
	if (count != worker->seen && !worker->killed && worker->age_ms < LIFE_MS) {
		worker->seen = count;
		worker->quiet_ms = 0;
		return;
	}
	worker->quiet_ms += TICK_MS;
	if (!worker->killed && (worker->quiet_ms >= PATIENCE_MS || worker->age_ms >= LIFE_MS)) {
		worker->killed = true;
		worker->quiet_ms = 0;
		totals.killed++;
		sys_kill(worker->pid, SIGKILL);
	}
	if (worker->killed && worker->quiet_ms == GRACE_MS)
		say_stuck(worker->pid);
}

static void reap(void)
{
	int status, pid;

	while ((pid = sys_wait4(-1, &status, WNOHANG, NULL)) > 0)
		for (uint32_t i = 0; i < nr_workers; i++)
			if (workers[i].pid == pid) {
				workers[i].pid = 0;
				shared->pids[i] = 0;
				totals.calls += count_of(i);
				totals.early += status != 0;
			}
}

/* Until so many calls are done, and all who did them are gone. */
static void run(uint32_t seed, uint32_t calls, uint32_t mask)
{
	uint32_t tries = 0;

	while (!totals.failed && totals.calls < calls) {
		for (uint32_t i = 0; i < nr_workers; i++)
			/* each worker of a run has its own seed, the same in every run */
			if (!workers[i].pid &&
			    !start_worker(i, (seed + totals.workers * 0x9e3779b9u) | 1, mask) &&
			    ++tries > 10000)
				fail("no worker can be started");
		reap();
		wait_a_tick();
		for (uint32_t i = 0; i < nr_workers; i++)
			if (workers[i].pid)
				watch(i);
	}
	for (uint32_t i = 0; i < nr_workers; i++)
		workers[i].pid = 0;
	sweep();
}

/* --- the answer --- */

static void say_coverage(void)
{
	uint32_t tried = 0, succeeded = 0;

	for (uint32_t nr = 0; nr < HIGHEST_CALL; nr++) {
		tried += shared->tried[nr];
		succeeded += shared->succeeded[nr];
	}
	printf("fuzz: %u calls tried by name, %u of them succeeded at least once; not:", tried,
	       succeeded);
	for (uint32_t nr = 0; nr < HIGHEST_CALL; nr++)
		if (shared->tried[nr] && !shared->succeeded[nr])
			printf(" %u", nr);
	printf("\n");
}

static bool is_pagoda(void)
{
	int fd = sys_open("/proc/self/pagewalk", O_RDONLY, 0);

	if (fd >= 0)
		sys_close(fd);
	return fd >= 0;
}

/* Workers leave groups that stop and end, and the kernel hangs up on what they leave. */
static void ignore_signals(void)
{
	for (int signo = 1; signo < 32; signo++)
		if (signo != SIGCHLD)
			syscall2(__NR_signal, signo, 1 /* SIG_IGN */);
}

static uint32_t word(int argc, char *argv[], int index, uint32_t otherwise)
{
	return argc > index ? parse_number(argv[index], NULL) : otherwise;
}

int main(int argc, char *argv[])
{
	uint32_t seed = word(argc, argv, 1, 1), calls = word(argc, argv, 2, 1000000);
	uint32_t mask = word(argc, argv, 4, EVERYTHING);
	static struct machine before, after;
	bool alone = is_alone();

	nr_workers = word(argc, argv, 3, 4);
	if (!(mask & EVERYTHING) || !nr_workers || nr_workers > MAX_WORKERS || !is_pagoda()) {
		printf("usage, on Pagoda: fuzz-syscalls [SEED [CALLS [PROCESSES (1-%u) [MASK "
		       "(1-63)]]]]\n",
		       MAX_WORKERS);
		return 1;
	}
	shared =
		sys_mmap(NULL, ALIGN_PAGES(sizeof(*shared)), RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (is_error_ptr(shared)) {
		printf("fuzz: no shared memory, error %ld\n", -(long)shared);
		return 1;
	}
	starter = sys_getpid();
	ignore_signals();
	printf("fuzz: seed %u, %u calls, %u processes, mask 0x%x\n", seed, calls, nr_workers, mask);
	run(seed, WARM_UP_CALLS, mask);
	memset(text, 1, sizeof(text)); /* it is ours from now on */
	machine_read(&after);
	machine_read(&before);
	while (!totals.failed && totals.calls < calls) {
		uint32_t next = totals.calls + SAY_EACH;

		run(seed, next < calls ? next : calls, mask);
		printf("fuzz: %u calls, %u workers\n", totals.calls, totals.workers);
	}
	machine_read(&after);
	if (alone && !machine_is_same(&before, &after))
		fail("something is left over");
	printf("fuzz: %u workers, %u of them ended early, %u made no progress and were killed, %u "
	       "left over\n",
	       totals.workers, totals.early, totals.killed, totals.left_over);
	say_coverage();
	printf("fuzz: %u calls done\n", totals.calls);
	return totals.failed ? 1 : 0;
}
