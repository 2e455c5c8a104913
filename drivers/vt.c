/*
 * The terminal that programs know as TERM=linux (console_codes(4); ECMA-48; DEC VT102).
 *
 * Characters are printed; control characters act at once, also inside a sequence; ESC begins one:
 *
 *	ESC c                     a function, c alone
 *	ESC ( c  ESC ) c  ESC # c ESC % c
 *	ESC [ ? 1 ; 22 c          parameters, at most VT_MAX_PARAMETERS; the mark ? belongs to other meanings of c
 *	ESC ] ... BEL or ESC \    a string, which is dropped; ESC ] P sets a colour and ESC ] R resets them: dropped
 *
 * What is not known is passed over as a whole and changes nothing. Rows and columns are counted from 0 here.
 */
#include "drivers/vt.h"
#include "lib/printf.h"
#include "lib/string.h"

enum {
	TEXT,
	ESCAPE,
	BRACKET,      /* ESC [ and nothing else yet */
	PARAMETERS,   /* its numbers */
	PASS_OVER,    /* the rest of a sequence that is not known */
	FUNCTION_KEY, /* ESC [ [ c */
	HASH,
	PERCENT,
	CHARSET_0,
	CHARSET_1,
	STRING_START,
	PALETTE, /* ESC ] P and seven digits, which PALETTE + n still wants */
	STRING = PALETTE + 8,
	STRING_ESCAPE,
};

#define TAB           8u
#define LIGHT_GREY    7u
#define UNDERLINE_FG  3u /* what a colour screen shows instead; Linux's choices */
#define ITALIC_FG     2u
#define HALF_FG       8u
#define REPLACEMENT   '?'
#define MAX_PARAMETER 9999u

/* The terminal's colours have red in bit 0, the screen's in bit 2. */
static const u8 colours[8] = {0, 4, 2, 6, 1, 5, 3, 7};

/* ---- cells ---- */

static void mark_dirty(struct vt *vt, u32 first, u32 end)
{
	vt->dirty_first = MIN(vt->dirty_first, first);
	vt->dirty_end = MAX(vt->dirty_end, end);
}

static u8 attribute(const struct vt *vt, bool blank)
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
	return attribute(vt, true) << 8 | ' ';
}

static void clear_cells(struct vt *vt, u32 first, u32 end)
{
	u16 cell = blank(vt);

	for (u32 i = first; i < end; i++)
		vt->cells[i] = cell;
	if (first < end)
		mark_dirty(vt, first, end);
}

static void move_cells(struct vt *vt, u32 to, u32 from, u32 count)
{
	memmove(vt->cells + to, vt->cells + from, count * sizeof(vt->cells[0]));
	mark_dirty(vt, to, to + count);
}

/* Rows [top, bottom) move up by count; blank ones come in below. */
static void scroll_up(struct vt *vt, u32 top, u32 bottom, u32 count)
{
	count = MIN(count, bottom - top);
	move_cells(vt, top * vt->columns, (top + count) * vt->columns,
		   (bottom - top - count) * vt->columns);
	clear_cells(vt, (bottom - count) * vt->columns, bottom * vt->columns);
}

static void scroll_down(struct vt *vt, u32 top, u32 bottom, u32 count)
{
	count = MIN(count, bottom - top);
	move_cells(vt, (top + count) * vt->columns, top * vt->columns,
		   (bottom - top - count) * vt->columns);
	clear_cells(vt, top * vt->columns, (top + count) * vt->columns);
}

u32 vt_cursor_cell(const struct vt *vt)
{
	return vt->cursor.row * vt->columns + vt->cursor.column;
}

/* ---- the cursor ---- */

/* Clipped to the screen, or in origin mode to the rows that scroll. Negative numbers come as large ones of s32. */
static void move_to(struct vt *vt, s32 column, s32 row)
{
	s32 top = vt->cursor.origin_mode ? vt->top : 0;
	s32 bottom = vt->cursor.origin_mode ? vt->bottom : vt->rows;

	vt->cursor.column = column < 0 ? 0 : MIN(column, (s32)vt->columns - 1);
	vt->cursor.row = row < top ? top : MIN(row, bottom - 1);
	vt->cursor.wrap_pending = false;
}

