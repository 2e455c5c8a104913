#include "user/lib/machine.h"
#include "user/lib/io.h"
#include "user/lib/syscall.h"

void machine_read(struct machine *m)
{
	/* before the first reading, which counts it */
	memset(m, 1, sizeof(*m));
	/* this one gives caches back */
	read_file("/proc/pagoda/counts", m->counts, sizeof(m->counts));
	read_file("/proc/slabinfo", m->slabs, sizeof(m->slabs));
	read_file("/proc/mounts", m->mounts, sizeof(m->mounts));
}

#define FREE "free_or_slab_pages"

/* The number behind a name. */
static uint32_t value(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	if (!at)
		return 0;
	for (at += strlen(name); *at == ' '; at++)
		;
	return parse_number(at, NULL);
}

static bool is_same(const struct machine *a, const struct machine *b)
{
	static const char *const names[] = {FREE, "slab_objects", "vmalloc_pages", "anon_pages",
					    "table_pages"};

	for (uint32_t i = 0; i < ARRAY_SIZE(names); i++)
		if (value(a->counts, names[i]) != value(b->counts, names[i]))
			return false;
	return a->counts[0] != '\0';
}

/* The lines of one text that the other does not have. */
static void say_new_lines(char *text, const char *before)
{
	for (char *end; (end = strchr(text, '\n')); text = end + 1) {
		*end = '\0';
		if (!strstr(before, text))
			printf("machine: %s\n", text);
	}
}

bool machine_is_same(struct machine *before, struct machine *after)
{
	printf("machine: %u frames are free or in slabs, %u were\n", value(after->counts, FREE),
	       value(before->counts, FREE));
	if (is_same(before, after))
		return true;
	say_new_lines(after->counts, before->counts);
	printf("machine: before:\n%s", before->counts);
	say_new_lines(after->slabs, before->slabs);
	say_new_lines(after->mounts, before->mounts);
	return false;
}

bool machine_check(void)
{
	static char text[2048];
	long len = -1;
	char *line = text;
	bool whole;

	/* Who holds all memory does not hold it for long. */
	for (int trial = 0; trial < 10000 && len <= 0; trial++) {
		len = read_file("/proc/pagoda/check", text, sizeof(text));
		if (len <= 0)
			sys_sched_yield();
	}
	whole = len > 0;
	if (!whole)
		printf("machine: check: cannot be read\n");
	for (char *end; len > 0 && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (end - line >= 3 && !strcmp(end - 3, " ok"))
			continue;
		printf("machine: check: %s\n", line);
		whole = false;
	}
	return whole;
}
