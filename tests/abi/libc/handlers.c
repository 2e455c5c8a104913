/*
 * Signals through a C library: handlers, what they are told, masks, alternative stacks, restarts, waiting, timers, stopping.
 */
#define _GNU_SOURCE
#include "tests/abi/libc/say.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int count, last, code, value, order[16], nr_order;
static volatile pid_t sender;
static void *volatile address;

static void on_signal(int signo)
{
	count++;
	last = signo;
	if (nr_order < 16)
		order[nr_order++] = signo;
}

static void on_info(int signo, siginfo_t *info, void *context)
{
	(void)context;
	on_signal(signo);
	code = info->si_code;
	sender = info->si_pid;
	value = info->si_value.sival_int;
	address = info->si_addr;
}

static void handle(int signo, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigaction(signo, &action, NULL);
}

static void handle_info(int signo, int flags)
{
	struct sigaction action = {.sa_sigaction = on_info, .sa_flags = flags | SA_SIGINFO};

	sigaction(signo, &action, NULL);
}

static void show_handlers(void)
{
	struct sigaction action;

	count = 0;
	handle(SIGUSR1, on_signal, 0);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	line("handler ran %d times for signal %d", count, last);
	sigaction(SIGUSR1, NULL, &action);
	line("it stays: %s", yes(action.sa_handler == on_signal));
	handle(SIGUSR1, on_signal, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &action);
	line("SA_RESETHAND: default now: %s", yes(action.sa_handler == SIG_DFL));
	say("SIGKILL", sigaction(SIGKILL, &action, NULL));
	line("signal 65: %d", sigaction(65, &action, NULL));
	line("asking about SIGSTOP: %d", sigaction(SIGSTOP, NULL, &action));
}

static void show_info(void)
{
	union sigval v = {.sival_int = 4711};

	handle_info(SIGUSR1, 0);
	kill(getpid(), SIGUSR1);
	line("kill: code %d, sender is me: %s", code, yes(sender == getpid()));
	raise(SIGUSR1);
	line("raise: code %d", code);
	sigqueue(getpid(), SIGUSR1, v);
	line("sigqueue: code %d, value %d", code, value);
	handle_info(SIGALRM, 0);
	ualarm(20000, 0);
	pause();
	line("alarm: code %d", code);
}

static void show_masks(void)
{
	sigset_t set, old, pending;
	union sigval v = {.sival_int = 1};

	handle_info(SIGRTMIN, 0);
	handle_info(SIGRTMIN + 1, 0);
	handle_info(SIGUSR2, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, &old);
	count = nr_order = 0;
	for (int i = 0; i < 3; i++) {
		sigqueue(getpid(), SIGRTMIN + 1, v);
		sigqueue(getpid(), SIGRTMIN, v);
		kill(getpid(), SIGUSR2);
	}
	sigpending(&pending);
	line("blocked: %d came; pending USR2 %d, RTMIN %d, USR1 %d", count,
	     sigismember(&pending, SIGUSR2), sigismember(&pending, SIGRTMIN),
	     sigismember(&pending, SIGUSR1));
	sigprocmask(SIG_SETMASK, &old, NULL);
	line("unblocked: %d came", count);
	for (int i = 0; i < nr_order; i++)
		line("  %d", order[i] == SIGUSR2 ? 0 : order[i] - SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, &old);
	kill(getpid(), SIGUSR2);
	signal(SIGUSR2, SIG_IGN);
	sigpending(&pending);
	line("ignored while pending: still pending %d", sigismember(&pending, SIGUSR2));
	sigprocmask(SIG_SETMASK, &old, NULL);
	say("bad how", sigprocmask(77, &set, NULL));
}

static volatile int depth, max_depth, left;

static void nested(int signo)
{
	depth++;
	if (depth > max_depth)
		max_depth = depth;
	if (left-- > 0)
		raise(signo);
	depth--;
}

static void show_nesting(void)
{
	max_depth = 0;
	left = 2;
	handle(SIGUSR1, nested, 0);
	raise(SIGUSR1);
	line("without SA_NODEFER: depth %d", max_depth);
	max_depth = 0;
	left = 2;
	handle(SIGUSR1, nested, SA_NODEFER);
	raise(SIGUSR1);
	line("with SA_NODEFER: depth %d", max_depth);
}

static char alt[32768] __attribute__((aligned(16)));
static volatile bool was_on_alt;

