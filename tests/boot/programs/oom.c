/*
 * oom: memory runs out in several ways. After each: who was to die is dead, a bystander lives, and what is in use is
 * what it was before. Process 1; its arguments are the names of the ways, none: all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u

static int nr_wrong;

static void check(const char *way, const char *what, int right)
{
	if (!right) {
		printf("oom: %s: WRONG: %s\n", way, what);
		nr_wrong++;
	}
}

static const char *slurp(const char *path)
{
	static char text[16384];
	int fd = open(path, O_RDONLY);
	ssize_t n, len = 0;

	while (fd >= 0 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(fd);
	text[len] = '\0';
	return text;
}

static char *map(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Takes memory until something ends it. */
static void __attribute__((noreturn)) eat(void)
{
	for (;;) {
		char *p = map(64 * PAGE);

		for (unsigned i = 0; p && i < 64; i++)
			p[i * PAGE] = 1;
		if (!p)
			sched_yield();
	}
}

static int eat_thread(void *arg)
{
	(void)arg;
	eat();
}

/* ---- ways: each is the child's main program, and is to be killed or to exit with 0 ---- */

/* The first: process 1 writes to its own pages for the first time. */
static void nothing(void)
{
	_exit(0);
}

static void plain(void)
{
	eat();
}

static void vforked(void)
{
	if (vfork() == 0)
		eat();
	_exit(0);
}

static char stack[8192], stacks[4][8192];

