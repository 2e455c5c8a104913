/*
 * Segments and tasks. One flat ring 0 pair, one ring 3 pair whose code segment ends where the program's code
 * ends, three TLS slots, the TSS that holds the kernel's stack pointer, and a second one for double faults.
 */
#pragma once

#include "arch/i386/cpu/layout.h"
#include "lib/types.h"

/* double_fault runs in a task of its own with its own stack when the kernel's stack is gone. */
void gdt_init(void (*double_fault)(void));
/* User code may lie in [0, limit); page granularity. */
void gdt_set_user_code_limit(vaddr_t limit);
/* The table itself: thread switches write the TLS entries. */
extern u64 gdt[GDT_ENTRIES];
/* A descriptor: limit in bytes or pages as flags says (bit 3: pages). Intel SDM vol. 3A 3.4.5. */
u64 gdt_descriptor(u32 base, u32 limit, u8 access, u8 flags);

/* Intel SDM vol. 3A 7.2.1 */
struct tss {
	u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trap, iomap_base;
};
/* The one of all threads; a double fault leaves here what was running. */
extern struct tss kernel_tss;
/* Stack for the next entry from user mode. */
static inline void gdt_set_kernel_stack(u32 esp0)
{
	kernel_tss.esp0 = esp0;
}
