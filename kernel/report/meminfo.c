/*
 * The system's memory in frames and kilobytes: meminfo and vmstat, with the names, order and units of Linux 6.1
 * (Documentation/filesystems/proc.rst). docs/REPORTS.md says what each line counts here; lines of Linux that could mean
 * nothing here are left out.
 *
 * There is no reclaim, so no page is found to be active or not by how it is used. The lists of Linux are filled by what
 * would be on them: anonymous memory is active, as it begins there; shared memory and tmpfs, which only swap could
 * take, are inactive anonymous memory until there is swap; pages of a file system that is nowhere but in memory are
 * unevictable, as Linux's ramfs' are, and so is what mlock holds. So MemAvailable promises nothing that cannot be had.
 */
#include "fs/file.h"
#include "kernel/process/task.h"
#include "kernel/report/figures.h"
#include "kernel/report/report.h"
#include "lib/string.h"
#include "mm/kmem/directmap.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "mm/phys/zone.h"
#include "mm/vm/commit.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"

/* What the zones keep back from programs. */
static u32 reserved_frames(void)
{
	u32 kept = 0;
	struct zone *z;

	for_each_zone (z) {
		u32 reserve = 0;

		for (unsigned i = 0; i < MAX_NR_ZONES; i++)
			reserve = MAX(reserve, z->lowmem_reserve[i]);
		kept += MIN(reserve + z->watermark[WMARK_HIGH], z->managed);
	}
	return kept;
}

/* What of nr_pages can be taken back without harm: Linux counts half, or all but what the low watermarks hold. */
static u32 recoverable(u32 nr_pages)
{
	u32 low = 0;
	struct zone *z;

	for_each_zone (z)
		low += z->watermark[WMARK_LOW];
	return nr_pages - MIN(nr_pages / 2, low);
}

/* Linux's si_mem_available(): what a program could get without anybody suffering. */
static u32 available_frames(const struct memory_figures *f)
{
	u32 have = f->free + recoverable(f->active_file + f->inactive_file) +
		   recoverable(f->slab_reclaimable);
	u32 kept = reserved_frames();

	return have > kept ? have - kept : 0;
}

void figures_sort(struct memory_figures *f, const struct mlocked_frames *locked, u32 file)
{
	f->active_anon = f->anon - MIN(locked->anon, f->anon);
	f->inactive_anon = f->shmem - MIN(locked->shmem, f->shmem);
	f->unevictable = file + locked->anon + locked->shmem;
	f->mlocked = locked->anon + locked->shmem + locked->file;
}

void memory_figures(struct memory_figures *f)
{
	struct mlocked_frames zone_locked[MAX_NR_ZONES], locked = {0};
	const struct zone *z;

	*f = (struct memory_figures){
		.managed = nr_managed_pages(),
		.free = nr_free_pages(),
		.high_managed = zones[ZONE_HIGHMEM].managed,
		.high_free = zone_nr_free(&zones[ZONE_HIGHMEM]),
		.cached = page_cache_nr_pages(),
		.shmem = page_cache_nr_shmem(),
		.mapped = page_cache_nr_mapped(),
		.anon = mm_nr_anon_pages(),
		.slab = slab_nr_pages(),
		.slab_reclaimable = slab_nr_reclaimable_pages(),
		.stacks = vmalloc_nr_stack_pages(),
		.tables = mm_nr_table_pages(),
	};
	for_each_zone (z)
		f->hot += zone_nr_free(z) - z->nr_free;
	mlocked_frames(zone_locked);
	for (unsigned i = 0; i < MAX_NR_ZONES; i++) {
		locked.anon += zone_locked[i].anon;
		locked.shmem += zone_locked[i].shmem;
		locked.file += zone_locked[i].file;
	}
	figures_sort(f, &locked, f->cached - f->shmem);
	f->available = available_frames(f);
}

static void line(struct seq *s, const char *name, u32 frames)
{
	seq_printf(s, "%-16s%8u kB\n", name, frames_kb(frames));
}

static void meminfo_show(struct seq *s)
{
	struct memory_figures f;

	memory_figures(&f);
	line(s, "MemTotal:", f.managed);
	line(s, "MemFree:", f.free);
	line(s, "MemAvailable:", f.available);
	line(s, "Buffers:", 0);
	line(s, "Cached:", f.cached);
	line(s, "SwapCached:", 0);
	line(s, "Active:", f.active_anon + f.active_file);
	line(s, "Inactive:", f.inactive_anon + f.inactive_file);
	line(s, "Active(anon):", f.active_anon);
	line(s, "Inactive(anon):", f.inactive_anon);
	line(s, "Active(file):", f.active_file);
	line(s, "Inactive(file):", f.inactive_file);
	line(s, "Unevictable:", f.unevictable);
	line(s, "Mlocked:", f.mlocked);
	line(s, "HighTotal:", f.high_managed);
	line(s, "HighFree:", f.high_free);
	line(s, "LowTotal:", f.managed - f.high_managed);
	line(s, "LowFree:", f.free - f.high_free);
	line(s, "SwapTotal:", 0);
	line(s, "SwapFree:", 0);
	line(s, "Dirty:", 0);
	line(s, "Writeback:", 0);
	line(s, "AnonPages:", f.anon);
	line(s, "Mapped:", f.mapped);
	line(s, "Shmem:", f.shmem);
	line(s, "KReclaimable:", f.slab_reclaimable);
	line(s, "Slab:", f.slab);
	line(s, "SReclaimable:", f.slab_reclaimable);
	line(s, "SUnreclaim:", f.slab - f.slab_reclaimable);
	line(s, "KernelStack:", f.stacks);
	line(s, "PageTables:", f.tables);
	line(s, "Bounce:", 0);
	line(s, "CommitLimit:", commit_limit());
	line(s, "Committed_AS:", vm_committed);
	line(s, "VmallocTotal:", (VMALLOC_END - VMALLOC_BASE) >> PAGE_SHIFT);
	line(s, "VmallocUsed:", vmalloc_nr_pages());
	line(s, "VmallocChunk:", 0);
	line(s, "DirectMap4k:", directmap.pages_4k);
	line(s, "DirectMap4M:", directmap.pages_4m * PTRS_PER_TABLE);
}

