/* Sessions and process groups, and what a file that is no terminal says. */
#include "tests/abi/lib/abi.h"

#include <asm/ioctls.h>
#include <linux/fcntl.h>

#define NO_PROCESS 4194303 /* the highest there can be */

static long set_group(int pid, int group)
{
	return syscall2(__NR_setpgid, pid, group);
}
static long group_of(int pid)
{
	return syscall1(__NR_getpgid, pid);
}
static long session_of(int pid)
{
	return syscall1(__NR_getsid, pid);
}
static long new_session(void)
{
	return syscall0(__NR_setsid);
}

static void say_whose(const char *what, long number)
{
	if (is_error(number))
		say(what, number);
	else
		say_text(what, number == sys_getpid() ? "mine" : "another's");
}

static void say_state(void)
{
	say_whose("session", session_of(0));
	say_whose("session by number", session_of(sys_getpid()));
	say_whose("group", group_of(0));
	say_whose("getpgrp", syscall0(__NR_getpgrp));
}

static int in_new_session(void *arg)
{
	int fd, number = 0;

	(void)arg;
	say_whose("setsid", new_session());
	say_state();
	say("setsid again", new_session());
	say("setpgid of a session's leader", set_group(0, 0));
	fd = sys_open(DATA_FILE, O_RDONLY, 0);
	say("TIOCGPGRP of a file", syscall3(__NR_ioctl, fd, TIOCGPGRP, (long)&number));
	say("TIOCSCTTY of a file", syscall3(__NR_ioctl, fd, TIOCSCTTY, 0));
	say("TCGETS of a file", syscall3(__NR_ioctl, fd, TCGETS, (long)&number));
	return 0;
}

static int in_new_group(void *arg)
{
	(void)arg;
	say("setpgid", set_group(0, 0));
	say_whose("group", group_of(0));
	say("setpgid again, by numbers", set_group(sys_getpid(), sys_getpid()));
	say("setsid of a group's leader", new_session());
	return 0;
}

static void __attribute__((noreturn)) stay(void)
{
	const struct timespec hour = {.tv_sec = 3600};

	sys_nanosleep(&hour, NULL);
	sys_exit(0);
}

/* What a parent may do to its children. */
static int parent(void *arg)
{
	int status, first, second, leader;

	(void)arg;
	new_session();
	first = sys_fork();
	if (!first)
		stay();
	second = sys_fork();
	if (!second)
		stay();
	say("a child into a group of its own", set_group(first, 0));
	say_text("its group", group_of(first) == first ? "its own" : "another's");
	say("another child into the same", set_group(second, first));
	say_text("its group", group_of(second) == first ? "the first's" : "another's");
	say("back into the parent's", set_group(second, sys_getpid()));
	say("and again into the first's", set_group(second, first));
	say("into a group that does not exist", set_group(second, NO_PROCESS));
	say("the parent into the children's", set_group(0, first));
	say("kill the group", sys_kill(-first, 9));
	sys_wait4(first, &status, 0, NULL);
	say_status("one", status);
	sys_wait4(second, &status, 0, NULL);
	say_status("the other", status);
	say("the group that is gone", sys_kill(-first, 0));
	say("getpgid of a process that is gone", group_of(first));

	leader = sys_fork();
	if (!leader) {
		new_session();
		stay();
	}
	while (session_of(leader) != leader)
		sys_sched_yield();
	say("a child of another session", set_group(leader, sys_getpid()));
	sys_kill(leader, 9);
	sys_wait4(leader, &status, 0, NULL);
	return 0;
}

int main(void)
{
	say_status("new session", in_child(in_new_session, NULL));
	say_status("new group", in_child(in_new_group, NULL));
	say_status("parent", in_child(parent, NULL));
	say("negative group", set_group(0, -1));
	say("no such process", set_group(NO_PROCESS, 0));
	say("a stranger", set_group(1, 0));
	say("getpgid: no such process", group_of(NO_PROCESS));
	say("getsid: no such process", session_of(NO_PROCESS));
	say("getsid: negative", session_of(-1));
	return 0;
}
