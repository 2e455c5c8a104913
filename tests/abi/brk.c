/*
 * brk: the heap grows and shrinks by bytes, is zero, and never fails by anything but staying where
 * it is.
 */
#include "tests/abi/lib/abi.h"

static char *start;

static void move(const char *what, char *to)
{
	char *got = sys_brk(to);

	if (got == to)
		line("%s: there", what);
	else
		line("%s: stays at start + %ld", what, (long)(got - start));
}

static bool is_zero(const char *p, size_t len)
{
	for (; len; len--)
		if (*p++)
			return false;
	return true;
}

static char *page_above(char *p)
{
	return (char *)(((uintptr_t)p + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
}

int main(void)
{
	char *top, *wall;

	start = sys_brk(NULL);
	line("brk(0) twice is the same: %s", sys_brk(NULL) == start ? "yes" : "no");
	line("it lies above the program: %s", start > (char *)0x08048000 ? "yes" : "no");
	move("to where it is", start);
	move("one byte", start + 1);
	say("it can be written", (start[0] = 'x') == 'x');
	move("back", start);
	move("three pages", start + 3 * PAGE_SIZE);
	line("they are zero: %s", is_zero(page_above(start), 2 * PAGE_SIZE) ? "yes" : "no");
	memset(page_above(start), 'd', 2 * PAGE_SIZE);
	move("back to the start", start);
	say("what was above is gone", peek(page_above(start)));
	move("three pages again", start + 3 * PAGE_SIZE);
	line("zero again: %s", is_zero(page_above(start), 2 * PAGE_SIZE) ? "yes" : "no");

	top = page_above(start + 3 * PAGE_SIZE);
	say_write("the last byte below the break's page end", top - 1);
	say_write("the byte above", top);
	move("a page more", top + PAGE_SIZE);
	say("the page is unmapped", sys_munmap(top, PAGE_SIZE));
	move("back to where nothing is to be given up", top);
	move("and below that", start + 3 * PAGE_SIZE - 1);
	move("three pages once more", start + 3 * PAGE_SIZE);
	move("below the start", start - 1);
	move("to the program", (char *)0x08048000);
	move("to 1", (char *)1);
	move("to the end of user memory", (char *)0xfffff000);
	move("to the last byte", (char *)0xffffffff);

	/* shrinking by less than a page keeps the page and what is in it */
	top[-1] = 'k';
	move("one byte less", sys_brk(NULL) - 1);
	say("the page is still there", peek(top - 1));

	/* what else is mapped is not run over */
	top = page_above(sys_brk(NULL));
	wall = sys_mmap(top + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	say_ok("a wall four pages above", (long)wall);
	start = sys_brk(NULL);
	/* Linux leaves a page free between the heap and what is above it */
	move("up to the wall", top + 4 * PAGE_SIZE);
	move("over the wall", top + 8 * PAGE_SIZE);
	move("up to a page below the wall", top + 3 * PAGE_SIZE);
	say("the heap below it works", (top[3 * PAGE_SIZE - 1] = 'h') == 'h');
	sys_munmap(wall, PAGE_SIZE);
	start = sys_brk(NULL);
	move("without the wall, over where it was", top + 8 * PAGE_SIZE);
	line("the heap is one piece, zero there: %s",
	     is_zero(top + 4 * PAGE_SIZE, PAGE_SIZE) ? "yes" : "no");

	/* a hole in the heap does not stop a shrink */
	say("a hole in the heap", sys_munmap(top + PAGE_SIZE, PAGE_SIZE));
	move("shrink past the hole", top);
	say("nothing above", peek(top + 2 * PAGE_SIZE));
	return 0;
}
