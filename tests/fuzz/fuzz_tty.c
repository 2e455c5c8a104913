/*
 * Any keys, with any settings, in any order with reads: the first byte of each pair says what is done, the second with
 * what. What is read was typed, the buffers keep their order, and what the device is shown ends no sequence in its middle.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/host/fake_usercopy.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "kernel/core/tty.h"
#include "mm/kmem/slab.h"
#include <asm/errno.h>
#include <linux/fcntl.h>

bool fake_irqs_on = true;
static struct thread thread;
struct thread *current = &thread;
static struct tty tty;
static struct char_device dev = {.ops = &tty_char_ops, .private = &tty, .name = "t"};

void schedule(void)
{
	abort(); /* everything here is asked not to sleep */
}
void thread_wake(struct thread *t)
{
	t->state = THREAD_RUNNING;
}
struct thread *kthread_create(const char *name __maybe_unused, void (*fn)(void *) __maybe_unused,
			      void *arg __maybe_unused)
{
	return NULL;
}
void *kmalloc(size_t size, gfp_t gfp __maybe_unused)
{
	return malloc(size);
}
void kfree(const void *p)
{
	free((void *)p);
}
u64 time_monotonic_ns(void)
{
	return 0;
}
void timer_start(struct timer *t __maybe_unused, u64 ns __maybe_unused,
		 void (*fn)(struct timer *t) __maybe_unused)
{
	abort();
}
bool timer_cancel(struct timer *t __maybe_unused)
{
	return false;
}
void panic(const char *fmt __maybe_unused, ...)
{
	abort();
}
/* Each byte is looked at: AddressSanitizer sees one too many. */
static void device_write(struct tty *t __maybe_unused, const char *text, size_t len)
{
	u8 seen = 0;

	REQUIRE(len && len <= TTY_OUT_SIZE);
	for (size_t i = 0; i < len; i++)
		seen ^= text[i];
	asm volatile("" : : "r"((u32)seen));
}

static void require_sound(void)
{
	u32 used = tty.line_end - tty.read_at;

	REQUIRE(used <= TTY_INPUT_SIZE);
	REQUIRE(tty.line_start - tty.read_at <= used);
	REQUIRE(tty.raw_in - tty.raw_out <= TTY_RAW_SIZE);
	REQUIRE(tty.echo_len <= TTY_ECHO_SIZE && tty.out_len <= TTY_OUT_SIZE);
	REQUIRE(tty.out_whole <= tty.out_len);
	if (!(tty.termios.c_lflag & ICANON))
		REQUIRE(tty.line_start == tty.line_end);
}

static void read_some(u32 len)
{
	u8 *buf = malloc(len + 1);
	ssize_t n = dev.ops->read(&dev, buf, len, O_NONBLOCK);

	REQUIRE(n <= (ssize_t)len && (n >= 0 || n == -EAGAIN));
	free(buf);
}

static void change(u8 what)
{
	static const u32 bits[] = {ICANON,  ECHO,   ISIG,   ECHOE,  ECHOK, ECHOKE,
				   ECHOCTL, IEXTEN, ECHONL, NOFLSH, TOSTOP};
	static const u32 input[] = {ICRNL,  INLCR, IGNCR, IXON,   IXANY,
				    ISTRIP, IUTF8, IUCLC, IMAXBEL};
	static const u32 output[] = {OPOST, ONLCR, OCRNL, ONOCR, ONLRET, XTABS, OLCUC};
	struct termios t = tty.termios;

	if (what < 64)
		t.c_lflag ^= bits[what % ARRAY_SIZE(bits)];
	else if (what < 128)
		t.c_iflag ^= input[what % ARRAY_SIZE(input)];
	else if (what < 192)
		t.c_oflag ^= output[what % ARRAY_SIZE(output)];
	else
		t.c_cc[what % NCCS] = what / 2;
	/* VTIME without VMIN would sleep, which is asked for by a time that nothing here lets pass. */
	REQUIRE(dev.ops->ioctl(&dev, what & 1 ? TCSETS : TCSETSF, (vaddr_t)&t) == 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const struct tty_driver driver = {.write = device_write};
	char same[200];

	memset(&tty, 0, sizeof(tty));
	tty.driver = &driver;
	tty.device = &dev;
	tty_register(&tty);
	REQUIRE(dev.ops->open(&dev, O_RDWR | O_NOCTTY) == &dev);
	for (size_t i = 0; i + 1 < size; i += 2) {
		u8 c = data[i + 1];

		switch (data[i] % 8) {
		case 0:
		case 1:
		case 2:
			tty_input(&tty, &c, 1);
			tty_pump(&tty);
			break;
		case 3: /* a key that is held down */
			memset(same, c, sizeof(same));
			tty_input(&tty, same, sizeof(same));
			break;
		case 4:
			read_some(c);
			break;
		case 5:
			dev.ops->write(&dev, &c, 1, O_NONBLOCK);
			break;
		case 6:
			change(c);
			break;
		case 7:
			memset(same, 'a' + c % 26, sizeof(same));
			dev.ops->write(&dev, same, c % sizeof(same), O_NONBLOCK);
			break;
		}
		require_sound();
	}
	dev.ops->release(&dev, O_RDWR | O_NOCTTY);
	list_del(&tty.node);
	return 0;
}
