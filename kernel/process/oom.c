/*
 * Out of memory: one process is ended so that the others go on.
 *
 * The victim is the one whose address space holds the most frames, for that ends the shortage with
 * the fewest processes; never process 1, without which there is no machine. While a victim is on
 * its way out, no second one is chosen: who needs memory gives up the processor and tries again. A
 * victim that sleeps in the kernel wakes up for it, as from any fatal signal.
 */
#include "kernel/process/task.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "mm/phys/zone.h"
#include "mm/vm/mm.h"
#include <asm/signal.h>

static u32 nr_kills;
static void (*oom_report)(void);

static u32 rss_of(const struct task *t)
{
	const struct mm_struct *mm = t->thread.mm;

	return mm ? mm_rss(mm) : 0;
}

static bool dying_exists(void)
{
	const struct task *t;

	for_each_task (t)
		if (t->state == TASK_ALIVE && t->fatal_signal)
			return true;
	return false;
}

static struct task *choose_victim(void)
{
	struct task *t, *victim = NULL;

	for_each_task (t)
		if (t != init_task && t->state == TASK_ALIVE &&
		    (!victim || rss_of(t) > rss_of(victim)))
			victim = t;
	return victim;
}

u32 process_oom_kills(void)
{
	return nr_kills;
}

void process_set_oom_report(void (*report)(void))
{
	oom_report = report;
}

void process_out_of_memory(void)
{
	struct task *self = current_task();
	struct task *victim;

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
		task_kill(victim, SIGKILL);
	}
	if (!self->fatal_signal)
		thread_yield();
}
