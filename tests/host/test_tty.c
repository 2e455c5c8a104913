/*
 * The terminal: keys on one side, read() and write() on the other. Where a reader would sleep, the next keys of the test
 * are typed, or the time comes that was set.
 */
#include "tests/host/check.h"
#include "tests/host/fake_usercopy.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "kernel/core/tty.h"
#include "kernel/core/wait.h"
#include "mm/kmem/slab.h"
#include <poll.h>
#include <signal.h>
#include <errno.h>
#include <stdlib.h>
#include <linux/fcntl.h>

bool fake_irqs_on = true;
static struct thread thread;
struct thread *current = &thread;

static struct tty tty;
static struct char_device dev = {
	.name = "ttyT", .major = 4, .minor = 77, .ops = &tty_char_ops, .private = &tty};
static char shown[8192];
static u32 nr_shown;
static const char *const *next_keys; /* typed one after another when a reader sleeps */
static struct timer *timer;
static u64 now;
static bool times_out;
static u32 nr_sleeps;
static bool memory_is_out;

static struct tty_caller who;
static u32 signalled_group;
static u32 signals; /* bit n: signal n was sent */
static bool ignoring, is_orphaned;

static void type_bytes(const char *keys, u32 len)
{
	tty_input(&tty, keys, len);
	tty_pump(&tty);
}
static void type_text(const char *keys)
{
	type_bytes(keys, strlen(keys));
}

void schedule(void)
{
	nr_sleeps++;
	thread.state = THREAD_RUNNING;
	if (times_out && timer) {
		struct timer *t = timer;

		now = t->expires_ns;
		timer = NULL;
		t->armed = false;
		t->fn(t);
		return;
	}
	if (!*next_keys)
		FAIL("it sleeps and nothing will come");
	type_text(*next_keys++);
}

void thread_wake(struct thread *t)
{
	t->state = THREAD_RUNNING;
}
void thread_interrupt(struct thread *t)
{
	t->work |= WORK_SIGNAL;
}
struct thread *kthread_create(const char *name __maybe_unused, void (*fn)(void *) __maybe_unused,
			      void *arg __maybe_unused)
{
	return &thread;
}
void *kmalloc(size_t size, gfp_t gfp __maybe_unused)
{
	return memory_is_out ? NULL : malloc(size);
}
void kfree(const void *p)
{
	free((void *)p);
}
u64 time_monotonic_ns(void)
{
	return now;
}
void timer_start(struct timer *t, u64 expires_ns, void (*fn)(struct timer *t))
{
	t->expires_ns = expires_ns;
	t->fn = fn;
	t->armed = true;
	timer = t;
}
bool timer_cancel(struct timer *t)
{
	bool was = t->armed;

	t->armed = false;
	timer = NULL;
	return was;
}

static void device_write(struct tty *t __maybe_unused, const char *text, size_t len)
{
	CHECK(nr_shown + len < sizeof(shown));
	memcpy(shown + nr_shown, text, len);
	nr_shown += len;
	shown[nr_shown] = '\0';
}

static struct tty_caller caller(void)
{
	return who;
}
static bool ignores(int signo __maybe_unused)
{
	return ignoring;
}
static bool orphaned(u32 group __maybe_unused)
{
	return is_orphaned;
}
static u32 group_session(u32 group)
{
	return group == 99 ? 0 : group == 55 ? 50 : 10;
}
static void send(u32 group, int signo)
{
	signalled_group = group;
	signals |= 1u << signo;
}

