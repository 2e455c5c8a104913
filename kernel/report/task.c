/* The reading process itself: self/stat and self/status, as Linux 6.1 prints them (proc(5)). */
#include "fs/file.h"
#include "kernel/core/time.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/math64.h"
#include "mm/vm/mm.h"

static_assert(HZ == 100, "user programs count time in ticks of 1/100 s");

#define DEFAULT_PRIORITY 20
#define NO_LIMIT         0xFFFFFFFFu

static u32 resident(const struct mm_struct *mm)
{
	return mm ? mm->rss_anon + mm->rss_file + mm->rss_shmem : 0;
}

/* All 52 fields; what has no meaning here is 0, as it is on Linux for a program that does not use it. */
static void stat_show(struct seq *s)
{
	const struct task *t = current_task();
	const struct task_usage own = group_usage(t->group), *children = &t->group->children_usage;
	static const struct mm_struct none;
	const struct mm_struct *mm = t->thread.mm ? t->thread.mm : &none;
	u64 ignored, caught;

	signal_actions(t, &ignored, &caught);

	seq_printf(s, "%u (%s) R %u %u %u 0 -1 0 ", t->leader->pid, t->thread.name,
		   t->parent ? t->parent->pid : 0, t->pgid, t->sid);
	seq_printf(s, "%u %u %u %u ", own.min_flt, children->min_flt, own.maj_flt,
		   children->maj_flt);
	seq_printf(s, "%llu %llu %llu %llu ", own.user_ticks, own.kernel_ticks,
		   children->user_ticks, children->kernel_ticks);
	seq_printf(s, "%d 0 1 0 %llu ", DEFAULT_PRIORITY, div_u64(t->start_ns, NSEC_PER_SEC / HZ));
	seq_printf(s, "%u %u %u ", mm->total_vm << PAGE_SHIFT, resident(mm), NO_LIMIT);
	seq_printf(s, "%u %u %u 0 0 ", mm->start_code, mm->end_code, mm->start_stack);
	seq_printf(s, "%llu %llu %llu %llu ", t->sig_pending.set, t->sig_blocked, ignored, caught);
	seq_printf(s, "0 0 0 %u 0 0 0 0 0 0 ", t->exit_signal);
	seq_printf(s, "%u %u %u ", mm->start_data, mm->end_data, mm->start_brk);
	seq_printf(s, "%u %u %u %u 0\n", mm->arg_start, mm->arg_end, mm->env_start, mm->env_end);
}

static void kb_line(struct seq *s, const char *name, u32 frames)
{
	seq_printf(s, "%s:\t%8u kB\n", name, frames_kb(frames));
}

static void memory_lines(struct seq *s, const struct mm_struct *mm)
{
	u32 code = (ALIGN_UP(mm->end_code, PAGE_SIZE) - ALIGN_DOWN(mm->start_code, PAGE_SIZE)) >>
		   PAGE_SHIFT;

	kb_line(s, "VmPeak", MAX(mm->hiwater_vm, mm->total_vm));
	kb_line(s, "VmSize", mm->total_vm);
	kb_line(s, "VmLck", 0);
	kb_line(s, "VmPin", 0);
	kb_line(s, "VmHWM", MAX(mm->hiwater_rss, resident(mm)));
	kb_line(s, "VmRSS", resident(mm));
	kb_line(s, "RssAnon", mm->rss_anon);
	kb_line(s, "RssFile", mm->rss_file);
	kb_line(s, "RssShmem", mm->rss_shmem);
	kb_line(s, "VmData", mm->data_vm);
	kb_line(s, "VmStk", mm->stack_vm);
	kb_line(s, "VmExe", code);
	kb_line(s, "VmLib", mm->exec_vm > code ? mm->exec_vm - code : 0);
	kb_line(s, "VmPTE", mm->nr_tables);
	kb_line(s, "VmSwap", 0);
}

static void status_show(struct seq *s)
{
	const struct task *t = current_task();
	u64 ignored, caught;

	signal_actions(t, &ignored, &caught);
	seq_printf(s, "Name:\t%s\nUmask:\t%04o\nState:\tR (running)\n", t->thread.name, t->umask);
	seq_printf(s, "Tgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\nTracerPid:\t0\n", t->leader->pid,
		   t->pid, t->parent ? t->parent->pid : 0);
	seq_puts(s, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
	if (t->thread.mm)
		memory_lines(s, t->thread.mm);
	seq_printf(s, "Threads:\t%u\n", t->group->nr_live);
	seq_printf(s, "SigPnd:\t%016llx\nShdPnd:\t%016llx\n", t->sig_pending.set,
		   t->group->pending.set);
	seq_printf(s, "SigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n", t->sig_blocked,
		   ignored, caught);
}

static struct report reports[] = {
	{.name = "self/stat", .show = stat_show},
	{.name = "self/status", .show = status_show},
};

void task_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
