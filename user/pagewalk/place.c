/* Which address is meant: a number, or the name of a region in PID/maps. */
#include "user/pagewalk/pagewalk.h"

#include "user/lib/io.h"
#include "user/lib/syscall.h"

static struct lines maps;

static bool open_maps(int pid)
{
	if (lines_open(&maps, pid_path(pid, "maps")))
		return true;
	printf("pagewalk: there is no process %d\n", pid);
	return false;
}

static bool next_area(struct mapping *area)
{
	char *line = lines_next(&maps);

	return line && parse_mapping(line, area);
}

/* `text` and `data` are the first areas of their kind; the program's own stand before libraries. */
static bool is_region(const struct mapping *area, const char *name)
{
	if (!strcmp(name, "text"))
		return area->perms[2] == 'x' && area->inode;
	if (!strcmp(name, "data"))
		return area->perms[1] == 'w' && area->inode;
	if (!strcmp(name, "heap") || !strcmp(name, "stack"))
		return area->name[0] == '[' && !strncmp(area->name + 1, name, strlen(name));
	return strstr(area->name, name) != NULL;
}

/* The first page of the area that has a frame; its first page if none has. */
static uint64_t first_present(int pid, const struct mapping *area)
{
	static uint64_t entries[256];
	uint64_t at = area->start / PAGE_SIZE, end = area->end / PAGE_SIZE;
	int fd = sys_open(pid_path(pid, "pagemap"), O_RDONLY, 0);

	while (fd >= 0 && at < end) {
		size_t want = end - at < ARRAY_SIZE(entries) ? end - at : ARRAY_SIZE(entries);
		size_t n = read_entries(fd, at, entries, want);

		for (size_t i = 0; i < n; i++)
			if (entries[i] & PAGEMAP_PRESENT) {
				sys_close(fd);
				return (at + i) * PAGE_SIZE;
			}
		if (!n)
			break;
		at += n;
	}
	if (fd >= 0)
		sys_close(fd);
	return area->start;
}

static bool find_region(int pid, const char *name, struct place *to)
{
	if (!open_maps(pid))
		return false;
	while (next_area(&to->area))
		if (is_region(&to->area, name)) {
			lines_close(&maps);
			to->address = first_present(pid, &to->area);
			return true;
		}
	lines_close(&maps);
	printf("pagewalk: process %d has no region '%s', and that is no hexadecimal address\n", pid,
	       name);
	return false;
}

static bool find_address(int pid, uint64_t address, struct place *to)
{
	if (!open_maps(pid))
		return false;
	while (next_area(&to->area))
		if (address >= to->area.start && address < to->area.end) {
			lines_close(&maps);
			return true;
		}
	lines_close(&maps);
	memset(&to->area, 0, sizeof(to->area));
	return true;
}

bool find_place(int pid, const char *what, struct place *to)
{
	const char *digits = what[0] == '0' && (what[1] | 32) == 'x' ? what + 2 : what;
	const char *end = take_hex(digits, &to->address);

	to->pid = pid;
	if (*digits && !*end)
		return find_address(pid, to->address, to);
	return find_region(pid, what, to);
}
