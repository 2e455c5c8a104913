/* What ends a program, and with which signal. */
#include "tests/abi/lib/abi.h"

#define RW (PROT_READ | PROT_WRITE)

static int writes_text(void *unused)
{
	(void)unused;
	*(volatile char *)writes_text = 0;
	return 0;
}

static int jumps_to(void *at)
{
	((void (*)(void))at)();
	return 0;
}

static int divides(void *zero)
{
	int quotient = 1, remainder = 0;

	/* in assembly: a compiler may do as it likes with a division by 0 */
	asm volatile("idivl %2" : "+a"(quotient), "+d"(remainder) : "m"(*(int *)zero));
	return quotient;
}

static int divides_largest(void *minus_one)
{
	int quotient = (int)0x80000000, remainder = -1;

	asm volatile("idivl %2" : "+a"(quotient), "+d"(remainder) : "m"(*(int *)minus_one));
	return quotient;
}

#define INSTRUCTION(name, text)                         \
	static int name(void *unused)                   \
	{                                               \
		(void)unused;                           \
		asm volatile(text ::: "memory", "eax"); \
		return 0;                               \
	}

INSTRUCTION(undefined, "ud2")
INSTRUCTION(breakpoint, "int3")
INSTRUCTION(other_gate, "int $0x20")
INSTRUCTION(unused_gate, "int $0xf0")
INSTRUCTION(page_fault_gate, "int $14")
INSTRUCTION(double_fault_gate, "int $8")
INSTRUCTION(halts, "hlt")
INSTRUCTION(masks, "cli")
INSTRUCTION(unmasks, "sti")
INSTRUCTION(reads_cr0, "mov %%cr0, %%eax")
INSTRUCTION(loads_cr3, "xor %%eax, %%eax; mov %%eax, %%cr3")
INSTRUCTION(reads_port, "in $0x60, %%al")
INSTRUCTION(writes_port, "out %%al, $0x80")
INSTRUCTION(loads_idt, "sub $8, %%esp; lidt (%%esp)")
INSTRUCTION(flushes, "invlpg (%%esp)")
INSTRUCTION(loads_kernel_ds, "mov $0x10, %%eax; mov %%eax, %%ds; mov %%ds:0, %%eax")
INSTRUCTION(loads_wild_es, "mov $0xfff8, %%eax; mov %%eax, %%es")
INSTRUCTION(loads_null_ss, "xor %%eax, %%eax; mov %%eax, %%ss")
INSTRUCTION(null_gs, "xor %%eax, %%eax; mov %%eax, %%gs; mov %%gs:0, %%eax")
INSTRUCTION(far_jump, "ljmp $0x10, $0")
INSTRUCTION(returns_to_kernel, "push $0; push $0x10; push $0; iret")
INSTRUCTION(sets_iopl, "pushf; orl $0x3000, (%%esp); popf; cli")
INSTRUCTION(direction_flag, "std; mov $20, %%eax; int $0x80; cld")
INSTRUCTION(nested_task, "pushf; orl $0x4000, (%%esp); popf; mov $20, %%eax; int $0x80; pushf; "
			 "andl $~0x4000, (%%esp); popf")
INSTRUCTION(single_step, "pushf; orl $0x100, (%%esp); popf; nop")
INSTRUCTION(stack_gone, "mov $0x10, %%esp; push %%eax")
INSTRUCTION(stack_gone_in_call,
	    "mov $0x10, %%esp; mov $20, %%eax; int $0x80; mov $1, %%ebx; mov $1, %%eax; int $0x80")

static int overflows(void *unused)
{
	(void)unused;
	asm volatile("mov $0x7fffffff, %%eax; add $1, %%eax; into" ::: "eax");
	return 0;
}

static int out_of_bounds(void *unused)
{
	static const int bounds[2] = {0, 10};

	(void)unused;
	asm volatile("bound %0, %1" ::"r"(11), "m"(bounds));
	return 0;
}

static int recursion(int depth);
/* volatile: the compiler would warn of a recursion that it can see has no end */
static int (*volatile next)(int) = recursion;

static int recursion(int depth)
{
	volatile char frame[1024];

	frame[0] = depth;
	return next(depth + 1) + frame[0];
}

static int recurses(void *unused)
{
	(void)unused;
	return recursion(0);
}

static const struct {
	const char *what;
	int (*action)(void *);
} cases[] = {
	{"write to text", writes_text},
	{"ud2", undefined},
	{"int3", breakpoint},
	{"into after an overflow", overflows},
	{"bound", out_of_bounds},
	{"int 0x20", other_gate},
	{"int 0xf0", unused_gate},
	{"int 14", page_fault_gate},
	{"int 8", double_fault_gate},
	{"hlt", halts},
	{"cli", masks},
	{"sti", unmasks},
	{"mov from cr0", reads_cr0},
	{"mov to cr3", loads_cr3},
	{"in", reads_port},
	{"out", writes_port},
	{"lidt", loads_idt},
	{"invlpg", flushes},
	{"mov ds, a kernel selector", loads_kernel_ds},
	{"mov es, a selector past the table", loads_wild_es},
	{"mov ss, null", loads_null_ss},
	{"access through a null gs", null_gs},
	{"far jump to the kernel's code", far_jump},
	{"iret to the kernel's code", returns_to_kernel},
	{"popf with IOPL 3, then cli", sets_iopl},
	{"a call with the direction flag set", direction_flag},
	{"a call with the nested-task flag set", nested_task},
	{"single step", single_step},
	{"push without a stack", stack_gone},
	{"a call without a stack", stack_gone_in_call},
	{"endless recursion", recurses},
};

int main(void)
{
	static int zero, minus_one = -1;
	char *gone = need_pages(1, RW);

	sys_munmap(gone, PAGE_SIZE);
	say_read("read of address 0", NULL);
	say_read("read of address 0x10", (char *)0x10);
	say_write("write to address 0", NULL);
	say_read("read of what was unmapped", gone);
	say_write("write to what was unmapped", gone);
	say_write("write to read-only data", (void *)"text");
	say_read("read of the last page", (char *)0xfffff000);
	say_write("write to the last byte", (char *)0xffffffff);
	say_status("jump to 0", in_child(jumps_to, NULL));
	say_status("jump to what was unmapped", in_child(jumps_to, gone));
	say_status("jump to the last page", in_child(jumps_to, (char *)0xfffff000));
	say_status("jump to data never touched", in_child(jumps_to, need_pages(1, RW)));
	say_status("1 / 0", in_child(divides, &zero));
	say_status("-2147483648 / -1", in_child(divides_largest, &minus_one));
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
		say_status(cases[i].what, in_child(cases[i].action, NULL));
	line("and this program goes on");
	return 0;
}
