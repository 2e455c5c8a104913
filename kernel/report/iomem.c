/* iomem: the map of physical memory that the kernel works with, whole frames, and where its image lies in it. */
#include "arch/i386/cpu/sections.h"
#include "fs/file.h"
#include "kernel/report/report.h"
#include "mm/phys/bootmem.h"
#include "mm/phys/page.h"

/* The names by which Linux's tools look for them. */
static const char *resource_name(enum mem_type type)
{
	switch (type) {
	case MEM_USABLE:
		return "System RAM";
	case MEM_ACPI:
		return "ACPI Tables";
	case MEM_NVS:
		return "ACPI Non-volatile Storage";
	case MEM_BAD:
		return "Unusable memory";
	default:
		return "Reserved";
	}
}

static void kernel_part(struct seq *s, const struct memmap_range *r, const char *start,
			const char *end, const char *name)
{
	paddr_t from = virt_to_phys(start), to = virt_to_phys(end);

	if (from != to && from >> PAGE_SHIFT >= r->start.n && (to - 1) >> PAGE_SHIFT < r->end.n)
		seq_printf(s, "  %08x-%08x : Kernel %s\n", from, to - 1, name);
}

static void iomem_show(struct seq *s)
{
	const struct memmap *memmap = bootmem_map();

	for (unsigned i = 0; i < memmap->nr; i++) {
		const struct memmap_range *r = &memmap->r[i];

		seq_printf(s, "%08x-%08x : %s\n", r->start.n << PAGE_SHIFT,
			   (r->end.n << PAGE_SHIFT) - 1, resource_name(r->type));
		if (r->type != MEM_USABLE)
			continue;
		kernel_part(s, r, __text_start, __text_end, "code");
		kernel_part(s, r, __rodata_start, __rodata_end, "rodata");
		kernel_part(s, r, __data_start, __data_end, "data");
		kernel_part(s, r, __bss_start, __bss_end, "bss");
	}
}

static struct report report = {.name = "iomem", .show = iomem_show};

__init void iomem_report_init(void)
{
	report_register(&report);
}
