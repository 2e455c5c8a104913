/*
 * The screen of a terminal: cells, the cursor's movements, scrolling, and what erases, inserts and deletes.
 */
#include "drivers/vt_private.h"
#include "lib/string.h"

#define UNDERLINE_FG 3u /* what a colour screen shows instead; Linux's choices */
#define ITALIC_FG    2u
#define HALF_FG      8u

/* ---- cells ---- */

void vt_mark_dirty(struct vt *vt, u32 first, u32 end)
{
	vt->dirty_first = MIN(vt->dirty_first, first);
	vt->dirty_end = MAX(vt->dirty_end, end);
}

u8 vt_attribute(const struct vt *vt, bool blank)
{
	const struct vt_cursor *c = &vt->cursor;
	u8 intensity = blank ? VT_NORMAL : c->intensity;
	bool reverse = (!blank && c->reverse) != vt->screen_reverse;
	u8 a = c->background << 4 | c->foreground;

	if (vt->monochrome)
		return (reverse                  ? 0x70
			: !blank && c->underline ? 0x01
						 : 0x07) |
		       (intensity == VT_BOLD ? 0x08 : 0);
	if (!blank && c->italic)
		a = (a & 0xF0) | ITALIC_FG;
	else if (!blank && c->underline)
		a = (a & 0xF0) | UNDERLINE_FG;
	else if (intensity == VT_HALF)
		a = (a & 0xF0) | HALF_FG;
	if (reverse)
		a = (a & 0x88) | ((a >> 4 | a << 4) & 0x77);
	if (!blank && c->blink)
		a ^= 0x80;
	if (intensity == VT_BOLD)
		a ^= 0x08;
	return a;
}

static u16 blank(const struct vt *vt)
{
	return vt_attribute(vt, true) << 8 | ' ';
}

void vt_clear_cells(struct vt *vt, u32 first, u32 end)
{
	u16 cell = blank(vt);

	for (u32 i = first; i < end; i++)
		vt->cells[i] = cell;
	if (first < end)
		vt_mark_dirty(vt, first, end);
}

void vt_move_cells(struct vt *vt, u32 to, u32 from, u32 count)
{
	memmove(vt->cells + to, vt->cells + from, count * sizeof(vt->cells[0]));
	vt_mark_dirty(vt, to, to + count);
}

/* Rows [top, bottom) move up by count; blank ones come in below. */
void vt_scroll_up(struct vt *vt, u32 top, u32 bottom, u32 count)
{
	count = MIN(count, bottom - top);
	vt_move_cells(vt, top * vt->columns, (top + count) * vt->columns,
		      (bottom - top - count) * vt->columns);
	vt_clear_cells(vt, (bottom - count) * vt->columns, bottom * vt->columns);
}

void vt_scroll_down(struct vt *vt, u32 top, u32 bottom, u32 count)
{
	count = MIN(count, bottom - top);
	vt_move_cells(vt, (top + count) * vt->columns, top * vt->columns,
		      (bottom - top - count) * vt->columns);
	vt_clear_cells(vt, top * vt->columns, (top + count) * vt->columns);
}

u32 vt_cursor_cell(const struct vt *vt)
{
	return vt->cursor.row * vt->columns + vt->cursor.column;
}

/* ---- the cursor ---- */

/* Clipped to the screen, or in origin mode to the rows that scroll. Negative numbers come as large ones of s32. */
void vt_move_to(struct vt *vt, s32 column, s32 row)
{
	s32 top = vt->cursor.origin_mode ? vt->top : 0;
	s32 bottom = vt->cursor.origin_mode ? vt->bottom : vt->rows;

	vt->cursor.column = column < 0 ? 0 : MIN(column, (s32)vt->columns - 1);
	vt->cursor.row = row < top ? top : MIN(row, bottom - 1);
	vt->cursor.wrap_pending = false;
}

/* ESC [ H and d count rows from the first that scrolls in origin mode. */
void vt_move_to_row(struct vt *vt, s32 column, s32 row)
{
	vt_move_to(vt, column, vt->cursor.origin_mode ? row + (s32)vt->top : row);
}

void vt_line_feed(struct vt *vt)
{
	if (vt->cursor.row + 1 == vt->bottom)
		vt_scroll_up(vt, vt->top, vt->bottom, 1);
	else if (vt->cursor.row + 1 < vt->rows)
		vt->cursor.row++;
	vt->cursor.wrap_pending = false;
}

void vt_reverse_line_feed(struct vt *vt)
{
	if (vt->cursor.row == vt->top)
		vt_scroll_down(vt, vt->top, vt->bottom, 1);
	else if (vt->cursor.row)
		vt->cursor.row--;
	vt->cursor.wrap_pending = false;
}

