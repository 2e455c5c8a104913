/* The 8253/8254 timer: the tick, and the time between ticks. */
#pragma once

#include "lib/compiler.h"

/* Starts the tick. After pic_init(); interrupts may be off. */
void pit_init(void);
