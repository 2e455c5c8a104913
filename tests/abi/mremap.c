/* mremap: larger, smaller, elsewhere. */
#include "tests/abi/lib/abi.h"

#define RW          (PROT_READ | PROT_WRITE)
#define FIXED_PLACE ((char *)0x40000000)

static char *reserve(int pages)
{
	char *p = need_pages(pages, PROT_NONE);

	sys_munmap(p, pages * PAGE_SIZE);
	return p;
}

static char *map_at(char *at, int pages)
{
	return sys_mmap(at, pages * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static const char *where(char *got, char *was)
{
	return is_error_ptr(got) ? errno_name(-(long)got) : got == was ? "in place" : "moved";
}

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

static char *lettered(char *at, int pages)
{
	char *p = map_at(at, pages);

	for (int i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = 'a' + i;
	return p;
}

int main(void)
{
	char *room = reserve(64), *p, *q;

	p = lettered(room + 8 * PAGE_SIZE, 4);
	line("same size: %s", where(sys_mremap(p, 4 * PAGE_SIZE, 4 * PAGE_SIZE, 0, NULL), p));
	line("larger, room behind: %s",
	     where(sys_mremap(p, 4 * PAGE_SIZE, 6 * PAGE_SIZE, 0, NULL), p));
	show("it is", p, 8);
	line("smaller: %s", where(sys_mremap(p, 6 * PAGE_SIZE, 2 * PAGE_SIZE, 0, NULL), p));
	show("it is", p, 8);
	map_at(p + 2 * PAGE_SIZE, 1)[0] = 'W';
	line("larger, no room: %s", where(sys_mremap(p, 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, NULL), p));
	q = sys_mremap(p, 2 * PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	line("larger, may move: %s", where(q, p));
	show("the old place", p, 4);
	show("the new place", q, 4);
	sys_munmap(q, 4 * PAGE_SIZE);

	p = lettered(room + 8 * PAGE_SIZE, 4);
	q = sys_mremap(p, 4 * PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       room + 32 * PAGE_SIZE);
	line("to a fixed place: %s", q == room + 32 * PAGE_SIZE ? "there" : where(q, p));
	show("the old place", p, 4);
	show("the new place", q, 4);
	lettered(room + 8 * PAGE_SIZE, 2)[0] = 'X';
	p = room + 8 * PAGE_SIZE;
	q = sys_mremap(p, 2 * PAGE_SIZE, 3 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       room + 33 * PAGE_SIZE);
	line("over what is mapped: %s", q == room + 33 * PAGE_SIZE ? "there" : where(q, p));
	show("replaced", room + 32 * PAGE_SIZE, 5);

	/* a part of a mapping */
	p = lettered(room + 8 * PAGE_SIZE, 6);
	q = sys_mremap(p + 2 * PAGE_SIZE, 2 * PAGE_SIZE, 3 * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	line("a part from the middle: %s", where(q, p + 2 * PAGE_SIZE));
	show("what is left", p, 6);
	show("what was moved", q, 3);

	p = lettered(room + 8 * PAGE_SIZE, 6);
	say_ok("not aligned",
	       (long)sys_mremap(p + 1, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, NULL));
	say_ok("new len 0", (long)sys_mremap(p, PAGE_SIZE, 0, MREMAP_MAYMOVE, NULL));
	say_ok("unknown flag", (long)sys_mremap(p, PAGE_SIZE, PAGE_SIZE, 0x100, NULL));
	say_ok("fixed without may move",
	       (long)sys_mremap(p, PAGE_SIZE, PAGE_SIZE, MREMAP_FIXED, FIXED_PLACE));
	say_ok("fixed, not aligned",
	       (long)sys_mremap(p, PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
				FIXED_PLACE + 1));
	say_ok("fixed, overlapping itself",
	       (long)sys_mremap(p, 2 * PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
				p + PAGE_SIZE));
	q = sys_mmap(NULL, 2 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	say_ok("fixed, a copy of what it replaces",
	       (long)sys_mremap(q, 0, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, q));
	sys_munmap(q, 2 * PAGE_SIZE);
	say_ok("nothing mapped",
	       (long)sys_mremap(room, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, NULL));
	say_ok("more than is mapped",
	       (long)sys_mremap(p, 7 * PAGE_SIZE, 9 * PAGE_SIZE, MREMAP_MAYMOVE, NULL));
	say_ok("larger than there is room for",
	       (long)sys_mremap(p, PAGE_SIZE, 0xb0000000, MREMAP_MAYMOVE, NULL));
	show("unchanged", p, 6);

	/* many pages across page tables */
	p = need_pages(2000, RW);
	for (int i = 0; i < 2000; i++)
		*(int *)(p + i * PAGE_SIZE) = i;
	q = sys_mremap(p, 2000 * PAGE_SIZE, 3000 * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	{
		int good = 0;

		for (int i = 0; i < 3000; i++)
			good += *(int *)(q + i * PAGE_SIZE) == (i < 2000 ? i : 0);
		line("2000 pages made 3000: %d right", good);
	}
	return 0;
}
