/* Interrupt descriptor table. Gates are interrupt gates unless said otherwise (Intel SDM vol. 3A 6.11). */
#pragma once

#include "lib/types.h"

#define VECTOR_SYSCALL 0x80u

enum exception {
	EXC_DE = 0,
	EXC_DB = 1,
	EXC_NMI = 2,
	EXC_BP = 3,
	EXC_OF = 4,
	EXC_BR = 5,
	EXC_UD = 6,
	EXC_NM = 7,
	EXC_DF = 8,
	EXC_TS = 10,
	EXC_NP = 11,
	EXC_SS = 12,
	EXC_GP = 13,
	EXC_PF = 14,
	EXC_MF = 16,
	EXC_AC = 17,
	EXC_MC = 18,
	EXC_XM = 19,
};

/* Interrupts off in the handler; user: INT n from ring 3 is allowed. */
void idt_set_gate(u32 vector, void (*handler)(void), bool user);
/* Interrupts stay as they were; reachable from ring 3. */
void idt_set_trap_gate(u32 vector, void (*handler)(void));
void idt_set_task_gate(u32 vector, u16 tss_selector);
void idt_load(void);
/* The page that holds the table: read-only on processors with the F00F bug. */
vaddr_t idt_page(void);
