/* Files in memory: private and shared, up to the end of the file and past it. */
#include "tests/abi/lib/abi.h"

#define RW (PROT_READ | PROT_WRITE)

static char *map(size_t len, int prot, int flags, int fd, long page)
{
	char *p = sys_mmap(NULL, len, prot, flags, fd, page);

	if (is_error_ptr(p)) {
		line("mmap: %s", errno_name(-(long)p));
		sys_exit(1);
	}
	return p;
}

static int writes_private(void *arg)
{
	volatile char *p = arg;

	p[0] = 'C';
	line("the child sees its own %c", p[0]);
	return 0;
}

int main(void)
{
	int fd = sys_open(DATA_FILE, O_RDONLY, 0), empty = sys_open(EMPTY_FILE, O_RDONLY, 0);
	char text[64];
	char *p = map(5 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	char *q, *again;
	volatile char *late;
	int same = 1;

	/* 10000 bytes are two pages and 1808 bytes */
	line("the first page starts with '%.8s'", p);
	sys_lseek(fd, 0, 0);
	for (long at = 0, n; (n = sys_read(fd, text, sizeof(text))) > 0; at += n)
		same = same && !memcmp(text, p + at, n);
	line("mapped and read are the same: %s", same ? "yes" : "no");
	line("behind the end the last page is zero: %s",
	     p[10000] == 0 && p[3 * PAGE_SIZE - 1] == 0 ? "yes" : "no");
	say_read("the page behind the end", p + 3 * PAGE_SIZE);
	say("the page behind the end, by the kernel", peek(p + 3 * PAGE_SIZE));
	say_write("a read-only private mapping", p);

	q = map(PAGE_SIZE, RW, MAP_PRIVATE, fd, 1);
	line("the second page starts with '%.8s'", q);
	q[0] = 'P';
	line("written in a private mapping: '%.4s'; the file has '%.4s'", q, p + PAGE_SIZE);
	sys_lseek(fd, PAGE_SIZE, 0);
	sys_read(fd, text, 4);
	line("and reads '%.4s'", text);
	again = map(PAGE_SIZE, RW, MAP_PRIVATE, fd, 1);
	line("a second private mapping has '%.4s'", again);
	in_child(writes_private, again);
	line("a child's write is not the parent's: '%.4s'", again);
	in_child(writes_private, q);
	line("nor where the parent had written: '%.4s'", q);

	/* written without being read first */
	late = map(PAGE_SIZE, RW, MAP_PRIVATE, fd, 2);
	late[1] = '!';
	line("a write first, private: '%.4s'; the file has '%.4s'", (char *)late,
	     p + 2 * PAGE_SIZE);

	q = map(3 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	line("a shared mapping reads the same: %s", memcmp(p, q, 10000) ? "no" : "yes");
	say_write("a shared read-only mapping", q);
	say("mprotect to writable, the file was opened for reading",
	    sys_mprotect(q, PAGE_SIZE, RW));

	sys_close(fd);
	line("the mapping outlives the descriptor: '%.4s'", q + PAGE_SIZE);
	q = map(PAGE_SIZE, PROT_READ, MAP_PRIVATE, empty, 0);
	say_read("an empty file", q);
	return 0;
}
