/*
 * The line discipline: what typed characters do, and what written ones look like. See tty.c for how they come here.
 *
 * A typed character meets, in this order:
 *
 *	ISTRIP, IUCLC       changed
 *	after VLNEXT        it is input, whatever it is
 *	IXON                VSTOP and VSTART hold and continue output
 *	ISIG                VINTR, VQUIT and VSUSP signal the group in the foreground
 *	IGNCR ICRNL INLCR   carriage return and newline changed
 *	ICANON              VERASE, VWERASE, VKILL, VREPRINT, VLNEXT edit the line; newline, VEOL, VEOL2, VEOF end it
 *	                    it is input, and echoed
 */
#include "kernel/core/tty.h"
#include "lib/printk.h"
#include "lib/string.h"
#include <asm/signal.h>

#define TAB    8u
#define DELETE 0x7Fu
#define BELL   7u

static bool flag(u32 flags, u32 bit)
{
	return flags & bit;
}

static bool is_control(const struct tty *tty, u8 c, unsigned which)
{
	return tty->termios.c_cc[which] && c == tty->termios.c_cc[which];
}

static bool is_continuation(const struct tty *tty, u8 c)
{
	return flag(tty->termios.c_iflag, IUTF8) && (c & 0xC0) == 0x80;
}

/* ---- output ---- */

/* The line that is typed goes on there, too, as far as can be told. */
static void to_first_column(struct tty *tty)
{
	tty->column = tty->line_column = 0;
}

