#include "arch/i386/cpu/switch.h"

#include "arch/i386/cpu/fpu.h"
#include "arch/i386/cpu/gdt.h"
#include "arch/i386/cpu/irqflags.h"
#include "lib/string.h"
#include <asm/errno.h>
#include <asm/ldt.h>

void stack_switch(u32 *save_esp, u32 new_esp); /* stack.asm */
void stack_start_kernel(void);
void stack_start_user(void);

void (*context_user_return)(void);

void context_set_user_return(void (*user_return)(void))
{
	context_user_return = user_return;
}

/* What stack_switch pops. */
struct switch_frame {
	u32 edi, esi, ebx, ebp, eip;
};

void context_init_kernel(struct cpu_context *ctx, void *stack_top, void (*entry)(void *), void *arg)
{
	struct switch_frame *f = (struct switch_frame *)stack_top - 1;

	*f = (struct switch_frame){
		.edi = (u32)entry,
		.esi = (u32)arg,
		.eip = (u32)stack_start_kernel,
	};
	ctx->esp = (u32)f;
	ctx->esp0 = (u32)stack_top;
}

struct trap_frame *context_init_user(struct cpu_context *ctx, void *stack_top,
				     const struct trap_frame *regs)
{
	struct trap_frame *copy = (struct trap_frame *)stack_top - 1;
	struct switch_frame *f = (struct switch_frame *)copy - 1;

	*copy = *regs;
	*f = (struct switch_frame){.eip = (u32)stack_start_user};
	ctx->esp = (u32)f;
	ctx->esp0 = (u32)stack_top;
	return copy;
}

static void load_tls(const struct cpu_context *ctx)
{
	for (u32 i = 0; i < GDT_TLS_COUNT; i++)
		gdt[GDT_TLS_FIRST + i] = ctx->tls[i];
}

void context_switch(struct cpu_context *prev, struct cpu_context *next)
{
	fpu_switch_out();
	gdt_set_kernel_stack(next->esp0);
	if (next->pgdir) { /* a user thread */
		pgdir_switch(next->pgdir);
		prev->fs = context_fs();
		prev->gs = context_gs();
		load_tls(next);
		if (prev->code_limit != next->code_limit || !prev->pgdir)
			gdt_set_user_code_limit(next->code_limit);
		context_set_fs_gs(next->fs, next->gs);
	} else {
		prev->fs = context_fs();
		prev->gs = context_gs();
	}
	stack_switch(&prev->esp, next->esp);
}

void context_set_code_limit(struct cpu_context *ctx, vaddr_t limit, bool running)
{
	ctx->code_limit = limit;
	if (running)
		gdt_set_user_code_limit(limit);
}

static bool user_desc_empty(const struct user_desc *d)
{
	return !d->base_addr && !d->limit && !d->contents && d->read_exec_only && !d->seg_32bit &&
	       !d->limit_in_pages && d->seg_not_present && !d->useable;
}

static bool user_desc_zero(const struct user_desc *d)
{
	return !d->base_addr && !d->limit && !d->contents && !d->read_exec_only && !d->seg_32bit &&
	       !d->limit_in_pages && !d->seg_not_present && !d->useable;
}

/* SDM vol. 3A 3.4.5.1: type bits from contents (data, expand-down, code), S = 1, DPL 3. */
static u64 tls_descriptor(const struct user_desc *d)
{
	u8 access = (u8)((d->seg_not_present ? 0 : 0x80) | 0x60 | 0x10 | (d->contents & 3) << 2 |
			 (d->read_exec_only ? 0 : 2) | 1);
	u8 flags =
		(u8)((d->limit_in_pages ? 8 : 0) | (d->seg_32bit ? 4 : 0) | (d->useable ? 1 : 0));

	return gdt_descriptor(d->base_addr, d->limit, access, flags);
}

/* Stores what info describes in ctx; *entry is its index among the TLS descriptors. */
static int store_tls(struct cpu_context *ctx, struct user_desc *info, u32 *entry)
{
	u32 slot;

	if (info->entry_number == (u32)-1) {
		for (slot = 0; slot < GDT_TLS_COUNT && ctx->tls[slot]; slot++)
			;
		if (slot == GDT_TLS_COUNT)
			return -ESRCH;
		info->entry_number = GDT_TLS_FIRST + slot;
	} else {
		slot = info->entry_number - GDT_TLS_FIRST;
		if (slot >= GDT_TLS_COUNT)
			return -EINVAL;
	}
	if (user_desc_empty(info) || user_desc_zero(info)) {
		ctx->tls[slot] = 0;
	} else {
		/* Code and 16-bit segments have no use here and would reach past the code limit. */
		if (!info->seg_32bit || info->contents > 1 || info->seg_not_present)
			return -EINVAL;
		ctx->tls[slot] = tls_descriptor(info);
	}
	*entry = slot;
	return 0;
}

int context_set_thread_area(struct cpu_context *ctx, struct user_desc *info)
{
	u32 slot;
	int err = store_tls(ctx, info, &slot);

	if (err)
		return err;
	gdt[GDT_TLS_FIRST + slot] = ctx->tls[slot];
	/* A register that names it goes by the new one at once; those on the stack are loaded on the way out. */
	context_set_fs_gs(context_fs(), context_gs());
	return 0;
}

int context_set_child_tls(struct cpu_context *child, struct user_desc *info)
{
	u32 slot;

	return info->entry_number == (u32)-1 ? -EINVAL : store_tls(child, info, &slot);
}

void context_fork(struct cpu_context *child, const struct cpu_context *running)
{
	memcpy(child->tls, running->tls, sizeof(child->tls));
	child->fs = context_fs();
	child->gs = context_gs();
	child->code_limit = running->code_limit;
}

int context_get_thread_area(const struct cpu_context *ctx, struct user_desc *info)
{
	u32 slot = info->entry_number - GDT_TLS_FIRST;
	u32 low, high;

	if (slot >= GDT_TLS_COUNT)
		return -EINVAL;
	low = (u32)ctx->tls[slot];
	high = (u32)(ctx->tls[slot] >> 32);
	*info = (struct user_desc){
		.entry_number = GDT_TLS_FIRST + slot,
		.base_addr = low >> 16 | (high & 0xFF) << 16 | (high & 0xFF000000),
		.limit = (low & 0xFFFF) | (high & 0xF0000),
		.seg_32bit = high >> 22 & 1,
		.contents = high >> 10 & 3,
		.read_exec_only = !(high >> 9 & 1),
		.limit_in_pages = high >> 23 & 1,
		.seg_not_present = !(high >> 15 & 1),
		.useable = high >> 20 & 1,
	};
	return 0;
}

void regs_init_user(struct trap_frame *regs, vaddr_t eip, vaddr_t esp)
{
	*regs = (struct trap_frame){
		.ds = SEL_USER_DATA,
		.es = SEL_USER_DATA,
		.eip = eip,
		.cs = SEL_USER_CODE,
		.eflags = EFLAGS_IF | 2,
		.esp = esp,
		.ss = SEL_USER_DATA,
	};
}

void context_flush(struct cpu_context *ctx)
{
	memset(ctx->tls, 0, sizeof(ctx->tls));
	load_tls(ctx);
	context_set_fs_gs(0, 0);
	ctx->fs = ctx->gs = 0;
	fpu_drop(ctx);
}
