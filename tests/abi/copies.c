/* Copies inside the kernel: sendfile, copy_file_range, splice, tee, vmsplice. */
#include "tests/abi/lib/abi.h"

#include <asm/signal.h>

#define NONBLOCK 2

static void sends(void)
{
	int in = sys_open(DATA_FILE, O_RDONLY, 0), pipe[2];
	int out = sys_open("tests/data/sent", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char text[16] = {0};
	int32_t at = 5;
	int64_t at64 = 7;

	sys_pipe(pipe);
	SAY(sendfile, out, in, 0, 10);
	SAY(lseek, in, 0, 1);
	SAY(sendfile, out, in, &at, 6);
	line("  at %d", at);
	SAY(lseek, in, 0, 1);
	SAY(sendfile64, out, in, &at64, 20000);
	line("  at %d", (int)at64);
	SAY(lseek, out, 0, 1);
	SAY(pread64, out, text, 15, 0, 0);
	say_text("  text", text);
	SAY(sendfile64, pipe[1], in, 0, 9);
	SAY(read, pipe[0], text, 9);
	say_text("  text", text);
	SAY(sendfile, out, pipe[0], 0, 9);
	SAY(sendfile, out, 99, 0, 9);
	SAY(sendfile, 99, in, 0, 9);
	SAY(sendfile, in, out, 0, 9);
	SAY(sendfile, out, in, BAD_POINTER, 9);
	SAY(sendfile64, out, in, BAD_POINTER, 9);
	at = -1;
	SAY(sendfile, out, in, &at, 9);
	SAY(sendfile, out, in, 0, 0);
	sys_close(in);
	sys_close(out);
}

static int pipe_a[2], pipe_b[2];

static void show(const char *what, int fd, int n)
{
	char text[32] = {0};
	long got = sys_read(fd, text, n);

	line("  %s: %ld '%s'", what, got, text);
}

static void splices(void)
{
	int in = sys_open(DATA_FILE, O_RDONLY, 0);
	int out = sys_open("tests/data/spliced", O_RDWR | O_CREAT | O_TRUNC, 0644);
	int64_t at = 7, to = 3;

	SAY(splice, in, &at, pipe_a[1], 0, 9, 0);
	line("  at %d", (int)at);
	show("the pipe", pipe_a[0], 20);
	SAY(splice, in, 0, pipe_a[1], 0, 6, 0);
	SAY(lseek, in, 0, 1);
	SAY(tee, pipe_a[0], pipe_b[1], 4, 0);
	show("the copy", pipe_b[0], 20);
	SAY(splice, pipe_a[0], 0, out, &to, 100, 0);
	line("  to %d", (int)to);
	SAY(splice, pipe_a[0], 0, out, 0, 100, NONBLOCK);
	SAY(tee, pipe_a[0], pipe_b[1], 4, NONBLOCK);
	SAY(lseek, out, 0, 2);
	sys_write(pipe_a[1], "between", 7);
	SAY(splice, pipe_a[0], 0, pipe_b[1], 0, 4, 0);
	show("the other pipe", pipe_b[0], 20);
	show("what is left", pipe_a[0], 20);
	SAY(splice, in, 0, out, 0, 5, 0);
	SAY(splice, pipe_a[0], &at, out, 0, 5, 0);
	SAY(splice, in, 0, pipe_a[1], &at, 5, 0);
	SAY(splice, pipe_a[0], 0, pipe_a[1], 0, 5, 0);
	SAY(splice, 99, 0, pipe_a[1], 0, 5, 0);
	SAY(splice, in, 0, pipe_a[0], 0, 5, 0);
	SAY(splice, in, 0, pipe_a[1], 0, 5, 64);
	SAY(splice, 99, 0, 99, 0, 0, 0);
	SAY(splice, in, BAD_POINTER, pipe_a[1], 0, 5, 0);
	at = -1;
	SAY(splice, in, &at, pipe_a[1], 0, 5, 0);
	at = 10000;
	SAY(splice, in, &at, pipe_a[1], 0, 5, 0);
	SAY(tee, in, pipe_a[1], 5, 0);
	SAY(tee, pipe_a[0], pipe_a[1], 5, 0);
	SAY(tee, 99, pipe_a[1], 5, 0);
	SAY(tee, pipe_a[0], pipe_b[1], 5, 64);
	SAY(tee, pipe_a[0], pipe_b[1], 0, 0);
	sys_close(in);
	sys_close(out);
}

static void vectors(void)
{
	char text[16] = {0};
	struct iovec out[2] = {{"abc", 3}, {"defg", 4}}, in[1] = {{text, 15}};

	SAY(vmsplice, pipe_a[1], out, 2, 0);
	SAY(vmsplice, pipe_a[0], in, 1, 0);
	say_text("  text", text);
	SAY(vmsplice, 99, in, 1, 0);
	SAY(vmsplice, pipe_a[1], in, 1, 64);
	SAY(vmsplice, pipe_a[1], in, 2000, 0);
	SAY(vmsplice, pipe_a[1], BAD_POINTER, 1, 0);
}

static void ranges(void)
{
	int in = sys_open(DATA_FILE, O_RDONLY, 0);
	int out = sys_open("tests/data/ranged", O_RDWR | O_CREAT | O_TRUNC, 0644);
	int append = sys_open("tests/data/ranged", O_WRONLY | O_APPEND, 0644);
	int dir = sys_open("tests", O_RDONLY, 0);
	int64_t from = 5, to = 100;
	char text[8] = {0};

	SAY(copy_file_range, in, &from, out, &to, 6, 0);
	line("  from %d to %d", (int)from, (int)to);
	SAY(copy_file_range, in, 0, out, 0, 20000, 0);
	SAY(lseek, in, 0, 1);
	SAY(lseek, out, 0, 1);
	SAY(copy_file_range, in, 0, out, 0, 10, 0);
	SAY(pread64, out, text, 6, 100, 0);
	from = 0;
	to = 5000;
	SAY(copy_file_range, out, &from, out, &to, 10, 0);
	to = 5;
	SAY(copy_file_range, out, &from, out, &to, 100, 0);
	SAY(copy_file_range, in, 0, out, 0, 10, 1);
	SAY(copy_file_range, in, 0, append, 0, 10, 0);
	SAY(copy_file_range, out, 0, in, 0, 10, 0);
	SAY(copy_file_range, dir, 0, out, 0, 10, 0);
	SAY(copy_file_range, pipe_a[0], 0, out, 0, 10, 0);
	SAY(copy_file_range, 99, 0, out, 0, 10, 0);
	SAY(copy_file_range, in, BAD_POINTER, out, 0, 10, 0);
	from = -1;
	SAY(copy_file_range, in, &from, out, 0, 10, 0);
	sys_close(in);
	sys_close(out);
	sys_close(append);
	sys_close(dir);
}

static int nobody_reads(void *arg)
{
	int in = sys_open(DATA_FILE, O_RDONLY, 0), ends[2];

	sys_pipe(ends);
	sys_close(ends[0]);
	if (arg)
		CALL(signal, SIGPIPE, 1);
	SAY(sendfile64, ends[1], in, 0, 9);
	return 0;
}

static char block[65536];

static void fill(int to)
{
	for (int at = 0; at < 16; at++)
		sys_write(to, block, 4096);
}

/* Of two that read one pipe each byte goes to one of them, also if that one waits for room. */
static void two_readers(void)
{
	const struct timespec while_it_waits = {0, 100000000};
	char text[4] = "";

	fill(pipe_b[1]);
	sys_write(pipe_a[1], "abc", 3);
	SAY(splice, pipe_a[0], 0, pipe_b[1], 0, 3, 2);
	SAY(tee, pipe_a[0], pipe_b[1], 3, 2);
	if (sys_fork() == 0) {
		SAY(splice, pipe_a[0], 0, pipe_b[1], 0, 3, 0);
		sys_exit(0);
	}
	sys_nanosleep(&while_it_waits, NULL);
	line("read: %ld, %s", sys_read(pipe_a[0], text, 3), text);
	sys_read(pipe_b[0], block, sizeof(block));
	sys_nanosleep(&while_it_waits, NULL);
	sys_write(pipe_a[1], "xyz", 3);
	sys_wait4(-1, NULL, 0, NULL);
	line("and read: %ld, %s", sys_read(pipe_b[0], text, 3), text);
}

int main(void)
{
	sys_pipe(pipe_a);
	sys_pipe(pipe_b);
	sends();
	splices();
	vectors();
	ranges();
	two_readers();
	say_status("sendfile to nobody", in_child(nobody_reads, NULL));
	say_status("and ignored", in_child(nobody_reads, "x"));
	return 0;
}
