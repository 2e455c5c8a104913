/*
 * What handlers find in their frame and in the processor, and what sigreturn makes of frames that a program changed: each register,
 * selectors that name no segment, flags that are not the program's, frames that end where memory ends.
 */
#define _GNU_SOURCE
#include "tests/abi/libc/say.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int signo_seen, code_seen, trap_seen, error_seen;
static void *volatile address_seen;
static volatile unsigned long cr2_seen, esp_seen, eip_seen;

static void look(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *r = uc->uc_mcontext.gregs;

	signo_seen = signo;
	code_seen = info->si_code;
	address_seen = info->si_addr;
	trap_seen = r[REG_TRAPNO];
	error_seen = r[REG_ERR];
	cr2_seen = uc->uc_mcontext.cr2;
	esp_seen = r[REG_ESP];
	eip_seen = r[REG_EIP];
	siglongjmp(back, 1);
}

static void handle(int signo, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};

	sigaction(signo, &action, NULL);
}

static void x87_in_handler(int signo, siginfo_t *info, void *context)
{
	unsigned short control, status;
	ucontext_t *uc = context;

	(void)signo;
	(void)info;
	__asm__ volatile("fnstcw %0; fnstsw %1" : "=m"(control), "=m"(status));
	line("in the handler: control %04x, status %04x, in the frame %04lx, %04lx", control,
	     status, uc->uc_mcontext.fpregs->cw & 0xffff, uc->uc_mcontext.fpregs->sw & 0xffff);
	uc->uc_mcontext.fpregs->sw &= ~0x80fful;
}

static void show_x87(void)
{
	unsigned short control = 0x37b, after, status;
	double one = 1, zero = 0, result = 7;

	handle(SIGUSR1, x87_in_handler, 0);
	handle(SIGFPE, x87_in_handler, 0);
	__asm__ volatile("fninit; fldcw %0; fld1" ::"m"(control));
	raise(SIGUSR1);
	__asm__ volatile("fnstcw %0; fnstsw %1; fstp %%st(0)" : "=m"(after), "=m"(status));
	line("after a handler: control %04x, status %04x", after, status);
	__asm__ volatile("fninit; fldcw %0; fldl %1; fdivl %2; fwait; fstpl %3"
			 :
			 : "m"(control), "m"(one), "m"(zero), "m"(result));
	__asm__ volatile("fnstsw %0; fninit" : "=m"(status));
	line("after a handler that cleared the exception: status %04x", status);
}

/* With the error code, but for pages: what it says of them differs between kinds of paging. */
#define TRY(what, text)                                                                        \
	do {                                                                                   \
		signo_seen = 0;                                                                \
		if (!sigsetjmp(back, 1))                                                       \
			__asm__ volatile(text ::: "memory", "eax", "ecx", "edx", "esi", "cc"); \
		line(what ": signal %d, code %d, trap %d, error %x", signo_seen, code_seen,    \
		     trap_seen, trap_seen == 14 ? 0 : error_seen);                             \
	} while (0)

static void show_traps(void)
{
	for (int signo = 1; signo < 32; signo++)
		if (signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE ||
		    signo == SIGTRAP)
			handle(signo, look, 0);
	TRY("int3", "int3");
	TRY("single step", "pushf; orl $0x100, (%%esp); popf; nop");
	line("address is eip: %s", yes((unsigned long)address_seen == eip_seen));
	TRY("single step over int 0x80",
	    "mov $20, %%eax; pushf; orl $0x100, (%%esp); popf; int $0x80; nop");
	TRY("int 0x20", "int $0x20");
	TRY("int 0xff", "int $0xff");
	TRY("int 14", "int $14");
	TRY("hlt", "hlt");
	TRY("ud2", "ud2");
	line("address is eip: %s", yes((unsigned long)address_seen == eip_seen));
	TRY("es past the table", "mov $0xfff8, %%eax; mov %%eax, %%es");
	TRY("ds of a local table", "mov $7, %%eax; mov %%eax, %%ds");
	TRY("ss null", "xor %%eax, %%eax; mov %%eax, %%ss");
	TRY("far call, wild", "lcall $0xfff8, $0");
	TRY("far call, local table", "lcall $0x17, $0");
	TRY("far jump, null", "ljmp $0, $0");
	TRY("iret with null cs", "push $0x202; push $0; push $0; iret");
	TRY("read of the kernel's memory", "mov 0xc0100000, %%eax");
	line("cr2 is %lx", cr2_seen);
	TRY("read of the last page", "mov 0xfffff000, %%eax");
	line("cr2 is %lx", cr2_seen);
	TRY("write of page 0", "mov %%eax, 0x123");
	line("cr2 is %lx", cr2_seen);
	TRY("string across the border", "mov $0xbffffffc, %%esi; mov $4, %%ecx; cld; rep lodsl");
}

static volatile int field;
static volatile greg_t value;

static void change(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signo;
	(void)info;
	uc->uc_mcontext.gregs[field] = value;
}

