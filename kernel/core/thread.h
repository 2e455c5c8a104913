/*
 * Threads: what the scheduler runs. A process room embeds struct thread at the start of its own structure.
 */
#pragma once

#include "arch/i386/cpu/switch.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mm/kmem/kmap.h"

struct mm_struct;

enum thread_state { THREAD_RUNNING, THREAD_SLEEPING, THREAD_SLEEPING_UNINTERRUPTIBLE, THREAD_DEAD };

#define KSTACK_SIZE 8192u

/* thread->work: looked at on every way back to user mode, in one test (vectors.asm) */
#define WORK_RESCHED 0x1u
#define WORK_SIGNAL  0x2u /* a signal or a kill is pending: process_return_work() */

struct thread {
	u32 work; /* first: vectors.asm tests it */
	enum thread_state state;
	struct cpu_context context;
	void *stack;          /* lowest address, from vmalloc_stack */
	struct mm_struct *mm; /* NULL for kernel threads */
	struct kmap_local_stack kmaps;
	struct list_head run_node;  /* on the run queue */
	struct list_head all_node;
	u32 slice_ticks;            /* left of its time slice */
	u64 user_ticks, kernel_ticks;
	u64 switches;
	u32 id;
	char name[16];
	bool wakeup_pending;
	bool is_user;
};

extern struct thread *current;
extern struct list_head all_threads;

/* Makes the boot stack's thread (idle) current and starts the run queue. */
void sched_init(void);
/* A stack and an id for t, whose memory is the caller's and zeroed. 0 or -ENOMEM. Not yet runnable. */
__must_check int thread_init(struct thread *t, const char *name);
/* Makes a new or sleeping thread runnable. Any context. */
void thread_wake(struct thread *t);
/* Kernel thread running fn(arg) for ever. NULL without memory. */
struct thread *kthread_create(const char *name, void (*fn)(void *), void *arg);
/* Gives back stack and id; t is dead and does not run. */
void thread_destroy(struct thread *t);

/* Runs another thread if one is runnable; returns when this one is chosen again. */
void schedule(void);
/* sched_yield(2): to the end of the queue. */
void thread_yield(void);
/* From the timer interrupt. */
void sched_tick(bool user_mode);
/* The running thread never runs again; the next one that runs calls reap(t) first. */
void thread_exit(void (*reap)(struct thread *t)) __noreturn;
/* The idle loop, for the boot stack. */
void idle_loop(void) __noreturn;
u32 sched_nr_running(void);
int sched_check(void);
