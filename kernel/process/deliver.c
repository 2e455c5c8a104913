/*
 * Signals on the way to user mode: stopping, ending, entering handlers, and what becomes of the
 * system call that was interrupted (the table in lib/err.h).
 *
 *   action           what happens
 *   handler          a frame on the user stack (sigframe.c), then the handler runs; one a pass, so
 * that several pending ones nest as on Linux default: stop    all threads sleep until SIGCONT or
 * SIGKILL; the parent is told when the last of them does default: end     all threads end; a fault
 * says what it did where ignored          nothing
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/irq.h"
#include "lib/printk.h"
#include "mm/vm/mm.h"
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/unistd.h>

#define INT80_LEN 2u /* bytes of the instruction that a restarted call executes again */

/* ---- faults ---- */

static const char *describe_address(vaddr_t addr)
{
	const struct vm_area_struct *vma = addr < USER_END ? vma_at(current->mm, addr) : NULL;

	if (addr >= USER_END)
		return "the kernel's part";
	if (!vma)
		return addr < PAGE_SIZE ? "unmapped (a null pointer)" : "unmapped";
	if (vma->flags & VM_STACK)
		return "stack";
	if (vma->flags & VM_HEAP)
		return "heap";
	if (vma->flags & VM_EXEC)
		return "read-only text";
	if (!(vma->flags & (VM_READ | VM_WRITE)))
		return "inaccessible memory";
	return vma->flags & VM_WRITE ? "data" : "read-only data";
}

/* Why an address was refused, or "" where the signal says it all. */
static const char *code_name(int signo, int code)
{
	if (signo == SIGSEGV)
		return code == SEGV_MAPERR ? " (MAPERR)" : code == SEGV_ACCERR ? " (ACCERR)" : "";
	return "";
}

static const char *describe_access(u32 error, bool execution)
{
	if (execution)
		return "execution of";
	return error & FAULT_FLAG_WRITE ? "write to" : "read of";
}

static void print_fault(const struct task *t, const struct trap_frame *regs,
			const struct sig_info *info)
{
	const char *what = t->fault_what;
	vaddr_t addr = info->field[0];
	bool access;

	if (!what)
		what = describe_access(t->trap_error, addr == regs->eip);
	access = (info->signo == SIGSEGV || info->signo == SIGBUS) && what[0] != '#';
	if (access)
		printk("%s[%u]: %s: %s %s at 0x%08x, eip 0x%08x%s, esp 0x%08x\n", t->thread.name,
		       t->pid, signal_name(info->signo), what, describe_address(addr), addr,
		       regs->eip, code_name(info->signo, info->code), regs->esp);
	else
		printk("%s[%u]: %s: %s, eip 0x%08x, esp 0x%08x\n", t->thread.name, t->pid,
		       signal_name(info->signo), what, regs->eip, regs->esp);
}

void signal_force(struct task *t, const struct sig_info *info)
{
	struct sig_action *action = &t->sighand->action[info->signo - 1];
	u64 bit = SIGNAL_BIT(info->signo);

	if (unlikely((t->sig_blocked & bit) || action->handler == HANDLER_IGNORE)) {
		action->handler = HANDLER_DEFAULT;
		t->sig_blocked &= ~bit;
	}
	t->fault = *info;
	thread_work_set(&t->thread, WORK_SIGNAL);
}

/* ---- stopping ---- */

void notify_parent_stop(struct task *leader, s32 code, u32 status)
{
	struct task *parent = leader->parent;
	const struct sig_action *action;
	struct sig_info info = {.signo = SIGCHLD, .code = code};

	if (!parent)
		return;
	action = &parent->sighand->action[SIGCHLD - 1];
	info.field[0] = leader->pid;
	info.field[2] = status;
	if (action->handler != HANDLER_IGNORE && !(action->flags & SA_NOCLDSTOP))
		signal_send(parent, &info, true);
	wake_up_all(&parent->child_exit);
}

void report_stop(struct thread_group *g)
{
	if (g->nr_stopped != g->nr_live || g->reported_stop)
		return;
	g->reported_stop = g->stop_signal;
	g->stop_news = true;
	g->continue_news = false;
	notify_parent_stop(g->leader, CLD_STOPPED, g->stop_signal);
}

