/*
 * What keys mean: scan codes of set 1 (IBM PC/AT technical reference) to what a terminal types, on a US keyboard, with
 * the sequences of Linux's console. Touches no hardware.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

#define KEYMAP_MAX_TEXT 8u

struct keymap {
	bool left_shift, right_shift, left_ctrl, right_ctrl, left_alt, right_alt;
	bool caps_lock, num_lock;
	bool extended; /* 0xE0 came */
	u32 skip;      /* bytes of the Pause key that are left */
	bool restart;  /* Ctrl-Alt-Del was pressed: for the caller to see */
	bool sysrq_on; /* Alt-SysRq was pressed, and Alt is still down */
	u8 sysrq;      /* not 0: the key that was pressed then, for the caller to see and clear */
};

/* One byte from the keyboard. application_keys: arrows send ESC O A. => the length of text, which is not terminated. */
u32 keymap_take(struct keymap *k, u8 code, bool application_keys, char text[KEYMAP_MAX_TEXT]);
