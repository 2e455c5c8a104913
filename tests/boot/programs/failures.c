/*
 * failures PROGRAM [TIMES]: as process 1. Lets every page and every slab allocation made while PROGRAM is started, runs
 * and ends fail once, in turn, with TIMES - 1 more behind it. Nothing may be lost by it: the kernel's counts before
 * and after must be the same, and its checks must hold. What becomes of PROGRAM is its own affair.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

static char *program;
static const char *times = "1";

/* The kernel may be out of memory for a moment, because we said so. */
static int try_open(const char *path, int flags)
{
	int fd = -1, i;

	for (i = 0; i < 10 && fd < 0; i++)
		fd = open(path, flags);
	if (fd < 0) {
		printf("failures: cannot open %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

static void read_file(const char *path, char *text, size_t size)
{
	int fd = try_open(path, O_RDONLY);
	ssize_t n = read(fd, text, size - 1);

	text[n < 0 ? 0 : n] = '\0';
	close(fd);
}

static void arm(const char *text)
{
	int fd = try_open("/proc/pagoda/failpoint", O_WRONLY), i;

	for (i = 0; i < 10; i++)
		if (write(fd, text, strlen(text)) > 0)
			break;
	close(fd);
	if (i == 10) {
		printf("failures: cannot write \"%s\"\n", text);
		exit(1);
	}
}

/* How many calls failed since the failpoint was armed. */
static unsigned int read_fired(const char *name)
{
	unsigned int fired = 0;
	char text[512], *line;

	read_file("/proc/pagoda/failpoint", text, sizeof(text));
	line = strstr(text, name);
	if (!line || sscanf(strstr(line, "fired"), "fired %u", &fired) != 1) {
		printf("failures: no figures of %s\n", name);
		exit(1);
	}
	return fired;
}

static int run(void)
{
	char *argv[] = {program, NULL}, *envp[] = {NULL};
	int status = 0, fd;
	pid_t child = fork();

	if (child == 0) {
		fd = open("/dev/null", O_WRONLY);
		dup2(fd, 1);
		execve(program, argv, envp);
		_exit(127);
	}
	if (child > 0)
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	/* Its children became ours if it ended before them. */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	return child < 0 ? -1 : status;
}

/* The Nth call fails, for N from 1 to the first run that has no Nth call. */
static void test(const char *name)
{
	static char before[512], after[512], checks[1024];
	unsigned int fired, n, ended = 0, wrong = 0;
	char text[64];
	int status;

	/* So that everything that is made only once is made. */
	run();
	run();
	for (n = 1;; n++) {
		read_file("/proc/pagoda/counts", before, sizeof(before));
		snprintf(text, sizeof(text), "%s:%u:%s", name, n, times);
		arm(text);
		status = run();
		arm("off");
		fired = read_fired(name);
		read_file("/proc/pagoda/counts", after, sizeof(after));
		read_file("/proc/pagoda/check", checks, sizeof(checks));
		if (strcmp(before, after) || strstr(checks, "FAILED")) {
			wrong++;
			printf("failures: %s %u: before\n%safter\n%schecks\n%s", name, n, before,
			       after, checks);
		}
		if (!fired)
			break;
		ended += status == 0;
	}
	printf("failures: %s: %u calls failed, %u runs ended well all the same, %u wrong\n", name,
	       n - 1, ended, wrong);
	printf("failures: %s: the run without a failure ended with %#x\n", name,
	       (unsigned int)status);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 1;
	program = argv[1];
	if (argc > 2)
		times = argv[2];
	setvbuf(stdout, NULL, _IOLBF, 0);
	test("page_alloc");
	test("slab_alloc");
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}
