/*
 * Between the files of the terminal: vt.c takes the bytes and knows the sequences, the others do what they ask for.
 * Numbers of a sequence are taken from vt->parameters.
 */
#pragma once

#include "drivers/vt.h"

#define VT_LIGHT_GREY  7u
#define VT_REPLACEMENT '?'

/* ---- vt_screen.c ---- */
/* Cells from first up to end have changed. */
void vt_mark_dirty(struct vt *vt, u32 first, u32 end);
/* The attribute of what is printed now; of an empty cell if blank. */
u8 vt_attribute(const struct vt *vt, bool blank);
void vt_clear_cells(struct vt *vt, u32 first, u32 end);
void vt_move_cells(struct vt *vt, u32 to, u32 from, u32 count);
/* Rows from top up to bottom, by count. */
void vt_scroll_up(struct vt *vt, u32 top, u32 bottom, u32 count);
void vt_scroll_down(struct vt *vt, u32 top, u32 bottom, u32 count);
/* Clipped to the screen, or in origin mode to the rows that scroll. */
void vt_move_to(struct vt *vt, s32 column, s32 row);
/* ESC [ H and d count rows from the first that scrolls in origin mode. */
void vt_move_to_row(struct vt *vt, s32 column, s32 row);
void vt_line_feed(struct vt *vt);
void vt_reverse_line_feed(struct vt *vt);
void vt_carriage_return(struct vt *vt);
void vt_tab(struct vt *vt);
void vt_clear_tab_stops(struct vt *vt);
/* Parameter i, at least 1; what is not there is 0. */
u32 vt_count(const struct vt *vt, u32 i);
void vt_erase_display(struct vt *vt);
void vt_erase_line(struct vt *vt);
void vt_insert_chars(struct vt *vt);
void vt_delete_chars(struct vt *vt);
void vt_erase_chars(struct vt *vt);
void vt_insert_lines(struct vt *vt, bool insert);
void vt_set_scroll_region(struct vt *vt);
/* ESC # 8 */
void vt_fill_with_e(struct vt *vt);
/* DECSCNM: all cells change sides. */
void vt_set_screen_reverse(struct vt *vt, bool on);

/* ---- vt_chars.c ---- */
/* A byte that is no control character. */
void vt_put_char(struct vt *vt, u8 c);
/* One character of the screen's font. */
void vt_print(struct vt *vt, u8 character);

/* ---- vt_rendition.c ---- */
/* ESC [ ... m */
void vt_set_rendition(struct vt *vt);
