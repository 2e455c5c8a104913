/* What a process is called and may have: comm, cmdline, environ, auxv, wchan, limits and oom_* of each, as on Linux. */
#include "arch/i386/cpu/backtrace.h"
#include "fs/file.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/err.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/phys/zone.h"
#include "mm/vm/mm.h"
#include <linux/auxvec.h>
#include <linux/oom.h>
#include <linux/resource.h>

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

/* As exec gave it to the program, the pair of zeros at its end included. */
static ssize_t auxv_read(struct task *t, void *buf, size_t len, u64 pos)
{
	const struct mm_struct *mm = t->thread.mm;
	u32 size = 2 * sizeof(u32);

	if (!mm)
		return 0;
	for (u32 i = 0; mm->auxv[i] != AT_NULL; i += 2)
		size += 2 * sizeof(u32);
	if (pos >= size)
		return 0;
	len = MIN(len, size - (size_t)pos);
	memcpy(buf, (const char *)mm->auxv + (size_t)pos, len);
	return len;
}

static bool only_waits(const char *function)
{
	static const char *const names[] = {"context_switch", "schedule", "mutex_lock_slow"};

	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(function, names[i]))
			return true;
	return false;
}

/* The function that a thread waits in, past those that only do the waiting. */
static void wchan_show(struct seq *s, struct task *t)
{
	char name[64] = "0", *offset;
	u32 eip, ebp;

	if (t->state == TASK_ALIVE && t->thread.state != THREAD_RUNNING &&
	    backtrace_of(&t->thread.context, &eip, &ebp))
		do {
			scnprintf(name, sizeof(name), "%pS", (void *)(eip - 1));
			offset = strchr(name, '+');
			if (offset)
				*offset = '\0';
			eip = backtrace_up(&ebp);
		} while (eip && only_waits(name));
	seq_puts(s, name);
}

/* ---- limits ---- */

static void put_limit(struct seq *s, u32 value)
{
	char text[12] = "unlimited";

	if (value != RLIM_INFINITY)
		scnprintf(text, sizeof(text), "%u", value);
	seq_printf(s, "%-20s ", text);
}

static void limits_show(struct seq *s, struct task *t)
{
	static const struct {
		const char *name, *unit;
	} limits[NR_LIMITS] = {
		[RLIMIT_CPU] = {"Max cpu time", "seconds"},
		[RLIMIT_FSIZE] = {"Max file size", "bytes"},
		[RLIMIT_DATA] = {"Max data size", "bytes"},
		[RLIMIT_STACK] = {"Max stack size", "bytes"},
		[RLIMIT_CORE] = {"Max core file size", "bytes"},
		[RLIMIT_RSS] = {"Max resident set", "bytes"},
		[RLIMIT_NPROC] = {"Max processes", "processes"},
		[RLIMIT_NOFILE] = {"Max open files", "files"},
		[RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
		[RLIMIT_AS] = {"Max address space", "bytes"},
		[RLIMIT_LOCKS] = {"Max file locks", "locks"},
		[RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
		[RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
		[RLIMIT_NICE] = {"Max nice priority", ""},
		[RLIMIT_RTPRIO] = {"Max realtime priority", ""},
		[RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
	};

	seq_printf(s, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (u32 i = 0; i < NR_LIMITS; i++) {
		seq_printf(s, "%-25s ", limits[i].name);
		put_limit(s, t->group->limits[i].cur);
		put_limit(s, t->group->limits[i].max);
		if (limits[i].unit[0])
			seq_printf(s, "%-10s", limits[i].unit);
		seq_putc(s, '\n');
	}
}

/* ---- who is ended when memory is out (kernel/process/oom.c) ---- */

/* 1000: all memory. A machine without swap reaches 1333 with what the user adds (Linux's scale since 5.8). */
static void oom_score_show(struct seq *s, struct task *t)
{
	s32 badness, score = 0;

	if (oom_badness(t->group, &badness))
		score = (1000 + badness * 1000 / (s32)nr_managed_pages()) * 2 / 3;
	seq_printf(s, "%d\n", score);
}

static void oom_score_adj_show(struct seq *s, struct task *t)
{
	seq_printf(s, "%d\n", t->group->oom_score_adj);
}

static int oom_score_adj_write(struct task *t, const char *text)
{
	s32 value;

	if (parse_s32(text, &value) || value < OOM_SCORE_ADJ_MIN || value > OOM_SCORE_ADJ_MAX)
		return -EINVAL;
	t->group->oom_score_adj = value;
	return 0;
}

/* The older scale, -17 to 15. */
static void oom_adj_show(struct seq *s, struct task *t)
{
	s32 adj = t->group->oom_score_adj;

	seq_printf(s, "%d\n",
		   adj == OOM_SCORE_ADJ_MAX ? OOM_ADJUST_MAX
					    : adj * -OOM_DISABLE / OOM_SCORE_ADJ_MAX);
}

static int oom_adj_write(struct task *t, const char *text)
{
	s32 value;

	if (parse_s32(text, &value) || value < OOM_DISABLE || value > OOM_ADJUST_MAX)
		return -EINVAL;
	t->group->oom_score_adj = value == OOM_ADJUST_MAX
					  ? OOM_SCORE_ADJ_MAX
					  : value * OOM_SCORE_ADJ_MAX / -OOM_DISABLE;
	return 0;
}

static struct report reports[] = {
	{.name = "PID/comm", .show_task = comm_show, .write_task = comm_write},
	{.name = "PID/cmdline", .read_task = cmdline_read},
	{.name = "PID/environ", .mode = 0400, .read_task = environ_read},
	{.name = "PID/auxv", .mode = 0400, .read_task = auxv_read},
	{.name = "PID/wchan", .show_task = wchan_show},
	{.name = "PID/limits", .show_task = limits_show},
	{.name = "PID/oom_score", .show_task = oom_score_show},
	{.name = "PID/oom_score_adj",
	 .show_task = oom_score_adj_show,
	 .write_task = oom_score_adj_write},
	{.name = "PID/oom_adj", .show_task = oom_adj_show, .write_task = oom_adj_write},
};

__init void attributes_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
