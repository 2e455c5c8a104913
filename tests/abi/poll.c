/* poll(2), select(2) and their relatives over pipes, files and time. */
#include "tests/abi/lib/abi.h"

#include <linux/stat.h>

#define FIFO "tests/fifo"

#define IN   1
#define OUT  4
#define ERR  8
#define HUP  16

struct pollfd {
	int fd;
	short events, revents;
};

static int ends[2];

static void show(const char *what, struct pollfd *p, int n, int timeout)
{
	say(what, syscall3(__NR_poll, (long)p, n, timeout));
	for (int i = 0; i < n; i++)
		line("  %d: %x", i, p[i].revents);
}

static int write_later(void *arg)
{
	int32_t ts[2] = {0, 50000000};

	(void)arg;
	syscall2(__NR_nanosleep, (long)ts, 0);
	sys_write(ends[1], "x", 1);
	return 0;
}

static void polls(void)
{
	struct pollfd p[3];
	char c;
	int file = sys_open(DATA_FILE, O_RDONLY, 0);
	long pid;

	p[0] = (struct pollfd){ends[0], IN, 0};
	p[1] = (struct pollfd){ends[1], OUT, 0};
	p[2] = (struct pollfd){file, IN | OUT, 0};
	show("an empty pipe and a file", p, 3, 0);
	show("only the empty end", p, 1, 0);
	show("only the empty end, 20 ms", p, 1, 20);
	sys_write(ends[1], "x", 1);
	show("something in it", p, 1, -1);
	sys_read(ends[0], &c, 1);
	p[1] = (struct pollfd){-1, IN, 77};
	p[2] = (struct pollfd){99, IN, 0};
	show("a negative and a closed descriptor", p, 3, 0);
	pid = syscall0(__NR_fork);
	if (!pid) {
		write_later(NULL);
		sys_exit(0);
	}
	show("until the child writes", p, 1, 10000);
	sys_read(ends[0], &c, 1);
	syscall4(__NR_wait4, pid, 0, 0, 0);
	say("too many", syscall3(__NR_poll, (long)p, 1 << 30, 0));
	say("bad address", syscall3(__NR_poll, 0xfffff000, 1, 0));
	say("none", syscall3(__NR_poll, 0, 0, 1));
	sys_close(file);
}

static void selects(void)
{
	unsigned in[32] = {0}, out[32] = {0};
	int32_t zero[2] = {0, 0}, bad[2] = {-1, 0};

	in[0] = 1u << ends[0];
	out[0] = 1u << ends[1];
	say("select", syscall5(__NR__newselect, ends[1] + 1, (long)in, (long)out, 0, (long)zero));
	line("in %d out %d", in[0] != 0, out[0] == 1u << ends[1]);
	in[0] = 1u << ends[0];
	say("select, nothing", syscall5(__NR__newselect, ends[1] + 1, (long)in, 0, 0, (long)zero));
	line("in %d", in[0] != 0);
	in[0] = 1u << 30;
	say("select of a closed one", syscall5(__NR__newselect, 31, (long)in, 0, 0, (long)zero));
	say("select bad time", syscall5(__NR__newselect, 0, 0, 0, 0, (long)bad));
	say("select bad count", syscall5(__NR__newselect, -1, 0, 0, 0, (long)zero));
	out[0] = 1u << ends[1];
	say("pselect6", syscall6(__NR_pselect6, ends[1] + 1, 0, (long)out, 0, (long)zero, 0));
	say("ppoll", syscall5(__NR_ppoll, 0, 0, (long)zero, 0, 0));
	say("ppoll bad time", syscall5(__NR_ppoll, 0, 0, (long)bad, 0, 0));
	say("ppoll bad mask size", syscall5(__NR_ppoll, 0, 0, (long)zero, (long)in, 3));
}

/* A reader that came after the last writer has gone waits for the next one: no end for it. */
static void named_pipe(void)
{
	struct pollfd p[2];

	CALL(mknod, FIFO, S_IFIFO | 0600, 0);
	p[0] = (struct pollfd){sys_open(FIFO, O_RDONLY | O_NONBLOCK, 0), IN, 0};
	SAY(poll, p, 1, 0);
	sys_close(sys_open(FIFO, O_WRONLY | O_NONBLOCK, 0));
	p[1] = (struct pollfd){sys_open(FIFO, O_RDONLY | O_NONBLOCK, 0), IN, 0};
	SAY(poll, p, 2, 0);
	line("0x%x 0x%x", p[0].revents, p[1].revents);
	sys_close(sys_open(FIFO, O_WRONLY | O_NONBLOCK, 0));
	SAY(poll, p, 2, 0);
	line("0x%x 0x%x", p[0].revents, p[1].revents);
	sys_close(p[0].fd);
	sys_close(p[1].fd);
	SAY(unlink, FIFO);
}

int main(void)
{
	named_pipe();
	struct pollfd p;

	syscall1(__NR_pipe, (long)ends);
	polls();
	selects();
	sys_close(ends[1]);
	p = (struct pollfd){ends[0], IN, 0};
	show("the writer is gone", &p, 1, -1);
	sys_close(ends[0]);
	syscall1(__NR_pipe, (long)ends);
	sys_close(ends[0]);
	p = (struct pollfd){ends[1], OUT, 0};
	show("the reader is gone", &p, 1, -1);
	return 0;
}
