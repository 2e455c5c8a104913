/*
 * The machine part of a thread: what has to change when another one runs.
 */
#pragma once

#include "arch/i386/cpu/extable.h"
#include "arch/i386/cpu/layout.h"
#include "arch/i386/cpu/paging.h"
#include "arch/i386/cpu/regs.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct user_desc; /* <asm/ldt.h> */

struct cpu_context {
	u32 esp;             /* saved stack pointer; ebx, esi, edi, ebp, eip lie on the stack */
	u32 esp0;            /* top of the kernel stack: goes to the TSS */
	struct pgdir *pgdir; /* NULL: a kernel thread, keeps whatever is loaded */
	u32 code_limit; /* end of the highest executable user mapping (bytes, page aligned); 0 for kernel threads */
	u16 fs, gs;             /* user's, saved at a switch */
	u64 tls[GDT_TLS_COUNT]; /* descriptors of set_thread_area */
	vaddr_t cr2;            /* of its last page fault from user mode */
	void *fpu; /* saved x87/SSE state or NULL if the thread never used it; see fpu.h */
};

/* Prepares ctx so that the first switch to it calls entry(arg) on the stack ending at stack_top with interrupts
 * on. entry must not return. */
void context_init_kernel(struct cpu_context *ctx, void *stack_top, void (*entry)(void *),
			 void *arg);
/* Prepares ctx so that the first switch to it returns to user mode with the registers of *regs (copied to the top
 * of the stack). Returns where that copy lies. */
struct trap_frame *context_init_user(struct cpu_context *ctx, void *stack_top,
				     const struct trap_frame *regs);

/* Where context_init_user threads go then: the return to user mode of entry/vectors.asm. */
void context_set_user_return(void (*user_return)(void));

/* Saves the running context in prev and continues next. Called with interrupts off. */
void context_switch(struct cpu_context *prev, struct cpu_context *next);

/* The highest user code address changed: updates the user code segment if ctx is the running one. */
void context_set_code_limit(struct cpu_context *ctx, vaddr_t limit, bool running);

/* set_thread_area(2) on ctx, which is the running one. info is read and its entry_number written back when it
 * was -1. 0, -EINVAL, -ESRCH. */
int context_set_thread_area(struct cpu_context *ctx, struct user_desc *info);
/* The same for a child of CLONE_SETTLS, which does not run yet; entry_number -1 is -EINVAL. */
int context_set_child_tls(struct cpu_context *child, struct user_desc *info);
/* fork: TLS descriptors, FS, GS and code limit of the running context go to child. FPU state: fpu_fork(). */
void context_fork(struct cpu_context *child, const struct cpu_context *running);
/* get_thread_area(2). 0 or -EINVAL. */
int context_get_thread_area(const struct cpu_context *ctx, struct user_desc *info);

/* Sets up *regs for a fresh program: flat user segments, IF set, everything else zero. */
void regs_init_user(struct trap_frame *regs, vaddr_t eip, vaddr_t esp);
/* A fresh program: forgets TLS, FS, GS and FPU state of the running context. */
void context_flush(struct cpu_context *ctx);

/* FS and GS of the running context, for signal frames; a selector that names no segment becomes null. */
static inline u32 context_fs(void)
{
	u32 v; /* a move to 32 bits clears the upper half (Pentium Pro on), or leaves it undefined */

	asm volatile("mov %%fs, %0" : "=r"(v));
	return (u16)v;
}
static inline u32 context_gs(void)
{
	u32 v;

	asm volatile("mov %%gs, %0" : "=r"(v));
	return (u16)v;
}
/* A selector whose descriptor went away becomes the null selector. */
#define LOAD_SEGMENT(reg, selector)                        \
	asm volatile("1:\tmov %0, %%" reg "\n"             \
		     "2:\n\t"                              \
		     ".pushsection .text.fixup, \"ax\"\n"  \
		     "3:\txor %0, %0\n\t"                  \
		     "jmp 1b\n\t"                          \
		     ".popsection\n\t" EXTABLE("1b", "3b") \
		     : "+r"(selector))
static __always_inline void context_set_fs_gs(u32 fs, u32 gs)
{
	LOAD_SEGMENT("fs", fs);
	LOAD_SEGMENT("gs", gs);
}
#undef LOAD_SEGMENT
