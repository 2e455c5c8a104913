/* The text screen, tty0: 80 x 25 characters. */
#pragma once

#include "lib/compiler.h"

#define VGA_COLUMNS 80u
#define VGA_ROWS    25u

/* Whether there is one; it is then cleared. */
bool vga_probe(void);
/* Understands \n \r \t \b, the colours of ESC [ ... m, and drops other escape sequences. */
void vga_write(const char *text, size_t len);
