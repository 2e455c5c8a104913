/*
 * The screen's terminal. Single things are checked one by one; then a model of it, which knows operations and not their
 * sequences, is given the same random ones.
 */
#include "tests/host/check.h"
#include "drivers/vt.h"

#define COLUMNS 20u
#define ROWS    6u
#define NORMAL  0x07

static u16 cells[COLUMNS * ROWS + 2]; /* one before and one after, which stay as they are */
static struct vt vt;
static char answers[256];

static void keep_answer(struct vt *from __maybe_unused, const char *text, size_t len)
{
	strncat(answers, text, len);
}

static void start(void)
{
	memset(cells, 0xEE, sizeof(cells));
	memset(&vt, 0, sizeof(vt));
	vt.cells = cells + 1;
	vt.columns = COLUMNS;
	vt.rows = ROWS;
	vt.answer = keep_answer;
	answers[0] = '\0';
	vt_init(&vt);
}

static void write_text(const char *text)
{
	vt_write(&vt, text, strlen(text));
	CHECK_EQ(cells[0], 0xEEEE);
	CHECK_EQ(cells[COLUMNS * ROWS + 1], 0xEEEE);
}

static const char *row(u32 r)
{
	static char text[COLUMNS + 1];
	u32 len = COLUMNS;

	for (u32 i = 0; i < COLUMNS; i++)
		text[i] = vt.cells[r * COLUMNS + i];
	while (len && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
	return text;
}

static u32 attribute_at(u32 r, u32 column)
{
	return vt.cells[r * COLUMNS + column] >> 8;
}

static void check_cursor(u32 r, u32 column)
{
	CHECK_EQ(vt.cursor.row, r);
	CHECK_EQ(vt.cursor.column, column);
}

TEST(text_wraps_only_when_there_is_more)
{
	start();
	write_text("12345678901234567890");
	check_cursor(0, 19);
	write_text("\r\nx");
	CHECK_STR(row(1), "x");
	write_text("\033[1;20Hab");
	CHECK_STR(row(0), "1234567890123456789a");
	CHECK_STR(row(1), "b");
	write_text("\033[?7l\033[1;20Hcd");
	CHECK_STR(row(0), "1234567890123456789d");
}

TEST(line_feed_goes_down_only)
{
	start();
	write_text("ab\ncd\033[20h\nef");
	CHECK_STR(row(1), "  cd");
	CHECK_STR(row(2), "ef");
}

TEST(a_region_scrolls_alone)
{
	start();
	write_text("a\r\nb\r\nc\r\nd\r\ne\r\nf\033[2;4r");
	check_cursor(0, 0);
	write_text("\033[4;1H\nx");
	CHECK_STR(row(0), "a");
	CHECK_STR(row(1), "c");
	CHECK_STR(row(2), "d");
	CHECK_STR(row(3), "x");
	CHECK_STR(row(4), "e");
	write_text("\033[2;1H\033My");
	CHECK_STR(row(1), "y");
	CHECK_STR(row(2), "c");
	CHECK_STR(row(4), "e");
	/* origin mode counts from its first row and stays inside */
	write_text("\033[?6h\033[99;1Hz\033[1;1H");
	CHECK_STR(row(3), "z");
	check_cursor(1, 0);
	write_text("\033[?6l\033[r\033[6;1H\n");
	CHECK_STR(row(0), "y");
}

TEST(lines_and_characters_come_and_go)
{
	start();
	write_text("abcdef\033[1;3H\033[2@");
	CHECK_STR(row(0), "ab  cdef");
	write_text("\033[3P");
	CHECK_STR(row(0), "abdef");
	write_text("\033[2X");
	CHECK_STR(row(0), "ab  f");
	write_text("\033[4hxy\033[4l");
	CHECK_STR(row(0), "abxy  f");
	write_text("\033[2;1Hsecond\033[1;1H\033[L");
	CHECK_STR(row(0), "");
	CHECK_STR(row(1), "abxy  f");
	write_text("\033[2M");
	CHECK_STR(row(0), "second");
	write_text("\033[1;4H\033[1K");
	CHECK_STR(row(0), "    nd");
	write_text("\033[K");
	CHECK_STR(row(0), "");
	write_text("\0337abc\0338X\033[s\033[5;5H\033[uY");
	CHECK_STR(row(0), "   XYc");
}

TEST(colours_are_those_of_the_screen)
{
	static const struct {
		const char *sequence;
		u32 attribute;
	} cases[] = {
		{"", 0x07},
		{"\033[31m", 0x04},
		{"\033[1;34m", 0x09},
		{"\033[44;33m", 0x16},
		{"\033[7m", 0x70},
		{"\033[7;27m", 0x07},
		{"\033[1;37;41m", 0x4F},
		{"\033[31;42;39;49m", 0x07},
		{"\033[5;32m", 0x82},
		{"\033[92m", 0x0A},
		{"\033[38;5;9m", 0x0C},
		{"\033[38;5;196m", 0x0C},
		{"\033[38;2;0;0;160m", 0x01},
		{"\033[48;5;4m", 0x17},
		{"\033[38;5m\033[31m", 0x04},
		{"\033[1m\033[m", 0x07},
		{"\033[4m", 0x03},
		{"\033[2m", 0x08},
		{"\033[97;22m", 0x07},
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		write_text(cases[i].sequence);
		write_text("x");
		if (attribute_at(0, 0) != cases[i].attribute)
			FAIL("case %u: %02x", i, attribute_at(0, 0));
	}
	/* erasing paints the background */
	start();
	write_text("\033[44m\033[2J");
	CHECK_EQ(attribute_at(5, 19), 0x17);
}

TEST(characters_outside_ascii)
{
	start();
	write_text(
		"\303\251\342\224\200\342\202\254\360\237\230\200"); /* e acute, line, euro, a smile */
	CHECK_EQ(vt.cells[0] & 0xFF, 0x82);
	CHECK_EQ(vt.cells[1] & 0xFF, 0xC4);
	CHECK_EQ(vt.cells[2] & 0xFF, '?');
	CHECK_EQ(vt.cells[3] & 0xFF, '?');
	check_cursor(0, 4);
	/* broken off, over-long, out of place */
	write_text("\r\303x\300\200\200\342\r");
	CHECK_STR(row(0), "?x????");
	/* line drawing, as vt100 and as linux have it */
	write_text("\033[2;1H\033(0lqk\033(B\033[11m\332\304\277\033[10mq\033)0\016x\017x");
	CHECK(!memcmp((u8[]){vt.cells[20], vt.cells[21], vt.cells[22], vt.cells[23], vt.cells[24],
			     vt.cells[25], vt.cells[26], vt.cells[27], vt.cells[28]},
		      "\332\304\277\332\304\277q\263x", 9));
}

TEST(what_is_not_known_is_passed_over)
{
	static const char *const texts[] = {
		"\033[?1049h",
		"\033]0;a title\007",
		"\033]0;a title\033\\",
		"\033P1;2qxyz\033\\",
		"\033[>4;2m",
		"\033[!p",
		"\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18m",
		"\033]P7aabbcc",
		"\033]R",
		"\033%G",
		"\033[[A",
		"\033=",
		"\033>",
		"\033[99999999999999999z",
		"\033\033[q",
		"\033[12\030",
		"\007\177",
	};

	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		start();
		write_text("a");
		write_text(texts[i]);
		write_text("b");
		if (strcmp(row(0), "ab") || attribute_at(0, 1) != NORMAL)
			FAIL("case %u: \"%s\"", i, row(0));
	}
	start();
	write_text("\033[2;\r\n5Hx"); /* control characters act inside a sequence */
	CHECK_STR(row(1), "    x");
}

