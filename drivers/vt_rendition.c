/*
 * How a terminal shows what is printed next: ESC [ ... m.
 */
#include "drivers/vt_private.h"

/* The terminal's colours have red in bit 0, the screen's in bit 2. */
static const u8 colours[8] = {0, 4, 2, 6, 1, 5, 3, 7};

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
		c->foreground = VT_LIGHT_GREY;
	} else if (code == 49) {
		c->background = 0;
	}
}

/* ESC [ ... m */
void vt_set_rendition(struct vt *vt)
{
	struct vt_cursor *c = &vt->cursor;

	for (u32 i = 0; i < vt->nr_parameters; i++) {
		switch (vt->parameters[i]) {
		case 0:
			c->foreground = VT_LIGHT_GREY;
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
