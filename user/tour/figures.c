/*
 * Reading the kernel's reports. The formats are Linux's; /proc/self/pagewalk is this kernel's own.
 */
#include "user/tour/tour.h"

static char text[32 * 1024];

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

static const char *next_line(const char *s)
{
	s = strchr(s, '\n');
	return s ? s + 1 : NULL;
}

/* Reads a whole report into `text`; says once for each file that it is not there. */
static bool report(const char *path)
{
	static const char *missing[8];
	unsigned int i;

	if (read_file(path, text, sizeof(text)) > 0)
		return true;
	for (i = 0; i < ARRAY_SIZE(missing) && missing[i]; i++)
		if (!strcmp(missing[i], path))
			return false;
	if (i < ARRAY_SIZE(missing))
		missing[i] = path;
	printf("  (there is no %s here)\n", path);
	return false;
}

/* Copies the word at `s` and returns what follows it. */
static const char *take_word(const char *s, char *to, size_t size)
{
	size_t len = 0;

	s = skip_blanks(s);
	for (; *s && *s != ' ' && *s != '\n' && *s != ','; s++)
		if (len + 1 < size)
			to[len++] = *s;
	to[len] = '\0';
	return s;
}

static const char *take_number(const char *s, unsigned long *to)
{
	*to = parse_number(skip_blanks(s), &s);
	return s;
}

long meminfo_kb(const char *key)
{
	size_t len = strlen(key);
	const char *line;

	if (!report("/proc/meminfo"))
		return UNKNOWN;
	for (line = text; line; line = next_line(line))
		if (!strncmp(line, key, len) && line[len] == ':')
			return parse_number(skip_blanks(line + len + 1), NULL);
	return UNKNOWN;
}

static void take_zone_line(const char *line, struct zone_figures *zone)
{
	const struct {
		const char *key;
		unsigned long *to;
	} keys[] = {
		{"pages free", &zone->free}, {"min", &zone->min},
		{"low", &zone->low},         {"high", &zone->high},
		{"spanned", &zone->spanned}, {"present", &zone->present},
		{"managed", &zone->managed}, {"start_pfn:", &zone->start_pfn},
	};
	unsigned int i;

	line = skip_blanks(line);
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		size_t len = strlen(keys[i].key);

		if (!strncmp(line, keys[i].key, len) && line[len] == ' ')
			*keys[i].to = parse_number(skip_blanks(line + len), NULL);
	}
}

int read_zones(struct zone_figures zones[MAX_ZONES])
{
	struct zone_figures *zone = NULL;
	const char *line;
	int count = 0;

	if (!report("/proc/zoneinfo"))
		return 0;
	for (line = text; line && *line; line = next_line(line)) {
		const char *name = strstr(line, "zone ");

		if (!strncmp(line, "Node", 4) && name) {
			if (zone && !zone->present)
				count--;
			if (count == MAX_ZONES)
				return count;
			zone = &zones[count++];
			memset(zone, 0, sizeof(*zone));
			take_word(name + 4, zone->name, sizeof(zone->name));
		} else if (zone) {
			/* "high" also stands in the pagesets, which follow what we want */
			if (!strncmp(skip_blanks(line), "high:", 5))
				continue;
			take_zone_line(line, zone);
		}
	}
	if (zone && !zone->present)
		count--;
	return count;
}

int read_buddy(struct buddy_figures rows[MAX_ZONES])
{
	const char *line, *s;
	int count = 0;

	if (!report("/proc/buddyinfo"))
		return 0;
	for (line = text; line && *line && count < MAX_ZONES; line = next_line(line)) {
		s = strstr(line, "zone");
		if (!s)
			continue;
		s = take_word(s + 4, rows[count].name, sizeof(rows[count].name));
		for (unsigned int i = 0; i < ARRAY_SIZE(rows[count].blocks); i++)
			s = take_number(s, &rows[count].blocks[i]);
		count++;
	}
	return count;
}

