/* As much of ACPI as it takes to switch the machine off and to restart it. */
#pragma once

#include "lib/compiler.h"
#include "mm/phys/boot_info.h"

/* Reads the tables; nothing in them is believed before it was checked. Needs memremap(). Prints one line. */
void acpi_init(const struct boot_info *info);
/* Switches off. Comes back, after a bounded wait, where that did not work. */
void acpi_poweroff(void);
/* Restarts through the reset register. Comes back where there is none or it did not work. */
void acpi_reset(void);
