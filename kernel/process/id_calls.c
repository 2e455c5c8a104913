/* Who is who: pids, and the thread's own descriptors. */
#include "kernel/process/syscall.h"
#include <asm/ldt.h>

SYSCALL_DEFINE0(getpid)
{
	return current_task()->leader->pid;
}

SYSCALL_DEFINE0(gettid)
{
	return current_task()->pid;
}

SYSCALL_DEFINE0(getppid)
{
	const struct task *parent = current_task()->parent;

	return parent ? parent->pid : 0;
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
