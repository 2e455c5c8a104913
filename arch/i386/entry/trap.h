/* Traps: from the vectors to the rooms that know what to do. */
#pragma once

#include "arch/i386/cpu/regs.h"
#include "kernel/core/irq.h"
#include "lib/compiler.h"
#include "mm/vm/mm.h"

/* GDT, IDT: from here on every exception is reported. */
void trap_init(void);
/* With the final page tables: a read-only IDT where the F00F bug asks for it. */
void trap_protect_idt(void);
/* Registers, error code, page-table entries of addr (0: none), to the console. */
void trap_print(const struct trap_frame *f, vaddr_t addr, bool has_addr);

/* vectors.asm: where the processor comes in, and the way back */
extern void (*const exception_entries[20])(void);
extern void (*const irq_entries[NR_IRQS])(void);
void entry_syscall(void);
void entry_double_fault(void);
void return_from_trap(void);

/* From vectors.asm */
void trap_dispatch(struct trap_frame *f);
enum fault_result trap_page_fault(struct trap_frame *f);
void trap_page_fault_failed(struct trap_frame *f,
			    enum fault_result result); /* result > FAULT_MAJOR */
void trap_bad_iret(struct trap_frame *f);
void trap_double_fault(void) __noreturn;
