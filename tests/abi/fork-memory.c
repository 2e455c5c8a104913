/* Memory after fork: who sees which write. */
#include "tests/abi/lib/abi.h"

#define RW    (PROT_READ | PROT_WRITE)
#define PAGES 600

static int data = 1;
static int bss;

static int changes_all(void *arg)
{
	volatile int *heap = arg;
	volatile int on_stack = 5;

	data = 2;
	bss = 2;
	on_stack++;
	for (int i = 0; i < PAGES; i++)
		heap[i * 1024] = -i;
	for (int i = 0; i < PAGES; i++)
		if (heap[i * 1024] != -i)
			return 1;
	return data == 2 && bss == 2 && on_stack == 6 ? 0 : 2;
}

static int sum(volatile int *heap)
{
	int total = 0;

	for (int i = 0; i < PAGES; i++)
		total += heap[i * 1024];
	return total;
}

/* Each generation adds one to its own copy and forks the next. */
static int generation(volatile int *word, int left)
{
	int status, pid;

	(*word)++;
	if (!left)
		return *word;
	pid = sys_fork();
	if (pid == 0)
		sys_exit(generation(word, left - 1));
	sys_wait4(pid, &status, 0, NULL);
	line("generation %d from the last has %d, its child ended with %d", left, *word,
	     status >> 8);
	return *word;
}

static int unmaps_half(void *arg)
{
	sys_munmap(arg, PAGES / 2 * PAGE_SIZE);
	return peek(arg) == -EFAULT ? 0 : 1;
}

int main(void)
{
	int *heap = (int *)need_pages(PAGES, RW), *reader, fds[2], status, pid;

	for (int i = 0; i < PAGES; i++)
		heap[i * 1024] = i;
	line("the parent's sum: %d", sum(heap));
	say_status("a child changes everything", in_child(changes_all, heap));
	line("the parent's sum: %d, data %d, bss %d", sum(heap), data, bss);
	generation(heap, 5);
	line("first word: %d", heap[0]);
	say_status("a child unmaps half", in_child(unmaps_half, heap));
	line("the parent's sum: %d", sum(heap));

	/* the child keeps what the parent had, although the parent writes first */
	sys_pipe(fds);
	pid = sys_fork();
	if (pid == 0) {
		char byte;

		sys_read(fds[0], &byte, 1);
		sys_exit(heap[1024] == 1 && heap[2 * 1024] == 2 ? 0 : 1);
	}
	for (int i = 0; i < PAGES; i++)
		heap[i * 1024] = 7;
	sys_write(fds[1], "g", 1);
	sys_wait4(pid, &status, 0, NULL);
	say_status("the parent writes first, the child still reads the old", status);

	/* the zero page is shared by all and written by none */
	reader = (int *)need_pages(2, RW);
	line("read: %d", reader[0]);
	pid = sys_fork();
	if (pid == 0) {
		reader[0] = 5;
		sys_exit(reader[1024]);
	}
	sys_wait4(pid, &status, 0, NULL);
	line("after a child wrote to its zero page: %d, its second page %d", reader[0],
	     status >> 8);

	/* the kernel writes for a program: it has to break the sharing as well */
	reader[0] = 9;
	pid = sys_fork();
	if (pid == 0) {
		sys_pipe(fds);
		sys_write(fds[1], "KKKK", 4);
		sys_read(fds[0], reader, 4);
		sys_exit(reader[0] == 0x4b4b4b4b ? 0 : 1);
	}
	sys_wait4(pid, &status, 0, NULL);
	line("read() into a shared page: %s, the parent has %d", status_text(status), reader[0]);
	return 0;
}