void tty_output_char(struct tty *tty, u8 c, void (*emit)(struct tty *tty, u8 byte))
{
	u32 flags = tty->termios.c_oflag;

	if (!flag(flags, OPOST)) {
		emit(tty, c);
		return;
	}
	switch (c) {
	case '\n':
		if (flag(flags, ONLRET))
			to_first_column(tty);
		if (flag(flags, ONLCR)) {
			emit(tty, '\r');
			to_first_column(tty);
		}
		break;
	case '\r':
		if (flag(flags, ONOCR) && !tty->column)
			return;
		if (flag(flags, OCRNL)) {
			c = '\n';
			if (flag(flags, ONLRET))
				to_first_column(tty);
			break;
		}
		to_first_column(tty);
		break;
	case '\t': {
		u32 spaces = TAB - tty->column % TAB;

		tty->column += spaces;
		if ((flags & TABDLY) == XTABS) {
			while (spaces--)
				emit(tty, ' ');
			return;
		}
		break;
	}
	case '\b':
		if (tty->column)
			tty->column--;
		break;
	default:
		if (flag(flags, OLCUC) && c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		if (c >= ' ' && c != DELETE && !is_continuation(tty, c))
			tty->column++;
	}
	emit(tty, c);
}

/* ---- echo ---- */

static void flush_echo(struct tty *tty)
{
	if (tty->stopped || !tty->echo_len)
		return;
	tty->driver->write(tty, tty->echo, tty->echo_len);
	tty->echo_len = 0;
}

static void emit_echo(struct tty *tty, u8 byte)
{
	if (tty->echo_len == TTY_ECHO_SIZE)
		flush_echo(tty);
	if (tty->echo_len < TTY_ECHO_SIZE)
		tty->echo[tty->echo_len++] = byte;
}

static void show(struct tty *tty, u8 c)
{
	tty_output_char(tty, c, emit_echo);
}

static void show_text(struct tty *tty, const char *text)
{
	while (*text)
		show(tty, *text++);
}

static bool shown_as_two(const struct tty *tty, u8 c)
{
	return flag(tty->termios.c_lflag, ECHOCTL) && ((c < ' ' && c != '\t') || c == DELETE);
}

static void show_typed(struct tty *tty, u8 c)
{
	if (shown_as_two(tty, c)) {
		show(tty, '^');
		show(tty, c ^ 0x40);
	} else {
		show(tty, c);
	}
}

static void echo(struct tty *tty, u8 c)
{
	if (flag(tty->termios.c_lflag, ECHO))
		show_typed(tty, c);
}

static void echo_newline(struct tty *tty)
{
	if (tty->termios.c_lflag & (ECHO | ECHONL))
		show(tty, '\n');
}

/* ---- the line being typed ---- */

static u16 input_at(const struct tty *tty, u32 at)
{
	return tty->input[at % TTY_INPUT_SIZE];
}

static void append(struct tty *tty, u16 c)
{
	if (tty->line_end == tty->line_start)
		tty->line_column = tty->column;
	tty->input[tty->line_end++ % TTY_INPUT_SIZE] = c;
}

static u32 places_left(const struct tty *tty)
{
	return TTY_INPUT_SIZE - (tty->line_end - tty->read_at);
}

/* Where the cursor was before the last character of the line: a tab's width depends on all before it. */
static u32 column_before_last(const struct tty *tty)
{
	u32 column = tty->line_column;

	for (u32 at = tty->line_start; at != tty->line_end - 1; at++) {
		u8 c = input_at(tty, at);

		if (c == '\t')
			column += TAB - column % TAB;
		else if (shown_as_two(tty, c))
			column += 2;
		else if (c >= ' ' && c != DELETE && !is_continuation(tty, c))
			column++;
	}
	return column;
}

static void rub_out(struct tty *tty, u8 c)
{
	u32 columns = 1;

	if (c == '\t')
		columns = TAB - column_before_last(tty) % TAB;
	else if (shown_as_two(tty, c))
		columns = 2;
	else if (c < ' ' || c == DELETE)
		columns = 0;
	while (columns--)
		show_text(tty, c == '\t' ? "\b" : "\b \b");
}

/* Where the last character of the line begins; line_end: there is none that begins in this line. */
static u32 last_character(const struct tty *tty)
{
	u32 at = tty->line_end;

	while (at != tty->line_start)
		if (!is_continuation(tty, input_at(tty, --at)))
			return at;
	return tty->line_end;
}

/* Takes the last character off the line. => false: there is none */
static bool erase_one(struct tty *tty, bool visibly)
{
	u32 at = last_character(tty);

	if (at == tty->line_end)
		return false;
	tty->line_end = at + 1;
	if (visibly)
		rub_out(tty, input_at(tty, at));
	tty->line_end = at;
	return true;
}

/* As Linux, which takes it for Latin-1: of UTF-8, it is the first byte. */
static bool is_word(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || (c >= 0xC0 && c != 0xD7 && c != 0xF7);
}

/* What no word is, then a word. */
static void erase_word(struct tty *tty, bool visibly)
{
	bool in_word = false;
	u32 at;

	while ((at = last_character(tty)) != tty->line_end) {
		bool word = is_word(input_at(tty, at));

		if (in_word && !word)
			break;
		in_word |= word;
		erase_one(tty, visibly);
	}
}

static void kill_line(struct tty *tty, u8 c)
{
	u32 how = tty->termios.c_lflag & (ECHO | ECHOE | ECHOK | ECHOKE);

	if (how == (ECHO | ECHOE | ECHOK | ECHOKE)) {
		while (erase_one(tty, true))
			continue;
		return;
	}
	tty->line_end = tty->line_start;
	echo(tty, c);
	if ((how & (ECHO | ECHOK)) == (ECHO | ECHOK))
		show(tty, '\n');
}

static void reprint(struct tty *tty, u8 c)
{
	show_typed(tty, c);
	show(tty, '\n');
	tty->line_column = tty->column;
	for (u32 at = tty->line_start; at != tty->line_end; at++)
		show_typed(tty, input_at(tty, at));
}

/* Whether c did something to the line and is no input. */
static bool edit(struct tty *tty, u8 c)
{
	bool extended = flag(tty->termios.c_lflag, IEXTEN);
	bool echoes = flag(tty->termios.c_lflag, ECHO);

	if (is_control(tty, c, VERASE)) {
		bool visibly = echoes && flag(tty->termios.c_lflag, ECHOE);

		if (erase_one(tty, visibly) && !visibly)
			echo(tty, c);
		return true;
	}
	if (extended && is_control(tty, c, VWERASE)) {
		erase_word(tty, echoes);
		return true;
	}
	if (is_control(tty, c, VKILL)) {
		if (tty->line_end != tty->line_start)
			kill_line(tty, c);
		return true;
	}
	if (extended && is_control(tty, c, VLNEXT)) {
		tty->literal_next = true;
		if ((tty->termios.c_lflag & (ECHO | ECHOCTL)) == (ECHO | ECHOCTL))
			show_text(tty, "^\b");
		return true;
	}
	if (extended && echoes && is_control(tty, c, VREPRINT)) {
		reprint(tty, c);
		return true;
	}
	return false;
}

static void end_line(struct tty *tty, u16 c)
{
	append(tty, c | TTY_LINE_END);
	tty->line_start = tty->line_end;
}

static void take_input(struct tty *tty, u8 c, void (*echo_it)(struct tty *tty, u8 c))
{
	/* A line that is too long: one place stays for its end. */
	if (places_left(tty) < 2) {
		if (flag(tty->termios.c_iflag, IMAXBEL))
			show(tty, BELL);
		return;
	}
	append(tty, c);
	if (flag(tty->termios.c_lflag, ECHO))
		echo_it(tty, c);
	if (!flag(tty->termios.c_lflag, ICANON))
		tty->line_start = tty->line_end;
}

static void take_canonical(struct tty *tty, u8 c)
{
	if (edit(tty, c))
		return;
	if (c == '\n') {
		echo_newline(tty);
		end_line(tty, c);
	} else if (is_control(tty, c, VEOF)) {
		end_line(tty, TTY_NOTHING);
	} else if (is_control(tty, c, VEOL) ||
		   (flag(tty->termios.c_lflag, IEXTEN) && is_control(tty, c, VEOL2))) {
		echo(tty, c);
		end_line(tty, c);
	} else {
		take_input(tty, c, show_typed);
	}
}

/* ---- typed characters ---- */

void tty_start_output(struct tty *tty)
{
	if (!tty->stopped || tty->held)
		return;
	tty->stopped = false;
	flush_echo(tty);
	wake_up_all(&tty->waiters);
}

static bool take_flow_control(struct tty *tty, u8 c)
{
	if (!flag(tty->termios.c_iflag, IXON))
		return false;
	if (is_control(tty, c, VSTART)) {
		tty_start_output(tty);
		return true;
	}
	if (is_control(tty, c, VSTOP)) {
		flush_echo(tty);
		tty->stopped = true;
		return true;
	}
	if (flag(tty->termios.c_iflag, IXANY))
		tty_start_output(tty);
	return false;
}

void tty_flush_input(struct tty *tty)
{
	tty->read_at = tty->line_start = tty->line_end;
	WRITE_ONCE(tty->raw_out, READ_ONCE(tty->raw_in));
}

static bool take_signal(struct tty *tty, u8 c)
{
	int signo;

	if (!flag(tty->termios.c_lflag, ISIG))
		return false;
	if (is_control(tty, c, VINTR))
		signo = SIGINT;
	else if (is_control(tty, c, VQUIT))
		signo = SIGQUIT;
	else if (is_control(tty, c, VSUSP))
		signo = SIGTSTP;
	else
		return false;
	if (!flag(tty->termios.c_lflag, NOFLSH)) {
		/* What was typed before it; what came after it stays. */
		tty->read_at = tty->line_start = tty->line_end;
		tty->out_len = tty->out_whole = tty->out_state = 0;
		if (tty->stopped)
			tty->echo_len = 0;
	}
	if (flag(tty->termios.c_iflag, IXON))
		tty_start_output(tty);
	echo(tty, c);
	tty_signal_foreground(tty, signo);
	return true;
}

static void take(struct tty *tty, u8 c)
{
	void (*echo_it)(struct tty * tty, u8 c) = show_typed;
	u32 flags = tty->termios.c_iflag;

	if (flag(flags, ISTRIP))
		c &= 0x7F;
	if (flag(flags, IUCLC) && flag(tty->termios.c_lflag, IEXTEN) && c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if (tty->literal_next) {
		tty->literal_next = false;
		if ((flags & (IXON | IXANY)) == (IXON | IXANY))
			tty_start_output(tty);
		take_input(tty, c, show_typed);
		return;
	}
	if (take_flow_control(tty, c) || take_signal(tty, c))
		return;
	if (c == '\r') {
		if (flag(flags, IGNCR))
			return;
		if (flag(flags, ICRNL)) {
			c = '\n';
			echo_it = show; /* a new line, and not ^J */
		}
	} else if (c == '\n' && flag(flags, INLCR)) {
		c = '\r';
	}
	if (flag(tty->termios.c_lflag, ICANON))
		take_canonical(tty, c);
	else
		take_input(tty, c, echo_it);
}

/* A line longer than all places would wait for ever: it loses its end. Whole lines, and single characters, wait. */
static bool has_room(const struct tty *tty)
{
	if (places_left(tty) > 1)
		return true;
	return flag(tty->termios.c_lflag, ICANON) && tty->line_start == tty->read_at;
}

bool tty_pump_pending(const struct tty *tty)
{
	return READ_ONCE(tty->raw_in) != READ_ONCE(tty->raw_out) && has_room(tty);
}

void tty_pump(struct tty *tty)
{
	u32 readable = tty->line_start;

	while (tty->input && tty_pump_pending(tty)) {
		u8 c = tty->raw[tty->raw_out % TTY_RAW_SIZE];

		barrier();
		WRITE_ONCE(tty->raw_out, tty->raw_out + 1);
		take(tty, c);
	}
	flush_echo(tty);
	if (tty->throttled && tty->raw_in - tty->raw_out <= TTY_RAW_SIZE / 2) {
		tty->throttled = false;
		if (tty->driver->resume_input)
			tty->driver->resume_input(tty);
	}
	if (tty->line_start != readable)
		wake_up_all(&tty->waiters);
}

/*
 * to canonical    what is there is one line
 * to raw          all is readable, half a line too
 */
void tty_set_termios(struct tty *tty, const struct termios *t)
{
	bool was_canonical = flag(tty->termios.c_lflag, ICANON);

	tty->termios = *t;
	if (was_canonical != flag(t->c_lflag, ICANON)) {
		if (!was_canonical && tty->line_end != tty->read_at)
			tty->input[(tty->line_end - 1) % TTY_INPUT_SIZE] |= TTY_LINE_END;
		tty->line_start = tty->line_end;
		tty->literal_next = false;
	}
	if (!flag(t->c_iflag, IXON))
		tty_start_output(tty);
	wake_up_all(&tty->waiters);
}
