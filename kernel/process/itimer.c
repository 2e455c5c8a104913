/*
 * Interval timers: setitimer, getitimer, alarm. Each belongs to a process.
 *
 *   ITIMER_REAL       SIGALRM     a timer of kernel/core/time, started again by its own expiry
 *   ITIMER_VIRTUAL    SIGVTALRM   counted down by the ticks that the process' threads run in user
 * mode ITIMER_PROF       SIGPROF     ... in user mode and in the kernel RLIMIT_CPU        SIGXCPU
 * when the limit is passed and each second after it; SIGKILL at the hard one
 *
 * A thread's ticks are looked at only while its process needs that (thread->on_tick).
 */
#include "kernel/process/syscall.h"
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/time.h"
#include "kernel/process/timespec.h"
#include "lib/math64.h"
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/resource.h>
#include <linux/time.h>

#define USEC_PER_SEC  1000000
#define NSEC_PER_USEC 1000u
#define USEC_PER_TICK (USEC_PER_SEC / HZ)

struct itimer32 { /* struct itimerval of a program of 32 bits */
	s32 interval_sec, interval_usec, value_sec, value_usec;
};

/* ---- ITIMER_REAL ---- */

static void real_expired(struct timer *timer)
{
	struct thread_group *g = container_of(timer, struct thread_group, real_timer);

	if (g->real_interval_ns) {
		u64 now = time_monotonic_ns(), next = timer->expires_ns + g->real_interval_ns;

		/* Intervals shorter than a tick that have passed come as one. */
		timer_start(timer, next > now ? next : now + g->real_interval_ns, real_expired);
	}
	task_kill(g->leader, SIGALRM);
}

static u64 real_left_ns(const struct thread_group *g)
{
	u64 left_ns = timer_left_ns(&g->real_timer);

	/* An armed timer is never told as 0, which is what one that is not is told as. */
	return left_ns ? MAX(left_ns, (u64)NSEC_PER_USEC) : 0;
}

static void real_set(struct thread_group *g, u64 value_ns, u64 interval_ns)
{
	u32 flags = irq_save();

	timer_cancel(&g->real_timer);
	g->real_interval_ns = value_ns ? interval_ns : 0;
	if (value_ns)
		timer_start(&g->real_timer, time_monotonic_ns() + value_ns, real_expired);
	irq_restore(flags);
}

void itimers_stop(struct thread_group *g)
{
	real_set(g, 0, 0);
}

/* ---- by ticks ---- */

static void count_down(struct thread_group *g, struct cpu_timer *timer, u32 signo)
{
	if (!timer->left || --timer->left)
		return;
	timer->left = timer->interval;
	task_kill(g->leader, signo);
}

static void check_cpu_limit(struct thread_group *g)
{
	const struct limit *limit = &g->limits[RLIMIT_CPU];
	u64 ticks = g->threads_usage.user_ticks + g->threads_usage.kernel_ticks;
	const struct task *t;
	u32 seconds, rest;

	for_each_thread (t, g)
		ticks += t->thread.user_ticks + t->thread.kernel_ticks;
	seconds = (u32)div_u64_rem(ticks, HZ, &rest);
	if (rest)
		return;
	if (seconds >= limit->max)
		task_kill(g->leader, SIGKILL);
	else if (seconds >= limit->cur)
		task_kill(g->leader, SIGXCPU);
}

/* In the timer interrupt. */
static void on_tick(struct thread *thread, bool user_mode)
{
	struct thread_group *g = ((struct task *)thread)->group;

	if (user_mode)
		count_down(g, &g->virtual_timer, SIGVTALRM);
	count_down(g, &g->prof_timer, SIGPROF);
	if (g->limits[RLIMIT_CPU].cur != RLIM_INFINITY)
		check_cpu_limit(g);
}

void cpu_timers_changed(struct thread_group *g)
{
	bool needed = g->virtual_timer.left || g->prof_timer.left ||
		      g->limits[RLIMIT_CPU].cur != RLIM_INFINITY;
	struct task *t;

	for_each_thread (t, g)
		t->thread.on_tick = needed ? on_tick : NULL;
}

