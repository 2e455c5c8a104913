/* Interrupt dispatch: a table of handlers behind one interrupt controller. */
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/irq.h"
#include "lib/err.h"
#include "lib/printk.h"

static struct {
	const char *name;
	void (*handler)(struct trap_frame *f, void *arg);
	void *arg;
	u32 count;
} lines[NR_IRQS];

static const struct irq_chip *chip;
static u32 nr_spurious;
static u32 depth;

void irq_set_chip(const struct irq_chip *c)
{
	chip = c;
}

int irq_request(u32 irq, const char *name, void (*handler)(struct trap_frame *f, void *arg),
		void *arg)
{
	u32 flags;

	if (irq >= NR_IRQS || !chip)
		return -EINVAL;
	if (lines[irq].handler)
		return -EBUSY;
	flags = irq_save();
	lines[irq].name = name;
	lines[irq].arg = arg;
	lines[irq].handler = handler;
	irq_restore(flags);
	chip->unmask(irq);
	return 0;
}

void irq_dispatch(struct trap_frame *f)
{
	u32 irq = f->vector - IRQ_VECTOR_BASE;

	if (irq >= NR_IRQS || !chip)
		return;
	if (!chip->ack(irq)) {
		nr_spurious++;
		return;
	}
	lines[irq].count++;
	if (!lines[irq].handler) {
		/* Nobody asked for it, and nobody would quieten the device. */
		chip->mask(irq);
		printk("irq: line %u raised without a handler; masked\n", irq);
		return;
	}
	depth++;
	lines[irq].handler(f, lines[irq].arg);
	depth--;
}

bool in_interrupt(void)
{
	return depth;
}

u32 irq_count(u32 irq)
{
	return irq < NR_IRQS ? lines[irq].count : 0;
}

const char *irq_name(u32 irq)
{
	return irq < NR_IRQS && lines[irq].handler ? lines[irq].name : NULL;
}

u32 irq_spurious_count(void)
{
	return nr_spurious;
}