/* ESC [ H and d count rows from the first that scrolls in origin mode. */
static void move_to_row(struct vt *vt, s32 column, s32 row)
{
	move_to(vt, column, vt->cursor.origin_mode ? row + (s32)vt->top : row);
}

static void move_rows(struct vt *vt, s32 by)
{
	move_to(vt, vt->cursor.column, (s32)vt->cursor.row + by);
}

static void line_feed(struct vt *vt)
{
	if (vt->cursor.row + 1 == vt->bottom)
		scroll_up(vt, vt->top, vt->bottom, 1);
	else if (vt->cursor.row + 1 < vt->rows)
		vt->cursor.row++;
	vt->cursor.wrap_pending = false;
}

static void reverse_line_feed(struct vt *vt)
{
	if (vt->cursor.row == vt->top)
		scroll_down(vt, vt->top, vt->bottom, 1);
	else if (vt->cursor.row)
		vt->cursor.row--;
	vt->cursor.wrap_pending = false;
}

static void carriage_return(struct vt *vt)
{
	vt->cursor.column = 0;
	vt->cursor.wrap_pending = false;
}

static bool is_tab_stop(const struct vt *vt, u32 column)
{
	return vt->tab_stops[column / 8] & 1u << column % 8;
}

static void tab(struct vt *vt)
{
	u32 column = vt->cursor.column;

	while (column < vt->columns - 1)
		if (is_tab_stop(vt, ++column))
			break;
	vt->cursor.column = column;
	vt->cursor.wrap_pending = false;
}

/* ---- characters ---- */

/* The upper half of code page 437, which is what a PC's text screen has. */
static const u16 code_page[128] = {
	0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8,
	0x00EF, 0x00EE, 0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2,
	0x00FB, 0x00F9, 0x00FF, 0x00D6, 0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1,
	0x00ED, 0x00F3, 0x00FA, 0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD,
	0x00BC, 0x00A1, 0x00AB, 0x00BB, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562,
	0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534,
	0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560,
	0x2550, 0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256B,
	0x256A, 0x2518, 0x250C, 0x2588, 0x2584, 0x258C, 0x2590, 0x2580, 0x03B1, 0x00DF, 0x0393,
	0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398, 0x03A9, 0x03B4, 0x221E, 0x03C6,
	0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7, 0x2248, 0x00B0,
	0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0,
};
/* Some that programs use and that it has nearly, or among its first 32. */
static const struct {
	u16 unicode;
	u8 cell;
} alike[] = {
	{0x2010, '-'},  {0x2011, '-'},  {0x2012, '-'},  {0x2013, '-'},  {0x2014, '-'},
	{0x2018, '\''}, {0x2019, '\''}, {0x201C, '"'},  {0x201D, '"'},  {0x2022, 0x07},
	{0x2026, '.'},  {0x2190, 0x1B}, {0x2191, 0x18}, {0x2192, 0x1A}, {0x2193, 0x19},
	{0x25B2, 0x1E}, {0x25BA, 0x10}, {0x25BC, 0x1F}, {0x25C4, 0x11}, {0x25C6, 0x04},
	{0x2666, 0x04}, {0x2665, 0x03},
};

static u8 cell_of_unicode(u32 value)
{
	if (value < 0x80)
		return value;
	for (u32 i = 0; i < ARRAY_SIZE(code_page); i++)
		if (code_page[i] == value)
			return 0x80 + i;
	for (u32 i = 0; i < ARRAY_SIZE(alike); i++)
		if (alike[i].unicode == value)
			return alike[i].cell;
	return REPLACEMENT;
}

/* DEC's line drawing, from '`' to '~'. */
static const u8 line_drawing[] = {
	0x04, 0xB1, '?',  '?',  '?',  '?',  0xF8, 0xF1, '?',  '?',  0xD9,
	0xBF, 0xDA, 0xC0, 0xC5, '~',  0xC4, 0xC4, 0xC4, '_',  0xC3, 0xB4,
	0xC1, 0xC2, 0xB3, 0xF3, 0xF2, 0xE3, '?',  0x9C, 0xFA,
};

