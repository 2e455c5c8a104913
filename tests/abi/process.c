/* fork, vfork, clone, exit and wait: who is whose child, and how each ended. */
#include "tests/abi/lib/abi.h"

#include <asm/signal.h>
#include <linux/sched.h>

static int exits_with(void *status)
{
	return (int)status;
}

static int exits_by_old_call(void *status)
{
	return syscall1(__NR_exit, (int)status);
}

static int killed_by(void *signal)
{
	sys_kill(sys_getpid(), (int)signal);
	return 99;
}

static int sleeps(void *unused)
{
	const struct timespec long_time = {.tv_sec = 100};

	(void)unused;
	sys_nanosleep(&long_time, NULL);
	return 98;
}

static int start(int (*action)(void *), void *arg)
{
	int pid = sys_fork();

	if (pid == 0)
		sys_exit(action(arg));
	return pid;
}

static void show_statuses(void)
{
	static const int signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,
				      SIGBUS,  SIGFPE,  SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2,
				      SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGSYS};
	static const int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};

	say_status("exit(0)", in_child(exits_with, (void *)0));
	say_status("exit(3)", in_child(exits_with, (void *)3));
	say_status("exit(255)", in_child(exits_with, (void *)255));
	say_status("exit(256)", in_child(exits_with, (void *)256));
	say_status("exit(-1)", in_child(exits_with, (void *)-1));
	say_status("old exit(7)", in_child(exits_by_old_call, (void *)7));
	for (unsigned int i = 0; i < ARRAY_SIZE(signals); i++)
		say_status("kill of itself", in_child(killed_by, (void *)signals[i]));
	for (unsigned int i = 0; i < ARRAY_SIZE(ignored); i++)
		say_status("kill of itself with what is ignored",
			   in_child(killed_by, (void *)ignored[i]));
}

static void show_waits(void)
{
	int a, b, status, pid;
	char usage[72];

	say("wait4 without a child", sys_wait4(-1, &status, 0, NULL));
	say("wait4 without a child, WNOHANG", sys_wait4(-1, &status, WNOHANG, NULL));
	say("wait4 for process 1", sys_wait4(1, &status, 0, NULL));
	say("wait4 for itself", sys_wait4(sys_getpid(), &status, 0, NULL));
	say("wait4 with unknown options", sys_wait4(-1, &status, 0x1000, NULL));

	a = start(exits_with, (void *)1);
	b = start(exits_with, (void *)2);
	line("two children differ: %s", a > 0 && b > 0 && a != b ? "yes" : "no");
	pid = sys_wait4(b, &status, 0, NULL);
	line("wait4 for the second: %s, %s", pid == b ? "it" : "another", status_text(status));
	pid = syscall3(__NR_waitpid, -1, (long)&status, 0);
	line("waitpid for any: %s, %s", pid == a ? "the first" : "another", status_text(status));
	say("waitpid again", syscall3(__NR_waitpid, a, (long)&status, 0));

	a = start(sleeps, NULL);
	say("WNOHANG while it sleeps", sys_wait4(a, &status, WNOHANG, NULL));
	say("kill with signal 0", sys_kill(a, 0));
	say("kill with SIGKILL", sys_kill(a, SIGKILL));
	pid = sys_wait4(a, &status, 0, usage);
	line("wait4 with rusage: %s, %s", pid == a ? "it" : "another", status_text(status));
	say("kill of what is gone", sys_kill(a, 0));
	say("kill with signal 65", sys_kill(sys_getpid(), 65));
	say("kill with signal -1", sys_kill(sys_getpid(), -1));
	say("wait4 with status NULL", start(exits_with, (void *)5) == sys_wait4(-1, NULL, 0, NULL));

	a = start(exits_with, (void *)6);
	say("wait4 with a bad status pointer", sys_wait4(a, (int *)0xfffff000, 0, NULL));
	say("its child is gone all the same", sys_wait4(a, &status, 0, NULL));
	say("wait4 by group 0", start(exits_with, (void *)8) == sys_wait4(0, &status, 0, NULL));
}

