/* What drivers compute, and how they take what no device should say: ACPI's byte code, the clock, a serial port, the screen. */
#include "tests/host/check.h"
#include "arch/i386/cpu/io.h"
#include "arch/i386/cpu/layout.h"
#include "drivers/acpi_s5.h"
#include "drivers/rtc.h"
#include "drivers/uart.h"
#include "drivers/vga.h"
#include "kernel/core/irq.h"
#include "kernel/core/sysrq.h"
#include "kernel/core/time.h"
#include <sys/mman.h>
#include <time.h>

/* ---- a PC's ports ---- */
#define UART 0x3F8

static enum {
	UART_ABSENT_FF,
	UART_ABSENT_00,
	UART_8250,
	UART_16450,
	UART_16550A,
	UART_STUCK
} uart_kind;
static u8 uart_regs[8];
static char sent[8192];
static u32 nr_sent, burst, longest_burst;
static u8 arrived, arrived_status; /* one byte and its line status; 0: none */

static u8 uart_read(u32 reg)
{
	bool fifo = uart_kind == UART_16550A && uart_regs[2] & 1;

	if (uart_kind == UART_ABSENT_FF || uart_kind == UART_ABSENT_00)
		return uart_kind == UART_ABSENT_FF ? 0xFF : 0;
	switch (reg) {
	case 0:
		arrived_status = 0;
		return arrived;
	case 2:
		if (arrived_status)
			return 0x04;
		return fifo ? 0xC1 : 0x01;
	case 5: /* whoever asks finds the transmitter empty again */
		burst = 0;
		return uart_kind == UART_STUCK && nr_sent ? 0x01 : 0x60 | arrived_status;
	case 6:
		/* loopback: DTR RTS OUT1 OUT2 come back as DSR CTS RI DCD */
		if (uart_regs[4] & 0x10)
			return (uart_regs[4] & 1) << 5 | (uart_regs[4] & 2) << 3 |
			       (uart_regs[4] & 4) << 4 | (uart_regs[4] & 8) << 4;
		return 0;
	case 7:
		return uart_kind == UART_8250 ? 0xFF : uart_regs[7];
	default:
		return uart_regs[reg];
	}
}

static void uart_write_port(u32 reg, u8 v)
{
	uart_regs[reg] = v;
	if (reg || uart_regs[3] & 0x80)
		return;
	if (++burst > longest_burst)
		longest_burst = burst;
	if (nr_sent < sizeof(sent))
		sent[nr_sent++] = v;
}

bool fake_irqs_on = true;
static bool has_crtc;
static u8 crtc_index, crtc_regs[256];

u8 inb(u16 port)
{
	if (port == 0x3D5 && has_crtc)
		return crtc_regs[crtc_index];
	return port >= UART && port < UART + 8 ? uart_read(port - UART) : 0xFF;
}
u16 inw(u16 port __maybe_unused)
{
	return 0xFFFF;
}
u32 inl(u16 port __maybe_unused)
{
	return 0xFFFFFFFF;
}
void outb(u16 port, u8 v)
{
	if (port >= UART && port < UART + 8)
		uart_write_port(port - UART, v);
	else if (port == 0x3D4)
		crtc_index = v;
	else if (port == 0x3D5)
		crtc_regs[crtc_index] = v;
}
void outw(u16 port __maybe_unused, u16 v __maybe_unused)
{
}
void outl(u16 port __maybe_unused, u32 v __maybe_unused)
{
}
static void (*uart_handler)(struct trap_frame *f, void *arg);
int irq_request(u32 irq __maybe_unused, const char *name __maybe_unused,
		void (*handler)(struct trap_frame *f, void *arg), void *arg __maybe_unused)
{
	uart_handler = handler;
	return 0;
}
static u64 now_ns;
u64 time_monotonic_ns(void)
{
	return now_ns;
}
static u8 sysrqs[8];
static u32 nr_sysrqs;
void sysrq_key(u8 key)
{
	sysrqs[nr_sysrqs++] = key;
}
void time_set_realtime(u64 ns __maybe_unused)
{
}

