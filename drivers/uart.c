/* The first serial port (National Semiconductor PC16550D data sheet). */
#include "arch/i386/cpu/io.h"
#include "arch/i386/cpu/irqflags.h"
#include "drivers/poll.h"
#include "drivers/uart.h"
#include "kernel/core/irq.h"
#include "kernel/core/sysrq.h"
#include "kernel/core/time.h"

#define BASE            0x3F8
#define LINE            4

#define REG_DATA        (BASE + 0) /* DLAB: low byte of the divisor */
#define REG_IER         (BASE + 1) /* DLAB: high byte */
#define REG_IIR         (BASE + 2)
#define REG_FCR         (BASE + 2)
#define REG_LCR         (BASE + 3)
#define REG_MCR         (BASE + 4)
#define REG_LSR         (BASE + 5)
#define REG_MSR         (BASE + 6)
#define REG_SCRATCH     (BASE + 7)

#define IER_RECEIVED    0x01
#define IIR_NONE        0x01
#define IIR_FIFO_WORKS  0xC0
#define FCR_ENABLE      0x07 /* and clear both */
#define LCR_8N1         0x03
#define LCR_DLAB        0x80
#define MCR_DTR_RTS     0x03
#define MCR_OUT2        0x08 /* the gate to the interrupt line */
#define MCR_LOOP        0x10
#define LSR_RECEIVED    0x01
#define LSR_BREAK       0x10
#define LSR_CAN_SEND    0x20
#define LSR_IDLE        0x40
#define MSR_RTS_DTR_OUT 0x90 /* in loopback RTS comes back as CTS (0x10), OUT2 as DCD (0x80) */
#define MSR_INPUTS      0xF0

#define MAX_BAUD        115200u
#define SEND_US         150000u /* 16 bytes take 1.4 ms at 115200 baud, 133 ms at 1200 */
#define MAX_TIMEOUTS    3u
#define FIFO_BYTES      16u
#define MAX_PER_IRQ     256u
#define SYSRQ_NS        (5 * NSEC_PER_SEC) /* after a break, a key speaks to the kernel */

static bool present;
static const char *model;
static u32 fifo_bytes = 1;
static u32 baud_now;
static u32 timeouts;
static bool (*input_byte)(u8 byte);
static u64 sysrq_until_ns;

bool uart_set_baud(u32 baud)
{
	u32 divisor, flags;

	if (!present || !baud || MAX_BAUD % baud)
		return false;
	divisor = MAX_BAUD / baud;
	/* While the divisor can be reached, the data cannot: an interrupt would read the wrong one. */
	flags = irq_save();
	outb(REG_LCR, LCR_8N1 | LCR_DLAB);
	outb(REG_DATA, divisor);
	outb(REG_IER, divisor >> 8);
	outb(REG_LCR, LCR_8N1);
	irq_restore(flags);
	baud_now = baud;
	return true;
}

u32 uart_baud(void)
{
	return baud_now;
}

static bool scratch_holds(u8 value)
{
	outb(REG_SCRATCH, value);
	/* Another value on the bus in between, so that its capacity does not answer for the register. */
	outb(REG_IER, 0);
	return inb(REG_SCRATCH) == value;
}

/*
 *   status register      nothing there reads 0xFF, on some ports 0x00
 *   loopback             the modem lines come back as they were set: decides
 *   scratch register     an 8250 has none
 *   FIFO bits            only a 16550A sets both
 */
bool uart_probe(void)
{
	u8 mcr, msr;

	/* The loader may have left bytes that are still going out: then the register is 0 for a moment. */
	if (!poll_until(inb(REG_LSR), 20000) || inb(REG_LSR) == 0xFF)
		return false;
	outb(REG_IER, 0);
	mcr = inb(REG_MCR);
	outb(REG_MCR, MCR_LOOP | MCR_OUT2 | (MCR_DTR_RTS & 2));
	msr = inb(REG_MSR);
	outb(REG_MCR, mcr);
	if ((msr & MSR_INPUTS) != MSR_RTS_DTR_OUT)
		return false;

	present = true;
	model = scratch_holds(0x5A) && scratch_holds(0xA5) ? "16450" : "8250";
	uart_set_baud(MAX_BAUD);
	outb(REG_FCR, FCR_ENABLE);
	if ((inb(REG_IIR) & IIR_FIFO_WORKS) == IIR_FIFO_WORKS) {
		model = "16550A";
		fifo_bytes = FIFO_BYTES;
	} else {
		outb(REG_FCR, 0);
	}
	outb(REG_MCR, MCR_DTR_RTS);
	return true;
}

const char *uart_model(void)
{
	return model;
}

/* The transmitter takes fifo_bytes after each time it says it is empty. */
static void send(const u8 *bytes, u32 count)
{
	if (!poll_until(inb(REG_LSR) & LSR_CAN_SEND, SEND_US)) {
		timeouts++;
		return;
	}
	timeouts = 0;
	while (count--)
		outb(REG_DATA, *bytes++);
}

void uart_write(const char *text, size_t len)
{
	while (len && timeouts < MAX_TIMEOUTS) {
		u32 burst = MIN(len, (size_t)fifo_bytes);

		send((const u8 *)text, burst);
		text += burst;
		len -= burst;
	}
}

void uart_drain(void)
{
	if (present && timeouts < MAX_TIMEOUTS)
		poll_until(inb(REG_LSR) & LSR_IDLE, SEND_US);
}

/* A break arrives as a byte of zeros; a second one is for the programs. => whether the byte was for the kernel. */
static bool sysrq_takes(u8 byte, bool is_break)
{
	u64 now = time_monotonic_ns();
	bool expected = now < sysrq_until_ns;

	sysrq_until_ns = is_break && !expected ? now + SYSRQ_NS : 0;
	if (is_break)
		return !expected;
	if (expected)
		sysrq_key(byte);
	return expected;
}

/* false: nobody has room for more. */
static bool take(u8 byte, bool is_break)
{
	if ((is_break || sysrq_until_ns) && sysrq_takes(byte, is_break))
		return true;
	return input_byte(byte);
}

static void uart_interrupt(struct trap_frame *f __maybe_unused, void *arg __maybe_unused)
{
	/* The line is edge triggered: it must be low before we leave, so look until nothing is pending. */
	for (u32 i = 0; i < MAX_PER_IRQ && !(inb(REG_IIR) & IIR_NONE); i++) {
		u8 status = inb(REG_LSR);

		if (status == 0xFF)
			break;
		if (!(status & LSR_RECEIVED)) {
			inb(REG_MSR);
		} else if (!take(inb(REG_DATA), status & LSR_BREAK)) {
			/* No room for more: the rest stays in the port. */
			outb(REG_IER, 0);
			break;
		}
	}
}

void uart_resume_input(void)
{
	outb(REG_IER, IER_RECEIVED);
}

int uart_start_input(bool (*input)(u8 byte))
{
	int ret;

	input_byte = input;
	ret = irq_request(LINE, "ttyS0", uart_interrupt, NULL);
	if (ret)
		return ret;
	outb(REG_MCR, MCR_DTR_RTS | MCR_OUT2);
	outb(REG_IER, IER_RECEIVED);
	return 0;
}
