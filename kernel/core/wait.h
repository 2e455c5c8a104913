/*
 * Sleeping: wait queues and a sleeping lock. The condition is always checked again after a wake-up.
 */
#pragma once

#include "kernel/core/thread.h"
#include "lib/err.h"

struct wait_queue {
	struct list_head waiters;
};
/* A wake-up takes the waiter off the queue, so that each wakes another thread; wait_prepare puts it back. */
struct waiter {
	struct thread *thread;
	struct list_head node;
};
#define WAITER_INIT            \
	{                      \
		.thread = NULL \
	}

void wait_queue_init(struct wait_queue *q);
void wake_up_all(struct wait_queue *q); /* any context */
void wake_up_one(struct wait_queue *q);

/* w starts as WAITER_INIT. prepare: put on the queue and mark as sleeping; then check the condition; schedule(); finish. */
void wait_prepare(struct wait_queue *q, struct waiter *w, bool interruptible);
void wait_finish(struct wait_queue *q, struct waiter *w);

/* Sleeps until cond. 0, or -EINTR when interrupted by a signal. */
#define wait_event_interruptible(q, cond)                             \
	({                                                            \
		struct waiter w_ = WAITER_INIT;                       \
		int ret_ = 0;                                         \
		for (;;) {                                            \
			wait_prepare(&(q), &w_, true);                \
			if (cond)                                     \
				break;                                \
			if (READ_ONCE(current->work) & WORK_SIGNAL) { \
				ret_ = -EINTR;                        \
				break;                                \
			}                                             \
			schedule();                                   \
		}                                                     \
		wait_finish(&(q), &w_);                               \
		ret_;                                                 \
	})
#define wait_event(q, cond)                             \
	do {                                            \
		struct waiter w_ = WAITER_INIT;         \
		for (;;) {                              \
			wait_prepare(&(q), &w_, false); \
			if (cond)                       \
				break;                  \
			schedule();                     \
		}                                       \
		wait_finish(&(q), &w_);                 \
	} while (0)

struct mutex {
	struct thread *holder;
	struct wait_queue queue;
};
void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m); /* sleeps */
void mutex_unlock(struct mutex *m);
