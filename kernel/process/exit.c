/*
 * The end of a process, and how its parent learns of it.
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "kernel/core/time.h"
#include "arch/i386/cpu/fpu.h"
#include "lib/math64.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <asm/signal.h>
#include <linux/resource.h>
#include <linux/wait.h>

/* A status as wait4 gives it: the signal that ended the task in the low 7 bits, else the exit code
 * above. */
#define STATUS_EXITED(code) (((u32)(code)&0xFF) << 8)
#define STATUS_SIGNAL(s)    ((s)&0x7F)

static bool ignores_children(const struct task *t)
{
	return t->sig_ignored >> (SIGCHLD - 1) & 1;
}

/* Children that are left go to process 1. */
static void give_children_away(struct task *t)
{
	struct task *child, *next;
	bool zombie = false;

	list_for_each_entry_safe (child, next, &t->children, sibling) {
		task_set_parent(child, init_task);
		child->exit_signal = SIGCHLD;
		zombie |= child->state == TASK_ZOMBIE;
	}
	if (zombie)
		wake_up_all(&init_task->child_exit);
}

static void drop_resources(struct task *t)
{
	struct mm_struct *mm = t->thread.mm;

	if (t->clear_child_tid) {
		int ignored = put_user_u32(uptr(t->clear_child_tid), 0);

		(void)ignored;
	}
	files_destroy(t->files);
	t->files = NULL;
	inode_put(t->cwd);
	t->cwd = NULL;
	if (t->exe)
		file_put(t->exe);
	t->exe = NULL;
	fpu_drop(&t->thread.context);
	task_account_mm(t);
	if (mm->users == 1) /* else it was lent by vfork */
		exit_mmap(mm);
	t->thread.mm = NULL;
	t->thread.context.pgdir = NULL;
	mm_switch(NULL);
	mm_put(mm);
}

static void end_of_init(u32 status)
{
	if (STATUS_SIGNAL(status))
		panic("process 1 ended: killed by %s", signal_name(STATUS_SIGNAL(status)));
	panic("process 1 ended: exit status %u", status >> 8);
}

void task_exit(u32 status)
{
	struct task *t = current_task();

	if (t == init_task)
		end_of_init(status);
	task_vfork_done(t);
	drop_resources(t);
	job_control_exit(t);
	give_children_away(t);
	t->exit_status = status;
	t->state = TASK_ZOMBIE;
	if (ignores_children(t->parent))
		task_release(t);
	else if (t->exit_signal)
		task_kill(t->parent, t->exit_signal);
	wake_up_all(&t->parent->child_exit);
	thread_exit(task_reap);
}

SYSCALL_DEFINE1(exit, u32, code)
{
	task_exit(STATUS_EXITED(code));
}

SYSCALL_DEFINE1(exit_group, u32, code)
{
	task_exit(STATUS_EXITED(code));
}

/* ---- wait ---- */

#define WAIT_OPTIONS (WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE)

struct wait_request {
	s32 pid; /* as waitpid(2) */
	u32 options;
};

static bool wanted(const struct task *self, const struct task *child, const struct wait_request *w)
{
	bool clone = child->exit_signal != SIGCHLD;

	if (w->pid > 0    ? child->pid != (u32)w->pid
	    : w->pid == 0 ? child->pgid != self->pgid
	    : w->pid < -1 ? child->pgid != (u32)-w->pid
			  : false)
		return false;
	return (w->options & __WALL) || clone == !!(w->options & __WCLONE);
}

/* A zombie that is wanted, else NULL; *any: there are children to wait for. */
static struct task *find_zombie(struct task *self, const struct wait_request *w, bool *any)
{
	struct task *child;

	*any = false;
	list_for_each_entry (child, &self->children, sibling) {
		if (!wanted(self, child, w))
			continue;
		*any = true;
		if (child->state == TASK_ZOMBIE)
			return child;
	}
	return NULL;
}

static void ticks_to_timeval(u64 ticks, s32 *seconds, s32 *microseconds)
{
	u32 rest;

	*seconds = (s32)div_u64_rem(ticks, HZ, &rest);
	*microseconds = rest * (1000000 / HZ);
}

/* struct rusage on i386: two timevals of 32 bits, then 14 longs. */
static void fill_rusage(struct rusage *to, const struct task_usage *from)
{
	s32 seconds, microseconds;

	memset(to, 0, sizeof(*to));
	ticks_to_timeval(from->user_ticks, &seconds, &microseconds);
	to->ru_utime.tv_sec = seconds;
	to->ru_utime.tv_usec = microseconds;
	ticks_to_timeval(from->kernel_ticks, &seconds, &microseconds);
	to->ru_stime.tv_sec = seconds;
	to->ru_stime.tv_usec = microseconds;
	to->ru_maxrss = from->max_rss * (PAGE_SIZE / 1024);
	to->ru_minflt = from->min_flt;
	to->ru_majflt = from->maj_flt;
}

static long do_wait(s32 pid, vaddr_t status, u32 options, vaddr_t rusage)
{
	struct task *self = current_task();
	struct wait_request w = {.pid = pid, .options = options};
	struct task *zombie;
	struct rusage usage;
	struct task_usage total;
	u32 exit_status;
	bool any;
	long ret;

	if (options & ~WAIT_OPTIONS)
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	zombie = find_zombie(self, &w, &any);
	if (!zombie && any && !(options & WNOHANG)) {
		int err = wait_event_interruptible(self->child_exit,
						   (zombie = find_zombie(self, &w, &any)) || !any);

		if (err)
			return err;
	}
	if (!zombie)
		return any ? 0 : -ECHILD;
	ret = zombie->pid;
	exit_status = zombie->exit_status;
	total = task_usage(zombie);
	usage_add(&total, &zombie->children_usage);
	usage_add(&self->children_usage, &total);
	task_release(zombie);
	if (status && put_user_u32(uptr(status), exit_status))
		ret = -EFAULT;
	if (rusage) {
		fill_rusage(&usage, &total);
		if (copy_to_user(uptr(rusage), &usage, sizeof(usage)))
			ret = -EFAULT;
	}
	return ret;
}

SYSCALL_DEFINE4(wait4, s32, pid, vaddr_t, status, u32, options, vaddr_t, rusage)
{
	return do_wait(pid, status, options, rusage);
}

SYSCALL_DEFINE3(waitpid, s32, pid, vaddr_t, status, u32, options)
{
	return do_wait(pid, status, options, 0);
}

SYSCALL_DEFINE2(getrusage, s32, who, vaddr_t, to)
{
	struct task *t = current_task();
	struct task_usage total = who == RUSAGE_CHILDREN ? t->children_usage : task_usage(t);
	struct rusage usage;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
		return -EINVAL;
	fill_rusage(&usage, &total);
	return copy_to_user(uptr(to), &usage, sizeof(usage)) ? -EFAULT : 0;
}
