/*
 * The console. Output: two sinks, the serial line and the text screen, each used if it is there and not ruled out by
 * console=. Input: the serial line.
 *
 *   interrupt ──> raw ──(pump)──> lines ──> read
 *
 * The interrupt only stores bytes. Echo and line editing are done by pump(), in a thread: whoever reads, or asks
 * how much could be read. So the terminal's state needs no lock, and echo never comes in the middle of other output.
 *
 * lines holds characters and marks for the end of input; [read_at, line_start) may be read, [line_start, line_end) is
 * the line being typed, which can still be edited. In non-canonical mode the latter is always empty.
 */
#include "drivers/console.h"
#include "drivers/uart.h"
#include "drivers/vga.h"
#include "kernel/core/chardev.h"
#include "kernel/core/wait.h"
#include "lib/err.h"
#include "lib/parse.h"
#include "lib/printk.h"
#include "lib/string.h"
#include <asm/termbits.h>

#define RAW_SIZE   256u  /* powers of two: the counters wrap */
#define LINES_SIZE 4096u /* Linux's longest line */
#define END_MARK   0x100u
#define ERASE_ALT  '\b' /* some terminals send it for DEL */

/* <linux/major.h>: TTY_MAJOR 4, TTYAUX_MAJOR 5 */
#define TTY_MAJOR    4
#define TTYAUX_MAJOR 5

static void serial_sink_write(struct console_sink *sink __maybe_unused, const char *text,
			      size_t len)
{
	uart_write(text, len);
}

static void screen_sink_write(struct console_sink *sink __maybe_unused, const char *text,
			      size_t len)
{
	vga_write(text, len);
}

static struct {
	struct console_sink sink;
	bool present, used;
} outputs[] = {
	{.sink = {.name = "ttyS0", .write = serial_sink_write}},
	{.sink = {.name = "tty0", .write = screen_sink_write}},
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

void console_early_init(void)
{
	outputs[0].present = uart_probe();
	outputs[1].present = vga_probe();
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
		if (i == 0 && comma &&
		    (parse_digits(&digits, 10, &baud) || baud > 115200 || !uart_set_baud(baud)))
			printk("console: ttyS0 cannot do %s baud\n", comma + 1);
		return;
	}
	printk("console: console=%s names no device\n", value);
}

bool console_has(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(outputs); i++)
		if (!strcmp(outputs[i].sink.name, name))
			return outputs[i].used;
	return false;
}

static u8 raw[RAW_SIZE];
static u32 raw_in, raw_out;
static u16 lines[LINES_SIZE];
static u32 read_at, line_start, line_end;
static struct wait_queue readers = {.waiters = LIST_HEAD_INIT(readers.waiters)};

static struct termios termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	/* Linux's INIT_C_CC: ^C ^\ DEL ^U ^D, VMIN 1, ^Q ^S ^Z ^R ^O ^W ^V */
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

/* In the interrupt. */
static void console_input(u8 byte)
{
	if (raw_in - raw_out < RAW_SIZE)
		raw[raw_in++ % RAW_SIZE] = byte;
	wake_up_all(&readers);
}

static void echo(const char *text, size_t len)
{
	if (termios.c_lflag & ECHO)
		console_write(text, len);
}

static void echo_char(u8 c)
{
	char shown[2] = {'^', (char)(c ^ 0x40)};

	if (c >= ' ' && c != 0x7F)
		echo((char *)&c, 1);
	else if (c == '\n' || c == '\t')
		echo((char *)&c, 1);
	else if (termios.c_lflag & ECHOCTL)
		echo(shown, 2);
}

static void erase_last(void)
{
	u16 c = lines[--line_end % LINES_SIZE];

	echo("\b \b", 3);
	if ((c < ' ' && c != '\t') || c == 0x7F)
		echo("\b \b", 3); /* it was shown as ^X */
}

static void append(u16 c)
{
	if (line_end - read_at < LINES_SIZE)
		lines[line_end++ % LINES_SIZE] = c;
}

static bool is_control(u8 c, unsigned which)
{
	return termios.c_cc[which] && c == termios.c_cc[which];
}

