/*
 * Random sequences of what makes, sends, blocks, takes and answers signals: faults, raise, kill, sigqueue, actions with
 * all flags, masks, other stacks, waiting with a mask, FPU state, children; in handlers the same again, frames that are
 * changed, and handlers that are left by a jump. What each handler finds in its frame and in the processor, and each
 * result, goes into a sum.
 *
 *	random-signals				the sums of some seeds
 *	random-signals SEED SEEDS		the sums of so many seeds from SEED on
 *	random-signals SEED SEEDS all	and each step
 */
#include "tests/abi/lib/abi.h"

#include <linux/signal.h>
#include <asm/sigcontext.h>
#include <linux/poll.h>

#define STEPS     60
#define DEPTH_MAX 6
#define AREAS     9
#define AREA_SIZE 65536u

struct action {
	uint32_t handler, flags, restorer, mask[2];
};

struct context { /* struct ucontext with the whole mask */
	uint32_t flags, link;
	stack_t stack;
	struct sigcontext_32 registers;
	uint32_t mask[2];
};

struct shared {
	uint32_t sum, events;
};

static const uint8_t signals[] = {SIGUSR1, SIGUSR2, SIGSEGV, SIGBUS,  SIGILL,   SIGFPE,
				  SIGTRAP, SIGPIPE, SIGCHLD, SIGCONT, SIGWINCH, 33,
				  34,      64,      SIGSEGV, SIGBUS};

static char areas[AREAS][AREA_SIZE] __attribute__((aligned(4096)));
static struct shared *shared;
static uint32_t state, steps, depth;
static char *top; /* of the stack, where the loop began */
static int used[DEPTH_MAX + 2];
static bool each;
static int pipe_ends[2], full_ends[2];

static uint32_t below(uint32_t limit)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state >> 3) % limit;
}

static void note(const char *what, uint32_t value)
{
	shared->sum = (shared->sum ^ value) * 16777619u;
	for (const char *c = what; *c; c++)
		shared->sum = (shared->sum ^ (uint8_t)*c) * 16777619u;
	if (each)
		printf("| %*s%s %x\n", 2 * (int)depth, "", what, value);
}

/* ---- the processor ---- */

static void note_fpu(void)
{
	uint16_t control, status;
	uint32_t mxcsr, word;

	asm volatile("fnstcw %0; fnstsw %1; stmxcsr %2; movd %%xmm5, %3"
		     : "=m"(control), "=m"(status), "=m"(mxcsr), "=r"(word));
	note("control", control);
	note("status", status & 0x38ff); /* C0 to C3 are undefined here and there */
	note("mxcsr", mxcsr);
	note("xmm5", word);
}

static void change_fpu(void)
{
	uint16_t control = 0x37f & ~(below(2) ? 0 : below(64));
	uint32_t mxcsr = 0x1f80 | below(4) << 13, word = below(1000);

	asm volatile("fninit; fldcw %0; ldmxcsr %1; movd %2, %%xmm5" ::"m"(control), "m"(mxcsr),
		     "r"(word));
	if (below(2))
		asm volatile("fld1");
}

/* Each a place that faults, and the place behind it. */
#define FAULT(text)                                                   \
	asm volatile("1:\n\t" text "\n2:\n\t"                         \
		     ".pushsection faults, \"a\"\n\t.long 1b, 2b\n\t" \
		     ".popsection" ::                                 \
			     : "memory", "eax", "ecx", "edx", "cc")

extern const uint32_t __start_faults[], __stop_faults[];

static const uint16_t unmasked = 0x340;
static const double zero = 0;

static void fault(uint32_t which)
{
	note("fault", which);
	switch (which) {
	case 0:
		FAULT("movl $1, 0x10");
		break;
	case 1:
		FAULT("ud2");
		break;
	case 2:
		FAULT("hlt");
		break;
	case 3:
		asm volatile("xor %%ecx, %%ecx; mov $1, %%eax; cdq" ::: "eax", "ecx", "edx");
		FAULT("xor %%ecx, %%ecx; idivl %%ecx");
		break;
	case 4:
		FAULT("int3");
		break;
	case 5:
		FAULT("movl 0xc0100000, %%eax");
		break;
	case 6:
		FAULT("movb $1, areas"); /* a page that is PROT_NONE or read-only at times, or nothing happens */
		break;
	case 7:
		FAULT("int $0x80 - 1");
		break;
	case 8:
		asm volatile("pushf; orl $0x100, (%%esp); popf; nop; nop" ::: "memory", "cc");
		break;
	case 9:
		asm volatile("fninit; fldcw %0; fld1; fdivl %1" ::"m"(unmasked), "m"(zero));
		FAULT("fwait");
		asm volatile("fninit");
		break;
	case 10:
		asm volatile("mov $0x1000, %%eax" ::: "eax");
		FAULT("mov $0xfff8, %%eax; mov %%eax, %%es");
		break;
	case 11:
		FAULT("movb $1, file_end");
		break;
	}
}

