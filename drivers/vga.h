/* The text screen, tty0: 80 x 25 characters. */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

#define VGA_COLUMNS 80u
#define VGA_ROWS    25u

/* Whether there is one; it is then cleared. */
bool vga_probe(void);
/* Text as vt.h understands it: \n alone moves down and not left. */
void vga_write(const char *text, size_t len);
/* Who is given the screen's answers to questions. Before, it gives none. */
void vga_set_answer(void (*answer)(const char *text, size_t len));
/* Whether the program on the screen asked for the other sequences of the arrow keys. */
bool vga_application_keys(void);
