/*
 * The end of threads and processes, and how the parent learns of it.
 *
 *   exit          ends a thread; the process goes on while it has others
 *   exit_group,   end the process: every thread is marked (group_kill) and ends on its own way to
 * user mode a signal
 *
 * The leader's task stands for the process until its parent has waited, so a leader that ends first
 * stays a zombie nobody can wait for yet. The last thread to end does what is left to do for the
 * process (group_end).
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "arch/i386/cpu/fpu.h"
#include "arch/i386/cpu/irqflags.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <asm/siginfo.h>
#include <asm/signal.h>

/* A status as wait4 gives it: the signal that ended the task in the low 7 bits, else the exit code
 * above. */
#define STATUS_EXITED(code) (((u32)(code)&0xFF) << 8)
#define STATUS_SIGNAL(s)    ((s)&0x7F)

/* ---- the process ---- */

static bool is_stopped_pgrp(u32 pgid)
{
	const struct task *t;

	for_each_task (t)
		if (t->pgid == pgid && t->group->stop_signal)
			return true;
	return false;
}

/* POSIX: no member has a parent in the session but outside the group. */
bool pgrp_is_orphaned(u32 pgid, const struct task *ignore)
{
	const struct task *t;

	for_each_task (t) {
		if (t->pgid != pgid || (ignore && t == ignore) || !t->group->nr_live ||
		    !t->parent || t->parent == init_task)
			continue;
		if (t->parent->pgid != pgid && t->parent->sid == t->sid)
			return false;
	}
	return true;
}

/* With `leaving` gone nobody is left who could continue the stopped jobs of this group: they end.
 */
static void hang_up_orphans(u32 pgid, const struct task *leaving)
{
	struct sig_info hup = {.signo = SIGHUP, .code = SI_KERNEL};
	struct sig_info cont = {.signo = SIGCONT, .code = SI_KERNEL};

	if (!is_stopped_pgrp(pgid) || !pgrp_is_orphaned(pgid, leaving))
		return;
	signal_send_pgrp(pgid, &hup);
	signal_send_pgrp(pgid, &cont);
}

/* The nearest ancestor that asked for orphans (PR_SET_CHILD_SUBREAPER), or process 1. */
static struct task *reaper_of(const struct task *t)
{
	struct task *up;

	for (up = t->parent; up && up != init_task; up = up->parent)
		if (up->group->subreaper && up->group->nr_live)
			return up;
	return init_task;
}

static bool ignores_children(const struct task *parent)
{
	const struct sig_action *action = &parent->sighand->action[SIGCHLD - 1];

	return action->handler == HANDLER_IGNORE || (action->flags & SA_NOCLDWAIT);
}

static void tell_parent(struct task *leader, u32 status)
{
	struct task_usage usage = group_usage(leader->group);
	u32 signo = STATUS_SIGNAL(status);
	struct sig_info info = {
		.signo = leader->exit_signal,
		.code = signo ? CLD_KILLED : CLD_EXITED,
		.field = {leader->pid, 0, signo ? signo : status >> 8, (u32)usage.user_ticks,
			  (u32)usage.kernel_ticks},
	};

	signal_send(leader->parent, &info, true);
}

/* A process that has ended is its parent's news, or nobody's: then it goes. */
static void announce_end(struct task *leader)
{
	const struct task *parent = leader->parent;
	bool child = leader->exit_signal == SIGCHLD;

	/* Ignored it is not even kept where it is blocked. */
	if (leader->exit_signal &&
	    !(child && parent->sighand->action[SIGCHLD - 1].handler == HANDLER_IGNORE))
		tell_parent(leader, leader->exit_status);
	if (child && ignores_children(parent))
		task_release(leader);
}

static void send_parent_death(struct task *child, const struct task *parent)
{
	struct sig_info info = {.signo = child->parent_death_signal,
				.code = SI_USER,
				.field = {parent->pid, parent->group->ids.uid}};

	signal_send(child, &info, true);
}

static void give_children_away(struct task *t)
{
	struct task *child, *next, *reaper = reaper_of(t);
	bool zombie = false;

	list_for_each_entry_safe (child, next, &t->children, sibling) {
		bool other_group = child->pgid != t->pgid && child->sid == t->sid;

		task_set_parent(child, reaper);
		child->exit_signal = SIGCHLD;
		if (child->parent_death_signal)
			send_parent_death(child, t);
		if (other_group)
			hang_up_orphans(child->pgid, NULL);
		if (child->state != TASK_ZOMBIE || child->group->nr_live)
			continue;
		zombie = true;
		announce_end(child);
	}
	if (zombie)
		wake_up_all(&reaper->child_exit);
}

