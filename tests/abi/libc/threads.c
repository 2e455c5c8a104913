/* Threads of a C library: clone, futexes, thread-directed signals, exec and exit among threads; and futex(2) itself. */
#define _GNU_SOURCE
#include "tests/abi/libc/say.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 32
#define ROUNDS  200

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static long sum;
static int whose;
static __thread int own;

static void *adds(void *arg)
{
	long me = (long)arg;

	for (int i = 0; i < ROUNDS; i++) {
		own += me;
		pthread_mutex_lock(&mutex);
		sum += me;
		pthread_mutex_unlock(&mutex);
		if (i % 16 == 0)
			sched_yield();
	}
	return (void *)(long)(own == me * ROUNDS);
}

static void *takes_turns(void *arg)
{
	long me = (long)arg;

	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&mutex);
		while (whose != me)
			pthread_cond_wait(&turn, &mutex);
		sum = sum * 31 % 1000003 + me;
		whose = (me + 1) % THREADS;
		pthread_cond_broadcast(&turn);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void show_threads(void)
{
	pthread_t threads[THREADS];
	long right = 0;

	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, adds, (void *)i))
			line("no thread %ld", i);
	for (int i = 0; i < THREADS; i++) {
		void *ret;

		pthread_join(threads[i], &ret);
		right += (long)ret;
	}
	line("%d threads: sum %ld, %ld thread variables right", THREADS, sum, right);
	sum = 0;
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, takes_turns, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	line("in turns: %ld", sum);
}

static volatile pid_t tid, pid_in_thread;
static volatile int handled_in, count;

static void handler(int signo)
{
	(void)signo;
	handled_in = syscall(SYS_gettid);
	count++;
}

static void *is_told(void *arg)
{
	(void)arg;
	tid = syscall(SYS_gettid);
	pid_in_thread = getpid();
	while (!handled_in)
		nap(5);
	return NULL;
}

static void show_ids_and_signals(void)
{
	struct sigaction action = {.sa_handler = handler};
	pthread_t thread;
	sigset_t set;

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, is_told, NULL);
	while (!tid)
		nap(5);
	line("same getpid: %s, another gettid: %s", yes(pid_in_thread == getpid()),
	     yes(tid != getpid()));
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	line("pthread_kill came to it: %s", yes(handled_in == tid));
	nap(20); /* joined is not yet gone */
	say("tgkill of what has ended", syscall(SYS_tgkill, getpid(), tid, 0));

	/* a signal to the process goes to the thread that does not block it */
	handled_in = tid = 0;
	pthread_create(&thread, NULL, is_told, NULL);
	while (!tid)
		nap(5);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	pthread_join(thread, NULL);
	line("kill came to the other thread: %s", yes(handled_in == tid));
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void *changes_things(void *arg)
{
	int *fd = arg;

	*fd = open("/bin/true", O_RDONLY);
	umask(077);
	return chdir("/bin") ? (void *)1 : NULL;
}

static void *reads(void *fd)
{
	char byte;

	return (void *)(long)read(*(int *)fd, &byte, 1);
}

static void show_sharing(void)
{
	pthread_t thread;
	char cwd[100];
	void *ret;
	int fd, fds[2];
	mode_t mask;

	if (!getcwd(cwd, sizeof(cwd)))
		return;
	fd = open(".", O_RDONLY | O_DIRECTORY);
	pthread_create(&thread, NULL, changes_things, &fds[0]);
	pthread_join(thread, NULL);
	mask = umask(022);
	line("a descriptor from the other thread: read %zd", read(fds[0], cwd, 1));
	line("its umask: %03o, its directory: %s", mask, yes(access("true", F_OK) == 0));
	if (fchdir(fd))
		line("no way back");
	close(fds[0]);
	close(fd);
	/* closed by another thread while it is being read from */
	if (pipe(fds))
		return;
	pthread_create(&thread, NULL, reads, &fds[0]);
	nap(30);
	close(fds[0]);
	line("write to it: %zd", write(fds[1], "x", 1));
	pthread_join(thread, &ret);
	line("the reader got %ld", (long)ret);
	close(fds[1]);
}

static void *sleeps(void *arg)
{
	nap(*(int *)arg);
	return NULL;
}

static void *exits(void *arg)
{
	(void)arg;
	nap(20);
	exit(5);
}

static void *leader_left(void *arg)
{
	(void)arg;
	nap(50);
	_exit(6);
}

static void *execs(void *arg)
{
	char *argv[] = {"/bin/true", NULL}, *env[] = {NULL};

	*(pid_t *)arg = getpid();
	execve("/bin/true", argv, env);
	_exit(9);
}

static void *crashes(void *arg)
{
	*(volatile char *)arg = 1;
	return NULL;
}

static void start_in_child(const char *what, void *(*start)(void *), void *arg, bool leave)
{
	int status, long_time = 10000;
	pthread_t thread, other;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		pthread_create(&other, NULL, sleeps, &long_time);
		pthread_create(&thread, NULL, start, arg);
		if (leave)
			syscall(SYS_exit, 1);
		pthread_join(other, NULL);
		_exit(1);
	}
	if (waitpid(child, &status, 0) != child)
		line("%s: wait failed", what);
	else if (WIFSIGNALED(status))
		line("%s: killed by %d", what, WTERMSIG(status));
	else
		line("%s: exit status %d", what, WEXITSTATUS(status));
}

static void show_ends(void)
{
	pid_t pid;

	start_in_child("exit in a thread", exits, NULL, false);
	start_in_child("the first thread leaves first", leader_left, NULL, true);
	start_in_child("exec in a thread", execs, &pid, false);
	start_in_child("exec in a thread after the first has left", execs, &pid, true);
	start_in_child("a fault in a thread", crashes, NULL, false);
}

