/* How the machine stops. */
#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/irqflags.h"
#include "drivers/acpi.h"
#include "drivers/power.h"
#include "drivers/uart.h"
#include "lib/printk.h"
#include "lib/string.h"

static enum { PANIC_HALT, PANIC_REBOOT, PANIC_POWEROFF } panic_action;

void machine_halt(void)
{
	irq_disable();
	printk("power: halted\n");
	cpu_halt();
}

void machine_poweroff(void)
{
	irq_disable();
	printk("power: off\n");
	uart_drain();
	acpi_poweroff();
	printk("power: the machine does not switch itself off; it is safe to do so now\n");
	cpu_halt();
}

void machine_restart(void)
{
	irq_disable();
	printk("power: restart\n");
	uart_drain();
	acpi_reset();
	cpu_reset();
}

bool machine_set_panic_action(const char *value)
{
	if (!value || !strcmp(value, "halt"))
		panic_action = PANIC_HALT;
	else if (!strcmp(value, "reboot"))
		panic_action = PANIC_REBOOT;
	else if (!strcmp(value, "poweroff"))
		panic_action = PANIC_POWEROFF;
	else
		return false;
	return true;
}

void machine_panic_stop(void)
{
	if (panic_action == PANIC_REBOOT)
		machine_restart();
	if (panic_action == PANIC_POWEROFF)
		machine_poweroff();
	machine_halt();
}
