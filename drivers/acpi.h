/* As much of ACPI as it takes to switch the machine off and to restart it. */
#pragma once

#include "lib/compiler.h"

/*
 * Reads the tables; nothing in them is believed before it was checked. Needs memremap(). Prints one line.
 * rsdp: the loader's copy of the root pointer, or rsdp_len 0: then it is looked for where the firmware puts it.
 */
void acpi_init(const void *rsdp, u32 rsdp_len);
/* Switches off. Comes back, after a bounded wait, where that did not work. */
void acpi_poweroff(void);
/* Restarts through the reset register. Comes back where there is none or it did not work. */
void acpi_reset(void);
