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
#include "drivers/vt_private.h"
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
#define MAX_PARAMETER 9999u

static void reset(struct vt *vt)
{
	u32 cells = vt->columns * vt->rows;

	vt->cursor = (struct vt_cursor){.foreground = VT_LIGHT_GREY};
	vt->saved = vt->cursor;
	vt->top = 0;
	vt->bottom = vt->rows;
	vt->insert_mode = vt->newline_mode = vt->screen_reverse = vt->raw_font = false;
	vt->application_keys = false;
	vt->auto_wrap = vt->cursor_visible = true;
	memset(vt->tab_stops, 0x01, sizeof(vt->tab_stops));
	vt->state = TEXT;
	vt->utf8_left = 0;
	vt_clear_cells(vt, 0, cells);
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

static void set_mode(struct vt *vt, u32 mode, bool on)
{
	if (vt->mark == '?') {
		switch (mode) {
		case 1:
			vt->application_keys = on;
			break;
		case 5:
			vt_set_screen_reverse(vt, on);
			break;
		case 6:
			vt->cursor.origin_mode = on;
			vt_move_to_row(vt, 0, 0);
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

/* A sequence with a mark after its bracket: only modes are known. */
static void marked_sequence(struct vt *vt, u8 final)
{
	if (vt->mark != '?' || (final != 'h' && final != 'l'))
		return;
	for (u32 i = 0; i < vt->nr_parameters; i++)
		set_mode(vt, vt->parameters[i], final == 'h');
}

static void move_rows(struct vt *vt, s32 by)
{
	vt_move_to(vt, vt->cursor.column, (s32)vt->cursor.row + by);
}

static bool movement(struct vt *vt, u8 final)
{
	struct vt_cursor *c = &vt->cursor;
	s32 n = vt_count(vt, 0);

	switch (final) {
	case 'A':
		move_rows(vt, -n);
		return true;
	case 'B':
	case 'e':
		move_rows(vt, n);
		return true;
	case 'C':
	case 'a':
		vt_move_to(vt, c->column + n, c->row);
		return true;
	case 'D':
		vt_move_to(vt, (s32)c->column - n, c->row);
		return true;
	case 'E':
		move_rows(vt, n);
		vt_carriage_return(vt);
		return true;
	case 'F':
		move_rows(vt, -n);
		vt_carriage_return(vt);
		return true;
	case 'G':
	case '`':
		vt_move_to(vt, n - 1, c->row);
		return true;
	case 'H':
	case 'f':
		vt_move_to_row(vt, vt_count(vt, 1) - 1, n - 1);
		return true;
	case 'd':
		vt_move_to_row(vt, c->column, n - 1);
		return true;
	case 's':
		vt->saved = vt->cursor;
		return true;
	case 'u':
		restore_cursor(vt);
		return true;
	}
	return false;
}

static bool editing(struct vt *vt, u8 final)
{
	switch (final) {
	case '@':
		vt_insert_chars(vt);
		return true;
	case 'J':
		vt_erase_display(vt);
		return true;
	case 'K':
		vt_erase_line(vt);
		return true;
	case 'L':
		vt_insert_lines(vt, true);
		return true;
	case 'M':
		vt_insert_lines(vt, false);
		return true;
	case 'P':
		vt_delete_chars(vt);
		return true;
	case 'S':
		vt_scroll_up(vt, vt->top, vt->bottom, vt_count(vt, 0));
		return true;
	case 'T':
		vt_scroll_down(vt, vt->top, vt->bottom, vt_count(vt, 0));
		return true;
	case 'X':
		vt_erase_chars(vt);
		return true;
	}
	return false;
}

/* ESC [, parameters, final */
static void sequence(struct vt *vt, u8 final)
{
	if (movement(vt, final) || editing(vt, final))
		return;
	switch (final) {
	case 'c':
		if (!vt->parameters[0])
			answer(vt, "\033[?6c"); /* a VT102 */
		break;
	case 'g':
		vt_clear_tab_stops(vt);
		break;
	case 'h':
	case 'l':
		for (u32 i = 0; i < vt->nr_parameters; i++)
			set_mode(vt, vt->parameters[i], final == 'h');
		break;
	case 'm':
		vt_set_rendition(vt);
		break;
	case 'n':
		report_status(vt);
		break;
	case 'r':
		vt_set_scroll_region(vt);
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
		vt_line_feed(vt);
		break;
	case 'E':
		vt_carriage_return(vt);
		vt_line_feed(vt);
		break;
	case 'H':
		vt->tab_stops[vt->cursor.column / 8] |= 1u << vt->cursor.column % 8;
		break;
	case 'M':
		vt_reverse_line_feed(vt);
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
		vt_tab(vt);
		break;
	case '\n':
	case '\v':
	case '\f':
		vt_line_feed(vt);
		if (vt->newline_mode)
			vt_carriage_return(vt);
		break;
	case '\r':
		vt_carriage_return(vt);
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
			vt_print(vt, VT_REPLACEMENT);
		}
		if (c == 0x1B)
			vt->state = ESCAPE;
		else
			control(vt, c);
		return;
	}
	if (vt->state == TEXT) {
		if (c != 0x7F || vt->raw_font)
			vt_put_char(vt, c);
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
			vt_fill_with_e(vt);
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
