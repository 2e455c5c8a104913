/*
 * What page tables cost. A flat table of 4 GB has 2^20 entries of 4 bytes: 4 MB for every program.
 * In two levels a table of 4 KB stands only where one of its 4 MB is used.
 */
#include "user/tour/tour.h"

#define ENTRIES      1024u
#define TABLE_REACH  (ENTRIES * PAGE_SIZE)
#define FLAT_KB      (1024 * 1024 * 4 / 1024)
#define FIFTH        205u /* of 1024 tables: 20 % of 4 GB */
#define TABLE_KB     ((long)(PAGE_SIZE / KIB))
#define DIRECTORY_KB TABLE_KB

/* A range of whole 4 MB that are promised to nobody else, to be read only. */
static char *map_tables(unsigned int count)
{
	size_t len = (count + 1) * TABLE_REACH;
	char *p =
		sys_mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *start = (char *)(((uint32_t)p + TABLE_REACH - 1) & -TABLE_REACH);

	if (is_error_ptr(p))
		return NULL;
	if (start > p)
		sys_munmap(p, start - p);
	sys_munmap(start + count * TABLE_REACH, p + TABLE_REACH - start);
	sys_madvise(start, count * TABLE_REACH, MADV_NOHUGEPAGE);
	return start;
}

static long show(const char *when)
{
	long kb = status_kb("VmPTE:");

	printf("    %-44s VmPTE %5ld kB\n", when, kb);
	return kb;
}

void tour_tables(void)
{
	unsigned int count = fitting(FIFTH * PAGE_SIZE) / PAGE_SIZE, sum = 0;
	long before, mapped, touched, back, grown;
	volatile char *p = map_tables(count);

	printf("  A flat table: 4 GB / 4 KB = 1048576 entries of 4 bytes, %d KB for each "
	       "program.\n",
	       FLAT_KB);
	printf("  Two levels, 20 %% of 4 GB in use: a directory and %u of 1024 tables, %ld KB.\n",
	       FIFTH, DIRECTORY_KB + FIFTH * TABLE_KB);
	if (!p || !count || status_kb("VmPTE:") < 0) {
		skip("no room to map, or no VmPTE in /proc/self/status");
		return;
	}
	if (count < FIFTH)
		printf("  This machine has room for %u tables.\n", count);
	before = show("before");
	mapped = show("mapped, nothing touched");
	claim(mapped == before, "%u MB mapped took no table", count * TABLE_REACH / MIB);
	for (unsigned int i = 0; i < count; i++)
		sum |= p[i * TABLE_REACH] | p[i * TABLE_REACH + TABLE_REACH - PAGE_SIZE];
	touched = show("first and last page of every 4 MB read");
	sys_munmap((void *)p, count * TABLE_REACH);
	back = show("unmapped");
	grown = touched - mapped;
	if (grown > 3 * (long)count * TABLE_KB / 2) {
		printf("  A table of this kernel reaches 2 MB: 512 entries of 8 bytes.\n");
		claim(grown / (2 * TABLE_KB) >= (long)count && sum == 0,
		      "%u times 4 MB need two such tables each, %ld kB", count, grown);
	} else {
		claim(grown == (long)count * TABLE_KB && sum == 0,
		      "%u times 4 MB need a table each, %ld kB", count, grown);
		claim(grown + DIRECTORY_KB < FLAT_KB / 4,
		      "with the directory %ld KB, where a flat table takes %d KB",
		      grown + DIRECTORY_KB, FLAT_KB);
	}
	claim(back == before, "tables that are no longer used were given back");
}
