/*
 * A text terminal on an array of cells: understands what programs send for TERM=linux (console_codes(4)). It touches no
 * hardware; vga.c shows the cells.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

#define VT_MAX_PARAMETERS 16u
#define VT_MAX_COLUMNS    132u

struct vt_cursor {
	u32 column, row;
	bool wrap_pending; /* the last column was written: the next character begins a line */
	u8 foreground, background;
	u8 intensity; /* VT_NORMAL, VT_BOLD, VT_HALF */
	bool underline, blink, reverse, italic;
	bool origin_mode;
	u8 charset;           /* SO or SI: which of the two is used */
	bool line_drawing[2]; /* what ESC ( and ESC ) chose */
};
enum { VT_NORMAL, VT_BOLD, VT_HALF };

struct vt {
	/* Attribute << 8 | character of code page 437, as the text screen of a PC has them; the owner's. */
	u16 *cells;
	u32 columns, rows;
	bool monochrome;
	/* Cells in [dirty_first, dirty_end) have changed; who shows them sets dirty_first = columns * rows, dirty_end = 0. */
	u32 dirty_first, dirty_end;
	bool cursor_visible;
	/* Answers to questions (ESC [ 6 n), to be typed to the program. NULL: none are given. */
	void (*answer)(struct vt *vt, const char *text, size_t len);
	/* Programs change what arrow keys send (ESC [ ? 1 h). */
	bool application_keys;

	struct vt_cursor cursor, saved;
	u32 top, bottom; /* the rows that scroll, half-open */
	bool insert_mode, newline_mode, auto_wrap, screen_reverse, raw_font;
	u8 tab_stops[(VT_MAX_COLUMNS + 7) / 8];

	u32 state;
	u32 parameters[VT_MAX_PARAMETERS];
	u32 nr_parameters;
	u8 mark;       /* '?' and other marks after ESC [, 0 if there is none */
	u32 utf8_left; /* bytes of a character still to come */
	u32 utf8_value, utf8_least;
};

/* vt->cells, columns (at most VT_MAX_COLUMNS), rows and monochrome are set; clears the screen. */
void vt_init(struct vt *vt);
void vt_write(struct vt *vt, const char *text, size_t len);
/* The cell that the cursor stands on. */
u32 vt_cursor_cell(const struct vt *vt);