static long futex(void *at, int op, uint32_t value, const void *timeout, void *at2, uint32_t value3)
{
	return syscall(SYS_futex, at, op, value, timeout, at2, value3);
}

static uint32_t word, other_word;

static void *waits(void *mask)
{
	return (void *)futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, (uintptr_t)mask);
}

static void *waits_for(void *ms)
{
	struct timespec ts = {(long)ms / 1000, (long)ms % 1000 * 1000000};

	return (void *)futex(&word, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0);
}

static void show_futex(void)
{
	struct timespec soon = {0, 20000000}, bad = {0, -1}, past = {1, 0};
	pthread_t threads[4];
	uint32_t *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	void *ret;
	pid_t child;
	int status;

	say("wait for another value", futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
	say("wait with a timeout", futex(&word, FUTEX_WAIT, 0, &soon, NULL, 0));
	say("wait until the past", futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, ~0u));
	say("wait until the past of the real time",
	    futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, NULL, ~0u));
	say("wait with a bad time", futex(&word, FUTEX_WAIT, 0, &bad, NULL, 0));
	say("wait without bits", futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
	say("wait at an odd address", futex((char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0));
	say("wait at a bad address", futex((void *)16, FUTEX_WAIT, 0, NULL, NULL, 0));
	say("wake of nobody", futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
	say("wake at a bad address", futex((void *)16, FUTEX_WAKE, 1, NULL, NULL, 0));
	say("unknown", futex(&word, 77, 1, NULL, NULL, 0));

	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, waits, (void *)(1L << i));
	nap(40);
	say("wake with bits 4 and 8, one",
	    futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 12));
	say("requeue one, wake one",
	    futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1, &other_word, 0));
	say("requeue with another value",
	    futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1, &other_word, 5));
	say("wake here", futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0));
	say("wake there", futex(&other_word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0));
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &ret);
		if (ret)
			line("a waiter got %ld", (long)ret);
	}
	pthread_create(&threads[0], NULL, waits_for, (void *)10000);
	nap(30);
	other_word = 5;
	say("wake_op: add 3, wake if it was 5",
	    futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other_word,
		  FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
	line("the word is %u", other_word);
	pthread_join(threads[0], NULL);

	child = fork();
	if (!child) {
		long n = futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0);

		_exit(n == 0 ? 0 : 1);
	}
	nap(30);
	say("wake of another process in shared memory",
	    futex(shared, FUTEX_WAKE, 1, NULL, NULL, 0));
	waitpid(child, &status, 0);
	line("it ended with %d", WEXITSTATUS(status));
}

static void *dies_holding(void *m)
{
	pthread_mutex_lock(m);
	return NULL;
}

static void show_robust(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	pthread_t thread;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&m, &attr);
	pthread_create(&thread, NULL, dies_holding, &m);
	pthread_join(thread, NULL);
	line("a robust mutex whose owner has died: %s", strerror(pthread_mutex_lock(&m)));
}

static int in_clone(void *arg)
{
	*(volatile int *)arg = 77;
	return 0;
}

static void show_clone(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	static int shared_word;
	int status;
	char name[16];
	pid_t child = clone(in_clone, stack + sizeof(stack), CLONE_VM | SIGCHLD, &shared_word);

	waitpid(child, &status, 0);
	line("clone(CLONE_VM): the word is %d, status %d", shared_word, status);
	child = clone(in_clone, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
		      &shared_word);
	line("clone(CLONE_VFORK) came back");
	waitpid(child, &status, 0);
	say("CLONE_SIGHAND without CLONE_VM",
	    clone(in_clone, stack + sizeof(stack), CLONE_SIGHAND | SIGCHLD, NULL));
	say("CLONE_THREAD without CLONE_SIGHAND",
	    clone(in_clone, stack + sizeof(stack), CLONE_THREAD | CLONE_VM, NULL));
	prctl(PR_SET_NAME, "a-name-that-is-too-long");
	prctl(PR_GET_NAME, name);
	line("name: %s", name);
}

static void show_limits(void)
{
	struct rlimit limit = {16, 16};
	struct rusage usage;
	int status, fd = 0;

	fflush(stdout);
	if (!fork()) {
		setrlimit(RLIMIT_NOFILE, &limit);
		while (fd >= 0)
			fd = dup(1);
		line("RLIMIT_NOFILE: %s, a table of %d: %s", strerror(errno), getdtablesize(),
		     yes(dup2(1, 16) < 0));
		limit.rlim_cur = limit.rlim_max = 4 << 20;
		setrlimit(RLIMIT_DATA, &limit);
		line("RLIMIT_DATA: brk %s", yes(sbrk(8 << 20) == (void *)-1));
		limit.rlim_cur = limit.rlim_max = 64 << 20;
		setrlimit(RLIMIT_AS, &limit);
		line("RLIMIT_AS: %s", yes(mmap(NULL, 70 << 20, PROT_READ,
					       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED));
		limit.rlim_cur = 9;
		limit.rlim_max = 8;
		say("soft above hard", setrlimit(RLIMIT_CORE, &limit));
		say("no such limit", getrlimit(77, &limit));
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	line("limits: status %d", status);
	line("getrusage of children: %d, faults: %s", getrusage(RUSAGE_CHILDREN, &usage),
	     yes(usage.ru_minflt > 0));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	show_threads();
	show_ids_and_signals();
	show_sharing();
	show_ends();
	show_futex();
	show_robust();
	show_clone();
	show_limits();
	return 0;
}
