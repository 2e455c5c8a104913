/* The end of the machine. */
#include "lib/panic.h"
#include "lib/printk.h"

#define MAX_REPORTS 8

static void (*reports[MAX_REPORTS])(void);
static unsigned nr_reports;
static void (*stop_hook)(void);
static unsigned panics;

unsigned warn_count;

void panic_add_report(void (*report)(void))
{
	BUG_ON(nr_reports == MAX_REPORTS);
	reports[nr_reports++] = report;
}

void panic_set_hook(void (*stop)(void))
{
	stop_hook = stop;
}

static __noreturn void halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/*
 * A panic can happen inside a panic, each time with less that may be trusted:
 *
 *   first     message, all reports, stop hook
 *   second    message (without the sink that was busy), the reports that have not run, stop hook
 *   3rd..10th the same: each report is tried at most once, and there are at most eight
 *   then      halt
 */
void panic(const char *fmt, ...)
{
	static unsigned next_report;
	va_list args;

	__asm__ volatile("cli");
	panics++;
	if (panics > MAX_REPORTS + 2)
		halt();
	printk_recover(panics > 1);
	printk(panics > 1 ? "PANIC in panic: " : "PANIC: ");
	va_start(args, fmt);
	vprintk(fmt, args);
	va_end(args);
	printk("\n");
	while (next_report < nr_reports) {
		next_report++;
		reports[next_report - 1]();
	}
	if (stop_hook && panics <= MAX_REPORTS + 1)
		stop_hook();
	halt();
}

void warn(const char *file, int line, const char *what)
{
	warn_count++;
	printk("WARNING: %s:%d: %s\n", file, line, what);
}
