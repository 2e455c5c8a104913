/*
 * Process 1 of the tests of sysrq.
 *
 *   file      writes keys into /proc/sysrq-trigger, touching memory in between, with a child that sleeps
 *   keys N    sets /proc/sys/kernel/sysrq and computes
 *   eat       has a child that takes all memory; then says how many were ended
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		perror(path);
	close(fd);
}

static char *map(size_t pages, int flags)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
}

static void touch(char *at, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		at[i * PAGE] = 1;
}

static void from_file(void)
{
	char *own = map(1000, MAP_PRIVATE), *shared = map(100, MAP_SHARED);
	pid_t child = fork();

	if (!child) {
		pause();
		_exit(0);
	}
	usleep(50000);
	printf("ready\n"); /* and what is touched by all this is touched once before */
	put("/proc/sysrq-trigger", "m");
	put("/proc/sysrq-trigger", "m\n");
	touch(own, 1000);
	touch(shared, 100);
	printf("touched\n");
	put("/proc/sysrq-trigger", "m");
	put("/proc/sysrq-trigger", "h");
	put("/proc/sysrq-trigger", "s");
	put("/proc/sysrq-trigger", "t");
}

static void eat(void)
{
	static char text[16384];
	int fd;

	if (!fork())
		for (;;)
			touch(map(256, MAP_PRIVATE), 256);
	wait(NULL);
	fd = open("/proc/vmstat", O_RDONLY);
	text[read(fd, text, sizeof(text) - 1)] = '\0';
	printf("%.40s\n", strstr(text, "oom_kill"));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IONBF, 0);
	if (!strcmp(what, "file")) {
		from_file();
	} else if (!strcmp(what, "keys")) {
		put("/proc/sys/kernel/sysrq", argv[2]);
		printf("ready\n");
		for (;;)
			;
	} else if (!strcmp(what, "eat")) {
		eat();
	}
	reboot(RB_POWER_OFF);
	return 0;
}
