/* Waiting, and what is waited for: stops in the middle of it, limits of it, timers that are not set, mutexes of the dead. */
#define _GNU_SOURCE
#include "tests/abi/libc/say.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A stop does not make the wait longer. */
static void show_stop(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		long start = now_ms();
		int ret = poll(NULL, 0, 1000);

		_exit(ret ? 2 : now_ms() - start > 1500);
	}
	nap(700);
	kill(child, SIGSTOP);
	nap(50);
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	line("a poll over a stop is too long: %x", status);
}

static void show_number_of_files(void)
{
	struct rlimit limit = {10, 10};
	struct pollfd fds[11];

	for (int i = 0; i < 11; i++)
		fds[i] = (struct pollfd){.fd = -1};
	setrlimit(RLIMIT_NOFILE, &limit);
	say("poll as many as may be open", poll(fds, 10, 0));
	say("poll one more", poll(fds, 11, 0));
}

static void show_timers_not_set(void)
{
	struct itimerval real = {{5, 0}, {0, 0}}, prof = real;
	struct itimerspec posix = {{5, 0}, {0, 0}};
	timer_t timer;

	setitimer(ITIMER_REAL, &real, NULL);
	getitimer(ITIMER_REAL, &real);
	setitimer(ITIMER_PROF, &prof, NULL);
	getitimer(ITIMER_PROF, &prof);
	timer_create(CLOCK_MONOTONIC, NULL, &timer);
	timer_settime(timer, 0, &posix, NULL);
	timer_gettime(timer, &posix);
	line("intervals of timers that are not set: %ld %ld %ld", (long)real.it_interval.tv_sec,
	     (long)prof.it_interval.tv_sec, (long)posix.it_interval.tv_sec);
}

static void show_clocks_nobody_sleeps_by(void)
{
	const int clocks[] = {CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
			      10, 99};
	struct timespec moment = {0, 1};

	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		line("clock %d: %s", clocks[i],
		     strerror(clock_nanosleep(clocks[i], 0, &moment, NULL)));
}

static void show_queue_limit(void)
{
	union sigval value = {.sival_int = 3};
	struct timespec zero = {0, 0};
	struct rlimit limit = {5, 5};
	int queued = 0, taken = 0, with_value = 0;
	siginfo_t info;
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (setuid(12345)) /* nobody else has signals waiting */
		return;
	setrlimit(RLIMIT_SIGPENDING, &limit);
	while (queued < 100 && !sigqueue(getpid(), SIGRTMIN, value))
		queued++;
	line("queued %d: %s", queued, queued < 100 ? strerror(errno) : "no limit");
	say("kill", kill(getpid(), SIGUSR1));
	say("sigqueue of one that is kept once", sigqueue(getpid(), SIGUSR2, value));
	while (sigtimedwait(&set, &info, &zero) > 0) {
		taken++;
		with_value += info.si_value.sival_int == 3;
	}
	line("taken %d, %d with a value", taken, with_value);
	say("again", sigqueue(getpid(), SIGRTMIN, value));
}

static struct {
	uint32_t next;
	int32_t offset;
	uint32_t pending, entry, word;
} robust;

/* Had let the mutex go, and ends before it wakes who waits for it. */
static void *lets_go(void *arg)
{
	robust.next = (uint32_t)&robust;
	robust.offset = 4;
	robust.pending = (uint32_t)&robust.entry;
	syscall(SYS_set_robust_list, &robust, 3 * sizeof(uint32_t));
	return arg;
}

static void *waits_for_it(void *arg)
{
	struct timespec second = {1, 0};

	say("waiter", syscall(SYS_futex, &robust.word, FUTEX_WAIT, 0, &second, 0, 0));
	return arg;
}

static void show_mutex(void)
{
	pthread_t waiter, owner;

	pthread_create(&waiter, NULL, waits_for_it, NULL);
	nap(50);
	pthread_create(&owner, NULL, lets_go, NULL);
	pthread_join(owner, NULL);
	pthread_join(waiter, NULL);
}

int main(void)
{
	in_child(show_stop);
	in_child(show_number_of_files);
	in_child(show_timers_not_set);
	in_child(show_clocks_nobody_sleeps_by);
	in_child(show_queue_limit);
	in_child(show_mutex);
	return 0;
}
