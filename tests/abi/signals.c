/* Signals without handlers: what ends a process, what is ignored, what waits while it is blocked. */
#include "tests/abi/lib/abi.h"

#include <asm/signal.h>

/* struct sigaction of rt_sigaction */
struct action {
	uint32_t handler, flags, restorer;
	uint64_t mask;
} __attribute__((packed));

#define BIT(signal) (1ull << ((signal)-1))

static int action_size = 8;

static long set_action(int signal, uint32_t handler)
{
	struct action action = {.handler = handler};

	return syscall4(__NR_rt_sigaction, signal, (long)&action, 0, action_size);
}

static long get_action(int signal)
{
	struct action action = {.handler = 99};
	long ret = syscall4(__NR_rt_sigaction, signal, 0, (long)&action, 8);

	return ret ? ret : (long)action.handler;
}

static long mask(int how, uint64_t set)
{
	return syscall4(__NR_rt_sigprocmask, how, (long)&set, 0, 8);
}

static void kill_self(int signal)
{
	sys_kill(sys_getpid(), signal);
}

static int ignored(void *arg)
{
	int signal = *(int *)arg;
	long ret = set_action(signal, 1);

	if (ret)
		return -ret;
	kill_self(signal);
	return 40 + get_action(signal);
}

static int default_again(void *arg)
{
	set_action(*(int *)arg, 1);
	set_action(*(int *)arg, 0);
	kill_self(*(int *)arg);
	return 50;
}

static int blocked_then_not(void *arg)
{
	uint64_t pending = 0;

	mask(SIG_BLOCK, BIT(*(int *)arg));
	kill_self(*(int *)arg);
	syscall2(__NR_rt_sigpending, (long)&pending, 8);
	line("pending: %s", pending == BIT(*(int *)arg) ? "it" : "not it alone");
	mask(SIG_UNBLOCK, BIT(*(int *)arg));
	return 60;
}

static int blocked_then_ignored(void *arg)
{
	mask(SIG_BLOCK, BIT(*(int *)arg));
	kill_self(*(int *)arg);
	set_action(*(int *)arg, 1);
	mask(SIG_UNBLOCK, BIT(*(int *)arg));
	return 61;
}

static int blocked_while_ignored(void *arg)
{
	uint64_t pending = 0;

	set_action(*(int *)arg, 1);
	mask(SIG_BLOCK, BIT(*(int *)arg));
	kill_self(*(int *)arg);
	syscall2(__NR_rt_sigpending, (long)&pending, 8);
	return pending ? 63 : 62;
}

static int fault_while_ignored(void *arg)
{
	set_action(SIGSEGV, 1);
	mask(SIG_SETMASK, ~0ull);
	*(volatile char *)arg = 1;
	return 64;
}

static int exec_keeps_ignored(void *arg)
{
	char *argv[] = {"signals", "child", NULL}, *none[] = {NULL};

	(void)arg;
	set_action(SIGTERM, 1);
	mask(SIG_BLOCK, BIT(SIGUSR1));
	return -sys_execve("tests/abi/signals", argv, none);
}

static int killed_asleep(void *arg)
{
	int fds[2], pid, status;
	char byte;

	(void)arg;
	sys_pipe(fds);
	pid = sys_fork();
	if (pid == 0) {
		sys_write(fds[1], "", 1);
		for (;;)
			syscall0(__NR_pause);
	}
	sys_read(fds[0], &byte, 1);
	sys_kill(pid, SIGTERM);
	sys_wait4(pid, &status, 0, NULL);
	say_status("a child that sleeps", status);
	pid = sys_fork();
	if (pid == 0) {
		sys_read(fds[0], &byte, 1);
		return 1;
	}
	sys_kill(pid, SIGKILL);
	sys_wait4(pid, &status, 0, NULL);
	say_status("a child that reads a pipe", status);
	return 0;
}

static int no_zombies(void *arg)
{
	int status;

	(void)arg;
	set_action(SIGCHLD, 1);
	if (sys_fork() == 0)
		return 7;
	say("children of one who ignores SIGCHLD", sys_wait4(-1, &status, 0, NULL));
	return 0;
}

int main(int argc, char *argv[])
{
	static int fatal[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGPIPE, 40};
	int kill_signal = SIGKILL;
	uint64_t set = 0;
	long ret;

	if (argc > 1 && !strcmp(argv[1], "child")) {
		syscall4(__NR_rt_sigprocmask, SIG_BLOCK, 0, (long)&set, 8);
		line("after exec SIGTERM is ignored: %ld, SIGUSR1 blocked: %s", get_action(SIGTERM),
		     set == BIT(SIGUSR1) ? "yes" : "no");
		return 0;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(fatal); i++) {
		line("signal %d", fatal[i]);
		say_status("ignored", in_child(ignored, &fatal[i]));
		say_status("default again", in_child(default_again, &fatal[i]));
		say_status("blocked, then not", in_child(blocked_then_not, &fatal[i]));
		say_status("blocked, then ignored", in_child(blocked_then_ignored, &fatal[i]));
		say_status("blocked while ignored", in_child(blocked_while_ignored, &fatal[i]));
	}
	say_status("SIGKILL ignored", in_child(ignored, &kill_signal));
	say_status("a fault while SIGSEGV is ignored and blocked",
		   in_child(fault_while_ignored, (void *)16));
	say_status("exec", in_child(exec_keeps_ignored, NULL));
	say_status("asleep", in_child(killed_asleep, NULL));
	say_status("no zombies", in_child(no_zombies, NULL));

	say("rt_sigaction of 0", set_action(0, 1));
	say("of 65", set_action(65, 1));
	say("of SIGSTOP", set_action(SIGSTOP, 1));
	say("default of SIGKILL", get_action(SIGKILL));
	say("at a bad address", syscall4(__NR_rt_sigaction, SIGHUP, -4096, 0, 8));
	say("to a bad address", syscall4(__NR_rt_sigaction, SIGHUP, 0, -4096, 8));
	action_size = 4;
	say("a set of 4 bytes", set_action(SIGHUP, 1));
	say("rt_sigprocmask, unknown how", mask(9, 0));
	say("of a bad address", syscall4(__NR_rt_sigprocmask, SIG_BLOCK, -4096, 0, 8));
	say("a set of 4 bytes", syscall4(__NR_rt_sigprocmask, SIG_BLOCK, (long)&set, 0, 4));
	mask(SIG_SETMASK, ~0ull);
	ret = syscall4(__NR_rt_sigprocmask, SIG_BLOCK, 0, (long)&set, 8);
	line("all blocked: %ld, SIGKILL and SIGSTOP are not: %s", ret,
	     set == ~(BIT(SIGKILL) | BIT(SIGSTOP)) ? "yes" : "no");
	mask(SIG_SETMASK, 0);
	say("kill of signal 65", sys_kill(sys_getpid(), 65));
	say("of signal -1", sys_kill(sys_getpid(), -1));
	say("of signal 0", sys_kill(sys_getpid(), 0));
	say("of nobody", sys_kill(0x7fffff, 0));
	say("tkill of 0", syscall2(__NR_tkill, 0, 0));
	say("tgkill of another group", syscall3(__NR_tgkill, sys_getppid(), sys_getpid(), 0));
	say("tgkill", syscall3(__NR_tgkill, sys_getpid(), sys_getpid(), 0));
	return 0;
}
