/*
 * x87/MMX/SSE state, kept per thread and switched lazily: CR0.TS is set at a switch and #NM loads
 * the state of the running thread. The save area comes from an allocator that a higher room sets
 * once.
 */
#pragma once

#include "arch/i386/cpu/switch.h"
#include "lib/compiler.h"

#define FPU_STATE_SIZE  512u /* FXSAVE; FNSAVE needs 108 */
#define FPU_STATE_ALIGN 16u

void fpu_init(void);
/* How #NM obtains and gives back a save area (FPU_STATE_SIZE bytes, FPU_STATE_ALIGN). */
void fpu_set_allocator(void *(*alloc)(void), void (*free)(void *));
/* #NM from user mode. false: no FPU, or no memory for its state: the caller sends SIGFPE or kills.
 */
__must_check bool fpu_handle_nm(struct cpu_context *running);
/* What #MF, or #XM, was about: FPE_* of <asm/siginfo.h>. ctx runs. */
s16 fpu_fault_code(struct cpu_context *ctx, bool simd);
/* fork: copies parent's state to child. 0 or -ENOMEM. */
__must_check int fpu_fork(struct cpu_context *child, struct cpu_context *parent);
/* exit and exec: drops the state. */
void fpu_drop(struct cpu_context *ctx);
/* A handler begins: the state of the running context ctx, which has used the FPU, becomes that of a fresh program. */
void fpu_reset(struct cpu_context *ctx);
/* Signal frames: the state as Linux i386 stores it on the user stack (struct _fpstate_32), x87
 * registers as FNSAVE has them and behind them, with FXSR, the FXSAVE image. */
static inline bool fpu_used(const struct cpu_context *ctx)
{
	return ctx->fpu;
}
/* Where it lies on a stack that ends at sp. */
vaddr_t fpu_frame_place(vaddr_t sp);
/* The state of the running context ctx, which has used the FPU. 0 or -EFAULT. */
__must_check int fpu_frame_save(struct cpu_context *ctx, void __user *to);
/* 0, -EFAULT or -ENOMEM; then the state is that of a fresh program. */
__must_check int fpu_frame_restore(struct cpu_context *ctx, const void __user *from);
/* Private half of the above: the state in memory, which registers may be ahead of; and its taking
 * from there again. */
void fpu_sync(struct cpu_context *ctx);
__must_check bool fpu_own_memory(struct cpu_context *ctx);
/* The bits of MXCSR that the processor has. */
u32 fpu_mxcsr_mask(void);
/* CR0.TS is clear: the registers belong to the running thread. */
extern bool fpu_loaded;
void fpu_set_ts(void); /* private half of fpu_switch_out */
/* From here on the next use of the FPU is a #NM. Called by context_switch. */
static inline void fpu_switch_out(void)
{
	if (unlikely(fpu_loaded))
		fpu_set_ts();
}
