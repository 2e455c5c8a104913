/*
 * identities SEED ROUNDS: what /proc says of the memory of all processes has to agree with itself, frame by frame,
 * while load keeps changing it. At random moments the load is stopped, and for every process in /proc
 *
 *   each VMA     Rss = its four parts; Uss <= Pss <= Rss <= Size; Rss, Pss and Anonymous as pagemap and kpagecount say
 *   the process  the sums over smaps = smaps_rollup = status = statm = stat
 *   the machine  entries that point at a frame = its kpagecount; the sum of Pss = frames mapped
 *
 * Everything is read into memory that was touched before, so that looking changes nothing.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE       4096
#define MAX_PIDS   128
#define MAX_FRAMES (1u << 18)
#define PSS_FRAME  (1ull << 24) /* bytes of a page, with 12 bits behind the point */

struct vma {
	unsigned long start, end, size, rss, pss, shared_clean, shared_dirty, private_clean,
		private_dirty, referenced, anonymous, pss_dirty;
};

static char text[1 << 20], command[200];
static uint64_t entries[1 << 16], counts[MAX_FRAMES];
static uint32_t seen[MAX_FRAMES];
static int pids[MAX_PIDS], nr_pids, failures;
static unsigned long zero_frame;
static unsigned int seed;

static void fail(const char *what, ...)
{
	va_list args;

	va_start(args, what);
	printf("identities: WRONG: ");
	vprintf(what, args);
	printf("\n");
	va_end(args);
	failures++;
}

static unsigned int any(unsigned int below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static size_t read_all(const char *path, void *to, size_t size)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t n;

	while (fd >= 0 && len < size && (n = read(fd, (char *)to + len, size - len)) > 0)
		len += n;
	close(fd);
	return len;
}

static char *read_text(int pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	text[read_all(path, text, sizeof(text) - 1)] = '\0';
	return text;
}

/* The number behind a name at the start of a line. */
static unsigned long field(const char *in, const char *name)
{
	size_t len = strlen(name);

	for (; in && *in; in = strchr(in, '\n'), in += in != NULL)
		if (!strncmp(in, name, len) && in[len] == ':')
			return strtoul(in + len + 1, NULL, 10);
	fail("no line %s", name);
	return 0;
}

static void read_sizes(const char *from, struct vma *v)
{
	v->rss = field(from, "Rss");
	v->pss = field(from, "Pss");
	v->pss_dirty = field(from, "Pss_Dirty");
	v->shared_clean = field(from, "Shared_Clean");
	v->shared_dirty = field(from, "Shared_Dirty");
	v->private_clean = field(from, "Private_Clean");
	v->private_dirty = field(from, "Private_Dirty");
	v->referenced = field(from, "Referenced");
	v->anonymous = field(from, "Anonymous");
}

static void check_sizes(int pid, const char *what, const struct vma *v)
{
	unsigned long uss = v->private_clean + v->private_dirty;

	if (v->rss != uss + v->shared_clean + v->shared_dirty)
		fail("%d %s: Rss %lu is not the sum of its parts", pid, what, v->rss);
	if (uss > v->pss || v->pss > v->rss || v->rss > v->size)
		fail("%d %s: Uss %lu, Pss %lu, Rss %lu, Size %lu", pid, what, uss, v->pss, v->rss,
		     v->size);
	if (v->referenced > v->rss || v->anonymous > v->rss || v->pss_dirty > v->pss)
		fail("%d %s: a part is more than the whole", pid, what);
}

