#include "arch/i386/cpu/idt.h"

#include "arch/i386/cpu/layout.h"
#include "lib/compiler.h"

#define GATE_TASK      0x85
#define GATE_INTERRUPT 0x8E
#define GATE_TRAP      0x8F
#define GATE_USER      0x60

/* A page of its own, so that it can be made read-only (F00F: Intel 242480, erratum 81). */
static u64 idt[512] __aligned(4096);

static u64 gate(u32 offset, u16 selector, u8 type)
{
	return (u64)(offset & 0xFFFF0000u) << 32 | (u64)type << 40 | (u32)selector << 16 |
	       (offset & 0xFFFF);
}

void idt_set_gate(u32 vector, void (*handler)(void), bool user)
{
	idt[vector] = gate((u32)handler, SEL_KERNEL_CODE, GATE_INTERRUPT | (user ? GATE_USER : 0));
}

void idt_set_trap_gate(u32 vector, void (*handler)(void))
{
	idt[vector] = gate((u32)handler, SEL_KERNEL_CODE, GATE_TRAP | GATE_USER);
}

void idt_set_task_gate(u32 vector, u16 tss_selector)
{
	idt[vector] = gate(0, tss_selector, GATE_TASK);
}

void idt_load(void)
{
	struct __packed {
		u16 limit;
		u32 base;
	} idtr = {256 * 8 - 1, (u32)idt};

	asm volatile("lidt %0" ::"m"(idtr));
}

vaddr_t idt_page(void)
{
	return (vaddr_t)idt;
}