TEST(questions_are_answered)
{
	start();
	write_text("\033[3;7H\033[6n\033[5n\033[c");
	CHECK_STR(answers, "\033[3;7R\033[0n\033[?6c");
}

TEST(the_cursor_and_the_keys_are_told_of)
{
	start();
	CHECK(vt.cursor_visible && !vt.application_keys);
	write_text("\033[?25;1l\033[?1h");
	CHECK(!vt.cursor_visible && vt.application_keys);
	write_text("\033c");
	CHECK(vt.cursor_visible && !vt.application_keys);
}

TEST(tab_stops)
{
	start();
	write_text("\ta\033[1;4H\033H\r\tb\033[3g\r\tc");
	CHECK_STR(row(0), "   b    a          c");
}

/* ---- the model ---- */

static struct {
	u16 cell[ROWS][COLUMNS];
	u32 row, column, top, bottom;
	bool pending, insert;
	u8 attribute;
} m;

static void model_clear(u32 r, u32 from, u32 to)
{
	for (u32 i = from; i < to; i++)
		m.cell[r][i] = (m.attribute & 0x70) << 8 | 0x0700 | ' ';
}

static void model_roll(u32 top, u32 bottom, bool up)
{
	for (u32 i = 0; i + 1 < bottom - top; i++) {
		u32 to = up ? top + i : bottom - 1 - i;

		memcpy(m.cell[to], m.cell[up ? to + 1 : to - 1], sizeof(m.cell[0]));
	}
	model_clear(up ? bottom - 1 : top, 0, COLUMNS);
}