/* ---- ACPI ---- */

/* As QEMU, Bochs and others have it: { name prefix, package, element encodings }. */
TEST(s5_is_found_in_each_encoding)
{
	static const struct {
		u8 bytes[24];
		u32 len;
		u8 a, b;
	} cases[] = {
		{{0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x00, 0x00, 0x00, 0x00}, 12, 0, 0},
		{{0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x04, 0x0A, 0x05, 0x0A, 0x05, 0, 0},
		 14,
		 5,
		 5},
		{{0x08, '\\', '_', 'S', '5', '_', 0x12, 0x0A, 0x04, 0x0A, 0x07, 0x01, 0, 0},
		 14,
		 7,
		 1},
		{{0x08, '_', 'S', '5', '_', 0x12, 0x47, 0x00, 0x02, 0x0B, 0x03, 0x00, 0x0C, 0x02, 0,
		  0, 0},
		 17,
		 3,
		 2},
		{{0x08, '_', 'S', '5', '_', 0x12, 0x04, 0x01, 0x0A, 0x06}, 10, 6, 6},
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		for (u32 before = 0; before < 6; before++) {
			/* Of exactly this size, so that a byte too far is seen. */
			u8 *aml = malloc(before + cases[i].len);
			u8 a = 99, b = 99;

			memset(aml, '_', before);
			memcpy(aml + before, cases[i].bytes, cases[i].len);
			CHECK(acpi_find_s5(aml, before + cases[i].len, &a, &b));
			CHECK_EQ(a, cases[i].a);
			CHECK_EQ(b, cases[i].b);
			free(aml);
		}
	}
}

TEST(s5_is_not_found_where_it_is_not)
{
	static const char *const texts[] = {"",
					    "_S5",
					    "_S5_",
					    "\x08_S5_",
					    "x_S5_\x12\x06\x04",
					    "\x08_S4_\x12\x06\x04",
					    "\x08_S5_\x12",
					    "\x08_S5_\x12\x06",
					    "\x08_S5_\x12\x06\x04\x0A",
					    "\x08_S5_\x12\x06\x04\x0A\x09\x0A\x09",
					    "\x08_S5_\x13\x06\x04\x0A\x05"};
	u8 a, b;

	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		u32 len = strlen(texts[i]);
		u8 *aml = malloc(len ? len : 1);

		memcpy(aml, texts[i], len);
		CHECK(!acpi_find_s5(aml, len, &a, &b));
		free(aml);
	}
}

TEST(any_bytes_at_all_are_searched_safely)
{
	static const u8 likely[] = {0x08, '\\', '_',  'S',  '5',  '_',  0x12, 0x06,
				    0x04, 0x0A, 0x0B, 0x0C, 0x00, 0x01, 0xFF};
	u32 found = 0;

	for (u32 i = 0; i < test_rounds(100000); i++) {
		u32 len = test_rand_below(40);
		u8 *aml = malloc(len + 1);
		u8 *end = realloc(aml, len ? len : 1);
		u8 a = 0, b = 0;

		for (u32 k = 0; k < len; k++)
			end[k] = test_rand_below(8) ? likely[test_rand_below(sizeof(likely))]
						    : test_rand();
		if (len >= 12 && test_rand_below(2))
			memcpy(end + test_rand_below(len - 5), "\x08_S5_\x12", 6);
		if (acpi_find_s5(end, len, &a, &b)) {
			CHECK(a <= 7 && b <= 7);
			found++;
		}
		free(end);
	}
	CHECK(found > 0);
}

/* ---- the clock, against the C library ---- */
static u8 encode(u32 v, bool binary)
{
	return binary ? v : v / 10 << 4 | v % 10;
}

