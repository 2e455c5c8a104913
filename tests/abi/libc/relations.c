/* Processes and their relatives: what a child inherits, what exec keeps, what is told of an end, and to whom signals can be sent. */
#define _GNU_SOURCE
#include "tests/abi/libc/say.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int ends[2];

/* The limit counts from 0 in a child. */
static void show_cpu_limit(void)
{
	struct rlimit limit = {1, 2};
	pid_t child;
	int status;

	setrlimit(RLIMIT_CPU, &limit);
	child = fork();
	if (!child) {
		for (time_t end = time(NULL) + 10; time(NULL) < end;)
			;
		_exit(1);
	}
	waitpid(child, &status, 0);
	line("a child beyond the limit: signal %d", WTERMSIG(status));
}

static void show_exec(void)
{
	if (setresgid(2001, 2001, 2001) || setresuid(1001, 1001, 1001))
		line("ids not set");
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	prctl(PR_SET_DUMPABLE, 0);
	execl("tests/abi/relations", "relations", "again", NULL);
	line("not run: %s", strerror(errno));
}

static void show_after_exec(void)
{
	int signo = -1;

	prctl(PR_GET_PDEATHSIG, &signo);
	line("signal for the parent's end %d, dumpable %d", signo, prctl(PR_GET_DUMPABLE));
	line("ids %lu %lu %lu %lu, secure %lu", getauxval(AT_UID), getauxval(AT_EUID),
	     getauxval(AT_GID), getauxval(AT_EGID), getauxval(AT_SECURE));
}

/* A sibling ends with the signal that its maker has. */
static void show_sibling(void)
{
	struct clone_args args = {.flags = CLONE_PARENT};
	int status, sum = 0;

	if (!fork())
		_exit(syscall(SYS_clone3, &args, sizeof(args)) ? 1 : 4);
	nap(100);
	while (waitpid(-1, &status, WNOHANG) > 0)
		sum += WEXITSTATUS(status);
	line("children waited for: %d", sum);
}

static void show_ignored_end(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGCHLD, SIG_IGN);
	if (!fork())
		_exit(0);
	say("wait", waitpid(-1, NULL, 0));
	sigpending(&set);
	line("SIGCHLD pending: %d", sigismember(&set, SIGCHLD));
}

static void show_zombie(void)
{
	siginfo_t info = {.si_code = SI_QUEUE};
	pid_t child = fork();

	if (!child) {
		setpgid(0, 0);
		_exit(0);
	}
	nap(50);
	say("ask a zombie", kill(child, 0));
	say("end a zombie", kill(child, SIGTERM));
	say("ask its group", kill(-child, 0));
	say("end its group", kill(-child, SIGTERM));
	waitpid(child, NULL, 0);
	say("no signal to nobody", kill(child, 999));
	say("no signal to no group", kill(-child, 999));
	say("no signal to no thread", syscall(SYS_tkill, child, 999));
	say("no signal queued to nobody", syscall(SYS_rt_sigqueueinfo, child, 999, &info));
	say("no signal queued", syscall(SYS_rt_sigqueueinfo, getpid(), 999, &info));
	say("no signal", kill(getpid(), 65));
	say("no signal either", kill(getpid(), -1));
}

static void on_death(int signo, siginfo_t *info, void *context)
{
	char text[64];
	int len;

	(void)context;
	len = snprintf(text, sizeof(text), "signal %d code %d, %s", signo, info->si_code,
		       info->si_pid ? "from a process" : "from nobody");
	_exit(write(ends[1], text, len) != len);
}

static void show_death_signal(void)
{
	struct sigaction action = {.sa_sigaction = on_death, .sa_flags = SA_SIGINFO};
	char text[64] = {0};

	if (pipe(ends))
		return;
	if (!fork()) {
		if (!fork()) {
			sigaction(SIGUSR1, &action, NULL);
			prctl(PR_SET_PDEATHSIG, SIGUSR1);
			for (;;)
				pause();
		}
		nap(100);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], text, sizeof(text) - 1) > 0)
		line("at the parent's end: %s", text);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		show_after_exec();
		return 0;
	}
	in_child(show_cpu_limit);
	in_child(show_exec);
	in_child(show_sibling);
	in_child(show_ignored_end);
	in_child(show_zombie);
	in_child(show_death_signal);
	return 0;
}
