/* Chapter 7: what a program must not do, and what becomes of it. The kernel says a line on each. */
#include "user/tour/tour.h"

#include <asm/signal.h>

#define RET 0xc3 /* the machine instruction: return to the caller */

static void touch_wild_pointer(void)
{
	int *volatile wild = (int *)0x10; /* volatile: the compiler must not see where it points */

	*wild = 1;
}

static void write_to_text(void)
{
	*(volatile char *)tour_segv = 1;
}

static void jump_to(volatile char *at)
{
	((void (*)(void))(uintptr_t)at)();
}

static void jump_to_fresh_heap(void)
{
	jump_to(map_pages(PAGE_SIZE));
}

static void jump_to_written_heap(void)
{
	volatile char *p = map_pages(PAGE_SIZE);

	*p = (char)RET;
	jump_to(p);
}

static void jump_to_stack(void)
{
	volatile char code[16];

	code[0] = (char)RET;
	jump_to(code);
}

/* Does it in a child. Returns the child's status. */
static int attempt(const char *what, void (*action)(void))
{
	int pid = sys_fork(), status = 0;

	if (pid == 0) {
		action();
		sys_exit(0);
	}
	if (pid < 0 || sys_wait4(pid, &status, 0, NULL) != pid) {
		printf("    %-42s could not be tried\n", what);
		return 0;
	}
	printf("    %-42s %s\n", what, status_text(status));
	return status;
}

void tour_segv(void)
{
	int wild, text, fresh, heap, stack;

	chapter("Three ways to a SIGSEGV");
	wild = attempt("write through a wild pointer, 0x10:", touch_wild_pointer);
	claim(wild == SIGSEGV, "a wild pointer ends the program, and only that");
	text = attempt("write to the program's own text:", write_to_text);
	claim(text == SIGSEGV, "text cannot be written");
	fresh = attempt("jump to a data page never touched:", jump_to_fresh_heap);
	claim(fresh == SIGSEGV, "a data page cannot be jumped to");
	heap = attempt("jump to an instruction in written data:", jump_to_written_heap);
	stack = attempt("jump to an instruction on the stack:", jump_to_stack);
	if (heap == SIGSEGV && stack == SIGSEGV)
		claim(YES, "nor code written into data or the stack: limit enforced");
	else if (heap == 0 && stack == 0)
		printf("  This machine does not check the code segment's limit (QEMU's TCG does "
		       "not), so\n"
		       "  written data ran. Where it is checked, these two end in SIGSEGV as "
		       "well.\n");
	else
		claim(NO, "data and stack should be treated alike");
}
