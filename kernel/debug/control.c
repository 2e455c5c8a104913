#include "kernel/debug/control.h"

#include "fs/file.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "kernel/process/task.h"
#include "lib/err.h"
#include "lib/failpoint.h"
#include "lib/printk.h"
#include "lib/seq.h"
#include "lib/string.h"
#include "mm/kmem/directmap.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "mm/phys/buddy.h"
#include "mm/vm/commit.h"
#include "mm/vm/mm.h"

static int check_address_spaces(void)
{
	struct thread *t;
	int err = 0;

	list_for_each_entry (t, &all_threads, all_node)
		if (t->mm && mm_check(t->mm))
			err = -EIO;
	return err;
}

static const struct {
	const char *name;
	int (*check)(void);
} checks[] = {
	{"zones", zones_check},   {"direct-map", directmap_check}, {"buddy", buddy_check},
	{"slab", slab_check},     {"vmalloc", vmalloc_check},      {"kmap", kmap_check},
	{"sched", sched_check},   {"process", process_check},      {"mm", check_address_spaces},
	{"timers", timers_check},
};

int check_everything(void)
{
	int err = 0;

	for (u32 i = 0; i < ARRAY_SIZE(checks); i++) {
		if (!checks[i].check())
			continue;
		printk("check: %s does not hold\n", checks[i].name);
		err = -EIO;
	}
	return err;
}

static void show_check(struct seq *s)
{
	for (u32 i = 0; i < ARRAY_SIZE(checks); i++)
		seq_printf(s, "%s %s\n", checks[i].name, checks[i].check() ? "FAILED" : "ok");
}

/* Caches of all kinds are given back first, so that what is left is in use. */
static void show_counts(struct seq *s)
{
	thread_reap_pending();
	mm_drain_caches();
	thread_stacks_shrink();
	slab_shrink_all();
	drain_hot_lists();
	/* As many objects may lie in more slabs than before: what slabs hold counts as free, and objects by themselves. */
	seq_printf(s, "free_or_slab_pages %u\n", nr_free_pages() + slab_nr_pages());
	seq_printf(s, "slab_objects %u\n", slab_objects_in_use());
	seq_printf(s, "vmalloc_pages %u\n", vmalloc_nr_pages());
	seq_printf(s, "anon_pages %u\n", mm_nr_anon_pages());
	seq_printf(s, "table_pages %u\n", mm_nr_table_pages());
	seq_printf(s, "committed_pages %u\n", vm_committed);
}

static const char *const failpoint_names[] = {"page_alloc", "slab_alloc"};

static void show_failpoints(struct seq *s)
{
	for (u32 i = 0; i < ARRAY_SIZE(failpoint_names); i++) {
		struct failpoint *fp = failpoint_find(failpoint_names[i]);

		if (fp)
			seq_printf(s, "%s armed %u calls %u nth %u times %u fired %u\n", fp->name,
				   fp->armed, fp->calls, fp->nth, fp->times, fp->fired);
	}
}

static int write_failpoint(const char *text)
{
	if (strcmp(text, "off"))
		return failpoint_arm_text(text);
	for (u32 i = 0; i < ARRAY_SIZE(failpoint_names); i++) {
		struct failpoint *fp = failpoint_find(failpoint_names[i]);

		if (fp)
			failpoint_disarm(fp);
	}
	return 0;
}

static struct report reports[] = {
	{.name = "pagoda/check", .show = show_check},
	{.name = "pagoda/counts", .show = show_counts},
	{.name = "pagoda/failpoint", .show = show_failpoints, .write = write_failpoint},
};

__init void control_init(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
