/*
 * The 8259 pair (Intel 8259A data sheet). The second hangs on line 2 of the first.
 *
 * A line that falls before the processor asks for its vector is spurious: the controller gives vector 7 or 15, and
 * its in-service bit is clear. Then it must get no end-of-interrupt; but at 15 the first controller has a real
 * interrupt in service, the cascade's.
 */
#include "arch/i386/cpu/io.h"
#include "drivers/pic.h"
#include "kernel/core/irq.h"

#define PIC1_COMMAND 0x20
#define PIC1_DATA    0x21
#define PIC2_COMMAND 0xA0
#define PIC2_DATA    0xA1

#define ICW1_INIT    0x11 /* edge triggered, cascade, ICW4 follows */
#define ICW4_8086    0x01
#define OCW2_EOI     0x60 /* specific: | line */
#define OCW3_IRR     0x0A
#define OCW3_ISR     0x0B
#define CASCADE      2u

static u16 masked = 0xFFFF;

static void write_masks(void)
{
	outb(PIC1_DATA, masked);
	outb(PIC2_DATA, masked >> 8);
}

static void pic_mask(u32 irq)
{
	masked |= 1u << irq;
	write_masks();
}

static void pic_unmask(u32 irq)
{
	masked &= ~(1u << irq);
	if (irq >= 8)
		masked &= ~(1u << CASCADE);
	write_masks();
}

/* One line's bit in the request (OCW3_IRR) or in-service (OCW3_ISR) register. */
static bool read_bit(u32 irq, u8 which)
{
	u16 port = irq < 8 ? PIC1_COMMAND : PIC2_COMMAND;

	outb(port, which);
	return inb(port) >> (irq & 7) & 1;
}

static bool pic_ack(u32 irq)
{
	bool spurious = (irq & 7) == 7 && !read_bit(irq, OCW3_ISR);

	if (irq >= 8) {
		if (!spurious)
			outb(PIC2_COMMAND, OCW2_EOI | (irq & 7));
		outb(PIC1_COMMAND, OCW2_EOI | CASCADE);
	} else if (!spurious) {
		outb(PIC1_COMMAND, OCW2_EOI | irq);
	}
	return !spurious;
}

bool pic_is_pending(u32 irq)
{
	return read_bit(irq, OCW3_IRR);
}

static __init void init_write(u16 port, u8 value)
{
	outb(port, value);
	io_delay();
}

__init void pic_init(void)
{
	static const struct irq_chip chip = {
		.name = "8259",
		.mask = pic_mask,
		.unmask = pic_unmask,
		.ack = pic_ack,
	};

	init_write(PIC1_COMMAND, ICW1_INIT);
	init_write(PIC2_COMMAND, ICW1_INIT);
	init_write(PIC1_DATA, IRQ_VECTOR_BASE);
	init_write(PIC2_DATA, IRQ_VECTOR_BASE + 8);
	init_write(PIC1_DATA, 1u << CASCADE);
	init_write(PIC2_DATA, CASCADE);
	init_write(PIC1_DATA, ICW4_8086);
	init_write(PIC2_DATA, ICW4_8086);
	write_masks();
	irq_set_chip(&chip);
}