static void print(struct vt *vt, u8 character)
{
	struct vt_cursor *c = &vt->cursor;
	u32 at;

	if (c->wrap_pending) {
		carriage_return(vt);
		line_feed(vt);
	}
	at = vt_cursor_cell(vt);
	if (vt->insert_mode && c->column + 1 < vt->columns)
		move_cells(vt, at + 1, at, vt->columns - c->column - 1);
	vt->cells[at] = attribute(vt, false) << 8 | character;
	mark_dirty(vt, at, at + 1);
	if (c->column + 1 < vt->columns)
		c->column++;
	else
		c->wrap_pending = vt->auto_wrap;
}

/* UTF-8. What is none shows as one sign, and what broke it off counts for itself. => whether c was used up. */
static bool take_utf8(struct vt *vt, u8 c)
{
	if (vt->utf8_left) {
		if ((c & 0xC0) != 0x80) {
			vt->utf8_left = 0;
			print(vt, REPLACEMENT);
			return false;
		}
		vt->utf8_value = vt->utf8_value << 6 | (c & 0x3F);
		if (!--vt->utf8_left)
			print(vt, vt->utf8_value < vt->utf8_least
					  ? REPLACEMENT
					  : cell_of_unicode(vt->utf8_value));
		return true;
	}
	if (c < 0xC2 || c >= 0xF5) {
		print(vt, REPLACEMENT);
	} else if (c < 0xE0) {
		vt->utf8_left = 1;
		vt->utf8_value = c & 0x1F;
		vt->utf8_least = 0x80;
	} else if (c < 0xF0) {
		vt->utf8_left = 2;
		vt->utf8_value = c & 0x0F;
		vt->utf8_least = 0x800;
	} else {
		vt->utf8_left = 3;
		vt->utf8_value = c & 0x07;
		vt->utf8_least = 0x10000;
	}
	return true;
}

/* A byte that is no control character. */
static void put_char(struct vt *vt, u8 c)
{
	if (vt->raw_font) {
		print(vt, c);
		return;
	}
	if (vt->utf8_left || c >= 0x80) {
		if (take_utf8(vt, c))
			return;
	}
	if (vt->cursor.line_drawing[vt->cursor.charset] && c >= '`' && c <= '~')
		c = line_drawing[c - '`'];
	print(vt, c);
}

/* ---- sequences ---- */

static void reset(struct vt *vt)
{
	u32 cells = vt->columns * vt->rows;

	vt->cursor = (struct vt_cursor){.foreground = LIGHT_GREY};
	vt->saved = vt->cursor;
	vt->top = 0;
	vt->bottom = vt->rows;
	vt->insert_mode = vt->newline_mode = vt->screen_reverse = vt->raw_font = false;
	vt->application_keys = false;
	vt->auto_wrap = vt->cursor_visible = true;
	memset(vt->tab_stops, 0x01, sizeof(vt->tab_stops));
	vt->state = TEXT;
	vt->utf8_left = 0;
	clear_cells(vt, 0, cells);
}

static void restore_cursor(struct vt *vt)
{
	vt->cursor = vt->saved;
}

static void answer(struct vt *vt, const char *text)
{
	if (vt->answer)
		vt->answer(vt, text, strlen(text));
}

static void report_status(struct vt *vt)
{
	char text[32];

	if (vt->parameters[0] == 5) {
		answer(vt, "\033[0n");
	} else if (vt->parameters[0] == 6) {
		u32 first = vt->cursor.origin_mode ? vt->top : 0;

		snprintf(text, sizeof(text), "\033[%u;%uR", vt->cursor.row - first + 1,
			 vt->cursor.column + 1);
		answer(vt, text);
	}
}

/* ESC # 8 */
static void fill_with_e(struct vt *vt)
{
	u32 cells = vt->columns * vt->rows;

	for (u32 i = 0; i < cells; i++)
		vt->cells[i] = attribute(vt, true) << 8 | 'E';
	mark_dirty(vt, 0, cells);
}

