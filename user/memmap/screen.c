/* The terminal: its size, single keys, and output in large pieces, so that nothing flickers. */
#include "user/memmap/memmap.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/poll.h>

#include "user/lib/io.h"
#include "user/lib/syscall.h"

/* As asm-generic/termios.h, which cannot stand beside asm/termbits.h everywhere. */
struct window_size {
	unsigned short rows, columns, x_pixels, y_pixels;
};

void screen_size(struct screen *screen)
{
	struct window_size size;

	screen->columns = 80;
	screen->rows = 24;
	if (sys_ioctl(1, TIOCGWINSZ, (long)&size) || !size.columns || !size.rows)
		return;
	screen->columns = size.columns;
	screen->rows = size.rows;
}

static struct termios before;

bool keys_begin(void)
{
	struct termios by_key;

	if (sys_ioctl(1, TCGETS, (long)&by_key) || sys_ioctl(0, TCGETS, (long)&before))
		return false;
	by_key = before;
	by_key.c_lflag &= ~(ICANON | ECHO | ISIG); /* Ctrl-C is a key, too: it must tidy up */
	by_key.c_cc[VMIN] = 1;
	by_key.c_cc[VTIME] = 0;
	return !sys_ioctl(0, TCSETS, (long)&by_key);
}

void keys_end(void)
{
	sys_ioctl(0, TCSETS, (long)&before);
}

int key_within(int milliseconds)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	unsigned char key;

	if (syscall3(__NR_poll, (long)&input, 1, milliseconds) <= 0)
		return 0;
	return sys_read(0, &key, 1) == 1 ? key : -1;
}

static char text[4096];
static size_t len;

void flush(void)
{
	size_t done = 0;

	while (done < len) {
		long n = sys_write(1, text + done, len - done);

		if (n <= 0)
			break;
		done += n;
	}
	len = 0;
}

void put_char(char c)
{
	if (len == sizeof(text))
		flush();
	text[len++] = c;
}

void put_text(const char *format, ...)
{
	char piece[160];
	va_list args;

	va_start(args, format);
	vsnprintf(piece, sizeof(piece), format, args);
	va_end(args);
	for (const char *s = piece; *s; s++)
		put_char(*s);
}
