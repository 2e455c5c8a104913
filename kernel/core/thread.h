/*
 * Threads: what the scheduler runs. A process room embeds struct thread at the start of its own
 * structure.
 */
#pragma once

#include "arch/i386/cpu/irqflags.h"
#include "arch/i386/cpu/switch.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mm/kmem/kmap.h"

struct mm_struct;

enum thread_state { THREAD_RUNNING, THREAD_SLEEPING, THREAD_SLEEPING_UNINTERRUPTIBLE, THREAD_DEAD };

/* thread->work: looked at on every way back to user mode, in one test (vectors.asm) */
#define WORK_RESCHED 0x1u
#define WORK_SIGNAL  0x2u /* a signal or a kill is pending: process_return_work() */
#define WORK_FILES   0x4u /* files were taken out of a shared descriptor table */

#define SLICE_TICKS  4u /* a turn: 40 ms at HZ = 100 */

struct thread {
	u32 work; /* first: vectors.asm tests it */
	enum thread_state state;
	struct cpu_context context;
	void *stack;          /* lowest address, from vmalloc_stack */
	struct mm_struct *mm; /* NULL for kernel threads */
	struct kmap_local_stack kmaps;
	struct list_head run_node; /* on the run queue */
	struct list_head all_node;
	u32 slice_ticks; /* left of its time slice */
	u64 user_ticks, kernel_ticks;
	u32 nr_waits,
		nr_preempted; /* switches away from it: because it slept; because others wanted to run */
	u32 id;
	char name[16];
	bool wakeup_pending;
	bool is_user;
	void (*on_tick)(struct thread *t,
			bool user_mode); /* NULL: nobody counts its ticks; interrupts off */
};

/* An interrupt may set a bit meanwhile. */
static inline void thread_work_set(struct thread *t, u32 bits)
{
	set_bits_at_once(&t->work, bits);
}
static inline void thread_work_clear(struct thread *t, u32 bits)
{
	clear_bits_at_once(&t->work, bits);
}

extern struct thread *current;       /* valid from the first instruction on: the idle thread then */
extern struct list_head all_threads; /* idle included */

/* Makes the boot stack's thread (idle) current and starts the run queue. */
void sched_init(void);
/*
 * Where the owner of address spaces keeps the loaded one: a switch to a thread that has an mm
 * stores it there (and loads its page directory through context.pgdir). A kernel thread runs in
 * whatever is loaded.
 */
void sched_set_mm_slot(struct mm_struct **slot);
/* A stack and an id for t, whose memory is the caller's and zeroed. 0 or -ENOMEM. Not yet runnable.
 */
__must_check int thread_init(struct thread *t, const char *name);
/* Makes a new or sleeping thread runnable; does nothing to one that runs or is dead. Any context.
 */
void thread_wake(struct thread *t);
/* Sets WORK_SIGNAL and wakes t from an interruptible sleep. Any context. */
void thread_interrupt(struct thread *t);
/* Kernel thread running fn(arg); it ends when fn returns. NULL without memory. */
struct thread *kthread_create(const char *name, void (*fn)(void *), void *arg);
/* Gives back the stack; t is dead or was never woken, and is not the running one. Its memory is the
 * caller's. */
void thread_destroy(struct thread *t);
/* A few stacks of ended threads are kept for new ones; this frees them (memory is short, or is
 * being counted). Returns frames. */
u32 thread_stacks_shrink(void);

/* Runs another thread if one is runnable; returns when this one is chosen again. */
void schedule(void);
/* Between two pieces of a long call: others run if the turn is over. => whether they may have. */
static inline bool thread_make_way(void)
{
	if (likely(!(READ_ONCE(current->work) & WORK_RESCHED)))
		return false;
	schedule();
	return true;
}
/* The same for a call that a signal ends in its middle. => whether it ends here. */
static inline bool thread_make_way_or_end(void)
{
	thread_make_way();
	return READ_ONCE(current->work) & WORK_SIGNAL;
}
/* sched_yield(2): to the end of the queue. */
void thread_yield(void);
/* From the timer interrupt. */
void sched_tick(bool user_mode);
/*
 * The running thread never runs again. reap(t) is called by another thread, as soon as one comes
 * back from schedule(), starts as a kernel thread, or ends; it may free t and may not sleep. NULL:
 * somebody else destroys t.
 */
void thread_exit(void (*reap)(struct thread *t)) __noreturn;
/* For a thread's first instructions: the reap that the thread before it left. */
void thread_reap_pending(void);
/* The idle loop, for the boot stack. */
void idle_loop(void) __noreturn;
/* Threads that could run now, the running one included, idle not. */
u32 sched_nr_running(void);
u64 sched_nr_switches(void);
/* Ticks spent in user mode by all threads, ended ones too. */
u64 sched_user_ticks(void);
/* Run queue, states and links of all threads. 0, or -EIO after a printk. */
int sched_check(void);
