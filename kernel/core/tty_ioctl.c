/* ioctl_tty(2), but for what belongs to sessions. */
#include "kernel/core/tty.h"
#include "arch/i386/cpu/usercopy.h"
#include "lib/err.h"
#include "lib/string.h"
#include <asm/signal.h>

static void __user *uptr(vaddr_t arg)
{
	return (void __user *)arg;
}

static long get_termios(const struct tty *tty, vaddr_t arg)
{
	return copy_to_user(uptr(arg), &tty->termios, sizeof(tty->termios)) ? -EFAULT : 0;
}

/* Output is with the device when write() returns, so there is nothing to wait for (TCSETSW). */
static long set_termios(struct tty *tty, u32 cmd, vaddr_t arg)
{
	struct termios t;
	int ret = tty_check_background(tty, SIGTTOU);

	if (ret)
		return ret;
	if (copy_from_user(&t, uptr(arg), sizeof(t)))
		return -EFAULT;
	if (cmd == TCSETSF)
		tty_flush_input(tty);
	else
		tty_pump(tty); /* what was typed before is read as it was then */
	if (tty->driver->configure)
		tty->driver->configure(tty, &t);
	tty_set_termios(tty, &t);
	return 0;
}

void tty_set_size(struct tty *tty, const struct winsize *size)
{
	if (!memcmp(&tty->size, size, sizeof(*size)))
		return;
	tty->size = *size;
	tty_signal_foreground(tty, SIGWINCH);
}

static long set_size(struct tty *tty, vaddr_t arg)
{
	struct winsize size;

	if (copy_from_user(&size, uptr(arg), sizeof(size)))
		return -EFAULT;
	tty_set_size(tty, &size);
	return 0;
}

static long flush(struct tty *tty, vaddr_t queue)
{
	int ret = tty_check_background(tty, SIGTTOU);

	if (ret)
		return ret;
	if (queue > TCIOFLUSH)
		return -EINVAL;
	if (queue != TCOFLUSH)
		tty_flush_input(tty);
	if (queue != TCIFLUSH)
		tty->out_len = tty->out_whole = tty->out_state = 0;
	return 0;
}

static long flow(struct tty *tty, vaddr_t action)
{
	int ret = tty_check_background(tty, SIGTTOU);
	char c;

	if (ret)
		return ret;
	switch (action) {
	case TCOOFF:
		tty->stopped = tty->held = true;
		return 0;
	case TCOON:
		/* What ^S stopped, it does not continue. */
		if (!tty->held)
			return 0;
		tty->held = false;
		tty_start_output(tty);
		return 0;
	case TCIOFF:
	case TCION:
		c = tty->termios.c_cc[action == TCIOFF ? VSTOP : VSTART];
		if (c)
			tty->driver->write(tty, &c, 1);
		return 0;
	}
	return -EINVAL;
}

static u32 input_waiting(struct tty *tty)
{
	u32 n = 0;

	tty_pump(tty);
	for (u32 at = tty->read_at; at != tty->line_start; at++)
		n += !(tty->input[at % TTY_INPUT_SIZE] & TTY_NOTHING);
	return n;
}

static long type_character(struct tty *tty, vaddr_t arg)
{
	char c;

	if (copy_from_user(&c, uptr(arg), 1))
		return -EFAULT;
	tty_input(tty, &c, 1);
	return 0;
}

long tty_ioctl(struct char_device *dev, u32 cmd, vaddr_t arg)
{
	struct tty *tty = dev->private;

	switch (cmd) {
	case TCGETS:
		return get_termios(tty, arg);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(tty, cmd, arg);
	case TIOCGWINSZ:
		return copy_to_user(uptr(arg), &tty->size, sizeof(tty->size)) ? -EFAULT : 0;
	case TIOCSWINSZ:
		return set_size(tty, arg);
	case TCFLSH:
		return flush(tty, arg);
	case TCXONC:
		return flow(tty, arg);
	case TCSBRK:
	case TCSBRKP: /* no break is sent; what was written is with the device */
		return tty_check_background(tty, SIGTTOU);
	case TIOCOUTQ:
		return put_user_u32(uptr(arg), 0);
	case FIONREAD:
		return put_user_u32(uptr(arg), input_waiting(tty));
	case TIOCSTI:
		return type_character(tty, arg);
	}
	return tty_session_ioctl(tty, cmd, arg);
}
