/*
 * mprotect: what may be done where, in parts of a mapping, across holes, and what stays in the
 * pages.
 */
#include "tests/abi/lib/abi.h"

#define RW (PROT_READ | PROT_WRITE)

struct spot {
	volatile char *at;
};

static int tries_read(void *at)
{
	*(volatile char *)at;
	return 0;
}

static int tries_write(void *at)
{
	volatile char *p = at;

	*p = *p;
	return 0;
}

/* What may be done with each page: '-' nothing, 'r' read, 'w' read and write. */
static void show(const char *what, char *p, int pages)
{
	char text[17];

	for (int i = 0; i < pages; i++)
		text[i] = in_child(tries_read, p + i * PAGE_SIZE)    ? '-'
			  : in_child(tries_write, p + i * PAGE_SIZE) ? 'r'
								     : 'w';
	text[pages] = '\0';
	line("%s: %s", what, text);
}

int main(void)
{
	char *p = need_pages(8, RW), *file;
	int fd = sys_open(DATA_FILE, O_RDONLY, 0);
	int good = 0;

	for (int i = 0; i < 8; i++)
		p[i * PAGE_SIZE] = 'a' + i;
	show("eight pages", p, 8);
	say("third and fourth read-only",
	    sys_mprotect(p + 2 * PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ));
	show("so they are", p, 8);
	say("fourth and fifth without access",
	    sys_mprotect(p + 3 * PAGE_SIZE, PAGE_SIZE + 1, PROT_NONE));
	show("so they are", p, 8);
	say("read by the kernel", peek(p + 3 * PAGE_SIZE));
	say("all writable", sys_mprotect(p, 8 * PAGE_SIZE, RW));
	show("so they are", p, 8);
	for (int i = 0; i < 8; i++)
		good += p[i * PAGE_SIZE] == 'a' + i;
	line("pages that kept what was in them: %d", good);

	say("len 0", sys_mprotect(p, 0, PROT_NONE));
	say("not aligned", sys_mprotect(p + 1, PAGE_SIZE, PROT_READ));
	say("unknown protection", sys_mprotect(p, PAGE_SIZE, 0x40));
	say("len that wraps", sys_mprotect(p, 0xffffffff, PROT_READ));
	say("len over the end", sys_mprotect(p, 0xfffff000, PROT_READ) != 0);
	say("growing down, not a stack", sys_mprotect(p, PAGE_SIZE, PROT_READ | PROT_GROWSDOWN));
	say("growing both ways",
	    sys_mprotect(p, PAGE_SIZE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP));
	sys_mprotect(p, 8 * PAGE_SIZE, RW);
	show("still all writable", p, 8);

	sys_munmap(p + 4 * PAGE_SIZE, PAGE_SIZE);
	say("read-only across a hole", sys_mprotect(p, 8 * PAGE_SIZE, PROT_READ));
	show("up to the hole it was done", p, 8);
	say("starting in the hole", sys_mprotect(p + 4 * PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ));
	show("nothing was done", p, 8);

	file = sys_mmap(NULL, 2 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	say("a private file mapping made writable", sys_mprotect(file, PAGE_SIZE, RW));
	file[0] = 'L';
	line("it reads '%.4s'", file);
	file = sys_mmap(NULL, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	say("a shared mapping of a file opened for reading", sys_mprotect(file, PAGE_SIZE, RW));
	line("the file reads '%.4s'", file);

	/* protection and copy-on-write: made writable again, a shared page must still be copied */
	p = need_pages(1, RW);
	p[0] = 's';
	{
		int pid = sys_fork(), status;

		if (pid == 0) {
			sys_mprotect(p, PAGE_SIZE, PROT_READ);
			sys_mprotect(p, PAGE_SIZE, RW);
			p[0] = 'c';
			sys_exit(p[0]);
		}
		sys_wait4(pid, &status, 0, NULL);
		line("child wrote %c, parent has %c", status >> 8, p[0]);
	}
	/* the zero page, made writable, must not be written */
	p = need_pages(2, PROT_READ);
	good = p[0] + p[PAGE_SIZE];
	sys_mprotect(p, 2 * PAGE_SIZE, RW);
	p[0] = 'z';
	line("zero pages: sum %d, after a write the other has %d", good, p[PAGE_SIZE]);
	line("a fresh one has %d", need_pages(1, PROT_READ)[0]);
	return 0;
}
