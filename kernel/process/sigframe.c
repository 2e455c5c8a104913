/*
 * Signal frames: what Linux i386 puts on the user stack before a handler runs, and takes back in
 * sigreturn.
 *
 *   higher   FXSAVE image (64-byte aligned), and below it the same x87 state as FNSAVE has it; only
 * for a thread that uses the FPU esp ->   struct signal_frame, or struct rt_frame for SA_SIGINFO:
 * (esp + 4) % 16 == 0, as after a call [0] return address: the restorer, or without SA_RESTORER the
 * code in the frame itself [4] the signal's number, ...
 *
 * There is no vdso. A program that gives no restorer returns through the code in its frame, so its
 * stack must be executable; every C library gives one.
 *
 * sigreturn believes nothing: of EFLAGS only what a program may change itself is taken, selectors
 * get ring 3 (and iret or the segment loads refuse what is no segment), MXCSR its valid bits.
 */
#include "kernel/process/syscall.h"
#include "arch/i386/cpu/fpu.h"
#include "arch/i386/cpu/layout.h"
#include "lib/string.h"
#include <asm/sigcontext.h>
#include <asm/unistd.h>
#include <linux/signal.h>

struct stack32 { /* stack_t */
	u32 sp, flags, size;
};

struct ucontext32 {
	u32 flags, link;
	struct stack32 stack;
	struct sigcontext_32 context;
	u64 mask;
};

struct signal_frame {
	u32 return_address, signo;
	struct sigcontext_32 context;
	struct _fpstate_32 unused; /* keeps the mask where it always was */
	u32 mask_high;
	u8 code[8];
};

struct rt_frame {
	u32 return_address, signo, info_at, context_at;
	u32 info[32]; /* siginfo_t */
	struct ucontext32 context;
	u8 code[8];
};

static_assert(sizeof(struct sigcontext_32) == 88, "Linux i386 ABI");
static_assert(sizeof(struct ucontext32) == 116, "Linux i386 ABI");
static_assert(sizeof(struct signal_frame) == 8 + 88 + 624 + 4 + 8, "Linux i386 ABI");
static_assert(sizeof(struct rt_frame) == 16 + 128 + 116 + 8, "Linux i386 ABI");

/* pop %eax; mov $__NR_sigreturn, %eax; int $0x80 */
static const u8 return_code[8] = {0x58, 0xb8, __NR_sigreturn, 0, 0, 0, 0xcd, 0x80};
/* mov $__NR_rt_sigreturn, %eax; int $0x80 */
static const u8 rt_return_code[8] = {0xb8, __NR_rt_sigreturn, 0, 0, 0, 0xcd, 0x80, 0};

/* EFLAGS: CF PF AF ZF SF TF DF OF RF AC (SDM vol. 1 3.4.3) */
#define EFLAGS_USER    0x50DD5u
#define EFLAGS_HANDLER 0x10500u /* TF DF RF: clear in a handler */

bool on_alt_stack(const struct task *t, vaddr_t sp)
{
	const struct alt_stack *alt = &t->alt_stack;

	return !(alt->flags & SS_AUTODISARM) && sp > alt->sp && sp - alt->sp <= alt->size;
}

static u32 alt_stack_state(const struct task *t, vaddr_t sp)
{
	return !t->alt_stack.size ? SS_DISABLE : on_alt_stack(t, sp) ? SS_ONSTACK : 0;
}

static void alt_stack_tell(const struct task *t, vaddr_t sp, struct stack32 *to)
{
	to->sp = t->alt_stack.sp;
	to->size = t->alt_stack.size;
	to->flags = alt_stack_state(t, sp) | t->alt_stack.flags;
}

