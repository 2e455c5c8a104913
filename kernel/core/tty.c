/*
 * Terminals.
 *
 *   device, interrupt ──> raw ──(tty_pump)──> input ──> read
 *                                   │
 *                                   ├──> echo ──┐
 *                                   └──> signals│
 *                    write ──> c_oflag ──> out ─┴──> driver
 *
 * An interrupt only stores bytes and wakes the terminals' thread. Everything else is done by threads (tty_line.c): that
 * one, so that echo and Ctrl-C work while nobody reads, and whoever reads, writes or polls. The kernel is not
 * pre-empted and nothing here sleeps halfway, so a terminal's state needs no lock.
 *
 * input holds characters; [read_at, line_start) may be read, [line_start, line_end) is the line being typed, which can
 * still be edited. Out of canonical mode the latter is always empty. When input is full, or nobody has the terminal open,
 * characters wait in raw, and when that is full, the driver.
 *
 * What a program writes goes to the device in pieces that end no escape sequence (nor UTF-8 character) in its middle: its
 * beginning waits in out for the rest. So neither echo nor the kernel's messages come between, although a program's
 * buffer may. A sequence longer than out is let go.
 *
 * Rejected: doing it all in the interrupt, which would write to a slow serial line with interrupts off; and an output
 * buffer emptied by interrupts, which messages and panics would have to take over in the middle.
 */
#include "kernel/core/tty.h"
#include "arch/i386/cpu/irqflags.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/time.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <asm/poll.h>
#include <asm/signal.h>
#include <linux/fcntl.h>

#define PIECE         128u
#define DECISECOND_NS 100000000u /* the unit of VTIME */

LIST_HEAD(ttys);

/* Linux's INIT_C_CC: ^C ^\ DEL ^U ^D, VMIN 1, ^Q ^S ^Z ^R ^O ^W ^V */
static const struct termios first_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = {[VINTR] = 3,
		 [VQUIT] = 28,
		 [VERASE] = 127,
		 [VKILL] = 21,
		 [VEOF] = 4,
		 [VMIN] = 1,
		 [VSTART] = 17,
		 [VSTOP] = 19,
		 [VSUSP] = 26,
		 [VREPRINT] = 18,
		 [VDISCARD] = 15,
		 [VWERASE] = 23,
		 [VLNEXT] = 22},
};

void tty_register(struct tty *tty)
{
	tty->termios = first_termios;
	wait_queue_init(&tty->waiters);
	list_add_tail(&tty->node, &ttys);
}

/* ---- input ---- */

static struct wait_queue input_arrived = {.waiters = LIST_HEAD_INIT(input_arrived.waiters)};
static bool has_arrived;

u32 tty_input(struct tty *tty, const void *bytes, u32 len)
{
	u32 flags = irq_save();
	const u8 *from = bytes;
	u32 left;

	while (len-- && tty->raw_in - tty->raw_out < TTY_RAW_SIZE)
		tty->raw[tty->raw_in++ % TTY_RAW_SIZE] = *from++;
	left = TTY_RAW_SIZE - (tty->raw_in - tty->raw_out);
	if (!left)
		tty->throttled = true;
	has_arrived = true;
	wake_up_all(&input_arrived);
	irq_restore(flags);
	return left;
}

static bool any_pending(void)
{
	struct tty *tty;

	if (!READ_ONCE(has_arrived))
		return false;
	WRITE_ONCE(has_arrived, false);
	list_for_each_entry (tty, &ttys, node)
		if (tty_pump_pending(tty))
			return true;
	return false;
}

static void tty_thread(void *arg __maybe_unused)
{
	struct tty *tty;

	for (;;) {
		if (wait_event_interruptible(input_arrived, any_pending()))
			continue;
		list_for_each_entry (tty, &ttys, node)
			tty_pump(tty);
	}
}

struct alarm {
	struct timer timer;
	struct tty *tty;
};

static void alarm_rings(struct timer *t)
{
	wake_up_all(&container_of(t, struct alarm, timer)->tty->waiters);
}

static u32 readable(struct tty *tty)
{
	tty_pump(tty);
	return tty->line_start - tty->read_at;
}

static bool canonical(const struct tty *tty)
{
	return tty->termios.c_lflag & ICANON;
}

/*
 * Waits for input out of canonical mode: VMIN characters, or VTIME after the last of some, or after the beginning
 * if VMIN is 0. Settings may change meanwhile.
 */
