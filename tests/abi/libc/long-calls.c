/*
 * Calls that move much: meanwhile others run, a signal ends those that it ends on Linux, and of two threads that
 * use one open file each gets, or writes, its own part of it.
 */
#define _GNU_SOURCE
#include "tests/abi/libc/say.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MB    (1u << 20)
#define LEN   (16 * MB)
#define PARTS 512 /* of 1 MB each */

/* What a child that never sleeps sees of its turns. */
static volatile struct turns {
	unsigned longest_wait_ms, started;
} * turns;
static char *memory;
static struct iovec parts[PARTS];
static int devices; /* 0: what they would show is printed without them */

static long read_zeros(void)
{
	int fd = open("zero", O_RDONLY);
	long ret = readv(fd, parts, PARTS);

	close(fd);
	return ret == (long)PARTS * MB ? 0 : ret;
}

static long read_random(void)
{
	int fd = open("urandom", O_RDONLY);
	long ret = read(fd, memory, LEN);

	close(fd);
	return ret == LEN ? 0 : ret;
}

static long get_random(void)
{
	return syscall(SYS_getrandom, memory, LEN, 0) == LEN ? 0 : -1;
}

static long copy_own(void)
{
	struct iovec half = {memory, LEN / 2}, other = {memory + LEN / 2, LEN / 2};
	long ret = 0;

	for (int i = 0; i < 12 && !ret; i++)
		ret = process_vm_readv(getpid(), &half, 1, &other, 1, 0) == LEN / 2 ? 0 : -1;
	return ret;
}

static unsigned now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void __attribute__((noreturn)) watch_turns(void)
{
	unsigned last = now_ms();

	for (turns->started = 1;; turns->started = 1) {
		unsigned now = now_ms();

		if (now - last > turns->longest_wait_ms)
			turns->longest_wait_ms = now - last;
		last = now;
	}
}

/* The child waits for nothing like the whole of a call that takes longer than a few turns. */
static void others_run(const char *name, long (*call)(void))
{
	unsigned start, took;
	long ret = 0;

	turns->started = turns->longest_wait_ms = 0;
	while (!turns->started)
		sched_yield();
	start = now_ms();
	if (devices)
		ret = call();
	took = now_ms() - start;
	sched_yield();
	line("%s: %ld, others %s", name, ret,
	     took > 120 && turns->longest_wait_ms > took / 4 * 3 ? "wait" : "run");
}

static void on_alarm(int signo)
{
	(void)signo;
}

static void interrupted(void)
{
	struct itimerval soon = {.it_value = {0, 20000}};
	int fd = open("zero", O_RDONLY);
	long ret;

	signal(SIGALRM, on_alarm);
	for (int i = 0; i < PARTS; i++)
		parts[i].iov_len = 4 * MB; /* 2 GB, as much as one call may move */
	setitimer(ITIMER_REAL, &soon, NULL);
	ret = devices ? readv(fd, parts, PARTS) : 1;
	line("a signal ends a read of zeros: %s", ret > 0 && ret < 0x7FFFF000 ? "yes" : "no");
	close(fd);
}

/* ---- two threads, one open file ---- */

#define PART (4 * MB)

static int file;

static void *write_part(void *arg)
{
	char *part = malloc(PART);
	ssize_t ret;

	memset(part, *(char *)arg, PART);
	ret = write(file, part, PART);
	free(part);
	return (void *)(ret == PART ? 0L : 1L);
}

static void *read_part(void *arg)
{
	return (void *)(read(file, arg, PART) == PART ? 0L : 1L);
}

static int is_all(const char *p, char c)
{
	return p[0] == c && !memcmp(p, p + 1, PART - 1);
}

static void both(void *(*fn)(void *), void *first, void *second)
{
	pthread_t a, b;
	void *failed_a, *failed_b;

	pthread_create(&a, NULL, fn, first);
	pthread_create(&b, NULL, fn, second);
	pthread_join(a, &failed_a);
	pthread_join(b, &failed_b);
	if (failed_a || failed_b)
		line("moved less than asked for");
}

static void shared_file(const char *name, int flags)
{
	int right = 1;

	for (int i = 0; i < 8; i++) {
		file = open("shared", O_RDWR | O_CREAT | O_TRUNC | flags, 0600);
		both(write_part, "a", "b");
		right &= lseek(file, 0, SEEK_END) == 2 * PART;
		lseek(file, 0, SEEK_SET);
		both(read_part, memory, memory + PART);
		right &= (is_all(memory, 'a') && is_all(memory + PART, 'b')) ||
			 (is_all(memory, 'b') && is_all(memory + PART, 'a'));
		close(file);
	}
	line("%s: %s", name, right ? "each its own" : "mixed");
	unlink("shared");
}

int main(void)
{
	pid_t child;

	/* The tree in which the tests run on Linux has no /dev; who is not root there gets none. */
	devices = !mknod("zero", S_IFCHR | 0600, makedev(1, 5)) &&
		  !mknod("urandom", S_IFCHR | 0600, makedev(1, 9));
	memory = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	turns = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < PARTS; i++)
		parts[i] = (struct iovec){memory, MB};
	child = fork();
	if (!child)
		watch_turns();
	others_run("readv of /dev/zero", read_zeros);
	others_run("read of /dev/urandom", read_random);
	others_run("getrandom", get_random);
	others_run("process_vm_readv", copy_own);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	interrupted();
	shared_file("two threads, one position", 0);
	shared_file("two threads that append", O_APPEND);
	unlink("zero");
	unlink("urandom");
	return 0;
}
