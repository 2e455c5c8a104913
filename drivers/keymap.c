/*
 * Keys. A code below 0x80 is a key that goes down, or repeats, with 0x80 added one that comes up. 0xE0 stands before the
 * keys that a PC/XT did not have; around some of them keyboards send 0xE0 with a shift key, for the XT's programs: that
 * is ignored. Pause sends 0xE1 and two codes.
 */
#include "drivers/keymap.h"
#include "lib/printf.h"
#include "lib/string.h"

#define PREFIX_EXTENDED 0xE0
#define PREFIX_PAUSE    0xE1
#define RELEASED        0x80u

enum {
	KEY_LEFT_CTRL = 0x1D,
	KEY_LEFT_SHIFT = 0x2A,
	KEY_SLASH = 0x35,
	KEY_RIGHT_SHIFT = 0x36,
	KEY_PRINT = 0x37, /* extended; else the keypad's star */
	KEY_LEFT_ALT = 0x38,
	KEY_CAPS_LOCK = 0x3A,
	KEY_F1 = 0x3B,
	KEY_F10 = 0x44,
	KEY_NUM_LOCK = 0x45,
	KEY_PAD_FIRST = 0x47, /* Home, extended or on the keypad */
	KEY_PAD_MINUS = 0x4A,
	KEY_PAD_PLUS = 0x4E,
	KEY_DELETE = 0x53,
	KEY_SYSRQ = 0x54, /* Print with Alt */
	KEY_102ND = 0x56,
	KEY_F11 = 0x57,
	KEY_F12 = 0x58,
};

#define BACKSPACE 0x7F

static const char plain[KEY_LEFT_ALT + 2] = {
	0,    27,  '1', '2', '3', '4', '5', '6', '7', '8', '9',  '0', '-', '=',  BACKSPACE,
	'\t', 'q', 'w', 'e', 'r', 't', 'y', 'u', 'i', 'o', 'p',  '[', ']', '\r', 0,
	'a',  's', 'd', 'f', 'g', 'h', 'j', 'k', 'l', ';', '\'', '`', 0,   '\\', 'z',
	'x',  'c', 'v', 'b', 'n', 'm', ',', '.', '/', 0,   '*',  0,   ' ',
};
static const char shifted[KEY_LEFT_ALT + 2] = {
	0,    27,  '!', '@', '#', '$', '%', '^', '&', '*', '(', ')', '_', '+',  BACKSPACE,
	'\t', 'Q', 'W', 'E', 'R', 'T', 'Y', 'U', 'I', 'O', 'P', '{', '}', '\r', 0,
	'A',  'S', 'D', 'F', 'G', 'H', 'J', 'K', 'L', ':', '"', '~', 0,   '|',  'Z',
	'X',  'C', 'V', 'B', 'N', 'M', '<', '>', '?', 0,   '*', 0,   ' ',
};

/* The keypad from KEY_PAD_FIRST on. A letter is an arrow's, a digit the number of ESC [ n ~. */
static const char pad_digits[] = "789-456+1230.";
static const char pad_keys[] = "1A5 D C 4B623";

static bool shift(const struct keymap *k)
{
	return k->left_shift || k->right_shift;
}
static bool ctrl(const struct keymap *k)
{
	return k->left_ctrl || k->right_ctrl;
}
static bool alt(const struct keymap *k)
{
	return k->left_alt || k->right_alt;
}

/* Whether the key only changes what others mean. */
static bool take_modifier(struct keymap *k, u8 key, bool down)
{
	switch (key) {
	case KEY_LEFT_SHIFT:
	case KEY_RIGHT_SHIFT:
		if (!k->extended)
			*(key == KEY_LEFT_SHIFT ? &k->left_shift : &k->right_shift) = down;
		return true;
	case KEY_LEFT_CTRL:
		*(k->extended ? &k->right_ctrl : &k->left_ctrl) = down;
		return true;
	case KEY_LEFT_ALT:
		*(k->extended ? &k->right_alt : &k->left_alt) = down;
		k->sysrq_on &= alt(k);
		return true;
	case KEY_CAPS_LOCK:
		k->caps_lock ^= down;
		return true;
	case KEY_NUM_LOCK:
		k->num_lock ^= down;
		return true;
	}
	return false;
}

static u32 put(char text[KEYMAP_MAX_TEXT], const char *sequence)
{
	return strlcpy(text, sequence, KEYMAP_MAX_TEXT);
}