/* The group has a stop_signal: sleeps until it has none. */
static void stop_here(struct task *t)
{
	struct thread_group *g = t->group;

	t->stopped = true;
	g->nr_stopped++;
	report_stop(g);
	for (;;) {
		WRITE_ONCE(t->thread.state, THREAD_SLEEPING_UNINTERRUPTIBLE);
		barrier();
		if (!READ_ONCE(g->stop_signal) || READ_ONCE(t->fatal_signal))
			break;
		schedule();
	}
	WRITE_ONCE(t->thread.state, THREAD_RUNNING);
	t->stopped = false;
	g->nr_stopped--;
}

static void stop_group(struct task *t, u32 signo)
{
	struct thread_group *g = t->group;
	struct task *thread;

	/* A stop from the terminal is not for a group that no shell watches. */
	if (signo != SIGSTOP && pgrp_is_orphaned(t->pgid, NULL))
		return;
	if (g->exiting || g->stop_signal)
		return;
	g->stop_signal = signo;
	g->reported_stop = 0;
	for_each_thread (thread, g)
		if (thread != t)
			thread_interrupt(&thread->thread);
}

/* ---- handlers and restarts ---- */

static bool is_call(const struct trap_frame *regs)
{
	return regs->error == FRAME_SYSCALL;
}

static void call_again(struct trap_frame *regs, u32 number)
{
	regs->eax = number;
	regs->eip -= INT80_LEN;
	regs->error = 0;
}

/* A handler is about to run. */
static void settle_call(struct trap_frame *regs, const struct sig_action *action)
{
	if (!is_call(regs))
		return;
	switch (-(s32)regs->eax) {
	case ERESTARTSYS:
		if (!(action->flags & SA_RESTART)) {
			regs->eax = -EINTR;
			break;
		}
		fallthrough;
	case ERESTARTNOINTR:
		call_again(regs, regs->vector);
		break;
	case ERESTARTNOHAND:
	case ERESTART_BLOCK:
		regs->eax = -EINTR;
	}
	regs->error = 0;
}

/* No handler ran. */
static void settle_call_unhandled(struct trap_frame *regs)
{
	if (!is_call(regs))
		return;
	switch (-(s32)regs->eax) {
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
		call_again(regs, regs->vector);
		break;
	case ERESTART_BLOCK:
		call_again(regs, __NR_restart_syscall);
	}
}

static u32 next_to_deliver(struct task *t, struct sig_info *info)
{
	if (t->fault.signo) {
		*info = t->fault;
		t->fault.signo = 0;
		return info->signo;
	}
	return signal_dequeue(t, ~t->sig_blocked, info);
}

/* A signal without handler. */
static void act_by_default(struct task *t, struct trap_frame *regs, const struct sig_info *info,
			   bool forced)
{
	u32 signo = info->signo;

	if (signal_default_ignores(signo) || (t->leader == init_task && !forced))
		return;
	if (signal_default_stops(signo) && !forced) {
		stop_group(t, signo);
		return;
	}
	if (forced)
		print_fault(t, regs, info);
	group_kill(t->group, signo);
}

static void deliver(struct task *t, struct trap_frame *regs)
{
	struct sig_info info;
	u32 signo;

	for (;;) {
		bool forced = t->fault.signo;
		struct sig_action *action;

		if (t->fatal_signal)
			task_exit(t->group->exiting ? t->group->exit_status : t->fatal_signal);
		if (t->group->stop_signal) {
			stop_here(t);
			continue;
		}
		signo = next_to_deliver(t, &info);
		if (!signo)
			break;
		action = &t->sighand->action[signo - 1];
		if (signal_is_handled(action)) {
			settle_call(regs, action);
			signal_enter_handler(regs, &info);
			return;
		}
		if (action->handler == HANDLER_DEFAULT)
			act_by_default(t, regs, &info, forced);
	}
	settle_call_unhandled(regs);
	if (t->sig_restore) {
		t->sig_restore = false;
		t->sig_blocked = t->sig_saved;
	}
	signal_recalc(t);
}

void process_return_work(struct trap_frame *regs)
{
	struct task *t = current_task();

	irq_enable();
	if (t->nr_held)
		task_drop_held(t);
	thread_work_clear(&t->thread, WORK_FILES);
	if (t->thread.work & WORK_SIGNAL)
		deliver(t, regs);
	if (t->thread.work & WORK_RESCHED)
		schedule();
}
