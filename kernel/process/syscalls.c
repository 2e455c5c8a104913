/* The table that entry/vectors.asm calls through, and what the calls that are not in it answer. */
#include "kernel/process/syscall.h"
#include "lib/printk.h"
#include <asm/unistd.h>

/* The highest number of Linux 6.1 on i386 is that of set_mempolicy_home_node, 450. */
#define TABLE_SIZE 451

static u32 unknown_count;

/* Every slot is first sys_unknown and then, where the list names it, the call: the second wins. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#define TABLE_ENTRY(number, function) [__NR_##number] = sys_##function,
const syscall_fn syscall_table[TABLE_SIZE] = {[0 ... TABLE_SIZE - 1] = sys_unknown,
					      SYSCALLS(TABLE_ENTRY)};
#pragma GCC diagnostic pop

const u32 nr_syscalls = TABLE_SIZE;

long sys_unknown(struct trap_frame *regs)
{
	(void)regs;
	unknown_count++;
	return -ENOSYS;
}

u32 syscall_unknown_count(void)
{
	return unknown_count;
}
