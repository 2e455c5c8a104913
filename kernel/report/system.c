/*
 * The system as a whole: what it is, what it does, and how long.
 *
 * loadavg: every five seconds the number of threads that could run goes into three averages that forget
 * with time constants of 1, 5 and 15 minutes, in fixed point with 11 bits behind the point; factors
 * exp(-5 s / minutes) as everywhere.
 */
#include "fs/file.h"
#include "arch/i386/cpu/cpu.h"
#include "kernel/core/cmdline.h"
#include "kernel/core/irq.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "kernel/process/task.h"
#include "kernel/process/uts.h"
#include "kernel/report/report.h"
#include "lib/math64.h"
#include "lib/string.h"

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

static void cmdline_show(struct seq *s)
{
	seq_puts(s, cmdline_text());
	seq_putc(s, '\n');
}

/* ---- load ---- */

#define LOAD_SHIFT       11
#define LOAD_ONE         (1u << LOAD_SHIFT)
#define LOAD_INTERVAL_NS (5 * NSEC_PER_SEC)
#define NR_LOADS         3

static const u32 load_decay[NR_LOADS] = {1884, 2014, 2037}; /* 2048 / exp(5/60), /300, /900 */
static u32 loads[NR_LOADS];

static void sample_load(struct timer *timer)
{
	u32 active = sched_nr_running() * LOAD_ONE;

	for (u32 i = 0; i < NR_LOADS; i++)
		loads[i] = (loads[i] * load_decay[i] + active * (LOAD_ONE - load_decay[i])) >>
			   LOAD_SHIFT;
	timer_start(timer, timer->expires_ns + LOAD_INTERVAL_NS, sample_load);
}

static u32 nr_tasks(void)
{
	const struct task *t;
	u32 n = 0;

	for_each_task (t)
		n += t->group->nr_live;
	return n;
}

static void loadavg_show(struct seq *s)
{
	for (u32 i = 0; i < NR_LOADS; i++)
		seq_printf(s, "%u.%02u ", loads[i] >> LOAD_SHIFT,
			   (loads[i] & (LOAD_ONE - 1)) * 100 >> LOAD_SHIFT);
	seq_printf(s, "%u/%u %u\n", sched_nr_running(), nr_tasks(), task_last_pid());
}

/* ---- stat ---- */

static void stat_show(struct seq *s)
{
	const struct thread *idle = list_first_entry(&all_threads, struct thread, all_node);
	u64 user = sched_user_ticks(), ticks = time_ticks();
	u64 system = ticks - user - idle->kernel_ticks, interrupts = 0;

	/* user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice */
	for (u32 line = 0; line < 2; line++)
		seq_printf(s, "cpu%s %llu 0 %llu %llu 0 0 0 0 0 0\n", line ? "0" : " ", user,
			   system, idle->kernel_ticks);
	for (u32 irq = 0; irq < NR_IRQS; irq++)
		interrupts += irq_count(irq);
	seq_printf(s, "intr %llu", interrupts);
	for (u32 irq = 0; irq < NR_IRQS; irq++)
		seq_printf(s, " %u", irq_count(irq));
	seq_printf(s, "\nctxt %llu\nbtime %llu\n", sched_nr_switches(),
		   div_u64(time_realtime_ns() - time_monotonic_ns(), (u32)NSEC_PER_SEC));
	seq_printf(s, "processes %u\nprocs_running %u\nprocs_blocked 0\n", task_last_pid(),
		   sched_nr_running());
}

/* ---- cpuinfo ---- */

static void cpuinfo_show(struct seq *s)
{
	/* Linux's names of the features, in CPUID's order of bits (leaf 1, EDX) */
	static const char *const names[] = {
		"fpu", "vme", "de",   "pse", "tsc",  "msr",  "pae",  "mce",   "cx8", "apic",
		NULL,  "sep", "mtrr", "pge", "mca",  "cmov", "pat",  "pse36", "pn",  "clflush",
		NULL,  "dts", "acpi", "mmx", "fxsr", "sse",  "sse2", "ss",    "ht",  "tm"};

	seq_printf(s, "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n",
		   cpu.vendor[0] ? cpu.vendor : "unknown", cpu.family, cpu.model);
	seq_printf(s, "model name\t: %s\nstepping\t: %u\n",
		   cpu.model_name[0] ? cpu.model_name : machine_name(), cpu.stepping);
	seq_printf(s, "fpu\t\t: %s\nwp\t\t: %s\nflags\t\t:", cpu_has(CPU_FPU) ? "yes" : "no",
		   cpu_has(CPU_WP) ? "yes" : "no");
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && (cpu.cpuid_edx >> i & 1))
			seq_printf(s, " %s", names[i]);
	seq_printf(s, "\nbugs\t\t:%s\n\n", cpu.f00f_bug ? " f00f" : "");
}

/* ---- sys/kernel ---- */

static void hostname_show(struct seq *s)
{
	seq_printf(s, "%s\n", uts_nodename);
}

static int hostname_write(const char *text)
{
	strlcpy(uts_nodename, text, sizeof(uts_nodename));
	return 0;
}

static void domainname_show(struct seq *s)
{
	seq_printf(s, "%s\n", uts_domainname);
}

static int domainname_write(const char *text)
{
	strlcpy(uts_domainname, text, sizeof(uts_domainname));
	return 0;
}

static void ostype_show(struct seq *s)
{
	seq_puts(s, UTS_SYSNAME "\n");
}

static void osrelease_show(struct seq *s)
{
	seq_puts(s, UTS_RELEASE "\n");
}

static void os_version_show(struct seq *s)
{
	seq_puts(s, UTS_VERSION "\n");
}

static void pid_max_show(struct seq *s)
{
	seq_printf(s, "%u\n", PID_MAX);
}

static void ngroups_max_show(struct seq *s)
{
	seq_printf(s, "%u\n", GROUPS_MAX);
}

static struct report reports[] = {
	{.name = "version", .show = version_show},
	{.name = "uptime", .show = uptime_show},
	{.name = "interrupts", .show = interrupts_show},
	{.name = "stat", .show = stat_show},
	{.name = "loadavg", .show = loadavg_show},
	{.name = "cpuinfo", .show = cpuinfo_show},
	{.name = "cmdline", .show = cmdline_show},
	{.name = "sys/kernel/hostname", .show = hostname_show, .write = hostname_write},
	{.name = "sys/kernel/domainname", .show = domainname_show, .write = domainname_write},
	{.name = "sys/kernel/ostype", .show = ostype_show},
	{.name = "sys/kernel/osrelease", .show = osrelease_show},
	{.name = "sys/kernel/version", .show = os_version_show},
	{.name = "sys/kernel/pid_max", .show = pid_max_show},
	{.name = "sys/kernel/ngroups_max", .show = ngroups_max_show},
};

__init void system_report_init(void)
{
	static struct timer load_timer;

	timer_start(&load_timer, time_monotonic_ns() + LOAD_INTERVAL_NS, sample_load);
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