/* A terminal as it is after boot, and the leader of session 10 in the foreground. */
static void start(void)
{
	static const struct tty_driver driver = {.write = device_write};
	static const struct tty_process_ops ops = {.caller = caller,
						   .ignores = ignores,
						   .orphaned = orphaned,
						   .group_session = group_session,
						   .signal = send};
	static const char *const nothing[] = {NULL};
	static bool registered;

	if (registered)
		list_del(&tty.node);
	free(tty.input);
	memset(&tty, 0, sizeof(tty));
	tty.name = "ttyT";
	tty.driver = &driver;
	tty.device = &dev;
	tty_register(&tty);
	tty_set_process_ops(&ops);
	if (!registered)
		CHECK_EQ(char_device_register(&dev), 0);
	registered = true;
	nr_shown = nr_sleeps = 0;
	shown[0] = '\0';
	next_keys = nothing;
	times_out = false;
	ignoring = is_orphaned = false;
	signals = signalled_group = 0;
	thread.work = 0;
	dev.hangups = 0;
	who = (struct tty_caller){.pid = 10, .group = 10, .session = 10};
	CHECK(dev.ops->open(&dev, O_RDWR) == &dev);
}

static void set(u32 off_l, u32 on_l)
{
	struct termios t = tty.termios;

	t.c_lflag = (t.c_lflag & ~off_l) | on_l;
	CHECK_EQ(dev.ops->ioctl(&dev, TCSETS, (vaddr_t)&t), 0);
}

static void set_raw(u8 least, u8 tenths)
{
	struct termios t = tty.termios;

	t.c_lflag &= ~(ICANON | ECHO | ISIG);
	t.c_iflag = 0;
	t.c_oflag = 0;
	t.c_cc[VMIN] = least;
	t.c_cc[VTIME] = tenths;
	CHECK_EQ(dev.ops->ioctl(&dev, TCSETS, (vaddr_t)&t), 0);
}

static char got[8192];
static ssize_t read_some(size_t len, u32 flags)
{
	ssize_t n = dev.ops->read(&dev, got, len, flags);

	got[n > 0 ? n : 0] = '\0';
	return n;
}

static void check_line(const char *line)
{
	ssize_t n = read_some(4096, O_NONBLOCK);

	CHECK_EQ(n, strlen(line));
	CHECK_STR(got, line);
}

static void write_text(const char *text)
{
	CHECK_EQ(dev.ops->write(&dev, text, strlen(text), 0), strlen(text));
}

TEST(a_line_is_edited_echoed_and_read)
{
	static const struct {
		const char *keys, *line, *shows;
	} cases[] = {
		{"ab\r", "ab\n", "ab\r\n"},
		{"abc\177\177d\n", "ad\n", "abc\b \b\b \bd\r\n"},
		{"\177x\n", "x\n", "x\r\n"},
		{"abc\025d\n", "d\n", "abc\b \b\b \b\b \bd\r\n"},
		{"ab cd \027\n", "ab \n", "ab cd \b \b\b \b\b \b\r\n"},
		{"a\tb\177\177c\n", "ac\n", "a\tb\b \b\b\b\b\b\b\b\bc\r\n"},
		{"\001\177y\n", "y\n", "^A\b \b\b \by\r\n"},
		{"\026\003z\n", "\003z\n", "^\b^Cz\r\n"},
		{"ab\022c\n", "abc\n", "ab^R\r\nabc\r\n"},
		{"one\004", "one", "one"},
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		type_text(cases[i].keys);
		if (strcmp(shown, cases[i].shows))
			FAIL("case %u shows \"%s\"", i, shown);
		check_line(cases[i].line);
		CHECK_EQ(read_some(10, O_NONBLOCK), -EAGAIN);
	}
}

