/*
 * The 8253/8254 timer (Intel 8254 data sheet). Channel 0 divides its clock, 13125000/11 Hz, to the tick.
 *
 *   divisor   11932 for HZ = 100 (rounded)
 *   tick      11932 * 17600/21 ns = 10000152 8/21 ns; time.c carries the 8/21
 *
 * Between ticks time comes from the time-stamp counter, once it is known how fast that runs: it is compared with
 * the tick itself, over 8 ticks, then 16, and so on to 1024. Until then, and where there is no counter or its speed
 * is not plausible, time comes from channel 0's count, which costs four port accesses.
 *
 * Rejected: measuring at boot against channel 2. It is as good as it is long, and it waits all that time.
 */
#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/io.h"
#include "drivers/pic.h"
#include "drivers/pit.h"
#include "kernel/core/irq.h"
#include "kernel/core/time.h"
#include "lib/math64.h"
#include "lib/panic.h"
#include "lib/printk.h"

#define PIT_CHANNEL0       0x40
#define PIT_COMMAND        0x43
#define PIT_RATE_GENERATOR 0x34 /* channel 0, low byte then high byte, mode 2, binary */
#define PIT_LATCH0         0x00

/* The clock is a third of the NTSC colour carrier 315/88 MHz: 315e6 / 88 / 3 = 13125000 / 11 Hz. */
#define CLOCK_NUMERATOR   13125000u
#define CLOCK_DENOMINATOR 11u
#define DIVISOR           ((CLOCK_NUMERATOR + CLOCK_DENOMINATOR * HZ / 2) / (CLOCK_DENOMINATOR * HZ))

/* Nanoseconds of one count: 1e9 * 11 / 13125000. */
#define COUNT_NS_NUMERATOR   17600u
#define COUNT_NS_DENOMINATOR 21u
#define TICK_NS              (DIVISOR * COUNT_NS_NUMERATOR / COUNT_NS_DENOMINATOR)
#define TICK_NS_REMAINDER    (DIVISOR * COUNT_NS_NUMERATOR % COUNT_NS_DENOMINATOR)

static_assert(DIVISOR > 1 && DIVISOR <= 65536, "channel 0 is a 16-bit counter");
static_assert(DIVISOR < 0xFFFFFFFFu / COUNT_NS_NUMERATOR, "the products above fit 32 bits");

#define FIRST_CALIBRATION 8u
#define LAST_CALIBRATION  1024u
#define TSC_SHIFT         20
/* A counter slower than 1 MHz is no use, and none is faster than 20 GHz. Nanoseconds a count, times 2^TSC_SHIFT. */
#define MIN_NS_PER_COUNT ((1u << TSC_SHIFT) / 20)
#define MAX_NS_PER_COUNT (1000u << TSC_SHIFT)

static u64 tsc_at_tick;
static u64 tsc_start; /* at the first tick */
static u32 nr_ticks;
static u32 tsc_ns; /* nanoseconds a count, times 2^TSC_SHIFT */

static u32 since_tick_tsc(void)
{
	u64 counts = rdtsc() - tsc_at_tick;

	/* Longer than a tick either way: time.c cuts it. */
	if (counts >> 32)
		return 0xFFFFFFFFu;
	counts = counts * tsc_ns >> TSC_SHIFT;
	return counts >> 32 ? 0xFFFFFFFFu : (u32)counts;
}

static u32 since_tick_count(void)
{
	u32 left;

	outb(PIT_COMMAND, PIT_LATCH0);
	left = inb(PIT_CHANNEL0);
	left |= (u32)inb(PIT_CHANNEL0) << 8;
	/* It has started over, but the tick has not been counted yet. */
	if (pic_is_pending(0))
		return TICK_NS;
	if (left > DIVISOR)
		return 0;
	return (DIVISOR - left) * COUNT_NS_NUMERATOR / COUNT_NS_DENOMINATOR;
}

/* At the ticks with a number that is a power of two, so each takes twice the time of the one before. */
static void calibrate(void)
{
	u32 ticks = nr_ticks - 1;
	u64 counts = tsc_at_tick - tsc_start;
	u64 ns = div64_u64(((u64)ticks * TICK_NS) << TSC_SHIFT, counts ? counts : 1);

	if (ns < MIN_NS_PER_COUNT || ns > MAX_NS_PER_COUNT) {
		if (tsc_ns)
			time_set_fine(since_tick_count);
		tsc_ns = 0;
		nr_ticks = LAST_CALIBRATION + 1;
		printk("pit: the time-stamp counter's speed is not plausible; not used\n");
		return;
	}
	tsc_ns = ns;
	if (ticks == FIRST_CALIBRATION)
		time_set_fine(since_tick_tsc);
}

static void pit_interrupt(struct trap_frame *f, void *arg __maybe_unused)
{
	if (cpu_has(CPU_TSC)) {
		tsc_at_tick = rdtsc();
		if (nr_ticks <= LAST_CALIBRATION) {
			u32 passed = nr_ticks++;

			if (!passed)
				tsc_start = tsc_at_tick;
			else if (passed >= FIRST_CALIBRATION && !(passed & (passed - 1)))
				calibrate();
		}
	}
	time_tick(from_user(f));
}

__init void pit_init(void)
{
	outb(PIT_COMMAND, PIT_RATE_GENERATOR);
	outb(PIT_CHANNEL0, DIVISOR & 0xFF);
	outb(PIT_CHANNEL0, DIVISOR >> 8);
	time_set_tick_length(TICK_NS, TICK_NS_REMAINDER, COUNT_NS_DENOMINATOR);
	time_set_fine(since_tick_count);
	if (irq_request(0, "timer", pit_interrupt, NULL))
		panic("pit: interrupt line 0 is taken");
}
