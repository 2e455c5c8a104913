/* The pair of 8259 interrupt controllers. */
#pragma once

#include "lib/compiler.h"

/* Moves the lines to vectors IRQ_VECTOR_BASE.., masks all, and registers with kernel/core/irq. */
void pic_init(void);
/* Whether the line is raised and not yet taken. Interrupts are off. */
bool pic_is_pending(u32 irq);