static void show_zombie(void)
{
	const struct timespec tick = {.tv_nsec = 50 * 1000 * 1000};
	int pid = start(exits_with, (void *)9), status = 0;

	sys_nanosleep(&tick, NULL);
	say("kill 0 of a zombie", sys_kill(pid, 0));
	say("SIGKILL of a zombie", sys_kill(pid, SIGKILL));
	say("WNOHANG finds it", sys_wait4(pid, &status, WNOHANG, NULL) == pid);
	say_status("its status is what it was", status);
	say("it is gone", sys_kill(pid, 0));
}

static void show_parents(void)
{
	int me = sys_getpid(), fds[2], status, answer[2] = {0};
	int pid = sys_fork();

	if (pid == 0)
		sys_exit(sys_getppid() == me && sys_getpid() != me &&
			 syscall0(__NR_gettid) == sys_getpid());
	sys_wait4(pid, &status, 0, NULL);
	say_status("the child's parent is this process", status);
	line("fork returned the child's number: %s", pid > 0 && pid != me ? "yes" : "no");

	/* the grandchild outlives its parent and tells who its parent is then */
	sys_pipe(fds);
	pid = sys_fork();
	if (pid == 0) {
		const struct timespec tick = {.tv_nsec = 10 * 1000 * 1000};
		int parent = sys_getpid();

		if (sys_fork())
			sys_exit(0);
		for (int i = 0; i < 200 && sys_getppid() == parent; i++)
			sys_nanosleep(&tick, NULL);
		answer[0] = sys_getppid() != parent;
		answer[1] = sys_getppid() != me;
		sys_write(fds[1], answer, sizeof(answer));
		sys_exit(0);
	}
	sys_wait4(pid, &status, 0, NULL);
	sys_read(fds[0], answer, sizeof(answer));
	line("an orphan gets a new parent: %s, not its grandparent: %s", answer[0] ? "yes" : "no",
	     answer[1] ? "yes" : "no");
	say("and its grandparent has no child", sys_wait4(-1, &status, 0, NULL));
}

static volatile int shared_word;

/*
 * A vfork child runs on its parent's memory until it ends; the parent waits. Nothing returns from
 * here in it.
 */
static void show_vfork(void)
{
	int pid, status;

	asm volatile("int $0x80\n\t"
		     "test %%eax, %%eax\n\t"
		     "jnz 1f\n\t"
		     "movl $42, %2\n\t"
		     "movl $4, %%ebx\n\t"
		     "movl $1, %%eax\n\t"
		     "int $0x80\n"
		     "1:"
		     : "=a"(pid)
		     : "a"(__NR_vfork), "m"(shared_word)
		     : "ebx", "memory");
	say("what the vfork child wrote before its parent went on", shared_word);
	sys_wait4(pid, &status, 0, NULL);
	say_status("the vfork child", status);
}

static void show_clone(void)
{
	int tid = 0, child_tid = 0, status, pid;

	pid = syscall5(__NR_clone, CLONE_CHILD_SETTID | CLONE_PARENT_SETTID | SIGCHLD, 0,
		       (long)&tid, 0, (long)&child_tid);
	if (pid == 0)
		sys_exit(child_tid == sys_getpid());
	sys_wait4(pid, &status, 0, NULL);
	say_status("clone as fork: the child finds its number in its memory", status);
	line("clone as fork: the parent finds it too: %s", tid == pid ? "yes" : "no");
	line("and not in its own copy of the child's word: %s", child_tid == 0 ? "yes" : "no");
}

static void show_many(void)
{
	enum { MANY = 40 };
	int pids[MANY], seen = 0, sum = 0, status;

	for (int i = 0; i < MANY; i++)
		pids[i] = start(exits_with, (void *)i);
	for (int i = MANY - 1; i >= 0; i--)
		if (sys_wait4(pids[i], &status, 0, NULL) == pids[i]) {
			seen++;
			sum += status >> 8;
		}
	line("%d children, statuses add up to %d", seen, sum);
	say("then none is left", sys_wait4(-1, &status, 0, NULL));
}

int main(void)
{
	show_statuses();
	show_waits();
	show_zombie();
	show_parents();
	show_vfork();
	show_clone();
	show_many();
	return 0;
}
