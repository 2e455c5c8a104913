/* Pipes: order, ends, blocking, and what happens when the other end is gone. */
#include "tests/abi/lib/abi.h"

#include <asm/signal.h>

static int fds[2];
static char text[128 * 1024];

static void fresh(void)
{
	sys_close(fds[0]);
	sys_close(fds[1]);
	say("pipe", sys_pipe(fds));
}

static int writes_to_closed(void *unused)
{
	(void)unused;
	sys_write(fds[1], "x", 1);
	return 1;
}

static int sends_much(void *unused)
{
	(void)unused;
	sys_close(fds[0]);
	for (unsigned int i = 0; i < sizeof(text); i++)
		text[i] = i % 251;
	return sys_write(fds[1], text, sizeof(text)) == sizeof(text) ? 0 : 1;
}

static int sends_late(void *unused)
{
	const struct timespec tick = {.tv_nsec = 30 * 1000 * 1000};

	(void)unused;
	sys_nanosleep(&tick, NULL);
	sys_write(fds[1], "late", 4);
	return 0;
}

static void show_transfer(void)
{
	int pid = sys_fork(), status;
	long n, sum = 0, wrong = 0;

	if (pid == 0)
		sys_exit(sends_much(NULL));
	sys_close(fds[1]);
	while ((n = sys_read(fds[0], text, 5000)) > 0) {
		for (long i = 0; i < n; i++)
			wrong += (unsigned char)text[i] != (sum + i) % 251;
		sum += n;
	}
	sys_wait4(pid, &status, 0, NULL);
	line("%ld bytes through the pipe, %ld wrong, then %ld", sum, wrong, n);
	say_status("the writer", status);
}

int main(void)
{
	int flags[2], pid, page_reads = 0;
	long n;

	fds[0] = fds[1] = -1;
	say("pipe at a bad address", syscall1(__NR_pipe, 0xfffff000));
	say("pipe2 with unknown flags", syscall2(__NR_pipe2, (long)flags, 0x40));
	say("pipe2 at a bad address", syscall2(__NR_pipe2, 0xfffff000, 0));
	fresh();
	line("its descriptors: %d %d", fds[0], fds[1]);
	say("write 5", sys_write(fds[1], "hello", 5));
	say("write 3", sys_write(fds[1], "abc", 3));
	say("read 2", sys_read(fds[0], text, 2));
	say("read 100", sys_read(fds[0], text + 2, 100));
	line("'%.8s'", text);
	say("write 0", sys_write(fds[1], "x", 0));
	say("write to the reading end", sys_write(fds[0], "x", 1));
	say("read from the writing end", sys_read(fds[1], text, 1));
	say("write from a bad address", sys_write(fds[1], (void *)0xfffff000, 5));
	sys_write(fds[1], "keep", 4);
	say("read to a bad address", sys_read(fds[0], (void *)0xfffff000, 4));
	say("read 0", sys_read(fds[0], text, 0));
	say("what was in it is still there", sys_read(fds[0], text, 4));

	say("pipe2, not blocking", syscall2(__NR_pipe2, (long)flags, O_NONBLOCK));
	say("read of an empty one", sys_read(flags[0], text, 1));
	for (n = 0; sys_write(flags[1], text, PAGE_SIZE) == (long)PAGE_SIZE; n++)
		;
	line("it holds %ld pages", n);
	say("write to a full one", sys_write(flags[1], text, 1));
	while (sys_read(flags[0], text, PAGE_SIZE) == (long)PAGE_SIZE)
		page_reads++;
	line("and gave back %d", page_reads);
	say("more than fits, not blocking", sys_write(flags[1], text, sizeof(text)));

	pid = sys_fork();
	if (pid == 0)
		sys_exit(sends_late(NULL));
	say("read waits for", sys_read(fds[0], text, 100));
	sys_wait4(pid, NULL, 0, NULL);
	sys_write(fds[1], "rest", 4);
	sys_close(fds[1]);
	say("the writer is gone: what was written", sys_read(fds[0], text, 100));
	say("then the end", sys_read(fds[0], text, 100));
	say("and again", sys_read(fds[0], text, 100));

	fresh();
	sys_close(fds[0]);
	say_status("a write without a reader", in_child(writes_to_closed, NULL));
	fresh();
	show_transfer();
	fresh();
	show_transfer();
	return 0;
}