/* A page behind the end of its file, at a fixed address. */
asm(".globl file_end\n.set file_end, 0x30001000");

static uint32_t fault_number(uint32_t eip, uint32_t *behind)
{
	for (const uint32_t *f = __start_faults; f < __stop_faults; f += 2)
		if (eip >= f[0] && eip < f[1]) {
			*behind = f[1];
			return (f - __start_faults) / 2 + 1;
		}
	return 0;
}

/* ---- stacks ---- */

static int area_of(uint32_t address)
{
	uint32_t offset = address - (uint32_t)areas;

	return offset < sizeof(areas) ? (int)(offset / AREA_SIZE) : -1;
}

/* One that nobody runs on; area 0 is for faults. */
static int free_area(void)
{
	int area = 1 + below(AREAS - 1);

	for (;;) {
		bool in_use = false;

		for (uint32_t i = 0; i <= depth && i < DEPTH_MAX + 2; i++)
			in_use |= used[i] == area;
		if (!in_use)
			return area;
		area = 1 + area % (AREAS - 1);
	}
}

static stack_t random_stack(void)
{
	static const int flags[] = {0,
				    0,
				    SS_ONSTACK,
				    SS_AUTODISARM,
				    SS_AUTODISARM,
				    SS_DISABLE,
				    SS_DISABLE | SS_AUTODISARM,
				    4};

	return (stack_t){.ss_sp = areas[free_area()],
			 .ss_flags = flags[below(ARRAY_SIZE(flags))],
			 .ss_size = below(12) ? AREA_SIZE : 2047};
}

static void note_stack(const stack_t *s)
{
	note("stack flags", s->ss_flags);
	note("size", s->ss_size);
	note("area", area_of((uint32_t)s->ss_sp));
}

/* ---- the steps ---- */

static void loop(void) __attribute__((noreturn));
static void step(void);

static void random_set(uint32_t set[2])
{
	set[0] = set[1] = 0;
	for (uint32_t n = below(5); n; n--) {
		uint32_t signo = signals[below(sizeof(signals))] - 1;

		set[signo / 32] |= 1u << signo % 32;
	}
	if (!below(8))
		set[0] |= 1u << (SIGKILL - 1) | 1u << (SIGSTOP - 1);
}

static void note_mask(const char *what)
{
	uint32_t set[2];

	CALL(rt_sigprocmask, 0, 0, set, 8);
	note(what, set[0]);
	note(" high", set[1]);
}

static void __attribute__((noreturn)) jump_out(void)
{
	depth = 0;
	asm volatile("mov %0, %%esp; xor %%ebp, %%ebp; cld; call loop" ::"r"(top));
	__builtin_unreachable();
}

static void in_handler(int signo, volatile struct sigcontext_32 *sc, uint32_t at)
{
	uint32_t behind = 0, number = fault_number(sc->ip, &behind);

	if (++depth > DEPTH_MAX || ++shared->events > 300)
		sys_exit(77);
	used[depth] = area_of(at);
	note("handler", signo);
	note("on", used[depth]);
	note("from", area_of(sc->sp_at_signal));
	note("aligned", at % 16);
	note("trap", sc->trapno);
	note("error", sc->trapno == 14 ? sc->err & 6 : sc->err);
	note("old mask", sc->oldmask);
	note("fault", number);
	note("flags", sc->flags & 0x50f00 & ~0x10000);
	note_mask("mask");
	note_fpu();
	if (number && sc->trapno != 16 && sc->trapno != 3)
		sc->ip = behind;
	if (sc->trapno == 1)
		sc->flags &= ~0x100;
	if (sc->fpstate) {
		struct _fpstate_32 *fp = (void *)sc->fpstate;

		fp->sw &= ~0x80ff;
		fp->_fxsr_env[0] &= ~0x80ff0000; /* the same in the FXSAVE image */
		if (!below(8)) {
			fp->cw = 0x37f;
			fp->_fxsr_env[0] = (fp->_fxsr_env[0] & 0xffff0000) | 0x27f;
			fp->mxcsr = 0x1fa0;
		}
	} else {
		note("no FPU state", 0);
	}
	for (uint32_t n = below(4); n && depth < DEPTH_MAX; n--)
		step();
	if (!below(6)) {
		uint32_t set[2];

		random_set(set);
		sc->oldmask = set[0];
	}
	if (!below(25)) {
		sc->ip = (uint32_t)loop;
		sc->sp_at_signal = 0xdead;
		sc->sp = (uint32_t)top - 4;
		sc->flags &= ~0x500;
		depth = 0;
		return;
	}
	if (!below(25))
		jump_out();
	depth--;
}