static int wait_raw(struct char_device *dev, size_t len, u32 hangups)
{
	struct tty *tty = dev->private;
	struct alarm alarm = {.tty = tty};
	int ret = 0;

	for (;;) {
		u32 least = MIN(len, (size_t)tty->termios.c_cc[VMIN]);
		u32 tenths = tty->termios.c_cc[VTIME];
		u32 had = readable(tty);

		if (had >= MAX(least, 1u) || (!least && !tenths) || canonical(tty))
			break;
		if (tenths && (had || !least))
			timer_start(&alarm.timer, time_monotonic_ns() + (u64)tenths * DECISECOND_NS,
				    alarm_rings);
		else
			tenths = 0;
		ret = wait_event_interruptible(tty->waiters,
					       readable(tty) != had || dev->hangups != hangups ||
						       canonical(tty) ||
						       (tenths && !READ_ONCE(alarm.timer.armed)));
		if (tenths && !timer_cancel(&alarm.timer) && readable(tty) == had)
			break;
		if (ret || dev->hangups != hangups)
			break;
	}
	return ret;
}

static int wait_readable(struct char_device *dev, size_t len, u32 flags)
{
	struct tty *tty = dev->private;
	u32 hangups = dev->hangups;
	int ret;

	if (flags & O_NONBLOCK) {
		bool may_be_none =
			!canonical(tty) && !tty->termios.c_cc[VMIN] && !tty->termios.c_cc[VTIME];

		return readable(tty) || may_be_none ? 0 : -EAGAIN;
	}
	do {
		if (canonical(tty))
			ret = wait_event_interruptible(tty->waiters,
						       readable(tty) || !canonical(tty) ||
							       dev->hangups != hangups);
		else
			ret = wait_raw(dev, len, hangups);
	} while (!ret && canonical(tty) && !readable(tty) && dev->hangups == hangups);
	return ret && readable(tty) && !canonical(tty) ? 0 : ret;
}

/* Up to PIECE characters; *more: the line, or what else was asked for, goes on. */
static u32 take_piece(struct tty *tty, u8 *to, size_t len, bool *more)
{
	u32 done = 0;

	*more = true;
	while (done < MIN(len, (size_t)PIECE) && tty->read_at != tty->line_start) {
		u16 c = tty->input[tty->read_at++ % TTY_INPUT_SIZE];

		if (!(c & TTY_NOTHING))
			to[done++] = c;
		else if (!canonical(tty))
			continue;
		if ((c & TTY_LINE_END) && canonical(tty)) {
			*more = false;
			break;
		}
	}
	/* An end of input right behind what fills the buffer is told by what was read being no more. */
	if (done == len && *more && canonical(tty) && tty->read_at != tty->line_start &&
	    (tty->input[tty->read_at % TTY_INPUT_SIZE] & TTY_NOTHING))
		tty->read_at++;
	if (done == len || tty->read_at == tty->line_start)
		*more = false;
	return done;
}

static ssize_t tty_read(struct char_device *dev, void __user *buf, size_t len, u32 flags)
{
	struct tty *tty = dev->private;
	u8 piece[PIECE];
	size_t done = 0;
	bool more = true;
	int ret = tty_check_background(tty, SIGTTIN);

	tty->is_read = true;
	if (!ret && len)
		ret = wait_readable(dev, len, flags);
	if (ret || !len)
		return ret;
	while (more) {
		u32 n = take_piece(tty, piece, len - done, &more);

		if (n && copy_to_user((char __user *)buf + done, piece, n))
			return done ? (ssize_t)done : -EFAULT;
		done += n;
	}
	/* There may be room now for what waits in raw. */
	tty_pump(tty);
	return done;
}

/* ---- output ---- */

enum { OUT_TEXT, OUT_ESCAPE, OUT_SEQUENCE, OUT_STRING, OUT_STRING_ESCAPE, OUT_CHARSET, OUT_UTF8 };

#define ESCAPE 0x1B
#define CANCEL 0x18
#define SUBST  0x1A
#define BELL   7

/* ECMA-48: ESC, ESC + intermediate, CSI up to its final byte, strings up to BEL or ESC \. OUT_UTF8 + n: n bytes come. */
static u32 next_state(u32 state, u8 c)
{
	if (state > OUT_UTF8 && (c & 0xC0) == 0x80)
		return state == OUT_UTF8 + 1 ? OUT_TEXT : state - 1;
	if (c == CANCEL || c == SUBST)
		return OUT_TEXT;
	if (state == OUT_STRING || state == OUT_STRING_ESCAPE) {
		if (c == ESCAPE)
			return OUT_STRING_ESCAPE;
		return c == BELL || state == OUT_STRING_ESCAPE ? OUT_TEXT : OUT_STRING;
	}
	if (c == ESCAPE)
		return OUT_ESCAPE;
	switch (state) {
	case OUT_ESCAPE:
		if (c == '[')
			return OUT_SEQUENCE;
		if (c == ']' || c == 'P' || c == '_' || c == '^')
			return OUT_STRING;
		return c >= 0x20 && c < 0x30 ? OUT_CHARSET : OUT_TEXT;
	case OUT_SEQUENCE:
		return c >= 0x40 && c < 0x7F ? OUT_TEXT : OUT_SEQUENCE;
	case OUT_CHARSET:
		return OUT_TEXT;
	}
	if (c >= 0xC2 && c < 0xF5)
		return OUT_UTF8 + (c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3);
	return OUT_TEXT;
}

