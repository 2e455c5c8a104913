/*
 * Zones: buddyinfo, pagetypeinfo and zoneinfo, in the formats of Linux 6.1.
 *
 * The blocks of each order are those on the free lists; frames on the hot lists are free as well, and stand in zoneinfo's
 * pagesets. So the blocks of a zone add up to its free pages less its pagesets.
 *
 * buddyinfo and pagetypeinfo read counters: their cost does not depend on how fragmented memory is. The numbers of
 * anonymous and file pages in a zone are counted for nobody else, so zoneinfo looks at the frames.
 */
#include "fs/file.h"
#include "kernel/report/figures.h"
#include "kernel/report/report.h"

/* Linux's names; of its types, those that there are here. */
static const char *const type_names[MIGRATE_TYPES] = {"Unmovable", "Movable", "Reclaimable", "CMA"};

static void buddyinfo_show(struct seq *s)
{
	const struct zone *z;

	for_each_zone (z) {
		if (!z->managed)
			continue;
		seq_printf(s, "Node 0, zone %8s ", z->name);
		for (unsigned order = 0; order < MAX_ORDER; order++)
			seq_printf(s, "%6u ", zone_nr_blocks(z, order));
		seq_putc(s, '\n');
	}
}

/* ---- pagetypeinfo ---- */

static void free_counts(struct seq *s)
{
	const struct zone *z;

	seq_printf(s, "%-43s ", "Free pages count per migrate type at order");
	for (unsigned order = 0; order < MAX_ORDER; order++)
		seq_printf(s, "%6u ", order);
	seq_putc(s, '\n');
	for_each_zone (z) {
		for (unsigned type = 0; z->managed && type < MIGRATE_TYPES; type++) {
			seq_printf(s, "Node    0, zone %8s, type %12s ", z->name, type_names[type]);
			for (unsigned order = 0; order < MAX_ORDER; order++)
				seq_printf(s, "%6u ", z->free_area[order].nr[type]);
			seq_putc(s, '\n');
		}
	}
}

/* As on Linux a pageblock counts where its first frame is one that there is. */
static void block_counts(struct seq *s)
{
	const struct zone *z;

	seq_printf(s, "\n%-23s", "Number of blocks type ");
	for (unsigned type = 0; type < MIGRATE_TYPES; type++)
		seq_printf(s, "%12s ", type_names[type]);
	seq_putc(s, '\n');
	for_each_zone (z) {
		u32 blocks[MIGRATE_TYPES] = {0}, end = z->start_pfn + z->spanned;

		if (!z->managed)
			continue;
		for (u32 pfn = z->start_pfn; pfn < end; pfn += PAGEBLOCK_PAGES)
			blocks[pageblock_type(pfn)]++;
		seq_printf(s, "Node 0, zone %8s ", z->name);
		for (unsigned type = 0; type < MIGRATE_TYPES; type++)
			seq_printf(s, "%12u ", blocks[type]);
		seq_putc(s, '\n');
	}
}

static void pagetypeinfo_show(struct seq *s)
{
	seq_printf(s, "Page block order: %u\nPages per block:  %u\n\n", PAGEBLOCK_ORDER,
		   PAGEBLOCK_PAGES);
	free_counts(s);
	block_counts(s);
}

/* ---- zoneinfo ---- */

void zone_figures(const struct zone *z, struct memory_figures *f)
{
	struct mlocked_frames locked[MAX_NR_ZONES];
	u32 frames[NR_FRAME_KINDS];

	zone_census(z, frames);
	mlocked_frames(locked);
	*f = (struct memory_figures){
		.free = zone_nr_free(z),
		.anon = frames[FRAME_ANON],
		.shmem = frames[FRAME_SHMEM],
	};
	figures_sort(f, &locked[z - zones], frames[FRAME_FILE]);
}

static void print_lines(struct seq *s, const struct figure_line *lines, u32 n)
{
	for (u32 i = 0; i < n; i++)
		seq_printf(s, "      %-12s %u\n", lines[i].name, lines[i].value);
}

/* What Linux counts for a node stands in its first zone. */
static void node_stats(struct seq *s)
{
	struct figure_line lines[MAX_FIGURE_LINES];
	struct memory_figures f;

	memory_figures(&f);
	seq_puts(s, "  per-node stats\n");
	print_lines(s, lines, node_lines(&f, lines));
}

static void zone_pages(struct seq *s, const struct zone *z)
{
	seq_printf(s, "  pages free     %u\n", zone_nr_free(z));
	seq_printf(s, "        boost    0\n");
	seq_printf(s, "        min      %u\n", z->watermark[WMARK_MIN]);
	seq_printf(s, "        low      %u\n", z->watermark[WMARK_LOW]);
	seq_printf(s, "        high     %u\n", z->watermark[WMARK_HIGH]);
	seq_printf(s, "        spanned  %u\n", z->spanned);
	seq_printf(s, "        present  %u\n", z->present);
	seq_printf(s, "        managed  %u\n", z->managed);
	seq_printf(s, "        cma      0\n");
	seq_printf(s, "        protection: (");
	for (unsigned i = 0; i < MAX_NR_ZONES; i++)
		seq_printf(s, i ? ", %u" : "%u", z->lowmem_reserve[i]);
	seq_puts(s, ")\n");
}

static void zone_stats(struct seq *s, const struct zone *z)
{
	struct figure_line lines[MAX_FIGURE_LINES];
	struct memory_figures f;

	zone_figures(z, &f);
	print_lines(s, lines, zone_lines(&f, lines));
	seq_printf(s, "  pagesets\n    cpu: 0\n");
	seq_printf(s, "              count: %u\n", f.free - z->nr_free);
	seq_printf(s, "              high:  %u\n", z->hot[MIGRATE_MOVABLE].high);
	seq_printf(s, "              batch: %u\n", z->hot[MIGRATE_MOVABLE].batch);
	seq_printf(s, "  start_pfn:           %u\n", z->start_pfn);
}

static void zoneinfo_show(struct seq *s)
{
	bool first = true;
	const struct zone *z;

	for_each_zone (z) {
		seq_printf(s, "Node 0, zone %8s\n", z->name);
		if (first && z->managed) {
			node_stats(s);
			first = false;
		}
		zone_pages(s, z);
		if (z->managed)
			zone_stats(s, z);
	}
}

static struct report reports[] = {
	{.name = "buddyinfo", .show = buddyinfo_show},
	{.name = "pagetypeinfo", .mode = 0400, .show = pagetypeinfo_show},
	{.name = "zoneinfo", .show = zoneinfo_show},
};

__init void zones_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