static void show_change(const char *what, int which, greg_t to)
{
	unsigned ds = 0, es = 0, fs = 0, gs = 0, ss = 0, cs = 0, eflags = 0;

	field = which;
	value = to;
	signo_seen = 0;
	handle(SIGUSR2, change, 0);
	if (!sigsetjmp(back, 1)) {
		int pid = getpid();
		__asm__ volatile("push %%ds; push %%es; push %%fs; push %%gs\n\t"
				 "int $0x80\n\t"
				 "mov %%ds, %%ecx\n\t"
				 "mov %%es, %%edx\n\t"
				 "mov %%fs, %%esi\n\t"
				 "mov %%gs, %%edi\n\t"
				 "pushf\n\t"
				 "pop %%eax\n\t"
				 "pop %%gs; pop %%fs; pop %%es; pop %%ds\n\t"
				 "cld\n\t"
				 : "=c"(ds), "=d"(es), "=S"(fs), "=D"(gs), "=a"(eflags)
				 : "a"(SYS_kill), "b"(pid), "c"(SIGUSR2)
				 : "memory", "cc");
		ds &= 0xffff, es &= 0xffff, fs &= 0xffff, gs &= 0xffff;
		__asm__ volatile("mov %%ss, %0; mov %%cs, %1" : "=r"(ss), "=r"(cs));
		line("%s: ds %s, es %s, fs %x, gs %s, flags %x", what,
		     ds == (ss & 0xffff) ? "ok"
		     : ds < 4            ? "null"
					 : "other",
		     es == (ss & 0xffff) ? "ok"
		     : es < 4            ? "null"
					 : "other",
		     fs & 0xfffc, gs < 4 ? "null" : "ok", eflags & 0x7fd00 & ~0x200);
	} else {
		line("%s: signal %d, code %d, trap %d", what, signo_seen, code_seen, trap_seen);
	}
}

static void show_changes(void)
{
	static const struct {
		const char *name;
		int field;
	} selectors[] = {{"ds", REG_DS}, {"es", REG_ES}, {"fs", REG_FS},
			 {"gs", REG_GS}, {"cs", REG_CS}, {"ss", REG_SS}};
	static const unsigned wild[] = {0, 3, 4, 7, 0xfff8, 0xffff, 0x1f};
	char what[40];

	for (unsigned i = 0; i < sizeof(selectors) / sizeof(*selectors); i++)
		for (unsigned j = 0; j < sizeof(wild) / sizeof(*wild); j++) {
			snprintf(what, sizeof(what), "%s = %x", selectors[i].name, wild[j]);
			show_change(what, selectors[i].field, wild[j]);
		}
	show_change("eflags = 0", REG_EFL, 0);
	show_change("eflags = all but TF", REG_EFL, ~0x100 & ~0x40000);
	show_change("eflags = NT", REG_EFL, 0x4202);
	show_change("eflags = VM", REG_EFL, 0x20202);
	show_change("eflags = IOPL", REG_EFL, 0x3202);
	show_change("eflags = TF", REG_EFL, 0x302);
	show_change("trapno", REG_TRAPNO, 0x7fffffff);
	show_change("err", REG_ERR, -1);
	show_change("uesp", REG_UESP, 0);
	show_change("eip 0", REG_EIP, 0);
	show_change("eip, the kernel's", REG_EIP, (greg_t)0xc0100000);
}

/* sigreturn from a frame of which only the first n bytes are there. */
static char *edge;

static void show_cut(int n, int rt)
{
	char *frame = edge - n;

	signo_seen = 0;
	memset(edge - 4096, 0, 4096);
	if (!sigsetjmp(back, 1)) {
		if (rt)
			__asm__ volatile(
				"mov %0, %%esp; mov $173, %%eax; int $0x80" ::"r"(frame + 4));
		else
			__asm__ volatile(
				"mov %0, %%esp; mov $119, %%eax; int $0x80" ::"r"(frame + 8));
	}
	line("%s, %d bytes: signal %d, code %d, esp %ld", rt ? "rt_sigreturn" : "sigreturn", n,
	     signo_seen, code_seen, (long)(esp_seen - (unsigned long)frame));
}

static void show_cuts(void)
{
	static char alt[65536];
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)}, none = {.ss_flags = SS_DISABLE};
	char *room =
		mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	edge = room + 7 * 4096;
	munmap(edge, 4096);
	for (int on_alt = 0; on_alt < 2; on_alt++) {
		handle(SIGSEGV, look, on_alt ? SA_ONSTACK : 0);
		sigaltstack(on_alt ? &ss : &none, NULL);
		line("the handler's stack is %s", on_alt ? "another" : "the same");
		for (int n = 8; n < 110; n += 20)
			show_cut(n, 0);
		for (int n = 140; n < 260; n += 20)
			show_cut(n, 1);
	}
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	show_x87();
	show_traps();
	show_changes();
	show_cuts();
	return 0;
}
