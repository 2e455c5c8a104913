/*
 * Processes and threads. struct task is a thread of a user program; struct thread_group is the
 * process that it belongs to, with its leader, the first thread, whose number is the process'
 * number. Address space, descriptor table and handlers are counted, and shared by the tasks that
 * clone(2) made so.
 *
 *   task:    alive --task_exit--> zombie --> gone       a thread that does not lead goes by itself
 *   process: the leader stays a zombie until all its threads have ended and the parent has waited
 * for it
 *
 * A zombie has given back everything but its struct task. Its stack goes when the next thread runs
 * (task_reap). Children belong to the leader, whoever of its threads made them. After exec the
 * thread that called it is the leader.
 */
#pragma once

#include "arch/i386/cpu/regs.h"
#include "fs/file.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "kernel/core/wait.h"
#include "kernel/process/signal.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct files; /* descriptor table, files.h */

enum task_state { TASK_ALIVE, TASK_ZOMBIE };

struct task_usage { /* what rusage tells */
	u32 min_flt, maj_flt;
	u64 user_ticks, kernel_ticks;
	u32 max_rss; /* pages */
};

#define NR_LIMITS 16u /* RLIM_NLIMITS */
struct limit {        /* struct rlimit of a program of 32 bits; 0xFFFFFFFF: none */
	u32 cur, max;
};

struct cpu_timer {          /* ITIMER_VIRTUAL, ITIMER_PROF */
	u32 left, interval; /* ticks; left 0: not armed */
};

#define PID_MAX    32768u /* as Linux's default */
#define GROUPS_MAX 32u

/* Kept and answered; nothing asks them for permission. */
struct credentials {
	u32 uid, euid, suid, fsuid;
	u32 gid, egid, sgid, fsgid;
	u32 nr_groups;
	u32 groups[GROUPS_MAX];
	u64 cap_permitted, cap_effective, cap_inheritable; /* capability.h */
	bool keep_caps;                                    /* PR_SET_KEEPCAPS */
};

struct thread_group {
	struct task *leader;
	struct list_head threads; /* alive, by thread_node */
	u32 nr_live;
	u32 refs; /* tasks that are not freed */
	struct sig_pending pending;
	u32 nr_queued; /* entries in the queues of the process and its threads */
	bool exiting;
	u32 exit_status;      /* if exiting */
	struct task *execing; /* waits for the other threads' end */
	u32 stop_signal;      /* 0: it may run */
	u32 nr_stopped;
	u32 reported_stop;             /* the signal that stopped all threads */
	bool stop_news, continue_news; /* wait4 has not told it yet */
	struct limit limits[NR_LIMITS];
	struct timer real_timer; /* ITIMER_REAL, alarm */
	u64 real_interval_ns;
	struct cpu_timer virtual_timer, prof_timer;
	struct list_head timers;          /* posix_timers.c */
	struct task_usage threads_usage;  /* of threads that have ended */
	struct task_usage children_usage; /* of children waited for, and theirs */
	s32 oom_score_adj;                /* -1000 (never, if it can be helped) to 1000 */
	struct inode *root;               /* of chroot(2), a reference; NULL: root_inode */
	struct credentials ids;
	u32 personality; /* kept and answered */
	bool barriers;   /* registered for membarrier's private commands */
	bool subreaper, no_new_privs, not_dumpable; /* prctl */
};

#define HELD_FILES 4u

