/* Jobs of signals, timers and threads. */
#include "user/soak/soak.h"

#include <linux/futex.h>
#include <linux/sched.h>

/* --- signals --- */

#define QUEUED   40u
#define QUEUE_SI 34 /* the first real-time signal that a C library leaves */

static volatile uint32_t handled, value_sum;

static void on_signal(int signo, void *info, void *context)
{
	(void)signo;
	(void)context;
	handled++;
	value_sum += ((uint32_t *)info)[5]; /* si_value */
}

asm("soak_restorer:\n\t"
    "movl $173, %eax\n\t" /* rt_sigreturn */
    "int $0x80\n");
void soak_restorer(void);

static void handle(int signo)
{
	uint32_t action[5] = {(uint32_t)on_signal, 4 | 0x04000000 /* SA_SIGINFO, SA_RESTORER */,
			      (uint32_t)soak_restorer};

	NEED(syscall4(__NR_rt_sigaction, signo, (long)action, 0, 8));
}

static void send_queued(uint32_t to)
{
	uint32_t info[32] = {QUEUE_SI, 0, (uint32_t)-1 /* SI_QUEUE */, sys_getpid()};

	for (uint32_t i = 1; i <= QUEUED; i++) {
		info[5] = i;
		NEED(syscall3(__NR_rt_sigqueueinfo, to, QUEUE_SI, (long)info));
		if (one_in(4))
			sys_sched_yield();
	}
	sys_exit(0);
}

/* Queued signals arrive, each, with their values; of others that come at once one does. */
void job_signals(void)
{
	uint64_t all = ~0ull, none = 0;
	int pids[3];

	handle(QUEUE_SI);
	handle(SIGUSR1);
	for (uint32_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start_child(send_queued, sys_getpid());
	for (uint32_t i = 0; i < ARRAY_SIZE(pids); i++)
		wait_for_child(pids[i], 0);
	FAIL_UNLESS(handled == 3 * QUEUED, handled);
	FAIL_UNLESS(value_sum == 3 * QUEUED * (QUEUED + 1) / 2, value_sum);
	handled = 0;
	NEED(sys_rt_sigprocmask(0, &all, NULL));
	for (uint32_t i = 0; i < 5; i++)
		NEED(sys_kill(sys_getpid(), SIGUSR1));
	FAIL_UNLESS(handled == 0, handled);
	NEED(sys_rt_sigprocmask(2, &none, NULL));
	FAIL_UNLESS(handled == 1, handled);
	count(SIGNALS, 3 * QUEUED + 1);
}

/* --- stopping --- */

static volatile uint32_t *ticks;

static void tick_for_ever(uint32_t unused)
{
	(void)unused;
	for (;;) {
		(*ticks)++;
		if (*ticks % 16 == 0)
			sys_sched_yield();
	}
}

/* Who is stopped does nothing until he may go on, and his parent is told of both. */
void job_stops(void)
{
	const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
	int pid, status;

	ticks = need_memory(1, MAP_SHARED);
	pid = start_child(tick_for_ever, 0);
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t before;

		NEED(sys_kill(pid, SIGSTOP));
		FAIL_UNLESS(sys_wait4(pid, &status, WUNTRACED, NULL) == pid, i);
		FAIL_UNLESS(status == (SIGSTOP << 8 | 0x7f), status);
		before = *ticks;
		sys_nanosleep(&moment, NULL);
		FAIL_UNLESS(*ticks == before, i);
		NEED(sys_kill(pid, SIGCONT));
		FAIL_UNLESS(sys_wait4(pid, &status, WCONTINUED, NULL) == pid, i);
		FAIL_UNLESS(status == 0xffff, status);
		count(SIGNALS, 2);
	}
	if (one_in(2))
		NEED(sys_kill(pid, SIGSTOP));
	NEED(sys_kill(pid, SIGKILL));
	wait_for_child(pid, SIGKILL);
}

/* --- time --- */