static u32 usec_to_ticks(s32 seconds, s32 usec)
{
	/* A part of a tick counts whole; what does not fit ends after 1.3 years of running. */
	return MIN((u32)seconds, 0xFFFFFFFFu / HZ - 1) * HZ +
	       ((u32)usec + USEC_PER_TICK - 1) / USEC_PER_TICK;
}

/* ---- the calls ---- */

static void ns_to_timeval(u64 ns, s32 *seconds, s32 *usec)
{
	u32 rest;

	*seconds = (s32)div_u64_rem(ns, (u32)NSEC_PER_SEC, &rest);
	*usec = (s32)(rest / NSEC_PER_USEC);
}

static u64 timeval_to_ns(s32 seconds, s32 usec)
{
	return (u64)(u32)seconds * NSEC_PER_SEC + (u32)usec * NSEC_PER_USEC;
}

static struct cpu_timer *cpu_timer_of(struct thread_group *g, s32 which)
{
	return which == ITIMER_VIRTUAL ? &g->virtual_timer : &g->prof_timer;
}

static void get_timer(struct thread_group *g, s32 which, struct itimer32 *to)
{
	const struct cpu_timer *cpu_timer = cpu_timer_of(g, which);

	if (which == ITIMER_REAL) {
		ns_to_timeval(g->real_interval_ns, &to->interval_sec, &to->interval_usec);
		ns_to_timeval(real_left_ns(g), &to->value_sec, &to->value_usec);
		return;
	}
	to->interval_sec = cpu_timer->interval / HZ;
	to->interval_usec = cpu_timer->interval % HZ * USEC_PER_TICK;
	to->value_sec = cpu_timer->left / HZ;
	to->value_usec = cpu_timer->left % HZ * USEC_PER_TICK;
}

static void set_timer(struct thread_group *g, s32 which, const struct itimer32 *from)
{
	struct cpu_timer timer;
	u32 flags;

	if (which == ITIMER_REAL) {
		real_set(g, timeval_to_ns(from->value_sec, from->value_usec),
			 timeval_to_ns(from->interval_sec, from->interval_usec));
		return;
	}
	timer = (struct cpu_timer){usec_to_ticks(from->value_sec, from->value_usec),
				   usec_to_ticks(from->interval_sec, from->interval_usec)};
	flags = irq_save(); /* at once: a tick may reload it */
	*cpu_timer_of(g, which) = timer;
	irq_restore(flags);
	cpu_timers_changed(g);
}

static bool is_time(s32 seconds, s32 usec)
{
	return seconds >= 0 && usec >= 0 && usec < USEC_PER_SEC;
}

SYSCALL_DEFINE2(getitimer, s32, which, vaddr_t, to)
{
	struct itimer32 value;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	get_timer(current_task()->group, which, &value);
	return copy_to_user(uptr(to), &value, sizeof(value)) ? -EFAULT : 0;
}

SYSCALL_DEFINE3(setitimer, s32, which, vaddr_t, new, vaddr_t, old)
{
	struct thread_group *g = current_task()->group;
	struct itimer32 value = {0}, before;

	if (new &&copy_from_user(&value, uptr(new), sizeof(value)))
		return -EFAULT;
	if (which < ITIMER_REAL || which > ITIMER_PROF ||
	    !is_time(value.value_sec, value.value_usec) ||
	    !is_time(value.interval_sec, value.interval_usec))
		return -EINVAL;
	get_timer(g, which, &before);
	set_timer(g, which, &value);
	return old && copy_to_user(uptr(old), &before, sizeof(before)) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(alarm, u32, seconds)
{
	struct thread_group *g = current_task()->group;
	s32 left, usec;

	ns_to_timeval(real_left_ns(g), &left, &usec);
	/* To the nearest second, but never 0 while one is set. */
	if (usec >= USEC_PER_SEC / 2 || (!left && usec))
		left++;
	real_set(g, (u64)MIN(seconds, 0x7FFFFFFFu) * NSEC_PER_SEC, 0);
	return left;
}
