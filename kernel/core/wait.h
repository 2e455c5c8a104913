/*
 * Sleeping: wait queues and a sleeping lock. The condition is always checked again after a wake-up.
 */
#pragma once

#include "kernel/core/thread.h"
#include "lib/err.h"
#include "lib/panic.h"

struct wait_queue {
	struct list_head waiters;
};
/* A wake-up takes the waiter off the queue, so that each wakes another thread; wait_prepare puts it back. */
struct waiter {
	struct thread *thread;
	struct list_head node;
	void (*fn)(struct waiter *w); /* called instead of waking a thread; any context */
};
#define WAITER_INIT            \
	{                      \
		.thread = NULL \
	}

void wait_queue_init(struct wait_queue *q);

void wake_waiters(struct wait_queue *q, bool all); /* private half of the two below */
/* Any context. */
static inline void wake_up_all(struct wait_queue *q)
{
	if (!list_empty(&q->waiters))
		wake_waiters(q, true);
}
static inline void wake_up_one(struct wait_queue *q)
{
	if (!list_empty(&q->waiters))
		wake_waiters(q, false);
}

/* Puts a waiter with a function on the queue, unless it is on one; takes it off whichever it is on. w->node
 * starts as an empty list. */
void wait_queue_add(struct wait_queue *q, struct waiter *w);
void wait_queue_remove(struct waiter *w);

/* w starts as WAITER_INIT. prepare: put on the queue and mark as sleeping; then check the condition; schedule();
 * finish. */
void wait_prepare(struct wait_queue *q, struct waiter *w, bool interruptible);
void wait_finish(struct wait_queue *q, struct waiter *w);

/*
 * Sleeps until cond. 0, or -ERESTARTSYS when interrupted by a signal. cond is looked at before anything is queued, because it
 * often holds, and again after each wake-up, because then it mostly does.
 */
#define wait_event_interruptible(q, cond)                                     \
	({                                                                    \
		int ret_ = 0;                                                 \
		if (!(cond)) {                                                \
			struct waiter w_ = WAITER_INIT;                       \
			do {                                                  \
				wait_prepare(&(q), &w_, true);                \
				if (cond)                                     \
					break;                                \
				if (READ_ONCE(current->work) & WORK_SIGNAL) { \
					ret_ = -ERESTARTSYS;                  \
					break;                                \
				}                                             \
				schedule();                                   \
			} while (!(cond));                                    \
			wait_finish(&(q), &w_);                               \
		}                                                             \
		ret_;                                                         \
	})
#define wait_event(q, cond)                                     \
	do {                                                    \
		if (!(cond)) {                                  \
			struct waiter w_ = WAITER_INIT;         \
			do {                                    \
				wait_prepare(&(q), &w_, false); \
				if (cond)                       \
					break;                  \
				schedule();                     \
			} while (!(cond));                      \
			wait_finish(&(q), &w_);                 \
		}                                               \
	} while (0)

struct mutex {
	struct thread *holder;
	struct wait_queue queue;
};
void mutex_init(struct mutex *m);
void mutex_lock_slow(struct mutex *m); /* private half of mutex_lock */
/*
 * Sleeps while another thread holds it. Nothing can run between the check and the store: the kernel is not pre-empted, and
 * interrupt handlers take no mutex.
 */
static inline void mutex_lock(struct mutex *m)
{
	ASSERT(m->holder != current);
	if (unlikely(m->holder))
		mutex_lock_slow(m);
	m->holder = current;
}
static inline void mutex_unlock(struct mutex *m)
{
	ASSERT(m->holder == current);
	m->holder = NULL;
	wake_up_one(&m->queue);
}
