/*
 * Migrate types. Memory is lent out in blocks of one kind: user pages, which can be moved by
 * changing a page-table entry, apart from kernel objects, which can not, so that large blocks stay
 * possible where the movable lie.
 */
#include "user/tour/tour.h"

struct type_figures {
	unsigned long free_movable, free_unmovable; /* pages */
	unsigned long top_free_movable;             /* of the highest zone that has any */
	unsigned long movable, unmovable, all;      /* blocks */
	unsigned long block_pages;
};

static unsigned long sum_pages(const char *s)
{
	unsigned long pages = 0, blocks;

	for (int order = 0; order < NR_ORDERS; order++) {
		s = take_number(s, &blocks);
		pages += blocks << order;
	}
	return pages;
}

/* "Number of blocks type     Unmovable      Movable  ...": the numbers stand in the same order. */
static void take_blocks(const char *heading, const char *line, struct type_figures *to)
{
	char type[16];
	const char *names = strstr(heading, "type") + 4;
	const char *s = strstr(line, "zone ");

	s = take_word(s + 5, type, sizeof(type));
	for (;;) {
		unsigned long blocks;

		names = take_word(names, type, sizeof(type));
		if (!type[0])
			return;
		s = take_number(s, &blocks);
		to->all += blocks;
		if (!strcmp(type, "Movable"))
			to->movable += blocks;
		if (!strcmp(type, "Unmovable"))
			to->unmovable += blocks;
	}
}

static void add_movable(struct type_figures *to, unsigned long pages)
{
	to->free_movable += pages;
	if (pages)
		to->top_free_movable = pages;
}

static bool read_types(struct type_figures *to)
{
	static struct lines lines;
	static char heading[160];
	char *line;

	settle();
	memset(to, 0, sizeof(*to));
	heading[0] = '\0';
	if (!lines_open(&lines, "/proc/pagetypeinfo"))
		return false;
	while ((line = lines_next(&lines))) {
		const char *movable = strstr(line, "type      Movable");
		const char *unmovable = strstr(line, "type    Unmovable");

		line_value(line, "Pages per block:", &to->block_pages);
		if (!strncmp(line, "Number of blocks", 16))
			snprintf(heading, sizeof(heading), "%s", line);
		else if (heading[0] && !strncmp(line, "Node", 4) && strstr(line, "zone "))
			take_blocks(heading, line, to);
		else if (movable && !strncmp(line, "Node", 4))
			add_movable(to, sum_pages(movable + 17));
		else if (unmovable && !strncmp(line, "Node", 4))
			to->free_unmovable += sum_pages(unmovable + 17);
	}
	return to->all != 0;
}

static void print_types(const char *when, const struct type_figures *f)
{
	printf("    %-8s %10lu %10lu %12lu %12lu\n", when, f->movable, f->unmovable,
	       f->free_movable, f->free_unmovable);
}

void tour_types(void)
{
	struct type_figures before, after;
	size_t len = fitting(4 * MIB), pages = len / PAGE_SIZE;
	long movable, unmovable;
	char *p = map_pages(len);

	if (!p || !read_types(&before)) {
		skip("no memory, or no /proc/pagetypeinfo");
		return;
	}
	printf("  /proc/pagetypeinfo: blocks of %lu pages, and free pages in them\n",
	       before.block_pages);
	printf("             movable  unmovable  free movable free unmovable\n");
	print_types("before", &before);
	for (size_t i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = 1;
	read_types(&after);
	print_types("written", &after);
	sys_munmap(p, len);
	movable = (long)before.free_movable - (long)after.free_movable;
	unmovable = (long)before.free_unmovable - (long)after.free_unmovable;
	claim_machine(before.block_pages == 1024 || before.block_pages == 512,
		      "a block is what the largest page table entry maps, %lu KB",
		      before.block_pages * 4);
	/* A zone's other blocks are borrowed before a lower zone is asked. */
	if (before.top_free_movable < 2 * pages) {
		printf("  Too few movable pages are free in the highest zone to see more.\n");
		return;
	}
	claim_machine(movable >= (long)pages - 128 && movable <= (long)pages + 128,
		      "%zu pages written: %ld came from movable blocks", pages, movable);
	claim_machine(unmovable < (long)pages / 8, "and %ld from unmovable ones: page tables",
		      unmovable);
}
