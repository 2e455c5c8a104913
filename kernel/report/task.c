/* Processes: stat and status of each, as Linux 6.1 prints them (proc(5)). */
#include "fs/file.h"
#include "kernel/core/time.h"
#include "kernel/core/tty.h"
#include "kernel/process/capability.h"
#include "kernel/process/files.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/math64.h"
#include "mm/vm/mm.h"
#include <linux/resource.h>

static_assert(HZ == 100, "user programs count time in ticks of 1/100 s");

#define DEFAULT_PRIORITY 20
/* stat's field of flags (Linux's PF_*) */
#define FLAG_EXITING      0x4u
#define FLAG_FORK_NO_EXEC 0x40u
/* stat has room for the signals that a long of 32 bits holds, and leaves the sign out */
#define STAT_SIGNALS 0x7FFFFFFFu

static const struct mm_struct no_mm; /* of a zombie */

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

/* Linux's wchan, which has been no more than this in stat since addresses are kept from users. */
static bool sleeps(const struct task *t)
{
	return t->state == TASK_ALIVE && t->thread.state != THREAD_RUNNING;
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

static u32 flags_of(const struct task *t)
{
	return (t->did_exec ? 0 : FLAG_FORK_NO_EXEC) | (t->state == TASK_ZOMBIE ? FLAG_EXITING : 0);
}

/* All 52 fields; what has no meaning here is 0, as it is on Linux for a program that does not use it. */
static void stat_show(struct seq *s, struct task *t)
{
	const struct task_usage own = group_usage(t->group), *children = &t->group->children_usage;
	const struct mm_struct *mm = t->thread.mm ? t->thread.mm : &no_mm;
	u64 ignored, caught;
	s32 foreground;
	u32 terminal;

	signal_actions(t, &ignored, &caught);
	terminal = terminal_of(t, &foreground);
	seq_printf(s, "%u (%s) %c %u %u %u %u %d %u ", t->pid, t->thread.name, state_of(t)[0],
		   parent_of(t), t->pgid, t->sid, terminal, foreground, flags_of(t));
	seq_printf(s, "%u %u %u %u ", own.min_flt, children->min_flt, own.maj_flt,
		   children->maj_flt);
	seq_printf(s, "%llu %llu %llu %llu ", own.user_ticks, own.kernel_ticks,
		   children->user_ticks, children->kernel_ticks);
	seq_printf(s, "%d %d %u 0 %llu ", DEFAULT_PRIORITY + t->nice, t->nice, t->group->nr_live,
		   div_u64(t->start_ns, NSEC_PER_SEC / HZ));
	seq_printf(s, "%u %u %u ", mm->total_vm << PAGE_SHIFT, mm_rss(mm),
		   t->group->limits[RLIMIT_RSS].cur);
	seq_printf(s, "%u %u %u 0 0 ", mm->start_code, mm->end_code, mm->start_stack);
	seq_printf(s, "%u %u %u %u ", (u32)t->sig_pending.set & STAT_SIGNALS,
		   (u32)t->sig_blocked & STAT_SIGNALS, (u32)ignored & STAT_SIGNALS,
		   (u32)caught & STAT_SIGNALS);
	seq_printf(s, "%d 0 0 %u 0 0 0 0 0 0 ", sleeps(t), t->exit_signal);
	seq_printf(s, "%u %u %u ", mm->start_data, mm->end_data, mm->start_brk);
	seq_printf(s, "%u %u %u %u %u\n", mm->arg_start, mm->arg_end, mm->env_start, mm->env_end,
		   t->state == TASK_ZOMBIE ? t->exit_status : 0);
}

static void kb_line(struct seq *s, const char *name, u32 frames)
{
	seq_printf(s, "%s:\t%8u kB\n", name, frames_kb(frames));
}

static void memory_lines(struct seq *s, const struct mm_struct *mm)
{
	u32 code = MIN(report_text_pages(mm), mm->exec_vm);

	kb_line(s, "VmPeak", MAX(mm->hiwater_vm, mm->total_vm));
	kb_line(s, "VmSize", mm->total_vm);
	kb_line(s, "VmLck", mm->locked_vm);
	kb_line(s, "VmPin", 0);
	kb_line(s, "VmHWM", MAX(mm->hiwater_rss, mm_rss(mm)));
	kb_line(s, "VmRSS", mm_rss(mm));
	kb_line(s, "RssAnon", mm->rss_anon);
	kb_line(s, "RssFile", mm->rss_file);
	kb_line(s, "RssShmem", mm->rss_shmem);
	kb_line(s, "VmData", mm->data_vm);
	kb_line(s, "VmStk", mm->stack_vm);
	kb_line(s, "VmExe", code);
	kb_line(s, "VmLib", mm->exec_vm - code);
	kb_line(s, "VmPTE", mm->nr_tables);
	kb_line(s, "VmSwap", 0);
	kb_line(s, "HugetlbPages", 0);
	seq_puts(s, "CoreDumping:\t0\nTHP_enabled:\t0\n");
}

/* Four ids of users or groups: real, effective, saved, of files. */
static void ids_line(struct seq *s, const char *name, const u32 *ids)
{
	seq_printf(s, "%s:\t%u\t%u\t%u\t%u\n", name, ids[0], ids[1], ids[2], ids[3]);
}

static void name_lines(struct seq *s, const struct task *t)
{
	const struct credentials *c = &t->group->ids;

	seq_printf(s, "Name:\t%s\nUmask:\t%04o\nState:\t%s\n", t->thread.name, t->umask,
		   state_of(t));
	seq_printf(s, "Tgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\nTracerPid:\t0\n", t->leader->pid,
		   t->pid, parent_of(t));
	ids_line(s, "Uid", &c->uid);
	ids_line(s, "Gid", &c->gid);
	seq_printf(s, "FDSize:\t%u\nGroups:\t", t->files ? t->files->max : 0);
	for (u32 i = 0; i < c->nr_groups; i++)
		seq_printf(s, "%s%u", i ? " " : "", c->groups[i]);
	seq_puts(s, " \n");
	seq_printf(s, "NStgid:\t%u\nNSpid:\t%u\nNSpgid:\t%u\nNSsid:\t%u\n", t->leader->pid, t->pid,
		   t->pgid, t->sid);
}

static u32 queue_length(const struct sig_pending *pending)
{
	const struct list_head *info;
	u32 nr = 0;

	list_for_each (info, &pending->queue)
		nr++;
	return nr;
}

/* Linux counts a user's signals, and all processes here are one user's. */
static u32 queued_signals(void)
{
	const struct task *leader, *t;
	u32 nr = 0;

	for_each_task (leader) {
		nr += queue_length(&leader->group->pending);
		for_each_thread (t, leader->group)
			nr += queue_length(&t->sig_pending);
	}
	return nr;
}

static void signal_lines(struct seq *s, const struct task *t)
{
	u64 ignored, caught;

	signal_actions(t, &ignored, &caught);
	seq_printf(s, "SigQ:\t%u/%u\n", queued_signals(), t->group->limits[RLIMIT_SIGPENDING].cur);
	seq_printf(s, "SigPnd:\t%016llx\nShdPnd:\t%016llx\n", t->sig_pending.set,
		   t->group->pending.set);
	seq_printf(s, "SigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n", t->sig_blocked,
		   ignored, caught);
}

static void status_show(struct seq *s, struct task *t)
{
	const struct credentials *ids = &t->group->ids;

	name_lines(s, t);
	if (t->thread.mm)
		memory_lines(s, t->thread.mm);
	seq_printf(s, "Threads:\t%u\n", t->group->nr_live);
	signal_lines(s, t);
	seq_printf(s, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\n",
		   ids->cap_inheritable, ids->cap_permitted, ids->cap_effective);
	seq_printf(s, "CapBnd:\t%016llx\nCapAmb:\t%016llx\n", ALL_CAPABILITIES, 0ull);
	seq_printf(s, "NoNewPrivs:\t%u\nSeccomp:\t0\nSeccomp_filters:\t0\n",
		   t->group->no_new_privs);
	seq_puts(s, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n");
	seq_puts(s, "Mems_allowed:\t1\nMems_allowed_list:\t0\n");
	seq_printf(s, "voluntary_ctxt_switches:\t%u\nnonvoluntary_ctxt_switches:\t%u\n",
		   t->thread.nr_waits, t->thread.nr_preempted);
}

static struct report reports[] = {
	{.name = "PID/stat", .show_task = stat_show},
	{.name = "PID/status", .show_task = status_show},
};

__init void task_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
