/* Reports of the kernel: lines, numbers, meminfo, zones, and arrays of entries. */
#include "user/lib/proc.h"

#include "user/lib/io.h"
#include "user/lib/syscall.h"

/* ---- text ---- */

bool lines_open(struct lines *lines, const char *path)
{
	lines->fd = sys_open(path, O_RDONLY, 0);
	lines->at = lines->len = 0;
	return lines->fd >= 0;
}

void lines_close(struct lines *lines)
{
	if (lines->fd >= 0)
		sys_close(lines->fd);
	lines->fd = -1;
}

/* Moves what is left to the front and reads more behind it; false if nothing more came. */
static bool refill(struct lines *lines)
{
	long n;

	memmove(lines->text, lines->text + lines->at, lines->len - lines->at);
	lines->len -= lines->at;
	lines->at = 0;
	if (lines->fd < 0)
		return false;
	n = sys_read(lines->fd, lines->text + lines->len, sizeof(lines->text) - 1 - lines->len);
	if (n <= 0)
		return false;
	lines->len += n;
	return true;
}

/* The line's end in the buffer, or NULL. */
static char *find_end(struct lines *lines)
{
	for (size_t i = lines->at; i < lines->len; i++)
		if (lines->text[i] == '\n')
			return lines->text + i;
	return NULL;
}

/* Drops the rest of a line that did not fit. */
static void skip_line(struct lines *lines)
{
	char *end;

	do {
		end = find_end(lines);
		lines->at = end ? (size_t)(end + 1 - lines->text) : lines->len;
	} while (!end && refill(lines));
}

char *lines_next(struct lines *lines)
{
	static char cut[sizeof(lines->text)];
	char *line, *end;

	while (!(end = find_end(lines)) && lines->len - lines->at < sizeof(lines->text) - 1)
		if (!refill(lines))
			break;
	line = lines->text + lines->at;
	if (end) {
		*end = '\0';
		lines->at = end + 1 - lines->text;
		return line;
	}
	if (lines->at == lines->len) {
		lines_close(lines);
		return NULL;
	}
	memcpy(cut, line, lines->len - lines->at);
	cut[lines->len - lines->at] = '\0';
	skip_line(lines);
	return cut;
}

const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

const char *take_word(const char *s, char *to, size_t size)
{
	size_t len = 0;

	s = skip_blanks(s);
	for (; *s && *s != ' ' && *s != '\t' && *s != ','; s++)
		if (len + 1 < size)
			to[len++] = *s;
	to[len] = '\0';
	return s;
}

const char *take_number(const char *s, unsigned long *to)
{
	*to = 0;
	for (s = skip_blanks(s); *s >= '0' && *s <= '9'; s++)
		*to = *to * 10 + *s - '0';
	return s;
}

const char *take_hex(const char *s, uint64_t *to)
{
	*to = 0;
	for (s = skip_blanks(s);; s++) {
		if (*s >= '0' && *s <= '9')
			*to = *to << 4 | (*s - '0');
		else if ((*s | 32) >= 'a' && (*s | 32) <= 'f')
			*to = *to << 4 | ((*s | 32) - 'a' + 10);
		else
			return s;
	}
}

bool line_value(const char *line, const char *key, unsigned long *to)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len))
		return false;
	take_number(line + len, to);
	return true;
}

long report_value(const char *path, const char *key)
{
	static struct lines lines;
	unsigned long value;
	char *line;

	if (!lines_open(&lines, path))
		return -1;
	while ((line = lines_next(&lines)))
		if (line_value(line, key, &value)) {
			lines_close(&lines);
			return value;
		}
	return -1;
}

long meminfo_kb(const char *key)
{
	char with_colon[32];

	snprintf(with_colon, sizeof(with_colon), "%s:", key);
	return report_value("/proc/meminfo", with_colon);
}

/* ---- zones ---- */

static void take_protection(const char *s, struct zone_figures *zone)
{
	for (int i = 0; i < MAX_ZONES && *s && *s != ')'; i++) {
		s = take_number(s + 1, &zone->protection[i]);
		while (*s && *s != ',' && *s != ')')
			s++;
	}
}

static void take_zone_line(const char *line, struct zone_figures *zone)
{
	const struct {
		const char *key;
		unsigned long *to;
	} keys[] = {
		/* with a blank behind: "high:" in the pagesets is something else */
		{"pages free ", &zone->free}, {"min ", &zone->min},
		{"low ", &zone->low},         {"high ", &zone->high},
		{"spanned ", &zone->spanned}, {"present ", &zone->present},
		{"managed ", &zone->managed}, {"start_pfn:", &zone->start_pfn},
	};

	line = skip_blanks(line);
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		if (line_value(line, keys[i].key, keys[i].to))
			return;
	if (!strncmp(line, "protection: ", 12))
		take_protection(line + 12, zone);
}

int read_zones(struct zone_figures zones[MAX_ZONES])
{
	static struct lines lines;
	struct zone_figures *zone = NULL;
	char *line;
	int count = 0;

	if (!lines_open(&lines, "/proc/zoneinfo"))
		return 0;
	while ((line = lines_next(&lines))) {
		const char *name = strstr(line, "zone ");

		if (!strncmp(line, "Node", 4) && name) {
			if (zone && !zone->present)
				count--;
			if (count == MAX_ZONES)
				break;
			zone = &zones[count++];
			memset(zone, 0, sizeof(*zone));
			take_word(name + 4, zone->name, sizeof(zone->name));
		} else if (zone) {
			take_zone_line(line, zone);
		}
	}
	lines_close(&lines);
	if (zone && !zone->present)
		count--;
	return count;
}

const struct zone_figures *zone_at(uint64_t frame)
{
	static struct zone_figures zones[MAX_ZONES];
	static int count;

	if (!count)
		count = read_zones(zones);
	/* frame 0 belongs to the first zone but is never handed out, so that may start at 1 */
	if (!frame && count)
		return &zones[0];
	for (int i = 0; i < count; i++)
		if (frame >= zones[i].start_pfn && frame - zones[i].start_pfn < zones[i].spanned)
			return &zones[i];
	return NULL;
}

const char *zone_of(uint64_t frame)
{
	const struct zone_figures *zone = zone_at(frame);

	return zone ? zone->name : "no zone";
}

/* ---- arrays of entries ---- */

size_t read_entries(int fd, uint64_t index, uint64_t *entries, size_t count)
{
	long n = sys_pread64(fd, entries, count * sizeof(*entries), index * sizeof(*entries));

	return n > 0 ? (size_t)n / sizeof(*entries) : 0;
}

size_t read_entries_of(const char *path, uint64_t index, uint64_t *entries, size_t count)
{
	int fd = sys_open(path, O_RDONLY, 0);
	size_t n;

	if (fd < 0)
		return 0;
	n = read_entries(fd, index, entries, count);
	sys_close(fd);
	return n;
}
