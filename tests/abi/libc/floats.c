/*
 * What SIGFPE says of each kind of arithmetic that cannot be: by the x87, and of whole numbers.
 * Not by SSE: QEMU's TCG raises none of its exceptions.
 */
#define _GNU_SOURCE
#include "tests/abi/libc/say.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf back;
static volatile int code;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	code = info->si_code;
	siglongjmp(back, 1);
}

static const char *name(int what)
{
	switch (what) {
	case FPE_INTDIV:
		return "FPE_INTDIV";
	case FPE_FLTDIV:
		return "FPE_FLTDIV";
	case FPE_FLTOVF:
		return "FPE_FLTOVF";
	case FPE_FLTUND:
		return "FPE_FLTUND";
	case FPE_FLTRES:
		return "FPE_FLTRES";
	case FPE_FLTINV:
		return "FPE_FLTINV";
	}
	return "another";
}

/* a / b, or a * b, with the exceptions of `unmasked` not masked. */
static void x87(const char *what, double a, double b, int multiply, int unmasked)
{
	unsigned short all, some;

	code = 0;
	__asm__ volatile("fninit; fnstcw %0" : "=m"(all));
	some = all & ~unmasked;
	if (!sigsetjmp(back, 1)) {
		if (multiply)
			__asm__ volatile("fldcw %0; fldl %1; fmull %2; fstpl %3; fwait"
					 :
					 : "m"(some), "m"(a), "m"(b), "m"((double){0}));
		else
			__asm__ volatile("fldcw %0; fldl %1; fdivl %2; fstpl %3; fwait"
					 :
					 : "m"(some), "m"(a), "m"(b), "m"((double){0}));
	}
	__asm__ volatile("fninit");
	line("x87, %s: %s", what, name(code));
}

static volatile int zero, one = 1, least = -2147483647 - 1, minus = -1;

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
	volatile int result;

	setvbuf(stdout, NULL, _IONBF, 0);
	sigaction(SIGFPE, &action, NULL);
	x87("1 / 0", 1, 0, 0, 4);
	x87("0 / 0", 0, 0, 0, 1);
	x87("too large", 1e300, 1e300, 1, 8);
	x87("too small", 1e-300, 1e-300, 1, 16);
	x87("not exact", 1, 3, 0, 32);
	code = 0;
	if (!sigsetjmp(back, 1))
		result = one / zero;
	line("whole numbers, 1 / 0: %s", name(code));
	code = 0;
	if (!sigsetjmp(back, 1))
		result = least / minus;
	line("whole numbers, least / -1: %s", name(code));
	(void)result;
	return 0;
}
