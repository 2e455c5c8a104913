/*
 * Entering a handler, and returning from it: the frame that Linux i386 puts on the user stack before a
 * handler runs, and takes back in sigreturn.
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
#include <asm/siginfo.h>
#include <asm/unistd.h>
#include <linux/signal.h>

struct stack32 { /* stack_t */
	u32 sp, flags, size;
};

struct ucontext32 {
	u32 flags, link;
	struct stack32 stack;
	struct sigcontext_32 context;
	u32 mask_low, mask_high;
};

struct signal_frame {
	u32 return_address, signo;
	struct sigcontext_32 context;
	struct _fpstate_32 unused; /* keeps the mask where it always was */
	u32 mask_high;
	u32 code[2];
};

struct rt_frame {
	u32 return_address, signo, info_at, context_at;
	u32 info[32]; /* siginfo_t */
	struct ucontext32 context;
	u32 code[2];
};

static_assert(sizeof(struct sigcontext_32) == 88, "Linux i386 ABI");
static_assert(sizeof(struct ucontext32) == 116, "Linux i386 ABI");
static_assert(sizeof(struct signal_frame) == 8 + 88 + 624 + 4 + 8, "Linux i386 ABI");
static_assert(sizeof(struct rt_frame) == 16 + 128 + 116 + 8, "Linux i386 ABI");

/* 58 b8 NUMBER cd 80: pop %eax; mov $__NR_sigreturn, %eax; int $0x80 */
static const u32 return_code[2] = {0xb858 | __NR_sigreturn << 16, 0x80cd0000};
/* b8 NUMBER cd 80: mov $__NR_rt_sigreturn, %eax; int $0x80 */
static const u32 rt_return_code[2] = {0xb8 | __NR_rt_sigreturn << 8, 0x0080cd00};
static_assert(__NR_sigreturn < 1u << 16 && __NR_rt_sigreturn < 1u << 16, "the words above");

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
	to->flags = alt_stack_state(t, sp) | (t->alt_stack.flags & SS_AUTODISARM);
}

