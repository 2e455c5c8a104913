/*
 * Signals of a process with several threads: who takes them when the first choice does not, and what a timer's signal finds while
 * threads are made, and while the one that runs another program is not the leader.
 */
#define _GNU_SOURCE
#include "tests/abi/libc/say.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int second_seen, second_was_seen = -1;

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void handle(int signo, void (*handler)(int), int blocked)
{
	struct sigaction action = {.sa_handler = handler};

	if (blocked)
		sigaddset(&action.sa_mask, blocked);
	sigaction(signo, &action, NULL);
}

static void block(int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void on_second(int signo)
{
	(void)signo;
	second_seen = 1;
}

static void on_first(int signo)
{
	(void)signo;
	for (int i = 0; i < 100 && !second_seen; i++)
		nap(10);
	second_was_seen = second_seen;
}

static void *pauses(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

/* Both signals choose the leader; the handler of the first blocks the second, so the other thread takes it. */
static void show_passing_on(void)
{
	pid_t self = getpid();
	pthread_t other;

	handle(SIGUSR1, on_first, SIGUSR2);
	handle(SIGUSR2, on_second, 0);
	pthread_create(&other, NULL, pauses, NULL);
	nap(50);
	if (!fork()) {
		kill(self, SIGUSR1);
		kill(self, SIGUSR2);
		_exit(0);
	}
	while (second_was_seen < 0)
		nap(10);
	wait(NULL);
	line("what a handler blocks, another thread takes: %s", second_was_seen ? "yes" : "no");
}

static void *returns(void *arg)
{
	return arg;
}

/* Every tick sends a signal that all threads block, in whatever state the one is that is being made. */
static void show_making_threads(void)
{
	struct itimerval each_tick = {{0, 10000}, {0, 10000}}, none = {{0, 0}, {0, 0}};
	struct timespec zero = {0, 0};
	long made = 0, taken = 0, end = now_ms() + 3000;
	pthread_t thread;
	sigset_t set;

	block(SIGALRM);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	setitimer(ITIMER_REAL, &each_tick, NULL);
	while (now_ms() < end) {
		pthread_create(&thread, NULL, returns, NULL);
		pthread_join(thread, NULL);
		made++;
		taken += sigtimedwait(&set, NULL, &zero) == SIGALRM;
	}
	setitimer(ITIMER_REAL, &none, NULL);
	line("threads made under a timer's signals: %s", made > 50 && taken > 50 ? "yes" : "no");
}

static void *runs_itself(void *arg)
{
	(void)arg;
	execl("tests/abi/thread-signals", "thread-signals", "again", NULL);
	_exit(1);
}

/* A timer's signal waits, blocked, when a thread that does not lead runs another program: it goes with its timer. */
static void run_from_a_thread(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec soon = {{0, 0}, {0, 10000000}};
	pthread_t thread;
	timer_t timer;

	block(SIGUSR1);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &soon, NULL);
	nap(60);
	pthread_create(&thread, NULL, runs_itself, NULL);
	pauses(NULL);
}

int main(int argc, char **argv)
{
	sigset_t pending;

	(void)argv;
	if (argc > 1) {
		sigpending(&pending);
		line("a timer's signal after exec: %d", sigismember(&pending, SIGUSR1));
		return 0;
	}
	line("it ended with %x", in_child(show_passing_on));
	line("it ended with %x", in_child(show_making_threads));
	line("it ended with %x", in_child(run_from_a_thread));
	return 0;
}
