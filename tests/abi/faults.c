/*
 * Minor faults, as the parent learns of them through wait4: one for each page touched for the first
 * time.
 */
#include "tests/abi/lib/abi.h"

#include <linux/resource.h>

#define RW (PROT_READ | PROT_WRITE)

static long faults_of(int (*action)(void *), void *arg)
{
	struct rusage usage;
	int pid;

	memset(&usage, 0, sizeof(usage));
	pid = sys_fork();
	if (pid == 0)
		sys_exit(action(arg));
	sys_wait4(pid, NULL, 0, &usage);
	return usage.ru_minflt;
}

static int nothing(void *p)
{
	(void)p;
	return 0;
}

static int reads(void *p)
{
	for (int i = 0; i < 500; i++)
		((volatile char *)p)[i * PAGE_SIZE];
	return 0;
}

static int writes(void *p)
{
	for (int i = 0; i < 500; i++)
		((volatile char *)p)[i * PAGE_SIZE] = 1;
	return 0;
}

static int reads_then_writes(void *p)
{
	reads(p);
	return writes(p);
}

int main(void)
{
	char *fresh = need_pages(500, RW), *written = need_pages(500, RW);
	long base;

	sys_madvise(fresh, 500 * PAGE_SIZE, MADV_NOHUGEPAGE);
	sys_madvise(written, 500 * PAGE_SIZE, MADV_NOHUGEPAGE);
	writes(written);
	base = faults_of(nothing, fresh);
	/* a few more or less are the child's own stack and data */
	line("500 pages read: about %ld faults", (faults_of(reads, fresh) - base + 5) / 10 * 10);
	line("500 pages written: about %ld", (faults_of(writes, fresh) - base + 5) / 10 * 10);
	line("read, then written: about %ld",
	     (faults_of(reads_then_writes, fresh) - base + 5) / 10 * 10);
	line("the parent's pages written: about %ld",
	     (faults_of(writes, written) - base + 5) / 10 * 10);
	line("the parent's pages read: about %ld",
	     (faults_of(reads, written) - base + 5) / 10 * 10);
	return 0;
}