static void flush_out(struct tty *tty)
{
	u32 n = tty->out_whole;

	if (!n && tty->out_len == TTY_OUT_SIZE)
		n = tty->out_len;
	if (!n)
		return;
	tty->driver->write(tty, tty->out, n);
	memmove(tty->out, tty->out + n, tty->out_len - n);
	tty->out_len -= n;
	tty->out_whole = 0;
}

static void emit_out(struct tty *tty, u8 byte)
{
	if (tty->out_len == TTY_OUT_SIZE)
		flush_out(tty);
	tty->out[tty->out_len++] = byte;
	tty->out_state = next_state(tty->out_state, byte);
	if (tty->out_state == OUT_TEXT)
		tty->out_whole = tty->out_len;
}

static int wait_writable(struct char_device *dev, u32 flags)
{
	struct tty *tty = dev->private;
	u32 hangups = dev->hangups;
	int ret;

	tty_pump(tty);
	if (tty->stopped && (flags & O_NONBLOCK))
		return -EAGAIN;
	ret = wait_event_interruptible(tty->waiters, !tty->stopped || dev->hangups != hangups);
	return !ret && dev->hangups != hangups ? -EIO : ret;
}

static ssize_t tty_write(struct char_device *dev, const void __user *buf, size_t len, u32 flags)
{
	struct tty *tty = dev->private;
	size_t done = 0;
	int ret = 0;

	if (tty->termios.c_lflag & TOSTOP)
		ret = tty_check_background(tty, SIGTTOU);
	while (!ret && done < len) {
		char piece[PIECE];
		u32 n = MIN(len - done, (size_t)PIECE);

		/* The device may be slow. */
		if (done && (READ_ONCE(current->work) & WORK_SIGNAL))
			break;
		thread_make_way();
		ret = wait_writable(dev, flags);
		if (ret)
			break;
		n -= copy_from_user(piece, (const char __user *)buf + done, n);
		if (!n)
			ret = -EFAULT;
		for (u32 i = 0; i < n; i++)
			tty_output_char(tty, piece[i], emit_out);
		flush_out(tty);
		done += n;
	}
	return done ? (ssize_t)done : ret;
}

static u32 tty_poll(struct char_device *dev, struct wait_queue **queue)
{
	struct tty *tty = dev->private;
	u32 least = 1, events = 0;

	if (!canonical(tty) && !tty->termios.c_cc[VTIME] && tty->termios.c_cc[VMIN])
		least = tty->termios.c_cc[VMIN];
	*queue = &tty->waiters;
	tty->is_read = true;
	if (readable(tty) >= least)
		events |= POLLIN | POLLRDNORM;
	if (!tty->stopped)
		events |= POLLOUT | POLLWRNORM;
	return events;
}

/* ---- open files ---- */

static bool reads(u32 flags)
{
	return (flags & O_ACCMODE) != O_WRONLY;
}

/* Most terminals of a machine are never opened: the large buffer is there while one is. */
static struct char_device *shared_open(struct char_device *dev, u32 flags)
{
	struct tty *tty = dev->private;

	if (!tty->input)
		tty->input = kmalloc(TTY_INPUT_SIZE * sizeof(*tty->input), GFP_KERNEL);
	if (!tty->input)
		return ERR_PTR(-ENOMEM);
	tty->nr_open++;
	tty->nr_readers += reads(flags);
	return dev;
}

static struct char_device *tty_open(struct char_device *dev, u32 flags)
{
	struct char_device *opened = shared_open(dev, flags);

	if (!IS_ERR(opened))
		tty_take_for_session(dev->private, flags);
	return opened;
}

/* What was not read when the last file is closed is gone, as on Linux. */
static void tty_release(struct char_device *dev, u32 flags)
{
	struct tty *tty = dev->private;

	tty->nr_readers -= reads(flags);
	tty->is_read &= tty->nr_readers > 0;
	if (--tty->nr_open)
		return;
	tty->read_at = tty->line_start = tty->line_end;
	kfree(tty->input);
	tty->input = NULL;
}

const struct char_ops tty_char_ops = {
	.open = tty_open,
	.release = tty_release,
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_ioctl,
	.poll = tty_poll,
};

const struct char_ops tty_shared_char_ops = {
	.open = shared_open,
	.release = tty_release,
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_ioctl,
	.poll = tty_poll,
};

__init void tty_init(void)
{
	tty_session_init();
	if (!kthread_create("tty", tty_thread, NULL))
		panic("no memory for the terminals' thread");
}
