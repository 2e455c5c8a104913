/*
 * The scheduler: one run queue, served round robin.
 *
 *   current ──> runs; not on the queue
 *   queue   ──> first ── second ── … ── last       runnable, in the order they will run
 *   idle    ──> never on the queue; runs when it is empty
 *
 * A thread runs in the kernel until it sleeps or goes back to user mode, so a switch happens only in schedule().
 * A call that moves much makes way between two pieces (thread_make_way), where it holds nothing that others change.
 * User mode is pre-empted through WORK_RESCHED, which the tick sets at the end of a slice and which the way back to
 * user mode looks at. A woken thread goes to the end of the queue and waits its turn: that gives the fewest
 * switches, and a turn is at most SLICE_TICKS for each thread before it. The idle loop looks at the queue after every
 * interrupt, so a wake-up never waits for idle.
 *
 * Sleeping without losing a wake-up: the sleeper first sets its state and joins a wait queue, then checks its
 * condition, then calls schedule(). A wake-up in between sets the state back to running, and schedule() finds a
 * runnable thread and merely sends it to the end of the queue.
 *
 * Locking: the queue and the states are changed with interrupts off, for interrupt handlers wake threads.
 *
 * The end of a thread: it cannot free the stack it stands on. It leaves itself in `ended`, and whoever stands on
 * another stack next, and is in C, reaps it. A new process' first switch goes straight to user mode; then the next
 * to come back from schedule() does it, or the next to end, so at most one thread waits.
 *
 * Rejected: priorities, and a queue for each; nothing here has asked for them. A red-black tree by run time as in Linux costs
 * ten times the instructions of a switch.
 */
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/irq.h"
#include "kernel/core/thread.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printk.h"

static struct thread idle = {
	.state = THREAD_RUNNING,
	.run_node = LIST_HEAD_INIT(idle.run_node),
	.all_node = LIST_HEAD_INIT(idle.all_node),
	.name = "idle",
};

struct thread *current = &idle;
LIST_HEAD(all_threads);

static LIST_HEAD(run_queue);
static u64 nr_switches;

static struct mm_struct *no_mm;
static struct mm_struct **mm_slot = &no_mm;

static struct {
	struct thread *thread; /* NULL: none */
	void (*reap)(struct thread *t);
} ended;

__init void sched_init(void)
{
	BUG_ON(!list_empty(&all_threads));
	list_add_tail(&idle.all_node, &all_threads);
	kmap_local_running = &current->kmaps;
}

void sched_set_mm_slot(struct mm_struct **slot)
{
	mm_slot = slot;
}

void thread_reap_pending(void)
{
	struct thread *t = ended.thread;

	if (!t)
		return;
	ended.thread = NULL;
	ended.reap(t);
}

/* Interrupts are off. Comes back when prev is chosen again. */
static __always_inline void switch_to(struct thread *prev, struct thread *next)
{
	current = next;
	next->slice_ticks = SLICE_TICKS;
	nr_switches++;
	if (unlikely(prev->kmaps.depth | next->kmaps.depth))
		kmap_local_switch(&prev->kmaps, &next->kmaps);
	kmap_local_running = &next->kmaps;
	if (next->mm)
		*mm_slot = next->mm;
	context_switch(&prev->context, &next->context);
}

/* Takes the thread that has waited longest off the queue. */
static struct thread *pick_next(void)
{
	struct thread *next;

	if (list_empty(&run_queue))
		return &idle;
	next = list_first_entry(&run_queue, struct thread, run_node);
	list_unlink(next->run_node.prev, next->run_node.next);
	return next;
}

void schedule(void)
{
	u32 flags = irq_save();
	struct thread *prev = current;
	struct thread *next;

	ASSERT(!in_interrupt());
	thread_work_clear(prev, WORK_RESCHED);
	if (prev->state == THREAD_RUNNING) {
		if (list_empty(&run_queue)) {
			prev->slice_ticks = SLICE_TICKS;
			irq_restore(flags);
			return;
		}
		prev->nr_preempted++;
		if (prev != &idle)
			list_add_tail(&prev->run_node, &run_queue);
	} else {
		prev->nr_waits++;
	}
	next = pick_next();
	/* They are the same where it was woken before it came here. */
	if (next != prev)
		switch_to(prev, next);
	irq_restore(flags);
	if (unlikely(ended.thread))
		thread_reap_pending();
}