/* What the entries of a VMA say, against its lines. => its Pss with 12 bits behind the point. */
static uint64_t check_frames(int pid, int pagemap, const struct vma *v)
{
	unsigned long pages = (v->end - v->start) / PAGE, rss = 0, anonymous = 0, private = 0;
	uint64_t pss = 0;

	for (unsigned long first = 0; first < pages; first += sizeof(entries) / 8) {
		size_t n =
			pages - first < sizeof(entries) / 8 ? pages - first : sizeof(entries) / 8;

		if (pread(pagemap, entries, n * 8, (off_t)(v->start / PAGE + first) * 8) !=
		    (ssize_t)n * 8)
			fail("%d: pagemap is short", pid);
		for (size_t i = 0; i < n; i++) {
			uint64_t frame = entries[i] & ((1ull << 55) - 1);

			if (!(entries[i] >> 63) || frame == zero_frame)
				continue;
			if (frame >= MAX_FRAMES || !counts[frame]) {
				fail("%d: frame %llu is mapped and not counted", pid, frame);
				continue;
			}
			rss++;
			seen[frame]++;
			pss += PSS_FRAME / counts[frame];
			private += counts[frame] == 1;
			anonymous += !(entries[i] >> 61 & 1);
			if ((counts[frame] == 1) != (entries[i] >> 56 & 1))
				fail("%d: frame %llu: the exclusive bit is wrong", pid, frame);
		}
	}
	if (rss * 4 != v->rss || anonymous * 4 != v->anonymous || pss >> 22 != v->pss ||
	    private * 4 != v->private_clean + v->private_dirty)
		fail("%d %08lx: pagemap says Rss %lu, Pss %llu, Anonymous %lu, private %lu", pid,
		     v->start, rss * 4, pss >> 22, anonymous * 4, private * 4);
	return pss;
}

/* A process' other files, against the sum of its VMAs. */
static void check_process(int pid, const struct vma *sum, uint64_t pss)
{
	unsigned long size, resident, shared, vsize, rss, file, shmem;
	struct vma rollup = {.size = sum->size};
	const char *from = read_text(pid, "smaps_rollup");

	read_sizes(from, &rollup);
	check_sizes(pid, "rollup", &rollup);
	if (rollup.pss != pss >> 22)
		fail("%d: rollup's Pss is %lu and should be %llu", pid, rollup.pss, pss >> 22);
	if (field(from, "Pss_Anon") + field(from, "Pss_File") + field(from, "Pss_Shmem") + 2 <
	    rollup.pss)
		fail("%d: rollup's Pss is more than its three parts", pid);
	rollup.pss = sum->pss;
	rollup.pss_dirty = sum->pss_dirty;
	if (memcmp(&rollup, sum, sizeof(rollup)))
		fail("%d: rollup differs from the sum of smaps", pid);

	from = read_text(pid, "status");
	file = field(from, "RssFile");
	shmem = field(from, "RssShmem");
	if (field(from, "VmSize") != sum->size || field(from, "VmRSS") != sum->rss ||
	    field(from, "RssAnon") != sum->anonymous || file + shmem != sum->rss - sum->anonymous)
		fail("%d: status differs from the sum of smaps:\n%s", pid, from);
	if (field(from, "VmHWM") < sum->rss || field(from, "VmPeak") < sum->size)
		fail("%d: a peak is below what is", pid);

	if (sscanf(read_text(pid, "statm"), "%lu %lu %lu", &size, &resident, &shared) != 3 ||
	    size * 4 != sum->size || resident * 4 != sum->rss || shared * 4 != file + shmem)
		fail("%d: statm: %s", pid, text);
	if (sscanf(strrchr(read_text(pid, "stat"), ')'),
		   ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		   "%*u %lu %lu",
		   &vsize, &rss) != 2 ||
	    vsize / 1024 != sum->size || rss * 4 != sum->rss)
		fail("%d: stat: %s", pid, text);
}

static void add(struct vma *sum, const struct vma *v)
{
	sum->size += v->size;
	sum->rss += v->rss;
	sum->pss += v->pss;
	sum->pss_dirty += v->pss_dirty;
	sum->shared_clean += v->shared_clean;
	sum->shared_dirty += v->shared_dirty;
	sum->private_clean += v->private_clean;
	sum->private_dirty += v->private_dirty;
	sum->referenced += v->referenced;
	sum->anonymous += v->anonymous;
}

static uint64_t check_pid(int pid)
{
	struct vma sum = {0}, v;
	char path[64], name[32];
	uint64_t pss = 0;
	char *at = read_text(pid, "smaps"), *flags;
	int pagemap;

	if (!*at) /* a zombie */
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	pagemap = open(path, O_RDONLY);
	for (; (flags = strstr(at, "VmFlags:")); at = strchr(flags, '\n') + 1) {
		*flags++ = '\0'; /* a line is looked for in this VMA only */
		v.start = strtoul(at, &at, 16);
		v.end = strtoul(at + 1, NULL, 16);
		v.size = field(at, "Size");
		read_sizes(at, &v);
		snprintf(name, sizeof(name), "%08lx", v.start);
		check_sizes(pid, name, &v);
		if (v.size * 1024 != v.end - v.start)
			fail("%d %s: Size %lu", pid, name, v.size);
		pss += check_frames(pid, pagemap, &v);
		add(&sum, &v);
	}
	close(pagemap);
	sum.start = sum.end = 0;
	check_process(pid, &sum, pss);
	return pss;
}

