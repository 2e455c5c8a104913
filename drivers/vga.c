/*
 * The text screen (IBM VGA technical reference): a terminal (vt.c) whose cells are shown. The card's memory is written and,
 * after the probe, never read: that is slow on every card. What changed is copied out at the end of each write.
 *
 * The memory is used through the direct map, so the screen works from the first instruction to the last, whatever became of
 * the memory manager; the firmware's memory type registers keep it uncached.
 */
#include "drivers/vga.h"
#include "arch/i386/cpu/io.h"
#include "arch/i386/cpu/layout.h"
#include "drivers/vt.h"
#include "lib/string.h"

#define NR_CELLS (VGA_COLUMNS * VGA_ROWS)

/* What the BIOS knows (BIOS data area): mode 7 is monochrome and has its memory elsewhere. */
#define BDA_VIDEO_MODE    (KERNEL_BASE + 0x449u)
#define MODE_MONO         7
#define MEMORY_COLOUR     (KERNEL_BASE + 0xB8000u)
#define MEMORY_MONO       (KERNEL_BASE + 0xB0000u)
#define CRTC_COLOUR       0x3D4
#define CRTC_MONO         0x3B4

#define CRTC_CURSOR_START 0x0A
#define CURSOR_OFF        0x20 /* in the start register; 0: the cursor fills a cell */
#define CURSOR_LINES      0x0D
#define CRTC_CURSOR_HIGH  0x0E
#define CRTC_CURSOR_LOW   0x0F

static volatile u16 *memory; /* NULL: no screen */
static u16 crtc;
static u16 cells[NR_CELLS];
static struct vt vt = {.cells = cells, .columns = VGA_COLUMNS, .rows = VGA_ROWS};
static bool cursor_shown = true;
static void (*give_answer)(const char *text, size_t len);

static void crtc_write(u8 reg, u8 value)
{
	outb(crtc, reg);
	outb(crtc + 1, value);
}

static void copy_out(void)
{
	u32 cursor = vt_cursor_cell(&vt);

	if (vt.dirty_first < vt.dirty_end)
		memcpy((u16 *)memory + vt.dirty_first, cells + vt.dirty_first,
		       (vt.dirty_end - vt.dirty_first) * sizeof(cells[0]));
	vt.dirty_first = NR_CELLS;
	vt.dirty_end = 0;
	crtc_write(CRTC_CURSOR_HIGH, cursor >> 8);
	crtc_write(CRTC_CURSOR_LOW, cursor);
	if (vt.cursor_visible != cursor_shown) {
		cursor_shown = vt.cursor_visible;
		crtc_write(CRTC_CURSOR_START, cursor_shown ? CURSOR_LINES : CURSOR_OFF);
	}
}

void vga_write(const char *text, size_t len)
{
	if (!memory)
		return;
	vt_write(&vt, text, len);
	copy_out();
}

static void answer(struct vt *from __maybe_unused, const char *text, size_t len)
{
	if (give_answer)
		give_answer(text, len);
}

void vga_set_answer(void (*fn)(const char *text, size_t len))
{
	give_answer = fn;
}

bool vga_application_keys(void)
{
	return vt.application_keys;
}

/* Memory that keeps what is written to it; without a card it reads 0xFF. */
static bool memory_holds(volatile u16 *cell, u16 value)
{
	*cell = value;
	return *cell == value;
}

/* Without a card there may be memory all the same; the cursor's place is kept by every controller. */
static bool cursor_register_holds(u8 value)
{
	crtc_write(CRTC_CURSOR_LOW, value);
	return inb(crtc + 1) == value;
}

bool vga_probe(void)
{
	bool mono = *(volatile u8 *)BDA_VIDEO_MODE == MODE_MONO;
	volatile u16 *found = (volatile u16 *)(mono ? MEMORY_MONO : MEMORY_COLOUR);

	if (!memory_holds(found, 0x0755) || !memory_holds(found, 0x07AA))
		return false;
	crtc = mono ? CRTC_MONO : CRTC_COLOUR;
	if (!cursor_register_holds(0x55) || !cursor_register_holds(0xAA))
		return false;
	memory = found;
	vt.monochrome = mono;
	vt.answer = answer;
	vt_init(&vt);
	copy_out();
	return true;
}
