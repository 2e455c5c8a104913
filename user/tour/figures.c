/* The figures that the chapters look at, as user/lib/proc.h reads them. */
#include "user/tour/tour.h"

static struct lines lines;

int read_buddy(struct buddy_figures rows[MAX_ZONES])
{
	const char *s;
	char *line;
	int count = 0;

	if (!lines_open(&lines, "/proc/buddyinfo"))
		return 0;
	while ((line = lines_next(&lines))) {
		s = strstr(line, "zone");
		if (!s || count == MAX_ZONES)
			continue;
		s = take_word(s + 4, rows[count].name, sizeof(rows[count].name));
		for (int i = 0; i < NR_ORDERS; i++)
			s = take_number(s, &rows[count].blocks[i]);
		count++;
	}
	return count;
}

static bool take_slab(const char *line, struct slab_figures *slab)
{
	const char *s = take_number(line, &slab->active);
	unsigned long active_slabs;

	s = take_number(s, &slab->total);
	s = take_number(s, &slab->object_bytes);
	s = take_number(s, &slab->per_slab);
	take_number(s, &slab->pages_per_slab);
	s = strstr(line, "slabdata");
	if (!s)
		return false;
	s = take_number(s + 8, &active_slabs);
	take_number(s, &slab->slabs);
	return true;
}

bool read_slab(const char *name, struct slab_figures *slab)
{
	size_t len = strlen(name);
	bool found = false;
	char *line;

	if (!lines_open(&lines, "/proc/slabinfo"))
		return false;
	while ((line = lines_next(&lines)))
		if (!found && !strncmp(line, name, len) && line[len] == ' ')
			found = take_slab(line + len, slab);
	return found;
}

/* The nth number, from 0, behind the process's name in /proc/self/stat. */
static long stat_number(int n)
{
	static char text[512];
	const char *s = text, *end;
	unsigned long value = 0;

	if (read_file("/proc/self/stat", text, sizeof(text)) <= 0)
		return UNKNOWN;
	/* the name, in parentheses, may hold anything: count from the last ')' */
	while ((end = strchr(s, ')')) != NULL)
		s = end + 1;
	while (n-- >= 0 && *s)
		for (s = skip_blanks(s); n >= 0 && *s && *s != ' '; s++)
			;
	take_number(s, &value);
	return value;
}

long minor_faults(void)
{
	return stat_number(7);
}

long major_faults(void)
{
	return stat_number(9);
}

long status_kb(const char *key)
{
	return report_value("/proc/self/status", key);
}

long resident_kb(void)
{
	return report_value("/proc/self/smaps_rollup", "Rss:");
}

size_t frames_of(const volatile void *start, size_t nr_pages, long *frames)
{
	static uint64_t entries[512];
	size_t done = 0;

	while (done < nr_pages) {
		size_t count = nr_pages - done, n;

		if (count > ARRAY_SIZE(entries))
			count = ARRAY_SIZE(entries);
		n = read_entries_of("/proc/self/pagemap", (uint32_t)start / PAGE_SIZE + done,
				    entries, count);
		for (size_t i = 0; i < n; i++, done++)
			frames[done] = entries[i] & PAGEMAP_PRESENT && entries[i] & PAGEMAP_FRAME
					       ? (long)(entries[i] & PAGEMAP_FRAME)
					       : UNKNOWN;
		if (!n)
			break;
	}
	return done;
}

long frame_of(const volatile void *address)
{
	long frame;

	return frames_of(address, 1, &frame) == 1 ? frame : UNKNOWN;
}

long map_count(long frame)
{
	uint64_t count;

	if (frame < 0 || read_entries_of("/proc/kpagecount", frame, &count, 1) != 1)
		return UNKNOWN;
	return count;
}

uint64_t frame_flags(long frame)
{
	uint64_t flags;

	if (frame < 0 || read_entries_of("/proc/kpageflags", frame, &flags, 1) != 1)
		return 0;
	return flags;
}

int count_areas(const volatile void *start, const volatile void *end)
{
	static struct mapping area;
	int count = 0;
	char *line;

	if (!lines_open(&lines, "/proc/self/maps"))
		return -1;
	while ((line = lines_next(&lines)))
		if (parse_mapping(line, &area) && area.start < (uint32_t)end &&
		    area.end > (uint32_t)start)
			count++;
	return count;
}

long system_ram_kb(void)
{
	long kb = 0;
	char *line;

	if (!lines_open(&lines, "/proc/iomem"))
		return UNKNOWN;
	while ((line = lines_next(&lines))) {
		uint64_t from, to;

		if (*line == ' ' || !strstr(line, "System RAM"))
			continue;
		take_hex(take_hex(line, &from) + 1, &to);
		/* whole pages only, as the kernel counts them */
		from = (from + PAGE_SIZE - 1) / PAGE_SIZE;
		to = (to + 1) / PAGE_SIZE;
		if (to > from)
			kb += (to - from) * (PAGE_SIZE / KIB);
	}
	return kb ? kb : UNKNOWN; /* those who are not root are told zeros */
}

void settle(void)
{
	char counts[256];

	read_file("/proc/pagoda/counts", counts, sizeof(counts));
}

char *map_pages(size_t len)
{
	char *p = sys_mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (is_error_ptr(p))
		return NULL;
	sys_madvise(p, len, MADV_NOHUGEPAGE);
	return p;
}

size_t fitting(size_t want)
{
	long free_kb = meminfo_kb("MemFree");

	if (free_kb >= 0 && (size_t)free_kb / 4 * 3 < want / KIB)
		want = (size_t)free_kb / 4 * 3 * KIB;
	return want & ~(PAGE_SIZE - 1);
}

struct waiting start_waiting(void)
{
	struct waiting process = {.pid = 0};
	int fds[2];
	char byte;

	if (sys_pipe(fds))
		return process;
	process.pid = sys_fork();
	if (process.pid == 0) {
		sys_close(fds[1]);
		sys_read(fds[0], &byte, 1);
		sys_exit(0);
	}
	sys_close(fds[0]);
	process.hold = fds[1];
	if (process.pid < 0) {
		sys_close(fds[1]);
		process.pid = 0;
	}
	return process;
}

void release(struct waiting process)
{
	if (!process.pid)
		return;
	/* to close is not enough: processes that were started later have the pipe, too */
	sys_write(process.hold, "", 1);
	sys_close(process.hold);
	sys_wait4(process.pid, NULL, 0, NULL);
}
