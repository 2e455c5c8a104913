/*
 * kernel/core/sched.c and wait.c against a plain queue. A switch is simulated: context_switch() comes back at once, and what
 * follows runs as the thread that was chosen.
 */
#include "tests/host/check.h"
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/irq.h"
#include "kernel/core/thread.h"
#include "kernel/core/wait.h"

#define NR_THREADS 12
#define SLICE      4

bool fake_irqs_on = true;
struct kmap_local_stack *kmap_local_running;
static u32 nr_kmap_switches;

static struct thread threads[NR_THREADS];
static char stacks[NR_THREADS][64];
static struct thread *idle;
static struct mm_struct *loaded_mm;

/* The model: who waits, in order. */
static struct thread *queue[NR_THREADS];
static u32 nr_queued;

static jmp_buf *after_exit;

bool in_interrupt(void)
{
	return false;
}

void irq_enable_and_halt(void)
{
	FAIL("idle");
}

void kmap_local_switch(struct kmap_local_stack *prev, struct kmap_local_stack *next)
{
	CHECK(prev->depth || next->depth);
	nr_kmap_switches++;
}

void context_switch(struct cpu_context *prev, struct cpu_context *next)
{
	CHECK(!fake_irqs_on);
	CHECK(prev != next);
	CHECK(next == &current->context);
	if (after_exit)
		longjmp(*after_exit, 1);
}

static void model_push(struct thread *t)
{
	queue[nr_queued++] = t;
}

static struct thread *model_pop(void)
{
	struct thread *first = queue[0];

	if (!nr_queued)
		return idle;
	memmove(queue, queue + 1, --nr_queued * sizeof(queue[0]));
	return first;
}

static void start(void)
{
	static bool started;

	if (!started) {
		idle = current;
		sched_init();
		sched_set_mm_slot(&loaded_mm);
		started = true;
	}
	CHECK(current == idle);
	memset(threads, 0, sizeof(threads));
	nr_queued = 0;
	for (u32 i = 0; i < NR_THREADS; i++) {
		struct thread *t = &threads[i];

		snprintf(t->name, sizeof(t->name), "t%u", i);
		t->state = THREAD_SLEEPING_UNINTERRUPTIBLE;
		t->stack = stacks[i];
		t->context.esp = (u32)stacks[i];
		t->context.esp0 = (u32)stacks[i] + sizeof(stacks[i]);
		t->mm = i % 3 ? (struct mm_struct *)(0x1000 * (i + 1)) : NULL;
		INIT_LIST_HEAD(&t->run_node);
		list_add_tail(&t->all_node, &all_threads);
	}
	CHECK_EQ(sched_check(), 0);
}

/* Ends all threads that are left, so that the next test starts from idle. */
static void finish(void)
{
	for (u32 i = 0; i < 2 * NR_THREADS && current != idle; i++) {
		current->state = THREAD_SLEEPING_UNINTERRUPTIBLE;
		schedule();
	}
	CHECK(current == idle);
	for (u32 i = 0; i < NR_THREADS; i++)
		if (threads[i].state != THREAD_DEAD || threads[i].stack)
			list_del(&threads[i].all_node);
}

static void wake(struct thread *t)
{
	if (t->state == THREAD_SLEEPING || t->state == THREAD_SLEEPING_UNINTERRUPTIBLE)
		if (t != current)
			model_push(t);
	thread_wake(t);
}

static void expect_switch(struct thread *next, u64 switches)
{
	CHECK(current == next);
	CHECK(kmap_local_running == &next->kmaps);
	if (next->mm)
		CHECK(loaded_mm == next->mm);
	CHECK_EQ(sched_nr_switches(), switches);
}

TEST(random_wake_ups_sleeps_and_ticks)
{
	u32 expired = 0;

	start();
	for (u32 i = 0; i < test_rounds(20000); i++) {
		struct thread *self = current, *next;
		u64 switches = sched_nr_switches();

		switch (test_rand_below(8)) {
		case 0:
		case 1:
		case 2:
			wake(&threads[test_rand_below(NR_THREADS)]);
			break;
		case 3: /* yield */
			if (self != idle)
				model_push(self);
			next = model_pop();
			schedule();
			expect_switch(next, switches + (next != self));
			break;
		case 4: /* sleep */
			if (self == idle)
				break;
			self->state = THREAD_SLEEPING;
			next = model_pop();
			schedule();
			expect_switch(next, switches + 1);
			break;
		case 5: /* sleep, but woken before it got there: still runnable */
			if (self == idle)
				break;
			self->state = THREAD_SLEEPING;
			wake(self);
			model_push(self);
			next = model_pop();
			schedule();
			expect_switch(next, switches + (next != self));
			break;
		case 6: /* a whole slice passes */
			for (u32 t = 0; t < SLICE; t++)
				sched_tick(true);
			if (self != idle) {
				CHECK_EQ(!!(self->work & WORK_RESCHED), nr_queued != 0);
				expired += nr_queued != 0;
			}
			break;
		case 7:
			if (self != idle)
				self->kmaps.depth = test_rand_below(3);
			break;
		}
		CHECK(fake_irqs_on);
		CHECK_EQ(sched_check(), 0);
		CHECK_EQ(sched_nr_running(), nr_queued + (current != idle));
	}
	CHECK(expired > 10);
	CHECK(nr_kmap_switches > 10);
	finish();
}

