/*
 * Sessions and process groups (setsid(2), setpgid(2)), and what terminals ask about them. A session's leader has the
 * session's number as its pid, a group's leader the group's. The terminal's part is kernel/core/tty_session.c.
 */
#include "kernel/core/tty.h"
#include "kernel/process/syscall.h"

static struct task *task_or_self(s32 pid)
{
	return pid ? task_find(pid) : current_task();
}

SYSCALL_DEFINE0(getpgrp)
{
	return current_task()->pgid;
}

SYSCALL_DEFINE1(getpgid, s32, pid)
{
	const struct task *t = task_or_self(pid);

	return t ? (long)t->pgid : -ESRCH;
}

SYSCALL_DEFINE1(getsid, s32, pid)
{
	const struct task *t = task_or_self(pid);

	return t ? (long)t->sid : -ESRCH;
}

static u32 group_session(u32 group)
{
	const struct task *t;

	for_each_task (t)
		if (t->pgid == group)
			return t->sid;
	return 0;
}

SYSCALL_DEFINE2(setpgid, s32, pid, s32, pgid)
{
	struct task *self = current_task();
	struct task *t = task_or_self(pid);

	if (pgid < 0)
		return -EINVAL;
	if (!t || (t != self && t->parent != self))
		return -ESRCH;
	if (!pgid)
		pgid = t->pid;
	if (t->sid != self->sid || t->sid == t->pid)
		return -EPERM;
	if ((u32)pgid != t->pid && group_session(pgid) != self->sid)
		return -EPERM;
	t->pgid = pgid;
	return 0;
}

SYSCALL_DEFINE0(setsid)
{
	struct task *self = current_task();

	if (group_session(self->pid))
		return -EPERM;
	self->sid = self->pgid = self->pid;
	return self->pid;
}

/* ---- for terminals ---- */

static struct tty_caller caller(void)
{
	const struct task *t = current_task();

	if (!current->is_user)
		return (struct tty_caller){0};
	return (struct tty_caller){.pid = t->pid, .group = t->pgid, .session = t->sid};
}

static bool ignores(int signo)
{
	const struct task *t = current_task();

	return (t->sig_blocked | t->sig_ignored) >> (signo - 1) & 1;
}

/* POSIX: no member has a parent in the session but outside the group. */
static bool orphaned(u32 group)
{
	const struct task *t;

	for_each_task (t) {
		const struct task *parent = t->parent;

		if (t->pgid != group || t->state == TASK_ZOMBIE || !parent || parent == init_task)
			continue;
		if (parent->pgid != group && parent->sid == t->sid)
			return false;
	}
	return true;
}

static void signal_group(u32 group, int signo)
{
	struct task *t;

	for_each_task (t)
		if (t->pgid == group)
			task_kill(t, signo);
}

void job_control_exit(struct task *t)
{
	if (t->sid == t->pid)
		tty_session_ends(t->sid);
}

void job_control_init(void)
{
	static const struct tty_process_ops ops = {
		.caller = caller,
		.ignores = ignores,
		.orphaned = orphaned,
		.group_session = group_session,
		.signal = signal_group,
	};

	tty_set_process_ops(&ops);
}
