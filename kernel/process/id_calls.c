/* Who is who: pids, groups, users (all are root), and the thread's own descriptors. */
#include "kernel/process/syscall.h"
#include <asm/ldt.h>

SYSCALL_DEFINE0(getpid)
{
	return current_task()->pid;
}

SYSCALL_DEFINE0(getppid)
{
	const struct task *parent = current_task()->parent;

	return parent ? parent->pid : 0;
}

SYSCALL_DEFINE0(getuid)
{
	return 0;
}

SYSCALL_DEFINE0(getpgrp)
{
	return current_task()->pgid;
}

static struct task *task_or_self(s32 pid)
{
	return pid ? task_find(pid) : current_task();
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

static bool group_exists(u32 pgid, u32 sid)
{
	const struct task *t;

	for_each_task (t)
		if (t->pgid == pgid && t->sid == sid)
			return true;
	return false;
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
	if ((u32)pgid != t->pid && !group_exists(pgid, self->sid))
		return -EPERM;
	t->pgid = pgid;
	return 0;
}

SYSCALL_DEFINE0(setsid)
{
	struct task *self = current_task();
	const struct task *t;

	for_each_task (t)
		if (t->pgid == self->pid)
			return -EPERM;
	self->sid = self->pgid = self->pid;
	return self->pid;
}

SYSCALL_DEFINE1(set_tid_address, vaddr_t, addr)
{
	current_task()->clear_child_tid = addr;
	return current_task()->pid;
}

SYSCALL_DEFINE1(set_thread_area, vaddr_t, user)
{
	struct user_desc desc;
	u32 number;
	int err;

	if (copy_from_user(&desc, uptr(user), sizeof(desc)))
		return -EFAULT;
	number = desc.entry_number;
	err = context_set_thread_area(&current->context, &desc);
	if (!err && number == (u32)-1)
		err = put_user_u32(&((struct user_desc __user *)uptr(user))->entry_number,
				   desc.entry_number);
	return err;
}

SYSCALL_DEFINE1(get_thread_area, vaddr_t, user)
{
	struct user_desc desc;
	int err;

	if (get_user_u32(&desc.entry_number,
			 &((struct user_desc __user *)uptr(user))->entry_number))
		return -EFAULT;
	err = context_get_thread_area(&current->context, &desc);
	if (!err && copy_to_user(uptr(user), &desc, sizeof(desc)))
		err = -EFAULT;
	return err;
}
