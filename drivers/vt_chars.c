/*
 * The characters of a terminal: UTF-8 or the screen's own font, and DEC's line drawing.
 */
#include "drivers/vt_private.h"

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
	return VT_REPLACEMENT;
}

/* DEC's line drawing, from '`' to '~'. */
static const u8 line_drawing[] = {
	0x04, 0xB1, '?',  '?',  '?',  '?',  0xF8, 0xF1, '?',  '?',  0xD9,
	0xBF, 0xDA, 0xC0, 0xC5, '~',  0xC4, 0xC4, 0xC4, '_',  0xC3, 0xB4,
	0xC1, 0xC2, 0xB3, 0xF3, 0xF2, 0xE3, '?',  0x9C, 0xFA,
};

void vt_print(struct vt *vt, u8 character)
{
	struct vt_cursor *c = &vt->cursor;
	u32 at;

	if (c->wrap_pending) {
		vt_carriage_return(vt);
		vt_line_feed(vt);
	}
	at = vt_cursor_cell(vt);
	if (vt->insert_mode && c->column + 1 < vt->columns)
		vt_move_cells(vt, at + 1, at, vt->columns - c->column - 1);
	vt->cells[at] = vt_attribute(vt, false) << 8 | character;
	vt_mark_dirty(vt, at, at + 1);
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
			vt_print(vt, VT_REPLACEMENT);
			return false;
		}
		vt->utf8_value = vt->utf8_value << 6 | (c & 0x3F);
		if (!--vt->utf8_left)
			vt_print(vt, vt->utf8_value < vt->utf8_least
					     ? VT_REPLACEMENT
					     : cell_of_unicode(vt->utf8_value));
		return true;
	}
	if (c < 0xC2 || c >= 0xF5) {
		vt_print(vt, VT_REPLACEMENT);
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
void vt_put_char(struct vt *vt, u8 c)
{
	if (vt->raw_font) {
		vt_print(vt, c);
		return;
	}
	if (vt->utf8_left || c >= 0x80) {
		if (take_utf8(vt, c))
			return;
	}
	if (vt->cursor.line_drawing[vt->cursor.charset] && c >= '`' && c <= '~')
		c = line_drawing[c - '`'];
	vt_print(vt, c);
}
