/* Time, sleeping, and giving the processor up. */
#include "kernel/process/syscall.h"
#include "kernel/core/time.h"
#include "lib/math64.h"
#include "mm/vm/mm.h"
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/times.h>

#define NSEC 1000000000u

/* struct timespec and timeval of the calls that are older than 64-bit time. */
struct old_timespec32 {
	s32 tv_sec, tv_nsec;
};

static u64 realtime_seconds(u32 *ns)
{
	return div_u64_rem(time_realtime_ns(), NSEC, ns);
}

SYSCALL_DEFINE1(time, vaddr_t, to)
{
	u32 ns, seconds = (u32)realtime_seconds(&ns);

	if (to && put_user_u32(uptr(to), seconds))
		return -EFAULT;
	return seconds;
}

SYSCALL_DEFINE2(gettimeofday, vaddr_t, to, vaddr_t, zone)
{
	struct timezone utc = {0};
	u32 ns;
	u32 tv[2];

	tv[0] = (u32)realtime_seconds(&ns);
	tv[1] = ns / 1000;
	if (to && copy_to_user(uptr(to), tv, sizeof(tv)))
		return -EFAULT;
	return zone && copy_to_user(uptr(zone), &utc, sizeof(utc)) ? -EFAULT : 0;
}

/* Ticks since boot; HZ is Linux's USER_HZ. */
SYSCALL_DEFINE1(times, vaddr_t, to)
{
	struct task_usage usage = group_usage(current_task()->group);
	const struct task_usage *children = &current_task()->group->children_usage;
	u32 tms[4] = {(u32)usage.user_ticks, (u32)usage.kernel_ticks, (u32)children->user_ticks,
		      (u32)children->kernel_ticks};

	static_assert(HZ == 100, "clock_t counts hundredths of a second");
	if (to && copy_to_user(uptr(to), tms, sizeof(tms)))
		return -EFAULT;
	return (long)time_ticks();
}

/* ---- clocks ---- */

static int read_clock(s32 id, u64 *ns)
{
	struct task_usage usage;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = time_realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = time_monotonic_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		usage = id == CLOCK_THREAD_CPUTIME_ID ? task_usage(current_task())
						      : group_usage(current_task()->group);
		*ns = (usage.user_ticks + usage.kernel_ticks) * (NSEC / HZ);
		return 0;
	}
	return -EINVAL;
}

static long put_old_timespec(vaddr_t to, u64 ns)
{
	u32 rest;
	struct old_timespec32 ts;

	ts.tv_sec = (s32)div_u64_rem(ns, NSEC, &rest);
	ts.tv_nsec = rest;
	return copy_to_user(uptr(to), &ts, sizeof(ts)) ? -EFAULT : 0;
}

