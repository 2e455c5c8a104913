/*
 * readers PROGRAM ARG...: runs a program and, until it has ended, reads all that lies under /proc again and again: texts as
 * a whole, records from random places on. Says how often, and what took longer than ten seconds. It is process 1: a
 * program of random calls may end all others.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PART     (1 << 16)
#define MAX_READ (1 << 16) /* of one file at a time: pagemap has 6 MB */

static char text[PART];
static unsigned long files, bytes;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	double start = now();
	size_t done = 0;
	ssize_t n;

	if (fd < 0)
		return;
	if (strstr(path, "page"))
		lseek(fd, (off_t)(rand() % 100000) * 8, SEEK_SET);
	while (done < MAX_READ && (n = read(fd, text, 1 + rand() % PART / 8 * 8)) > 0) {
		if (strstr(path, "/check") && memmem(text, n, "FAILED", 6))
			printf("readers: %.*s\n", (int)n, text);
		done += n;
	}
	close(fd);
	files++;
	bytes += done;
	if (now() - start > 10)
		printf("readers: %s took %.1f s\n", path, now() - start);
}

static void read_folder(const char *path, int depth)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char name[256];
		struct stat st;

		snprintf(name, sizeof(name), "%s/%.100s", path, entry->d_name);
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "kmsg") || lstat(name, &st))
			continue;
		if (S_ISDIR(st.st_mode) && depth)
			read_folder(name, depth - 1);
		else if (S_ISREG(st.st_mode))
			read_file(name);
	}
	if (dir)
		closedir(dir);
}

int main(int argc, char **argv)
{
	unsigned long rounds = 0;
	int status = 0;
	pid_t pid;

	if (argc < 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	pid = fork();
	if (!pid) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	while (waitpid(-1, &status, WNOHANG) != pid) {
		read_folder("/proc", 4);
		rounds++;
		usleep(100000); /* the program has its turn as well */
	}
	printf("readers: %lu rounds, %lu files, %lu bytes; the program's status is %d\n", rounds,
	       files, bytes, status);
	reboot(RB_POWER_OFF);
	return 0;
}
