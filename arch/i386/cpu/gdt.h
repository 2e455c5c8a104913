/*
 * Segments and tasks. One flat ring 0 pair, one ring 3 pair whose code segment ends where the program's code
 * ends, three TLS slots, the TSS that holds the kernel's stack pointer, and a second one for double faults.
 */
#pragma once

#include "lib/types.h"

/* double_fault runs in a task of its own with its own stack when the kernel's stack is gone. */
void gdt_init(void (*double_fault)(void));
/* Stack for the next entry from user mode. */
void gdt_set_kernel_stack(u32 esp0);
/* User code may lie in [0, limit); page granularity. */
void gdt_set_user_code_limit(vaddr_t limit);
void gdt_set_entry(u32 index, u64 descriptor);
u64 gdt_get_entry(u32 index);
/* A descriptor: limit in bytes or pages as flags says (bit 3: pages). Intel SDM vol. 3A 3.4.5. */
u64 gdt_descriptor(u32 base, u32 limit, u8 access, u8 flags);

/* Intel SDM vol. 3A 7.2.1 */
struct tss {
	u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trap, iomap_base;
};
/* What was running when the double fault came. */
const struct tss *gdt_interrupted_task(void);
