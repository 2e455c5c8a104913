/* The address spaces of processes: maps and statm, as Linux prints them. */
#include "fs/file.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/printf.h"
#include "mm/vm/mm.h"

#define NAME_COLUMN 49u /* where Linux puts the name on a 32-bit machine */
#define NAME_SIZE   256u

/* Linux's 20-bit minor in st_dev's form: major << 8 | minor for the small numbers that there are. */
#define DEV_MAJOR(dev) ((dev) >> 8 & 0xFFF)
#define DEV_MINOR(dev) ((dev)&0xFF)

static void vma_name(struct vm_area_struct *vma, char *name)
{
	name[0] = '\0';
	if (vma->ops && vma->ops->name)
		vma->ops->name(vma, name, NAME_SIZE);
	else if (vma->flags & VM_STACK)
		scnprintf(name, NAME_SIZE, "[stack]");
	else if (vma->flags & VM_HEAP)
		scnprintf(name, NAME_SIZE, "[heap]");
}

static void show_vma(struct seq *s, struct vm_area_struct *vma)
{
	u32 dev = 0, ino = 0;
	char name[NAME_SIZE], line[64];
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
	vma_name(vma, name);
	if (name[0]) {
		for (; len < NAME_COLUMN; len++)
			seq_putc(s, ' ');
		seq_puts(s, name);
	}
	seq_putc(s, '\n');
}

static void maps_show(struct seq *s, struct task *t)
{
	struct vm_area_struct *vma;

	if (!t->thread.mm)
		return;
	for_each_vma (t->thread.mm, vma)
		show_vma(s, vma);
}

static void statm_show(struct seq *s, struct task *t)
{
	const struct mm_struct *mm = t->thread.mm;
	u32 shared, text;

	if (!mm) {
		seq_puts(s, "0 0 0 0 0 0 0\n");
		return;
	}
	shared = mm->rss_file + mm->rss_shmem;
	text = (ALIGN_UP(mm->end_code, PAGE_SIZE) - ALIGN_DOWN(mm->start_code, PAGE_SIZE)) >>
	       PAGE_SHIFT;
	seq_printf(s, "%u %u %u %u 0 %u 0\n", mm->total_vm, mm->rss_anon + shared, shared, text,
		   mm->data_vm + mm->stack_vm);
}

static struct report reports[] = {
	{.name = "PID/maps", .show_task = maps_show},
	{.name = "PID/statm", .show_task = statm_show},
};

void maps_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
