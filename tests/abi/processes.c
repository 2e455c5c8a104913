/* clone3, processes as descriptors, capabilities, prctl, ranges of descriptors, files without a name. */
#include "tests/abi/lib/abi.h"

#include <asm/poll.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/sched.h>

#define NOBODY   0x3fffffff
#define P_PIDFD_ 3

struct poll_fd {
	int fd;
	short events, revents;
};

static long clone3(uint64_t flags, uint64_t exit_signal, int *pidfd, int *child_tid)
{
	struct clone_args args = {.flags = flags,
				  .exit_signal = exit_signal,
				  .pidfd = (unsigned long)pidfd,
				  .child_tid = (unsigned long)child_tid};

	return CALL(clone3, &args, sizeof(args));
}

static void clones(void)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	char longer[sizeof(args) + 8];
	int tid = 0, status = 0, fd = -1;
	long pid = clone3(CLONE_CHILD_SETTID, SIGCHLD, NULL, &tid);

	if (!pid)
		sys_exit(tid == sys_getpid() ? 3 : 4);
	sys_wait4(pid, &status, 0, NULL);
	say_status("clone3", status);
	SAY(clone3, &args, 63);
	SAY(clone3, &args, 5000);
	SAY(clone3, BAD_POINTER, 64);
	memset(longer, 0, sizeof(longer));
	memcpy(longer, &args, sizeof(args));
	longer[sizeof(args) + 3] = 1;
	SAY(clone3, longer, sizeof(longer));
	longer[sizeof(args) + 3] = 0;
	pid = CALL(clone3, longer, sizeof(longer));
	if (!pid)
		sys_exit(5);
	sys_wait4(pid, &status, 0, NULL);
	say_status("a longer one", status);
	say("bad signal", clone3(0, 65, NULL, NULL));
	say("signal in the flags", clone3(SIGCHLD, 0, NULL, NULL));
	say("thread without handlers", clone3(CLONE_THREAD, 0, NULL, NULL));
	say("handlers without memory", clone3(CLONE_SIGHAND, 0, NULL, NULL));
	say("handlers both ways",
	    clone3(CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND, 0, NULL, NULL));
	args.stack = 0x1000;
	SAY(clone3, &args, sizeof(args));
	args.stack = 0;
	args.stack_size = 0x1000;
	SAY(clone3, &args, sizeof(args));
	say("descriptor at a bad address", clone3(CLONE_PIDFD, SIGCHLD, (int *)BAD_POINTER, NULL));
	CALL(signal, SIGUSR1, 0x1234);
	CALL(signal, SIGUSR2, 1);
	pid = clone3(CLONE_CLEAR_SIGHAND | CLONE_PIDFD, SIGCHLD, &fd, NULL);
	if (!pid) {
		line("handlers in the child: %ld %ld", CALL(signal, SIGUSR1, 0),
		     CALL(signal, SIGUSR2, 0));
		sys_exit(6);
	}
	line("a descriptor: %s", fd > 2 ? "yes" : "no");
	sys_wait4(pid, &status, 0, NULL);
	say_status("it", status);
	SAY(fcntl64, fd, 1, 0);
	sys_close(fd);
	CALL(signal, SIGUSR1, 0);
	CALL(signal, SIGUSR2, 0);
}

static int start_sleeper(void)
{
	int pid = sys_fork();

	if (!pid) {
		CALL(pause);
		sys_exit(1);
	}
	return pid;
}

static void descriptors_of_processes(void)
{
	int pid = start_sleeper(), fd = CALL(pidfd_open, pid, 0), other;
	struct poll_fd p = {fd, POLLIN, 0};
	siginfo_t info = {0};

	line("a descriptor: %s", fd > 2 ? "yes" : "no");
	SAY(fcntl64, fd, 1, 0);
	SAY(poll, &p, 1, 0);
	SAY(pidfd_send_signal, fd, 0, 0, 0);
	SAY(pidfd_send_signal, fd, 65, 0, 0);
	SAY(pidfd_send_signal, fd, 0, 0, 77);
	SAY(pidfd_send_signal, 99, 0, 0, 0);
	SAY(pidfd_send_signal, 1, 0, 0, 0);
	SAY(pidfd_send_signal, fd, SIGTERM, BAD_POINTER, 0);
	info.si_signo = SIGUSR1;
	SAY(pidfd_send_signal, fd, SIGTERM, &info, 0);
	other = CALL(pidfd_getfd, fd, 1, 0);
	line("its output: %s", other > 2 ? "yes" : "no");
	sys_close(other);
	SAY(pidfd_getfd, fd, 99, 0);
	SAY(pidfd_getfd, fd, 1, 1);
	SAY(pidfd_getfd, 1, 1, 0);
	SAY(waitid, P_PIDFD_, fd, &info, 4 | 1, 0);
	SAY(pidfd_send_signal, fd, SIGTERM, 0, 0);
	SAY(poll, &p, 1, 5000);
	line("  %x", p.revents);
	memset(&info, 0, sizeof(info));
	SAY(waitid, P_PIDFD_, fd, &info, 4, 0);
	line("  code %d status %d, it: %s", info.si_code, info.si_status,
	     info.si_pid == pid ? "yes" : "no");
	SAY(waitid, P_PIDFD_, fd, &info, 4, 0);
	SAY(pidfd_send_signal, fd, 0, 0, 0);
	SAY(waitid, P_PIDFD_, 99, &info, 4, 0);
	SAY(waitid, P_PIDFD_, -1, &info, 4, 0);
	sys_close(fd);
	pid = start_sleeper();
	fd = CALL(pidfd_open, pid, O_NONBLOCK);
	SAY(waitid, P_PIDFD_, fd, &info, 4, 0);
	sys_kill(pid, SIGKILL);
	sys_wait4(pid, NULL, 0, NULL);
	sys_close(fd);
	SAY(pidfd_open, 0, 0);
	SAY(pidfd_open, -1, 0);
	SAY(pidfd_open, NOBODY, 0);
	SAY(pidfd_open, sys_getpid(), 1);
}