static u32 group_status(const struct thread_group *g)
{
	return g->exiting ? g->exit_status : g->leader->exit_status;
}

void group_end(struct thread_group *g)
{
	struct task *leader = g->leader, *parent = leader->parent;

	itimers_stop(g);
	posix_timers_drop(g);
	g->stop_signal = 0;
	job_control_exit(leader);
	give_children_away(leader);
	leader->exit_status = group_status(g);
	if (parent->pgid != leader->pgid && parent->sid == leader->sid)
		hang_up_orphans(leader->pgid, leader);
	announce_end(leader);
	wake_up_all(&parent->child_exit);
	wake_up_all(&processes_ended);
}

/* ---- the thread ---- */

static void drop_resources(struct task *t)
{
	struct mm_struct *mm = t->thread.mm;

	task_drop_held(t);
	files_put(t->files);
	t->files = NULL;
	inode_put(t->cwd);
	t->cwd = NULL;
	if (t->exe)
		file_put(t->exe);
	t->exe = NULL;
	fpu_drop(&t->thread.context);
	task_account_mm(t);
	if (DEBUG)
		BUG_ON(mm_check(mm)); /* every entry, and what was counted on the way here */
	if (mm->users == 1)           /* else others have it too */
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

/* Out of the process; true: it was the last. */
static bool leave_group(struct task *t)
{
	struct thread_group *g = t->group;
	u32 flags = irq_save();
	bool last;

	t->state = TASK_ZOMBIE;
	list_del_init(&t->thread_node);
	last = --g->nr_live == 0;
	if (unlikely(g->pending.set)) /* it may have been chosen to take them */
		signal_pass_on(t, g->pending.set);
	irq_restore(flags);
	if (g->stop_signal && !last)
		report_stop(g);
	if (t != g->leader) {
		struct task_usage own = task_usage(t);

		usage_add(&g->threads_usage, &own);
		t->forgotten = true;
	}
	if (g->execing && g->nr_live == 1)
		thread_wake(&g->execing->thread);
	return last;
}

void task_exit(u32 status)
{
	struct task *t = current_task();

	if (t->leader == init_task && t->group->nr_live == 1)
		end_of_init(t->group->exiting ? t->group->exit_status : status);
	t->exit_status = status;
	futex_exit(t);
	task_vfork_done(t);
	drop_resources(t);
	if (leave_group(t))
		group_end(t->group);
	thread_exit(task_reap);
}

/* The process ends: the other threads at once, this one on its way out. */
static void __noreturn exit_process(u32 status)
{
	struct task *t = current_task();

	if (t->group->nr_live > 1)
		group_kill(t->group, status);
	task_exit(t->group->exiting ? t->group->exit_status : status);
}

SYSCALL_DEFINE1(exit, u32, code)
{
	task_exit(STATUS_EXITED(code));
}

SYSCALL_DEFINE1(exit_group, u32, code)
{
	exit_process(STATUS_EXITED(code));
}

/* ---- exec ---- */

/* t takes the leader's place: number, children, parent; the old leader, a zombie, gets t's number
 * and goes. */
static void take_over(struct task *t)
{
	struct thread_group *g = t->group;
	struct task *old = g->leader, *child, *next;
	u32 flags = irq_save(), pid = t->pid;

	t->pid = old->pid;
	old->pid = pid;
	g->leader = t->leader = t;
	old->leader = t;
	list_add(&t->node, &old->node);
	list_del_init(&old->node);
	irq_restore(flags);
	t->parent = old->parent;
	t->parent_death_signal = old->parent_death_signal;
	t->start_ns = old->start_ns;
	list_add(&t->sibling, &old->sibling);
	list_del_init(&old->sibling);
	list_for_each_entry_safe (child, next, &old->children, sibling)
		task_set_parent(child, t);
	if (old == init_task)
		init_task = t;
	usage_add(&g->threads_usage, &old->usage);
	g->threads_usage.user_ticks += old->thread.user_ticks;
	g->threads_usage.kernel_ticks += old->thread.kernel_ticks;
	task_release(old);
}

int group_become_single(struct task *t)
{
	struct thread_group *g = t->group;
	struct task *other;

	if (g->exiting || g->execing)
		return -EAGAIN;
	if (g->nr_live > 1) {
		g->execing = t;
		for_each_thread (other, g)
			if (other != t)
				thread_kill(other);
		for (;;) {
			WRITE_ONCE(t->thread.state, THREAD_SLEEPING_UNINTERRUPTIBLE);
			barrier();
			if (READ_ONCE(g->nr_live) == 1)
				break;
			schedule();
		}
		WRITE_ONCE(t->thread.state, THREAD_RUNNING);
		g->execing = NULL;
	}
	if (g->leader != t)
		take_over(t);
	return 0;
}