TEST(the_clock_agrees_with_gmtime)
{
	for (u32 i = 0; i < test_rounds(20000); i++) {
		/* 1970 to 2105, all that a time_t of 32 bits can tell apart */
		u64 seconds = test_rand_below(0x7FFFFFFF);
		bool binary = test_rand_below(2), h24 = test_rand_below(2),
		     century = test_rand_below(2);
		struct rtc_registers r;
		time_t t = seconds;
		struct tm tm;
		u32 hour;

		gmtime_r(&t, &tm);
		hour = tm.tm_hour;
		r = (struct rtc_registers){
			.second = encode(tm.tm_sec, binary),
			.minute = encode(tm.tm_min, binary),
			.hour = h24 ? encode(hour, binary)
				    : encode(hour % 12 ? hour % 12 : 12, binary) |
						(hour >= 12 ? 0x80 : 0),
			.day = encode(tm.tm_mday, binary),
			.month = encode(tm.tm_mon + 1, binary),
			.year = encode(tm.tm_year % 100, binary),
			.century = century ? encode(19 + tm.tm_year / 100, binary) : 0xFF,
			.status_b = (binary ? 4 : 0) | (h24 ? 2 : 0),
		};
		CHECK_EQ(rtc_decode(&r), seconds);
	}
}

TEST(nonsense_is_no_date)
{
	struct rtc_registers r;

	memset(&r, 0xFF, sizeof(r));
	CHECK_EQ(rtc_decode(&r), 0);
	memset(&r, 0, sizeof(r));
	CHECK_EQ(rtc_decode(&r), 0);
	for (u32 i = 0; i < test_rounds(20000); i++) {
		u8 *bytes = (u8 *)&r;

		for (u32 k = 0; k < sizeof(r); k++)
			bytes[k] = test_rand();
		CHECK(rtc_decode(&r) < 7258118400ull); /* 2200 */
	}
}

/* ---- the serial port ---- */
static bool plug_in(int kind)
{
	uart_kind = kind;
	memset(uart_regs, 0, sizeof(uart_regs));
	nr_sent = longest_burst = burst = 0;
	return uart_probe();
}

TEST(ports_are_told_apart)
{
	CHECK(!plug_in(UART_ABSENT_FF));
	CHECK(!plug_in(UART_ABSENT_00));
	CHECK(plug_in(UART_8250));
	CHECK_STR(uart_model(), "8250");
	CHECK(plug_in(UART_16450));
	CHECK_STR(uart_model(), "16450");
	CHECK(plug_in(UART_16550A));
	CHECK_STR(uart_model(), "16550A");
}

TEST(text_goes_out_whole_and_within_the_fifo)
{
	char text[600];

	CHECK(plug_in(UART_16550A));
	for (u32 i = 0; i < sizeof(text); i++)
		text[i] = test_rand();
	for (u32 at = 0; at < sizeof(text);) {
		u32 n = MIN(1 + test_rand_below(40), (u32)sizeof(text) - at);

		uart_write(text + at, n);
		at += n;
	}
	CHECK_EQ(nr_sent, sizeof(text));
	CHECK(!memcmp(sent, text, sizeof(text)));
	CHECK(longest_burst > 1 && longest_burst <= 16);
}

static char received[16];
static bool receive(u8 byte)
{
	strncat(received, byte ? (const char[2]){byte} : "0", 1);
	return true;
}

static void arrives(u8 byte, bool is_break)
{
	arrived = byte;
	arrived_status = 0x01 | (is_break ? 0x10 : 0);
	uart_handler(NULL, NULL);
}

/* The key after a break is the kernel's, for five seconds; the second break in a row is the program's. */
TEST(a_break_makes_a_sysrq_key)
{
	CHECK(plug_in(UART_16550A));
	CHECK_EQ(uart_start_input(receive), 0);
	received[0] = '\0';
	nr_sysrqs = 0;
	now_ns = 1000;
	arrives('a', false);
	arrives(0, true);
	arrives('m', false);
	arrives('b', false);
	CHECK_STR(received, "ab");
	CHECK(nr_sysrqs == 1 && sysrqs[0] == 'm');
	arrives(0, true);
	now_ns += 6 * NSEC_PER_SEC;
	arrives('c', false);
	CHECK_STR(received, "abc");
	arrives(0, true);
	arrives(0, true);
	arrives('d', false);
	CHECK_STR(received, "abc0d");
	CHECK_EQ(nr_sysrqs, 1);
}

