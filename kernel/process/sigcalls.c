/* System calls about signals: actions, masks, waiting, sending. The calls from before real-time
 * signals have masks of 32 bits. */
#include "kernel/process/syscall.h"
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/time.h"
#include "lib/string.h"
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/time_types.h>

#define SIGSET_SIZE  sizeof(u64)
#define SIGINFO_SIZE 128u

/* ---- actions ---- */

static int set_action(u32 signo, const struct sig_action *new, struct sig_action *old)
{
	struct task *t = current_task();
	struct sig_action *action;

	if (signo < 1 || signo > SIGNAL_MAX || (new && (SIGNAL_BIT(signo) & SIGNALS_ALWAYS)))
		return -EINVAL;
	action = &t->sighand->action[signo - 1];
	*old = *action;
	if (!new)
		return 0;
	*action = *new;
	action->mask &= ~SIGNALS_ALWAYS;
	t->sighand->changed |= SIGNAL_BIT(signo);
	/* What is ignored from now on is not pending any more (POSIX 2.4.3). */
	if (new->handler == HANDLER_IGNORE ||
	    (new->handler == HANDLER_DEFAULT &&signal_default_ignores(signo)))
		signal_flush(t->group, SIGNAL_BIT(signo));
	return 0;
}

SYSCALL_DEFINE4(rt_sigaction, u32, signo, vaddr_t, new, vaddr_t, old, u32, size)
{
	struct sig_action action, before;
	int err;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (new &&copy_from_user(&action, uptr(new), sizeof(action)))
		return -EFAULT;
	err = set_action(signo, new ? &action : NULL, &before);
	if (err)
		return err;
	return old && copy_to_user(uptr(old), &before, sizeof(before)) ? -EFAULT : 0;
}

struct old_action {
	u32 handler, mask, flags, restorer;
};