/* Parameter i, at least 1; what is not there is 0. */
static u32 count(const struct vt *vt, u32 i)
{
	return MAX(vt->parameters[i], 1u);
}

static void erase_display(struct vt *vt)
{
	u32 at = vt_cursor_cell(vt), cells = vt->columns * vt->rows;

	switch (vt->parameters[0]) {
	case 0:
		clear_cells(vt, at, cells);
		break;
	case 1:
		clear_cells(vt, 0, at + 1);
		break;
	case 2:
	case 3:
		clear_cells(vt, 0, cells);
		break;
	}
	vt->cursor.wrap_pending = false;
}

static void erase_line(struct vt *vt)
{
	u32 start = vt->cursor.row * vt->columns, at = vt_cursor_cell(vt);

	switch (vt->parameters[0]) {
	case 0:
		clear_cells(vt, at, start + vt->columns);
		break;
	case 1:
		clear_cells(vt, start, at + 1);
		break;
	case 2:
		clear_cells(vt, start, start + vt->columns);
		break;
	}
	vt->cursor.wrap_pending = false;
}

static void insert_chars(struct vt *vt)
{
	u32 at = vt_cursor_cell(vt), left = vt->columns - vt->cursor.column;
	u32 n = MIN(count(vt, 0), left);

	move_cells(vt, at + n, at, left - n);
	clear_cells(vt, at, at + n);
	vt->cursor.wrap_pending = false;
}

static void delete_chars(struct vt *vt)
{
	u32 at = vt_cursor_cell(vt), left = vt->columns - vt->cursor.column;
	u32 n = MIN(count(vt, 0), left);

	move_cells(vt, at, at + n, left - n);
	clear_cells(vt, at + left - n, at + left);
	vt->cursor.wrap_pending = false;
}

static void erase_chars(struct vt *vt)
{
	u32 at = vt_cursor_cell(vt);

	clear_cells(vt, at, at + MIN(count(vt, 0), vt->columns - vt->cursor.column));
	vt->cursor.wrap_pending = false;
}

/* The rows below the cursor scroll with it if it is among those that scroll. */
static void insert_lines(struct vt *vt, bool insert)
{
	u32 row = vt->cursor.row;

	if (row < vt->top || row >= vt->bottom)
		return;
	if (insert)
		scroll_down(vt, row, vt->bottom, count(vt, 0));
	else
		scroll_up(vt, row, vt->bottom, count(vt, 0));
	vt->cursor.wrap_pending = false;
}

static void set_scroll_region(struct vt *vt)
{
	u32 top = count(vt, 0);
	u32 bottom = vt->parameters[1] ? vt->parameters[1] : vt->rows;

	if (top >= bottom || bottom > vt->rows)
		return;
	vt->top = top - 1;
	vt->bottom = bottom;
	move_to_row(vt, 0, 0);
}

/* The nearest of 16 colours, as Linux chooses it. => bits of the screen; *bold: the bright half. */
static u8 nearest_colour(u32 red, u32 green, u32 blue, bool *bold)
{
	u32 max = MAX(red, MAX(green, blue));
	u8 hue = (red > max / 2 ? 4 : 0) | (green > max / 2 ? 2 : 0) | (blue > max / 2 ? 1 : 0);

	*bold = max > 0xAA;
	if (hue == 7 && max <= 0x55) {
		hue = 0;
		*bold = true;
	}
	return hue;
}

/* 0-15 are the terminal's own, then a cube of 6 levels a side, then greys. */
static u8 colour_of_256(u32 n, bool *bold)
{
	*bold = false;
	if (n < 16) {
		*bold = n >= 8;
		return colours[n % 8];
	}
	if (n < 232) {
		n -= 16;
		return nearest_colour(n / 36 * 51, n / 6 % 6 * 51, n % 6 * 51, bold);
	}
	n = MIN((n - 232) * 10 + 8, 255u);
	return nearest_colour(n, n, n, bold);
}