static void on_alt(int signo)
{
	char here;
	stack_t ss;

	(void)signo;
	sigaltstack(NULL, &ss);
	was_on_alt = &here >= alt && &here < alt + sizeof(alt);
	line("in the handler: flags %d, changing it: %d %s", ss.ss_flags, sigaltstack(&ss, NULL),
	     strerror(errno));
}

static sigjmp_buf back;

static void overflowed(int signo, siginfo_t *info, void *context)
{
	(void)context;
	line("stack overflow: signal %d, code %d", signo, info->si_code);
	siglongjmp(back, 1);
}

static int recurse(int n)
{
	volatile char room[4096];

	room[0] = n;
	return n < 0 ? 0 : recurse(n + 1) + room[0];
}

static void show_altstack(void)
{
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)}, old;
	struct sigaction action = {.sa_sigaction = overflowed, .sa_flags = SA_ONSTACK | SA_SIGINFO};

	sigaltstack(NULL, &old);
	line("at first: flags %d", old.ss_flags);
	sigaltstack(&ss, NULL);
	handle(SIGUSR1, on_alt, SA_ONSTACK);
	raise(SIGUSR1);
	line("handler on the alternative stack: %s", yes(was_on_alt));
	handle(SIGUSR1, on_alt, 0);
	raise(SIGUSR1);
	line("without SA_ONSTACK: %s", yes(was_on_alt));
	ss.ss_size = 100;
	say("too small", sigaltstack(&ss, NULL));
	ss.ss_flags = 99;
	say("bad flags", sigaltstack(&ss, NULL));
	sigaction(SIGSEGV, &action, NULL);
	if (!sigsetjmp(back, 1))
		recurse(0);
	signal(SIGSEGV, SIG_DFL);
}

