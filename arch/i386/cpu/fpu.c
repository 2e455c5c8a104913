#include "arch/i386/cpu/fpu.h"

#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/cr.h"
#include "lib/string.h"
#include <asm/errno.h>
#include <asm/siginfo.h>

/* Offsets in what FNSAVE and FXSAVE store: Intel SDM vol. 1, 8.1.10 and 10.5.1. */
#define FNSAVE_STATUS      4u
#define FXSAVE_STATUS      2u
#define FXSAVE_MXCSR       24u

#define MXCSR_DEFAULT      0x1F80u
#define MXCSR_MASK_DEFAULT 0xFFBFu /* where FXSAVE stores 0 (SDM vol. 1 11.6.6) */
#define MXCSR_MASK_AT      28u     /* in its image */

/* Whose state the registers hold; it is loaded without a trap while CR0.TS is clear. */
static struct cpu_context *owner;
bool fpu_loaded;

static void *(*state_alloc)(void);
static void (*state_free)(void *);

void fpu_set_allocator(void *(*alloc)(void), void (*free)(void *))
{
	state_alloc = alloc;
	state_free = free;
}

static u32 mxcsr_mask;

u32 fpu_mxcsr_mask(void)
{
	return mxcsr_mask;
}

static void find_mxcsr_mask(void)
{
	static u8 image[FPU_STATE_SIZE] __aligned(FPU_STATE_ALIGN);

	clts();
	asm volatile("fxsave %0" : "=m"(image));
	mxcsr_mask = *(u32 *)&image[MXCSR_MASK_AT];
	if (!mxcsr_mask)
		mxcsr_mask = MXCSR_MASK_DEFAULT;
}

__init void fpu_init(void)
{
	owner = NULL;
	fpu_loaded = false;
	if (cpu_has(CPU_FXSR))
		find_mxcsr_mask();
	if (cpu_has(CPU_FPU))
		write_cr0(read_cr0() | CR0_TS);
}

void fpu_set_ts(void)
{
	write_cr0(read_cr0() | CR0_TS);
	fpu_loaded = false;
}

static void clear_ts(void)
{
	clts();
	fpu_loaded = true;
}

static void registers_save(void *state)
{
	if (cpu_has(CPU_FXSR))
		asm volatile("fxsave (%0)" ::"r"(state) : "memory");
	else
		asm volatile("fnsave (%0)\n\tfwait" ::"r"(state) : "memory");
}

static void registers_load(const void *state)
{
	if (cpu_has(CPU_FXSR))
		asm volatile("fxrstor (%0)" ::"r"(state) : "memory");
	else /* what is pending in the registers goes first: FRSTOR would raise it, here */
		asm volatile("fnclex\n\tfrstor (%0)" ::"r"(state) : "memory");
}

/* The state of a program that has just begun, so that nothing of another shows. */
static void make_fresh(u32 *state)
{
	memset(state, 0, FPU_STATE_SIZE);
	if (cpu_has(CPU_FXSR)) {
		state[0] = 0x37F;
		state[FXSAVE_MXCSR / sizeof(u32)] = MXCSR_DEFAULT;
	} else {
		state[0] = 0xFFFF037F; /* as FNINIT, FNSAVE leave it */
		state[1] = 0xFFFF0000;
		state[2] = 0xFFFFFFFF;
	}
}

/* TS is clear. The registers still belong to owner. */
static void save_owner(void)
{
	if (owner)
		registers_save(owner->fpu);
	owner = NULL;
}

bool fpu_handle_nm(struct cpu_context *running)
{
	if (!cpu_has(CPU_FPU))
		return false;
	if (owner == running) {
		clear_ts();
		return true;
	}
	if (!running->fpu) {
		running->fpu = state_alloc ? state_alloc() : NULL;
		if (!running->fpu)
			return false;
		make_fresh(running->fpu);
	}
	clear_ts();
	save_owner();
	registers_load(running->fpu);
	owner = running;
	return true;
}

void fpu_sync(struct cpu_context *ctx)
{
	if (owner != ctx)
		return;
	clear_ts();
	registers_save(ctx->fpu);
	if (!cpu_has(CPU_FXSR))
		registers_load(ctx->fpu); /* FNSAVE cleared them */
}

/* Exceptions, the same bits in status and control word; MXCSR has the masks seven bits higher. */
#define FP_INVALID     0x01u
#define FP_DENORMAL    0x02u
#define FP_ZERO_DIVIDE 0x04u
#define FP_OVERFLOW    0x08u
#define FP_UNDERFLOW   0x10u
#define FP_PRECISION   0x20u
#define MXCSR_MASKS_AT 7

static u32 unmasked_exceptions(const u8 *state, bool simd)
{
	bool fxsr = cpu_has(CPU_FXSR);
	u32 mxcsr;

	if (!simd)
		return *(const u16 *)(state + (fxsr ? FXSAVE_STATUS : FNSAVE_STATUS)) &
		       ~(u32) * (const u16 *)state;
	mxcsr = *(const u32 *)(state + FXSAVE_MXCSR);
	return mxcsr & ~(mxcsr >> MXCSR_MASKS_AT);
}

s16 fpu_fault_code(struct cpu_context *ctx, bool simd)
{
	u32 raised;

	if (!ctx->fpu)
		return FPE_FLTINV;
	fpu_sync(ctx);
	raised = unmasked_exceptions((const u8 *)ctx->fpu, simd);
	if (raised & FP_INVALID)
		return FPE_FLTINV;
	if (raised & FP_ZERO_DIVIDE)
		return FPE_FLTDIV;
	if (raised & FP_OVERFLOW)
		return FPE_FLTOVF;
	if (raised & (FP_UNDERFLOW | FP_DENORMAL))
		return FPE_FLTUND;
	return raised & FP_PRECISION ? FPE_FLTRES : FPE_FLTINV;
}

static void give_up_registers(const struct cpu_context *ctx)
{
	if (owner == ctx) {
		owner = NULL;
		fpu_switch_out();
	}
}

void fpu_reset(struct cpu_context *ctx)
{
	give_up_registers(ctx);
	make_fresh(ctx->fpu);
}

/* What the registers hold is given up; the state in memory is what counts, and exists. */
bool fpu_own_memory(struct cpu_context *ctx)
{
	give_up_registers(ctx);
	if (!ctx->fpu)
		ctx->fpu = state_alloc();
	return ctx->fpu;
}

int fpu_fork(struct cpu_context *child, struct cpu_context *parent)
{
	child->fpu = NULL;
	if (!parent->fpu)
		return 0;
	child->fpu = state_alloc();
	if (!child->fpu)
		return -ENOMEM;
	fpu_sync(parent);
	memcpy(child->fpu, parent->fpu, FPU_STATE_SIZE);
	return 0;
}

void fpu_drop(struct cpu_context *ctx)
{
	give_up_registers(ctx);
	if (ctx->fpu)
		state_free(ctx->fpu);
	ctx->fpu = NULL;
}
