/*
 * Sleeping. A waiter is on the queue and its thread marked as sleeping before the condition is checked, so a wake-up
 * that comes between the check and schedule() is not lost (see sched.c). A wake-up takes the waiter off: two
 * wake_up_one() wake two threads, even before the first of them has run.
 */
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/wait.h"
#include "lib/panic.h"

void wait_queue_init(struct wait_queue *q)
{
	INIT_LIST_HEAD(&q->waiters);
}

void wait_prepare(struct wait_queue *q, struct waiter *w, bool interruptible)
{
	u32 flags = irq_save();

	if (!w->thread) {
		w->thread = current;
		list_add_tail(&w->node, &q->waiters);
	} else if (list_empty(&w->node)) {
		list_add_tail(&w->node, &q->waiters);
	}
	current->state = interruptible ? THREAD_SLEEPING : THREAD_SLEEPING_UNINTERRUPTIBLE;
	irq_restore(flags);
}

void wait_finish(struct wait_queue *q __maybe_unused, struct waiter *w)
{
	u32 flags = irq_save();

	current->state = THREAD_RUNNING;
	if (!list_empty(&w->node))
		list_del_init(&w->node);
	irq_restore(flags);
}

/* Interrupts are off, the queue is not empty. */
static void wake_first(struct wait_queue *q)
{
	struct waiter *w = list_first_entry(&q->waiters, struct waiter, node);

	list_del_init(&w->node);
	thread_wake(w->thread);
}

void wake_up_one(struct wait_queue *q)
{
	u32 flags = irq_save();

	if (!list_empty(&q->waiters))
		wake_first(q);
	irq_restore(flags);
}

void wake_up_all(struct wait_queue *q)
{
	u32 flags = irq_save();

	while (!list_empty(&q->waiters))
		wake_first(q);
	irq_restore(flags);
}

void mutex_init(struct mutex *m)
{
	m->holder = NULL;
	wait_queue_init(&m->queue);
}

void mutex_lock(struct mutex *m)
{
	ASSERT(m->holder != current);
	/* Nothing runs between the check and the store: the kernel is not pre-empted, and interrupts take no mutex. */
	if (unlikely(m->holder))
		wait_event(m->queue, !READ_ONCE(m->holder));
	m->holder = current;
}

void mutex_unlock(struct mutex *m)
{
	ASSERT(m->holder == current);
	m->holder = NULL;
	if (unlikely(!list_empty(&m->queue.waiters)))
		wake_up_one(&m->queue);
}
