/*
 * Time. The tick moves `tick_ns` on by exactly what the timer's divisor says, remainder carried; between ticks the
 * driver's finer clock is added, but never so much as a whole tick: then a tick that comes late, or a clock that
 * was calibrated a little fast, cannot make time go back when the tick arrives.
 *
 * Timers are a red-black tree by expiry, with the earliest time kept aside, so that a tick at which nothing expires costs one
 * comparison. They fire at the first tick at or after their time.
 */
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printk.h"

#define NEVER 0xFFFFFFFFFFFFFFFFull

static u64 ticks;
static u64 tick_ns; /* monotonic time of the last tick */
static struct {
	u32 ns, remainder, denominator, carried;
} tick_length = {.ns = NSEC_PER_SEC / HZ, .denominator = 1};
static u32 (*since_tick)(void);
static u64 last_ns; /* what was last given out */
static u64 realtime_offset;

static struct rb_root timers = RB_ROOT;
static u64 next_expiry = NEVER;

static struct timer *to_timer(struct rb_node *node)
{
	return rb_entry(node, struct timer, node);
}

void time_set_tick_length(u32 ns, u32 remainder, u32 denominator)
{
	u32 flags = irq_save();

	tick_length.ns = ns;
	tick_length.remainder = remainder;
	tick_length.denominator = denominator;
	tick_length.carried = 0;
	irq_restore(flags);
}

void time_set_fine(u32 (*since_tick_ns)(void))
{
	since_tick = since_tick_ns;
}

u64 time_ticks(void)
{
	u32 flags = irq_save();
	u64 now = ticks;

	irq_restore(flags);
	return now;
}

u64 time_monotonic_ns(void)
{
	u32 flags = irq_save();
	u64 now = tick_ns;

	if (since_tick)
		now += MIN(since_tick(), tick_length.ns - 1);
	/* The fine clock alone may step back, where it is a counter that was read while it wrapped. */
	if (now < last_ns)
		now = last_ns;
	last_ns = now;
	irq_restore(flags);
	return now;
}

u64 time_realtime_ns(void)
{
	return time_monotonic_ns() + realtime_offset;
}

void time_set_realtime(u64 ns_since_1970)
{
	realtime_offset = ns_since_1970 - time_monotonic_ns();
}

static void update_next_expiry(void)
{
	struct rb_node *first = rb_first(&timers);

	next_expiry = first ? to_timer(first)->expires_ns : NEVER;
}

static void timer_remove(struct timer *t)
{
	rb_erase(&timers, &t->node, NULL);
	t->armed = false;
	update_next_expiry();
}

void timer_start(struct timer *t, u64 expires_ns, void (*fn)(struct timer *t))
{
	u32 flags = irq_save();
	struct rb_node **link, *parent = NULL;

	if (t->armed)
		timer_remove(t);
	link = &timers.node;
	t->expires_ns = expires_ns;
	t->fn = fn;
	/* Equal times keep the order in which they were started. */
	while (*link) {
		parent = *link;
		link = expires_ns < to_timer(parent)->expires_ns ? &parent->left : &parent->right;
	}
	rb_insert(&timers, &t->node, parent, link, NULL);
	t->armed = true;
	if (expires_ns < next_expiry)
		next_expiry = expires_ns;
	irq_restore(flags);
}

bool timer_cancel(struct timer *t)
{
	u32 flags = irq_save();
	bool was_armed = t->armed;

	if (was_armed)
		timer_remove(t);
	irq_restore(flags);
	return was_armed;
}

static void run_timers(void)
{
	struct rb_node *first;

	while (next_expiry <= tick_ns && (first = rb_first(&timers))) {
		struct timer *t = to_timer(first);

		timer_remove(t);
		t->fn(t);
	}
}

void time_tick(bool user_mode)
{
	ticks++;
	tick_ns += tick_length.ns;
	tick_length.carried += tick_length.remainder;
	if (tick_length.carried >= tick_length.denominator) {
		tick_length.carried -= tick_length.denominator;
		tick_ns++;
	}
	if (unlikely(next_expiry <= tick_ns))
		run_timers();
	sched_tick(user_mode);
}

int timers_check(void)
{
	u32 flags = irq_save();
	const char *wrong = rb_check(&timers);
	u64 before = 0, first = NEVER;
	struct rb_node *node;

	rb_for_each (node, &timers) {
		struct timer *t = to_timer(node);

		if (!t->armed)
			wrong = "a timer in the tree is not armed";
		if (t->expires_ns < before)
			wrong = "timers are out of order";
		before = t->expires_ns;
		first = MIN(first, before);
	}
	if (next_expiry != first)
		wrong = "the earliest expiry is not the first timer's";
	irq_restore(flags);
	if (!wrong)
		return 0;
	printk("time: %s\n", wrong);
	return -EIO;
}

struct sleeper {
	struct timer timer;
	struct thread *thread;
};

static void wake_sleeper(struct timer *t)
{
	thread_wake(container_of(t, struct sleeper, timer)->thread);
}

int sleep_until(u64 expires_ns, u64 *left_ns)
{
	struct sleeper s = {.thread = current};
	u64 now;

	if (time_monotonic_ns() >= expires_ns)
		return 0;
	timer_start(&s.timer, expires_ns, wake_sleeper);
	for (;;) {
		WRITE_ONCE(current->state, THREAD_SLEEPING);
		barrier();
		if (!READ_ONCE(s.timer.armed) || READ_ONCE(current->work) & WORK_SIGNAL)
			break;
		schedule();
	}
	WRITE_ONCE(current->state, THREAD_RUNNING);
	if (!timer_cancel(&s.timer))
		return 0;
	now = time_monotonic_ns();
	*left_ns = now < expires_ns ? expires_ns - now : 0;
	return -EINTR;
}
