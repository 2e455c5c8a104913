/*
 * Signals, as far as they end a process.
 *
 *   disposition        what happens when it is sent
 *   default, fatal     the task ends on its way to user mode, its sleep interrupted
 *   default, harmless  nothing (CHLD, CONT, URG, WINCH; also the stopping ones: nothing here can be
 *                      stopped yet)
 *   ignored            nothing
 *   blocked            it is kept, and sent again when it is unblocked
 *
 * There are no handlers: rt_sigaction refuses one with -ENOSYS rather than accept what would never
 * be called. Ignoring, blocking and the defaults are as on Linux. Process 1 is sent nothing that
 * would end it; only its own faults do.
 */
#include "kernel/process/syscall.h"
#include "kernel/core/irq.h"
#include "arch/i386/cpu/irqflags.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <asm/siginfo.h>
#include <asm/signal.h>

#define SIGNAL_BIT(signo) ((u64)1 << ((signo)-1))
#define SIGNALS_HARMLESS                                                                         \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH) | \
	 SIGNALS_STOPPING)
#define SIGNALS_STOPPING \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
/* Neither blocked nor ignored. */
#define SIGNALS_ALWAYS (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

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

static void end_task(struct task *t, u32 signo)
{
	if (!t->fatal_signal || signo == SIGKILL)
		t->fatal_signal = signo;
	thread_interrupt(&t->thread);
}

int task_kill(struct task *t, int signo)
{
	u64 bit;

	if (signo < 0 || signo > SIGNAL_MAX)
		return -EINVAL;
	if (!signo || t->state == TASK_ZOMBIE || t == init_task)
		return 0;
	bit = SIGNAL_BIT(signo);
	if ((t->sig_blocked & bit) && !(bit & SIGNALS_ALWAYS))
		t->sig_pending |= bit;
	else if (!((t->sig_ignored | SIGNALS_HARMLESS) & bit))
		end_task(t, signo);
	return 0;
}

/* What was blocked and is not any more takes effect. */
static void deliver_pending(struct task *t)
{
	u64 ready = t->sig_pending & ~t->sig_blocked;

	t->sig_pending &= t->sig_blocked;
	for (int signo = 1; ready; signo++, ready >>= 1)
		if (ready & 1)
			task_kill(t, signo);
}

void process_return_work(struct trap_frame *regs)
{
	struct task *t = current_task();

	(void)regs;
	irq_enable();
	if (t->fatal_signal)
		task_exit(t->fatal_signal);
	t->thread.work = 0;
	schedule();
	if (t->fatal_signal)
		task_exit(t->fatal_signal);
}

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

void process_fault_signal(struct trap_frame *regs, int signo, int si_code, vaddr_t addr,
			  const char *what)
{
	struct task *t = current_task();
	bool access = (signo == SIGSEGV || signo == SIGBUS) && what[0] != '#';

	if (access)
		printk("%s[%u]: %s: %s %s at 0x%08x, eip 0x%08x%s, esp 0x%08x\n", t->thread.name,
		       t->pid, signal_name(signo), what, describe_address(addr), addr, regs->eip,
		       code_name(signo, si_code), regs->esp);
	else
		printk("%s[%u]: %s: %s, eip 0x%08x, esp 0x%08x\n", t->thread.name, t->pid,
		       signal_name(signo), what, regs->eip, regs->esp);
	end_task(t, signo);
}

/* ---- system calls ---- */

/* pid as kill(2) has it. Counts the tasks that were sent it in *nr. */
static int kill_many(s32 pid, int signo)
{
	struct task *self = current_task();
	u32 group = pid ? (u32)-pid : self->pgid;
	struct task *t;
	u32 nr = 0;

	for_each_task (t) {
		if (t->state == TASK_ZOMBIE)
			continue;
		if (pid == -1 ? t == self || t == init_task : t->pgid != group)
			continue;
		task_kill(t, signo);
		nr++;
	}
	return nr ? 0 : -ESRCH;
}

