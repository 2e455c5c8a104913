/*
 * Sessions and job control, as far as the terminal has a part in them.
 *
 * A session has at most one controlling terminal, and a terminal controls at most one session: tty->session. In it one
 * group of processes is in the foreground: keys signal it, and it alone reads. Others are stopped when they read
 * (SIGTTIN), or change the terminal, or write with TOSTOP set (SIGTTOU):
 *
 *   caller                                      read     write (TOSTOP) or change
 *   of another session, or in the foreground    goes on  goes on
 *   ignores or blocks the signal                -EIO     goes on
 *   its group is orphaned                       -EIO     -EIO
 *   else                                        the group is signalled, -ERESTARTSYS
 *
 * Processes are a higher room, which registers what it is asked.
 */
#include "kernel/core/tty.h"
#include "arch/i386/cpu/usercopy.h"
#include "lib/err.h"
#include "lib/panic.h"
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/major.h>

static struct tty_caller nobody(void)
{
	return (struct tty_caller){0};
}
static bool ignores_nothing(int signo __maybe_unused)
{
	return false;
}
static bool always_orphaned(u32 group __maybe_unused)
{
	return true;
}
static u32 no_session(u32 group __maybe_unused)
{
	return 0;
}
static void signal_nobody(u32 group __maybe_unused, int signo __maybe_unused)
{
}
static const struct tty_process_ops no_processes = {
	.caller = nobody,
	.ignores = ignores_nothing,
	.orphaned = always_orphaned,
	.group_session = no_session,
	.signal = signal_nobody,
};
static const struct tty_process_ops *processes = &no_processes;

void tty_set_process_ops(const struct tty_process_ops *ops)
{
	processes = ops;
}

static bool controls_caller(const struct tty *tty, const struct tty_caller *c)
{
	return c->session && tty->session == c->session;
}

struct tty *tty_of_session(u32 session)
{
	struct tty *tty;

	list_for_each_entry (tty, &ttys, node)
		if (session && tty->session == session)
			return tty;
	return NULL;
}

void tty_signal_foreground(struct tty *tty, int signo)
{
	if (tty->foreground)
		processes->signal(tty->foreground, signo);
}

int tty_check_background(struct tty *tty, int signo)
{
	struct tty_caller c = processes->caller();

	if (!controls_caller(tty, &c) || !tty->foreground || c.group == tty->foreground)
		return 0;
	if (processes->ignores(signo))
		return signo == SIGTTIN ? -EIO : 0;
	if (processes->orphaned(c.group))
		return -EIO;
	processes->signal(c.group, signo);
	return -ERESTARTSYS;
}

/* Its processes lose the terminal: who is in the foreground is told, and open files are at their end. */
static void hang_up(struct tty *tty)
{
	u32 group = tty->foreground;
	struct char_device *dev;

	tty->session = tty->foreground = 0;
	/* Nobody is left who could type ^Q. */
	tty->held = false;
	tty_start_output(tty);
	list_for_each_entry (dev, &char_devices, node)
		if (dev->private == tty && dev->ops == &tty_char_ops)
			dev->hangups++;
	wake_up_all(&tty->waiters);
	if (group) {
		processes->signal(group, SIGHUP);
		processes->signal(group, SIGCONT);
	}
}

void tty_session_ends(u32 session)
{
	struct tty *tty = tty_of_session(session);

	if (tty)
		hang_up(tty);
}

static void take(struct tty *tty, const struct tty_caller *c)
{
	tty->session = c->session;
	tty->foreground = c->group;
}

/* The leader of a session without a terminal gets the first it opens. */
void tty_take_for_session(struct tty *tty, u32 flags)
{
	struct tty_caller c = processes->caller();

	if ((flags & O_NOCTTY) || !c.session || c.pid != c.session || tty->session ||
	    tty_of_session(c.session))
		return;
	take(tty, &c);
}

/* ---- ioctl_tty(2) ---- */

static long set_session(struct tty *tty, bool steal)
{
	struct tty_caller c = processes->caller();

	if (controls_caller(tty, &c) && c.pid == c.session)
		return 0;
	if (!c.session || c.pid != c.session || tty_of_session(c.session))
		return -EPERM;
	if (tty->session && !steal)
		return -EPERM;
	take(tty, &c);
	return 0;
}

static long give_up(struct tty *tty)
{
	struct tty_caller c = processes->caller();

	if (!controls_caller(tty, &c))
		return -ENOTTY;
	/* That another than the leader gives it up for itself alone is not kept. */
	if (c.pid == c.session) {
		u32 group = tty->foreground;

		tty->session = tty->foreground = 0;
		if (group) {
			processes->signal(group, SIGHUP);
			processes->signal(group, SIGCONT);
		}
	}
	return 0;
}

static long set_foreground(struct tty *tty, vaddr_t arg)
{
	struct tty_caller c = processes->caller();
	u32 group, session;
	int ret = tty_check_background(tty, SIGTTOU);

	if (ret)
		return ret;
	if (!controls_caller(tty, &c))
		return -ENOTTY;
	if (get_user_u32(&group, (const u32 __user *)arg))
		return -EFAULT;
	if ((s32)group < 0)
		return -EINVAL;
	session = processes->group_session(group);
	if (!session)
		return -ESRCH;
	if (session != c.session)
		return -EPERM;
	tty->foreground = group;
	return 0;
}

long tty_session_ioctl(struct tty *tty, u32 cmd, vaddr_t arg)
{
	struct tty_caller c = processes->caller();

	switch (cmd) {
	case TIOCSCTTY:
		return set_session(tty, arg == 1);
	case TIOCNOTTY:
		return give_up(tty);
	case TIOCSPGRP:
		return set_foreground(tty, arg);
	case TIOCGPGRP:
	case TIOCGSID:
		if (!controls_caller(tty, &c))
			return -ENOTTY;
		return put_user_u32((u32 __user *)arg,
				    cmd == TIOCGSID ? tty->session : tty->foreground);
	}
	return -ENOTTY;
}

/* ---- /dev/tty ---- */

static struct char_device *open_controlling(struct char_device *dev __maybe_unused, u32 flags)
{
	struct tty *tty = tty_of_session(processes->caller().session);

	if (!tty)
		return ERR_PTR(-ENXIO);
	return tty->device->ops->open(tty->device, flags);
}

__init void tty_session_init(void)
{
	static const struct char_ops ops = {.open = open_controlling};
	static struct char_device dev = {.name = "tty", .major = TTYAUX_MAJOR, .ops = &ops};

	BUG_ON(char_device_register(&dev));
}
