/* set_thread_area: segments of a thread's own. */
#include "tests/abi/lib/abi.h"

#include <asm/ldt.h>

static struct user_desc describe(const void *base, int entry)
{
	return (struct user_desc){.entry_number = entry,
				  .base_addr = (unsigned long)base,
				  .limit = 0xfffff,
				  .seg_32bit = 1,
				  .limit_in_pages = 1,
				  .useable = 1};
}

static void load_gs(int entry)
{
	asm volatile("mov %0, %%gs" ::"r"(entry * 8 + 3));
}

static unsigned long gs_word(void)
{
	unsigned long word;

	asm volatile("mov %%gs:0, %0" : "=r"(word));
	return word;
}

static int reads_gs(void *unused)
{
	(void)unused;
	return gs_word();
}

static int sets_own(void *base)
{
	struct user_desc desc = describe(base, -1);

	if (syscall1(__NR_set_thread_area, (long)&desc))
		return 99;
	load_gs(desc.entry_number);
	return gs_word();
}

static int clears_own(void *entry)
{
	struct user_desc none = {
		.entry_number = *(unsigned int *)entry, .read_exec_only = 1, .seg_not_present = 1};

	syscall1(__NR_set_thread_area, (long)&none);
	return gs_word();
}

int main(void)
{
	static unsigned long words[4] = {11, 22, 33, 44};
	const struct timespec tick = {.tv_nsec = 20 * 1000 * 1000};
	struct user_desc first = describe(&words[0], -1), more;
	unsigned int lowest;
	int pid, status;

	say("a free entry", syscall1(__NR_set_thread_area, (long)&first));
	lowest = first.entry_number;
	line("it is named: %s", lowest == 6 || lowest == 12 ? "yes" : "no");
	load_gs(lowest);
	line("gs:0 is %lu", gs_word());
	more = describe(&words[1], lowest);
	say("the same entry again", syscall1(__NR_set_thread_area, (long)&more));
	load_gs(lowest);
	line("gs:0 is %lu", gs_word());
	for (int i = 1; i < 4; i++) {
		more = describe(&words[i], -1);
		say("another free entry", syscall1(__NR_set_thread_area, (long)&more));
		if (more.entry_number != -1u)
			line("it is number %u from the first", more.entry_number - lowest);
	}
	say_status("a child inherits gs", in_child(reads_gs, NULL));

	/* entries belong to a process: switching back and forth keeps each one's own */
	pid = sys_fork();
	if (pid == 0) {
		more = describe(&words[3], lowest);
		syscall1(__NR_set_thread_area, (long)&more);
		load_gs(lowest);
		for (int i = 0; i < 10; i++) {
			sys_sched_yield();
			if (gs_word() != 44)
				sys_exit(1);
		}
		sys_nanosleep(&tick, NULL);
		sys_exit(gs_word());
	}
	for (int i = 0; i < 10; i++) {
		sys_sched_yield();
		if (gs_word() != 22)
			line("the parent's gs changed");
	}
	sys_wait4(pid, &status, 0, NULL);
	say_status("the child's own", status);
	line("the parent's own: %lu", gs_word());

	/* a register that names the entry follows it at once */
	more = describe(&words[3], lowest);
	say("the entry that gs names", syscall1(__NR_set_thread_area, (long)&more));
	line("gs:0 is %lu", gs_word());
	say_status("a child that clears it", in_child(clears_own, &lowest));

	more = describe(&words[2], lowest);
	more.limit = 0;
	more.limit_in_pages = 1;
	say("a limit of one page", syscall1(__NR_set_thread_area, (long)&more));
	load_gs(lowest);
	line("gs:0 is %lu", gs_word());

	more = (struct user_desc){
		.entry_number = lowest, .read_exec_only = 1, .seg_not_present = 1};
	say("an empty descriptor clears the entry", syscall1(__NR_set_thread_area, (long)&more));
	more = describe(&words[0], -1);
	say("then it is free", syscall1(__NR_set_thread_area, (long)&more));
	line("the same: %s", more.entry_number == lowest ? "yes" : "no");
	more = describe(&words[0], 1);
	say("entry 1", syscall1(__NR_set_thread_area, (long)&more));
	more = describe(&words[0], 100);
	say("entry 100", syscall1(__NR_set_thread_area, (long)&more));
	say("a bad address", syscall1(__NR_set_thread_area, 0xfffff000));
	say_status("a child with its own", in_child(sets_own, &words[2]));
	return 0;
}
