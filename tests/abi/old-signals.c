/* The signal calls of one word, which came before the real-time ones; and waiting with 64-bit time. */
#include "tests/abi/lib/abi.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

struct old_action {
	void (*handler)(int);
	uint32_t mask, flags;
	void (*restorer)(void);
};

static volatile int came, last;

/* The handler returns by itself: the kernel puts the code for it on the stack. */
static void on_signal(int signo)
{
	came++;
	last = signo;
}

static int bit(int signo)
{
	return 1 << (signo - 1);
}

static void handlers(void)
{
	struct old_action action = {on_signal, 0, SA_RESTART, NULL}, old;
	long before;

	SAY(sigaction, SIGUSR1, &action, &old);
	line("  it was default: %s", !old.handler ? "yes" : "no");
	SAY(kill, sys_getpid(), SIGUSR1);
	line("  %d came, %d", came, last);
	SAY(sigaction, SIGUSR1, 0, &old);
	line("  handler %d flags %x mask %x", old.handler == on_signal, old.flags, old.mask);
	SAY(sigaction, SIGKILL, &action, 0);
	SAY(sigaction, SIGKILL, 0, &old);
	SAY(sigaction, 0, &action, 0);
	SAY(sigaction, 65, &action, 0);
	SAY(sigaction, SIGUSR1, BAD_POINTER, 0);
	SAY(sigaction, SIGUSR1, 0, BAD_POINTER);
	before = CALL(signal, SIGUSR2, on_signal);
	line("signal: default before: %s", !before ? "yes" : "no");
	CALL(kill, sys_getpid(), SIGUSR2);
	line("  %d came, %d", came, last);
	before = CALL(signal, SIGUSR2, SIG_IGN);
	line("signal: one time only: %s", !before ? "yes" : "no");
	SAY(signal, SIGUSR2, SIG_DFL);
	SAY(signal, SIGSTOP, SIG_IGN);
	SAY(signal, 0, SIG_IGN);
	SAY(signal, 65, SIG_IGN);
}

static void masks(void)
{
	uint32_t set = bit(SIGUSR1), old = 0;

	SAY(sigprocmask, SIG_BLOCK, &set, &old);
	line("  old %x", old);
	came = 0;
	CALL(kill, sys_getpid(), SIGUSR1);
	SAY(sigpending, &old);
	line("  pending %x, %d came", old, came);
	SAY(sgetmask);
	SAY(ssetmask, 0);
	line("  %d came", came);
	SAY(sgetmask);
	SAY(ssetmask, ~0);
	SAY(sgetmask);
	set = ~0;
	SAY(sigprocmask, SIG_UNBLOCK, &set, &old);
	line("  old %x", old);
	SAY(sigprocmask, SIG_SETMASK, &set, 0);
	set = 0;
	SAY(sigprocmask, SIG_SETMASK, &set, &old);
	line("  old %x", old);
	SAY(sigprocmask, 3, &set, 0);
	SAY(sigprocmask, 3, 0, &old);
	SAY(sigprocmask, SIG_BLOCK, BAD_POINTER, 0);
	SAY(sigprocmask, SIG_BLOCK, 0, BAD_POINTER);
	SAY(sigpending, BAD_POINTER);
}

static void waiting(void)
{
	uint32_t set = bit(SIGUSR1), set64[2] = {bit(SIGUSR2), 0};
	struct __kernel_timespec moment = {0, 1000000};
	siginfo_t info;

	CALL(sigprocmask, SIG_BLOCK, &set, 0);
	CALL(kill, sys_getpid(), SIGUSR1);
	came = 0;
	SAY(sigsuspend, 0, 0, 0);
	line("  %d came, mask %lx", came, CALL(sgetmask));
	CALL(rt_sigprocmask, SIG_BLOCK, set64, 0, 8);
	SAY(rt_sigtimedwait_time64, set64, &info, &moment, 8);
	CALL(kill, sys_getpid(), SIGUSR2);
	memset(&info, 0, sizeof(info));
	SAY(rt_sigtimedwait_time64, set64, &info, &moment, 8);
	line("  signal %d code %d", info.si_signo, info.si_code);
	moment.tv_nsec = 1000000000;
	SAY(rt_sigtimedwait_time64, set64, &info, &moment, 8);
	SAY(rt_sigtimedwait_time64, set64, &info, BAD_POINTER, 8);
	SAY(rt_sigtimedwait_time64, set64, &info, 0, 4);
	SAY(rt_sigtimedwait_time64, BAD_POINTER, &info, 0, 8);
	SAY(rt_sigtimedwait, BAD_POINTER, &info, 0, 8);
}

static void queued(void)
{
	int pid = sys_getpid();
	uint32_t set64[2] = {bit(SIGUSR2), 0};
	siginfo_t info = {0}, got;

	info.si_code = SI_QUEUE;
	info.si_int = 42;
	SAY(rt_tgsigqueueinfo, pid, pid, SIGUSR2, &info);
	memset(&got, 0, sizeof(got));
	SAY(rt_sigtimedwait, set64, &got, 0, 8);
	line("  code %d value %d", got.si_code, got.si_int);
	SAY(rt_tgsigqueueinfo, pid, pid, 65, &info);
	SAY(rt_tgsigqueueinfo, pid, 0x3fffffff, SIGUSR2, &info);
	SAY(rt_tgsigqueueinfo, 0, pid, SIGUSR2, &info);
	SAY(rt_tgsigqueueinfo, pid, -1, SIGUSR2, &info);
	SAY(rt_tgsigqueueinfo, pid, pid, SIGUSR2, BAD_POINTER);
	SAY(rt_tgsigqueueinfo, pid, pid, 0, &info);
	SAY(rt_sigqueueinfo, pid, 0, &info);
	SAY(rt_sigqueueinfo, 0x3fffffff, 0, &info);
	SAY(rt_sigqueueinfo, pid, 65, &info);
	SAY(rt_sigqueueinfo, pid, SIGUSR2, BAD_POINTER);
	SAY(tkill, pid, 0);
	SAY(tkill, 0x3fffffff, 0);
	SAY(tkill, 0, 0);
	SAY(tkill, pid, 65);
	SAY(tgkill, pid, pid, 0);
	SAY(tgkill, 1, pid, 0);
	SAY(tgkill, pid, -1, 0);
	SAY(tgkill, pid, pid, -1);
}

static void sizes(void)
{
	uint32_t set[2] = {0};

	SAY(rt_sigprocmask, SIG_BLOCK, set, 0, 4);
	SAY(rt_sigpending, set, 9);
	SAY(rt_sigpending, BAD_POINTER, 8);
	SAY(rt_sigsuspend, set, 4);
	SAY(rt_sigsuspend, BAD_POINTER, 8);
	SAY(rt_sigaction, SIGUSR1, 0, 0, 4);
	SAY(restart_syscall);
}

int main(void)
{
	handlers();
	masks();
	waiting();
	queued();
	sizes();
	return 0;
}