static uint64_t now_us(void)
{
	struct timespec t;

	NEED(syscall2(__NR_clock_gettime, CLOCK_MONOTONIC, (long)&t));
	return (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* No sleep is too short. */
void job_timers(void)
{
	uint32_t every[4] = {0, 20000, 0, 20000}, never[4] = {0};
	uint64_t start = now_us(), wait;

	handle(SIGALRM);
	NEED(syscall3(__NR_setitimer, 0, (long)every, 0));
	for (uint32_t i = 0; i < 5; i++)
		syscall0(__NR_pause);
	NEED(syscall3(__NR_setitimer, 0, (long)never, 0));
	FAIL_UNLESS(handled >= 5, handled);
	FAIL_UNLESS(now_us() - start >= 100000 - 10000, now_us() - start);
	count(SIGNALS, handled);
	for (uint32_t i = 0; i < 5; i++) {
		struct timespec want = {.tv_nsec = below(30000000)};

		start = now_us();
		NEED(sys_nanosleep(&want, NULL));
		wait = now_us() - start;
		FAIL_UNLESS(wait >= (uint64_t)want.tv_nsec / 1000, wait);
		start = now_us();
		FAIL_UNLESS(syscall3(__NR_poll, 0, 0, 15) == 0, i);
		FAIL_UNLESS(now_us() - start >= 15000, i);
		count(SLEEPS, 2);
	}
}

/* --- threads --- */

#define NR_THREADS  6u
#define ROUNDS      150u
#define STACK_PAGES 4u

static struct {
	volatile uint32_t lock; /* 0 free, 1 held, 2 held and waited for */
	volatile uint32_t total;
	volatile uint32_t arrived, generation;
} s;

static void futex(volatile uint32_t *word, int op, uint32_t value)
{
	syscall6(__NR_futex, (long)word, op | FUTEX_PRIVATE_FLAG, value, 0, 0, 0);
}

static uint32_t swap(volatile uint32_t *word, uint32_t value)
{
	asm volatile("xchgl %0, %1" : "+r"(value), "+m"(*word) : : "memory");
	return value;
}

static void lock(void)
{
	uint32_t was = swap(&s.lock, 1);

	while (was) { /* a 2 that was swapped for the 1 is put back: somebody may wait */
		if (swap(&s.lock, 2) == 0)
			return;
		futex(&s.lock, FUTEX_WAIT, 2);
	}
}

static void unlock(void)
{
	if (swap(&s.lock, 0) == 2)
		futex(&s.lock, FUTEX_WAKE, 1);
}

/* Nobody goes on before all have come. */
static void meet(void)
{
	uint32_t generation = s.generation;
	bool last;

	lock();
	last = ++s.arrived == NR_THREADS;
	if (last) {
		s.arrived = 0;
		s.generation++;
	}
	unlock();
	if (last)
		futex(&s.generation, FUTEX_WAKE, NR_THREADS);
	while (s.generation == generation)
		futex(&s.generation, FUTEX_WAIT, generation);
}

static void __attribute__((used, noreturn)) run_thread(void)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t before;

		lock();
		before = s.total;
		if (i % 8 == 0)
			sys_sched_yield(); /* with the lock held */
		s.total = before + 1;
		unlock();
		if (i % 50 == 0)
			meet();
	}
	for (;;)
		syscall1(__NR_exit, 0);
}

void job_threads(void)
{
	static volatile uint32_t alive[NR_THREADS];
	char *stacks = need_memory(NR_THREADS * STACK_PAGES, MAP_PRIVATE);

	for (uint32_t i = 0; i < NR_THREADS; i++) {
		long ret;

		alive[i] = 1;
		asm volatile("int $0x80\n\t"
			     "test %%eax, %%eax\n\t"
			     "jz run_thread"
			     : "=a"(ret)
			     : "a"(__NR_clone),
			       "b"(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				   CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID),
			       "c"(stacks + (i + 1) * STACK_PAGES * PAGE_SIZE - 16), "d"(0), "S"(0),
			       "D"(&alive[i])
			     : "memory");
		NEED(ret);
		count(THREADS, 1);
	}
	for (uint32_t i = 0; i < NR_THREADS; i++)
		while (alive[i]) /* the kernel clears it, and wakes who waits, not by a private key */
			syscall6(__NR_futex, (long)&alive[i], FUTEX_WAIT, 1, 0, 0, 0);
	FAIL_UNLESS(s.total == NR_THREADS * ROUNDS, s.total);
}
