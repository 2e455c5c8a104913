/*
 * The table that entry/vectors.asm calls through, what the calls that are not in it answer, and how
 * calls are counted.
 *
 * A call costs nothing to be countable: the entry compares the number with nr_syscalls and sends
 * what is not below it here. While calls are counted nr_syscalls is 0, so all of them come here
 * first.
 */
#include "kernel/process/syscall.h"
#include "lib/string.h"
#include <asm/unistd.h>

#define MAX_STRANGERS 64u

static u32 counts[SYSCALL_TABLE_SIZE];
static struct unknown_call strangers[MAX_STRANGERS];
static u32 nr_strangers;

/* Every slot is first sys_unknown and then, where the list names it, the call: the second wins. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#define TABLE_ENTRY(number, function) [__NR_##number] = sys_##function,
const syscall_fn syscall_table[SYSCALL_TABLE_SIZE] = {[0 ... SYSCALL_TABLE_SIZE - 1] = sys_unknown,
						      SYSCALLS(TABLE_ENTRY)};
#pragma GCC diagnostic pop

#define NAME_ENTRY(number, function) [__NR_##number] = #number,
static const char *const names[SYSCALL_TABLE_SIZE] = {SYSCALLS(NAME_ENTRY)};

u32 nr_syscalls = SYSCALL_TABLE_SIZE;

void syscalls_count(bool on)
{
	if (on && nr_syscalls)
		memset(counts, 0, sizeof(counts));
	nr_syscalls = on ? 0 : SYSCALL_TABLE_SIZE;
}

/* The first MAX_STRANGERS numbers have a place each; the last place is for all that come later. */
static void note_unknown(u32 nr)
{
	struct unknown_call *call = strangers;

	while (call < strangers + nr_strangers && call->nr != nr)
		call++;
	if (call == strangers + nr_strangers && nr_strangers < MAX_STRANGERS)
		nr_strangers++;
	else if (call == strangers + MAX_STRANGERS)
		call--;
	call->nr = nr;
	call->times++;
	strlcpy(call->program, current->name, sizeof(call->program));
}

long sys_unknown(struct trap_frame *regs)
{
	u32 nr = regs->eax;

	if (nr < SYSCALL_TABLE_SIZE && syscall_table[nr] != sys_unknown) {
		counts[nr]++;
		return syscall_table[nr](regs);
	}
	note_unknown(nr);
	return -ENOSYS;
}

const char *syscall_name(u32 nr)
{
	return nr < SYSCALL_TABLE_SIZE ? names[nr] : NULL;
}

u32 syscall_count(u32 nr)
{
	return counts[nr];
}

const struct unknown_call *syscall_unknown(u32 i)
{
	return i < nr_strangers ? &strangers[i] : NULL;
}