/* ---- vmstat ---- */

/* The lines of a zone, or of all zones together: Linux's names in Linux's order. */
u32 zone_lines(const struct memory_figures *f, struct figure_line lines[MAX_FIGURE_LINES])
{
	const struct figure_line all[] = {
		{"nr_free_pages", f->free},
		{"nr_zone_inactive_anon", f->inactive_anon},
		{"nr_zone_active_anon", f->active_anon},
		{"nr_zone_inactive_file", f->inactive_file},
		{"nr_zone_active_file", f->active_file},
		{"nr_zone_unevictable", f->unevictable},
		{"nr_zone_write_pending", 0},
		{"nr_mlock", f->mlocked},
		{"nr_bounce", 0},
		{"nr_free_cma", 0},
	};

	static_assert(ARRAY_SIZE(all) <= MAX_FIGURE_LINES, "they fit");
	memcpy(lines, all, sizeof(all));
	return ARRAY_SIZE(all);
}

/* Those of a node, of which there is one. */
u32 node_lines(const struct memory_figures *f, struct figure_line lines[MAX_FIGURE_LINES])
{
	const struct figure_line all[] = {
		{"nr_inactive_anon", f->inactive_anon},
		{"nr_active_anon", f->active_anon},
		{"nr_inactive_file", f->inactive_file},
		{"nr_active_file", f->active_file},
		{"nr_unevictable", f->unevictable},
		{"nr_slab_reclaimable", f->slab_reclaimable},
		{"nr_slab_unreclaimable", f->slab - f->slab_reclaimable},
		{"nr_anon_pages", f->anon},
		{"nr_mapped", f->mapped},
		{"nr_file_pages", f->cached},
		{"nr_dirty", 0},
		{"nr_writeback", 0},
		{"nr_shmem", f->shmem},
		{"nr_kernel_stack", frames_kb(f->stacks)},
		{"nr_page_table_pages", f->tables},
		{"nr_swapcached", 0},
	};

	static_assert(ARRAY_SIZE(all) <= MAX_FIGURE_LINES, "they fit");
	memcpy(lines, all, sizeof(all));
	return ARRAY_SIZE(all);
}

static void print_lines(struct seq *s, const struct figure_line *lines, u32 n)
{
	for (u32 i = 0; i < n; i++)
		seq_printf(s, "%s %u\n", lines[i].name, lines[i].value);
}

/* Since boot. */
static void vmstat_events(struct seq *s)
{
	static const char *const zone_names[MAX_NR_ZONES] = {"dma", "normal", "high"};

	seq_printf(s, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n");
	for (unsigned i = 0; i < MAX_NR_ZONES; i++)
		seq_printf(s, "pgalloc_%s %u\n", zone_names[i], zone_nr_allocs(&zones[i]));
	seq_printf(s, "pgfree %u\n", nr_page_frees());
	seq_printf(s, "pgfault %u\n", mm_stats.faults);
	seq_printf(s, "pgmajfault %u\n", mm_stats.major_faults);
	seq_printf(s, "pgreuse %u\n", mm_stats.cow_reuses);
	seq_printf(s, "oom_kill %u\n", process_oom_kills());
	/* Ours: what faults found to do. */
	seq_printf(s, "fault_zero_map %u\n", mm_stats.zero_maps);
	seq_printf(s, "fault_zero_fill %u\n", mm_stats.zero_fills);
	seq_printf(s, "fault_cow_break %u\n", mm_stats.cow_breaks);
	seq_printf(s, "fault_cow_reuse %u\n", mm_stats.cow_reuses);
	seq_printf(s, "fault_file_map %u\n", mm_stats.file_maps);
}

static void vmstat_show(struct seq *s)
{
	struct figure_line lines[MAX_FIGURE_LINES];
	struct memory_figures f;

	memory_figures(&f);
	print_lines(s, lines, zone_lines(&f, lines));
	print_lines(s, lines, node_lines(&f, lines));
	vmstat_events(s);
}

/* The heading that Linux prints; nothing can be swapped to. */
static void swaps_show(struct seq *s)
{
	seq_puts(s, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
}

static struct report reports[] = {
	{.name = "meminfo", .show = meminfo_show},
	{.name = "vmstat", .show = vmstat_show},
	{.name = "swaps", .show = swaps_show},
};

__init void meminfo_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