/* Each as a pty of Linux does it. */
TEST(settings_change_how_a_line_is_edited)
{
	static const struct {
		u32 off_l, on_l, on_i;
		const char *keys, *line, *shows;
	} cases[] = {
		{ECHO, 0, 0, "a\022\n", "a\022\n", ""},
		{ECHOE, 0, 0, "ab\177\n", "a\n", "ab^?\r\n"},
		{ECHOE, 0, 0, "ab\027\n", "\n", "ab\b \b\b \b\r\n"},
		{ECHOKE, 0, 0, "\025a\025b\n", "b\n", "a^U\r\nb\r\n"},
		{0, 0, IUTF8, "\200\177\n", "\200\n", "\200\r\n"},
		{0, 0, IUTF8, "a\303\244\177\n", "a\n", "a\303\244\b \b\r\n"},
		{0, 0, IUTF8, "a \303\244\027\n", "a \n", "a \303\244\b \b\r\n"},
		{0, 0, 0, "a\200\200\027\n", "\n", "a\200\200\b \b\b \b\b \b\r\n"},
		{0, 0, ISTRIP, "\026\303\n", "C\n", "^\bC\r\n"},
		{ICANON, 0, 0, "a\rb\026\n", "a\nb\026\n", "a\r\nb^V^J"},
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		set(cases[i].off_l, cases[i].on_l);
		tty.termios.c_iflag |= cases[i].on_i;
		type_text(cases[i].keys);
		if (strcmp(shown, cases[i].shows))
			FAIL("case %u shows \"%s\"", i, shown);
		check_line(cases[i].line);
	}
}

TEST(an_end_of_input_behind_a_full_buffer_is_told_by_it)
{
	start();
	type_text("one\004two\n");
	CHECK_EQ(read_some(3, 0), 3);
	check_line("two\n");
	type_text("one\004");
	CHECK_EQ(read_some(3, 0), 3);
	CHECK_EQ(read_some(3, O_NONBLOCK), -EAGAIN);
}

TEST(lines_come_one_by_one_and_may_be_read_in_parts)
{
	start();
	type_text("one\ntwo\n\004three\n");
	CHECK_EQ(read_some(2, 0), 2);
	CHECK_STR(got, "on");
	check_line("e\n");
	check_line("two\n");
	CHECK_EQ(read_some(10, 0), 0); /* ^D alone: the end */
	check_line("three\n");
}

TEST(a_reader_waits_for_the_end_of_the_line)
{
	static const char *const keys[] = {"a", "b", "c\r", NULL};

	start();
	next_keys = keys;
	CHECK_EQ(read_some(100, 0), 4);
	CHECK_STR(got, "abc\n");
	CHECK_EQ(nr_sleeps, 3);
	CHECK_EQ(dev.ops->poll(&dev, &(struct wait_queue *){NULL}) & POLLIN, 0);
	type_text("x");
	CHECK_EQ(dev.ops->poll(&dev, &(struct wait_queue *){NULL}) & POLLIN, 0);
	type_text("\n");
	CHECK_EQ(dev.ops->poll(&dev, &(struct wait_queue *){NULL}) & POLLIN, POLLIN);
}

TEST(keys_signal_the_foreground)
{
	u32 group;

	start();
	type_text("lost\003kept\n");
	CHECK_EQ(signals, 1u << SIGINT);
	CHECK_EQ(signalled_group, 10);
	CHECK_STR(shown, "lost^Ckept\r\n");
	check_line("kept\n");
	group = 20;
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSPGRP, (vaddr_t)&group), 0);
	signals = 0;
	type_text("\032\034");
	CHECK_EQ(signals, 1u << SIGTSTP | 1u << SIGQUIT);
	CHECK_EQ(signalled_group, 20);
	start();
	set(0, NOFLSH);
	type_text("kept\003 too\n");
	check_line("kept too\n");
	start();
	set(ISIG, 0);
	type_text("\003\n");
	CHECK_EQ(signals, 0);
	check_line("\003\n");
}

TEST(changed_characters)
{
	struct termios t;

	start();
	t = tty.termios;
	t.c_iflag = IGNCR | INLCR;
	t.c_lflag = 0;
	CHECK_EQ(dev.ops->ioctl(&dev, TCSETS, (vaddr_t)&t), 0);
	type_text("a\r\nb");
	check_line("a\rb");
	t.c_iflag = ISTRIP;
	CHECK_EQ(dev.ops->ioctl(&dev, TCSETS, (vaddr_t)&t), 0);
	type_text("\341");
	check_line("a");
	CHECK_STR(shown, "");
}

