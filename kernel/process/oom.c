/*
 * Out of memory: one process is ended so that the others go on.
 *
 * The victim is the one whose address space holds the most frames, for that ends the shortage with
 * the fewest processes; what was written to oom_score_adj counts as frames that it holds more or
 * less. Who else shares that address space, but for process 1, ends with it: it would keep the frames. Never process 1,
 * without which there is no machine. While a victim is on
 * its way out, no second one is chosen: who needs memory gives up the processor and tries again. A
 * victim that sleeps in the kernel wakes up for it, as from any fatal signal.
 */
#include "kernel/process/task.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "mm/phys/zone.h"
#include "mm/vm/mm.h"
#include <asm/signal.h>
#include <linux/oom.h>

/* A thread that lives, for its leader may have ended before it. NULL: the process is a zombie. */
static struct task *thread_of(const struct thread_group *g)
{
	return list_first_entry_or_null(&g->threads, struct task, thread_node);
}

static u32 nr_kills;
static void (*oom_report)(void);

static u32 rss_of(const struct task *t)
{
	return t->thread.mm ? mm_rss(t->thread.mm) : 0;
}

bool oom_badness(const struct thread_group *g, s32 *badness)
{
	const struct task *t = thread_of(g);
	const struct mm_struct *mm = t ? t->thread.mm : NULL;
	s32 adj = g->oom_score_adj;

	if (g->leader == init_task || !mm || t->vfork_waiter || adj == OOM_SCORE_ADJ_MIN)
		return false;
	*badness = (s32)(mm_rss(mm) + mm->nr_tables) + adj * (s32)(nr_managed_pages() / 1000);
	return true;
}

static bool dying_exists(void)
{
	const struct task *leader, *t;

	for_each_task (leader) {
		t = thread_of(leader->group);
		if (t && t->fatal_signal)
			return true;
	}
	return false;
}

static struct task *choose_victim(void)
{
	struct task *leader, *victim = NULL;
	s32 badness, highest = INT32_MIN;

	for_each_task (leader)
		if (oom_badness(leader->group, &badness) && (!victim || badness > highest)) {
			victim = thread_of(leader->group);
			highest = badness;
		}
	if (victim)
		return victim;
	/* Better one that asked to be spared than all. */
	for_each_task (leader) {
		struct task *t = thread_of(leader->group);

		if (leader != init_task && t && (!victim || rss_of(t) > rss_of(victim)))
			victim = t;
	}
	return victim;
}

/* With all that share its address space, or nothing would be freed. */
static void end_victim(struct task *victim)
{
	const struct mm_struct *mm = victim->thread.mm;
	struct task *leader, *t;

	for_each_task (leader) {
		t = thread_of(leader->group);
		if (t && t != victim && leader != init_task && mm && t->thread.mm == mm)
			task_kill(t, SIGKILL);
	}
	task_kill(victim, SIGKILL);
}

u32 process_oom_kills(void)
{
	return nr_kills;
}

void process_set_oom_report(void (*report)(void))
{
	oom_report = report;
}

/* Does a thread that is on its way out sleep so that not even this wakes it? Perhaps for a mutex of ours. */
static bool dying_waits(void)
{
	const struct task *leader, *t;

	for_each_task (leader)
		for_each_thread (t, leader->group)
			if (t->fatal_signal && t->thread.state == THREAD_SLEEPING_UNINTERRUPTIBLE)
				return true;
	return false;
}

bool process_out_of_memory(void)
{
	struct task *self = current_task();
	struct task *victim;

	if (lazyfree_reclaim())
		return true;
	if (!dying_exists()) {
		victim = choose_victim();
		if (!victim)
			panic("out of memory: %u frames free, and process 1 (%u frames) is the "
			      "only process",
			      nr_free_pages(), rss_of(init_task));
		printk("out of memory: %s[%u] needs a frame, %u of %u are free; %s[%u] holds the "
		       "most, %u, and is "
		       "ended\n",
		       self->thread.name, self->pid, nr_free_pages(), nr_managed_pages(),
		       victim->thread.name, victim->pid, rss_of(victim));
		if (oom_report)
			oom_report();
		nr_kills++;
		end_victim(victim);
	}
	if (self->fatal_signal)
		return false;
	thread_yield();
	return !dying_waits();
}
