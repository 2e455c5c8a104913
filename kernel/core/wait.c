/*
 * Sleeping. A waiter is on the queue and its thread marked as sleeping before the condition is checked, so a wake-up
 * that comes between the check and schedule() is not lost (see sched.c). A wake-up takes the waiter off: two
 * wake_up_one() wake two threads, even before the first of them has run.
 */
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/wait.h"

void wait_queue_init(struct wait_queue *q)
{
	INIT_LIST_HEAD(&q->waiters);
}

void wait_queue_add(struct wait_queue *q, struct waiter *w)
{
	u32 flags = irq_save();

	if (list_empty(&w->node))
		list_add_tail(&w->node, &q->waiters);
	irq_restore(flags);
}

void wait_queue_remove(struct waiter *w)
{
	u32 flags = irq_save();

	if (!list_empty(&w->node))
		list_del_init(&w->node);
	irq_restore(flags);
}

void wait_prepare(struct wait_queue *q, struct waiter *w, bool interruptible)
{
	struct thread *t = current;
	u32 flags = irq_save();

	if (!w->thread || list_empty(&w->node)) {
		w->thread = t;
		list_add_tail(&w->node, &q->waiters);
	}
	t->state = interruptible ? THREAD_SLEEPING : THREAD_SLEEPING_UNINTERRUPTIBLE;
	irq_restore(flags);
}

void wait_finish(struct wait_queue *q __maybe_unused, struct waiter *w)
{
	struct thread *t = current;
	u32 flags;

	/* Woken by the queue: then nobody knows the waiter any more. */
	if (READ_ONCE(t->state) == THREAD_RUNNING && list_empty(&w->node))
		return;
	flags = irq_save();
	t->state = THREAD_RUNNING;
	if (!list_empty(&w->node))
		list_del_init(&w->node);
	irq_restore(flags);
}

void wake_waiters(struct wait_queue *q, bool all)
{
	u32 flags = irq_save();

	while (!list_empty(&q->waiters)) {
		struct waiter *w = list_first_entry(&q->waiters, struct waiter, node);

		list_del_init(&w->node);
		if (unlikely(w->fn != NULL))
			w->fn(w);
		else
			thread_wake(w->thread);
		if (!all)
			break;
	}
	irq_restore(flags);
}

void mutex_init(struct mutex *m)
{
	m->holder = NULL;
	wait_queue_init(&m->queue);
}

void mutex_lock_slow(struct mutex *m)
{
	wait_event(m->queue, !READ_ONCE(m->holder));
}