static void show_caps(const char *what)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2] = {{0, 0, 0}};

	say(what, CALL(capget, &header, sets));
	/* how many there are differs between kernels: the first, and whether there are more */
	line("  chown: %d %d %d, more: %s", sets[0].effective & 1, sets[0].permitted & 1,
	     sets[0].inheritable & 1, sets[0].permitted >> 1 ? "yes" : "no");
}

static int capabilities(void *arg)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2];

	(void)arg;
	show_caps("as root");
	CALL(capget, &header, sets);
	header.version = 77;
	SAY(capget, &header, sets);
	line("  version %x", header.version);
	header.version = 77;
	SAY(capget, &header, 0);
	header.version = _LINUX_CAPABILITY_VERSION_1;
	SAY(capget, &header, sets);
	header.version = _LINUX_CAPABILITY_VERSION_3;
	SAY(capget, BAD_POINTER, sets);
	SAY(capget, &header, BAD_POINTER);
	header.pid = NOBODY;
	SAY(capget, &header, sets);
	SAY(capset, &header, sets);
	header.pid = -1;
	SAY(capget, &header, sets);
	header.pid = 0;
	CALL(capget, &header, sets);
	sets[0].effective &= ~1;
	SAY(capset, &header, sets);
	show_caps("not effective");
	sets[0].permitted &= ~1;
	SAY(capset, &header, sets);
	show_caps("not permitted");
	sets[0].permitted |= 1;
	SAY(capset, &header, sets);
	SAY(capset, &header, BAD_POINTER);
	SAY(setresuid32, -1, 1000, -1);
	show_caps("another effective user");
	SAY(setresuid32, -1, 0, -1);
	show_caps("back");
	SAY(setresuid32, 1000, 1000, 1000);
	show_caps("no root any more");
	return 0;
}

