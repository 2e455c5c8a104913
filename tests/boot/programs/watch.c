/*
 * watch SEED PASSES: reads the maps and smaps of a process that maps and unmaps all the time, in small pieces. Lines are
 * whole, addresses rise, and what stays where it is comes exactly once in each pass.
 *
 * watch SEED PROGRAM ARGUMENTS...: while the program runs, reads everything that /proc has of every process in pieces of any
 * size, from anywhere, over and over.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE   4096
#define STABLE 200
#define STEP   (4 * PAGE) /* from one that stays to the next: three pages where others come and go */

static char text[1 << 20], *room;
static unsigned int seed, failures;

static unsigned int any(unsigned int below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void fail(const char *what, const char *line)
{
	printf("watch: WRONG: %s: %.60s\n", what, line);
	failures++;
}

/* Maps and unmaps pages between those that stay. */
static void change(void)
{
	for (;;) {
		char *at = room + any(STABLE) * STEP + (1 + any(3)) * PAGE;
		static const int prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};
		int prot = prots[any(3)];

		if (!any(30))
			sched_yield();
		if (any(3))
			munmap(at, PAGE);
		else if (mmap(at, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
				 at &&
			 prot & PROT_WRITE)
			*at = 1;
	}
}

/* All of a file, by reads of 1 to 500 bytes, between which others run. */
static size_t read_slowly(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, 1 + any(500))) > 0) {
		len += n;
		if (!any(8))
			sched_yield();
	}
	close(fd);
	text[len] = '\0';
	return len;
}

static void check_pass(int is_smaps)
{
	unsigned long before = 0, start, end, at, from, to;
	unsigned int found = 0;
	char *line, *next;

	for (line = text; *line; line = next + 1) {
		next = strchr(line, '\n');
		if (!next) {
			fail("the last line is cut", line);
			return;
		}
		*next = '\0';
		if (sscanf(line, "%8lx-%8lx %*4c %*8x ", &start, &end) != 2) {
			if (!is_smaps || !strchr(line, ':'))
				fail("no line of maps", line);
			continue;
		}
		if (end <= start || end <= before)
			fail("addresses do not rise", line);
		/* A mapping that grew since the last read is told with what it grew by; what was told stays told. */
		from = start > before ? start : before;
		before = end;
		for (at = 0; at < STABLE; at++) {
			to = (unsigned long)room + at * STEP;
			found += to >= from && to < end;
		}
	}
	if (found != STABLE)
		fail("pages that stay were lost", is_smaps ? "smaps" : "maps");
}

static void watch_changes(int passes)
{
	char path[40];
	int pid, i;

	room = mmap(NULL, STABLE * STEP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(room, STABLE * STEP);
	for (i = 0; i < STABLE; i++)
		mmap(room + i * STEP, PAGE, i & 1 ? PROT_READ : PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	pid = fork();
	if (!pid)
		change();
	for (i = 0; i < passes; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, i % 4 ? "maps" : "smaps");
		read_slowly(path);
		check_pass(i % 4 == 0);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Opens, reads here and there, writes to what may be written without harm. */
static void rummage(int pid)
{
	static const char *const names[] = {
		"maps",    "smaps",         "smaps_rollup", "status",     "stat",    "statm",
		"pagemap", "limits",        "auxv",         "environ",    "cmdline", "comm",
		"mounts",  "oom_score",     "pagewalk",     "clear_refs", "exe",     "task",
		"fd",      "oom_score_adj", "wchan"};
	char path[64], sub[24] = "";
	int fd, n;

	if (!any(4))
		snprintf(sub, sizeof(sub), "task/%d/", pid);
	snprintf(path, sizeof(path), "/proc/%d/%s%s", pid, sub,
		 names[any(sizeof(names) / sizeof(names[0]))]);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	for (n = 1 + any(8); n && fd >= 0; n--) {
		size_t size = any(8) ? any(300) : any(40000);

		if (any(2))
			lseek(fd, (off_t)any(1 << 23) * 8 * any(2) + any(5000), SEEK_SET);
		if (any(2))
			pread(fd, text, size, (off_t)any(1 << 23) * any(3));
		else
			read(fd, text, size);
	}
	close(fd);
	if (!any(20)) {
		snprintf(path, sizeof(path), "/proc/%d/clear_refs", pid);
		fd = open(path, O_WRONLY);
		write(fd, &"12345"[any(5)], 1);
		close(fd);
	}
}

static unsigned int rummage_all(void)
{
	struct dirent *entry;
	unsigned int count = 0;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir)))
		if (atoi(entry->d_name) && ++count)
			rummage(atoi(entry->d_name));
	if (dir)
		closedir(dir);
	return count;
}

static void watch_program(char **argv)
{
	unsigned int files = 0;
	int pid = fork();

	if (!pid) {
		execv(argv[0], argv);
		_exit(127);
	}
	while (waitpid(pid, NULL, WNOHANG) == 0)
		files += rummage_all();
	printf("watch: %u files\n", files);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	seed = strtoul(argv[1], NULL, 0);
	printf("watch: seed %u\n", seed);
	fflush(stdout);
	if (atoi(argv[2]))
		watch_changes(atoi(argv[2]));
	else
		watch_program(argv + 2);
	printf("watch: done, %u failures\n", failures);
	return failures != 0;
}
