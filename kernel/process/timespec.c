/* Times in user memory, in their two sizes. */
#include "arch/i386/cpu/irqflags.h"
#include "kernel/process/timespec.h"
#include "kernel/core/time.h"
#include "kernel/process/syscall.h"
#include "lib/math64.h"
#include <linux/time.h>
#include <linux/time_types.h>

#define NSEC 1000000000u

struct old_timespec {
	s32 tv_sec, tv_nsec;
};

static u32 size_of(bool wide)
{
	return wide ? sizeof(struct __kernel_timespec) : sizeof(struct old_timespec);
}

int get_timespec(vaddr_t from, bool wide, u64 *ns)
{
	struct __kernel_timespec ts;
	struct old_timespec old;
	s64 seconds, nanoseconds;

	if (copy_from_user(wide ? (void *)&ts : (void *)&old, uptr(from), size_of(wide)))
		return -EFAULT;
	seconds = wide ? ts.tv_sec : old.tv_sec;
	/* The upper half of tv_nsec is padding to programs of 32 bits. */
	nanoseconds = wide ? (s32)ts.tv_nsec : old.tv_nsec;
	if (seconds < 0 || nanoseconds < 0 || nanoseconds >= NSEC)
		return -EINVAL;
	*ns = (u64)MIN(seconds, (s64)TIMESPEC_MAX_SECONDS) * NSEC + nanoseconds;
	return 0;
}

int put_timespec(vaddr_t to, bool wide, u64 ns)
{
	struct __kernel_timespec ts;
	struct old_timespec old;
	u32 rest;

	ts.tv_sec = (s64)div_u64_rem(ns, NSEC, &rest);
	ts.tv_nsec = rest;
	old = (struct old_timespec){(s32)ts.tv_sec, (s32)rest};
	return copy_to_user(uptr(to), wide ? (void *)&ts : (void *)&old, size_of(wide)) ? -EFAULT
											: 0;
}

int get_itimerspec(vaddr_t from, bool wide, struct interval_ns *t)
{
	int err = get_timespec(from, wide, &t->interval);
	int err2 = get_timespec(from + size_of(wide), wide, &t->value);

	return err ? err : err2;
}

int put_itimerspec(vaddr_t to, bool wide, const struct interval_ns *t)
{
	int err = put_timespec(to, wide, t->interval);

	return err ? err : put_timespec(to + size_of(wide), wide, t->value);
}

int clock_to_monotonic(s32 id, bool absolute, u64 ns, u64 *expires_ns)
{
	u64 now = time_monotonic_ns();
	u64 start = now;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
		start = time_realtime_ns();
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		break;
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
	if (absolute)
		ns = ns > start ? ns - start : 0;
	*expires_ns = now + ns;
	return 0;
}

u64 timer_left_ns(const struct timer *t)
{
	u64 now = time_monotonic_ns(), expires_ns;
	u32 flags = irq_save(); /* the timer's own expiry may start it again */
	bool armed = t->armed;

	expires_ns = t->expires_ns;
	irq_restore(flags);
	if (!armed)
		return 0;
	return expires_ns > now ? expires_ns - now : 1;
}

u64 timer_missed(u64 expires_ns, u64 interval_ns, u64 now_ns, u64 *next_ns)
{
	u64 late = now_ns > expires_ns ? now_ns - expires_ns : 0;
	u64 missed = late < interval_ns ? 0 : div64_u64(late, interval_ns);

	*next_ns = expires_ns + (missed + 1) * interval_ns;
	return missed;
}
