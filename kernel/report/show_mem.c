/*
 * The Mem-Info report on the console, in the form of Linux 6.1 (lib/show_mem.c, mm/page_alloc.c): at sysrq-m and when
 * memory has run out. Runs in interrupts: it reads and prints.
 *
 * free and free_pcp are as in the other reports: free counts the frames on the hot lists, free_pcp says how many of them
 * lie there. So the sum behind a zone's blocks is its free less its free_pcp.
 */
#include "kernel/core/time.h"
#include "kernel/report/figures.h"
#include "kernel/report/report.h"

#define LINE_BYTES 256u
/* Where one process after the other is ended, the report does not stand between each two. */
#define OOM_INTERVAL_NS NSEC_PER_SEC

static void totals(struct seq *s, const struct memory_figures *f)
{
	seq_printf(s, "active_anon:%u inactive_anon:%u isolated_anon:0\n", f->active_anon,
		   f->inactive_anon);
	seq_printf(s, " active_file:%u inactive_file:%u isolated_file:0\n", f->active_file,
		   f->inactive_file);
	seq_printf(s, " unevictable:%u dirty:0 writeback:0\n", f->unevictable);
	seq_printf(s, " slab_reclaimable:%u slab_unreclaimable:%u\n", f->slab_reclaimable,
		   f->slab - f->slab_reclaimable);
	seq_printf(s, " mapped:%u shmem:%u pagetables:%u\n", f->mapped, f->shmem, f->tables);
	seq_printf(s, " bounce:0\n");
	seq_printf(s, " free:%u free_pcp:%u free_cma:0\n", f->free, f->hot);
}

static void node(struct seq *s, const struct memory_figures *f)
{
	seq_printf(s, "Node 0 active_anon:%ukB inactive_anon:%ukB active_file:%ukB",
		   frames_kb(f->active_anon), frames_kb(f->inactive_anon),
		   frames_kb(f->active_file));
	seq_printf(s, " inactive_file:%ukB unevictable:%ukB isolated(anon):0kB isolated(file):0kB",
		   frames_kb(f->inactive_file), frames_kb(f->unevictable));
	seq_printf(s, " mapped:%ukB dirty:0kB writeback:0kB shmem:%ukB", frames_kb(f->mapped),
		   frames_kb(f->shmem));
	seq_printf(s, " kernel_stack:%ukB pagetables:%ukB\n", frames_kb(f->stacks),
		   frames_kb(f->tables));
}

static void zone(struct seq *s, const struct zone *z)
{
	struct memory_figures f;

	zone_figures(z, &f);
	seq_printf(s, "%s free:%ukB boost:0kB min:%ukB low:%ukB high:%ukB", z->name,
		   frames_kb(f.free), frames_kb(z->watermark[WMARK_MIN]),
		   frames_kb(z->watermark[WMARK_LOW]), frames_kb(z->watermark[WMARK_HIGH]));
	seq_printf(s, " active_anon:%ukB inactive_anon:%ukB active_file:%ukB inactive_file:%ukB",
		   frames_kb(f.active_anon), frames_kb(f.inactive_anon), frames_kb(f.active_file),
		   frames_kb(f.inactive_file));
	seq_printf(s, " unevictable:%ukB writepending:0kB present:%ukB managed:%ukB mlocked:%ukB",
		   frames_kb(f.unevictable), frames_kb(z->present), frames_kb(z->managed),
		   frames_kb(f.mlocked));
	seq_printf(s, " bounce:0kB free_pcp:%ukB free_cma:0kB\n", frames_kb(f.free - z->nr_free));
	seq_puts(s, "lowmem_reserve[]:");
	for (unsigned i = 0; i < MAX_NR_ZONES; i++)
		seq_printf(s, " %u", z->lowmem_reserve[i]);
	seq_putc(s, '\n');
}

/* "3*8kB (UM) ": the letters of the types that have a free block of this order. */
static void blocks(struct seq *s, const struct zone *z, unsigned order)
{
	static const char letters[MIGRATE_TYPES] = {'U', 'M', 'E', 'C'};
	u32 nr = zone_nr_blocks(z, order);

	seq_printf(s, "%u*%ukB ", nr, frames_kb(1u << order));
	if (!nr)
		return;
	seq_putc(s, '(');
	for (unsigned type = 0; type < MIGRATE_TYPES; type++)
		if (z->free_area[order].nr[type])
			seq_putc(s, letters[type]);
	seq_puts(s, ") ");
}

static void zone_blocks(struct seq *s, const struct zone *z)
{
	u32 frames = 0;

	seq_printf(s, "%s: ", z->name);
	for (unsigned order = 0; order < MAX_ORDER; order++) {
		blocks(s, z, order);
		frames += zone_nr_blocks(z, order) << order;
	}
	seq_printf(s, "= %ukB\n", frames_kb(frames));
}

static void machine(struct seq *s, const struct memory_figures *f)
{
	const struct zone *z;
	u32 present = 0;

	for_each_zone (z)
		present += z->present;
	seq_printf(s, "%u total pagecache pages\n", f->cached);
	seq_printf(s, "0 pages in swap cache\n");
	seq_printf(s, "Free swap  = 0kB\nTotal swap = 0kB\n");
	seq_printf(s, "%u pages RAM\n", present);
	seq_printf(s, "%u pages HighMem/MovableOnly\n", zones[ZONE_HIGHMEM].present);
	seq_printf(s, "%u pages reserved\n", present - f->managed);
}

void show_mem(void)
{
	char text[LINE_BYTES];
	struct memory_figures f;
	const struct zone *z;
	struct seq s;

	memory_figures(&f);
	seq_init_printk(&s, text, sizeof(text));
	seq_puts(&s, "Mem-Info:\n");
	totals(&s, &f);
	node(&s, &f);
	for_each_zone (z)
		if (z->managed)
			zone(&s, z);
	for_each_zone (z)
		if (z->managed)
			zone_blocks(&s, z);
	machine(&s, &f);
	seq_flush(&s);
}

void show_mem_at_oom(void)
{
	static u64 next_ns;
	u64 now = time_monotonic_ns();

	if (now < next_ns)
		return;
	next_ns = now + OOM_INTERVAL_NS;
	show_mem();
}