SYSCALL_DEFINE3(sigaction, u32, signo, vaddr_t, new, vaddr_t, old)
{
	struct old_action action;
	struct sig_action to, before;
	int err;

	if (new) {
		if (copy_from_user(&action, uptr(new), sizeof(action)))
			return -EFAULT;
		to = (struct sig_action){action.handler, action.flags, action.restorer,
					 action.mask};
	}
	err = set_action(signo, new ? &to : NULL, &before);
	if (err || !old)
		return err;
	action = (struct old_action){before.handler, (u32)before.mask, before.flags,
				     before.restorer};
	return copy_to_user(uptr(old), &action, sizeof(action)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(signal, u32, signo, u32, handler)
{
	struct sig_action to = {handler, SA_ONESHOT | SA_NOMASK, 0, 0}, before;
	int err = set_action(signo, &to, &before);

	return err ? err : (long)before.handler;
}

/* ---- masks ---- */

static int change_mask(s32 how, u64 set, u64 in_reach)
{
	struct task *t = current_task();
	u64 before = t->sig_blocked;

	switch (how) {
	case SIG_BLOCK:
		set |= before;
		break;
	case SIG_UNBLOCK:
		set = before & ~set;
		break;
	case SIG_SETMASK:
		set |= before & ~in_reach;
		break;
	default:
		return -EINVAL;
	}
	signal_set_blocked(t, set);
	return 0;
}

SYSCALL_DEFINE4(rt_sigprocmask, s32, how, vaddr_t, new, vaddr_t, old, u32, size)
{
	u64 before = current_task()->sig_blocked, set;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (new) {
		int err;

		if (copy_from_user(&set, uptr(new), sizeof(set)))
			return -EFAULT;
		err = change_mask(how, set, ~0ull);
		if (err)
			return err;
	}
	return old && copy_to_user(uptr(old), &before, sizeof(before)) ? -EFAULT : 0;
}

SYSCALL_DEFINE3(sigprocmask, s32, how, vaddr_t, new, vaddr_t, old)
{
	u32 before = (u32)current_task()->sig_blocked, set;

	if (new) {
		int err;

		if (get_user_u32(&set, uptr(new)))
			return -EFAULT;
		err = change_mask(how, set, 0xFFFFFFFFu);
		if (err)
			return err;
	}
	return old && put_user_u32(uptr(old), before) ? -EFAULT : 0;
}

SYSCALL_DEFINE0(sgetmask)
{
	return (long)(u32)current_task()->sig_blocked;
}

SYSCALL_DEFINE1(ssetmask, u32, set)
{
	u32 before = (u32)current_task()->sig_blocked;

	signal_set_blocked(current_task(), set);
	return (long)before;
}

static u64 pending_blocked(void)
{
	const struct task *t = current_task();

	return signal_pending_set(t) & t->sig_blocked;
}

SYSCALL_DEFINE2(rt_sigpending, vaddr_t, set, u32, size)
{
	u64 pending = pending_blocked();

	if (size > SIGSET_SIZE)
		return -EINVAL;
	return copy_to_user(uptr(set), &pending, size) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(sigpending, vaddr_t, set)
{
	return put_user_u32(uptr(set), (u32)pending_blocked()) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(sigaltstack, vaddr_t, new, vaddr_t, old)
{
	const struct trap_frame *regs =
		(struct trap_frame *)((char *)current->stack + KSTACK_SIZE) - 1;

	return alt_stack_set(current_task(), new, old, regs->esp);
}

/* ---- waiting ---- */

static int sleep_for_signal(void)
{
	struct wait_queue never;

	wait_queue_init(&never);
	return wait_event_interruptible(never, false) ? -ERESTARTNOHAND : 0;
}

SYSCALL_DEFINE0(pause)
{
	return sleep_for_signal();
}

static long suspend(u64 set)
{
	struct task *t = current_task();

	t->sig_saved = t->sig_blocked;
	t->sig_restore = true;
	signal_set_blocked(t, set);
	return sleep_for_signal();
}

int signal_mask_for_wait(vaddr_t from, u32 size)
{
	struct task *t = current_task();
	u64 set;

	if (!from)
		return 0;
	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (copy_from_user(&set, uptr(from), sizeof(set)))
		return -EFAULT;
	t->sig_saved = t->sig_blocked;
	t->sig_restore = true;
	signal_set_blocked(t, set);
	return 0;
}

void signal_mask_after_wait(long result)
{
	struct task *t = current_task();

	if (!t->sig_restore || result == -ERESTARTNOHAND)
		return;
	t->sig_restore = false;
	signal_set_blocked(t, t->sig_saved);
}

SYSCALL_DEFINE2(rt_sigsuspend, vaddr_t, from, u32, size)
{
	u64 set;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	return copy_from_user(&set, uptr(from), sizeof(set)) ? -EFAULT : suspend(set);
}

SYSCALL_DEFINE3(sigsuspend, u32, unused1, u32, unused2, u32, set)
{
	(void)unused1;
	(void)unused2;
	return suspend(set);
}

/* Until a signal of `set` is pending, another is, or the time is up: its number, -EINTR, -EAGAIN.
 */
static long wait_for_signal(u64 set, bool timed, u64 ns, struct sig_info *info)
{
	struct task *t = current_task();
	u64 left, expires = timed ? time_monotonic_ns() + ns : SLEEP_FOREVER;
	u32 signo;
	int err = 0;

	set &= ~SIGNALS_ALWAYS;
	signo = signal_dequeue(t, set, info);
	if (signo)
		return signo;
	if (timed && !ns)
		return -EAGAIN;
	t->sig_waited = set;
	signal_recalc(t);
	err = sleep_until(expires, &left);
	t->sig_waited = 0;
	signo = signal_dequeue(t, set, info);
	signal_recalc(t);
	if (signo)
		return signo;
	return err ? -EINTR : -EAGAIN;
}

static int put_info(vaddr_t to, const struct sig_info *info)
{
	u32 whole[SIGINFO_SIZE / sizeof(u32)] = {0};

	memcpy(whole, info, sizeof(*info));
	return copy_to_user(uptr(to), whole, sizeof(whole)) ? -EFAULT : 0;
}

static long timedwait(vaddr_t from, vaddr_t to, u32 size, bool timed, s64 seconds, s32 ns)
{
	struct sig_info info;
	u64 set;
	long ret;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (copy_from_user(&set, uptr(from), sizeof(set)))
		return -EFAULT;
	if (timed && (seconds < 0 || ns < 0 || ns >= (s32)NSEC_PER_SEC))
		return -EINVAL;
	seconds = MIN(seconds, (s64)0xFFFFFFFF);
	ret = wait_for_signal(set, timed, (u64)seconds * NSEC_PER_SEC + (u32)ns, &info);
	return ret > 0 && to && put_info(to, &info) ? -EFAULT : ret;
}

SYSCALL_DEFINE4(rt_sigtimedwait, vaddr_t, set, vaddr_t, info, vaddr_t, timeout, u32, size)
{
	s32 ts[2] = {0};

	if (timeout && copy_from_user(ts, uptr(timeout), sizeof(ts)))
		return -EFAULT;
	return timedwait(set, info, size, timeout, ts[0], ts[1]);
}

SYSCALL_DEFINE4(rt_sigtimedwait64, vaddr_t, set, vaddr_t, info, vaddr_t, timeout, u32, size)
{
	struct __kernel_timespec ts = {0};

	if (timeout && copy_from_user(&ts, uptr(timeout), sizeof(ts)))
		return -EFAULT;
	return timedwait(set, info, size, timeout, ts.tv_sec, (s32)ts.tv_nsec);
}

/* ---- sending ---- */

static struct sig_info own_info(s32 signo, s32 code)
{
	return (struct sig_info){
		.signo = signo, .code = code, .field = {current_task()->leader->pid}};
}

/* Signal 0 asks only whether it could be sent. That there is somebody was found before. */
static long send_or_ask(struct task *t, const struct sig_info *info, bool to_group)
{
	if (info->signo < 0 || info->signo > (s32)SIGNAL_MAX)
		return -EINVAL;
	return info->signo ? signal_send(t, info, to_group) : 0;
}

/* pid as kill(2) has it. */
static int kill_many(s32 pid, const struct sig_info *info)
{
	struct task *self = current_task()->leader;
	struct task *t;
	bool in_group = pid != -1;
	u32 pgid = pid ? (u32)-pid : self->pgid;
	long ret = -ESRCH;

	for_each_task (t)
		if (in_group ? t->pgid == pgid : t != self && t != init_task)
			ret = send_or_ask(t, info, true);
	return ret;
}

SYSCALL_DEFINE2(kill, s32, pid, s32, signo)
{
	struct sig_info info = own_info(signo, SI_USER);
	struct task *t;

	if (pid <= 0)
		return pid == INT32_MIN ? -ESRCH : kill_many(pid, &info);
	t = thread_find(pid);
	return t ? send_or_ask(t->leader, &info, true) : -ESRCH;
}

static long kill_thread(s32 tgid, s32 tid, const struct sig_info *info)
{
	struct task *t = thread_find(tid);

	if (!t || (tgid > 0 && t->leader->pid != (u32)tgid))
		return -ESRCH;
	return send_or_ask(t, info, false);
}

SYSCALL_DEFINE2(tkill, s32, tid, s32, signo)
{
	struct sig_info info = own_info(signo, SI_TKILL);

	if (tid <= 0)
		return -EINVAL;
	return kill_thread(0, tid, &info);
}

SYSCALL_DEFINE3(tgkill, s32, tgid, s32, tid, s32, signo)
{
	struct sig_info info = own_info(signo, SI_TKILL);

	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	return kill_thread(tgid, tid, &info);
}

/* An info that a program made up must not look like the kernel's, except to itself. */
static int get_info(struct sig_info *info, vaddr_t from, s32 signo, s32 pid)
{
	if (copy_from_user(info, uptr(from), sizeof(*info)))
		return -EFAULT;
	info->signo = signo;
	if ((info->code >= 0 || info->code == SI_TKILL) && (u32)pid != current_task()->leader->pid)
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE3(rt_sigqueueinfo, s32, pid, s32, signo, vaddr_t, from)
{
	struct sig_info info;
	struct task *t;
	int err = get_info(&info, from, signo, pid);

	if (err)
		return err;
	t = thread_find(pid);
	return t ? send_or_ask(t->leader, &info, true) : -ESRCH;
}

SYSCALL_DEFINE4(rt_tgsigqueueinfo, s32, tgid, s32, tid, s32, signo, vaddr_t, from)
{
	struct sig_info info;
	int err;

	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	err = get_info(&info, from, signo, tgid);
	return err ? err : kill_thread(tgid, tid, &info);
}

SYSCALL_DEFINE0(restart_syscall)
{
	struct task *t = current_task();

	return t->restart ? t->restart(t) : -EINTR;
}
