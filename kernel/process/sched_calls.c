/* One processor: what the calls about it can truthfully say. And prctl, personality, capabilities. */
#include "kernel/process/syscall.h"
#include "lib/string.h"
#include <linux/membarrier.h>
#include <linux/prctl.h>

static struct task *thread_or_self(s32 tid)
{
	return tid ? thread_find(tid) : current_task();
}

SYSCALL_DEFINE3(sched_getaffinity, s32, tid, u32, size, vaddr_t, to)
{
	if (size < sizeof(u32) || size % sizeof(u32))
		return -EINVAL;
	if (!thread_or_self(tid))
		return -ESRCH;
	return put_user_u32(uptr(to), 1) ? -EFAULT : (long)sizeof(u32);
}

SYSCALL_DEFINE3(sched_setaffinity, s32, tid, u32, size, vaddr_t, from)
{
	u32 mask = 0;

	if (!thread_or_self(tid))
		return -ESRCH;
	if (copy_from_user(&mask, uptr(from), MIN(size, (u32)sizeof(mask))))
		return -EFAULT;
	return mask & 1 ? 0 : -EINVAL;
}

SYSCALL_DEFINE3(getcpu, vaddr_t, processor, vaddr_t, node, vaddr_t, unused)
{
	(void)unused;
	if ((processor && put_user_u32(uptr(processor), 0)) ||
	    (node && put_user_u32(uptr(node), 0)))
		return -EFAULT;
	return 0;
}

/* On one processor every switch is the barrier. */
SYSCALL_DEFINE3(membarrier, s32, command, u32, flags, s32, processor)
{
	(void)processor;
	if (flags)
		return -EINVAL;
	switch (command) {
	case MEMBARRIER_CMD_QUERY:
		return MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
		       MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |
		       MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		return current_task()->group->barriers ? 0 : -EPERM;
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
		current_task()->group->barriers = true;
		return 0;
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
		return 0;
	}
	return -EINVAL;
}

#define CAP_LAST_CAP 40u /* of Linux 6.1 */

/* Switches of a process that can be set, and asked for. -EINVAL: it is no such option. */
static long prctl_switch(struct thread_group *g, s32 option, u32 arg, u32 rest)
{
	switch (option) {
	case PR_GET_DUMPABLE:
		return !g->not_dumpable;
	case PR_SET_DUMPABLE:
		if (arg > 1)
			return -EINVAL;
		g->not_dumpable = !arg;
		return 0;
	case PR_GET_KEEPCAPS:
		return g->ids.keep_caps;
	case PR_SET_KEEPCAPS:
		if (arg > 1)
			return -EINVAL;
		g->ids.keep_caps = arg;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return arg || rest ? -EINVAL : g->no_new_privs;
	case PR_SET_NO_NEW_PRIVS: /* not taken back; there are none to be had */
		if (arg != 1 || rest)
			return -EINVAL;
		g->no_new_privs = true;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user_u32(uptr(arg), g->subreaper) ? -EFAULT : 0;
	case PR_SET_CHILD_SUBREAPER:
		g->subreaper = arg;
		return 0;
	}
	return -EINVAL;
}

SYSCALL_DEFINE5(prctl, s32, option, u32, arg, u32, arg3, u32, arg4, u32, arg5)
{
	struct task *t = current_task();
	char name[sizeof(t->thread.name)];
	ssize_t len;

	switch (option) {
	case PR_SET_NAME:
		len = strncpy_from_user(name, uptr(arg), sizeof(name));
		if (len < 0)
			return len;
		name[sizeof(name) - 1] = 0;
		strlcpy(t->thread.name, name, sizeof(t->thread.name));
		return 0;
	case PR_GET_NAME:
		memset(name, 0, sizeof(name));
		strlcpy(name, t->thread.name, sizeof(name));
		return copy_to_user(uptr(arg), name, sizeof(name)) ? -EFAULT : 0;
	case PR_SET_PDEATHSIG:
		if (arg > SIGNAL_MAX)
			return -EINVAL;
		t->leader->parent_death_signal = arg;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user_u32(uptr(arg), t->leader->parent_death_signal) ? -EFAULT : 0;
	case PR_CAPBSET_READ: /* root may do everything */
		return arg > CAP_LAST_CAP ? -EINVAL : 1;
	case PR_GET_SECUREBITS:
	case PR_GET_SECCOMP:
		return 0;
	}
	return prctl_switch(t->group, option, arg, arg3 | arg4 | arg5);
}

#define PERSONALITY_ASK 0xFFFFFFFFu

/* Kept for `setarch` and the like; programs are laid out in one way only. */
SYSCALL_DEFINE1(personality, u32, personality)
{
	u32 before = current_task()->group->personality;

	if (personality != PERSONALITY_ASK)
		current_task()->group->personality = personality;
	return (long)before;
}