struct task {
	struct thread thread; /* first */
	enum task_state state;
	u32 pid, pgid, sid; /* pid: this thread's (gettid); the process' is leader->pid */
	struct thread_group *group;
	struct task *leader;
	struct list_head thread_node; /* in group->threads */
	struct task *parent;          /* of a leader; NULL: process 1 */
	struct list_head children, sibling;
	struct list_head node;        /* leaders: in all_tasks */
	struct wait_queue child_exit; /* wait4 sleeps here: the leader's */
	struct files *files;
	struct inode *cwd; /* a reference */
	struct file *exe;  /* a reference, or NULL before the first exec */
	u32 exit_status;   /* as wait4 gives it */
	u32 fatal_signal;  /* not 0: it will end on its way to user mode */
	u32 exit_signal;   /* what the parent is sent: SIGCHLD or 0 */
	u32 parent_death_signal;
	struct sighand *sighand;
	u64 sig_blocked;
	u64 sig_waited; /* by sigtimedwait */
	u64 sig_saved;  /* what sigsuspend put aside, if sig_restore */
	bool sig_restore;
	bool did_exec;          /* since its fork */
	bool stopped, killable; /* sleeps so that only its end wakes it */
	bool mm_lent;           /* the address space is another process' (vfork): its counts too */
	struct sig_pending sig_pending; /* for this thread */
	struct sig_info fault;  /* its own doing, to be delivered first; signo 0: none. Only signo,
					code and field[0] are ever set */
	const char *fault_what; /* what that was; NULL: the access that trap_error tells */
	u32 trap_number, trap_error; /* of its last fault, for signal frames */
	struct alt_stack alt_stack;
	long (*restart)(struct task *t); /* restart_syscall(2) */
	struct {
		u64 expires_ns; /* monotonic */
		vaddr_t address;
		u32 value, mask;
		bool flag;
	} restart_args;
	vaddr_t clear_child_tid;
	vaddr_t robust_list;
	struct task *vfork_child;  /* whose exec or exit it waits for */
	struct task *vfork_waiter; /* who waits for this one's */
	u32 umask;
	s8 nice;    /* priority_calls.c: kept and answered */
	u8 policy;  /* SCHED_* */
	u16 ioprio; /* 0: none */
	bool reset_on_fork;
	const char
		*lent; /* a page that file operations may use as if it were the user's; or NULL */
	u64 start_ns;
	struct file *
		*held; /* files that a call found in a shared table: put on the way to user mode */
	u32 nr_held, max_held;
	struct file *held_inline[HELD_FILES];
	struct task_usage usage; /* of address spaces that it has left; live ones count in mm */
	bool reaped;             /* its stack is gone */
	bool forgotten;          /* nobody will wait: free it with its stack */
};

static inline struct task *current_task(void)
{
	return (struct task *)current;
}
/* Signals that wait for t: its own and its process'. */
static inline u64 signal_pending_set(const struct task *t)
{
	return t->sig_pending.set | t->group->pending.set;
}
/* The set that may not be delivered; SIGKILL and SIGSTOP are taken out of it. */
static inline void signal_set_blocked(struct task *t, u64 set)
{
	t->sig_blocked = set & ~SIGNALS_ALWAYS;
	/* What else sets WORK_SIGNAL would have set it already. */
	if (unlikely(signal_pending_set(t) || (t->thread.work & WORK_SIGNAL)))
		signal_recalc(t);
}
/* The number that was given last. */
u32 task_last_pid(void);
/* The process with this pid (its leader), zombies included, or NULL. */
struct task *task_find(u32 pid);
/* The thread with this number, or NULL. */
struct task *thread_find(u32 tid);
extern struct list_head all_tasks; /* leaders, zombies included, in the order of their making */
#define for_each_task(t)      list_for_each_entry (t, &all_tasks, node)
#define for_each_thread(t, g) list_for_each_entry (t, &(g)->threads, thread_node)
extern struct task *init_task; /* process 1, NULL before it is started */

/* Boot: caches of processes, and of files (fs_init). */
void process_init(void);
/* Starts process 1 from path with argv (NULL-terminated). 0 or errno; the caller says which file
 * and why. */
__must_check int process_start_init(const char *path, const char *const *argv);

/* ---- from arch/i386/entry ---- */
typedef long (*syscall_fn)(struct trap_frame *regs);
extern const syscall_fn syscall_table[];
extern u32 nr_syscalls; /* numbers below go through the table; 0 while calls are counted */
long sys_unknown(struct trap_frame *regs); /* counts, -ENOSYS */
/* work is set on the way to user mode: reschedules, ends a killed task. */
void process_return_work(struct trap_frame *regs);
/* A fault of the running user program is told by this signal, addr being its si_addr. Without a handler it
 * ends on its way to user mode after one line that says what it did where; fault_what is set before. */
struct fault_cause {
	s16 signo, code;
};
void process_fault_signal(struct trap_frame *regs, struct fault_cause cause, vaddr_t addr);
/* FAULT_OOM: chooses a victim, says why, and marks it killed. The faulting instruction is tried
 * again, in the kernel only if true: else the running thread is to end, or holds what the victim waits for. */