static void list_processes(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	nr_pids = 0;
	while ((entry = readdir(dir)) && nr_pids < MAX_PIDS)
		if (atoi(entry->d_name))
			pids[nr_pids++] = atoi(entry->d_name);
	closedir(dir);
}

/* Who is of the load and not stopped yet; -1: nobody. */
static int runner(int group)
{
	for (int i = 0; i < nr_pids; i++) {
		const char *rest = strrchr(read_text(pids[i], "stat"), ')');
		int pgrp;
		char state;

		if (rest && sscanf(rest, ") %c %*d %d", &state, &pgrp) == 2 && pgrp == group &&
		    state != 'T' && state != 'Z')
			return pids[i];
	}
	return -1;
}

static void stop(int group)
{
	int tries = 0;

	do {
		kill(-group, SIGSTOP);
		list_processes();
		if (tries++)
			usleep(2000);
	} while (runner(group) >= 0 && tries < 500);
	if (tries >= 500)
		fail("the load does not stop");
}

static void check_machine(int round)
{
	unsigned long frames = 0, max = read_all("/proc/kpagecount", counts, sizeof(counts)) / 8,
		      in_kb = 0;
	uint64_t pss = 0, entries_seen = 0;

	memset(seen, 0, sizeof(seen));
	for (int i = 0; i < nr_pids; i++) {
		uint64_t own = check_pid(pids[i]);

		pss += own;
		in_kb += own >> 22;
	}
	for (unsigned long i = 0; i < max; i++) {
		if (i != zero_frame && seen[i] != counts[i])
			fail("frame %lu: kpagecount %llu, entries %u", i, counts[i], seen[i]);
		frames += seen[i] != 0;
		entries_seen += seen[i];
	}
	/* A frame divided by its entries loses less than one unit for each of them. */
	if (pss > frames * PSS_FRAME || pss + entries_seen < frames * PSS_FRAME)
		fail("Pss is %llu of %llu", pss, frames * PSS_FRAME);
	if (in_kb > frames * 4 || in_kb + nr_pids < frames * 4)
		fail("Pss in kB is %lu, frames %lu", in_kb, frames * 4);
	printf("identities: round %d: %d processes, %lu frames, %llu entries, Pss %lu kB\n", round,
	       nr_pids, frames, entries_seen, in_kb);
}

/* The frame that shows what was never written. */
static void find_zero_frame(void)
{
	static volatile char never[4 * PAGE];
	uintptr_t at = ((uintptr_t)never + PAGE - 1) / PAGE;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	(void)*(volatile char *)(at * PAGE);
	pread(fd, entries, 8, (off_t)at * 8);
	zero_frame = entries[0] & ((1ull << 55) - 1);
	close(fd);
}

static int start_load(void)
{
	static char data[100 * PAGE] = {1};
	int fd = open("/data", O_WRONLY | O_CREAT | O_TRUNC, 0600), pid;

	if (write(fd, data, sizeof(data)) != sizeof(data))
		fail("the file cannot be written");
	close(fd);
	snprintf(command, sizeof(command), "%u", seed);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		execl("/bin/load", "load", command, "5", "/data", NULL);
		_exit(127);
	}
	setpgid(pid, pid);
	return pid;
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 10, group;

	seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	printf("identities: seed %u\n", seed);
	memset(text, 1, sizeof(text));
	memset(entries, 1, sizeof(entries));
	memset(counts, 1, sizeof(counts));
	memset(seen, 1, sizeof(seen));
	find_zero_frame();
	group = start_load();
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int round = 0; round < rounds && failures < 20; round++) {
		usleep(1000 + any(40000));
		stop(group);
		check_machine(round);
		kill(-group, SIGCONT);
	}
	kill(-group, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	printf("identities: %d rounds, %d failures\n", rounds, failures);
	return failures != 0;
}
