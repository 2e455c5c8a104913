/*
 * The console: the sinks of the kernel's messages (ttyS0, tty0) and the terminal that programs see as /dev/console.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

/* Finds the text screen and the serial port and makes both take the kernel's messages. Needs nothing but port I/O
 * and the boot mapping of the first megabyte: call it first. */
void console_early_init(void);
/* One console=NAME[,options] of the command line: after the first call only what is named is used. */
void console_select(const char *value);
/* With interrupts and threads there: input from the serial line, /dev/console. */
void console_init(void);
