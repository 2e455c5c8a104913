/* The address spaces of processes: maps, statm and limits of each, as Linux prints them. */
#include "fs/file.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <linux/limits.h>

#define NAME_COLUMN 48u /* where Linux puts the space before the name on a 32-bit machine */

/* Linux's 20-bit minor in st_dev's form: major << 8 | minor for the small numbers that there are. */
#define DEV_MAJOR(dev) ((dev) >> 8 & 0xFFF)
#define DEV_MINOR(dev) ((dev)&0xFF)

struct vm_area_struct *report_next_vma(struct task *t, u64 *cursor)
{
	struct mm_struct *mm = t->thread.mm;
	struct vm_area_struct *vma;

	/* A program that was started meanwhile has nothing to do with the text that was begun. */
	if (!mm || (*cursor && (u32)(*cursor >> 32) != mm->serial))
		return NULL;
	vma = find_vma(mm, (vaddr_t)*cursor);
	if (vma)
		*cursor = (u64)mm->serial << 32 | vma->end;
	return vma;
}

static void put_name(struct seq *s, struct vm_area_struct *vma)
{
	static char name[PATH_MAX]; /* nothing sleeps between its writing and its use */

	name[0] = '\0';
	if (vma->ops && vma->ops->name)
		vma->ops->name(vma, name, sizeof(name));
	else if (vma->flags & VM_STACK)
		strlcpy(name, "[stack]", sizeof(name));
	else if (vma->flags & VM_HEAP)
		strlcpy(name, "[heap]", sizeof(name));
	for (const char *c = name; *c; c++)
		if (*c == '\n')
			seq_puts(s, "\\012");
		else
			seq_putc(s, *c);
}

static bool has_name(const struct vm_area_struct *vma)
{
	return (vma->ops && vma->ops->name) || (vma->flags & (VM_STACK | VM_HEAP));
}

void report_vma_line(struct seq *s, struct vm_area_struct *vma)
{
	u32 dev = 0, ino = 0;
	char line[64];
	u32 len;

	if (vma->ops && vma->ops->stat)
		vma->ops->stat(vma, &dev, &ino);
	len = scnprintf(line, sizeof(line), "%08x-%08x %c%c%c%c %08llx %02x:%02x %u ", vma->start,
			vma->end, vma->flags & VM_READ ? 'r' : '-',
			vma->flags & VM_WRITE ? 'w' : '-', vma->flags & VM_EXEC ? 'x' : '-',
			vma->flags & VM_SHARED ? 's' : 'p',
			vma->mapping ? (u64)vma->pgoff << PAGE_SHIFT : 0, DEV_MAJOR(dev),
			DEV_MINOR(dev), ino);
	seq_write(s, line, len);
	if (has_name(vma)) {
		for (; len < NAME_COLUMN; len++)
			seq_putc(s, ' ');
		seq_putc(s, ' ');
		put_name(s, vma);
	}
	seq_putc(s, '\n');
}

static int maps_next(struct seq *s, struct task *t, u64 *cursor)
{
	struct vm_area_struct *vma = report_next_vma(t, cursor);

	if (vma)
		report_vma_line(s, vma);
	return vma != NULL;
}

u32 report_text_pages(const struct mm_struct *mm)
{
	return (ALIGN_UP(mm->end_code, PAGE_SIZE) - ALIGN_DOWN(mm->start_code, PAGE_SIZE)) >>
	       PAGE_SHIFT;
}

static void statm_show(struct seq *s, struct task *t)
{
	const struct mm_struct *mm = t->thread.mm;

	if (!mm) {
		seq_puts(s, "0 0 0 0 0 0 0\n");
		return;
	}
	seq_printf(s, "%u %u %u %u 0 %u 0\n", mm->total_vm, mm_rss(mm),
		   mm->rss_file + mm->rss_shmem, report_text_pages(mm), mm->data_vm + mm->stack_vm);
}

static struct report reports[] = {
	{.name = "PID/maps", .next = maps_next},
	{.name = "PID/statm", .show_task = statm_show},
};

__init void maps_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
