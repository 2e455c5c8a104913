/*
 * Interrupt dispatch. Lines are numbered by the interrupt controller's driver (0-15 for the PICs).
 */
#pragma once

#include "arch/i386/cpu/regs.h"
#include "lib/compiler.h"

#define NR_IRQS         16u
#define IRQ_VECTOR_BASE 0x20u

struct irq_chip {
	const char *name;
	void (*mask)(u32 irq);
	void (*unmask)(u32 irq);
	/* Acknowledges; false: it was spurious and must not be handled. */
	bool (*ack)(u32 irq);
};
void irq_set_chip(const struct irq_chip *chip);
/* handler runs with interrupts off. 0, -EBUSY, -EINVAL. Unmasks the line. */
__must_check int irq_request(u32 irq, const char *name,
			     void (*handler)(struct trap_frame *f, void *arg), void *arg);
/* From entry/trap.c. */
void irq_dispatch(struct trap_frame *f);
/* Whether an interrupt handler runs. */
bool in_interrupt(void);
/* The name given to irq_request, NULL if nobody asked for the line. */
const char *irq_name(u32 irq);
u32 irq_count(u32 irq);
u32 irq_spurious_count(void);