TEST(output_is_processed)
{
	struct termios t;

	start();
	write_text("a\nb");
	CHECK_STR(shown, "a\r\nb");
	t = tty.termios;
	t.c_oflag = OPOST | XTABS | OCRNL;
	tty_set_termios(&tty, &t);
	write_text("\rx\ty\n");
	CHECK_STR(shown, "a\r\nb\nx      y\n");
	t.c_oflag = ONLCR;
	tty_set_termios(&tty, &t);
	nr_shown = 0;
	write_text("\n\t\r");
	CHECK_STR(shown, "\n\t\r");
}

TEST(a_sequence_goes_out_whole)
{
	static const char *const texts[] = {"\033[1;31m", "\033]0;title\033\\", "\342\224\200",
					    "\033(0", "\033M"};

	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		u32 len = strlen(texts[i]);

		for (u32 cut = 1; cut < len; cut++) {
			start();
			CHECK_EQ(dev.ops->write(&dev, texts[i], cut, 0), cut);
			CHECK_STR(shown, "");
			type_text("k"); /* the echo comes before, not inside */
			write_text(texts[i] + cut);
			CHECK_EQ(shown[0], 'k');
			CHECK_STR(shown + 1, texts[i]);
		}
	}
	/* One that never ends is let go. */
	start();
	write_text("\033]");
	for (u32 i = 0; i < TTY_OUT_SIZE; i++)
		write_text("x");
	CHECK(nr_shown >= TTY_OUT_SIZE);
}

TEST(output_stops_and_starts)
{
	static const char *const keys[] = {"a", "\021", NULL};

	start();
	type_text("\023");
	CHECK_EQ(dev.ops->write(&dev, "x", 1, O_NONBLOCK), -EAGAIN);
	CHECK_EQ(dev.ops->poll(&dev, &(struct wait_queue *){NULL}) & POLLOUT, 0);
	next_keys = keys;
	write_text("y");
	CHECK_STR(shown, "ay"); /* with the echo that was held back */
	CHECK_EQ(nr_sleeps, 2);
	type_text("\n");
	check_line("a\n");
	/* A signal throws away the echo that was held, and continues. */
	start();
	type_text("\023lost\003");
	CHECK_STR(shown, "^C");
	/* What TCOOFF stopped, no key continues, nor TCOON what a key stopped. */
	CHECK_EQ(dev.ops->ioctl(&dev, TCXONC, TCOOFF), 0);
	type_text("\021\003");
	CHECK_EQ(dev.ops->write(&dev, "x", 1, O_NONBLOCK), -EAGAIN);
	CHECK_EQ(dev.ops->ioctl(&dev, TCXONC, TCOON), 0);
	CHECK_EQ(dev.ops->write(&dev, "x", 1, O_NONBLOCK), 1);
	type_text("\023");
	CHECK_EQ(dev.ops->ioctl(&dev, TCXONC, TCOON), 0);
	CHECK_EQ(dev.ops->write(&dev, "x", 1, O_NONBLOCK), -EAGAIN);
}

TEST(raw_input_by_number_and_time)
{
	static const char *const keys[] = {"a", "b", "cd", NULL};
	static const char *const one[] = {"a", NULL};

	start();
	set_raw(3, 0);
	next_keys = keys;
	CHECK_EQ(read_some(10, 0), 4);
	CHECK_STR(got, "abcd");
	next_keys = keys;
	CHECK_EQ(read_some(2, 0), 2); /* no more than asked for is waited for */
	CHECK_EQ(nr_sleeps, 5);
	start();
	set_raw(0, 0);
	CHECK_EQ(read_some(10, 0), 0);
	CHECK_EQ(read_some(10, O_NONBLOCK), 0);
	set_raw(0, 5);
	CHECK_EQ(read_some(10, O_NONBLOCK), -EAGAIN);
	times_out = true;
	now = 0;
	CHECK_EQ(read_some(10, 0), 0);
	CHECK_EQ(now, 500000000ull);
	set_raw(1, 0);
	CHECK_EQ(read_some(10, O_NONBLOCK), -EAGAIN);
	set_raw(0, 5);
	times_out = false;
	next_keys = one;
	CHECK_EQ(read_some(10, 0), 1);
	/* between characters */
	start();
	set_raw(5, 2);
	type_text("xy");
	times_out = true;
	CHECK_EQ(read_some(10, 0), 2);
	CHECK_STR(got, "xy");
}

