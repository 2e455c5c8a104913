/*
 * x87/MMX/SSE state, kept per thread and switched lazily: CR0.TS is set at a switch and #NM loads the state of
 * the running thread. The save area comes from an allocator that a higher room sets once.
 */
#pragma once

#include "arch/i386/cpu/switch.h"
#include "lib/compiler.h"

#define FPU_STATE_SIZE  512u /* FXSAVE; FNSAVE needs 108 */
#define FPU_STATE_ALIGN 16u

void fpu_init(void);
/* How #NM obtains and gives back a save area (FPU_STATE_SIZE bytes, FPU_STATE_ALIGN). */
void fpu_set_allocator(void *(*alloc)(void), void (*free)(void *));
/* #NM from user mode. false: no FPU, or no memory for its state: the caller sends SIGFPE or kills. */
__must_check bool fpu_handle_nm(struct cpu_context *running);
/* fork: copies parent's state to child. 0 or -ENOMEM. */
__must_check int fpu_fork(struct cpu_context *child, struct cpu_context *parent);
/* exit and exec: drops the state. */
void fpu_drop(struct cpu_context *ctx);
/* CR0.TS is clear: the registers belong to the running thread. */
extern bool fpu_loaded;
void fpu_set_ts(void); /* private half of fpu_switch_out */
/* From here on the next use of the FPU is a #NM. Called by context_switch. */
static inline void fpu_switch_out(void)
{
	if (unlikely(fpu_loaded))
		fpu_set_ts();
}
