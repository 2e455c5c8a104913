/* Clocks: what time it is, how fine it is told, and setting it. */
#include "kernel/core/time.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "lib/math64.h"
#include <linux/time.h>
#include <linux/times.h>

#define NSEC 1000000000u
#define USEC 1000000u

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

/*
 * The clock of a process or a thread: its complemented number above three bits (clock_getcpuclockid(3)).
 */
#define CPU_CLOCK_THREAD 4u
#define CPU_CLOCK_WHAT   3u /* PROF, VIRT, SCHED; 3: not such a clock */
#define CPU_CLOCK_VIRT   1u

static int cpu_clock(s32 id, u64 *ns)
{
	u32 pid = ~((u32)id >> 3 | 0xE0000000u), what = (u32)id & CPU_CLOCK_WHAT;
	const struct task *t;
	struct task_usage usage;

	if (what == CPU_CLOCK_WHAT)
		return -EINVAL;
	t = !pid ? current_task() : (u32)id & CPU_CLOCK_THREAD ? thread_find(pid) : task_find(pid);
	/* Another process' thread has no clock that could be asked for. */
	if (!t || ((u32)id & CPU_CLOCK_THREAD && t->group != current_task()->group))
		return -EINVAL;
	usage = (u32)id & CPU_CLOCK_THREAD ? task_usage(t) : group_usage(t->group);
	*ns = (usage.user_ticks + (what == CPU_CLOCK_VIRT ? 0 : usage.kernel_ticks)) * (NSEC / HZ);
	return 0;
}

static int read_clock(s32 id, u64 *ns)
{
	struct task_usage usage;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI: /* nobody has told of leap seconds */
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
	return id < 0 ? cpu_clock(id, ns) : -EINVAL;
}

static long get_time(s32 id, vaddr_t to, bool wide)
{
	u64 ns;
	int err = read_clock(id, &ns);

	return err ? err : put_timespec(to, wide, ns);
}

SYSCALL_DEFINE2(clock_gettime, s32, id, vaddr_t, to)
{
	return get_time(id, to, false);
}

SYSCALL_DEFINE2(clock_gettime64, s32, id, vaddr_t, to)
{
	return get_time(id, to, true);
}

static u64 resolution(s32 id)
{
	bool fine = id == CLOCK_REALTIME || id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_RAW ||
		    id == CLOCK_BOOTTIME || id == CLOCK_TAI;

	return fine ? 1 : NSEC / HZ;
}

static long get_resolution(s32 id, vaddr_t to, bool wide)
{
	u64 ns;
	int err = read_clock(id, &ns);

	return err || !to ? err : put_timespec(to, wide, resolution(id));
}

SYSCALL_DEFINE2(clock_getres, s32, id, vaddr_t, to)
{
	return get_resolution(id, to, false);
}

SYSCALL_DEFINE2(clock_getres_time64, s32, id, vaddr_t, to)
{
	return get_resolution(id, to, true);
}

/* ---- setting ---- */

static long set_realtime(u64 ns)
{
	if (current_task()->group->ids.euid)
		return -EPERM;
	if (ns < time_monotonic_ns())
		return -EINVAL; /* the machine would have been started before 1970 */
	time_set_realtime(ns);
	return 0;
}

static long set_clock(s32 id, vaddr_t from, bool wide)
{
	u64 ns;
	int err;

	if (id != CLOCK_REALTIME)
		return -EINVAL;
	err = get_timespec(from, wide, &ns);
	return err ? err : set_realtime(ns);
}

SYSCALL_DEFINE2(clock_settime, s32, id, vaddr_t, from)
{
	return set_clock(id, from, false);
}

SYSCALL_DEFINE2(clock_settime64, s32, id, vaddr_t, from)
{
	return set_clock(id, from, true);
}

/* The zone is not kept: the clock runs in UTC, and so do its readers. */
SYSCALL_DEFINE2(settimeofday, vaddr_t, from, vaddr_t, zone)
{
	struct timezone ignored;
	s32 tv[2];

	if (from) {
		if (copy_from_user(tv, uptr(from), sizeof(tv)))
			return -EFAULT;
		if (tv[0] < 0 || tv[1] < 0 || tv[1] > (s32)USEC)
			return -EINVAL;
	}
	if (zone && copy_from_user(&ignored, uptr(zone), sizeof(ignored)))
		return -EFAULT;
	return from ? set_realtime((u64)tv[0] * NSEC + (u32)tv[1] * (NSEC / USEC)) : 0;
}

SYSCALL_DEFINE1(stime, vaddr_t, from)
{
	u32 seconds;

	if (get_user_u32(&seconds, uptr(from)))
		return -EFAULT;
	if (current_task()->group->ids.euid)
		return -EPERM;
	/* Linux does not tell either when it was no time that could be. */
	if ((s32)seconds >= 0)
		(void)set_realtime((u64)seconds * NSEC);
	return 0;
}