static void plain_handler(int signo, struct sigcontext_32 context)
{
	in_handler(signo, &context, (uint32_t)&signo);
}

static void rt_handler(int signo, siginfo_t *info, struct context *uc)
{
	struct sigcontext_32 *sc = &uc->registers;
	const uint32_t *word = (const uint32_t *)info;

	note("si_signo", info->si_signo);
	note("si_errno", info->si_errno);
	note("si_code", info->si_code);
	if (info->si_code > 0 && info->si_code < 128) {
		if (signo == SIGCHLD)
			note("status", word[5]);
		else
			note("address", word[3] >= 0x08000000 && word[3] < 0x30000000
						? word[3] - sc->ip
						: word[3]);
		if (signo == SIGSEGV)
			note("cr2", sc->cr2);
	} else if (info->si_code == 128) {
		note("first word", word[3]);
	} else {
		note("own", (int)word[3] == sys_getpid());
		note("uid", word[4]);
		note("value", info->si_code == SI_QUEUE || info->si_code < -1 ? word[5] : 0);
	}
	note_stack(&uc->stack);
	note("link", uc->link);
	note("uc mask", uc->mask[0]);
	note("uc high", uc->mask[1]);
	in_handler(signo, sc, (uint32_t)&signo);
	if (!below(6))
		random_set(uc->mask);
	if (!below(6)) {
		depth++;
		uc->stack = random_stack();
		depth--;
	}
}

asm("restore: pop %eax; mov $119, %eax; int $0x80\n"
    "rt_restore: mov $173, %eax; int $0x80\n");
extern char restore[], rt_restore[];