bool process_out_of_memory(void);
/* Victims so far. */
u32 process_oom_kills(void);
/* What is to be printed of memory before a victim is ended: the report's room registers it. */
void process_set_oom_report(void (*report)(void));
/* How much the end of a process helps: its frames, and oom_score_adj thousandths of all frames. The
 * highest goes first. false: it is not to go. */
bool oom_badness(const struct thread_group *g, s32 *badness);

/* The running thread ends, with a status as wait4 gives it. */
void task_exit(u32 status) __noreturn;
/* The kernel's own signal to the process of t. 0 or -EINVAL. Any context. */
int task_kill(struct task *t, int signo);
/* A signal for what the running thread just did (SIGPIPE, SIGXFSZ), as if it had sent it to itself.
 */
void task_signal_self(u32 signo);
/* Every invariant of tasks, descriptor tables, address spaces: 0, or -EIO after a printk. */
int process_check(void);

/* ---- between the files of this room ---- */
/* A task with a pid and a stack, child of nobody, not yet runnable: a process of its own, with the
 * limits of `from` (NULL: the defaults), or a thread of group. NULL without memory. */
__must_check struct task *task_alloc(const char *name, const struct thread_group *from,
				     struct thread_group *group);
/* Undoes task_alloc, or frees a zombie; what the task held must have been given back. */
void task_free(struct task *t);
/* Nobody will ask for zombie t any more. */
void task_release(struct task *t);
void task_set_parent(struct task *t, struct task *parent);
/* From thread_exit: another thread runs. */
void task_reap(struct thread *thread);
/* Adds the counts of t's address space to t->usage, before it is left. */
void task_account_mm(struct task *t);
/* usage of thread t so far, and of its whole process; its address space included. */
struct task_usage task_usage(const struct task *t);
struct task_usage group_usage(const struct thread_group *g);
/* cwd or umask of t changed: threads that share them follow. */
void task_fs_changed(struct task *t);
/* The limits of a process, as it starts an address space. */
void limits_to_mm(const struct thread_group *g, struct mm_struct *mm);
/* RLIMIT_NPROC: no more processes and threads for this user? */
bool limit_forbids_fork(const struct thread_group *g);
void limits_init(struct thread_group *g, const struct thread_group *from);
/* Puts what was held, and frees the list. */
void task_drop_held(struct task *t);
/* The other threads end; t becomes the leader. 0, or -EAGAIN if the process is ending. */
__must_check int group_become_single(struct task *t);
/* A whole process has ended: timers, children, the news for its parent. */
void group_end(struct thread_group *g);
void group_put(struct thread_group *g);
/* A thread's futexes when its address space goes: the robust list, clear_child_tid. */
void futex_exit(struct task *t);
void futex_init(void);
void itimers_stop(struct thread_group *g);
void posix_timers_drop(struct thread_group *g);
/* A timer or limit that counts ticks was set, or not is any more. */
void cpu_timers_changed(struct thread_group *g);
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

/* Boot: what /proc asks about processes, and where paths start (proc_tasks.c). */
void proc_tasks_init(void);
/* The signal mask that a call waits under (ppoll, pselect6): mask 0: none. 0 or errno. */
__must_check int signal_mask_for_wait(vaddr_t mask, u32 size);
/* The wait is over; result -ERESTARTNOHAND keeps the mask until the signal was delivered. */
void signal_mask_after_wait(long result);
/* Reads up to len bytes of t's memory at addr. Bytes done. May sleep: t may be gone afterwards. */
size_t task_read_memory(struct task *t, vaddr_t addr, void *to, size_t len);
/* Boot: file operations may be called with kernel memory (copy_calls.c). */
void copy_calls_init(void);
/* Whoever waits for processes by descriptor; woken at the end of each. */
extern struct wait_queue processes_ended;
void pidfd_init(void);
/* Boot: terminals ask about sessions and groups (job_control.c). */
void job_control_init(void);
/* The leader of a session ends: its terminal hangs up. */
void job_control_exit(struct task *t);

/* "i386" to "i686", by the processor. */
const char *machine_name(void);
