/* poll(2), select(2) and their relatives over pipes, files and time. */
#include "tests/abi/lib/abi.h"

#include <asm/signal.h>
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

static void handler(int signo)
{
	line("signal %d", signo);
}

/* With no time to wait a mask that lets a signal in still does so. */
static void let_in(void)
{
	struct signal_action action = {handler, SA_RESTORER | SA_SIGINFO, signal_return, 0};
	unsigned block[2] = {1u << (SIGUSR1 - 1), 0}, none[2] = {0, 0},
		 mask[2] = {(unsigned)none, 8};
	int32_t zero[2] = {0, 0};
	struct pollfd p = {ends[0], IN, 0x55};

	sys_rt_sigaction(SIGUSR1, &action, NULL);
	CALL(rt_sigprocmask, SIG_BLOCK, block, 0, 8);
	sys_kill(sys_getpid(), SIGUSR1);
	SAY(ppoll, &p, 1, zero, none, 8);
	line("revents 0x%x", p.revents);
	sys_kill(sys_getpid(), SIGUSR1);
	SAY(pselect6, 0, 0, 0, 0, zero, mask);
	sys_kill(sys_getpid(), SIGUSR1);
	p = (struct pollfd){ends[1], OUT, 0};
	SAY(ppoll, &p, 1, zero, none, 8); /* what is ready comes first */
	CALL(rt_sigprocmask, SIG_UNBLOCK, block, 0, 8);
}

/* What holds, but was not asked for, ends no select. */
static void select_one(const char *what, int fd, int set)
{
	unsigned sets[3][32] = {{0}};
	long time[2] = {0, 30000};

	sets[set][0] = 1u << fd;
	say(what, CALL(_newselect, fd + 1, set == 0 ? sets[0] : 0, set == 1 ? sets[1] : 0,
		       set == 2 ? sets[2] : 0, time));
	line("in the set: %d, all the time waited: %d", sets[set][0] != 0, !time[0] && !time[1]);
}

static void not_asked_for(void)
{
	static const char *const names[] = {"select for reading", "for writing", "for exceptions"};
	int path = sys_open("/", O_PATH, 0);

	line("the other end is gone, of the reader, of the writer; a path");
	for (int set = 0; set < 3; set++) {
		int reader[2], writer[2];

		sys_pipe(reader);
		sys_close(reader[1]);
		sys_pipe(writer);
		sys_close(writer[0]);
		select_one(names[set], reader[0], set);
		select_one(names[set], writer[1], set);
		select_one(names[set], path, set);
		sys_close(reader[0]);
		sys_close(writer[1]);
	}
	sys_close(path);
}

int main(void)
{
	named_pipe();
	struct pollfd p;

	syscall1(__NR_pipe, (long)ends);
	polls();
	selects();
	let_in();
	not_asked_for();
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
