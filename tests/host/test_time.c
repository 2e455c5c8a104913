/* kernel/core/time.c: ticks, the clock between them, and timers against a plain array. */
#include "tests/host/check.h"
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"

#define NR_TIMERS 200
#define TICK_NS   10000152u /* and 8/21: HZ = 100 on a PC */

bool fake_irqs_on = true;
static struct thread self;
struct thread *current = &self;
static u32 fine_ns;

void sched_tick(bool user_mode __maybe_unused)
{
}

void thread_wake(struct thread *t)
{
	t->state = THREAD_RUNNING;
}

/* Sleeping is: ticks pass. */
void schedule(void)
{
	fine_ns = 0;
	time_tick(false);
}

static u32 fine(void)
{
	return fine_ns;
}

static u64 tick_time(void)
{
	u32 saved = fine_ns;
	u64 now;

	fine_ns = 0;
	now = time_monotonic_ns();
	fine_ns = saved;
	return now;
}

TEST(a_tick_is_as_long_as_it_is)
{
	u64 start;

	time_set_tick_length(TICK_NS, 8, 21);
	start = time_monotonic_ns();
	for (u32 i = 0; i < 21; i++)
		time_tick(true);
	CHECK_EQ(time_monotonic_ns() - start, 21ull * TICK_NS + 8);
	for (u32 i = 0; i < 21 * 1000; i++)
		time_tick(true);
	CHECK_EQ(time_monotonic_ns() - start, 1001 * (21ull * TICK_NS + 8));
	CHECK(fake_irqs_on);
}

TEST(time_never_goes_back)
{
	u64 last = 0;

	time_set_fine(fine);
	for (u32 i = 0; i < test_rounds(20000); i++) {
		u64 now;

		if (test_rand_below(4) == 0)
			time_tick(false);
		/* A clock that jumps about, that is late, that has stopped. */
		fine_ns = test_rand_below(2) ? test_rand_below(3 * TICK_NS) : test_rand();
		now = time_monotonic_ns();
		CHECK(now >= last);
		last = now;
	}
	/* And it goes on: ten ticks are at least nine tick lengths later. */
	fine_ns = 0;
	for (u32 i = 0; i < 10; i++)
		time_tick(false);
	CHECK(time_monotonic_ns() - last >= 9ull * TICK_NS);
}

TEST(the_wall_clock_follows)
{
	u64 then = 1795292543ull * NSEC_PER_SEC, before;

	fine_ns = 0;
	before = tick_time();
	time_set_realtime(then);
	CHECK_EQ(time_realtime_ns(), then);
	for (u32 i = 0; i < 100; i++)
		time_tick(false);
	CHECK_EQ(time_realtime_ns() - then, tick_time() - before);
}

struct model {
	struct timer timer;
	bool armed;
	u64 expires;
	u32 again; /* how often it starts itself again */
};
static struct model models[NR_TIMERS];
static u64 last_expiry;
static u32 nr_fired;

static void fired(struct timer *t)
{
	struct model *m = container_of(t, struct model, timer);

	CHECK(m->armed);
	CHECK(!t->armed);
	CHECK(!fake_irqs_on);
	CHECK(t->expires_ns <= tick_time());
	CHECK(t->expires_ns >= last_expiry);
	last_expiry = t->expires_ns;
	m->armed = false;
	nr_fired++;
	if (m->again) {
		m->again--;
		m->armed = true;
		m->expires = tick_time() + 1 + test_rand_below(5 * TICK_NS);
		timer_start(t, m->expires, fired);
	}
}

static void interrupt_tick(void)
{
	u32 flags = irq_save();

	last_expiry = 0;
	time_tick(false);
	irq_restore(flags);
}

static void check_models(void)
{
	u64 now = tick_time();

	CHECK_EQ(timers_check(), 0);
	for (u32 i = 0; i < NR_TIMERS; i++) {
		CHECK_EQ(models[i].armed, models[i].timer.armed);
		/* What was due at the last tick has fired. Started since then, it may be due already. */
		if (models[i].armed && models[i].again != 0xFFFF)
			CHECK(models[i].expires + 2ull * TICK_NS > now);
	}
}

TEST(timers_fire_in_order_and_on_time)
{
	memset(models, 0, sizeof(models));
	fine_ns = 0;
	for (u32 i = 0; i < test_rounds(20000); i++) {
		struct model *m = &models[test_rand_below(NR_TIMERS)];

		switch (test_rand_below(8)) {
		case 0:
		case 1:
		case 2: /* a new time, also for one that runs */
			m->armed = true;
			m->again = test_rand_below(4);
			m->expires = tick_time() + test_rand_below(20) * (u64)(TICK_NS / 2);
			timer_start(&m->timer, m->expires, fired);
			break;
		case 3:
			CHECK_EQ(timer_cancel(&m->timer), m->armed);
			m->armed = false;
			break;
		default:
			interrupt_tick();
		}
		if (i % 16 == 0)
			check_models();
	}
	CHECK(nr_fired > 100);
	for (u32 i = 0; i < NR_TIMERS; i++) {
		timer_cancel(&models[i].timer);
		models[i].armed = false;
	}
	check_models();
}

TEST(a_timer_fires_at_the_first_tick_after_its_time)
{
	struct model *m = &models[0];

	m->armed = true;
	m->again = 0;
	timer_start(&m->timer, tick_time() + 2ull * TICK_NS + 2, fired);
	interrupt_tick();
	interrupt_tick();
	CHECK(m->armed);
	interrupt_tick();
	CHECK(!m->armed);
}

TEST(sleep_ends_on_time_or_is_interrupted)
{
	u64 until, left = 12345;

	fine_ns = 0;
	until = tick_time() + 7ull * TICK_NS;
	CHECK_EQ(sleep_until(until, &left), 0);
	CHECK(tick_time() >= until && tick_time() < until + 2ull * TICK_NS);
	CHECK_EQ(self.state, THREAD_RUNNING);
	/* In the past: at once. */
	CHECK_EQ(sleep_until(until, &left), 0);
	CHECK_EQ(left, 12345);

	self.work = WORK_SIGNAL;
	until = tick_time() + 5ull * TICK_NS;
	CHECK_EQ(sleep_until(until, &left), -4);
	CHECK_EQ(left, 5ull * TICK_NS);
	CHECK_EQ(self.state, THREAD_RUNNING);
	CHECK_EQ(timers_check(), 0);
	self.work = 0;
}