SYSCALL_DEFINE2(kill, s32, pid, s32, signo)
{
	struct task *t;

	if (signo < 0 || signo > SIGNAL_MAX)
		return -EINVAL;
	if (pid <= 0)
		return pid == INT32_MIN ? -ESRCH : kill_many(pid, signo);
	t = task_find(pid);
	return t ? task_kill(t, signo) : -ESRCH;
}

SYSCALL_DEFINE2(tkill, s32, tid, s32, signo)
{
	struct task *t;

	if (tid <= 0 || signo < 0 || signo > SIGNAL_MAX)
		return -EINVAL;
	t = task_find(tid);
	return t && t->state == TASK_ALIVE ? task_kill(t, signo) : -ESRCH;
}

SYSCALL_DEFINE3(tgkill, s32, tgid, s32, tid, s32, signo)
{
	struct task *t;

	if (tgid <= 0 || tid <= 0 || signo < 0 || signo > SIGNAL_MAX)
		return -EINVAL;
	t = task_find(tid);
	return tgid == tid && t && t->state == TASK_ALIVE ? task_kill(t, signo) : -ESRCH;
}

/* struct sigaction of the rt_ calls on i386: handler, flags, restorer, then 64 bits of mask. */
struct rt_sigaction {
	u32 handler;
	u32 flags;
	u32 restorer;
	u64 mask;
} __packed;
static_assert(sizeof(struct rt_sigaction) == 20, "Linux i386 ABI");

/* <asm/signal-defs.h> has them as pointers */
#define HANDLER_DEFAULT 0u
#define HANDLER_IGNORE  1u

SYSCALL_DEFINE4(rt_sigaction, s32, signo, vaddr_t, new, vaddr_t, old, u32, size)
{
	struct task *t = current_task();
	struct rt_sigaction action, before = {0};
	u64 bit;

	if (size != sizeof(u64))
		return -EINVAL;
	if (new &&copy_from_user(&action, uptr(new), sizeof(action)))
		return -EFAULT;
	if (signo < 1 || signo > SIGNAL_MAX)
		return -EINVAL;
	bit = SIGNAL_BIT(signo);
	if (new && (bit & SIGNALS_ALWAYS))
		return -EINVAL;
	if (new &&action.handler > HANDLER_IGNORE)
		return -ENOSYS;
	before.handler = t->sig_ignored & bit ? HANDLER_IGNORE : HANDLER_DEFAULT;
	if (new) {
		t->sig_ignored &= ~bit;
		if (action.handler == HANDLER_IGNORE) {
			t->sig_ignored |= bit;
			t->sig_pending &= ~bit;
		}
	}
	return old && copy_to_user(uptr(old), &before, sizeof(before)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(rt_sigprocmask, s32, how, vaddr_t, new, vaddr_t, old, u32, size)
{
	struct task *t = current_task();
	u64 before = t->sig_blocked, set;

	if (size != sizeof(u64))
		return -EINVAL;
	if (new) {
		if (copy_from_user(&set, uptr(new), sizeof(set)))
			return -EFAULT;
		switch (how) {
		case SIG_BLOCK:
			set |= before;
			break;
		case SIG_UNBLOCK:
			set = before & ~set;
			break;
		case SIG_SETMASK:
			break;
		default:
			return -EINVAL;
		}
		t->sig_blocked = set & ~SIGNALS_ALWAYS;
		deliver_pending(t);
	}
	return old && copy_to_user(uptr(old), &before, sizeof(before)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(rt_sigpending, vaddr_t, set, u32, size)
{
	u64 pending = current_task()->sig_pending;

	if (size > sizeof(u64))
		return -EINVAL;
	return copy_to_user(uptr(set), &pending, size) ? -EFAULT : 0;
}

SYSCALL_DEFINE0(pause)
{
	struct wait_queue never;

	wait_queue_init(&never);
	return wait_event_interruptible(never, false);
}