TEST(input_survives_a_change_of_mode)
{
	start();
	type_text("half");
	CHECK_EQ(read_some(10, O_NONBLOCK), -EAGAIN);
	set_raw(1, 0);
	CHECK_EQ(read_some(2, O_NONBLOCK), 2);
	CHECK_STR(got, "ha");
	set(0, ICANON);
	check_line("lf");
	type_text("next\n");
	check_line("next\n");
	type_text("gone\n");
	CHECK_EQ(dev.ops->ioctl(&dev, TCSETSF, (vaddr_t)&tty.termios), 0);
	CHECK_EQ(tty.read_at, tty.line_end);
}

TEST(long_lines_lose_their_end_and_nothing_else_is_lost)
{
	start();
	for (u32 i = 0; i < TTY_INPUT_SIZE + 100; i++)
		type_text("x");
	type_text("\n");
	CHECK_EQ(read_some(8000, 0), TTY_INPUT_SIZE);
	CHECK_EQ(got[TTY_INPUT_SIZE - 1], '\n');
	/* Whole lines wait in the driver rather than go. */
	nr_shown = 0;
	set(ECHO, 0);
	for (u32 i = 0, sent = 0; i < 2000; i++) {
		char line[16];
		u32 left, n = snprintf(line, sizeof(line), "line %u\n", i);

		do {
			left = TTY_RAW_SIZE - (tty.raw_in - tty.raw_out);
			if (left >= n)
				break;
			snprintf(got + 100, 20, "line %u\n", sent++);
			CHECK(read_some(50, O_NONBLOCK) > 0);
			CHECK_STR(got, got + 100);
		} while (1);
		tty_input(&tty, line, n);
		tty_pump(&tty);
	}
	CHECK_EQ(nr_shown, 0);
}

TEST(a_full_terminal_says_so_and_goes_on)
{
	start();
	set_raw(1, 0);
	for (u32 i = 0; i < TTY_INPUT_SIZE; i++)
		type_text("a");
	/* one of them waits already: the last place of a line is its end's */
	for (u32 i = 2; i < TTY_RAW_SIZE; i++)
		CHECK(tty_input(&tty, "b", 1) > 0);
	CHECK_EQ(tty_input(&tty, "b", 1), 0);
	CHECK(tty.throttled);
	CHECK_EQ(read_some(8000, 0), TTY_INPUT_SIZE - 1);
	CHECK(!tty.throttled);
	CHECK_EQ(read_some(8000, 0), TTY_RAW_SIZE);
}

TEST(keys_wait_until_it_is_open)
{
	start();
	type_text("gone\n");
	dev.ops->release(&dev, O_RDWR);
	CHECK(!tty.input);
	type_text("one\ntw");
	memory_is_out = true;
	CHECK_EQ(PTR_ERR(dev.ops->open(&dev, O_RDWR)), -ENOMEM);
	memory_is_out = false;
	CHECK(dev.ops->open(&dev, O_RDWR) == &dev);
	type_text("o\n");
	check_line("one\n");
	check_line("two\n");
}

TEST(the_background_is_stopped)
{
	u32 group = 20, number = 0;

	start();
	type_text("input\n");
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSPGRP, (vaddr_t)&group), 0);
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCGPGRP, (vaddr_t)&number), 0);
	CHECK_EQ(number, 20);
	CHECK(read_some(10, 0) < 0);
	CHECK_EQ(signals, 1u << SIGTTIN);
	CHECK_EQ(signalled_group, 10);
	write_text("allowed");
}

