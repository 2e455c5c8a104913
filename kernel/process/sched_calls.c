/* One processor, one run queue, no priorities: what the calls about them can truthfully say. And
 * prctl. */
#include "kernel/process/syscall.h"
#include "lib/string.h"
#include <linux/membarrier.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>

#define NICE_TO_CALL 20 /* getpriority answers 20 - nice */

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

SYSCALL_DEFINE1(sched_getscheduler, s32, tid)
{
	if (tid < 0)
		return -EINVAL;
	return thread_or_self(tid) ? SCHED_NORMAL : -ESRCH;
}

static long set_policy(s32 tid, s32 policy, vaddr_t from)
{
	u32 priority;

	if (!from || tid < 0)
		return -EINVAL;
	if (get_user_u32(&priority, uptr(from)))
		return -EFAULT;
	if (!thread_or_self(tid))
		return -ESRCH;
	/* Batch and idle would be served like all others; the real-time ones cannot be served. */
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return priority < 1 || priority > 99 ? -EINVAL : -EPERM;
	return (policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE) &&
			       !priority
		       ? 0
		       : -EINVAL;
}

SYSCALL_DEFINE3(sched_setscheduler, s32, tid, s32, policy, vaddr_t, from)
{
	return policy < 0 ? -EINVAL : set_policy(tid, policy, from);
}

SYSCALL_DEFINE2(sched_setparam, s32, tid, vaddr_t, from)
{
	return set_policy(tid, SCHED_NORMAL, from);
}

SYSCALL_DEFINE2(sched_getparam, s32, tid, vaddr_t, to)
{
	if (!to || tid < 0)
		return -EINVAL;
	if (!thread_or_self(tid))
		return -ESRCH;
	return put_user_u32(uptr(to), 0) ? -EFAULT : 0;
}

static long priority_range(s32 policy, long real_time)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return real_time;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	}
	return -EINVAL;
}

SYSCALL_DEFINE1(sched_get_priority_max, s32, policy)
{
	return priority_range(policy, 99);
}

SYSCALL_DEFINE1(sched_get_priority_min, s32, policy)
{
	return priority_range(policy, 1);
}

static long check_who(s32 which, s32 who)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return which == PRIO_PROCESS && !thread_or_self(who) ? -ESRCH : 0;
}

SYSCALL_DEFINE2(getpriority, s32, which, s32, who)
{
	long err = check_who(which, who);

	return err ? err : NICE_TO_CALL;
}

/* All are served alike: a wish for less, or more, is heard and changes nothing. */
SYSCALL_DEFINE3(setpriority, s32, which, s32, who, s32, nice)
{
	(void)nice;
	return check_who(which, who);
}

SYSCALL_DEFINE1(nice, s32, increment)
{
	(void)increment;
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
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
		return 0;
	}
	return -EINVAL;
}

#define CAP_LAST_CAP 40u /* of Linux 6.1 */

SYSCALL_DEFINE2(prctl, s32, option, u32, arg)
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
	case PR_GET_DUMPABLE:
		return 1;
	case PR_SET_DUMPABLE:
		return arg > 1 ? -EINVAL : 0;
	case PR_CAPBSET_READ: /* root may do everything */
		return arg > CAP_LAST_CAP ? -EINVAL : 1;
	case PR_GET_KEEPCAPS:
	case PR_GET_SECUREBITS:
		return 0;
	}
	return -EINVAL;
}
