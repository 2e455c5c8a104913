/* Processes: stat, status, cmdline, environ and comm of each, as Linux 6.1 prints them (proc(5)). */
#include "fs/file.h"
#include "kernel/core/time.h"
#include "kernel/core/tty.h"
#include "kernel/process/files.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/math64.h"
#include "lib/string.h"
#include "mm/vm/mm.h"

static_assert(HZ == 100, "user programs count time in ticks of 1/100 s");

#define DEFAULT_PRIORITY 20
#define NO_LIMIT         0xFFFFFFFFu

static u32 resident(const struct mm_struct *mm)
{
	return mm ? mm->rss_anon + mm->rss_file + mm->rss_shmem : 0;
}

static const char *state_of(const struct task *t)
{
	if (t->state == TASK_ZOMBIE)
		return "Z (zombie)";
	if (t->stopped)
		return "T (stopped)";
	switch (t->thread.state) {
	case THREAD_SLEEPING:
		return "S (sleeping)";
	case THREAD_SLEEPING_UNINTERRUPTIBLE:
		return "D (disk sleep)";
	default:
		return "R (running)";
	}
}

static u32 parent_of(const struct task *t)
{
	return t->leader->parent ? t->leader->parent->pid : 0;
}

/* The number of the controlling terminal, 0: none, and its foreground group. */
static u32 terminal_of(const struct task *t, s32 *foreground)
{
	const struct tty *tty = tty_of_session(t->sid);

	*foreground = tty ? (s32)tty->foreground : -1;
	return tty ? tty->device->major << 8 | tty->device->minor : 0;
}

/* All 52 fields; what has no meaning here is 0, as it is on Linux for a program that does not use it. */
static void stat_show(struct seq *s, struct task *t)
{
	const struct task_usage own = group_usage(t->group), *children = &t->group->children_usage;
	static const struct mm_struct none;
	const struct mm_struct *mm = t->thread.mm ? t->thread.mm : &none;
	u64 ignored, caught;
	s32 foreground;
	u32 terminal;

	signal_actions(t, &ignored, &caught);
	terminal = terminal_of(t, &foreground);
	seq_printf(s, "%u (%s) %c %u %u %u %u %d 0 ", t->pid, t->thread.name, state_of(t)[0],
		   parent_of(t), t->pgid, t->sid, terminal, foreground);
	seq_printf(s, "%u %u %u %u ", own.min_flt, children->min_flt, own.maj_flt,
		   children->maj_flt);
	seq_printf(s, "%llu %llu %llu %llu ", own.user_ticks, own.kernel_ticks,
		   children->user_ticks, children->kernel_ticks);
	seq_printf(s, "%d 0 %u 0 %llu ", DEFAULT_PRIORITY, t->group->nr_live,
		   div_u64(t->start_ns, NSEC_PER_SEC / HZ));
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

/* Four ids of users or groups: real, effective, saved, of files. */
static void ids_line(struct seq *s, const char *name, const u32 *ids)
{
	seq_printf(s, "%s:\t%u\t%u\t%u\t%u\n", name, ids[0], ids[1], ids[2], ids[3]);
}

static void status_show(struct seq *s, struct task *t)
{
	const struct credentials *c = &t->group->ids;
	u64 ignored, caught;

	signal_actions(t, &ignored, &caught);
	seq_printf(s, "Name:\t%s\nUmask:\t%04o\nState:\t%s\n", t->thread.name, t->umask,
		   state_of(t));
	seq_printf(s, "Tgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\nTracerPid:\t0\n", t->leader->pid,
		   t->pid, parent_of(t));
	ids_line(s, "Uid", &c->uid);
	ids_line(s, "Gid", &c->gid);
	seq_printf(s, "FDSize:\t%u\nGroups:\t", t->files ? t->files->max : 0);
	for (u32 i = 0; i < c->nr_groups; i++)
		seq_printf(s, "%u ", c->groups[i]);
	seq_putc(s, '\n');
	if (t->thread.mm)
		memory_lines(s, t->thread.mm);
	seq_printf(s, "Threads:\t%u\n", t->group->nr_live);
	seq_printf(s, "SigPnd:\t%016llx\nShdPnd:\t%016llx\n", t->sig_pending.set,
		   t->group->pending.set);
	seq_printf(s, "SigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n", t->sig_blocked,
		   ignored, caught);
}

static void comm_show(struct seq *s, struct task *t)
{
	seq_printf(s, "%s\n", t->thread.name);
}

static int comm_write(struct task *t, const char *text)
{
	strlcpy(t->thread.name, text, sizeof(t->thread.name));
	return 0;
}

/* What lies in another process' memory is read piece by piece; it may have changed, or be gone. */
static ssize_t memory_read(struct task *t, vaddr_t start, vaddr_t end, void *buf, size_t len,
			   u64 pos)
{
	if (!t->thread.mm || pos >= end - start)
		return 0;
	return task_read_memory(t, start + (u32)pos, buf,
				MIN(len, (size_t)(end - start - (u32)pos)));
}

static ssize_t cmdline_read(struct task *t, void *buf, size_t len, u64 pos)
{
	const struct mm_struct *mm = t->thread.mm;

	return mm ? memory_read(t, mm->arg_start, mm->arg_end, buf, len, pos) : 0;
}

static ssize_t environ_read(struct task *t, void *buf, size_t len, u64 pos)
{
	const struct mm_struct *mm = t->thread.mm;

	return mm ? memory_read(t, mm->env_start, mm->env_end, buf, len, pos) : 0;
}

static struct report reports[] = {
	{.name = "PID/stat", .show_task = stat_show},
	{.name = "PID/status", .show_task = status_show},
	{.name = "PID/comm", .show_task = comm_show, .write_task = comm_write},
	{.name = "PID/cmdline", .read_task = cmdline_read},
	{.name = "PID/environ", .read_task = environ_read},
};

void task_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
