/*
 * The buddy allocator splits large blocks when pages are taken, and merges them when
 * they come back.
 */
#include "user/tour/tour.h"

struct snapshot {
	struct buddy_figures rows[MAX_ZONES];
	int count;
};

/* Freed pages first go to each zone's hot list, which buddyinfo does not show. */
static void take(struct snapshot *to, const char *when)
{
	settle();
	to->count = read_buddy(to->rows);
	for (int i = 0; i < to->count; i++) {
		printf("    %-9s %-8s", when, to->rows[i].name);
		for (int order = 0; order < NR_ORDERS; order++)
			printf("%5lu", to->rows[i].blocks[order]);
		printf("\n");
	}
}

static long pages_from(const struct snapshot *snapshot, int first, int end)
{
	long pages = 0;

	for (int i = 0; i < snapshot->count; i++)
		for (int order = first; order < end; order++)
			pages += (long)snapshot->rows[i].blocks[order] << order;
	return pages;
}

static long blocks_from(const struct snapshot *snapshot, int first)
{
	long blocks = 0;

	for (int i = 0; i < snapshot->count; i++)
		for (int order = first; order < NR_ORDERS; order++)
			blocks += (long)snapshot->rows[i].blocks[order];
	return blocks;
}

void tour_buddy(void)
{
	static struct snapshot before, touched, after;
	size_t len, pages;
	long taken, back, blocks, large[2];
	int order = NR_ORDERS - 1;
	char *p;

	len = fitting(8 * MIB);
	pages = len / PAGE_SIZE;
	p = map_pages(len);
	if (!p || !pages) {
		claim(UNSEEN, "not enough memory to show it");
		return;
	}
	printf("  /proc/buddyinfo: free blocks of 2^order pages, before and after writing %zu "
	       "pages\n",
	       pages);
	printf("    when      zone    ");
	for (int i = 0; i < NR_ORDERS; i++)
		printf("%5d", i);
	printf("\n");
	take(&before, "before");
	if (!before.count) {
		claim(UNSEEN, "the buddy allocator's free blocks");
		sys_munmap(p, len);
		return;
	}
	/*
	 * small blocks alone cannot serve us below this order: at least one block from here on has
	 * to be split
	 */
	while (order > 0 && pages_from(&before, 0, order) >= (long)pages)
		order--;
	for (size_t i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = 1;
	take(&touched, "written");
	sys_munmap(p, len);
	take(&after, "freed");
	taken = pages_from(&before, 0, NR_ORDERS) - pages_from(&touched, 0, NR_ORDERS);
	back = pages_from(&after, 0, NR_ORDERS) - pages_from(&touched, 0, NR_ORDERS);
	large[0] = blocks_from(&before, order);
	large[1] = blocks_from(&touched, order);
	blocks = blocks_from(&after, 0) - blocks_from(&touched, 0);
	/*
	 * page tables and the zones' hot pages make the figures differ a little from the pages
	 * asked for
	 */
	claim_machine(taken >= (long)pages - 128 && taken <= (long)pages + 128,
		      "writing %zu pages took %ld from the free lists", pages, taken);
	claim_machine(large[1] < large[0], "large blocks were split: order %d and up, %ld -> %ld",
		      order, large[0], large[1]);
	claim_machine(back >= (long)pages - 128 && back <= (long)pages + 128,
		      "freeing them gave %ld back", back);
	claim_machine(back > 0 && blocks < back / 8,
		      "free blocks rose by %ld only: they were merged with their buddies", blocks);
}
