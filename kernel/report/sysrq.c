/*
 * What can be asked of the kernel when nothing else answers: from /proc/sysrq-trigger, and from the consoles by
 * Alt-SysRq and a key, or a break on the serial line and a key within five seconds. Keys and texts are Linux's.
 *
 * From a console this runs in the interrupt, for the threads may be what hangs. So a command only reads: it takes no
 * lock and allocates nothing. What it interrupted may be in the middle of a change, and a figure be off by that one
 * change; lists are left in an order in which they can be followed at any moment, and processes are found by the list of
 * threads, which changes with interrupts off.
 */
#include "kernel/core/sysrq.h"
#include "arch/i386/cpu/backtrace.h"
#include "arch/i386/cpu/extable.h"
#include "drivers/power.h"
#include "fs/file.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/parse.h"
#include "lib/printk.h"
#include "lib/string.h"

/* /proc/sys/kernel/sysrq: 1 permits all from the consoles, other numbers are a mask of these. */
#define MASK_ALL  1u
#define MASK_DUMP 8u
#define MASK_BOOT 128u

static u32 mask = MASK_ALL;

/* ---- commands ---- */

static void print_stack(const struct thread *t)
{
	u32 eip, ebp;

	if (backtrace_of(&t->context, &eip, &ebp))
		backtrace_print(eip, ebp);
}

static void print_thread(const struct thread *t)
{
	static const char states[] = {[THREAD_RUNNING] = 'R',
				      [THREAD_SLEEPING] = 'S',
				      [THREAD_SLEEPING_UNINTERRUPTIBLE] = 'D',
				      [THREAD_DEAD] = 'X'};
	const struct task *task = t->is_user ? (const struct task *)t : NULL;

	printk("task:%-15.15s state:%c stack:%08x pid:%-5u ppid:%u\n", t->name, states[t->state],
	       (u32)t->stack, task ? task->pid : 0,
	       task && task->leader && task->leader->parent ? task->leader->parent->pid : 0);
	if (t != current)
		print_stack(t);
}

static void show_tasks(void)
{
	const struct thread *t;

	list_for_each_entry (t, &all_threads, all_node)
		print_thread(t);
}

static void crash(void)
{
	panic("sysrq triggered crash");
}

static void restart(void)
{
	machine_restart();
}

static void help(void);

static const struct command {
	char key;
	u32 mask; /* one of its bits permits it; 0: always */
	const char *name, *says;
	void (*run)(void); /* NULL: Linux has it and there is nothing here for it to do */
} commands[] = {
	{'b', MASK_BOOT, "reboot(b)", "Resetting", restart},
	{'c', MASK_DUMP, "crash(c)", "Trigger a crash", crash},
	{'h', 0, NULL, NULL, help},
	{'m', MASK_DUMP, "show-memory-usage(m)", "Show Memory", show_mem},
	{'t', MASK_DUMP, "show-task-states(t)", "Show State", show_tasks},
	{'e', 0, NULL, "terminate-all-tasks", NULL},
	{'f', 0, NULL, "memory-full-oom-kill", NULL},
	{'i', 0, NULL, "kill-all-tasks", NULL},
	{'k', 0, NULL, "sak", NULL},
	{'o', 0, NULL, "poweroff", NULL},
	{'s', 0, NULL, "sync: there is no disk", NULL},
	{'u', 0, NULL, "unmount: there is no disk", NULL},
	{'w', 0, NULL, "show-blocked-tasks: t shows them all", NULL},
};

static void help(void)
{
	printk("sysrq: HELP :");
	for (u32 i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].name)
			printk(" %s", commands[i].name);
	printk("\n");
}

static void handle(u8 key, bool permitted_all)
{
	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		if (c->key != (char)key)
			continue;
		if (!c->run) {
			printk("sysrq: not here: %s\n", c->says);
			return;
		}
		if (c->mask && !permitted_all && mask != MASK_ALL && !(mask & c->mask)) {
			printk("sysrq: This sysrq operation is disabled.\n");
			return;
		}
		if (c->says)
			printk("sysrq: %s\n", c->says);
		c->run();
		return;
	}
	help();
}

static void key_from_console(u8 key)
{
	if (mask)
		handle(key, false);
}

/* ---- files ---- */

static int trigger_write(const char *text)
{
	if (*text)
		handle(*text, true);
	return 0;
}

static void mask_show(struct seq *s)
{
	seq_printf(s, "%u\n", mask);
}

static int mask_write(const char *text)
{
	return parse_u32(text, 10, &mask);
}

static struct report reports[] = {
	{.name = "sysrq-trigger", .mode = 0200, .write = trigger_write},
	{.name = "sys/kernel/sysrq", .show = mask_show, .write = mask_write},
};

__init void sysrq_init(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
	sysrq_set_handler(key_from_console);
	process_set_oom_report(show_mem_at_oom);
}