void vt_carriage_return(struct vt *vt)
{
	vt->cursor.column = 0;
	vt->cursor.wrap_pending = false;
}

static bool is_tab_stop(const struct vt *vt, u32 column)
{
	return vt->tab_stops[column / 8] & 1u << column % 8;
}

void vt_tab(struct vt *vt)
{
	u32 column = vt->cursor.column;

	while (column < vt->columns - 1)
		if (is_tab_stop(vt, ++column))
			break;
	vt->cursor.column = column;
	vt->cursor.wrap_pending = false;
}

/* ---- editing ---- */

/* Parameter i, at least 1; what is not there is 0. */
u32 vt_count(const struct vt *vt, u32 i)
{
	return MAX(vt->parameters[i], 1u);
}

void vt_erase_display(struct vt *vt)
{
	u32 at = vt_cursor_cell(vt), cells = vt->columns * vt->rows;

	switch (vt->parameters[0]) {
	case 0:
		vt_clear_cells(vt, at, cells);
		break;
	case 1:
		vt_clear_cells(vt, 0, at + 1);
		break;
	case 2:
	case 3:
		vt_clear_cells(vt, 0, cells);
		break;
	}
	vt->cursor.wrap_pending = false;
}

void vt_erase_line(struct vt *vt)
{
	u32 start = vt->cursor.row * vt->columns, at = vt_cursor_cell(vt);

	switch (vt->parameters[0]) {
	case 0:
		vt_clear_cells(vt, at, start + vt->columns);
		break;
	case 1:
		vt_clear_cells(vt, start, at + 1);
		break;
	case 2:
		vt_clear_cells(vt, start, start + vt->columns);
		break;
	}
	vt->cursor.wrap_pending = false;
}

void vt_insert_chars(struct vt *vt)
{
	u32 at = vt_cursor_cell(vt), left = vt->columns - vt->cursor.column;
	u32 n = MIN(vt_count(vt, 0), left);

	vt_move_cells(vt, at + n, at, left - n);
	vt_clear_cells(vt, at, at + n);
	vt->cursor.wrap_pending = false;
}

void vt_delete_chars(struct vt *vt)
{
	u32 at = vt_cursor_cell(vt), left = vt->columns - vt->cursor.column;
	u32 n = MIN(vt_count(vt, 0), left);

	vt_move_cells(vt, at, at + n, left - n);
	vt_clear_cells(vt, at + left - n, at + left);
	vt->cursor.wrap_pending = false;
}

void vt_erase_chars(struct vt *vt)
{
	u32 at = vt_cursor_cell(vt);

	vt_clear_cells(vt, at, at + MIN(vt_count(vt, 0), vt->columns - vt->cursor.column));
	vt->cursor.wrap_pending = false;
}

/* The rows below the cursor scroll with it if it is among those that scroll. */
void vt_insert_lines(struct vt *vt, bool insert)
{
	u32 row = vt->cursor.row;

	if (row < vt->top || row >= vt->bottom)
		return;
	if (insert)
		vt_scroll_down(vt, row, vt->bottom, vt_count(vt, 0));
	else
		vt_scroll_up(vt, row, vt->bottom, vt_count(vt, 0));
	vt->cursor.wrap_pending = false;
}

void vt_set_scroll_region(struct vt *vt)
{
	u32 top = vt_count(vt, 0);
	u32 bottom = vt->parameters[1] ? vt->parameters[1] : vt->rows;

	if (top >= bottom || bottom > vt->rows)
		return;
	vt->top = top - 1;
	vt->bottom = bottom;
	vt_move_to_row(vt, 0, 0);
}

/* ESC # 8 */
void vt_fill_with_e(struct vt *vt)
{
	u32 cells = vt->columns * vt->rows;

	for (u32 i = 0; i < cells; i++)
		vt->cells[i] = vt_attribute(vt, true) << 8 | 'E';
	vt_mark_dirty(vt, 0, cells);
}

void vt_clear_tab_stops(struct vt *vt)
{
	u32 column = vt->cursor.column;

	if (vt->parameters[0] == 0)
		vt->tab_stops[column / 8] &= ~(1u << column % 8);
	else if (vt->parameters[0] == 3)
		memset(vt->tab_stops, 0, sizeof(vt->tab_stops));
}

/* DECSCNM: all cells change sides. */
void vt_set_screen_reverse(struct vt *vt, bool on)
{
	u32 cells = vt->columns * vt->rows;

	if (vt->screen_reverse == on)
		return;
	vt->screen_reverse = on;
	for (u32 i = 0; i < cells; i++) {
		u16 cell = vt->cells[i];

		vt->cells[i] = (cell & 0x88FF) | (cell & 0x7000) >> 4 | (cell & 0x0700) << 4;
	}
	vt_mark_dirty(vt, 0, cells);
}
