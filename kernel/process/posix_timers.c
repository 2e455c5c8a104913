/*
 * POSIX timers: timer_create and its family. A process has a list of them; each is a timer of
 * kernel/core/time and an entry for the signal queue that is its own, so that it can be sent from the
 * timer interrupt, where nothing can be allocated.
 *
 *   expiry ──> the entry is in no queue    it is sent; expiries counted so far are its overrun
 *          ──> it waits there still        one more overrun
 *   taken  ──> what the program then asks for with timer_getoverrun
 *
 * Clocks are those that run with time; there are none on the processor's time of a process.
 */
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/time.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/time.h>

#define TIMERS_MAX  1024u /* for each process; Linux counts them among the pending signals */
#define OVERRUN_MAX 0x7FFFFFFFu

/* siginfo's words with SI_TIMER */
#define FIELD_TIMER   0
#define FIELD_OVERRUN 1
#define FIELD_VALUE   2

struct posix_timer {
	struct list_head node; /* in the process' list, by number */
	struct thread_group *group;
	u32 number;
	s32 clock, notify;
	u32 tid; /* SIGEV_THREAD_ID */
	struct timer timer;
	u64 interval_ns;
	struct sig_queued signal;
	bool queued;
	struct task *target; /* while queued for a thread: that one */
	u32 overrun;         /* of the signal that was taken last */
};

static struct posix_timer *timer_of_signal(struct sig_queued *q)
{
	return container_of(q, struct posix_timer, signal);
}

static void signal_taken(struct sig_queued *q)
{
	struct posix_timer *t = timer_of_signal(q);

	t->queued = false;
	t->overrun = q->info.field[FIELD_OVERRUN];
}

static void add_overrun(struct posix_timer *t, u64 times)
{
	u32 *overrun = &t->signal.info.field[FIELD_OVERRUN];

	*overrun = (u32)MIN(*overrun + times, (u64)OVERRUN_MAX);
}

static bool is_for_thread(const struct posix_timer *t)
{
	return t->notify == SIGEV_THREAD_ID;
}

static struct task *target_of(const struct posix_timer *t)
{
	struct task *thread;

	if (!is_for_thread(t))
		return t->group->leader;
	for_each_thread (thread, t->group)
		if (thread->pid == t->tid)
			return thread;
	return NULL; /* it has ended */
}

static void send(struct posix_timer *t, u64 missed)
{

	if (t->queued) {
		add_overrun(t, missed + 1);
		return;
	}
	t->target = t->notify == SIGEV_NONE ? NULL : target_of(t);
	if (!t->target)
		return;
	t->signal.info.field[FIELD_OVERRUN] = 0;
	add_overrun(t, missed);
	t->queued = signal_send_owned(t->target, &t->signal, !is_for_thread(t));
}

/* In the timer interrupt. */
static void expired(struct timer *timer)
{
	struct posix_timer *t = container_of(timer, struct posix_timer, timer);
	u64 missed = 0, next;

	if (t->interval_ns) {
		missed =
			timer_missed(timer->expires_ns, t->interval_ns, time_monotonic_ns(), &next);
		timer_start(timer, next, expired);
	}
	send(t, missed);
}

/* ---- the list ---- */

static struct posix_timer *find(u32 number)
{
	struct posix_timer *t;

	list_for_each_entry (t, &current_task()->group->timers, node)
		if (t->number == number)
			return t;
	return NULL;
}

/* The lowest free number gets its place in the list: false: there are too many. */
static bool enlist(struct posix_timer *t)
{
	struct list_head *list = &t->group->timers;
	struct posix_timer *other;
	u32 number = 0;

	list_for_each_entry (other, list, node) {
		if (other->number != number)
			break;
		number++;
	}
	if (number >= TIMERS_MAX)
		return false;
	t->number = number;
	list_add_tail(&t->node, &other->node); /* before that one, or at the end */
	return true;
}

/* Nothing of it is left; t->signal may be in a queue. */
static void stop_timer(struct posix_timer *t)
{
	u32 flags = irq_save();

	timer_cancel(&t->timer);
	if (t->queued)
		signal_withdraw(is_for_thread(t) ? &t->target->sig_pending : &t->group->pending,
				&t->signal);
	t->queued = false;
	irq_restore(flags);
}

static void delete_timer(struct posix_timer *t)
{
	stop_timer(t);
	list_del(&t->node);
	kfree(t);
}

void posix_timers_drop(struct thread_group *g)
{
	struct posix_timer *t, *next;

	list_for_each_entry_safe (t, next, &g->timers, node)
		delete_timer(t);
}

