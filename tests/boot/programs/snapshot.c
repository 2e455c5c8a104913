/*
 * snapshot SEED ROUNDS: at random moments a load of processes is stopped, and what /proc says of the machine's memory is
 * printed as it is, file by file between <<< and >>>, with a table of how many frames have which flags in kpageflags. All
 * is read before anything is printed, into memory that was touched before, so that the files tell of one state.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE      4096
#define FILES     (sizeof(names) / sizeof(names[0]))
#define MAX_KINDS 64

static const char *const names[] = {"meminfo",  "vmstat",   "buddyinfo",     "pagetypeinfo",
				    "zoneinfo", "slabinfo", "pagoda/frames", "vmallocinfo"};
static char texts[FILES][1 << 16];
static size_t lengths[FILES];
static struct kind {
	uint64_t flags;
	unsigned long frames;
} kinds[MAX_KINDS];
static unsigned int seed;

static unsigned int any(unsigned int below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static size_t read_file(const char *name, char *to, size_t size)
{
	char path[64];
	size_t len = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s", name);
	fd = open(path, O_RDONLY);
	while (fd >= 0 && len < size && (n = read(fd, to + len, size - len)) > 0)
		len += n;
	close(fd);
	return len;
}

static void count_flags(uint64_t flags)
{
	struct kind *k = kinds;

	while (k < kinds + MAX_KINDS - 1 && k->frames && k->flags != flags)
		k++;
	k->flags = flags;
	k->frames++;
}

/* From another place than a block's first frame, too. */
static void read_flags(void)
{
	static uint64_t entries[1000];
	int fd = open("/proc/kpageflags", O_RDONLY);
	ssize_t n;

	memset(kinds, 0, sizeof(kinds));
	while ((n = read(fd, entries, (1 + any(1000)) * 8)) > 0)
		for (ssize_t i = 0; i < n / 8; i++)
			count_flags(entries[i]);
	close(fd);
}

static int all_stopped(int group)
{
	siginfo_t info = {0};

	/* The group's first process stops with the others. */
	return !waitid(P_PID, group, &info, WSTOPPED | WNOHANG) && info.si_pid == group;
}

static void take(int group)
{
	kill(-group, SIGSTOP);
	for (int tries = 0; tries < 1000 && !all_stopped(group); tries++)
		usleep(1000);
	usleep(20000);
	for (int pass = 0; pass < 2; pass++) { /* the first finds what reading itself needs */
		for (size_t i = 0; i < FILES; i++)
			lengths[i] = read_file(names[i], texts[i], sizeof(texts[i]));
		read_flags();
	}
	for (size_t i = 0; i < FILES; i++)
		printf("<<< %s\n%.*s>>>\n", names[i], (int)lengths[i], texts[i]);
	printf("<<< flags\n");
	for (struct kind *k = kinds; k->frames; k++)
		printf("%llx %lu\n", (unsigned long long)k->flags, k->frames);
	printf(">>>\n");
	fflush(stdout);
	kill(-group, SIGCONT);
}

static int start_load(void)
{
	static char data[100 * PAGE] = {1};
	int fd = open("/data", O_WRONLY | O_CREAT | O_TRUNC, 0600), pid;
	char text[16];

	if (write(fd, data, sizeof(data)) != sizeof(data))
		exit(1);
	close(fd);
	snprintf(text, sizeof(text), "%u", seed);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		execl("/bin/load", "load", text, "5", "/data", NULL);
		_exit(127);
	}
	setpgid(pid, pid);
	return pid;
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 10, group;

	seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	printf("snapshot: seed %u\n", seed);
	memset(texts, 1, sizeof(texts));
	group = start_load();
	for (int round = 0; round < rounds; round++) {
		usleep(1000 + any(100000));
		take(group);
	}
	kill(-group, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	printf("snapshot: %d rounds\n", rounds);
	return 0;
}
