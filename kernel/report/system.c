/* The system: version, uptime and interrupts. */
#include "fs/file.h"
#include "kernel/core/irq.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "kernel/process/uts.h"
#include "kernel/report/report.h"
#include "lib/math64.h"

#define NSEC_PER_CENTISECOND 10000000u

static void uptime_show(struct seq *s)
{
	const struct thread *idle = list_first_entry(&all_threads, struct thread, all_node);
	u32 up_rest, idle_rest;
	u32 up = div_u64_rem(div_u64(time_monotonic_ns(), NSEC_PER_CENTISECOND), 100, &up_rest);
	u32 rested = div_u64_rem(idle->kernel_ticks, HZ, &idle_rest);

	seq_printf(s, "%u.%02u %u.%02u\n", up, up_rest, rested, idle_rest * 100 / HZ);
}

static void version_show(struct seq *s)
{
	seq_printf(s, "%s version %s %s\n", UTS_SYSNAME, UTS_RELEASE, UTS_VERSION);
}

static void interrupts_show(struct seq *s)
{
	seq_puts(s, "           CPU0       \n");
	for (u32 irq = 0; irq < NR_IRQS; irq++)
		if (irq_name(irq))
			seq_printf(s, "%3u: %10u    XT-PIC      %s\n", irq, irq_count(irq),
				   irq_name(irq));
	seq_printf(s, "SPU: %10u   Spurious interrupts\n", irq_spurious_count());
}

static struct report reports[] = {
	{.name = "version", .show = version_show},
	{.name = "uptime", .show = uptime_show},
	{.name = "interrupts", .show = interrupts_show},
};

void system_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
