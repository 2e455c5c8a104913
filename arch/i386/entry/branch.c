#include "arch/i386/entry/branch.h"

#include "arch/i386/cpu/usercopy.h"

#define MAX_INSN 15 /* SDM vol. 2A 2.3.11 */

/* The program's bytes from eip on, as far as they can be read. */
struct code {
	u8 byte[MAX_INSN];
	u32 len, at;
};

static u8 next_byte(struct code *c)
{
	return c->at < c->len ? c->byte[c->at++] : 0;
}

static u32 next_signed(struct code *c, u32 size)
{
	u32 value = 0;

	for (u32 i = 0; i < size; i++)
		value |= (u32)next_byte(c) << i * 8;
	return size == 1 ? (u32)(s8)value : value;
}

/* By the number that instructions use (SDM vol. 2A table 2-2). */
static u32 reg(const struct trap_frame *f, u32 number)
{
	const u32 regs[8] = {f->eax, f->ecx, f->edx, f->ebx, f->esp, f->ebp, f->esi, f->edi};

	return regs[number];
}

/* The operand of FF /2 and FF /4. */
static bool read_operand(const struct trap_frame *f, struct code *c, u8 modrm, u32 *value)
{
	u32 mod = modrm >> 6, rm = modrm & 7;
	u32 addr = 0;

	if (mod == 3) {
		*value = reg(f, rm);
		return true;
	}
	if (rm == 4) {
		u8 sib = next_byte(c);
		u32 index = sib >> 3 & 7;

		rm = sib & 7;
		if (index != 4)
			addr = reg(f, index) << (sib >> 6);
	}
	if (rm == 5 && mod == 0)
		addr += next_signed(c, 4);
	else
		addr += reg(f, rm);
	if (mod)
		addr += next_signed(c, mod == 1 ? 1 : 4);
	return !get_user_u32(value, (const u32 __user *)addr);
}

/* Prefixes that change neither the operand nor its place: CS, DS, ES, SS, BND, branch hints. */
static bool is_harmless_prefix(u8 byte)
{
	return byte == 0x2E || byte == 0x36 || byte == 0x3E || byte == 0x26 || byte == 0xF2;
}

bool branch_target(const struct trap_frame *f, vaddr_t *target)
{
	struct code c = {.at = 0};
	u8 opcode, modrm;

	c.len = MAX_INSN - (u32)copy_from_user(c.byte, (const void __user *)f->eip, MAX_INSN);
	do {
		opcode = next_byte(&c);
	} while (is_harmless_prefix(opcode) && c.at < c.len);

	switch (opcode) {
	case 0xC2: /* ret imm16 */
	case 0xC3:
		return !get_user_u32(target, (const u32 __user *)f->esp);
	case 0xE8: /* call, jmp rel32 */
	case 0xE9:
		*target = next_signed(&c, 4);
		break;
	case 0xEB: /* jmp rel8 */
	case 0x70 ... 0x7F:
		*target = next_signed(&c, 1);
		break;
	case 0x0F:
		if ((next_byte(&c) & 0xF0) != 0x80)
			return false;
		*target = next_signed(&c, 4);
		break;
	case 0xFF:
		modrm = next_byte(&c);
		if ((modrm >> 3 & 7) != 2 && (modrm >> 3 & 7) != 4)
			return false;
		return read_operand(f, &c, modrm, target);
	default:
		return false;
	}
	*target += f->eip + c.at;
	return true;
}
