/* Any bytes on the screen: they stay inside it, and what pieces they come in makes no difference. */
#include "tests/fuzz/fuzz.h"
#include "drivers/vt.h"

#define COLUMNS 23u
#define ROWS    7u

static void require_sound(const struct vt *vt)
{
	u32 cells = vt->columns * vt->rows;

	REQUIRE(vt->cursor.column < vt->columns && vt->cursor.row < vt->rows);
	REQUIRE(vt->top < vt->bottom && vt->bottom <= vt->rows);
	REQUIRE(vt_cursor_cell(vt) < cells);
	REQUIRE(vt->dirty_end <= cells);
	REQUIRE(vt->nr_parameters <= VT_MAX_PARAMETERS);
}

static void take_answer(struct vt *vt, const char *text, size_t len)
{
	require_sound(vt);
	REQUIRE(len && len < 32 && text[0] == '\033');
}

static void start(struct vt *vt, u16 *cells)
{
	memset(vt, 0, sizeof(*vt));
	vt->cells = cells;
	vt->columns = COLUMNS;
	vt->rows = ROWS;
	vt->answer = take_answer;
	vt_init(vt);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u16 *whole = malloc(COLUMNS * ROWS * sizeof(u16));
	u16 *pieces = malloc(COLUMNS * ROWS * sizeof(u16));
	static struct vt a, b;

	start(&a, whole);
	start(&b, pieces);
	vt_write(&a, (const char *)data, size);
	for (size_t i = 0; i < size; i++) {
		vt_write(&b, (const char *)data + i, 1);
		require_sound(&b);
	}
	REQUIRE(!memcmp(whole, pieces, COLUMNS * ROWS * sizeof(u16)));
	REQUIRE(!memcmp(&a.cursor, &b.cursor, sizeof(a.cursor)));
	/* ESC c brings it back, whatever was before; the string that may be open ends first. */
	vt_write(&a, "\030\033c", 3);
	for (u32 i = 0; i < COLUMNS * ROWS; i++)
		REQUIRE(whole[i] == (0x0700 | ' '));
	REQUIRE(!a.cursor.row && !a.cursor.column && a.bottom == ROWS);
	free(whole);
	free(pieces);
	return 0;
}