/* The parent ends; who shared its memory goes on. */
static void shared_mm(void)
{
	if (clone(eat_thread, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		_exit(1);
	pause();
}

static void threads(void)
{
	for (int i = 0; i < 4; i++)
		clone(eat_thread, stacks[i] + sizeof(stacks[i]),
		      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL);
	eat();
}

/* Not a process that sleeps on for ever: it ends although it is stopped. */
static void stopped(void)
{
	size_t len = 64u << 20, i;
	unsigned long free_kb;
	int go[2];
	char *p;

	if (pipe(go))
		_exit(1);
	if (fork() == 0) {
		char c, *q = map(4u << 20);

		read(go[0], &c, 1);
		for (i = 0; i < 4u << 20; i += PAGE)
			q[i] = 1;
		_exit(0);
	}
	p = map(len);
	for (i = 0; i < len; i += PAGE) {
		p[i] = 1;
		sscanf(strstr(slurp("/proc/meminfo"), "MemFree:") + 8, "%lu", &free_kb);
		if (free_kb < 2000)
			break;
	}
	write(go[1], "", 1);
	raise(SIGSTOP);
	_exit(1);
}

static void forks(void)
{
	for (int i = 0; i < 12; i++) {
		char *p = map(16 * PAGE);

		for (unsigned j = 0; p && j < 16; j++)
			p[j * PAGE] = 1;
		if (fork() <= 0)
			eat();
	}
	eat();
}

static void tables(void)
{
	for (unsigned long at = 0x10000000; at < 0xA0000000; at += 4u << 20) {
		volatile char *p =
			mmap((void *)at, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

		if (p != MAP_FAILED)
			(void)p[0]; /* the zero page, and a table */
	}
	eat();
}

static void populate(void)
{
	for (;;)
		if (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_NORESERVE, -1,
			 0) == MAP_FAILED)
			eat();
}

static void locked(void)
{
	char *p = map(64u << 20);

	mlock(p, 64u << 20);
	eat();
}

static void pipes(void)
{
	static char text[65536];
	int fds[2];

	memset(text, 1, sizeof(text));
	while (pipe(fds) == 0) {
		fcntl(fds[1], F_SETFL, O_NONBLOCK);
		if (write(fds[1], text, sizeof(text)) < 0)
			break;
	}
	_exit(0);
}

static void tmpfs(void)
{
	static char text[65536];
	int fd = open("/tmpfs/file", O_RDWR | O_CREAT, 0600);

	unlink("/tmpfs/file");
	memset(text, 1, sizeof(text));
	while (write(fd, text, sizeof(text)) > 0)
		;
	_exit(0);
}

static void shm(void)
{
	int id = shmget(IPC_PRIVATE, 64u << 20, 0600);
	char *p = shmat(id, NULL, 0);

	shmctl(id, IPC_RMID, NULL);
	if (p != (char *)-1)
		memset(p, 1, 64u << 20);
	eat();
}

/* Another holds nearly all memory. A call that stores to fresh pages gets what it asked for; the other is ended. */
static void copies(void)
{
	const size_t len = 2u << 20;
	unsigned long free_kb;
	int ready[2], status;
	char c, *p = map(len);
	pid_t other;

	if (pipe(ready))
		_exit(1);
	other = fork();
	if (!other) {
		for (;;) {
			*map(PAGE) = 1;
			sscanf(strstr(slurp("/proc/meminfo"), "MemFree:") + 8, "%lu", &free_kb);
			if (free_kb < 1200)
				break;
		}
		write(ready[1], "", 1);
		pause();
	}
	read(ready[0], &c, 1);
	for (size_t i = 0; i < len; i += PAGE)
		if (ioctl(ready[0], FIONREAD, p + i))
			_exit(2);
	if (waitpid(other, &status, 0) != other || !WIFSIGNALED(status))
		_exit(3);
	_exit(0);
}

/* Nearly all memory can be done without: nobody is to be ended for want of it. */
static size_t lazy(void)
{
	size_t len = 0;
	unsigned long free_kb;
	char *p = map(64u << 20);

	for (;; len += PAGE) {
		if (!(len % (16 * PAGE))) {
			sscanf(strstr(slurp("/proc/meminfo"), "MemFree:") + 8, "%lu", &free_kb);
			if (free_kb < 1200)
				break;
		}
		p[len] = 1;
	}
	if (madvise(p, len, MADV_FREE))
		_exit(9);
	return len;
}

static void lazy_write(void)
{
	size_t len = lazy();
	char *q = map(len);

	for (size_t i = 0; i < len; i += PAGE)
		q[i] = 1;
	_exit(0);
}

static void lazy_pipes(void)
{
	static char text[65536];
	size_t len;
	int fds[2];

	memset(text, 1, sizeof(text));
	len = lazy();

	for (size_t i = 0; i < len / 2; i += sizeof(text)) {
		if (pipe(fds))
			_exit(2);
		if (write(fds[1], text, sizeof(text)) != sizeof(text))
			_exit(3);
	}
	_exit(0);
}

static void lazy_tmpfs(void)
{
	static char text[65536];
	size_t len;
	int fd = open("/tmpfs/lazy", O_RDWR | O_CREAT, 0600);

	memset(text, 1, sizeof(text));
	len = lazy();

	unlink("/tmpfs/lazy");
	for (size_t i = 0; i < len / 2; i += sizeof(text))
		if (write(fd, text, sizeof(text)) != sizeof(text))
			_exit(3);
	_exit(0);
}

static void lazy_forks(void)
{
	int failed = 0;

	lazy();
	for (int i = 0; i < 60 && !failed; i++) {
		pid_t child = fork();

		failed = child < 0;
		if (!child) {
			pause();
			_exit(0);
		}
	}
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	_exit(failed);
}

static const struct way {
	const char *name;
	void (*run)(void);
	int killed; /* or exits with 0 */
} ways[] = {
	{"nothing", nothing, 0},
	{"plain", plain, 1},
	{"vforked", vforked, 1},
	{"shared_mm", shared_mm, 1},
	{"threads", threads, 1},
	{"stopped", stopped, 1},
	{"forks", forks, 1},
	{"tables", tables, 1},
	{"populate", populate, 1},
	{"locked", locked, 1},
	{"pipes", pipes, 0},
	{"tmpfs", tmpfs, 0},
	{"shm", shm, 1},
	{"copies", copies, 0},
	{"lazy_write", lazy_write, 0},
	{"lazy_pipes", lazy_pipes, 0},
	{"lazy_tmpfs", lazy_tmpfs, 0},
	{"lazy_forks", lazy_forks, 0},
};

static void try(const struct way *way)
{
	static char before[16384];
	pid_t bystander, child;
	int status, asked[2], answered[2];
	char c;

	printf("oom: %s\n", way->name);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	slurp("/proc/pagoda/counts");
	strcpy(before, slurp("/proc/pagoda/counts"));
	if (pipe(asked) || pipe(answered))
		exit(1);
	bystander = fork();
	if (!bystander) {
		char *p = map(4 * PAGE);

		memset(p, 7, 4 * PAGE);
		while (read(asked[0], &c, 1) == 1)
			write(answered[1], p, 1);
		_exit(p[3 * PAGE] == 7 ? 0 : 1);
	}
	child = fork();
	if (!child) {
		setpgid(0, 0);
		way->run();
	}
	waitpid(child, &status, 0);
	if (way->killed)
		check(way->name, "the eater was killed",
		      WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	else
		check(way->name, "its sums", WIFEXITED(status) && !WEXITSTATUS(status));
	if (WIFEXITED(status) && WEXITSTATUS(status))
		printf("oom: %s: exit status %d\n", way->name, WEXITSTATUS(status));
	/* Who is of its group may still be eating: they go the same way. */
	for (int i = 0; i < 200 && kill(-child, 0) == 0; i++) {
		while (waitpid(-child, NULL, WNOHANG) > 0)
			;
		usleep(10000);
	}
	check(way->name, "the bystander answers",
	      kill(bystander, 0) == 0 && waitpid(bystander, &status, WNOHANG) == 0 &&
		      write(asked[1], "", 1) == 1 && read(answered[0], &c, 1) == 1 && c == 7);
	close(asked[1]);
	close(answered[1]);
	close(answered[0]);
	kill(bystander, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(asked[0]);
	slurp("/proc/pagoda/counts");
	if (way->run != nothing && strcmp(before, slurp("/proc/pagoda/counts"))) {
		check(way->name, "nothing is left over", 0);
		printf("before:\n%safter:\n%s", before, slurp("/proc/pagoda/counts"));
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	mkdir("/tmpfs", 0700);
	mount("tmpfs", "/tmpfs", "tmpfs", 0, "size=100%");
	printf("%s", slurp("/proc/pagoda/check"));
	for (unsigned i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		int chosen = argc < 2 || !i;

		for (int a = 1; a < argc; a++)
			chosen |= !strcmp(argv[a], ways[i].name);
		if (chosen)
			try(&ways[i]);
	}
	printf("%s", slurp("/proc/pagoda/check"));
	printf("oom: %d wrong\n", nr_wrong);
	reboot(RB_POWER_OFF);
	return 0;
}
