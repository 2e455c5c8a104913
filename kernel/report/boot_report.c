/*
 * The report at boot. Every byte that the firmware called usable is accounted for: either the buddy manages it or a line
 * says what it is used for. The last line of that account compares the two sides, which are counted in different places: the
 * memory map counts what there is, the buddy and the boot allocator count what became of it.
 */
#include "arch/i386/cpu/layout.h"
#include "arch/i386/cpu/sections.h"
#include "kernel/report/report.h"
#include "lib/printk.h"
#include "mm/kmem/directmap.h"
#include "mm/phys/bootmem.h"
#include "mm/phys/page.h"
#include "mm/phys/zone.h"

static __init void report_zones(struct seq *s)
{
	const struct zone *z;

	seq_puts(s, "zones, frames:\n");
	seq_puts(s, "  name       start  spanned  present  managed reserved   min   low  high\n");
	for_each_zone (z) {
		if (!z->spanned)
			continue;
		seq_printf(s, "  %-8s %07x  %7u  %7u  %7u  %7u %5u %5u %5u\n", z->name,
			   z->start_pfn, z->spanned, z->present, z->managed,
			   z->present - z->managed, z->watermark[WMARK_MIN],
			   z->watermark[WMARK_LOW], z->watermark[WMARK_HIGH]);
	}
}

static __init u32 image_frames(const char *start, const char *end)
{
	return (ALIGN_UP((vaddr_t)end, PAGE_SIZE) - ALIGN_DOWN((vaddr_t)start, PAGE_SIZE)) >>
	       PAGE_SHIFT;
}

static __init u32 account_line(struct seq *s, u32 frames, const char *what)
{
	if (frames)
		seq_printf(s, "  %7u  %s\n", frames, what);
	return frames;
}

static __init void report_account(struct seq *s, const struct memmap *map)
{
	u32 usable = memmap_usable_pages(map);
	u32 text = image_frames(__text_start, __text_end);
	u32 rodata = image_frames(__rodata_start, __rodata_end);
	u32 data = image_frames(__data_start, __data_end);
	u32 bss = image_frames(__bss_start, __bss_end);
	u32 kernel = bootmem_pages(BOOTMEM_KERNEL), parts = text + rodata + data + bss;
	u32 sum = 0;

	seq_printf(s, "usable frames: %u, of which\n", usable);
	sum += account_line(s, nr_managed_pages(), "managed by the buddy");
	if (parts <= kernel) {
		sum += account_line(s, text, "kernel text");
		sum += account_line(s, rodata, "kernel read-only data");
		sum += account_line(s, data, "kernel data");
		sum += account_line(s, bss, "kernel bss");
		sum += account_line(s, kernel - parts,
				    "boot code and data (given back before process 1 starts)");
	} else {
		sum += account_line(s, kernel, "kernel image");
	}
	sum += account_line(s, bootmem_pages(BOOTMEM_MEMMAP), "mem_map");
	sum += account_line(s, bootmem_pages(BOOTMEM_TABLES), "kernel page tables");
	sum += account_line(s, bootmem_pages(BOOTMEM_MODULE),
			    "boot archive (given back when it is unpacked)");
	sum += account_line(s, bootmem_pages(BOOTMEM_OTHER),
			    "frame 0 and the boot allocator's own");
	if (sum == usable)
		seq_printf(s, "  %7u  sum: every usable frame is accounted for\n", sum);
	else
		seq_printf(s, "  %7u  sum: WRONG, %d frames are not accounted for\n", sum,
			   (int)(usable - sum));
}

static __init void report_layout(struct seq *s)
{
	const struct {
		vaddr_t start, end;
		const char *what;
	} areas[] = {
		{KERNEL_BASE, KERNEL_BASE + (max_low_pfn << PAGE_SHIFT),
		 "direct map of physical memory"},
		{(vaddr_t)__text_start, (vaddr_t)__text_end, "  kernel text, read-only"},
		{(vaddr_t)__rodata_start, (vaddr_t)__rodata_end, "  kernel read-only data"},
		{(vaddr_t)__data_start, (vaddr_t)__data_end, "  kernel data"},
		{(vaddr_t)__bss_start, (vaddr_t)__bss_end, "  kernel bss"},
		{VMALLOC_BASE, VMALLOC_END, "vmalloc and ioremap"},
		{PKMAP_BASE, PKMAP_BASE + PKMAP_SLOTS * PAGE_SIZE, "persistent kmap"},
		{FIXMAP_BASE, FIXMAP_END, "fixmap: temporary kmap slots"},
	};

	seq_printf(s, "direct map: %u pages of 4 MB, %u of 4 KB, %s\n", directmap.pages_4m,
		   directmap.pages_4k, directmap.global ? "global" : "not global");
	seq_puts(s, "kernel address space:\n");
	for (unsigned i = 0; i < ARRAY_SIZE(areas); i++)
		seq_printf(s, "  %08x-%08x %s, %u KB\n", areas[i].start, areas[i].end,
			   areas[i].what, (areas[i].end - areas[i].start) >> 10);
	seq_printf(s, "  %08x-00000000 page-table window, directory at %08x\n", PTE_WINDOW,
		   PDE_WINDOW);
}

static __init void report_free(struct seq *s)
{
	const struct zone *z;

	seq_printf(s, "free: %u KB of %u KB managed", frames_kb(nr_free_pages()),
		   frames_kb(nr_managed_pages()));
	for_each_zone (z)
		if (z->managed)
			seq_printf(s, ", %s %u KB", z->name, frames_kb(zone_nr_free(z)));
	seq_putc(s, '\n');
}

__init void boot_report(const struct boot_info *info, const struct memmap *map)
{
	char buf[256];
	struct seq s;

	seq_init_printk(&s, buf, sizeof(buf));
	memmap_report(map, info, &s);
	report_zones(&s);
	report_account(&s, map);
	report_layout(&s);
	report_free(&s);
	seq_flush(&s);
}
