/* Stands in for arch/i386/cpu/irqflags.h: the interrupt flag is a variable that the test can look at. */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

extern bool fake_irqs_on;

static inline void irq_disable(void)
{
	fake_irqs_on = false;
}
static inline void irq_enable(void)
{
	fake_irqs_on = true;
}
static inline bool irqs_enabled(void)
{
	return fake_irqs_on;
}
static inline u32 irq_save(void)
{
	u32 was = fake_irqs_on;

	fake_irqs_on = false;
	return was;
}
static inline void irq_restore(u32 was)
{
	fake_irqs_on = was;
}
void irq_enable_and_halt(void);
static inline void set_bits_at_once(u32 *word, u32 bits)
{
	*word |= bits;
}
static inline void clear_bits_at_once(u32 *word, u32 bits)
{
	*word &= ~bits;
}