/* 38 and 48: 5;n or 2;r;g;b follow at *i, which is moved to the last of them. */
static void set_long_colour(struct vt *vt, u32 *i, bool foreground)
{
	const u32 *p = vt->parameters;
	bool bold;
	u8 colour;

	if (*i + 2 < vt->nr_parameters && p[*i + 1] == 5) {
		colour = colour_of_256(p[*i + 2], &bold);
		*i += 2;
	} else if (*i + 4 < vt->nr_parameters && p[*i + 1] == 2) {
		colour = nearest_colour(p[*i + 2], p[*i + 3], p[*i + 4], &bold);
		*i += 4;
	} else {
		*i = vt->nr_parameters;
		return;
	}
	if (foreground) {
		vt->cursor.foreground = colour;
		vt->cursor.intensity = bold ? VT_BOLD : VT_NORMAL;
	} else {
		vt->cursor.background = colour;
	}
}

static void set_colour(struct vt *vt, u32 code)
{
	struct vt_cursor *c = &vt->cursor;

	if (code >= 30 && code <= 37) {
		c->foreground = colours[code - 30];
	} else if (code >= 40 && code <= 47) {
		c->background = colours[code - 40];
	} else if (code >= 90 && code <= 97) {
		c->foreground = colours[code - 90];
		c->intensity = VT_BOLD;
	} else if (code >= 100 && code <= 107) {
		c->background = colours[code - 100];
	} else if (code == 39) {
		c->foreground = LIGHT_GREY;
	} else if (code == 49) {
		c->background = 0;
	}
}

/* ESC [ ... m */
static void set_rendition(struct vt *vt)
{
	struct vt_cursor *c = &vt->cursor;

	for (u32 i = 0; i < vt->nr_parameters; i++) {
		switch (vt->parameters[i]) {
		case 0:
			c->foreground = LIGHT_GREY;
			c->background = 0;
			c->intensity = VT_NORMAL;
			c->underline = c->blink = c->reverse = c->italic = false;
			break;
		case 1:
			c->intensity = VT_BOLD;
			break;
		case 2:
			c->intensity = VT_HALF;
			break;
		case 3:
			c->italic = true;
			break;
		case 4:
		case 21: /* doubly */
			c->underline = true;
			break;
		case 5:
			c->blink = true;
			break;
		case 7:
			c->reverse = true;
			break;
		case 10: /* fonts: the usual one, and twice the screen's own characters */
			vt->raw_font = false;
			break;
		case 11:
		case 12:
			vt->raw_font = true;
			break;
		case 22:
			c->intensity = VT_NORMAL;
			break;
		case 23:
			c->italic = false;
			break;
		case 24:
			c->underline = false;
			break;
		case 25:
			c->blink = false;
			break;
		case 27:
			c->reverse = false;
			break;
		case 38:
			set_long_colour(vt, &i, true);
			break;
		case 48:
			set_long_colour(vt, &i, false);
			break;
		default:
			set_colour(vt, vt->parameters[i]);
		}
	}
}

/* DECSCNM: all cells change sides. */
static void set_screen_reverse(struct vt *vt, bool on)
{
	u32 cells = vt->columns * vt->rows;

	if (vt->screen_reverse == on)
		return;
	vt->screen_reverse = on;
	for (u32 i = 0; i < cells; i++) {
		u16 cell = vt->cells[i];

		vt->cells[i] = (cell & 0x88FF) | (cell & 0x7000) >> 4 | (cell & 0x0700) << 4;
	}
	mark_dirty(vt, 0, cells);
}

static void set_mode(struct vt *vt, u32 mode, bool on)
{
	if (vt->mark == '?') {
		switch (mode) {
		case 1:
			vt->application_keys = on;
			break;
		case 5:
			set_screen_reverse(vt, on);
			break;
		case 6:
			vt->cursor.origin_mode = on;
			move_to_row(vt, 0, 0);
			break;
		case 7:
			vt->auto_wrap = on;
			break;
		case 25:
			vt->cursor_visible = on;
			break;
		}
	} else if (mode == 4) {
		vt->insert_mode = on;
	} else if (mode == 20) {
		vt->newline_mode = on;
	}
}