void thread_yield(void)
{
	schedule();
}

void thread_wake(struct thread *t)
{
	u32 flags = irq_save();

	if (t->state == THREAD_SLEEPING || t->state == THREAD_SLEEPING_UNINTERRUPTIBLE) {
		t->state = THREAD_RUNNING;
		if (t != current)
			list_add_tail(&t->run_node, &run_queue);
	}
	irq_restore(flags);
}

void thread_interrupt(struct thread *t)
{
	u32 flags = irq_save();

	thread_work_set(t, WORK_SIGNAL);
	if (t->state == THREAD_SLEEPING)
		thread_wake(t);
	irq_restore(flags);
}

static u64 user_ticks; /* of all threads, ended ones too */

u64 sched_user_ticks(void)
{
	return user_ticks;
}

void sched_tick(bool user_mode)
{
	struct thread *t = current;

	if (user_mode) {
		t->user_ticks++;
		user_ticks++;
	} else {
		t->kernel_ticks++;
	}
	if (unlikely(t->on_tick))
		t->on_tick(t, user_mode);
	if (t == &idle || --t->slice_ticks)
		return;
	t->slice_ticks = SLICE_TICKS;
	if (!list_empty(&run_queue))
		thread_work_set(t, WORK_RESCHED);
}

void thread_exit(void (*reap)(struct thread *t))
{
	struct thread *t = current;

	BUG_ON(t == &idle);
	thread_reap_pending();
	irq_disable();
	if (reap) {
		ended.thread = t;
		ended.reap = reap;
	}
	t->state = THREAD_DEAD;
	switch_to(t, pick_next());
	panic("thread %u (%s) ran after its end", t->id, t->name);
}

void idle_loop(void)
{
	BUG_ON(current != &idle);
	for (;;) {
		irq_disable();
		if (list_empty(&run_queue)) {
			irq_enable_and_halt();
			continue;
		}
		irq_enable();
		schedule();
	}
}

u32 sched_nr_running(void)
{
	u32 flags = irq_save();
	u32 n = current != &idle;
	struct list_head *pos;

	list_for_each (pos, &run_queue)
		n++;
	irq_restore(flags);
	return n;
}

u64 sched_nr_switches(void)
{
	return nr_switches;
}

static bool is_queued(const struct thread *t)
{
	struct list_head *pos;

	list_for_each (pos, &run_queue)
		if (pos == &t->run_node)
			return true;
	return false;
}

static const char *check_thread(const struct thread *t)
{
	bool should_wait = t->state == THREAD_RUNNING && t != current && t != &idle;

	if (is_queued(t) != should_wait)
		return should_wait ? "runnable and not on the queue"
				   : "on the queue and not runnable";
	if (t->slice_ticks > SLICE_TICKS)
		return "has more than a slice";
	if (t->kmaps.depth > KMAP_LOCAL_SLOTS)
		return "has more temporary mappings than slots";
	if (t != current && t != &idle && t->state != THREAD_DEAD &&
	    (t->context.esp < (vaddr_t)t->stack || t->context.esp >= t->context.esp0))
		return "has its stack pointer outside its stack";
	if (t->is_user && !t->mm && t->state != THREAD_DEAD && t != current)
		return "is a user thread without an address space";
	return NULL;
}

static int report_broken(const char *what)
{
	printk("sched: %s\n", what);
	return -EIO;
}

int sched_check(void)
{
	u32 flags = irq_save();
	u32 nr_all = 0, nr_queued = 0, nr_runnable = 0;
	struct list_head *pos;
	struct thread *t;
	int ret = 0;

	list_for_each (pos, &run_queue) {
		nr_queued++;
		if (pos->next->prev != pos)
			ret = report_broken("broken link in the run queue");
	}
	list_for_each_entry (t, &all_threads, all_node) {
		const char *wrong = check_thread(t);

		nr_all++;
		nr_runnable += t->state == THREAD_RUNNING && t != current && t != &idle;
		if (wrong) {
			printk("sched: thread %u (%s) %s\n", t->id, t->name, wrong);
			ret = -EIO;
		}
	}
	if (nr_queued != nr_runnable)
		ret = report_broken("a thread on the run queue is not among all threads");
	if (current->state == THREAD_DEAD)
		ret = report_broken("the running thread is dead");
	if (idle.state != THREAD_RUNNING)
		ret = report_broken("idle sleeps");
	irq_restore(flags);
	return ret;
}
