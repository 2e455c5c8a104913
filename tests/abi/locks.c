/*
 * Locks on ranges of files: as far as offsets go, neighbours that become one, and a wait during which
 * another thread closes the descriptor.
 */
#include "tests/abi/lib/abi.h"

#include <linux/sched.h>

#define FILE       "tests/data/shared"
#define LAST_BYTE  0x7fffffffffffffffll
#define SIGCHLD_NR 17

struct lock {
	short type, whence;
	int64_t start, len;
	int pid;
} __attribute__((packed));

static int fd;

static long set(int command, int type, int whence, int64_t start, int64_t len)
{
	struct lock l = {.type = type, .whence = whence, .start = start, .len = len};

	return CALL(fcntl64, fd, command, &l);
}

/* What another process is told that would have an exclusive lock. */
static void say_lock(int64_t start, int64_t len)
{
	struct lock l = {.type = F_WRLCK, .start = start, .len = len};
	long ret = CALL(fcntl64, fd, F_GETLK64, &l);

	if (ret)
		line("a lock at %lld: %s", start, errno_name(-ret));
	else if (l.type == F_UNLCK)
		line("a lock at %lld: free", start);
	else
		line("a lock at %lld: type %d from %lld, %lld bytes", start, l.type, l.start,
		     l.len);
}

static int look(void *unused)
{
	(void)unused;
	for (int64_t at = 0; at < 60; at += 5)
		say_lock(at, 3);
	say_lock(0, 0);
	say_lock(LAST_BYTE, 1);
	return 0;
}

static void ranges(void)
{
	say("10 bytes", set(F_SETLK64, F_WRLCK, 0, 0, 10));
	say("the next 10", set(F_SETLK64, F_WRLCK, 0, 10, 10));
	say("shared", set(F_SETLK64, F_RDLCK, 0, 20, 10));
	say("to the last byte", set(F_SETLK64, F_WRLCK, 0, 50, LAST_BYTE - 49));
	in_child(look, NULL);
	say("one byte more", set(F_SETLK64, F_WRLCK, 0, 50, LAST_BYTE - 48));
	say("all but the end", set(F_SETLK64, F_UNLCK, 0, 3, LAST_BYTE - 10));
	in_child(look, NULL);
	say("before the start", set(F_SETLK64, F_WRLCK, 0, 3, -4));
	say("far before", set(F_SETLK64, F_WRLCK, 0, 3, -LAST_BYTE - 1));
	sys_lseek(fd, 5, 0);
	say("behind all offsets", set(F_SETLK64, F_WRLCK, 1, LAST_BYTE, 0));
	say("none", set(F_SETLK64, F_UNLCK, 0, 0, 0));
}

static void nap(int ms)
{
	struct timespec time = {0, ms * 1000000};

	sys_nanosleep(&time, NULL);
}

static int hold(void *told)
{
	set(F_SETLK64, F_WRLCK, 0, 0, 0);
	sys_write(*(int *)told, "", 1);
	nap(200);
	return 0;
}

static volatile long result = 1;

/* One thread waits for the lock, the other closes the file: what was waited for is not kept. */
static int wait_and_close(void *told)
{
	static char stack[8192];
	long thread;

	asm volatile("int $0x80"
		     : "=a"(thread)
		     : "a"(__NR_clone), "b"(CLONE_FILES | CLONE_VM | SIGCHLD_NR),
		       "c"(stack + sizeof(stack) - 64), "d"(0), "S"(0), "D"(0)
		     : "memory");
	if (thread == 0) {
		result = set(F_SETLKW64, F_WRLCK, 0, 0, 0);
		syscall1(__NR_exit, 0);
	}
	nap(100);
	sys_close(fd);
	sys_wait4(thread, NULL, 0, NULL);
	say("waited", result);
	sys_write(*(int *)told, "", 1);
	nap(100);
	return 0;
}

static void start(int (*action)(void *), int fds[2])
{
	char byte;

	if (sys_fork() == 0)
		sys_exit(action(&fds[1]));
	sys_read(fds[0], &byte, 1);
}

static void closed_meanwhile(void)
{
	int fds[2];

	sys_pipe(fds);
	start(hold, fds);
	start(wait_and_close, fds);
	say_lock(0, 0);
	while (sys_wait4(-1, NULL, 0, NULL) > 0)
		;
	say_lock(0, 0);
}

int main(void)
{
	fd = sys_open(FILE, O_RDWR, 0);
	ranges();
	closed_meanwhile();
	return 0;
}