static void clear_tab_stops(struct vt *vt)
{
	u32 column = vt->cursor.column;

	if (vt->parameters[0] == 0)
		vt->tab_stops[column / 8] &= ~(1u << column % 8);
	else if (vt->parameters[0] == 3)
		memset(vt->tab_stops, 0, sizeof(vt->tab_stops));
}

/* A sequence with a mark after its bracket: only modes are known. */
static void marked_sequence(struct vt *vt, u8 final)
{
	if (vt->mark != '?' || (final != 'h' && final != 'l'))
		return;
	for (u32 i = 0; i < vt->nr_parameters; i++)
		set_mode(vt, vt->parameters[i], final == 'h');
}

static void sequence(struct vt *vt, u8 final)
{
	struct vt_cursor *c = &vt->cursor;
	s32 n = count(vt, 0);

	switch (final) {
	case '@':
		insert_chars(vt);
		break;
	case 'A':
		move_rows(vt, -n);
		break;
	case 'B':
	case 'e':
		move_rows(vt, n);
		break;
	case 'C':
	case 'a':
		move_to(vt, c->column + n, c->row);
		break;
	case 'D':
		move_to(vt, (s32)c->column - n, c->row);
		break;
	case 'E':
		move_rows(vt, n);
		carriage_return(vt);
		break;
	case 'F':
		move_rows(vt, -n);
		carriage_return(vt);
		break;
	case 'G':
	case '`':
		move_to(vt, n - 1, c->row);
		break;
	case 'H':
	case 'f':
		move_to_row(vt, count(vt, 1) - 1, n - 1);
		break;
	case 'J':
		erase_display(vt);
		break;
	case 'K':
		erase_line(vt);
		break;
	case 'L':
		insert_lines(vt, true);
		break;
	case 'M':
		insert_lines(vt, false);
		break;
	case 'P':
		delete_chars(vt);
		break;
	case 'S':
		scroll_up(vt, vt->top, vt->bottom, n);
		break;
	case 'T':
		scroll_down(vt, vt->top, vt->bottom, n);
		break;
	case 'X':
		erase_chars(vt);
		break;
	case 'c':
		if (!vt->parameters[0])
			answer(vt, "\033[?6c"); /* a VT102 */
		break;
	case 'd':
		move_to_row(vt, c->column, n - 1);
		break;
	case 'g':
		clear_tab_stops(vt);
		break;
	case 'h':
	case 'l':
		for (u32 i = 0; i < vt->nr_parameters; i++)
			set_mode(vt, vt->parameters[i], final == 'h');
		break;
	case 'm':
		set_rendition(vt);
		break;
	case 'n':
		report_status(vt);
		break;
	case 'r':
		set_scroll_region(vt);
		break;
	case 's':
		vt->saved = vt->cursor;
		break;
	case 'u':
		restore_cursor(vt);
		break;
	}
}

static void start_sequence(struct vt *vt)
{
	memset(vt->parameters, 0, sizeof(vt->parameters));
	vt->nr_parameters = 1;
	vt->mark = 0;
	vt->state = BRACKET;
}

static void parameter_char(struct vt *vt, u8 c)
{
	u32 *last = &vt->parameters[vt->nr_parameters - 1];

	if (c >= '0' && c <= '9') {
		*last = MIN(*last * 10 + (c - '0'), MAX_PARAMETER);
	} else if (c == ';' || c == ':') {
		if (vt->nr_parameters < VT_MAX_PARAMETERS)
			vt->nr_parameters++;
		else
			vt->state = PASS_OVER;
	} else if (c >= 0x40) {
		vt->state = TEXT;
		if (vt->mark)
			marked_sequence(vt, c);
		else
			sequence(vt, c);
	} else {
		vt->state = PASS_OVER;
	}
}

static void bracket_char(struct vt *vt, u8 c)
{
	vt->state = PARAMETERS;
	if (c == '[')
		vt->state = FUNCTION_KEY;
	else if (c >= '<' && c <= '?')
		vt->mark = c;
	else
		parameter_char(vt, c);
}

