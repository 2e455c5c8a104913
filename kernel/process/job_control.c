/*
 * Sessions and process groups (setsid(2), setpgid(2)), and what terminals ask about them. A
 * session's leader has the session's number as its pid, a group's leader the group's. The
 * terminal's part is kernel/core/tty_session.c.
 */
#include "kernel/core/tty.h"
#include "kernel/process/syscall.h"
#include <asm/siginfo.h>

static struct task *process_or_self(s32 pid)
{
	struct task *t = pid ? thread_find(pid) : current_task();

	return t ? t->leader : NULL;
}

SYSCALL_DEFINE0(getpgrp)
{
	return current_task()->pgid;
}

SYSCALL_DEFINE1(getpgid, s32, pid)
{
	const struct task *t = process_or_self(pid);

	return t ? (long)t->pgid : -ESRCH;
}

SYSCALL_DEFINE1(getsid, s32, pid)
{
	const struct task *t = process_or_self(pid);

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

/* For a process and all its threads. */
static void set_groups(struct task *leader, u32 pgid, u32 sid)
{
	struct task *t;

	for_each_thread (t, leader->group) {
		t->pgid = pgid;
		t->sid = sid;
	}
	leader->pgid = pgid;
	leader->sid = sid;
}

SYSCALL_DEFINE2(setpgid, s32, pid, s32, pgid)
{
	struct task *self = current_task()->leader;
	struct task *t = pid ? task_find(pid) : self;

	if (pgid < 0)
		return -EINVAL;
	if (!t)
		return thread_find(pid) ? -EINVAL : -ESRCH;
	if (t != self && t->parent != self)
		return -ESRCH;
	if (t != self && t->sid != self->sid)
		return -EPERM;
	if (t != self && t->did_exec)
		return -EACCES;
	if (t->sid == t->pid)
		return -EPERM;
	if (!pgid)
		pgid = t->pid;
	if ((u32)pgid != t->pid && group_session(pgid) != self->sid)
		return -EPERM;
	set_groups(t, pgid, t->sid);
	return 0;
}

SYSCALL_DEFINE0(setsid)
{
	struct task *self = current_task()->leader;

	if (group_session(self->pid))
		return -EPERM;
	set_groups(self, self->pid, self->pid);
	return self->pid;
}

/* ---- for terminals ---- */

static struct tty_caller caller(void)
{
	const struct task *t = current_task();

	if (!current->is_user)
		return (struct tty_caller){0};
	return (struct tty_caller){.pid = t->leader->pid, .group = t->pgid, .session = t->sid};
}

static bool ignores(int signo)
{
	const struct task *t = current_task();

	return (t->sig_blocked & SIGNAL_BIT(signo)) ||
	       t->sighand->action[signo - 1].handler == HANDLER_IGNORE;
}

static bool orphaned(u32 group)
{
	return pgrp_is_orphaned(group, NULL);
}

static void signal_group(u32 group, int signo)
{
	struct sig_info info = {.signo = signo, .code = SI_KERNEL};

	signal_send_pgrp(group, &info);
}

void job_control_exit(struct task *t)
{
	if (t->sid == t->pid)
		tty_session_ends(t->sid);
}

__init void job_control_init(void)
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