static long alt_stack_change(struct task *t, const struct stack32 *to, vaddr_t sp)
{
	u32 mode = to->flags & ~SS_AUTODISARM;

	if (on_alt_stack(t, sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		t->alt_stack = (struct alt_stack){0, 0, to->flags & SS_AUTODISARM};
		return 0;
	}
	if (to->size < MINSIGSTKSZ)
		return -ENOMEM;
	t->alt_stack = (struct alt_stack){to->sp, to->size, to->flags & SS_AUTODISARM};
	return 0;
}

long alt_stack_set(struct task *t, vaddr_t new_stack, vaddr_t old_stack, vaddr_t sp)
{
	struct stack32 before, stack;
	long ret = 0;

	if (new_stack && copy_from_user(&stack, uptr(new_stack), sizeof(stack)))
		return -EFAULT;
	alt_stack_tell(t, sp, &before);
	if (new_stack)
		ret = alt_stack_change(t, &stack, sp);
	if (!ret && old_stack && copy_to_user(uptr(old_stack), &before, sizeof(before)))
		ret = -EFAULT;
	return ret;
}

/* ---- entering ---- */

static void fill_context(struct sigcontext_32 *to, const struct trap_frame *regs, u64 mask,
			 vaddr_t fpstate)
{
	const struct task *t = current_task();

	*to = (struct sigcontext_32){
		.gs = context_gs(),
		.fs = context_fs(),
		.es = regs->es,
		.ds = regs->ds,
		.di = regs->edi,
		.si = regs->esi,
		.bp = regs->ebp,
		.sp = regs->esp,
		.bx = regs->ebx,
		.dx = regs->edx,
		.cx = regs->ecx,
		.ax = regs->eax,
		.trapno = t->trap_number,
		.err = t->trap_error,
		.ip = regs->eip,
		.cs = regs->cs,
		.flags = regs->eflags,
		.sp_at_signal = regs->esp,
		.ss = regs->ss,
		.fpstate = fpstate,
		.oldmask = (u32)mask,
		.cr2 = t->thread.context.cr2,
	};
}

/* Where the frame goes, its FPU part being stored already. 0: it has no room. */
static vaddr_t place_frame(const struct trap_frame *regs, const struct sig_action *action, u32 size,
			   vaddr_t *fpstate)
{
	struct task *t = current_task();
	struct cpu_context *context = &t->thread.context;
	bool nested = on_alt_stack(t, regs->esp), entering = false;
	vaddr_t sp = regs->esp;

	if ((action->flags & SA_ONSTACK) && !alt_stack_state(t, sp)) {
		sp = t->alt_stack.sp + t->alt_stack.size;
		entering = true;
	} else if (!(action->flags & (SA_ONSTACK | SA_RESTORER)) && !nested &&
		   (regs->ss & 0xFFFF) != SEL_USER_DATA && action->restorer) {
		sp = action->restorer; /* stack switching of old, as Linux has it */
	}
	*fpstate = 0;
	if (fpu_used(context))
		sp = *fpstate = fpu_frame_place(sp);
	sp = ((sp - size + 4) & ~15u) - 4;
	if ((nested || entering) && !on_alt_stack(t, sp) && !(t->alt_stack.flags & SS_AUTODISARM))
		return 0;
	if (*fpstate && fpu_frame_save(context, uptr(*fpstate)))
		return 0;
	return sp;
}

static void enter(struct trap_frame *regs, const struct sig_action *action, vaddr_t sp, u32 eax,
		  u32 edx, u32 ecx)
{
	regs->esp = sp;
	regs->eip = action->handler;
	regs->eax = eax;
	regs->edx = edx;
	regs->ecx = ecx;
	regs->ds = regs->es = regs->ss = SEL_USER_DATA;
	regs->cs = SEL_USER_CODE;
	regs->eflags &= ~EFLAGS_HANDLER;
}

static int push_plain(struct trap_frame *regs, const struct sig_action *action,
		      const struct sig_info *info, u64 mask)
{
	struct {
		u32 return_address, signo;
		struct sigcontext_32 context;
	} head;
	struct {
		u32 mask_high;
		u8 code[8];
	} tail;
	vaddr_t fpstate, sp = place_frame(regs, action, sizeof(struct signal_frame), &fpstate);

	if (!sp)
		return -EFAULT;
	head.return_address = action->flags & SA_RESTORER
				      ? action->restorer
				      : sp + offsetof(struct signal_frame, code);
	head.signo = info->signo;
	fill_context(&head.context, regs, mask, fpstate);
	tail.mask_high = (u32)(mask >> 32);
	memcpy(tail.code, return_code, sizeof(tail.code));
	if (copy_to_user(uptr(sp), &head, sizeof(head)) ||
	    copy_to_user(uptr(sp + offsetof(struct signal_frame, mask_high)), &tail, sizeof(tail)))
		return -EFAULT;
	enter(regs, action, sp, info->signo, 0, 0);
	return 0;
}

static int push_rt(struct trap_frame *regs, const struct sig_action *action,
		   const struct sig_info *info, u64 mask)
{
	struct task *t = current_task();
	struct rt_frame f;
	vaddr_t fpstate, sp = place_frame(regs, action, sizeof(f), &fpstate);

	if (!sp)
		return -EFAULT;
	f.return_address = action->flags & SA_RESTORER ? action->restorer
						       : sp + offsetof(struct rt_frame, code);
	f.signo = info->signo;
	f.info_at = sp + offsetof(struct rt_frame, info);
	f.context_at = sp + offsetof(struct rt_frame, context);
	memcpy(f.info, info, sizeof(*info));
	memset((char *)f.info + sizeof(*info), 0, sizeof(f.info) - sizeof(*info));
	f.context.flags = f.context.link = 0;
	alt_stack_tell(t, regs->esp, &f.context.stack);
	if (t->alt_stack.flags & SS_AUTODISARM)
		t->alt_stack = (struct alt_stack){0, 0, 0};
	fill_context(&f.context.context, regs, mask, fpstate);
	f.context.mask = mask;
	memcpy(f.code, rt_return_code, sizeof(f.code));
	if (copy_to_user(uptr(sp), &f, sizeof(f)))
		return -EFAULT;
	enter(regs, action, sp, info->signo, f.info_at, f.context_at);
	return 0;
}

int sigframe_push(struct trap_frame *regs, const struct sig_action *action,
		  const struct sig_info *info, u64 mask)
{
	return action->flags & SA_SIGINFO ? push_rt(regs, action, info, mask)
					  : push_plain(regs, action, info, mask);
}

/* ---- returning ---- */

static int restore_context(struct trap_frame *regs, const struct sigcontext_32 *from)
{
	struct task *t = current_task();

	context_set_fs_gs(from->fs, from->gs);
	regs->es = from->es;
	regs->ds = from->ds;
	regs->edi = from->di;
	regs->esi = from->si;
	regs->ebp = from->bp;
	regs->esp = from->sp;
	regs->ebx = from->bx;
	regs->edx = from->dx;
	regs->ecx = from->cx;
	regs->eax = from->ax;
	regs->eip = from->ip;
	regs->cs = from->cs | 3;
	regs->ss = from->ss | 3;
	regs->eflags = (regs->eflags & ~EFLAGS_USER) | (from->flags & EFLAGS_USER);
	regs->error = 0; /* nothing to restart */
	if (from->fpstate)
		return fpu_frame_restore(&t->thread.context, uptr(from->fpstate));
	fpu_drop(&t->thread.context);
	return 0;
}

static long bad_frame(struct task *t)
{
	struct sig_info info = {.signo = SIGSEGV, .code = SI_KERNEL};

	signal_force(t, &info, "#sigreturn from a frame that cannot be read");
	return 0;
}

long sys_sigreturn(struct trap_frame *regs)
{
	struct task *t = current_task();
	vaddr_t frame = regs->esp - 8; /* its code popped return address and number */
	struct sigcontext_32 context;
	u32 mask_high;

	if (copy_from_user(&context, uptr(frame + offsetof(struct signal_frame, context)),
			   sizeof(context)) ||
	    get_user_u32(&mask_high, uptr(frame + offsetof(struct signal_frame, mask_high))))
		return bad_frame(t);
	signal_set_blocked(t, (u64)mask_high << 32 | context.oldmask);
	if (restore_context(regs, &context))
		return bad_frame(t);
	return regs->eax;
}

long sys_rt_sigreturn(struct trap_frame *regs)
{
	struct task *t = current_task();
	vaddr_t frame = regs->esp - 4; /* ret popped the return address */
	struct ucontext32 context;

	if (copy_from_user(&context, uptr(frame + offsetof(struct rt_frame, context)),
			   sizeof(context)))
		return bad_frame(t);
	signal_set_blocked(t, context.mask);
	if (restore_context(regs, &context.context))
		return bad_frame(t);
	alt_stack_change(t, &context.stack, regs->esp);
	return regs->eax;
}