TEST(who_may_do_what)
{
	struct termios t;
	u32 group = 20, number;

	start();
	t = tty.termios;
	t.c_lflag |= TOSTOP;
	CHECK_EQ(dev.ops->ioctl(&dev, TCSETS, (vaddr_t)&t), 0);
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSPGRP, (vaddr_t)&group), 0);
	CHECK(dev.ops->write(&dev, "x", 1, 0) < 0);
	CHECK_EQ(signals, 1u << SIGTTOU);
	CHECK(dev.ops->ioctl(&dev, TCSETS, (vaddr_t)&t) < 0);
	ignoring = true;
	CHECK_EQ(dev.ops->write(&dev, "x", 1, 0), 1);
	CHECK_EQ(read_some(10, 0), -EIO);
	ignoring = false;
	is_orphaned = true;
	CHECK_EQ(dev.ops->write(&dev, "x", 1, 0), -EIO);
	CHECK_EQ(read_some(10, 0), -EIO);
	is_orphaned = false;
	ignoring = true;
	group = 99;
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSPGRP, (vaddr_t)&group), -ESRCH);
	group = 55;
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSPGRP, (vaddr_t)&group), -EPERM);
	who = (struct tty_caller){.pid = 30, .group = 30, .session = 30};
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCGPGRP, (vaddr_t)&number), -ENOTTY);
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSPGRP, (vaddr_t)&group), -ENOTTY);
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSCTTY, 0), -EPERM);
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSCTTY, 1), 0);
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCGSID, (vaddr_t)&number), 0);
	CHECK_EQ(number, 30);
	CHECK_EQ(dev.ops->ioctl(&dev, 0x12345, 0), -ENOTTY);
}

TEST(a_session_ends_and_the_terminal_hangs_up)
{
	start();
	type_text("\023");
	tty_session_ends(11);
	CHECK_EQ(dev.hangups, 0);
	tty_session_ends(10);
	CHECK_EQ(dev.hangups, 1);
	CHECK_EQ(signals, 1u << SIGHUP | 1u << SIGCONT);
	CHECK(!tty_of_session(10));
	CHECK(!tty.stopped);
	who = (struct tty_caller){.pid = 40, .group = 40, .session = 40};
	CHECK(dev.ops->open(&dev, O_RDWR | O_NOCTTY) == &dev);
	CHECK(!tty_of_session(40));
	CHECK(dev.ops->open(&dev, O_RDWR) == &dev);
	CHECK(tty_of_session(40) == &tty);
}

TEST(the_size_is_told)
{
	struct winsize size = {.ws_row = 50, .ws_col = 132};

	start();
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSWINSZ, (vaddr_t)&size), 0);
	CHECK_EQ(signals, 1u << SIGWINCH);
	signals = 0;
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCSWINSZ, (vaddr_t)&size), 0);
	CHECK_EQ(signals, 0);
	memset(&size, 0, sizeof(size));
	CHECK_EQ(dev.ops->ioctl(&dev, TIOCGWINSZ, (vaddr_t)&size), 0);
	CHECK_EQ(size.ws_col, 132);
}

/* Lines without editing come out as they were typed, whatever pieces they come and are read in. */
TEST(nothing_is_lost_between_keys_and_reader)
{
	u32 typed = 0, read = 0;

	start();
	set(ECHO, 0);
	while (read < test_rounds(200000)) {
		char piece[64];
		u32 room = TTY_RAW_SIZE - (tty.raw_in - tty.raw_out);
		u32 n = test_rand_below(MIN(room, (u32)sizeof(piece)) + 1);
		ssize_t len;

		for (u32 i = 0; i < n; i++, typed++)
			piece[i] = typed % 37 == 36 ? '\n' : 'A' + typed % 37 % 26;
		type_bytes(piece, n);
		len = read_some(1 + test_rand_below(60), O_NONBLOCK);
		if (len == -EAGAIN)
			continue;
		CHECK(len > 0);
		for (ssize_t i = 0; i < len; i++, read++)
			CHECK_EQ(got[i], read % 37 == 36 ? '\n' : 'A' + (char)(read % 37 % 26));
	}
}