static void model_down(void)
{
	if (m.row == m.bottom - 1)
		model_roll(m.top, m.bottom, true);
	else if (m.row < ROWS - 1)
		m.row++;
}

static void model_print(char c)
{
	if (m.pending) {
		m.column = 0;
		model_down();
	}
	m.pending = false;
	if (m.insert)
		for (u32 i = COLUMNS - 1; i > m.column; i--)
			m.cell[m.row][i] = m.cell[m.row][i - 1];
	m.cell[m.row][m.column] = m.attribute << 8 | c;
	if (m.column == COLUMNS - 1)
		m.pending = true;
	else
		m.column++;
}

static void both(u32 op, u32 a, u32 b)
{
	char text[64];

	text[0] = '\0';
	switch (op) {
	case 0:
		snprintf(text, sizeof(text), "%c", 'a' + a % 26);
		model_print('a' + a % 26);
		break;
	case 1:
		snprintf(text, sizeof(text), "\r\n");
		m.column = 0;
		m.pending = false;
		model_down();
		break;
	case 2: /* to a place, perhaps outside */
		snprintf(text, sizeof(text), "\033[%u;%uH", a % 9, b % 25);
		m.row = MIN(MAX(a % 9, 1u), ROWS) - 1;
		m.column = MIN(MAX(b % 25, 1u), COLUMNS) - 1;
		m.pending = false;
		break;
	case 3:
		snprintf(text, sizeof(text), "\033[%uJ", a % 3);
		for (u32 r = 0; r < ROWS; r++)
			for (u32 i = 0; i < COLUMNS; i++) {
				u32 at = r * COLUMNS + i, here = m.row * COLUMNS + m.column;

				if (a % 3 == 2 || (a % 3 ? at <= here : at >= here))
					model_clear(r, i, i + 1);
			}
		m.pending = false;
		break;
	case 4:
		snprintf(text, sizeof(text), "\033[%uK", a % 3);
		model_clear(m.row, a % 3 ? 0 : m.column, a % 3 == 1 ? m.column + 1 : COLUMNS);
		m.pending = false;
		break;
	case 5:
	case 6: /* lines */
		snprintf(text, sizeof(text), "\033[%u%c", a % 8, op == 5 ? 'L' : 'M');
		if (m.row >= m.top && m.row < m.bottom) {
			for (u32 n = MAX(a % 8, 1u); n; n--)
				model_roll(m.row, m.bottom, op == 6);
			m.pending = false;
		}
		break;
	case 7:
	case 8: /* characters */
		snprintf(text, sizeof(text), "\033[%u%c", a % 24, op == 7 ? '@' : 'P');
		for (u32 n = MAX(a % 24, 1u); n; n--) {
			u16 *r = m.cell[m.row];

			if (op == 7) {
				memmove(r + m.column + 1, r + m.column,
					(COLUMNS - m.column - 1) * sizeof(*r));
				model_clear(m.row, m.column, m.column + 1);
			} else {
				memmove(r + m.column, r + m.column + 1,
					(COLUMNS - m.column - 1) * sizeof(*r));
				model_clear(m.row, COLUMNS - 1, COLUMNS);
			}
		}
		m.pending = false;
		break;
	case 9: /* region */
		snprintf(text, sizeof(text), "\033[%u;%ur", a % ROWS, b % (ROWS + 3));
		a = MAX(a % ROWS, 1u);
		b = b % (ROWS + 3) ? b % (ROWS + 3) : ROWS;
		if (a < b && b <= ROWS) {
			m.top = a - 1;
			m.bottom = b;
			m.row = m.column = 0;
			m.pending = false;
		}
		break;
	case 10:
		snprintf(text, sizeof(text), "\033[0;%um", 40 + a % 2);
		m.attribute = a % 2 ? 0x47 : 0x07;
		break;
	case 11:
		snprintf(text, sizeof(text), "\033M");
		if (m.row == m.top)
			model_roll(m.top, m.bottom, false);
		else if (m.row)
			m.row--;
		m.pending = false;
		break;
	case 12:
		snprintf(text, sizeof(text), "\033[4%c", a % 2 ? 'h' : 'l');
		m.insert = a % 2;
		break;
	case 13: /* one direction */
		snprintf(text, sizeof(text), "\033[%u%c", b % 7, "ABCD"[a % 4]);
		for (u32 n = MAX(b % 7, 1u); n; n--) {
			m.row -= a % 4 == 0 && m.row;
			m.row += a % 4 == 1 && m.row < ROWS - 1;
			m.column += a % 4 == 2 && m.column < COLUMNS - 1;
			m.column -= a % 4 == 3 && m.column;
		}
		m.pending = false;
		break;
	}
	/* In pieces, as programs' buffers are. */
	for (u32 at = 0, len = strlen(text); at < len;) {
		u32 n = MIN(1 + test_rand_below(5), len - at);

		vt_write(&vt, text + at, n);
		at += n;
	}
}

