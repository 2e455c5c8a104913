/*
 * Signals: what is pending and who gets it.
 *
 *   signal_send ──> ignored?          blocked signals are never ignored, for the handler may change
 *               ──> pending           a bit, and for what tells more than SI_KERNEL an entry of the
 * queue ──> a thread that takes it is interrupted; a deadly one ends all threads at once
 *
 *               process                       thread
 *   pending     group->pending                task->sig_pending
 *   blocked                                   task->sig_blocked
 *   actions     sighand (may be shared)
 *
 * A signal below SIGNAL_REALTIME that is pending already is not sent again. Sending works in
 * interrupt handlers (a timer, Ctrl-C), which may not allocate: there the bit is all, and what it
 * stands for is SI_KERNEL. The pending sets are changed with interrupts off.
 *
 * Process 1 is sent nothing that it does not handle; only its own faults end it.
 */
#include "kernel/process/syscall.h"
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/irq.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/resource.h>

#define SIGNALS_IGNORED \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))
#define SIGNALS_STOPPING \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
static_assert(SIGNALS_ALWAYS == (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP)), "signal.h");
/* The program's own doing: they come first. */
#define SIGNALS_SYNCHRONOUS                                                                    \
	(SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) | \
	 SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSYS))

static struct kmem_cache *queue_cache, *sighand_cache;
static LIST_HEAD(unused); /* entries that an interrupt handler could not free */

__init void signal_init(void)
{
	queue_cache = kmem_cache_create("sigqueue", sizeof(struct sig_queued), 0, 0, NULL);
	sighand_cache = kmem_cache_create("sighand_cache", sizeof(struct sighand), 0, 0, NULL);
	if (!queue_cache || !sighand_cache)
		panic("no memory for the signal caches");
}

