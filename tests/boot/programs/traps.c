/*
 * traps: exceptions that QEMU's TCG does not raise, and what their signals say; on Linux it says the same.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>

static sigjmp_buf before;
static siginfo_t fault;

static void on_fault(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	fault = *info;
	siglongjmp(before, 1);
}

static void int1(const char *what)
{
	if (!sigsetjmp(before, 1))
		asm volatile(".byte 0xf1");
	printf("traps: %s: signal %d, code %d\n", what, fault.si_signo, fault.si_code);
}

static void step(void)
{
	if (!sigsetjmp(before, 1))
		asm volatile("pushf\n\torl $0x100, (%esp)\n\tpopf\n\tnop");
	printf("traps: step: signal %d, code %d\n", fault.si_signo, fault.si_code);
}

static void not_aligned(void)
{
	static int words[2];

	fault = (siginfo_t){0};
	if (!sigsetjmp(before, 1))
		asm volatile("pushf\n\torl $0x40000, (%%esp)\n\tpopf\n\tmov 1(%0), %%eax"
			     :
			     : "r"(words)
			     : "eax", "memory", "cc");
	asm volatile("pushf\n\tandl $~0x40000, (%esp)\n\tpopf");
	printf("traps: not aligned: signal %d, code %d, %s\n", fault.si_signo, fault.si_code,
	       fault.si_addr ? "an address" : "no address");
}

/* The handler clears the exception where it is kept; what is pending in the processor must not come again. */
static void mend(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.fpregs->sw &= ~0x80fful;
}

static void divide(void)
{
	unsigned short control = 0x37b, status; /* division by zero is not masked */

	asm volatile("fninit\n\tfldcw %0\n\tfldz\n\tfld1\n\tfdivp\n\tfwait" ::"m"(control));
	asm volatile("fnstsw %0\n\tfninit" : "=m"(status));
	printf("traps: 1 / 0, mended: status %04x\n", status & 0x80ff);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	sigaction(SIGTRAP, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	action.sa_sigaction = mend;
	sigaction(SIGFPE, &action, NULL);
	int1("int1");
	step();
	int1("int1 after it");
	not_aligned();
	divide();
	return 0;
}