TEST(it_does_what_the_model_does)
{
	start();
	memset(&m, 0, sizeof(m));
	m.attribute = NORMAL;
	m.bottom = ROWS;
	for (u32 r = 0; r < ROWS; r++)
		model_clear(r, 0, COLUMNS);
	for (u32 i = 0; i < test_rounds(100000); i++) {
		static u16 shown[ROWS * COLUMNS];
		u32 op = test_rand_below(3) ? 0 : test_rand_below(14);

		both(op, test_rand_below(1000), test_rand_below(1000));
		if (memcmp(m.cell, vt.cells, sizeof(m.cell)) || m.row != vt.cursor.row ||
		    m.column != vt.cursor.column || m.pending != vt.cursor.wrap_pending)
			FAIL("round %u, operation %u: \"%s\", cursor %u %u, not %u %u", i, op,
			     row(m.row), vt.cursor.row, vt.cursor.column, m.row, m.column);
		/* Copying only what is marked shows everything. */
		if (vt.dirty_first < vt.dirty_end)
			memcpy(shown + vt.dirty_first, vt.cells + vt.dirty_first,
			       (vt.dirty_end - vt.dirty_first) * 2);
		vt.dirty_first = ROWS * COLUMNS;
		vt.dirty_end = 0;
		CHECK(!memcmp(shown, vt.cells, sizeof(shown)));
	}
	CHECK_EQ(cells[0], 0xEEEE);
	CHECK_EQ(cells[COLUMNS * ROWS + 1], 0xEEEE);
}