bool read_slab(const char *name, struct slab_figures *slab)
{
	size_t len = strlen(name);
	const char *line, *s;

	if (!report("/proc/slabinfo"))
		return false;
	for (line = text; line && *line; line = next_line(line)) {
		if (strncmp(line, name, len) || line[len] != ' ')
			continue;
		s = take_number(line + len, &slab->active);
		s = take_number(s, &slab->total);
		s = take_number(s, &slab->object_bytes);
		s = take_number(s, &slab->per_slab);
		take_number(s, &slab->pages_per_slab);
		s = strstr(line, "slabdata");
		if (s) {
			unsigned long active_slabs;

			s = take_number(s + 8, &active_slabs);
			take_number(s, &slab->slabs);
		}
		return s != NULL;
	}
	return false;
}

/* The nth word (from 0) of a line of numbers. */
static long nth_number(const char *s, int n)
{
	for (;;) {
		s = skip_blanks(s);
		if (!*s || *s == '\n')
			return UNKNOWN;
		if (!n--)
			return parse_number(s, NULL);
		while (*s && *s != ' ' && *s != '\n')
			s++;
	}
}

long minor_faults(void)
{
	const char *s = text, *end;

	if (!report("/proc/self/stat"))
		return UNKNOWN;
	/* the name, in parentheses, may hold anything: count from the last ')' */
	while ((end = strchr(s, ')')) != NULL)
		s = end + 1;
	return nth_number(s, 7);
}

long resident_kb(void)
{
	long pages = report("/proc/self/statm") ? nth_number(text, 1) : UNKNOWN;

	return pages < 0 ? UNKNOWN : pages * 4;
}

/* One 64-bit entry of a file that is an array of them. */
static size_t read_entries(const char *path, uint64_t index, uint64_t *entries, size_t count)
{
	uint64_t at;
	long n = -1;
	int fd = sys_open(path, O_RDONLY, 0);

	if (fd < 0)
		return 0;
	if (!sys_llseek(fd, index * sizeof(*entries), &at, 0))
		n = sys_read(fd, entries, count * sizeof(*entries));
	sys_close(fd);
	return n > 0 ? (size_t)n / sizeof(*entries) : 0;
}

#define PAGEMAP_PRESENT (1ull << 63)
#define PAGEMAP_FRAME   ((1ull << 55) - 1)

size_t frames_of(const volatile void *start, size_t nr_pages, long *frames)
{
	static uint64_t entries[512];
	size_t done = 0;

	while (done < nr_pages) {
		size_t count = nr_pages - done, n;

		if (count > ARRAY_SIZE(entries))
			count = ARRAY_SIZE(entries);
		n = read_entries("/proc/self/pagemap", (uint32_t)start / PAGE_SIZE + done, entries,
				 count);
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

	if (frame < 0 || read_entries("/proc/kpagecount", frame, &count, 1) != 1)
		return UNKNOWN;
	return count;
}

bool read_walk(uint32_t address, struct walk *walk)
{
	static bool said;
	uint64_t at;
	long n = -1;
	int fd = sys_open("/proc/self/pagewalk", O_RDONLY, 0);

	if (fd >= 0) {
		if (!sys_llseek(fd, address, &at, 0))
			n = sys_read(fd, walk, sizeof(*walk));
		sys_close(fd);
	} else if (!said) {
		said = true;
		printf("  (there is no /proc/self/pagewalk here)\n");
	}
	return n == sizeof(*walk);
}

const char *zone_of(unsigned long frame)
{
	static struct zone_figures zones[MAX_ZONES];
	static int count;

	if (!count)
		count = read_zones(zones);
	for (int i = 0; i < count; i++)
		if (frame >= zones[i].start_pfn && frame - zones[i].start_pfn < zones[i].spanned)
			return zones[i].name;
	/* frame 0 belongs to the DMA zone but is never handed out, so the zone may start at 1 */
	return frame == 0 ? "DMA" : "no zone";
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
