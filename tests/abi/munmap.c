/* munmap: whole, in part, in the middle, across holes. */
#include "tests/abi/lib/abi.h"

#define RW (PROT_READ | PROT_WRITE)

/* The pages of a range as letters: their first byte, '-' where nothing is mapped. */
static void show(const char *what, const char *p, int pages)
{
	char text[33];
	int byte;

	for (int i = 0; i < pages; i++) {
		byte = peek(p + i * PAGE_SIZE);
		text[i] = byte == -EFAULT ? '-' : byte == 0 ? '0' : byte;
	}
	text[pages] = '\0';
	line("%s: %s", what, text);
}

static char *lettered(int pages)
{
	char *p = need_pages(pages, RW);

	for (int i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = 'a' + i;
	return p;
}

static int unmaps_in_child(void *arg)
{
	return sys_munmap(arg, 2 * PAGE_SIZE);
}

int main(void)
{
	char *p = lettered(8), *q;

	show("eight pages", p, 8);
	say("len 0", sys_munmap(p, 0));
	say("not aligned", sys_munmap(p + 1, PAGE_SIZE));
	say("past the end of user memory", sys_munmap((void *)0xfffff000, 2 * PAGE_SIZE));
	say("len that wraps", sys_munmap(p, 0xffffffff));
	show("unchanged", p, 8);
	say("the third, by a length of 1", sys_munmap(p + 2 * PAGE_SIZE, 1));
	show("a hole", p, 8);
	say("the same again", sys_munmap(p + 2 * PAGE_SIZE, PAGE_SIZE));
	say("the first", sys_munmap(p, PAGE_SIZE));
	say("the last", sys_munmap(p + 7 * PAGE_SIZE, PAGE_SIZE));
	show("both ends gone", p, 8);
	say("second to fifth, across the hole", sys_munmap(p + PAGE_SIZE, 4 * PAGE_SIZE));
	show("what is left", p, 8);
	q = sys_mmap(p + 2 * PAGE_SIZE, 2 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		     -1, 0);
	show("two new ones are zero", p, 8);
	q[0] = 'n';
	say("in a child", in_child(unmaps_in_child, q));
	show("the parent keeps them", p, 8);
	say("everything", sys_munmap(p, 8 * PAGE_SIZE));
	show("everything gone", p, 8);
	say_read("read of what is gone", p);
	say_write("write to what is gone", p + 5 * PAGE_SIZE);

	/* a page table's worth and more, in pieces across its border */
	p = need_pages(3000, RW);
	for (int i = 0; i < 3000; i++)
		p[i * PAGE_SIZE] = 'x';
	for (int i = 1; i < 3000; i += 2)
		sys_munmap(p + i * PAGE_SIZE, PAGE_SIZE);
	show("every second of 3000", p + 1020 * PAGE_SIZE, 10);
	say("all of them", sys_munmap(p, 3000 * PAGE_SIZE));
	show("gone", p + 1020 * PAGE_SIZE, 10);
	return 0;
}