static long alt_stack_change(struct task *t, const struct stack32 *to, vaddr_t sp)
{
	u32 mode = to->flags & ~SS_AUTODISARM;

	if (on_alt_stack(t, sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		t->alt_stack = (struct alt_stack){0, 0, to->flags};
		return 0;
	}
	if (to->size < MINSIGSTKSZ)
		return -ENOMEM;
	t->alt_stack = (struct alt_stack){to->sp, to->size, to->flags};
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

/* A fault that the kernel finds while it handles a frame. */
static noinline void force_segv(struct task *t, const char *what)
{
	struct sig_info info = {.signo = SIGSEGV, .code = SI_KERNEL};

	t->fault_what = what;
	signal_force(t, &info);
}

/* ---- entering ---- */

/* The frame is written, and read again, in its place; *err collects what could not be. */
#define PUT(to, field, value) put_user_word(err, (u32 __user *)&(to)->field, value)
#define GET(from, field)      get_user_word(err, (const u32 __user *)&(from)->field)

/* From es to ss a struct sigcontext is a struct trap_frame. */
#define FRAME_WORDS (sizeof(struct trap_frame) / sizeof(u32))
#define CONTEXT_AT(field) \
	(offsetof(struct sigcontext_32, field) - offsetof(struct sigcontext_32, es))
static_assert(CONTEXT_AT(di) == offsetof(struct trap_frame, edi) &&
		      CONTEXT_AT(sp) == offsetof(struct trap_frame, pusha_esp) &&
		      CONTEXT_AT(ax) == offsetof(struct trap_frame, eax) &&
		      CONTEXT_AT(trapno) == offsetof(struct trap_frame, vector) &&
		      CONTEXT_AT(ip) == offsetof(struct trap_frame, eip) &&
		      CONTEXT_AT(sp_at_signal) == offsetof(struct trap_frame, esp) &&
		      CONTEXT_AT(fpstate) == sizeof(struct trap_frame),
	      "the same order");

static __always_inline void put_context(int *err, struct sigcontext_32 __user *to,
					const struct task *t, struct trap_frame *regs, u32 mask,
					vaddr_t fpstate)
{
	regs->pusha_esp = regs->esp;
	regs->es &= 0xFFFF;
	regs->ds &= 0xFFFF;
	regs->cs &= 0xFFFF;
	regs->ss &= 0xFFFF;
	PUT(to, gs, context_gs());
	PUT(to, fs, context_fs());
	put_user_words(err, &to->es, &regs->es, FRAME_WORDS);
	PUT(to, trapno, t->trap_number);
	PUT(to, err, t->trap_error);
	PUT(to, fpstate, fpstate);
	PUT(to, oldmask, mask);
	PUT(to, cr2, t->thread.context.cr2);
}

/* The part of a stack that a frame goes below, where it is not just the one in use. */
static noinline vaddr_t choose_stack(const struct task *t, const struct trap_frame *regs,
				     const struct sig_action *action, bool *on_alt)
{
	*on_alt = t->alt_stack.size && on_alt_stack(t, regs->esp); /* before, or now */
	if ((action->flags & SA_ONSTACK) && t->alt_stack.size && !*on_alt) {
		*on_alt = true;
		return t->alt_stack.sp + t->alt_stack.size;
	}
	if (!(action->flags & (SA_ONSTACK | SA_RESTORER)) && !*on_alt &&
	    (regs->ss & 0xFFFF) != SEL_USER_DATA && action->restorer)
		return action->restorer; /* stack switching of old, as Linux has it */
	return regs->esp;
}

/* Where a frame of this size goes, its FPU part being stored already; NULL: it has no room. */
static __always_inline void __user *place_frame(struct task *t, const struct trap_frame *regs,
						const struct sig_action *action, u32 size,
						vaddr_t *fpstate)
{
	struct cpu_context *context = &t->thread.context;
	vaddr_t sp = regs->esp;
	bool on_alt = false;

	if (unlikely(t->alt_stack.size || !(action->flags & SA_RESTORER)))
		sp = choose_stack(t, regs, action, &on_alt);
	*fpstate = 0;
	if (fpu_used(context))
		sp = *fpstate = fpu_frame_place(sp);
	sp = ((sp - size + 4) & ~15u) - 4;
	if (on_alt && !on_alt_stack(t, sp) && !(t->alt_stack.flags & SS_AUTODISARM))
		return NULL;
	if (*fpstate && fpu_frame_save(context, uptr(*fpstate)))
		return NULL;
	return access_ok(uptr(sp), size) ? uptr(sp) : NULL;
}

static __always_inline void enter(struct trap_frame *regs, const struct sig_action *action,
				  vaddr_t sp, u32 eax, u32 edx, u32 ecx)
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

static __always_inline int push_plain(struct task *t, struct trap_frame *regs,
				      const struct sig_action *action, const struct sig_info *info,
				      u64 mask)
{
	vaddr_t fpstate;
	struct signal_frame __user *f = place_frame(t, regs, action, sizeof(*f), &fpstate);
	int failed = 0, *err = &failed;

	if (!f)
		return -EFAULT;
	PUT(f, return_address, action->flags & SA_RESTORER ? action->restorer : (vaddr_t)&f->code);
	PUT(f, signo, info->signo);
	put_context(err, &f->context, t, regs, (u32)mask, fpstate);
	PUT(f, mask_high, (u32)(mask >> 32));
	PUT(f, code[0], return_code[0]);
	PUT(f, code[1], return_code[1]);
	if (failed)
		return failed;
	if (fpstate)
		fpu_reset(&t->thread.context);
	enter(regs, action, (vaddr_t)f, info->signo, 0, 0);
	return 0;
}

static noinline int push_rt(struct task *t, struct trap_frame *regs,
			    const struct sig_action *action, const struct sig_info *info, u64 mask)
{
	vaddr_t fpstate;
	struct rt_frame __user *f = place_frame(t, regs, action, sizeof(*f), &fpstate);
	int failed = 0, *err = &failed;

	if (!f)
		return -EFAULT;
	PUT(f, return_address, action->flags & SA_RESTORER ? action->restorer : (vaddr_t)&f->code);
	PUT(f, signo, info->signo);
	PUT(f, info_at, (vaddr_t)&f->info);
	PUT(f, context_at, (vaddr_t)&f->context);
	PUT(f, context.flags, 0);
	PUT(f, context.link, 0);
	PUT(f, context.stack.sp, t->alt_stack.sp);
	PUT(f, context.stack.flags, t->alt_stack.flags);
	PUT(f, context.stack.size, t->alt_stack.size);
	put_context(err, &f->context.context, t, regs, (u32)mask, fpstate);
	PUT(f, context.mask_low, (u32)mask);
	PUT(f, context.mask_high, (u32)(mask >> 32));
	PUT(f, code[0], rt_return_code[0]);
	PUT(f, code[1], rt_return_code[1]);
	if (failed || copy_to_user(f->info, info, sizeof(*info)) ||
	    clear_user((char __user *)f->info + sizeof(*info), sizeof(f->info) - sizeof(*info)))
		return -EFAULT;
	if (fpstate)
		fpu_reset(&t->thread.context);
	enter(regs, action, (vaddr_t)f, info->signo, (vaddr_t)&f->info, (vaddr_t)&f->context);
	return 0;
}

/* If that is so for SIGSEGV itself, its handler cannot help. */
static noinline void no_room_for_frame(struct task *t, u32 signo)
{
	if (signo == SIGSEGV)
		t->sighand->action[SIGSEGV - 1].handler = HANDLER_DEFAULT;
	force_segv(t, "#stack has no room for a signal's frame");
}

/* What is blocked while the handler runs. More than before, so nothing becomes deliverable by it. */
static __always_inline void block_for_handler(struct task *t, const struct sig_action *action,
					      u32 signo)
{
	t->sig_blocked |= action->mask;
	if (!(action->flags & SA_NODEFER))
		signal_set_add(&t->sig_blocked, signo);
	if (unlikely(t->thread.work & WORK_SIGNAL))
		signal_recalc(t);
}

/* 0, or -EFAULT: there was no room for the frame, so SIGSEGV was forced. */
static __always_inline int enter_handler(struct task *t, struct trap_frame *regs,
					 struct sig_action *slot, const struct sig_info *info)
{
	u64 mask = t->sig_restore ? t->sig_saved : t->sig_blocked;
	struct sig_action once, *action = slot;
	int error;

	if (unlikely(slot->flags & SA_RESETHAND)) {
		once = *slot;
		action = &once;
		slot->handler = HANDLER_DEFAULT;
	}
	if (action->flags & SA_SIGINFO)
		error = push_rt(t, regs, action, info, mask);
	else
		error = push_plain(t, regs, action, info, mask);
	if (unlikely(error)) {
		no_room_for_frame(t, info->signo);
		return error;
	}
	/* Only SA_SIGINFO's frames bring it back. */
	if (unlikely(t->alt_stack.flags & SS_AUTODISARM))
		t->alt_stack = (struct alt_stack){0, 0, SS_DISABLE};
	t->sig_restore = false;
	block_for_handler(t, action, info->signo);
	return 0;
}

void signal_enter_handler(struct trap_frame *regs, const struct sig_info *info)
{
	struct task *t = current_task();

	(void)enter_handler(t, regs, &t->sighand->action[info->signo - 1], info);
}

void process_fault_signal(struct trap_frame *regs, struct fault_cause cause, vaddr_t addr)
{
	struct task *t = current_task();
	struct sig_action *action = &t->sighand->action[cause.signo - 1];
	u32 bit = 1u << (cause.signo - 1); /* they are all below 32 */

	t->trap_number = regs->vector;
	t->trap_error = regs->error;
	t->fault.signo = cause.signo;
	t->fault.code = cause.code;
	t->fault.field[0] = addr;
	if (unlikely(!signal_is_handled(action) || t->thread.work || ((u32)t->sig_blocked & bit)))
		signal_force(t, &t->fault);
	else if (!enter_handler(t, regs, action, &t->fault)) /* as deliver() would */
		t->fault.signo = 0;
}

/* ---- returning ---- */

static __always_inline int get_context(int *err, struct task *t, struct trap_frame *regs,
				       const struct sigcontext_32 __user *from)
{
	vaddr_t fpstate = GET(from, fpstate);
	u32 gs = GET(from, gs), fs = GET(from, fs), eflags = regs->eflags;

	if (unlikely(*err))
		return *err;
	context_set_fs_gs(fs, gs);
	get_user_words(err, &regs->es, &from->es, FRAME_WORDS);
	/* However much was read, what is not the program's to say is put right. */
	regs->cs |= 3;
	regs->ss |= 3;
	regs->eflags = (eflags & ~EFLAGS_USER) | (regs->eflags & EFLAGS_USER);
	regs->error = 0;    /* nothing to restart */
	if (unlikely(*err)) /* pusha_esp may be the kernel's */
		return *err;
	regs->esp = regs->pusha_esp;
	if (fpstate)
		return fpu_frame_restore(&t->thread.context, uptr(fpstate));
	if (fpu_used(&t->thread.context))
		fpu_drop(&t->thread.context);
	return 0;
}

static long bad_frame(struct task *t)
{
	force_segv(t, "#sigreturn from a frame that cannot be read");
	return 0;
}

long sys_sigreturn(struct trap_frame *regs)
{
	struct task *t = current_task();
	/* Its code popped return address and number. */
	const struct signal_frame __user *f = uptr(regs->esp - 8);
	int failed = 0, *err = &failed;
	u64 mask;

	if (!access_ok(f, sizeof(*f)))
		return bad_frame(t);
	mask = (u64)GET(f, mask_high) << 32 | GET(f, context.oldmask);
	if (failed)
		return bad_frame(t);
	signal_set_blocked(t, mask);
	if (get_context(err, t, regs, &f->context))
		return bad_frame(t);
	return regs->eax;
}

long sys_rt_sigreturn(struct trap_frame *regs)
{
	struct task *t = current_task();
	const struct rt_frame __user *f = uptr(regs->esp - 4); /* ret popped the return address */
	int failed = 0, *err = &failed;
	struct stack32 stack;
	u64 mask;

	if (!access_ok(f, sizeof(*f)))
		return bad_frame(t);
	mask = (u64)GET(f, context.mask_high) << 32 | GET(f, context.mask_low);
	stack.sp = GET(f, context.stack.sp);
	stack.flags = GET(f, context.stack.flags);
	stack.size = GET(f, context.stack.size);
	if (failed)
		return bad_frame(t);
	signal_set_blocked(t, mask);
	if (get_context(err, t, regs, &f->context.context))
		return bad_frame(t);
	alt_stack_change(t, &stack, regs->esp);
	return regs->eax;
}
