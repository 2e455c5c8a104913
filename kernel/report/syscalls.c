/* pagoda/syscalls: the calls that there are, how often each was made, and which were made in vain. */
#include "fs/file.h"
#include "kernel/process/syscall.h"
#include "kernel/report/report.h"
#include "lib/string.h"

/* "120 clone 17"; for a number without a call "- 222 3 program": how often, and by whom last. */
static void show(struct seq *s)
{
	const struct unknown_call *call;

	for (u32 nr = 0; nr < SYSCALL_TABLE_SIZE; nr++)
		if (syscall_name(nr))
			seq_printf(s, "%u %s %u\n", nr, syscall_name(nr), syscall_count(nr));
	for (u32 i = 0; (call = syscall_unknown(i)); i++)
		seq_printf(s, "- %d %u %s\n", (s32)call->nr, call->times, call->program);
}

/* Counting the calls that exist begins, from 0, with "on". */
static int write(const char *text)
{
	if (strcmp(text, "on") && strcmp(text, "off"))
		return -EINVAL;
	syscalls_count(!strcmp(text, "on"));
	return 0;
}

static struct report report = {.name = "pagoda/syscalls", .show = show, .write = write};

void syscalls_report_init(void)
{
	report_register(&report);
}
