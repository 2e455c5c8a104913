/*
 * The console and the terminals of the machine.
 *
 *	ttyS0     serial line                  tty0, tty1   text screen and keyboard
 *	console   those of both that are there and not ruled out by console=: output goes to all of them, and what
 *	          is typed at any of them is read, as long as nobody reads that terminal by its own name nor has it
 *	          for the terminal of a session
 *
 * The kernel's messages go to what the console goes to.
 */
#include "drivers/console.h"
#include "drivers/keyboard.h"
#include "drivers/uart.h"
#include "drivers/vga.h"
#include "kernel/core/tty.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/parse.h"
#include "lib/printk.h"
#include "lib/string.h"
#include <linux/major.h>

#define PIECE 128u

/* Messages have bare newlines. */
static void write_lines(void (*write)(const char *text, size_t len), const char *text, size_t len)
{
	char piece[PIECE];
	u32 n = 0;

	for (size_t i = 0; i < len; i++) {
		if (n + 2 > PIECE) {
			write(piece, n);
			n = 0;
		}
		if (text[i] == '\n')
			piece[n++] = '\r';
		piece[n++] = text[i];
	}
	if (n)
		write(piece, n);
}

static void serial_sink_write(struct console_sink *sink __maybe_unused, const char *text,
			      size_t len)
{
	write_lines(uart_write, text, len);
}

static void screen_sink_write(struct console_sink *sink __maybe_unused, const char *text,
			      size_t len)
{
	write_lines(vga_write, text, len);
}

enum { SERIAL, SCREEN };

static struct {
	struct console_sink sink;
	bool present, used;
} outputs[] = {
	[SERIAL] = {.sink = {.name = "ttyS0", .write = serial_sink_write}},
	[SCREEN] = {.sink = {.name = "tty0", .write = screen_sink_write}},
};

static void use_output(unsigned i, bool use)
{
	if (use == outputs[i].used || !outputs[i].present)
		return;
	outputs[i].used = use;
	if (use)
		register_sink(&outputs[i].sink);
	else
		unregister_sink(&outputs[i].sink);
}

__init void console_early_init(void)
{
	outputs[SERIAL].present = uart_probe();
	outputs[SCREEN].present = vga_probe();
	for (unsigned i = 0; i < ARRAY_SIZE(outputs); i++)
		use_output(i, true);
}

void console_select(const char *value)
{
	static bool selected;
	const char *comma = strchr(value, ',');
	size_t len = comma ? (size_t)(comma - value) : strlen(value);

	for (unsigned i = 0; i < ARRAY_SIZE(outputs); i++) {
		const char *name = outputs[i].sink.name;
		const char *digits = comma ? comma + 1 : "";
		u64 baud;

		if (strlen(name) != len || strncmp(name, value, len))
			continue;
		if (!outputs[i].present) {
			printk("console: there is no %s\n", name);
			return;
		}
		for (unsigned j = 0; !selected && j < ARRAY_SIZE(outputs); j++)
			if (j != i)
				use_output(j, false);
		selected = true;
		use_output(i, true);
		if (i == SERIAL && comma &&
		    (parse_digits(&digits, 10, &baud) || baud > 115200 || !uart_set_baud(baud)))
			printk("console: ttyS0 cannot do %s baud\n", comma + 1);
		return;
	}
	printk("console: console=%s names no device\n", value);
}

/* ---- terminals ---- */

static struct tty serial, screen, console;

/* Messages that come meanwhile wait until the text is out, and so come after it. */
static void write_held(const char *text, size_t len, bool to_serial, bool to_screen)
{
	bool held = printk_hold();

	if (to_serial)
		uart_write(text, len);
	if (to_screen)
		vga_write(text, len);
	if (held)
		printk_release();
}

static void serial_write(struct tty *tty __maybe_unused, const char *text, size_t len)
{
	write_held(text, len, true, false);
}

static void screen_write(struct tty *tty __maybe_unused, const char *text, size_t len)
{
	write_held(text, len, false, true);
}

static void console_write(struct tty *tty __maybe_unused, const char *text, size_t len)
{
	write_held(text, len, outputs[SERIAL].used, outputs[SCREEN].used);
}

static void resume_serial(struct tty *tty __maybe_unused)
{
	if (outputs[SERIAL].present)
		uart_resume_input();
}