static void show_restart(void)
{
	struct itimerval soon = {.it_value = {0, 30000}};
	int fds[2];
	char byte;
	ssize_t n;
	pid_t child;
	struct timespec ts = {0, 60000000}, left = {9, 9};

	if (pipe(fds))
		return;
	handle(SIGALRM, on_signal, 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	n = read(fds[0], &byte, 1);
	say("read without SA_RESTART", n);
	handle(SIGALRM, on_signal, SA_RESTART);
	child = fork();
	if (!child) {
		nap(80);
		n = write(fds[1], "x", 1);
		_exit(0);
	}
	count = 0;
	setitimer(ITIMER_REAL, &soon, NULL);
	n = read(fds[0], &byte, 1);
	line("read with SA_RESTART: %zd, handler ran %d", n, count);
	waitpid(child, NULL, 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	n = nanosleep(&ts, &left);
	line("nanosleep with SA_RESTART: %zd %s, less is left: %s", n, strerror(errno),
	     yes(!left.tv_sec && left.tv_nsec > 0 && left.tv_nsec < 60000000));
	signal(SIGALRM, SIG_IGN);
	setitimer(ITIMER_REAL, &soon, NULL);
	line("nanosleep with an ignored signal: %d", nanosleep(&ts, NULL));
	child = fork();
	if (!child) {
		struct timespec start, end;

		clock_gettime(CLOCK_MONOTONIC, &start);
		n = nanosleep(&(struct timespec){0, 200000000}, NULL);
		clock_gettime(CLOCK_MONOTONIC, &end);
		_exit(n == 0 && (end.tv_sec - start.tv_sec) * 1000 +
						(end.tv_nsec - start.tv_nsec) / 1000000 >=
					200);
	}
	nap(30);
	kill(child, SIGSTOP);
	nap(30);
	kill(child, SIGCONT);
	waitpid(child, (int *)&last, 0);
	line("nanosleep stopped and continued sleeps its time: %s", yes(WEXITSTATUS(last) == 1));
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	n = write(fds[1], "x", 1);
	say("write to nobody", n);
	handle_info(SIGPIPE, 0);
	count = 0;
	n = write(fds[1], "x", 1);
	line("SIGPIPE came %d times, code %d", count, code);
	close(fds[1]);
}

static volatile char *page;

static void mend(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signo;
	count++;
	code = info->si_code;
	address = info->si_addr;
	value = uc->uc_mcontext.gregs[REG_TRAPNO];
	if (info->si_code == SEGV_MAPERR)
		mmap((void *)page, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	else
		mprotect((void *)page, 4096, PROT_READ | PROT_WRITE);
}

static void skip_ud2(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	line("signal %d, code %d, address is the instruction: %s", signo, info->si_code,
	     yes(info->si_addr == (void *)uc->uc_mcontext.gregs[REG_EIP]));
	uc->uc_mcontext.gregs[REG_EIP] += 2;
	uc->uc_mcontext.gregs[REG_EAX] = 1234;
}

static void show_faults(void)
{
	struct sigaction action = {.sa_sigaction = mend, .sa_flags = SA_SIGINFO};
	struct sigaction skip = {.sa_sigaction = skip_ud2, .sa_flags = SA_SIGINFO};
	int eax;

	page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGSEGV, &action, NULL);
	count = 0;
	page[5] = 7;
	line("mended by mprotect: %d faults, code %d, address right: %s, trap %d, byte %d", count,
	     code, yes(address == page + 5), value, page[5]);
	munmap((void *)page, 4096);
	count = 0;
	page[9] = 3;
	line("mended by mmap, then mprotect: %d faults, code %d, byte %d", count, code, page[9]);
	signal(SIGSEGV, SIG_DFL);
	sigaction(SIGILL, &skip, NULL);
	asm volatile("ud2" : "=a"(eax) : "a"(0));
	line("register set by the handler: %d", eax);
	handle_info(SIGTRAP, 0);
	asm volatile("int3");
	line("int3: code %d", code);
	sigaction(SIGFPE, &skip, NULL);
	asm volatile("div %%cl" : "=a"(eax) : "a"(5), "c"(0));
	line("division: %d", eax);
	signal(SIGFPE, SIG_DFL);
}

static void show_waiting(void)
{
	sigset_t set, none;
	siginfo_t info;
	struct timespec soon = {0, 20000000}, now = {0, 0};
	pid_t child;

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	handle(SIGUSR1, on_signal, 0);
	kill(getpid(), SIGUSR1);
	count = 0;
	say("sigsuspend", sigsuspend(&none));
	line("handler ran %d", count);
	sigprocmask(SIG_BLOCK, NULL, &none);
	line("the mask is back: %d", sigismember(&none, SIGUSR1));
	say("sigtimedwait, nothing", sigtimedwait(&set, &info, &soon));
	say("sigtimedwait, no time", sigtimedwait(&set, &info, &now));
	kill(getpid(), SIGUSR1);
	line("sigtimedwait, pending: %s, code %d", yes(sigtimedwait(&set, &info, &now) == SIGUSR1),
	     info.si_code);
	child = fork();
	if (!child) {
		nap(30);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	line("sigwaitinfo: %s, from the child: %s", yes(sigwaitinfo(&set, &info) == SIGUSR1),
	     yes(info.si_pid == child));
	line("and no handler ran: %d", count);
	waitpid(child, NULL, 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void show_timers(void)
{
	struct itimerval every = {{0, 20000}, {0, 20000}}, off = {0}, was;
	volatile unsigned long spin = 0;

	handle(SIGALRM, on_signal, 0);
	count = 0;
	setitimer(ITIMER_REAL, &every, NULL);
	while (count < 3)
		pause();
	getitimer(ITIMER_REAL, &was);
	line("interval %ld us, value at most that: %s", (long)was.it_interval.tv_usec,
	     yes(!was.it_value.tv_sec && was.it_value.tv_usec <= 20000));
	setitimer(ITIMER_REAL, &off, &was);
	line("three came; the old interval is told: %ld", (long)was.it_interval.tv_usec);
	handle(SIGVTALRM, on_signal, 0);
	count = 0;
	setitimer(ITIMER_VIRTUAL, &every, NULL);
	while (count < 2)
		spin++;
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	line("virtual timer came twice");
	handle(SIGPROF, on_signal, 0);
	count = 0;
	setitimer(ITIMER_PROF, &every, NULL);
	while (count < 2)
		spin++;
	setitimer(ITIMER_PROF, &off, NULL);
	line("profiling timer came twice");
	line("alarm: %u, then %u, then %u", alarm(100), alarm(50), alarm(0));
	say("bad timer", getitimer(5, &was));
	every.it_value.tv_usec = 1000000;
	say("bad time", setitimer(ITIMER_REAL, &every, NULL));
}

static void show_stop(void)
{
	int status;
	siginfo_t info;
	pid_t child = fork();

	if (!child) {
		raise(SIGSTOP);
		pause();
		_exit(3);
	}
	waitpid(child, &status, WUNTRACED);
	line("stopped %d by %d", WIFSTOPPED(status), WSTOPSIG(status));
	line("told once: %d", waitpid(child, &status, WUNTRACED | WNOHANG));
	kill(child, SIGCONT);
	waitpid(child, &status, WCONTINUED);
	line("continued %d", WIFCONTINUED(status));
	kill(child, SIGSTOP);
	waitid(P_PID, child, &info, WSTOPPED | WNOWAIT);
	line("waitid: code %d, status %d, itself: %s", info.si_code, info.si_status,
	     yes(info.si_pid == child));
	waitid(P_PID, child, &info, WSTOPPED);
	kill(child, SIGKILL);
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	line("killed while stopped: code %d, status %d", info.si_code, info.si_status);
	waitpid(child, &status, 0);
	line("by %d", WTERMSIG(status));
	info.si_pid = 1;
	say("waitid for nobody", waitid(P_ALL, 0, &info, WEXITED));
	say("waitid without a wish", waitid(P_ALL, 0, &info, 0));
}

static void on_child(int signo, siginfo_t *info, void *context)
{
	(void)context;
	(void)signo;
	count++;
	code = info->si_code;
	value = info->si_status;
	sender = info->si_pid;
}

static void show_children(void)
{
	struct sigaction action = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO};
	int status;
	pid_t child;

	sigaction(SIGCHLD, &action, NULL);
	count = 0;
	child = fork();
	if (!child)
		_exit(17);
	while (!count)
		nap(5);
	line("SIGCHLD: code %d, status %d, from the child: %s", code, value, yes(sender == child));
	waitpid(child, &status, 0);
	count = 0;
	child = fork();
	if (!child) {
		raise(SIGSTOP);
		raise(SIGTERM);
	}
	while (count < 1)
		nap(5);
	line("it stopped: code %d, status %d", code, value);
	kill(child, SIGCONT);
	while (waitpid(child, &status, 0) < 0)
		;
	line("it was killed by %d", WTERMSIG(status));
	action.sa_flags |= SA_NOCLDSTOP;
	sigaction(SIGCHLD, &action, NULL);
	count = 0;
	child = fork();
	if (!child) {
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, &status, WUNTRACED);
	line("SA_NOCLDSTOP: %d came", count);
	kill(child, SIGCONT);
	while (waitpid(child, &status, 0) < 0)
		;
	action.sa_flags = SA_NOCLDWAIT | SA_SIGINFO;
	sigaction(SIGCHLD, &action, NULL);
	child = fork();
	if (!child)
		_exit(0);
	say("SA_NOCLDWAIT", waitpid(child, &status, 0));
	signal(SIGCHLD, SIG_DFL);
}

static double volatile sum;

static void uses_fpu(int signo)
{
	(void)signo;
	sum = 0;
	for (int i = 1; i < 100; i++)
		sum += 1.0 / i;
	count++;
}

static void show_fpu(void)
{
	struct itimerval every = {{0, 10000}, {0, 10000}}, off = {0};
	double x = 0, y = 0;

	handle(SIGALRM, uses_fpu, 0);
	count = 0;
	setitimer(ITIMER_REAL, &every, NULL);
	while (count < 5) {
		x = y = 0;
		for (int i = 0; i < 10000; i++) {
			x += i * 0.5;
			y += 1.0 / (i + 1);
		}
		if (x != 24997500.0)
			break;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	line("sums under handlers that use the FPU: %.1f %.6f", x, y);
}

static void show_deaths(void)
{
	const int signals[] = {SIGHUP, SIGTERM, SIGALRM, SIGUSR1, SIGVTALRM, SIGRTMIN, SIGIO};
	struct rlimit limit = {1, 2};
	int status;

	for (unsigned int i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		if (!fork()) {
			signal(signals[i], SIG_DFL);
			raise(signals[i]);
			_exit(0);
		}
		wait(&status);
		line("default of %d: ended by %d", signals[i], WTERMSIG(status));
	}
	if (!fork()) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, NULL);
		signal(SIGSEGV, SIG_IGN);
		*(volatile int *)0 = 0;
	}
	wait(&status);
	line("a fault, blocked and ignored: ended by %d", WTERMSIG(status));
	if (!fork()) {
		setrlimit(RLIMIT_CPU, &limit);
		for (;;)
			;
	}
	wait(&status);
	line("RLIMIT_CPU: ended by %d", WTERMSIG(status));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	show_handlers();
	show_info();
	show_masks();
	show_nesting();
	show_altstack();
	show_restart();
	show_faults();
	show_waiting();
	show_timers();
	show_stop();
	show_children();
	show_fpu();
	fflush(stdout);
	show_deaths();
	return 0;
}