TEST(a_stuck_port_is_given_up)
{
	CHECK(plug_in(UART_STUCK));
	for (u32 i = 0; i < 100; i++)
		uart_write("text\n", 5);
	CHECK(nr_sent <= 16);
}

/* ---- the screen ---- */
#define SCREEN (KERNEL_BASE + 0xB8000u)

static u16 *plug_in_screen(void)
{
	u8 *low = (u8 *)KERNEL_BASE;

	munmap(low, 1 << 20);
	if (mmap(low, 1 << 20, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != low)
		FAIL("no fake screen");
	memset(low, 0xEE, 1 << 20);
	low[0x449] = 3;
	has_crtc = false;
	CHECK(!vga_probe());
	has_crtc = true;
	CHECK(vga_probe());
	vga_write("\033[0m", 4);
	return (u16 *)SCREEN;
}

/* As a terminal that ends lines with both. */
static void write_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			vga_write("\r", 1);
		vga_write(text, 1);
	}
}

static const char *row(const u16 *screen, u32 r)
{
	static char text[VGA_COLUMNS + 1];
	u32 len = VGA_COLUMNS;

	for (u32 i = 0; i < VGA_COLUMNS; i++)
		text[i] = screen[r * VGA_COLUMNS + i];
	while (len && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
	return text;
}

TEST(text_appears_where_a_terminal_shows_it)
{
	u16 *screen = plug_in_screen();

	write_text("\033[2J\033[Hone\ntwo\tx\rT\n\b\bthree\b\b!\n");
	write_text("\033[1;31mred\033[0m\033[?25l plain \303\251\n");
	/* \n at the end of a full line makes one new line, not two */
	for (u32 i = 0; i < VGA_COLUMNS; i++)
		write_text("w");
	write_text("next");
	CHECK_STR(row(screen, 0), "one");
	CHECK_STR(row(screen, 1), "Two     x");
	CHECK_STR(row(screen, 2), "thr!e");
	CHECK_STR(row(screen, 3), "red plain \x82"); /* code page 437 */
	CHECK_EQ(screen[3 * VGA_COLUMNS] >> 8, 0x0C);
	CHECK_EQ(screen[3 * VGA_COLUMNS + 4] >> 8, 0x07);
	CHECK_STR(row(screen, 5), "next");
	CHECK_EQ(crtc_regs[14] << 8 | crtc_regs[15], 5 * VGA_COLUMNS + 4);
	CHECK(crtc_regs[10] & 0x20); /* the cursor was turned off */
}

TEST(it_scrolls_and_stays_inside)
{
	u16 *screen = plug_in_screen();
	char line[32];

	for (u32 i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "line %u\n", i);
		write_text(line);
	}
	write_text("last");
	CHECK_STR(row(screen, VGA_ROWS - 1), "last");
	CHECK_STR(row(screen, VGA_ROWS - 2), "line 99");
	CHECK_STR(row(screen, 0), "line 76");
	for (u32 i = 0; i < test_rounds(20000); i++) {
		static const u8 likely[] = "\n\r\t\b\033[;m0123abc\303";
		char text[64];

		for (u32 k = 0; k < sizeof(text); k++)
			text[k] = test_rand_below(3) ? likely[test_rand_below(sizeof(likely))]
						     : test_rand();
		vga_write(text, test_rand_below(sizeof(text)));
	}
	CHECK_EQ(screen[-1], 0xEEEE);
	CHECK_EQ(screen[VGA_COLUMNS * VGA_ROWS], 0xEEEE);
}
