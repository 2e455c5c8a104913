/*
 * The same system, through a C library: static glibc, unchanged.
 *
 * Its start needs brk, set_thread_area and the auxiliary vector; errno and the thread's own
 * variables live behind %gs; stdio, malloc, fork and exec come from the library's own code.
 */
#include "tests/abi/libc/say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static __thread int own = 17;
static int ended;

static void at_end(void)
{
	line("atexit after %d", ended);
}

static void show_start(int argc, char *argv[])
{
	line("argc %d, argv[0] '%s', LANG '%s'", argc, argv[0], getenv("LANG"));
	line("page size %ld, clock ticks %ld", sysconf(_SC_PAGESIZE), sysconf(_SC_CLK_TCK));
	line("thread variable %d", own);
	own++;
	line("thread variable %d", own);
	errno = 0;
	line("open of nothing: %d", open("tests/data/nothing", O_RDONLY));
	line("errno: %s", errno == ENOENT ? "ENOENT" : "another");
	line("the random bytes are there: %s", getauxval(AT_RANDOM) ? "yes" : "no");
}

static void show_malloc(void)
{
	enum { BLOCKS = 2000 };
	static unsigned char *block[BLOCKS];
	static size_t size[BLOCKS];
	unsigned int seed = 1;
	volatile size_t too_much = 3500000000u;
	size_t wrong = 0;

	for (int round = 0; round < 4; round++)
		for (int i = 0; i < BLOCKS; i++) {
			for (size_t at = 0; at < size[i]; at += 97)
				wrong += block[i][at] != (unsigned char)i;
			seed = seed * 1103515245 + 12345;
			size[i] = (seed >> 16) % (i % 100 ? 2000 : 200000);
			block[i] = realloc(block[i], size[i] + 1);
			memset(block[i], i, size[i]);
		}
	for (int i = 0; i < BLOCKS; i++)
		free(block[i]);
	line("malloc, realloc, free of %d blocks: %zu bytes wrong", BLOCKS, wrong);
	line("calloc of 1 MB is zero: %s", ((char *)calloc(1, 1 << 20))[12345] ? "no" : "yes");
	line("malloc of 3.5 GB: %s", malloc(too_much) ? "there" : errno == ENOMEM ? "ENOMEM" : "?");
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void show_stdio(void)
{
	char text[100];
	int numbers[] = {5, 3, 9, 1, 7}, n = 0;
	FILE *file = fopen("tests/data/text", "r");

	if (!file) {
		line("fopen failed");
		return;
	}
	while (fgets(text, sizeof(text), file))
		n++;
	line("fgets: %d lines, at %ld", n, ftell(file));
	fseek(file, 100, SEEK_SET);
	line("after fseek: %d at %ld", fgetc(file), ftell(file));
	fclose(file);
	qsort(numbers, 5, sizeof(int), compare);
	line("qsort: %d %d %d %d %d", numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
	line("printf: %8.3f %e %Lg %-6s| %05d %llx", 3.14159, 12345.678, 2.5L, "left", -42,
	     0x123456789abcULL);
	line("strtod: %g, strtoull: %llu", strtod("6.02e23", NULL),
	     strtoull("18446744073709551615", NULL, 10));
	line("sprintf and sscanf: %d",
	     (sprintf(text, "%d %x", 77, 0xbeef), sscanf(text, "%d", &n), n));
}

static void show_processes(void)
{
	char *argv[] = {"args", "from", "execv", NULL};
	int status, fds[2];
	char text[20] = "";
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		own = 99;
		_exit(own);
	}
	waitpid(pid, &status, 0);
	line("child ended with %d, own thread variable %d", WEXITSTATUS(status), own);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		abort();
	waitpid(pid, &status, 0);
	line("abort: %s",
	     WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? "SIGABRT" : "another end");
	fflush(stdout);
	pid = vfork();
	if (pid == 0) {
		execv("tests/abi/args", argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	line("vfork and execv: %d", WEXITSTATUS(status));
	line("pipe: %d", pipe(fds));
	fflush(stdout);
	if (fork() == 0) {
		dprintf(fds[1], "pid is %s", getppid() > 0 ? "positive" : "bad");
		_exit(0);
	}
	wait(NULL);
	line("read %zd", read(fds[0], text, sizeof(text) - 1));
	line("it is \'%s\'", text);
	line("getpid is stable: %s", getpid() == getpid() ? "yes" : "no");
}

static void show_files(void)
{
	struct stat st;
	char *p;
	int fd = open("tests/data/text", O_RDONLY);

	line("fstat: %d", fstat(fd, &st));
	line("size %lld", (long long)st.st_size);
	line("stat: %d", stat("tests", &st));
	line("a folder: %s", S_ISDIR(st.st_mode) ? "yes" : "no");
	p = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
	line("mmap: '%.6s'", p == MAP_FAILED ? "failed" : p);
	line("munmap: %d", munmap(p, 8192));
	line("lseek: %lld", (long long)lseek(fd, -10, SEEK_END));
	close(fd);
}

static void show_time(void)
{
	struct timespec before, after, wait = {.tv_nsec = 20 * 1000 * 1000};
	struct utsname name;
	long long took;

	clock_gettime(CLOCK_MONOTONIC, &before);
	nanosleep(&wait, NULL);
	clock_gettime(CLOCK_MONOTONIC, &after);
	took = (after.tv_sec - before.tv_sec) * 1000000000ll + after.tv_nsec - before.tv_nsec;
	line("nanosleep of 20 ms takes that: %s",
	     took >= 20000000 && took < 2000000000 ? "yes" : "no");
	line("time is after 1980: %s", time(NULL) > 315532800 ? "yes" : "no");
	line("uname: %d", uname(&name));
	line("system %s", name.sysname);
}

static void show_float(void)
{
	volatile double a = 1.0, b = 3.0;
	double sum = 0;
	int status, wrong = 0;
	pid_t pid;

	/* both processes compute; the registers of one must not leak into the other */
	fflush(stdout);
	pid = fork();
	for (int i = 0; i < 300000; i++) {
		double x = a / b * (pid ? 3.0 : 6.0);

		wrong += x != (pid ? 1.0 : 2.0);
		sum += x;
	}
	if (pid == 0)
		_exit(wrong || sum != 600000.0);
	waitpid(pid, &status, 0);
	line("floating point in two processes: %d wrong, sum %.1f, child %d", wrong, sum,
	     WEXITSTATUS(status));
}

int main(int argc, char *argv[])
{
	setvbuf(stdout, NULL, _IOLBF, 1024);
	atexit(at_end);
	show_start(argc, argv);
	show_malloc();
	show_stdio();
	show_processes();
	show_files();
	show_time();
	show_float();
	ended = 8;
	return 21;
}
