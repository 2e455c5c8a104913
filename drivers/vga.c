/*
 * The text screen (IBM VGA technical reference). The card's memory is written and, after the probe, never read: that is
 * slow on every card. What is on the screen is kept in `cells` and copied out at the end of each write.
 *
 * The memory is used through the direct map, so the screen works from the first instruction to the last, whatever became of
 * the memory manager; the firmware's memory type registers keep it uncached.
 */
#include "arch/i386/cpu/io.h"
#include "arch/i386/cpu/layout.h"
#include "drivers/vga.h"
#include "lib/string.h"

#define NR_CELLS (VGA_COLUMNS * VGA_ROWS)

/* What the BIOS knows (BIOS data area): mode 7 is monochrome and has its memory elsewhere. */
#define BDA_VIDEO_MODE   (KERNEL_BASE + 0x449u)
#define MODE_MONO        7
#define MEMORY_COLOUR    (KERNEL_BASE + 0xB8000u)
#define MEMORY_MONO      (KERNEL_BASE + 0xB0000u)
#define CRTC_COLOUR      0x3D4
#define CRTC_MONO        0x3B4

#define CRTC_CURSOR_HIGH 0x0E
#define CRTC_CURSOR_LOW  0x0F

#define LIGHT_GREY       0x07
#define BRIGHT           0x08
#define TAB              8u

static volatile u16 *memory; /* NULL: no screen */
static u16 crtc;
static u16 cells[NR_CELLS];
static u32 cursor; /* index of a cell; NR_CELLS: scroll before the next character */
static u32 dirty_first = NR_CELLS, dirty_end;
static u8 attribute = LIGHT_GREY;

static enum { TEXT, ESCAPE, SEQUENCE } state;
static u32 parameter; /* the number being read in a sequence */

static void mark_dirty(u32 first, u32 end)
{
	dirty_first = MIN(dirty_first, first);
	dirty_end = MAX(dirty_end, end);
}

static void put_cell(u32 at, u8 character)
{
	cells[at] = (u16)(attribute << 8 | character);
	mark_dirty(at, at + 1);
}

static void scroll(void)
{
	memmove(cells, cells + VGA_COLUMNS, (NR_CELLS - VGA_COLUMNS) * sizeof(cells[0]));
	for (u32 i = NR_CELLS - VGA_COLUMNS; i < NR_CELLS; i++)
		cells[i] = LIGHT_GREY << 8 | ' ';
	mark_dirty(0, NR_CELLS);
	cursor -= VGA_COLUMNS;
}

static void crtc_write(u8 reg, u8 value)
{
	outb(crtc, reg);
	outb(crtc + 1, value);
}

static void copy_out(void)
{
	u32 shown = MIN(cursor, NR_CELLS - 1);

	if (dirty_first < dirty_end)
		memcpy((u16 *)memory + dirty_first, cells + dirty_first,
		       (dirty_end - dirty_first) * sizeof(cells[0]));
	dirty_first = NR_CELLS;
	dirty_end = 0;
	crtc_write(CRTC_CURSOR_HIGH, shown >> 8);
	crtc_write(CRTC_CURSOR_LOW, shown);
}

static void put_char(u8 c)
{
	u32 column = cursor % VGA_COLUMNS;

	switch (c) {
	case '\n':
		cursor += VGA_COLUMNS - column;
		break;
	case '\r':
		cursor -= column;
		break;
	case '\b':
		if (column)
			cursor--;
		break;
	case '\t':
		cursor += TAB - column % TAB;
		break;
	default:
		/* UTF-8: one sign for a character that the screen does not have, nothing for its other bytes. */
		if (c < ' ' || c == 0x7F || (c >= 0x80 && c < 0xC0))
			return;
		if (cursor >= NR_CELLS)
			scroll();
		put_cell(cursor++, c < 0x80 ? c : '?');
		return;
	}
	if (cursor > NR_CELLS)
		scroll();
}

/* One number of ESC [ ... m. The terminal's colour bits are in the other order. */
static void set_colour(u32 code)
{
	static const u8 colours[8] = {0, 4, 2, 6, 1, 5, 3, 7};

	if (code == 0)
		attribute = LIGHT_GREY;
	else if (code == 1)
		attribute |= BRIGHT;
	else if (code >= 30 && code <= 37)
		attribute = (attribute & ~7) | colours[code - 30];
	else if (code == 39)
		attribute = (attribute & ~7) | LIGHT_GREY;
	else if (code >= 40 && code <= 47)
		attribute = (attribute & 0x0F) | (u8)(colours[code - 40] << 4);
	else if (code == 49)
		attribute &= 0x0F;
	else if (code >= 90 && code <= 97)
		attribute = (attribute & ~7) | BRIGHT | colours[code - 90];
}

static void sequence_char(u8 c)
{
	if (c >= '0' && c <= '9') {
		parameter = MIN(parameter * 10 + (c - '0'), 1000u);
	} else if (c == ';') {
		set_colour(parameter);
		parameter = 0;
	} else if (c >= 0x40 && c <= 0x7E) {
		if (c == 'm')
			set_colour(parameter);
		state = TEXT;
	}
}

void vga_write(const char *text, size_t len)
{
	if (!memory)
		return;
	for (size_t i = 0; i < len; i++) {
		u8 c = text[i];

		if (c == 0x1B) {
			state = ESCAPE;
		} else if (state == ESCAPE) {
			state = c == '[' ? SEQUENCE : TEXT;
			parameter = 0;
		} else if (state == SEQUENCE) {
			sequence_char(c);
		} else {
			put_char(c);
		}
	}
	copy_out();
}

/* Memory that keeps what is written to it; without a card it reads 0xFF. */
static bool memory_holds(volatile u16 *cell, u16 value)
{
	*cell = value;
	return *cell == value;
}

bool vga_probe(void)
{
	bool mono = *(volatile u8 *)BDA_VIDEO_MODE == MODE_MONO;
	volatile u16 *found = (volatile u16 *)(mono ? MEMORY_MONO : MEMORY_COLOUR);

	if (!memory_holds(found, 0x0755) || !memory_holds(found, 0x07AA))
		return false;
	memory = found;
	crtc = mono ? CRTC_MONO : CRTC_COLOUR;
	for (u32 i = 0; i < NR_CELLS; i++)
		cells[i] = LIGHT_GREY << 8 | ' ';
	mark_dirty(0, NR_CELLS);
	copy_out();
	return true;
}