const char *signal_name(u32 signo)
{
	static const char *const names[] = {
		[SIGHUP] = "SIGHUP",       [SIGINT] = "SIGINT",       [SIGQUIT] = "SIGQUIT",
		[SIGILL] = "SIGILL",       [SIGTRAP] = "SIGTRAP",     [SIGABRT] = "SIGABRT",
		[SIGBUS] = "SIGBUS",       [SIGFPE] = "SIGFPE",       [SIGKILL] = "SIGKILL",
		[SIGUSR1] = "SIGUSR1",     [SIGSEGV] = "SIGSEGV",     [SIGUSR2] = "SIGUSR2",
		[SIGPIPE] = "SIGPIPE",     [SIGALRM] = "SIGALRM",     [SIGTERM] = "SIGTERM",
		[SIGSTKFLT] = "SIGSTKFLT", [SIGCHLD] = "SIGCHLD",     [SIGCONT] = "SIGCONT",
		[SIGSTOP] = "SIGSTOP",     [SIGTSTP] = "SIGTSTP",     [SIGTTIN] = "SIGTTIN",
		[SIGTTOU] = "SIGTTOU",     [SIGURG] = "SIGURG",       [SIGXCPU] = "SIGXCPU",
		[SIGXFSZ] = "SIGXFSZ",     [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF",
		[SIGWINCH] = "SIGWINCH",   [SIGIO] = "SIGIO",         [SIGPWR] = "SIGPWR",
		[SIGSYS] = "SIGSYS",
	};
	static char other[16];

	if (signo < ARRAY_SIZE(names) && names[signo])
		return names[signo];
	scnprintf(other, sizeof(other), "signal %u", signo);
	return other;
}

bool signal_default_ignores(u32 signo)
{
	return SIGNALS_IGNORED >> (signo - 1) & 1;
}

bool signal_default_stops(u32 signo)
{
	return SIGNALS_STOPPING >> (signo - 1) & 1;
}

/* ---- actions ---- */

struct sighand *sighand_copy(const struct sighand *from)
{
	struct sighand *sighand = kmem_cache_alloc(sighand_cache, GFP_KERNEL);

	if (!sighand)
		return NULL;
	if (from)
		memcpy(sighand, from, sizeof(*sighand));
	else
		memset(sighand, 0, sizeof(*sighand));
	sighand->refs = 1;
	return sighand;
}

void sighand_put(struct sighand *sighand)
{
	if (!--sighand->refs)
		kmem_cache_free(sighand_cache, sighand);
}

static u32 lowest_signal(u64 set)
{
	u32 low = (u32)set;

	return low ? (u32)__builtin_ctz(low) + 1 : (u32)__builtin_ctz((u32)(set >> 32)) + 33;
}

void sighand_reset(struct task *t)
{
	u64 kept = 0;

	for (u64 left = t->sighand->changed; left; left &= left - 1) {
		u32 signo = lowest_signal(left);
		struct sig_action *action = &t->sighand->action[signo - 1];
		bool ignored = action->handler == HANDLER_IGNORE;

		*action =
			(struct sig_action){.handler = ignored ? HANDLER_IGNORE : HANDLER_DEFAULT};
		if (ignored)
			kept |= SIGNAL_BIT(signo);
	}
	t->sighand->changed = kept;
}

void signal_actions(const struct task *t, u64 *ignored, u64 *caught)
{
	*ignored = *caught = 0;
	for (u32 signo = 1; signo <= SIGNAL_MAX; signo++) {
		u32 handler = t->sighand->action[signo - 1].handler;

		if (handler == HANDLER_IGNORE)
			*ignored |= SIGNAL_BIT(signo);
		else if (handler != HANDLER_DEFAULT)
			*caught |= SIGNAL_BIT(signo);
	}
}

/* Whether it would do nothing to t: then it is not even kept. */
static bool is_ignored(const struct task *t, u32 signo)
{
	u32 handler = t->sighand->action[signo - 1].handler;

	if (t->sig_blocked & SIGNAL_BIT(signo))
		return false;
	if (t->leader == init_task && handler == HANDLER_DEFAULT)
		return true;
	return handler == HANDLER_IGNORE ||
	       (handler == HANDLER_DEFAULT && signal_default_ignores(signo));
}

/* ---- the pending sets ---- */

static void free_queued(struct sig_queued *q)
{
	u32 flags;

	if (q->taken) {
		q->taken(q);
		return;
	}
	flags = irq_save();
	q->group->nr_queued--;
	if (in_interrupt())
		list_add(&q->node, &unused);
	irq_restore(flags);
	if (!in_interrupt())
		kmem_cache_free(queue_cache, q);
}

/* RLIMIT_SIGPENDING is not for what the kernel, or kill, sends once. */
static bool may_queue(const struct thread_group *g, const struct sig_info *info)
{
	return (info->signo < (s32)SIGNAL_REALTIME && info->code >= 0) ||
	       g->nr_queued < g->limits[RLIMIT_SIGPENDING].cur;
}

/* NULL without memory, and beyond the limit. */
static struct sig_queued *alloc_queued(struct thread_group *g, const struct sig_info *info)
{
	struct sig_queued *q = NULL;
	u32 flags;

	if (!may_queue(g, info))
		return NULL;
	flags = irq_save();
	if (!list_empty(&unused)) {
		q = list_first_entry(&unused, struct sig_queued, node);
		list_del(&q->node);
	}
	irq_restore(flags);
	if (!q)
		q = kmem_cache_alloc(queue_cache, GFP_KERNEL);
	if (!q)
		return NULL;
	q->info = *info;
	q->taken = NULL;
	q->group = g;
	flags = irq_save();
	g->nr_queued++;
	irq_restore(flags);
	return q;
}

/* Interrupts are off, as in the next four. */
static struct sig_queued *find_queued(const struct sig_pending *pending, u32 signo)
{
	struct sig_queued *q;

	list_for_each_entry (q, &pending->queue, node)
		if (q->info.signo == (s32)signo)
			return q;
	return NULL;
}

static void flush_pending(struct sig_pending *pending, u64 mask)
{
	struct sig_queued *q, *next;

	pending->set &= ~mask;
	list_for_each_entry_safe (q, next, &pending->queue, node) {
		if (!(SIGNAL_BIT(q->info.signo) & mask))
			continue;
		list_del(&q->node);
		free_queued(q);
	}
}

static u32 next_signal(u64 ready)
{
	u64 first = ready & SIGNALS_SYNCHRONOUS;

	return lowest_signal(first ? first : ready);
}

static void add_pending(struct sig_pending *pending, struct sig_queued *q, u32 signo)
{
	pending->set |= SIGNAL_BIT(signo);
	if (q)
		list_add_tail(&q->node, &pending->queue);
}

void signal_flush(struct thread_group *g, u64 mask)
{
	u32 flags = irq_save();
	struct task *t;

	if (g->pending.set & mask)
		flush_pending(&g->pending, mask);
	for_each_thread (t, g)
		if (t->sig_pending.set & mask)
			flush_pending(&t->sig_pending, mask);
	irq_restore(flags);
}

void signal_drop(struct sig_pending *pending)
{
	u32 flags = irq_save();

	if (!list_empty(&pending->queue))
		flush_pending(pending, ~0ull);
	irq_restore(flags);
}

static u32 take_from(struct sig_pending *pending, u64 mask, struct sig_info *info)
{
	u32 flags = irq_save();
	u64 ready = pending->set & mask;
	struct sig_queued *q;
	u32 signo;

	if (!ready) {
		irq_restore(flags);
		return 0;
	}
	signo = next_signal(ready);
	q = find_queued(pending, signo);
	if (q)
		list_del(&q->node);
	if (!q || signo < SIGNAL_REALTIME || !find_queued(pending, signo))
		pending->set &= ~SIGNAL_BIT(signo);
	irq_restore(flags);
	if (q) {
		*info = q->info;
		free_queued(q);
	} else {
		*info = (struct sig_info){.signo = signo, .code = SI_KERNEL};
	}
	return signo;
}

u32 signal_dequeue(struct task *t, u64 mask, struct sig_info *info)
{
	u32 signo = take_from(&t->sig_pending, mask, info);

	return signo ? signo : take_from(&t->group->pending, mask, info);
}

void signal_pass_on(struct task *t, u64 signals)
{
	struct task *other;

	for_each_thread (other, t->group) {
		if (other == t || !(signals & ~other->sig_blocked) || other->fatal_signal)
			continue;
		thread_interrupt(&other->thread);
		signals &= other->sig_blocked;
	}
}

void signal_recalc(struct task *t)
{
	u64 refused = t->group->pending.set & t->sig_blocked;

	if (unlikely(refused && t->group->nr_live > 1))
		signal_pass_on(t, refused);
	/* In this order: what an interrupt sends after the first line stays. */
	thread_work_clear(&t->thread, WORK_SIGNAL);
	if (unlikely(t->fatal_signal || t->group->stop_signal ||
		     (signal_pending_set(t) & ~t->sig_blocked)))
		thread_work_set(&t->thread, WORK_SIGNAL);
}

/* ---- sending ---- */

void thread_kill(struct task *t)
{
	t->fatal_signal = SIGKILL;
	thread_interrupt(&t->thread);
	if (t->stopped || t->killable)
		thread_wake(&t->thread);
}

void group_kill(struct thread_group *g, u32 status)
{
	u32 flags = irq_save();
	struct task *t;

	if (!g->exiting) {
		g->exiting = true;
		g->exit_status = status;
	}
	g->stop_signal = 0;
	for_each_thread (t, g)
		thread_kill(t);
	irq_restore(flags);
}

static bool takes_it(const struct task *t, u32 signo)
{
	/* One without handlers is being made (do_fork). */
	return t->state == TASK_ALIVE && t->sighand && !t->fatal_signal &&
	       (signo == SIGKILL || (!(t->sig_blocked & SIGNAL_BIT(signo)) && !t->stopped));
}

/* The thread that is to take a signal of its process: the one it was sent to, or one that does not
 * block it. */
static struct task *choose_thread(struct task *first, u32 signo, bool to_group)
{
	struct task *t;

	if (takes_it(first, signo))
		return first;
	if (to_group)
		for_each_thread (t, first->group)
			if (takes_it(t, signo))
				return t;
	return NULL;
}

/* The thread that waits for it in sigtimedwait. */
static struct task *choose_waiter(struct task *first, u32 signo, bool to_group)
{
	struct task *t;

	if (first->sig_waited & SIGNAL_BIT(signo))
		return first;
	if (to_group)
		for_each_thread (t, first->group)
			if (t->sig_waited & SIGNAL_BIT(signo))
				return t;
	return NULL;
}

static bool is_deadly(const struct task *t, u32 signo)
{
	return t->sighand->action[signo - 1].handler == HANDLER_DEFAULT &&
	       !signal_default_ignores(signo) && !signal_default_stops(signo);
}

/* Stopping and going on cancel each other, whether or not they are ignored or blocked. */
static void stop_or_continue(struct task *t, u32 signo)
{
	struct thread_group *g = t->group;
	struct task *thread;
	bool was_stopped = g->reported_stop;

	if (signal_default_stops(signo))
		signal_flush(g, SIGNAL_BIT(SIGCONT));
	if (signo != SIGCONT)
		return;
	signal_flush(g, SIGNALS_STOPPING);
	if (!g->stop_signal)
		return;
	g->stop_signal = g->reported_stop = 0;
	g->stop_news = false;
	for_each_thread (thread, g)
		if (thread->stopped)
			thread_wake(&thread->thread);
	if (was_stopped) {
		g->continue_news = true;
		notify_parent_stop(g->leader, CLD_CONTINUED, SIGCONT);
	}
}

/* Whether it is worth an entry of its own. */
static bool tells_more(const struct sig_info *info)
{
	return info->code != SI_KERNEL && info->signo != SIGKILL && !in_interrupt();
}

/* Whether there is somebody to send it to, who has not got it already. */
static bool may_send(struct task *t, u32 signo, const struct sig_pending *pending, bool to_group)
{
	if (to_group ? !t->group->nr_live : t->state == TASK_ZOMBIE)
		return false;
	if (unlikely(signo == SIGCONT || signal_default_stops(signo)))
		stop_or_continue(t, signo);
	if (is_ignored(t, signo))
		return false;
	return signo >= SIGNAL_REALTIME || !(pending->set & SIGNAL_BIT(signo));
}

/* false: q was not needed, for it is the end of the process. */
static bool send_queued(struct task *t, u32 signo, struct sig_pending *pending,
			struct sig_queued *q, bool to_group)
{
	u32 flags = irq_save();
	struct task *target = choose_thread(t, signo, to_group);

	if (target && is_deadly(target, signo) && t->leader != init_task) {
		group_kill(t->group, signo);
		irq_restore(flags);
		return false;
	}
	add_pending(pending, q, signo);
	if (!target)
		target = choose_waiter(t, signo, to_group);
	if (target)
		thread_interrupt(&target->thread);
	irq_restore(flags);
	return true;
}

int signal_send(struct task *t, const struct sig_info *info, bool to_group)
{
	u32 signo = info->signo;
	struct sig_pending *pending = to_group ? &t->group->pending : &t->sig_pending;
	struct sig_queued *q = NULL;

	if (!may_send(t, signo, pending, to_group))
		return 0;
	if (tells_more(info)) {
		q = alloc_queued(t->group, info);
		if (!q && signo >= SIGNAL_REALTIME && info->code < 0)
			return -EAGAIN;
	}
	if (!send_queued(t, signo, pending, q, to_group) && q)
		free_queued(q);
	return 0;
}

bool signal_send_owned(struct task *t, struct sig_queued *q, bool to_group)
{
	u32 signo = q->info.signo;
	struct sig_pending *pending = to_group ? &t->group->pending : &t->sig_pending;

	return may_send(t, signo, pending, to_group) && send_queued(t, signo, pending, q, to_group);
}

void signal_withdraw(struct sig_pending *pending, struct sig_queued *q)
{
	u32 flags = irq_save(), signo = q->info.signo;

	list_del(&q->node);
	if (!find_queued(pending, signo))
		pending->set &= ~SIGNAL_BIT(signo);
	irq_restore(flags);
}

int task_kill(struct task *t, int signo)
{
	struct sig_info info = {.signo = signo, .code = SI_KERNEL};

	if (signo < 0 || signo > (int)SIGNAL_MAX)
		return -EINVAL;
	return signo ? signal_send(t->leader, &info, true) : 0;
}

void task_signal_self(u32 signo)
{
	struct task *t = current_task();
	struct sig_info info = {.signo = signo, .code = SI_USER, .field = {t->leader->pid}};

	signal_send(t, &info, false);
}

int signal_send_pgrp(u32 pgid, const struct sig_info *info)
{
	struct task *t;
	int ret = -ESRCH;

	for_each_task (t)
		if (t->pgid == pgid) {
			ret = 0; /* zombies are there, too */
			if (info->signo)
				signal_send(t, info, true);
		}
	return ret;
}
