/*
 * Processes. struct task is a user program that runs: one thread, one address space, one descriptor
 * table. Sharing between tasks (threads of one program) is not there yet; clone refuses it.
 *
 *   alive --task_exit--> zombie --wait4 by the parent--> gone
 *
 * A zombie has given back everything but its struct task. Its stack goes when the next thread runs
 * (task_reap).
 */
#pragma once

#include "arch/i386/cpu/regs.h"
#include "fs/file.h"
#include "kernel/core/thread.h"
#include "kernel/core/wait.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct files; /* descriptor table, files.h */

#define SIGNAL_MAX 64 /* signals are 1..64 */

enum task_state { TASK_ALIVE, TASK_ZOMBIE };

struct task_usage { /* what rusage tells */
	u32 min_flt, maj_flt;
	u64 user_ticks, kernel_ticks;
	u32 max_rss; /* pages */
};

struct task {
	struct thread thread; /* first */
	enum task_state state;
	u32 pid, pgid, sid;
	struct task *parent; /* NULL: process 1 */
	struct list_head children, sibling;
	struct list_head node;        /* in all_tasks */
	struct wait_queue child_exit; /* wait4 sleeps here */
	struct files *files;
	struct inode *cwd; /* a reference */
	struct file *exe;  /* a reference, or NULL before the first exec */
	u32 exit_status;   /* as wait4 gives it */
	u32 fatal_signal;  /* 0, or the signal that will end it on its way to user mode */
	u32 exit_signal;   /* what the parent is sent: SIGCHLD or 0 */
	u64 sig_blocked, sig_ignored, sig_pending; /* bit n - 1 for signal n */
	vaddr_t clear_child_tid;
	struct task *vfork_child; /* whose exec or exit it waits for (vfork) */
	u32 umask;
	u64 start_ns;
	struct task_usage usage; /* of address spaces that it has left; live ones count in mm */
	struct task_usage children_usage; /* of children waited for, and theirs */
	bool reaped;                      /* its stack is gone */
	bool forgotten;                   /* nobody will wait: free it with its stack */
};

static inline struct task *current_task(void)
{
	return (struct task *)current;
}
/* The task with this pid, zombies included, or NULL. */
struct task *task_find(u32 pid);
extern struct list_head all_tasks; /* zombies included, in the order of their making */
#define for_each_task(t) list_for_each_entry (t, &all_tasks, node)
extern struct task *init_task; /* process 1, NULL before it is started */

/* Boot: caches of processes, and of files (fs_init). */
void process_init(void);
/* Starts process 1 from path with argv (NULL-terminated). 0 or errno; the caller says which file
 * and why. */
__must_check int process_start_init(const char *path, const char *const *argv);

/* ---- from arch/i386/entry ---- */
typedef long (*syscall_fn)(struct trap_frame *regs);
extern const syscall_fn syscall_table[];
extern const u32 nr_syscalls;
long sys_unknown(struct trap_frame *regs); /* counts, -ENOSYS */
/* work is set on the way to user mode: reschedules, ends a killed task. */
void process_return_work(struct trap_frame *regs);
/* A fault of the running user program: signal signo with si_code at addr. Ends it on its way to
 * user mode (there are no handlers yet) after one line that says what it did where. */
void process_fault_signal(struct trap_frame *regs, int signo, int si_code, vaddr_t addr,
			  const char *what);
/* FAULT_OOM: chooses a victim, says why, and marks it killed. The faulting instruction is tried
 * again. */
void process_out_of_memory(void);

void task_exit(u32 status) __noreturn; /* status as wait4 gives it */
/* Sends a signal: default actions only. 0 or -EINVAL. */
int task_kill(struct task *t, int signo);
u32 syscall_unknown_count(void);
/* Every invariant of tasks, descriptor tables, address spaces: 0, or -EIO after a printk. */
int process_check(void);

/* ---- between the files of this room ---- */
/* A task with a pid and a stack, child of nobody, not yet runnable. NULL without memory. */
__must_check struct task *task_alloc(const char *name);
/* Undoes task_alloc, or frees a zombie; what the task held must have been given back. */
void task_free(struct task *t);
/* Nobody will ask for zombie t any more. */
void task_release(struct task *t);
void task_set_parent(struct task *t, struct task *parent);
/* From thread_exit: another thread runs. */
void task_reap(struct thread *thread);
/* Adds the counts of t's address space to t->usage, before it is left. */
void task_account_mm(struct task *t);
/* usage of t so far, its address space included. */
struct task_usage task_usage(const struct task *t);
void usage_add(struct task_usage *to, const struct task_usage *from);

/* exec into t, which runs or is being made: on success t has the new address space (loaded if t
 * runs) and *regs starts the program. On failure nothing has changed. argv and envp are user
 * addresses, or kernel ones if kernel. */
__must_check int exec_load(struct task *t, const char *path, const void *argv, const void *envp,
			   bool kernel, struct trap_frame *regs);

/* Runs the caller in another address space for a moment: returns the one before, to be given back
 * the same way. */
struct mm_struct *task_borrow_mm(struct mm_struct *mm);
/* A child of vfork has an address space of its own, or ends: its parent may go on. */
void task_vfork_done(struct task *t);
const char *signal_name(u32 signo); /* "SIGSEGV"; "signal 40" */

/* Boot: /proc/self/exe and /proc/self/cwd. */
void self_links_init(void);
/* Boot: terminals ask about sessions and groups (job_control.c). */
void job_control_init(void);
/* The leader of a session ends: its terminal hangs up. */
void job_control_exit(struct task *t);

/* "i386" to "i686", by the processor. */
const char *machine_name(void);
