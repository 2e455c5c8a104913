/* Kernel memory: slabinfo (version 2.1 of its format) and vmallocinfo. */
#include "fs/file.h"
#include "kernel/report/report.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"

static void slabinfo_line(const struct slab_info *c, void *arg)
{
	struct seq *s = arg;

	seq_printf(s, "%-17s %6u %6u %6u %4u %4u", c->name, c->active_objs, c->num_objs,
		   c->obj_size, c->objs_per_slab, c->pages_per_slab);
	seq_printf(s, " : tunables %4u %4u %4u", 0u, 0u, 0u);
	seq_printf(s, " : slabdata %6u %6u %6u\n", c->active_slabs, c->num_slabs, 0u);
}

static void slabinfo_show(struct seq *s)
{
	seq_puts(s, "slabinfo - version: 2.1\n");
	seq_puts(
		s,
		"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>");
	seq_puts(s, " : tunables <limit> <batchcount> <sharedfactor>");
	seq_puts(s, " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	slab_for_each(slabinfo_line, s);
}

/* As in Linux the guard page counts as part of the area. */
static void vmallocinfo_line(const struct vmalloc_info *a, void *arg)
{
	static const char *const types[] = {
		[VM_AREA_ALLOC] = "vmalloc",
		[VM_AREA_STACK] = "vmalloc stack",
		[VM_AREA_IOREMAP] = "ioremap",
		[VM_AREA_MAP] = "vmap",
	};
	struct seq *s = arg;

	seq_printf(s, "0x%08x-0x%08x %7u", a->start, a->end + PAGE_SIZE,
		   a->end + PAGE_SIZE - a->start);
	if (a->caller)
		seq_printf(s, " %pS", a->caller);
	if (a->type == VM_AREA_ALLOC || a->type == VM_AREA_STACK)
		seq_printf(s, " pages=%u", a->nr_pages);
	if (a->type == VM_AREA_IOREMAP)
		seq_printf(s, " phys=0x%08x", a->phys);
	seq_printf(s, " %s\n", types[a->type]);
}

static void vmallocinfo_show(struct seq *s)
{
	vmalloc_for_each(vmallocinfo_line, s);
}

static struct report reports[] = {
	{.name = "slabinfo", .mode = 0400, .show = slabinfo_show},
	{.name = "vmallocinfo", .mode = 0400, .show = vmallocinfo_show},
};

__init void kmem_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