/* ---- the calls ---- */

struct event_request { /* the words of struct sigevent that mean something */
	u32 value;
	s32 signo, notify, tid;
};

static int check_event(const struct event_request *event)
{
	const struct task *to;

	switch (event->notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_THREAD_ID:
		to = event->tid > 0 ? thread_find(event->tid) : NULL;
		if (!to || to->group != current_task()->group)
			return -EINVAL;
		break;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD: /* the C library's: a signal all the same */
		break;
	default:
		return -EINVAL;
	}
	return event->signo < 1 || event->signo > (s32)SIGNAL_MAX ? -EINVAL : 0;
}

static bool is_timer_clock(s32 clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME ||
	       clock == CLOCK_TAI;
}

SYSCALL_DEFINE3(timer_create, s32, clock, vaddr_t, user_event, vaddr_t, to)
{
	struct event_request event = {.signo = SIGALRM, .notify = SIGEV_SIGNAL};
	struct posix_timer *t;
	u32 number;
	int err;

	if (user_event && copy_from_user(&event, uptr(user_event), sizeof(event)))
		return -EFAULT;
	if (!is_timer_clock(clock))
		return clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE ||
				       clock == CLOCK_MONOTONIC_COARSE ||
				       clock == CLOCK_PROCESS_CPUTIME_ID ||
				       clock == CLOCK_THREAD_CPUTIME_ID
			       ? -EOPNOTSUPP
			       : -EINVAL;
	err = check_event(&event);
	if (err)
		return err;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -EAGAIN;
	t->group = current_task()->group;
	t->clock = clock;
	t->notify = event.notify;
	t->tid = (u32)event.tid;
	if (!enlist(t)) {
		kfree(t);
		return -EAGAIN;
	}
	t->signal.taken = signal_taken;
	t->signal.info =
		(struct sig_info){.signo = event.signo,
				  .code = SI_TIMER,
				  .field = {[FIELD_TIMER] = t->number,
					    [FIELD_VALUE] = user_event ? event.value : t->number}};
	number = t->number;
	if (!put_user_u32(uptr(to), number))
		return 0;
	/* The copy may have slept, and another thread deleted it by its number. */
	if (find(number) == t)
		delete_timer(t);
	return -EFAULT;
}

SYSCALL_DEFINE1(timer_delete, u32, number)
{
	struct posix_timer *t = find(number);

	if (!t)
		return -EINVAL;
	delete_timer(t);
	return 0;
}

SYSCALL_DEFINE1(timer_getoverrun, u32, number)
{
	const struct posix_timer *t = find(number);

	return t ? (long)t->overrun : -EINVAL;
}

static void get_setting(const struct posix_timer *t, struct interval_ns *to)
{
	*to = (struct interval_ns){.interval = t->interval_ns, .value = timer_left_ns(&t->timer)};
}

static long gettime(u32 number, vaddr_t to, bool wide)
{
	const struct posix_timer *t = find(number);
	struct interval_ns setting;

	if (!t)
		return -EINVAL;
	get_setting(t, &setting);
	return put_itimerspec(to, wide, &setting);
}

static long settime(u32 number, u32 flags, vaddr_t from, vaddr_t old, bool wide)
{
	struct interval_ns setting, before;
	struct posix_timer *t;
	u64 expires_ns;
	int err;

	if (!from)
		return -EINVAL;
	err = get_itimerspec(from, wide, &setting);
	if (err)
		return err;
	t = find(number);
	if (!t)
		return -EINVAL;
	err = clock_to_monotonic(t->clock, flags & TIMER_ABSTIME, setting.value, &expires_ns);
	if (err)
		return err;
	get_setting(t, &before);
	stop_timer(t);
	t->overrun = 0;
	t->interval_ns = setting.value ? setting.interval : 0;
	if (setting.value)
		timer_start(&t->timer, expires_ns, expired);
	return old ? put_itimerspec(old, wide, &before) : 0;
}

SYSCALL_DEFINE2(timer_gettime, u32, number, vaddr_t, to)
{
	return gettime(number, to, false);
}

SYSCALL_DEFINE2(timer_gettime64, u32, number, vaddr_t, to)
{
	return gettime(number, to, true);
}

SYSCALL_DEFINE4(timer_settime, u32, number, u32, flags, vaddr_t, from, vaddr_t, old)
{
	return settime(number, flags, from, old, false);
}

SYSCALL_DEFINE4(timer_settime64, u32, number, u32, flags, vaddr_t, from, vaddr_t, old)
{
	return settime(number, flags, from, old, true);
}
