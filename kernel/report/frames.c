/*
 * Frames: meminfo, vmstat, buddyinfo and zoneinfo, in the formats of Linux 6.1 (Documentation/filesystems/proc.rst).
 * Lines that mean nothing here yet are left out.
 *
 * Free frames are those on the free lists and those on the hot lists, and every report counts both. buddyinfo has no
 * column for the hot lists, so it empties them first: what can be merged is shown merged.
 */
#include "fs/file.h"
#include "kernel/core/thread.h"
#include "kernel/report/report.h"
#include "mm/kmem/directmap.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "mm/phys/buddy.h"
#include "mm/phys/zone.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"

u32 report_nr_stacks(void)
{
	struct thread *t;
	u32 n = 0;

	list_for_each_entry (t, &all_threads, all_node)
		n += t->stack != NULL;
	return n;
}

/* What a program could get without anybody suffering: free, less what the zones keep back. */
static u32 available_frames(void)
{
	u32 kept = 0, free = nr_free_pages();
	struct zone *z;

	for_each_zone (z) {
		u32 reserve = 0;

		for (unsigned i = 0; i < MAX_NR_ZONES; i++)
			reserve = MAX(reserve, z->lowmem_reserve[i]);
		kept += MIN(reserve + z->watermark[WMARK_HIGH], z->managed);
	}
	return free > kept ? free - kept : 0;
}

static void meminfo_line(struct seq *s, const char *name, u32 frames)
{
	seq_printf(s, "%-16s%8u kB\n", name, frames_kb(frames));
}

static void meminfo_show(struct seq *s)
{
	const struct zone *high = &zones[ZONE_HIGHMEM];
	u32 managed = nr_managed_pages(), free = nr_free_pages();
	u32 high_free = zone_nr_free(high);

	meminfo_line(s, "MemTotal:", managed);
	meminfo_line(s, "MemFree:", free);
	meminfo_line(s, "MemAvailable:", available_frames());
	meminfo_line(s, "Buffers:", 0);
	meminfo_line(s, "Cached:", page_cache_nr_pages());
	meminfo_line(s, "SwapCached:", 0);
	meminfo_line(s, "HighTotal:", high->managed);
	meminfo_line(s, "HighFree:", high_free);
	meminfo_line(s, "LowTotal:", managed - high->managed);
	meminfo_line(s, "LowFree:", free - high_free);
	meminfo_line(s, "SwapTotal:", 0);
	meminfo_line(s, "SwapFree:", 0);
	meminfo_line(s, "AnonPages:", mm_nr_anon_pages());
	meminfo_line(s, "Slab:", slab_nr_pages());
	meminfo_line(s, "SReclaimable:", 0);
	meminfo_line(s, "SUnreclaim:", slab_nr_pages());
	meminfo_line(s, "KernelStack:", report_nr_stacks() * (KSTACK_SIZE / PAGE_SIZE));
	meminfo_line(s, "PageTables:", mm_nr_table_pages());
	meminfo_line(s, "VmallocTotal:", (VMALLOC_END - VMALLOC_BASE) >> PAGE_SHIFT);
	meminfo_line(s, "VmallocUsed:", vmalloc_nr_pages());
	meminfo_line(s, "VmallocChunk:", 0);
	meminfo_line(s, "DirectMap4k:", directmap.pages_4k);
	meminfo_line(s, "DirectMap4M:", directmap.pages_4m * PTRS_PER_TABLE);
}

static void vmstat_show(struct seq *s)
{
	seq_printf(s, "nr_free_pages %u\n", nr_free_pages());
	seq_printf(s, "nr_slab_reclaimable 0\n");
	seq_printf(s, "nr_slab_unreclaimable %u\n", slab_nr_pages());
	seq_printf(s, "nr_anon_pages %u\n", mm_nr_anon_pages());
	seq_printf(s, "nr_file_pages %u\n", page_cache_nr_pages());
	seq_printf(s, "nr_kernel_stack %u\n", report_nr_stacks() * (KSTACK_SIZE / 1024));
	seq_printf(s, "nr_page_table_pages %u\n", mm_nr_table_pages());
	/* Ours: what faults found to do. */
	seq_printf(s, "fault_zero_map %u\n", mm_stats.zero_maps);
	seq_printf(s, "fault_zero_fill %u\n", mm_stats.zero_fills);
	seq_printf(s, "fault_cow_break %u\n", mm_stats.cow_breaks);
	seq_printf(s, "fault_cow_reuse %u\n", mm_stats.cow_reuses);
	seq_printf(s, "fault_file_map %u\n", mm_stats.file_maps);
}

static void buddyinfo_show(struct seq *s)
{
	const struct zone *z;

	drain_hot_lists();
	for_each_zone (z) {
		if (!z->managed)
			continue;
		seq_printf(s, "Node 0, zone %8s ", z->name);
		for (unsigned order = 0; order < MAX_ORDER; order++) {
			u32 blocks = 0;

			for (unsigned type = 0; type < MIGRATE_TYPES; type++)
				blocks += z->free_area[order].nr[type];
			seq_printf(s, "%6u ", blocks);
		}
		seq_putc(s, '\n');
	}
}

/* What Linux counts for a node stands in its first zone. */
static void node_stats(struct seq *s)
{
	seq_puts(s, "  per-node stats\n");
	seq_printf(s, "      nr_slab_reclaimable 0\n");
	seq_printf(s, "      nr_slab_unreclaimable %u\n", slab_nr_pages());
	seq_printf(s, "      nr_anon_pages %u\n", mm_nr_anon_pages());
	seq_printf(s, "      nr_file_pages %u\n", page_cache_nr_pages());
	seq_printf(s, "      nr_kernel_stack %u\n", report_nr_stacks() * (KSTACK_SIZE / 1024));
	seq_printf(s, "      nr_page_table_pages %u\n", mm_nr_table_pages());
}

static void zoneinfo_zone(struct seq *s, const struct zone *z)
{
	u32 free = zone_nr_free(z);

	seq_printf(s, "  pages free     %u\n", free);
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
	if (!z->managed)
		return;
	seq_printf(s, "      nr_free_pages %u\n", free);
	seq_printf(s, "  pagesets\n    cpu: 0\n");
	seq_printf(s, "              count: %u\n", free - z->nr_free);
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
		zoneinfo_zone(s, z);
	}
}

static struct report reports[] = {
	{.name = "meminfo", .show = meminfo_show},
	{.name = "vmstat", .show = vmstat_show},
	{.name = "buddyinfo", .show = buddyinfo_show},
	{.name = "zoneinfo", .show = zoneinfo_show},
};

void frames_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