static const struct {
	u32 code; /* of c_cflag */
	u32 baud;
} speeds[] = {
	{B1200, 1200},   {B2400, 2400},   {B4800, 4800},   {B9600, 9600},
	{B19200, 19200}, {B38400, 38400}, {B57600, 57600}, {B115200, 115200},
};

/* Other speeds, and what else c_cflag says, are kept and change nothing. */
static void configure_serial(struct tty *tty, const struct termios *t)
{
	if ((t->c_cflag & CBAUD) == (tty->termios.c_cflag & CBAUD))
		return;
	for (u32 i = 0; i < ARRAY_SIZE(speeds); i++) {
		if (speeds[i].code == (t->c_cflag & CBAUD)) {
			uart_drain();
			uart_set_baud(speeds[i].baud);
		}
	}
}

/* The settings begin with the speed that console= may have set. */
static void tell_speed(struct tty *tty)
{
	for (u32 i = 0; i < ARRAY_SIZE(speeds); i++)
		if (speeds[i].baud == uart_baud())
			tty->termios.c_cflag = (tty->termios.c_cflag & ~CBAUD) | speeds[i].code;
}

/* Whose input is typed at a device whose own terminal is own. */
static struct tty *typed_at(struct tty *own, int output)
{
	return own->is_read || own->session || !outputs[output].used ? own : &console;
}

/* These two in the interrupt. */
static bool serial_input(u8 byte)
{
	return tty_input(typed_at(&serial, SERIAL), &byte, 1) > 0;
}

static void keyboard_input(const char *text, size_t len)
{
	tty_input(typed_at(&screen, SCREEN), text, len);
}

/* Where the serial line shows the same text, the terminal at its other end answers. */
static void screen_answer(const char *text, size_t len)
{
	struct tty *tty = typed_at(&screen, SCREEN);

	if (tty == &screen || !outputs[SERIAL].used)
		tty_input(tty, text, len);
}

static void add_device(struct char_device *dev, struct tty *tty)
{
	static const struct winsize screen_size = {.ws_row = VGA_ROWS, .ws_col = VGA_COLUMNS};

	dev->private = tty;
	if (char_device_register(dev))
		panic("two devices with the numbers of %s", dev->name);
	if (tty->device)
		return; /* another name of it */
	tty->device = dev;
	tty->name = dev->name;
	/* A serial line does not know how large the terminal at its end is: 0 lets programs ask it. */
	if (tty == &screen || (tty == &console && outputs[SCREEN].used))
		tty->size = screen_size;
	tty_register(tty);
}

__init void console_init(void)
{
	static const struct tty_driver serial_driver = {.write = serial_write,
							.resume_input = resume_serial,
							.configure = configure_serial};
	static const struct tty_driver screen_driver = {.write = screen_write};
	static const struct tty_driver console_driver = {.write = console_write,
							 .resume_input = resume_serial};
	static struct char_device devices[] = {
		{.name = "console", .major = TTYAUX_MAJOR, .minor = 1, .ops = &tty_shared_char_ops},
		{.name = "ttyS0", .major = TTY_MAJOR, .minor = 64, .ops = &tty_char_ops},
		{.name = "tty1", .major = TTY_MAJOR, .minor = 1, .ops = &tty_char_ops},
		{.name = "tty0", .major = TTY_MAJOR, .minor = 0, .ops = &tty_shared_char_ops},
	};
	int err;

	console.driver = &console_driver;
	serial.driver = &serial_driver;
	screen.driver = &screen_driver;
	add_device(&devices[0], &console);
	if (outputs[SERIAL].present) {
		add_device(&devices[1], &serial);
		tell_speed(&serial);
		tell_speed(&console);
	}
	if (outputs[SCREEN].present) {
		add_device(&devices[2], &screen);
		add_device(&devices[3], &screen);
	}
	tty_init();
	if (outputs[SERIAL].present && uart_start_input(serial_input))
		printk("console: no input from ttyS0, its interrupt line is taken\n");
	vga_set_answer(screen_answer);
	err = keyboard_init(keyboard_input, vga_application_keys);
	if (err)
		printk("keyboard: none%s\n", err == -ENODEV ? "" : ", its interrupt line is taken");
}