TEST(a_fresh_slice_is_not_interrupted)
{
	start();
	wake(&threads[0]);
	wake(&threads[1]);
	schedule();
	CHECK(current == &threads[0]);
	for (u32 i = 0; i < SLICE - 1; i++) {
		sched_tick(true);
		CHECK(!(current->work & WORK_RESCHED));
	}
	sched_tick(true);
	CHECK(current->work & WORK_RESCHED);
	schedule();
	CHECK(current == &threads[1]);
	CHECK(!(threads[0].work & WORK_RESCHED));
	CHECK_EQ(threads[0].user_ticks, SLICE);
	finish();
}

static struct thread *reaped;
static void reap(struct thread *t)
{
	CHECK(current != t);
	reaped = t;
	list_del(&t->all_node);
	t->stack = NULL;
}

static void exit_current(void (*how)(struct thread *t))
{
	jmp_buf env;

	if (!setjmp(env)) {
		after_exit = &env;
		thread_exit(how);
	}
	after_exit = NULL;
	/* The thread that was chosen goes on as if it came back from schedule(). */
	irq_enable();
}

TEST(the_dead_are_reaped_by_the_next_and_only_once)
{
	start();
	for (u32 i = 0; i < 4; i++)
		wake(&threads[i]);
	schedule();
	reaped = NULL;
	exit_current(reap); /* 0 */
	CHECK(current == &threads[1]);
	CHECK(!reaped);
	schedule(); /* 1 -> 2: comes back as another thread, which reaps */
	CHECK(reaped == &threads[0]);
	reaped = NULL;
	schedule();
	CHECK(!reaped);
	/* Two ends in a row, nobody coming back from schedule() in between. */
	CHECK(current == &threads[3]);
	exit_current(reap);
	CHECK(current == &threads[1]);
	exit_current(reap);
	CHECK(reaped == &threads[3]);
	CHECK(current == &threads[2]);
	schedule();
	thread_reap_pending();
	CHECK(reaped == &threads[1]);
	CHECK_EQ(sched_check(), 0);
	/* The dead stay dead. */
	thread_wake(&threads[1]);
	CHECK_EQ(threads[1].state, THREAD_DEAD);
	finish();
}

TEST(signals_wake_only_interruptible_sleepers)
{
	start();
	threads[0].state = THREAD_SLEEPING;
	thread_interrupt(&threads[0]);
	thread_interrupt(&threads[1]);
	CHECK_EQ(threads[0].state, THREAD_RUNNING);
	CHECK_EQ(threads[1].state, THREAD_SLEEPING_UNINTERRUPTIBLE);
	CHECK(threads[0].work & WORK_SIGNAL && threads[1].work & WORK_SIGNAL);
	schedule();
	finish();
}

TEST(check_sees_what_is_broken)
{
	start();
	threads[3].state = THREAD_RUNNING; /* runnable, and on no queue */
	CHECK(sched_check() < 0);
	threads[3].state = THREAD_SLEEPING;
	CHECK_EQ(sched_check(), 0);
	thread_wake(&threads[4]);
	threads[4].state = THREAD_SLEEPING;
	CHECK(sched_check() < 0);
	threads[4].state = THREAD_RUNNING;
	threads[5].context.esp = threads[5].context.esp0;
	CHECK(sched_check() < 0);
	threads[5].context.esp = (u32)threads[5].stack;
	CHECK_EQ(sched_check(), 0);
	schedule();
	finish();
}

TEST(each_wake_up_wakes_another_waiter)
{
	struct waiter waiters[3] = {WAITER_INIT, WAITER_INIT, WAITER_INIT};
	struct wait_queue q;

	start();
	wait_queue_init(&q);
	for (u32 i = 0; i < 3; i++)
		thread_wake(&threads[i]);
	for (u32 i = 0; i < 3; i++) {
		schedule();
		CHECK(current == &threads[i]);
		wait_prepare(&q, &waiters[i], i == 1);
	}
	schedule();
	CHECK(current == idle);
	CHECK_EQ(threads[0].state, THREAD_SLEEPING_UNINTERRUPTIBLE);
	CHECK_EQ(threads[1].state, THREAD_SLEEPING);
	wake_up_one(&q);
	wake_up_one(&q);
	CHECK_EQ(sched_nr_running(), 2);
	CHECK_EQ(threads[0].state, THREAD_RUNNING);
	CHECK_EQ(threads[1].state, THREAD_RUNNING);
	schedule();
	CHECK(current == &threads[0]);
	/* Its condition does not hold: it waits again, behind the third. */
	wait_prepare(&q, &waiters[0], false);
	schedule();
	wait_finish(&q, &waiters[1]);
	wake_up_one(&q);
	CHECK_EQ(threads[2].state, THREAD_RUNNING);
	CHECK_EQ(threads[0].state, THREAD_SLEEPING_UNINTERRUPTIBLE);
	wake_up_all(&q);
	CHECK(list_empty(&q.waiters));
	/* Woken between prepare and schedule(): nothing is lost. */
	wait_prepare(&q, &waiters[1], false);
	wake_up_all(&q);
	CHECK_EQ(current->state, THREAD_RUNNING);
	wait_finish(&q, &waiters[1]);
	CHECK_EQ(sched_check(), 0);
	finish();
}