static long put_timespec(vaddr_t to, u64 ns)
{
	struct __kernel_timespec ts;
	u32 rest;

	ts.tv_sec = div_u64_rem(ns, NSEC, &rest);
	ts.tv_nsec = rest;
	return copy_to_user(uptr(to), &ts, sizeof(ts)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(clock_gettime, s32, id, vaddr_t, to)
{
	u64 ns;
	int err = read_clock(id, &ns);

	return err ? err : put_old_timespec(to, ns);
}

SYSCALL_DEFINE2(clock_gettime64, s32, id, vaddr_t, to)
{
	u64 ns;
	int err = read_clock(id, &ns);

	return err ? err : put_timespec(to, ns);
}

static u64 resolution(s32 id)
{
	bool fine = id == CLOCK_REALTIME || id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_RAW ||
		    id == CLOCK_BOOTTIME;

	return fine ? 1 : NSEC / HZ;
}

SYSCALL_DEFINE2(clock_getres, s32, id, vaddr_t, to)
{
	u64 ns;
	int err = read_clock(id, &ns);

	return err || !to ? err : put_old_timespec(to, resolution(id));
}

SYSCALL_DEFINE2(clock_getres_time64, s32, id, vaddr_t, to)
{
	u64 ns;
	int err = read_clock(id, &ns);

	return err || !to ? err : put_timespec(to, resolution(id));
}

/* ---- sleeping ---- */

#define SLEEP_MAX_SECONDS 0x100000000ull /* longer sleeps end then: 136 years */

static int timespec_to_ns(s64 seconds, s64 nanoseconds, u64 *ns)
{
	if (seconds < 0 || nanoseconds < 0 || nanoseconds >= NSEC)
		return -EINVAL;
	*ns = (u64)MIN(seconds, (s64)SLEEP_MAX_SECONDS) * NSEC + nanoseconds;
	return 0;
}

static int get_old_timespec(vaddr_t from, u64 *ns)
{
	struct old_timespec32 ts;

	if (copy_from_user(&ts, uptr(from), sizeof(ts)))
		return -EFAULT;
	return timespec_to_ns(ts.tv_sec, ts.tv_nsec, ns);
}

static int get_timespec(vaddr_t from, u64 *ns)
{
	struct __kernel_timespec ts;

	if (copy_from_user(&ts, uptr(from), sizeof(ts)))
		return -EFAULT;
	/* The upper half of tv_nsec is padding to programs of 32 bits. */
	return timespec_to_ns(ts.tv_sec, (s32)ts.tv_nsec, ns);
}

/* When a sleep ends, on the monotonic clock. */
static int sleep_end(s32 id, u32 flags, u64 ns, u64 *expires_ns)
{
	u64 now = time_monotonic_ns();

	if (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC && id != CLOCK_BOOTTIME)
		return id == CLOCK_PROCESS_CPUTIME_ID ? -EOPNOTSUPP : -EINVAL;
	if (flags & TIMER_ABSTIME) {
		u64 start = id == CLOCK_REALTIME ? time_realtime_ns() : now;

		ns = ns > start ? ns - start : 0;
	}
	*expires_ns = now + ns;
	return 0;
}

/* Sleeps, and after a signal without handler on to the same time; `left`: where what remains is to be told, or 0. */
static long sleep_on(u64 expires_ns, vaddr_t left, bool wide)
{
	struct task *t = current_task();
	u64 left_ns = 0;

	if (!sleep_until(expires_ns, &left_ns))
		return 0;
	if (left && (wide ? put_timespec(left, left_ns) : put_old_timespec(left, left_ns)))
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
	int err = sleep_end(id, flags, ns, &expires_ns);
	long ret;

	if (err)
		return err;
	ret = sleep_on(expires_ns, flags & TIMER_ABSTIME ? 0 : left, wide);
	current_task()->restart = sleep_again;
	/* The time does not move: the call can be made again as it was. */
	return ret == -ERESTART_BLOCK && (flags & TIMER_ABSTIME) ? -ERESTARTNOHAND : ret;
}

static long sleep_old(s32 id, u32 flags, vaddr_t want, vaddr_t left)
{
	u64 ns;
	int err = get_old_timespec(want, &ns);

	return err ? err : start_sleep(id, flags, ns, left, false);
}

SYSCALL_DEFINE2(nanosleep, vaddr_t, want, vaddr_t, left)
{
	return sleep_old(CLOCK_MONOTONIC, 0, want, left);
}

SYSCALL_DEFINE4(clock_nanosleep, s32, id, u32, flags, vaddr_t, want, vaddr_t, left)
{
	return sleep_old(id, flags, want, left);
}

SYSCALL_DEFINE4(clock_nanosleep64, s32, id, u32, flags, vaddr_t, want, vaddr_t, left)
{
	u64 ns;
	int err = get_timespec(want, &ns);

	return err ? err : start_sleep(id, flags, ns, left, true);
}

SYSCALL_DEFINE0(sched_yield)
{
	thread_yield();
	return 0;
}
