/*
 * Niceness, policies and priorities of I/O. They are kept for each thread, inherited and answered by
 * Linux's rules; the scheduler serves all alike, so they change nothing else.
 */
#include "kernel/process/syscall.h"
#include "kernel/core/time.h"
#include "lib/math64.h"
#include <linux/ioprio.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/time_types.h>

#define NICE_MIN     (-20)
#define NICE_MAX     19
#define NICE_TO_CALL 20 /* getpriority answers 20 - nice */

static struct task *thread_or_self(s32 tid)
{
	return tid ? thread_find(tid) : current_task();
}

static bool is_privileged(void)
{
	return current_task()->group->ids.euid == 0;
}

/* ---- policies ---- */

SYSCALL_DEFINE1(sched_getscheduler, s32, tid)
{
	const struct task *t;

	if (tid < 0)
		return -EINVAL;
	t = thread_or_self(tid);
	if (!t)
		return -ESRCH;
	return (long)(t->policy | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0));
}

static long set_policy(s32 tid, s32 policy, vaddr_t from)
{
	bool reset_on_fork = policy & SCHED_RESET_ON_FORK;
	struct task *t;
	u32 priority;

	if (!from || tid < 0)
		return -EINVAL;
	if (get_user_u32(&priority, uptr(from)))
		return -EFAULT;
	t = thread_or_self(tid);
	if (!t)
		return -ESRCH;
	policy &= ~SCHED_RESET_ON_FORK;
	/* The real-time ones cannot be served. */
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return priority < 1 || priority > 99 ? -EINVAL : -EPERM;
	if ((policy != SCHED_NORMAL && policy != SCHED_BATCH && policy != SCHED_IDLE) || priority)
		return -EINVAL;
	t->policy = (u8)policy;
	t->reset_on_fork = reset_on_fork;
	return 0;
}

SYSCALL_DEFINE3(sched_setscheduler, s32, tid, s32, policy, vaddr_t, from)
{
	return policy < 0 ? -EINVAL : set_policy(tid, policy, from);
}

SYSCALL_DEFINE2(sched_setparam, s32, tid, vaddr_t, from)
{
	const struct task *t = tid < 0 ? NULL : thread_or_self(tid);
	s32 keep = t ? t->policy | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0) : SCHED_NORMAL;

	return set_policy(tid, keep, from);
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

/* A time slice, as sched.c gives it. */
static int slice_of(s32 tid, u32 *ns)
{
	if (tid < 0)
		return -EINVAL;
	*ns = SLICE_TICKS * (u32)(NSEC_PER_SEC / HZ);
	return thread_or_self(tid) ? 0 : -ESRCH;
}

