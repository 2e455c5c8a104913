/* The PS/2 keyboard, behind an i8042. */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

/*
 * Finds the controller and makes the keyboard type into input(), in the interrupt. Ctrl-Alt-Del restarts the machine.
 * application_keys says what arrow keys send. 0, -ENODEV: there is none, or an errno of irq_request.
 */
__must_check int keyboard_init(void (*input)(const char *text, size_t len),
			       bool (*application_keys)(void));