/* F1 to F12 are number 0 to 11; with shift Linux goes on counting. */
static u32 function_key(const struct keymap *k, u32 number, char text[KEYMAP_MAX_TEXT])
{
	static const u8 codes[] = {0,  0,  0,  0,  0,  17, 18, 19, 20, 21,
				   23, 24, 25, 26, 28, 29, 31, 32, 33, 34};

	if (shift(k))
		number += 12;
	if (number >= ARRAY_SIZE(codes))
		return 0;
	if (number < 5)
		return snprintf(text, KEYMAP_MAX_TEXT, "\033[[%c", 'A' + number);
	return snprintf(text, KEYMAP_MAX_TEXT, "\033[%u~", codes[number]);
}

static u32 pad_key(struct keymap *k, u8 key, bool application_keys, char text[KEYMAP_MAX_TEXT])
{
	char c = pad_keys[key - KEY_PAD_FIRST];

	if (key == KEY_DELETE && ctrl(k) && alt(k)) {
		k->restart = true;
		return 0;
	}
	if (!k->extended &&
	    (key == KEY_PAD_MINUS || key == KEY_PAD_PLUS || k->num_lock != shift(k))) {
		text[0] = pad_digits[key - KEY_PAD_FIRST];
		return 1;
	}
	if (c == ' ')
		return 0;
	if (c >= 'A')
		return snprintf(text, KEYMAP_MAX_TEXT, "\033%c%c", application_keys ? 'O' : '[', c);
	return snprintf(text, KEYMAP_MAX_TEXT, "\033[%c~", c);
}

/* What Ctrl makes of a character, as on Linux's default map; -1: nothing. */
static int control_of(char c)
{
	if (c == BACKSPACE)
		return '\b';
	if (c >= '@' && c <= '~')
		return c & 0x1F;
	if (c >= '3' && c <= '7')
		return c - '3' + 0x1B;
	switch (c) {
	case ' ':
	case '2':
		return 0;
	case '8':
	case '?':
		return 0x7F;
	case '-':
	case '/':
		return 0x1F;
	}
	return c < ' ' ? c : -1;
}

static u32 character_key(const struct keymap *k, u8 key, char text[KEYMAP_MAX_TEXT])
{
	char c = plain[key];
	bool letter = c >= 'a' && c <= 'z';
	u32 len = 0;

	if (k->extended && key != KEY_SLASH && c != '\r')
		return 0;
	if (!k->extended && shift(k) != (letter && k->caps_lock))
		c = shifted[key];
	if (!c)
		return 0;
	if (c == '\t' && shift(k))
		return put(text, "\033[Z");
	if (ctrl(k)) {
		int control = control_of(c);

		if (control < 0)
			return 0;
		c = control;
	}
	if (alt(k))
		text[len++] = 27;
	text[len++] = c;
	return len;
}

/* Alt-SysRq, and what follows until Alt goes up. => whether the key was one of these. */
static bool take_sysrq(struct keymap *k, u8 key)
{
	if (key == KEY_SYSRQ) {
		k->sysrq_on = alt(k);
		return true;
	}
	if (k->sysrq_on && key < ARRAY_SIZE(plain))
		k->sysrq = plain[key];
	return k->sysrq_on;
}

static u32 take_key(struct keymap *k, u8 key, bool application_keys, char text[KEYMAP_MAX_TEXT])
{
	if (take_sysrq(k, key))
		return 0;
	if (key >= KEY_PAD_FIRST && key <= KEY_DELETE)
		return pad_key(k, key, application_keys, text);
	if (key < ARRAY_SIZE(plain))
		return character_key(k, key, text);
	if (k->extended)
		return 0;
	if (key >= KEY_F1 && key <= KEY_F10)
		return function_key(k, key - KEY_F1, text);
	if (key == KEY_F11 || key == KEY_F12)
		return function_key(k, 10 + key - KEY_F11, text);
	if (key == KEY_102ND)
		return put(text, shift(k) ? ">" : "<");
	return 0;
}

u32 keymap_take(struct keymap *k, u8 code, bool application_keys, char text[KEYMAP_MAX_TEXT])
{
	u32 len = 0;

	if (k->skip) {
		k->skip--;
		return 0;
	}
	if (code == PREFIX_EXTENDED) {
		k->extended = true;
		return 0;
	}
	if (code == PREFIX_PAUSE)
		k->skip = 2;
	else if (!take_modifier(k, code & ~RELEASED, !(code & RELEASED)) && !(code & RELEASED))
		len = take_key(k, code, application_keys, text);
	k->extended = false;
	return len;
}
