/*
 * Processes. struct task is one thread of a user program; what threads may share is referenced and counted.
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

enum task_state { TASK_ALIVE, TASK_ZOMBIE };

struct task {
	struct thread thread; /* first */
	enum task_state state;
	u32 pid;
	struct task *parent;
	struct list_head children, sibling;
	struct wait_queue child_exit; /* wait4 sleeps here */
	struct files *files;
	u32 exit_status;   /* as wait4 gives it */
	u32 fatal_signal;  /* 0, or the signal that will end it on its way to user mode */
	u32 exit_signal;   /* what the parent is sent: SIGCHLD */
	struct file *exe;
	vaddr_t clear_child_tid;
	u32 umask;
	u64 start_ns;
	u32 min_flt, maj_flt, child_min_flt, child_maj_flt;
};

static inline struct task *current_task(void)
{
	return (struct task *)current;
}
/* The task with this pid, zombies included, or NULL. */
struct task *task_find(u32 pid);
extern struct list_head all_tasks; /* by thread.all_node of user threads */
#define for_each_task(t) list_for_each_entry(t, &all_threads, thread.all_node) if ((t)->thread.is_user)

void process_init(void);
/* Starts process 1 from path with argv (NULL-terminated). 0 or errno; the caller says which file and why. */
__must_check int process_start_init(const char *path, const char *const *argv);

/* ---- from arch/i386/entry ---- */
typedef long (*syscall_fn)(struct trap_frame *regs);
extern const syscall_fn syscall_table[];
extern const u32 nr_syscalls;
long sys_unknown(struct trap_frame *regs); /* counts, -ENOSYS */
/* work is set on the way to user mode: reschedules, ends a killed task. */
void process_return_work(struct trap_frame *regs);
/* A fault of the running user program: signal si_signo with si_code at addr. Ends it (no handlers yet) after one line that
 * says what it did where. */
void process_fault_signal(struct trap_frame *regs, int signo, int si_code, vaddr_t addr, const char *what);
/* FAULT_OOM: chooses a victim, says why, and marks it killed. The faulting instruction is tried again. */
void process_out_of_memory(void);

void task_exit(u32 status) __noreturn; /* status as wait4 gives it */
/* Default actions only: SIGKILL and others that terminate mark the task; 0 or -ESRCH, -EINVAL, -EPERM. */
int task_kill(struct task *t, int signo);
u32 syscall_unknown_count(void);
int process_check(void);
