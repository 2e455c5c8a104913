/* madvise: MADV_DONTNEED gives pages back, and they return as they were first. */
#include "tests/abi/lib/abi.h"

#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
	int fd = sys_open(DATA_FILE, O_RDONLY, 0);
	char *p = need_pages(4, RW), *file, *shared;
	int status, pid;

	memset(p, 'm', 4 * PAGE_SIZE);
	say("two in the middle", sys_madvise(p + PAGE_SIZE, 2 * PAGE_SIZE, MADV_DONTNEED));
	line("bytes: %d %d %d %d", p[0], p[PAGE_SIZE], p[2 * PAGE_SIZE], p[3 * PAGE_SIZE]);
	p[PAGE_SIZE] = 'n';
	line("written again: %d, its neighbour %d", p[PAGE_SIZE], p[2 * PAGE_SIZE]);
	say("a length of 1 is a page", sys_madvise(p, 1, MADV_DONTNEED));
	line("bytes: %d %d", p[0], p[PAGE_SIZE - 1]);
	say("len 0", sys_madvise(p, 0, MADV_DONTNEED));
	say("not aligned", sys_madvise(p + 1, PAGE_SIZE, MADV_DONTNEED));
	say("unknown advice", sys_madvise(p, PAGE_SIZE, 9999));
	say("len that wraps", sys_madvise(p, 0xffffffff, MADV_DONTNEED));
	say("normal", sys_madvise(p, PAGE_SIZE, MADV_NORMAL));
	say("will need", sys_madvise(p, PAGE_SIZE, MADV_WILLNEED));

	p[3 * PAGE_SIZE] = 'q';
	sys_munmap(p + 2 * PAGE_SIZE, PAGE_SIZE);
	say("across a hole", sys_madvise(p, 4 * PAGE_SIZE, MADV_DONTNEED));
	line("behind the hole it was done as well: %d", p[3 * PAGE_SIZE]);

	file = sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	file[0] = 'X';
	line("private file page: '%.4s'", file);
	say("given back", sys_madvise(file, PAGE_SIZE, MADV_DONTNEED));
	line("it is the file's again: '%.4s'", file);

	shared = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	shared[0] = 's';
	say("shared anonymous", sys_madvise(shared, PAGE_SIZE, MADV_DONTNEED));
	line("shared memory keeps what it has: %d", shared[0]);

	/* given back in a child, kept in the parent */
	p[0] = 'k';
	pid = sys_fork();
	if (pid == 0) {
		sys_madvise(p, PAGE_SIZE, MADV_DONTNEED);
		sys_exit(p[0]);
	}
	sys_wait4(pid, &status, 0, NULL);
	line("child has %d, parent %d", status >> 8, p[0]);
	return 0;
}
