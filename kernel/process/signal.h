/*
 * Signals: what is pending, what is done about them, and how they are sent. Delivery to user mode
 * is deliver.c and sigframe.c; the system calls are sigcalls.c.
 */
#pragma once

#include "arch/i386/cpu/regs.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct task;
struct thread_group;

#define SIGNAL_MAX        64u /* signals are 1..64 */
#define SIGNAL_REALTIME   32u /* from here on each sending is kept, not one */
#define SIGNAL_BIT(signo) ((u64)1 << ((signo)-1))
/* SIGNAL_BIT without a shift of 64 bits. */
static inline void signal_set_add(u64 *set, u32 signo)
{
	((u32 *)set)[(signo - 1) / 32] |= 1u << ((signo - 1) % 32);
}
/* SIGKILL and SIGSTOP, neither blocked nor ignored. (<asm/signal.h> clashes with a C library's on the host.) */
#define SIGNALS_ALWAYS (SIGNAL_BIT(9) | SIGNAL_BIT(19))

/* <asm/signal-defs.h> has them as pointers */
#define HANDLER_DEFAULT 0u
#define HANDLER_IGNORE  1u /* above it: an address */

/* The words of siginfo_t that mean something (asm-generic/siginfo.h; 32 of its 128 bytes). */
struct sig_info {
	s32 signo, error, code;
	u32 field[5]; /* kill: pid, uid, value. fault: address. SIGCHLD: pid, uid, status, utime,
			 stime */
};
static_assert(sizeof(struct sig_info) == 32, "the start of siginfo_t");

/* struct sigaction of the rt_ calls on i386 */
struct sig_action {
	u32 handler;
	u32 flags;
	u32 restorer;
	u64 mask;
};
static_assert(sizeof(struct sig_action) == 20, "Linux i386 ABI");

struct sighand { /* shared by threads, and by clone(CLONE_SIGHAND) */
	u32 refs;
	u64 changed; /* the action of any other signal is the default */
	struct sig_action action[SIGNAL_MAX];
};

struct sig_pending {
	u64 set;
	struct list_head queue; /* of infos; a signal that is set without one is SI_KERNEL's */
};

struct sig_queued {
	struct list_head node;
	struct sig_info info;
	struct thread_group *group; /* whose it is and counts in */
	/* Not NULL: the entry is its owner's (a timer), told here when it is in no queue any more; any
	 * context. */
	void (*taken)(struct sig_queued *q);
};

struct alt_stack {
	vaddr_t sp;
	u32 size;  /* 0: none */
	u32 flags; /* as sigaltstack was given them; SS_AUTODISARM means something */
};

/* ---- signal.c ---- */
void signal_init(void);
/* Sends info->signo to the process of t, or to t alone. 0, or -EAGAIN where a queued signal finds
 * no memory, or more than RLIMIT_SIGPENDING wait already. Any context; from an interrupt only SI_KERNEL's, which need no memory. Who is a zombie
 * is sent nothing. */
int signal_send(struct task *t, const struct sig_info *info, bool to_group);
/* Sends an entry that the caller keeps, and that is in no queue: false: it was not queued, for nobody would
 * take it. Any context. */
bool signal_send_owned(struct task *t, struct sig_queued *q, bool to_group);
/* Takes such an entry out of the queue it is in. */
void signal_withdraw(struct sig_pending *pending, struct sig_queued *q);
/* The kernel's own signal (SI_KERNEL) to a process, and to every process of a group. 0 or -ESRCH.
 * Any context. */
int signal_send_pgrp(u32 pgid, const struct sig_info *info);
/* Takes the next pending signal out of those in `mask`: its number, or 0. */
u32 signal_dequeue(struct task *t, u64 mask, struct sig_info *info);
/* Signals that t ignores, and those that it has handlers for. */
void signal_actions(const struct task *t, u64 *ignored, u64 *caught);
/* Signals of its process that t will not take are told to threads that do not block them. */
void signal_pass_on(struct task *t, u64 signals);
/* Sets or clears WORK_SIGNAL of the running task t, by what is pending and not blocked; what waits for its
 * process and is blocked is passed on. */
void signal_recalc(struct task *t);
/* Forgets what is pending for the signals of `mask`, process and threads. */
void signal_flush(struct thread_group *g, u64 mask);
/* What is pending when a task, or a process, goes. */
void signal_drop(struct sig_pending *pending);
static inline bool signal_is_handled(const struct sig_action *action)
{
	return action->handler > HANDLER_IGNORE;
}
bool signal_default_ignores(u32 signo);
bool signal_default_stops(u32 signo);
/* Ends a process with this wait status: every thread but the running one is told. Any context. */
void group_kill(struct thread_group *g, u32 status);
/* Wakes a thread for its end, from whatever sleep may be ended. */
void thread_kill(struct task *t);
__must_check struct sighand *sighand_copy(const struct sighand *from); /* from NULL: all default */
void sighand_put(struct sighand *sighand);
/* exec: handlers become the default. */
void sighand_reset(struct task *t);
bool pgrp_is_orphaned(u32 pgid, const struct task *ignore);

/* ---- deliver.c ---- */
/* A forced signal: a blocked or ignored one becomes deadly. t->fault_what is set before. */
void signal_force(struct task *t, const struct sig_info *info);
/* The parent learns that a child stopped, went on (code CLD_STOPPED, CLD_CONTINUED). */
void notify_parent_stop(struct task *leader, s32 code, u32 status);
/* The group has a stop_signal; when all its threads have stopped, the parent is told, once. */
void report_stop(struct thread_group *g);

/* ---- sigframe.c ---- */
/* The handler of info->signo, which has one, is entered: its frame is on the user stack, and its signals are
 * blocked. Where there is no room for a frame, SIGSEGV is forced. regs are no system call's any more. */
void signal_enter_handler(struct trap_frame *regs, const struct sig_info *info);
bool on_alt_stack(const struct task *t, vaddr_t sp);
long alt_stack_set(struct task *t, vaddr_t new_stack, vaddr_t old_stack, vaddr_t sp);