static int keep_capabilities(void *arg)
{
	(void)arg;
	SAY(prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
	SAY(prctl, PR_GET_KEEPCAPS, 0, 0, 0, 0);
	SAY(setresuid32, 1000, 1000, 1000);
	show_caps("kept, not effective");
	return 0;
}

/* A grandchild without a parent comes to the one who asked for it. */
static int reap(void *arg)
{
	int pid, status = 0;

	(void)arg;
	SAY(prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	SAY(prctl, PR_GET_CHILD_SUBREAPER, &status, 0, 0, 0);
	line("  %d", status);
	pid = sys_fork();
	if (!pid) {
		if (!sys_fork()) {
			struct timespec moment = {0, 50000000};

			sys_nanosleep(&moment, NULL);
			sys_exit(7);
		}
		sys_exit(8);
	}
	sys_wait4(pid, &status, 0, NULL);
	say_status("the child", status);
	pid = sys_wait4(-1, &status, 0, NULL);
	line("another came: %s", pid > 0 ? "yes" : "no");
	say_status("the grandchild", status);
	return 0;
}

static int switches(void *arg)
{
	char name[17] = {0};

	(void)arg;
	SAY(prctl, PR_SET_NAME, "a name that is too long", 0, 0, 0);
	SAY(prctl, PR_GET_NAME, name, 0, 0, 0);
	say_text("  name", name);
	SAY(prctl, PR_SET_NAME, BAD_POINTER, 0, 0, 0);
	SAY(prctl, PR_GET_NAME, BAD_POINTER, 0, 0, 0);
	SAY(prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	SAY(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
	SAY(prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	SAY(prctl, PR_SET_DUMPABLE, 2, 0, 0, 0);
	SAY(prctl, PR_SET_KEEPCAPS, 2, 0, 0, 0);
	SAY(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	SAY(prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	SAY(prctl, PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0);
	SAY(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	SAY(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	SAY(prctl, PR_GET_SECCOMP, 0, 0, 0, 0);
	SAY(prctl, PR_CAPBSET_READ, 0, 0, 0, 0);
	SAY(prctl, PR_CAPBSET_READ, 1000, 0, 0, 0);
	SAY(prctl, PR_SET_PDEATHSIG, 65, 0, 0, 0);
	SAY(prctl, PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
	SAY(prctl, PR_GET_PDEATHSIG, name, 0, 0, 0);
	line("  %d", *(int *)name);
	SAY(prctl, PR_GET_PDEATHSIG, BAD_POINTER, 0, 0, 0);
	SAY(prctl, 0x7fffffff, 0, 0, 0, 0);
	return 0;
}

static int ranges(void *arg)
{
	(void)arg;
	for (int fd = 10; fd < 20; fd++)
		CALL(dup2, 1, fd);
	SAY(close_range, 12, 14, 0);
	SAY(fcntl64, 11, 1, 0);
	SAY(fcntl64, 12, 1, 0);
	SAY(fcntl64, 14, 1, 0);
	SAY(fcntl64, 15, 1, 0);
	SAY(close_range, 15, 16, 4);
	SAY(fcntl64, 15, 1, 0);
	SAY(fcntl64, 16, 1, 0);
	SAY(fcntl64, 17, 1, 0);
	SAY(close_range, 17, -1, 2);
	SAY(fcntl64, 17, 1, 0);
	SAY(close_range, 5, 4, 0);
	SAY(close_range, 4, 5, 8);
	SAY(close_range, 1000000, -1, 0);
	return 0;
}

struct how {
	uint64_t flags, mode, resolve, more;
};

static void nameless_files(void)
{
	int fd = CALL(open, "tests/data", O_RDWR | 020000000 | O_DIRECTORY, 0640), root;
	struct how how = {0, 0, 0, 0};
	struct stat64 st;
	char text[8] = {0};

	line("O_TMPFILE: %s", fd > 2 ? "yes" : "no");
	SAY(write, fd, "secret", 6);
	SAY(fstat64, fd, &st);
	line("  mode %o, %u names, size %u", st.st_mode, st.st_nlink, (unsigned)st.st_size);
	SAY(linkat, fd, "", -100, "tests/data/named", 0x1000);
	root = CALL(open, "tests/data/named", O_RDONLY);
	SAY(read, root, text, 6);
	say_text("  text", text);
	SAY(linkat, fd, "", -100, "tests/data/named", 0x1000);
	SAY(unlink, "tests/data/named");
	sys_close(root);
	sys_close(fd);
	SAY(open, "tests/data", 020000000 | O_DIRECTORY, 0640);
	SAY(open, DATA_FILE, O_RDWR | 020000000 | O_DIRECTORY, 0640);
	SAY(open, "tests/data/none", O_RDWR | 020000000 | O_DIRECTORY, 0640);
	SAY(open, "tests/data", O_RDWR | 020000000, 0640);
	fd = CALL(openat2, -100, DATA_FILE, &how, 24);
	line("openat2: %s", fd > 2 ? "yes" : "no");
	sys_close(fd);
	SAY(openat2, -100, DATA_FILE, &how, 23);
	SAY(openat2, -100, DATA_FILE, &how, 5000);
	SAY(openat2, -100, DATA_FILE, BAD_POINTER, 24);
	how.more = 1;
	SAY(openat2, -100, DATA_FILE, &how, 32);
	how.more = 0;
	how.mode = 0600;
	SAY(openat2, -100, DATA_FILE, &how, 24);
	how.mode = 010000;
	how.flags = O_CREAT;
	SAY(openat2, -100, DATA_FILE, &how, 24);
	how.mode = 0;
	how.flags = 1ull << 40;
	SAY(openat2, -100, DATA_FILE, &how, 24);
	how.flags = 010000000 | O_RDWR;
	SAY(openat2, -100, DATA_FILE, &how, 24);
	how.flags = 0;
	how.resolve = 1 << 20;
	SAY(openat2, -100, DATA_FILE, &how, 24);
	how.resolve = 0;
	SAY(openat2, -100, "tests/data/none", &how, 24);
	SAY(openat2, 99, "none", &how, 24);
}

static void messages(void)
{
	char text[64];

	line("size: %s", CALL(syslog, 10, 0, 0) >= 4096 ? "yes" : "no");
	SAY(syslog, 0, 0, 0);
	SAY(syslog, 1, 0, 0);
	SAY(syslog, 3, 0, 10);
	SAY(syslog, 3, text, -1);
	SAY(syslog, 3, text, 0);
	SAY(syslog, 8, 0, 0);
	SAY(syslog, 8, 0, 9);
	SAY(syslog, 99, 0, 0);
}

int main(void)
{
	clones();
	descriptors_of_processes();
	say_status("capabilities", in_child(capabilities, NULL));
	say_status("kept", in_child(keep_capabilities, NULL));
	say_status("subreaper", in_child(reap, NULL));
	say_status("switches", in_child(switches, NULL));
	say_status("ranges", in_child(ranges, NULL));
	nameless_files();
	messages();
	return 0;
}
