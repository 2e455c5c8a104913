/* Sleeping, and giving the processor up. */
#include "kernel/process/syscall.h"
#include "kernel/core/time.h"
#include "kernel/process/timespec.h"
#include <linux/time.h>

/* Sleeps, and after a signal without handler on to the same time; `left`: where what remains is to be told, or 0. */
static long sleep_on(u64 expires_ns, vaddr_t left, bool wide)
{
	struct task *t = current_task();
	u64 left_ns = 0;

	if (!sleep_until(expires_ns, &left_ns))
		return 0;
	if (left && put_timespec(left, wide, left_ns))
		return -EFAULT;
	t->restart_args.expires_ns = expires_ns;
	t->restart_args.address = left;
	t->restart_args.flag = wide;
	return -ERESTART_BLOCK;
}

static long sleep_again(struct task *t)
{
	return sleep_on(t->restart_args.expires_ns, t->restart_args.address, t->restart_args.flag);
}

static long start_sleep(s32 id, u32 flags, u64 ns, vaddr_t left, bool wide)
{
	u64 expires_ns;
	int err = clock_to_monotonic(id, flags & TIMER_ABSTIME, ns, &expires_ns);
	long ret;

	if (err)
		return err;
	ret = sleep_on(expires_ns, flags & TIMER_ABSTIME ? 0 : left, wide);
	current_task()->restart = sleep_again;
	/* The time does not move: the call can be made again as it was. */
	return ret == -ERESTART_BLOCK && (flags & TIMER_ABSTIME) ? -ERESTARTNOHAND : ret;
}

static long sleep_for(s32 id, u32 flags, vaddr_t want, vaddr_t left, bool wide)
{
	u64 ns;
	int err = get_timespec(want, wide, &ns);

	return err ? err : start_sleep(id, flags, ns, left, wide);
}

SYSCALL_DEFINE2(nanosleep, vaddr_t, want, vaddr_t, left)
{
	return sleep_for(CLOCK_MONOTONIC, 0, want, left, false);
}

SYSCALL_DEFINE4(clock_nanosleep, s32, id, u32, flags, vaddr_t, want, vaddr_t, left)
{
	return sleep_for(id, flags, want, left, false);
}

SYSCALL_DEFINE4(clock_nanosleep64, s32, id, u32, flags, vaddr_t, want, vaddr_t, left)
{
	return sleep_for(id, flags, want, left, true);
}

SYSCALL_DEFINE0(sched_yield)
{
	thread_yield();
	return 0;
}
