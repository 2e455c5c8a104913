/* How the machine stops. Each falls back to the next best and says so. */
#pragma once

#include "lib/compiler.h"

/* ACPI S5; else a line that says it is safe to switch off, and a halt. */
void machine_poweroff(void) __noreturn;
/* ACPI reset register, then what cpu_reset() tries. */
void machine_restart(void) __noreturn;
void machine_halt(void) __noreturn;
/* Stops as panic= says: "halt" (also NULL), "reboot" or "poweroff"; for panic_set_hook(). false: an unknown word. */
bool machine_set_panic_action(const char *value);
void machine_panic_stop(void);
