/*
 * The FPU's state in a signal frame.
 *
 *   to ->   112 bytes: FNSAVE's image, status word, magic (0: FXSAVE's image follows)
 *           512 bytes: FXSAVE's image, 64-byte aligned
 *
 * Handlers look at and change the first; the second adds the XMM registers and MXCSR. On return x87
 * comes from the first. The two differ in the tag word (two bits a register against one) and in the
 * registers' places, 10 against 16 bytes (SDM vol. 1 8.1.10, 10.5.1).
 */
#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/fpu.h"
#include "arch/i386/cpu/usercopy.h"
#include "lib/string.h"
#include <asm/errno.h>

#define MAGIC_FXSR  0x0000u
#define MAGIC_PLAIN 0xFFFFu

struct fnsave {
	u32 control, status, tag, ip, cs_op, data, data_seg;
	u8 registers[8][10];
};
struct frame_head {
	struct fnsave x87;
	u16 status, magic;
};
struct fxsave {
	u16 control, status;
	u8 tag, reserved;
	u16 op;
	u32 ip, cs, data, data_seg, mxcsr, mxcsr_mask;
	u8 registers[8][16];
	u8 rest[352];
};
static_assert(sizeof(struct fnsave) == 108, "SDM vol. 1 figure 8-9");
static_assert(sizeof(struct frame_head) == 112, "Linux i386 ABI");
static_assert(sizeof(struct fxsave) == FPU_STATE_SIZE, "SDM vol. 1 table 10-2");

vaddr_t fpu_frame_place(vaddr_t sp)
{
	if (!cpu_has(CPU_FXSR))
		return ALIGN_DOWN(sp - sizeof(struct frame_head), 64u);
	return ALIGN_DOWN(sp - sizeof(struct fxsave), 64u) - sizeof(struct frame_head);
}

/* The tag of register i in ST order, from what it holds: valid, zero, special. */
static u32 tag_of(const u8 *reg)
{
	u16 exponent = (u16)(reg[8] | reg[9] << 8) & 0x7FFF;
	u32 zero = 1;

	for (u32 i = 0; i < 8; i++)
		zero &= !reg[i];
	if (exponent == 0x7FFF)
		return 2;
	if (!exponent)
		return zero ? 1 : 2;
	return reg[7] & 0x80 ? 0 : 2;
}

static void to_fnsave(struct fnsave *to, const struct fxsave *from)
{
	u32 top = from->status >> 11 & 7, tags = 0;

	for (u32 physical = 0; physical < 8; physical++) {
		u32 tag = from->tag >> physical & 1 ? tag_of(from->registers[(physical - top) & 7])
						    : 3;

		tags |= tag << (2 * physical);
	}
	to->control = from->control | 0xFFFF0000;
	to->status = from->status | 0xFFFF0000;
	to->tag = tags | 0xFFFF0000;
	to->ip = from->ip;
	to->cs_op = (from->cs & 0xFFFF) | (u32)from->op << 16;
	to->data = from->data;
	to->data_seg = from->data_seg;
	for (u32 i = 0; i < 8; i++)
		memcpy(to->registers[i], from->registers[i], sizeof(to->registers[i]));
}

static void to_fxsave(struct fxsave *to, const struct fnsave *from)
{
	u8 tag = 0;

	for (u32 physical = 0; physical < 8; physical++)
		if ((from->tag >> (2 * physical) & 3) != 3)
			tag |= 1 << physical;
	to->control = (u16)from->control;
	to->status = (u16)from->status;
	to->tag = tag;
	to->op = (u16)(from->cs_op >> 16);
	to->ip = from->ip;
	to->cs = from->cs_op & 0xFFFF;
	to->data = from->data;
	to->data_seg = from->data_seg;
	for (u32 i = 0; i < 8; i++)
		memcpy(to->registers[i], from->registers[i], sizeof(from->registers[i]));
}

int fpu_frame_save(struct cpu_context *ctx, void __user *to)
{
	struct frame_head head;

	fpu_sync(ctx);
	if (cpu_has(CPU_FXSR)) {
		to_fnsave(&head.x87, ctx->fpu);
		head.magic = MAGIC_FXSR;
	} else {
		memcpy(&head.x87, ctx->fpu, sizeof(head.x87));
		head.magic = MAGIC_PLAIN;
	}
	head.status = (u16)head.x87.status;
	if (copy_to_user(to, &head, sizeof(head)))
		return -EFAULT;
	if (cpu_has(CPU_FXSR) &&
	    copy_to_user((char __user *)to + sizeof(head), ctx->fpu, sizeof(struct fxsave)))
		return -EFAULT;
	return 0;
}

int fpu_frame_restore(struct cpu_context *ctx, const void __user *from)
{
	struct frame_head head;
	struct fxsave *image;

	if (!cpu_has(CPU_FPU))
		return 0;
	if (!fpu_own_memory(ctx))
		return -ENOMEM;
	image = ctx->fpu;
	if (copy_from_user(&head, from, sizeof(head)))
		goto fault;
	if (!cpu_has(CPU_FXSR)) {
		memcpy(ctx->fpu, &head.x87, sizeof(head.x87));
		return 0;
	}
	if (copy_from_user(image, (const char __user *)from + sizeof(head), sizeof(*image)))
		goto fault;
	/* A bit of MXCSR that the processor does not have would be #GP in the kernel. */
	image->mxcsr &= fpu_mxcsr_mask();
	to_fxsave(image, &head.x87);
	return 0;
fault:
	fpu_drop(ctx);
	return -EFAULT;
}
