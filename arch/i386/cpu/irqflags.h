/* Interrupt flag of the one processor. irq_save() returns EFLAGS to give back to irq_restore(). */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

#define EFLAGS_IF 0x200u

static inline u32 read_eflags(void)
{
	u32 f;
	asm volatile("pushf\n\tpop %0" : "=rm"(f)::"memory");
	return f;
}
static inline void irq_disable(void)
{
	asm volatile("cli" ::: "memory");
}
static inline void irq_enable(void)
{
	asm volatile("sti" ::: "memory");
}
static inline bool irqs_enabled(void)
{
	return read_eflags() & EFLAGS_IF;
}
static inline u32 irq_save(void)
{
	u32 f = read_eflags();
	irq_disable();
	return f;
}
static inline void irq_restore(u32 f)
{
	if (f & EFLAGS_IF)
		irq_enable();
}
/* Waits for an interrupt; called with interrupts off, returns with them on, and misses none. */
static inline void irq_enable_and_halt(void)
{
	asm volatile("sti\n\thlt" ::: "memory");
}
/* Bits of a word that interrupt handlers change, too: one instruction each. */
static inline void set_bits_at_once(u32 *word, u32 bits)
{
	asm volatile("orl %1, %0" : "+m"(*word) : "ri"(bits) : "memory");
}
static inline void clear_bits_at_once(u32 *word, u32 bits)
{
	asm volatile("andl %1, %0" : "+m"(*word) : "ri"(~bits) : "memory");
}