static void take_canonical(u8 c)
{
	if (is_control(c, VERASE) || c == ERASE_ALT) {
		if (line_end != line_start)
			erase_last();
		return;
	}
	if (is_control(c, VKILL)) {
		while (line_end != line_start)
			erase_last();
		return;
	}
	if (is_control(c, VEOF)) {
		append(END_MARK);
		line_start = line_end;
		return;
	}
	/* One place stays free for the end of the line. */
	if (c != '\n' && line_end - read_at >= LINES_SIZE - 1)
		return;
	echo_char(c);
	append(c);
	if (c == '\n' || is_control(c, VEOL))
		line_start = line_end;
}

static void take(u8 c)
{
	if (c == '\r') {
		if (termios.c_iflag & IGNCR)
			return;
		if (termios.c_iflag & ICRNL)
			c = '\n';
	} else if (c == '\n' && termios.c_iflag & INLCR) {
		c = '\r';
	}
	if (termios.c_lflag & ICANON) {
		take_canonical(c);
		return;
	}
	echo_char(c);
	append(c);
	line_start = line_end;
}

/* What is taken after a full buffer waits in raw. */
static void pump(void)
{
	while (READ_ONCE(raw_out) != READ_ONCE(raw_in) && line_end - read_at < LINES_SIZE) {
		u8 c = raw[raw_out % RAW_SIZE];

		barrier();
		WRITE_ONCE(raw_out, raw_out + 1);
		take(c);
	}
}

static bool can_read(void)
{
	pump();
	return read_at != line_start;
}

static ssize_t console_read(struct char_device *dev __maybe_unused, void *buf, size_t len)
{
	u8 *out = buf;
	size_t done = 0;
	bool canonical;

	if (!len)
		return 0;
	canonical = termios.c_lflag & ICANON;
	if (canonical || termios.c_cc[VMIN]) {
		int ret = wait_event_interruptible(readers, can_read());

		if (ret)
			return ret;
	} else {
		pump();
	}
	while (done < len && read_at != line_start) {
		u16 c = lines[read_at++ % LINES_SIZE];

		if (c == END_MARK)
			break;
		out[done++] = c;
		if (canonical && c == '\n')
			break;
	}
	return done;
}

static ssize_t console_device_write(struct char_device *dev __maybe_unused, const void *buf,
				    size_t len)
{
	console_write(buf, len);
	return len;
}

static int console_get_termios(struct char_device *dev __maybe_unused, struct termios *t)
{
	*t = termios;
	return 0;
}

static int console_set_termios(struct char_device *dev __maybe_unused, const struct termios *t)
{
	termios = *t;
	/* Half a line becomes readable when there are no lines any more. */
	if (!(termios.c_lflag & ICANON))
		line_start = line_end;
	wake_up_all(&readers);
	return 0;
}

static void console_get_size(struct char_device *dev __maybe_unused, u16 *rows, u16 *columns)
{
	*rows = VGA_ROWS;
	*columns = VGA_COLUMNS;
}

static size_t console_readable(struct char_device *dev __maybe_unused)
{
	pump();
	return line_start - read_at;
}

void console_init(void)
{
	static const struct char_ops ops = {
		.read = console_read,
		.write = console_device_write,
		.get_termios = console_get_termios,
		.set_termios = console_set_termios,
		.get_size = console_get_size,
		.readable = console_readable,
	};
	static struct char_device devices[] = {
		{.name = "console", .major = TTYAUX_MAJOR, .minor = 1, .ops = &ops},
		{.name = "tty", .major = TTYAUX_MAJOR, .minor = 0, .ops = &ops},
		{.name = "tty0", .major = TTY_MAJOR, .minor = 0, .ops = &ops},
		{.name = "ttyS0", .major = TTY_MAJOR, .minor = 64, .ops = &ops},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
		if (char_device_register(&devices[i]))
			printk("console: the numbers of %s are taken\n", devices[i].name);
	if (outputs[0].present && uart_start_input(console_input))
		printk("console: no input from ttyS0, its interrupt line is taken\n");
}