SYSCALL_DEFINE2(sched_rr_get_interval, s32, tid, vaddr_t, to)
{
	s32 ts[2] = {0};
	int err = slice_of(tid, (u32 *)&ts[1]);

	if (err)
		return err;
	return copy_to_user(uptr(to), ts, sizeof(ts)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(sched_rr_get_interval_time64, s32, tid, vaddr_t, to)
{
	struct __kernel_timespec ts = {0};
	u32 ns;
	int err = slice_of(tid, &ns);

	if (err)
		return err;
	ts.tv_nsec = ns;
	return copy_to_user(uptr(to), &ts, sizeof(ts)) ? -EFAULT : 0;
}

/* ---- sets of threads: of a process group, or of a user ---- */

/* Calls fn for each thread that `which` and `who` mean: how many there were. */
struct visitor {
	void (*fn)(struct visitor *v, struct task *t);
	long value, result;
};

static bool is_meant(const struct task *leader, s32 which, u32 who)
{
	return which == PRIO_PGRP ? leader->pgid == who : leader->group->ids.uid == who;
}

/* 0, -ESRCH: there are none, -EINVAL: which. */
static long visit(s32 which, s32 who, struct visitor *v)
{
	struct task *leader, *t;
	bool found = false;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	if (which == PRIO_PROCESS) {
		t = thread_or_self(who);
		if (t)
			v->fn(v, t);
		return t ? 0 : -ESRCH;
	}
	if (!who)
		who = which == PRIO_PGRP ? current_task()->pgid : current_task()->group->ids.uid;
	for_each_task (leader) {
		if (!is_meant(leader, which, who))
			continue;
		for_each_thread (t, leader->group) {
			v->fn(v, t);
			found = true;
		}
	}
	return found ? 0 : -ESRCH;
}

/* ---- niceness ---- */

static s32 clamp_nice(s32 nice)
{
	return MAX(NICE_MIN, MIN(nice, NICE_MAX));
}

static void look_at_nice(struct visitor *v, struct task *t)
{
	v->result = MAX(v->result, NICE_TO_CALL - (long)t->nice);
}

SYSCALL_DEFINE2(getpriority, s32, which, s32, who)
{
	struct visitor v = {.fn = look_at_nice};
	long err = visit(which, who, &v);

	return err ? err : v.result;
}

static void set_nice(struct visitor *v, struct task *t)
{
	const struct credentials *own = &current_task()->group->ids, *its = &t->group->ids;

	if (!is_privileged() && own->euid != its->uid && own->euid != its->euid)
		v->result = -EPERM;
	else if (!is_privileged() && v->value < t->nice)
		v->result = -EACCES;
	else
		t->nice = (s8)v->value;
}

SYSCALL_DEFINE3(setpriority, s32, which, s32, who, s32, nice)
{
	struct visitor v = {.fn = set_nice, .value = clamp_nice(nice)};
	long err = visit(which, who, &v);

	return err ? err : v.result;
}

SYSCALL_DEFINE1(nice, s32, increment)
{
	struct task *t = current_task();

	if (increment < 0 && !is_privileged())
		return -EPERM;
	increment = MAX(NICE_MIN - NICE_MAX, MIN(increment, NICE_MAX - NICE_MIN));
	t->nice = (s8)clamp_nice(t->nice + increment);
	return 0;
}

/* ---- input and output ---- */

#define IOPRIO_WHO_TO_PRIO 1 /* IOPRIO_WHO_PROCESS is PRIO_PROCESS + 1, and so on */

static void look_at_ioprio(struct visitor *v, struct task *t)
{
	/* The best: of two classes the lower number, but for "none". */
	if (!v->result || (t->ioprio && t->ioprio < v->result))
		v->result = t->ioprio;
}

SYSCALL_DEFINE2(ioprio_get, s32, which, s32, who)
{
	struct visitor v = {.fn = look_at_ioprio};
	long err = visit(which - IOPRIO_WHO_TO_PRIO, who, &v);

	return err ? err : v.result;
}

static void set_ioprio(struct visitor *v, struct task *t)
{
	const struct credentials *own = &current_task()->group->ids, *its = &t->group->ids;

	if (!is_privileged() && own->euid != its->uid && own->uid != its->uid)
		v->result = -EPERM;
	else
		t->ioprio = (u16)v->value;
}

SYSCALL_DEFINE3(ioprio_set, s32, which, s32, who, u32, priority)
{
	struct visitor v = {.fn = set_ioprio, .value = (long)priority};
	long err;

	switch (IOPRIO_PRIO_CLASS(priority)) {
	case IOPRIO_CLASS_RT:
		if (!is_privileged())
			return -EPERM;
		break;
	case IOPRIO_CLASS_BE:
	case IOPRIO_CLASS_IDLE:
		break;
	case IOPRIO_CLASS_NONE:
		if (!IOPRIO_PRIO_DATA(priority))
			break;
		return -EINVAL;
	default:
		return -EINVAL;
	}
	err = visit(which - IOPRIO_WHO_TO_PRIO, who, &v);
	return err ? err : v.result;
}