static void set_action(uint32_t signo)
{
	static const uint32_t bits[] = {SA_RESETHAND, SA_NODEFER, SA_ONSTACK, SA_RESTART,
					SA_NOCLDSTOP};
	struct action a = {.flags = SA_RESTORER}, old;

	for (uint32_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (!below(i == 0 ? 12 : 2))
			a.flags |= bits[i];
	if (below(20)) {
		a.handler = (uint32_t)plain_handler;
		a.restorer = (uint32_t)restore;
		if (below(2)) {
			a.flags |= SA_SIGINFO;
			a.handler = (uint32_t)rt_handler;
			a.restorer = (uint32_t)rt_restore;
		}
	} else {
		a.handler = below(3) ? 1 : 0;
	}
	random_set(a.mask);
	note("action", signo);
	note("is", CALL(rt_sigaction, signo, &a, &old, 8));
	note("old flags", old.flags);
	note("old mask", old.mask[0]);
}

static void send(uint32_t how)
{
	uint32_t signo = signals[below(sizeof(signals))],
		 info[32] = {signo, 0, SI_QUEUE, sys_getpid(), 7, below(100)};
	int pid = sys_getpid();

	note("send", signo);
	switch (how) {
	case 0:
		note("tgkill", CALL(tgkill, pid, pid, signo));
		break;
	case 1:
		note("kill", CALL(kill, pid, signo));
		break;
	case 2:
		note("queue", CALL(rt_sigqueueinfo, pid, signo, info));
		break;
	default:
		info[2] = -(1 + (int)below(60));
		if ((int)info[2] == SI_SIGIO) /* has another layout */
			info[2] = SI_QUEUE;
		note("tgqueue", CALL(rt_tgsigqueueinfo, pid, pid, signo, info));
	}
}

static void wait_with_mask(uint32_t how)
{
	uint32_t set[2], pending[2], info[32];
	long nothing[2] = {0, below(3) ? 0 : 1000000};
	struct pollfd fd = {.fd = below(2) ? full_ends[0] : pipe_ends[0], .events = POLLIN};
	uint32_t fds[32] = {0}, argument[2] = {(uint32_t)set, 8};

	random_set(set);
	note("wait", how);
	switch (how) {
	case 0:
		note("ppoll", CALL(ppoll, &fd, 1, nothing, set, 8));
		break;
	case 1:
		fds[fd.fd / 32] |= 1u << fd.fd % 32;
		note("pselect", CALL(pselect6, 20, fds, 0, 0, nothing, argument));
		break;
	case 2: /* where something will end it */
		CALL(rt_sigpending, pending, 8);
		for (uint32_t signo = 1; signo <= 64; signo++) {
			struct action a;

			if (!(pending[(signo - 1) / 32] & ~set[(signo - 1) / 32] &
			      1u << (signo - 1) % 32))
				continue;
			CALL(rt_sigaction, signo, 0, &a, 8);
			if (a.handler > 1) {
				note("sigsuspend", CALL(rt_sigsuspend, set, 8));
				break;
			}
		}
		break;
	case 3:
		nothing[1] = 0;
		memset(info, 0, sizeof(info));
		note("sigtimedwait", CALL(rt_sigtimedwait, set, info, nothing, 8));
		note("code", info[2]);
		note("value", info[5]);
		break;
	default:
		CALL(rt_sigpending, pending, 8);
		note("pending", pending[0]);
		note("high", pending[1]);
	}
	note_mask("mask after it");
}

static void have_child(void)
{
	int status = 0, pid;
	bool steps_too = below(2);
	uint32_t again = state;

	pid = sys_fork();
	if (pid == 0) {
		note("child", 0);
		note_fpu();
		for (int n = steps_too ? 5 : 0; n; n--)
			step();
		sys_exit(3);
	}
	while (sys_wait4(pid, &status, 0, NULL) == -EINTR)
		;
	state = again;
	note("child's end", status);
}

static void step(void)
{
	uint32_t which = below(100);

	if (++steps > STEPS)
		sys_exit(0);
	if (which < 18) {
		set_action(signals[below(sizeof(signals))]);
	} else if (which < 30) {
		uint32_t set[2];

		random_set(set);
		note("mask", CALL(rt_sigprocmask, below(3), set, 0, 8));
		note_mask("is");
	} else if (which < 38) {
		stack_t new = random_stack(), old = {0};

		note("sigaltstack", CALL(sigaltstack, below(4) ? &new : 0, &old));
		note_stack(&old);
	} else if (which < 58) {
		send(below(4));
	} else if (which < 76) {
		fault(below(12));
	} else if (which < 86) {
		wait_with_mask(below(5));
	} else if (which < 90) {
		change_fpu();
	} else if (which < 94) {
		note_fpu();
	} else if (which < 97) {
		note("mprotect", CALL(mprotect, areas[0], PAGE_SIZE, below(3)));
	} else {
		have_child();
	}
}

static void loop(void)
{
	depth = 0;
	used[0] = -1;
	for (;;)
		step();
}

static void run(uint32_t seed)
{
	state = seed * 2654435761u + 1;
	for (int i = 0; i < 5; i++)
		below(2);
	asm volatile("fninit");
	change_fpu();
	for (uint32_t i = 0; i < sizeof(signals); i++)
		set_action(signals[i]);
	asm volatile("mov %%esp, %0" : "=r"(top));
	top = (char *)(((uint32_t)top - 4096) & ~15u);
	jump_out();
}

int main(int argc, char *argv[])
{
	uint32_t first = argc > 1 ? parse_number(argv[1], NULL) : 1,
		 nr = argc > 2 ? parse_number(argv[2], NULL) : 500;
	char *page;
	int fd;

	each = argc > 3;
	shared = sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			  0);
	fd = CALL(memfd_create, "short", 0);
	page = sys_mmap((void *)0x30000000, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_FIXED, fd, 0);
	if (is_error_ptr(shared) || is_error_ptr(page))
		return 1;
	sys_pipe(pipe_ends);
	sys_pipe(full_ends);
	sys_write(full_ends[1], "x", 1);
	for (uint32_t seed = first; seed < first + nr; seed++) {
		int status = 0, pid;

		shared->sum = shared->events = 0;
		pid = sys_fork();
		if (pid == 0)
			run(seed);
		sys_wait4(pid, &status, 0, NULL);
		line("seed %u: %s, %u handlers, %08x", seed, status_text(status), shared->events,
		     shared->sum);
	}
	return 0;
}