static void escape_char(struct vt *vt, u8 c)
{
	vt->state = TEXT;
	switch (c) {
	case '[':
		start_sequence(vt);
		break;
	case ']':
		vt->state = STRING_START;
		break;
	case 'P': /* DCS, PM, APC: strings for devices that this is not */
	case '^':
	case '_':
		vt->state = STRING;
		break;
	case '#':
		vt->state = HASH;
		break;
	case '%':
		vt->state = PERCENT;
		break;
	case '(':
		vt->state = CHARSET_0;
		break;
	case ')':
		vt->state = CHARSET_1;
		break;
	case '7':
		vt->saved = vt->cursor;
		break;
	case '8':
		restore_cursor(vt);
		break;
	case 'D':
		line_feed(vt);
		break;
	case 'E':
		carriage_return(vt);
		line_feed(vt);
		break;
	case 'H':
		vt->tab_stops[vt->cursor.column / 8] |= 1u << vt->cursor.column % 8;
		break;
	case 'M':
		reverse_line_feed(vt);
		break;
	case 'Z':
		answer(vt, "\033[?6c");
		break;
	case 'c':
		reset(vt);
		break;
	}
}

static void string_start_char(struct vt *vt, u8 c)
{
	if (c == 'P')
		vt->state = PALETTE + 7;
	else
		vt->state = c == 'R' ? TEXT : STRING;
}

/* Control characters, but ESC. */
static void control(struct vt *vt, u8 c)
{
	switch (c) {
	case '\b':
		if (vt->cursor.column)
			vt->cursor.column--;
		vt->cursor.wrap_pending = false;
		break;
	case '\t':
		tab(vt);
		break;
	case '\n':
	case '\v':
	case '\f':
		line_feed(vt);
		if (vt->newline_mode)
			carriage_return(vt);
		break;
	case '\r':
		carriage_return(vt);
		break;
	case 0x0E:
	case 0x0F:
		vt->cursor.charset = c == 0x0E;
		break;
	case 0x18:
	case 0x1A:
		vt->state = TEXT;
		break;
	}
}

static void string_char(struct vt *vt, u8 c)
{
	if (c == 0x1B)
		vt->state = STRING_ESCAPE;
	else if (c == 0x07 || c == 0x18 || c == 0x1A || vt->state == STRING_ESCAPE)
		vt->state = TEXT;
}

static void take(struct vt *vt, u8 c)
{
	if (vt->state >= STRING) {
		string_char(vt, c);
		return;
	}
	/* The screen's own font has signs for most control characters; these still act. */
	if (c < ' ' && !(vt->raw_font && vt->state == TEXT && !(0x0800F501u >> c & 1))) {
		if (vt->utf8_left) {
			vt->utf8_left = 0;
			print(vt, REPLACEMENT);
		}
		if (c == 0x1B)
			vt->state = ESCAPE;
		else
			control(vt, c);
		return;
	}
	if (vt->state == TEXT) {
		if (c != 0x7F || vt->raw_font)
			put_char(vt, c);
		return;
	}
	switch (vt->state) {
	case ESCAPE:
		escape_char(vt, c);
		break;
	case BRACKET:
		bracket_char(vt, c);
		break;
	case PARAMETERS:
		parameter_char(vt, c);
		break;
	case PASS_OVER:
		if (c >= 0x40)
			vt->state = TEXT;
		break;
	case HASH:
		if (c == '8')
			fill_with_e(vt);
		vt->state = TEXT;
		break;
	case CHARSET_0:
	case CHARSET_1:
		vt->cursor.line_drawing[vt->state - CHARSET_0] = c == '0';
		vt->state = TEXT;
		break;
	case STRING_START:
		string_start_char(vt, c);
		break;
	default:
		if (vt->state > PALETTE + 1)
			vt->state--;
		else
			vt->state = TEXT; /* PERCENT, FUNCTION_KEY, the palette's last digit */
	}
}

void vt_init(struct vt *vt)
{
	vt->dirty_first = vt->columns * vt->rows;
	vt->dirty_end = 0;
	reset(vt);
}

void vt_write(struct vt *vt, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		take(vt, text[i]);
}
