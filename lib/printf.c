/* Text formatting: one pass over the format, every piece through emit(), which knows the bound. */
#include "lib/printf.h"
#include "lib/math64.h"
#include "lib/string.h"

const char *(*symbol_lookup)(vaddr_t addr, u32 *offset);

enum {
	FLAG_LEFT = 1,
	FLAG_ZERO = 2,
	FLAG_PLUS = 4,
	FLAG_SPACE = 8,
	FLAG_ALT = 16,
	FLAG_UPPER = 32,
};

struct output {
	char *buf;
	size_t size;
	size_t len; /* of the whole text, written or not */
};

struct spec {
	unsigned flags;
	int width;
	int precision; /* -1: none given */
};

static void emit(struct output *out, char c)
{
	if (out->len < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void emit_many(struct output *out, char c, int count)
{
	for (; count > 0; count--)
		emit(out, c);
}

static void emit_text(struct output *out, const struct spec *spec, const char *text)
{
	size_t max = spec->precision >= 0 ? (size_t)spec->precision : SIZE_MAX;
	int len, i;

	if (!text)
		text = "(null)";
	len = strnlen(text, max);
	if (!(spec->flags & FLAG_LEFT))
		emit_many(out, ' ', spec->width - len);
	for (i = 0; i < len; i++)
		emit(out, text[i]);
	if (spec->flags & FLAG_LEFT)
		emit_many(out, ' ', spec->width - len);
}

/* Layout of a number: [spaces][sign or 0x][zeroes][digits][spaces]. */
static void emit_number(struct output *out, const struct spec *spec, u64 value, unsigned base,
			char sign)
{
	const char *digits = spec->flags & FLAG_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[24]; /* 2^64 has 22 octal digits */
	bool prefix = (spec->flags & FLAG_ALT) && base == 16 && value;
	int len = 0, zeroes = 0, total;

	for (; value; len++) {
		u32 digit;

		value = div_u64_rem(value, base, &digit);
		text[len] = digits[digit];
	}
	if (!len && spec->precision != 0)
		text[len++] = '0';
	if (spec->precision > len)
		zeroes = spec->precision - len;
	if ((spec->flags & FLAG_ALT) && base == 8 && !zeroes && (!len || text[len - 1] != '0'))
		zeroes = 1;
	total = len + zeroes + (sign ? 1 : 0) + (prefix ? 2 : 0);
	if ((spec->flags & FLAG_ZERO) && !(spec->flags & FLAG_LEFT) && spec->precision < 0 &&
	    spec->width > total) {
		zeroes += spec->width - total;
		total = spec->width;
	}
	if (!(spec->flags & FLAG_LEFT))
		emit_many(out, ' ', spec->width - total);
	if (sign)
		emit(out, sign);
	if (prefix) {
		emit(out, '0');
		emit(out, spec->flags & FLAG_UPPER ? 'X' : 'x');
	}
	emit_many(out, '0', zeroes);
	while (len)
		emit(out, text[--len]);
	if (spec->flags & FLAG_LEFT)
		emit_many(out, ' ', spec->width - total);
}

static void emit_pointer(struct output *out, struct spec *spec, uintptr_t addr, bool symbol)
{
	const char *name;
	u32 offset = 0;
	char text[64];

	if (symbol && symbol_lookup) {
		name = symbol_lookup(addr, &offset);
		if (name) {
			scnprintf(text, sizeof(text), "%s+0x%x", name, offset);
			emit_text(out, spec, text);
			return;
		}
	}
	scnprintf(text, sizeof(text), "0x%08x", (u32)addr);
	emit_text(out, spec, text);
}

static const char *parse_flags(const char *fmt, unsigned *flags)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			*flags |= FLAG_LEFT;
			break;
		case '0':
			*flags |= FLAG_ZERO;
			break;
		case '+':
			*flags |= FLAG_PLUS;
			break;
		case ' ':
			*flags |= FLAG_SPACE;
			break;
		case '#':
			*flags |= FLAG_ALT;
			break;
		default:
			return fmt;
		}
	}
}

static const char *parse_decimal(const char *fmt, int *value)
{
	*value = 0;
	for (; *fmt >= '0' && *fmt <= '9'; fmt++) {
		if (*value < 100000)
			*value = *value * 10 + (*fmt - '0');
	}
	return fmt;
}

/* The size letters as a number: 2 for ll, 1 for l, z and t, 0 for none, -1 for h, -2 for hh. */
static const char *parse_length(const char *fmt, int *length)
{
	*length = 0;
	for (;; fmt++) {
		if (*fmt == 'l')
			++*length;
		else if (*fmt == 'h')
			--*length;
		else if (*fmt == 'z' || *fmt == 't')
			*length = 1;
		else
			return fmt;
	}
}

static u64 cut_unsigned(u64 value, int length)
{
	if (length == -1)
		return (u16)value;
	if (length <= -2)
		return (u8)value;
	return value;
}

static s64 cut_signed(s64 value, int length)
{
	if (length == -1)
		return (s16)value;
	if (length <= -2)
		return (s8)value;
	return value;
}

static void emit_signed(struct output *out, struct spec *spec, s64 value)
{
	if (value < 0)
		emit_number(out, spec, -(u64)value, 10, '-');
	else if (spec->flags & FLAG_PLUS)
		emit_number(out, spec, value, 10, '+');
	else
		emit_number(out, spec, value, 10, spec->flags & FLAG_SPACE ? ' ' : 0);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct output out = {.buf = buf, .size = size};
	va_list ap;

	va_copy(ap, args);
	while (*fmt) {
		struct spec spec = {.precision = -1};
		unsigned base = 10;
		char one[2] = "";
		int length;
		s64 signed_value;
		u64 value;

		if (*fmt != '%') {
			emit(&out, *fmt++);
			continue;
		}
		fmt = parse_flags(fmt + 1, &spec.flags);
		if (*fmt == '*') {
			spec.width = va_arg(ap, int);
			fmt++;
			if (spec.width < 0) {
				spec.flags |= FLAG_LEFT;
				spec.width = -spec.width;
			}
		} else {
			fmt = parse_decimal(fmt, &spec.width);
		}
		if (*fmt == '.') {
			if (*++fmt == '*') {
				spec.precision = va_arg(ap, int);
				fmt++;
				if (spec.precision < 0)
					spec.precision = -1;
			} else {
				fmt = parse_decimal(fmt, &spec.precision);
			}
		}
		fmt = parse_length(fmt, &length);
		switch (*fmt) {
		case 'd':
		case 'i':
			signed_value = length >= 2 ? va_arg(ap, s64) : va_arg(ap, int);
			emit_signed(&out, &spec, cut_signed(signed_value, length));
			break;
		case 'X':
			spec.flags |= FLAG_UPPER;
			fallthrough;
		case 'x':
		case 'o':
		case 'u':
			base = *fmt == 'u' ? 10 : *fmt == 'o' ? 8 : 16;
			value = length >= 2 ? va_arg(ap, u64) : va_arg(ap, unsigned);
			emit_number(&out, &spec, cut_unsigned(value, length), base, 0);
			break;
		case 'c':
			one[0] = va_arg(ap, int);
			if (one[0]) {
				spec.precision = -1;
				emit_text(&out, &spec, one);
			} else {
				emit(&out, '\0');
			}
			break;
		case 's':
			emit_text(&out, &spec, va_arg(ap, const char *));
			break;
		case 'p':
			spec.precision = -1;
			emit_pointer(&out, &spec, (uintptr_t)va_arg(ap, void *), fmt[1] == 'S');
			if (fmt[1] == 'S')
				fmt++;
			break;
		case '%':
			emit(&out, '%');
			break;
		case '\0':
			fmt--; /* a lone % at the end: leave the NUL to the loop */
			break;
		default:
			emit(&out, '%');
			emit(&out, *fmt);
			break;
		}
		fmt++;
	}
	va_end(ap);
	if (size)
		buf[out.len < size ? out.len : size - 1] = '\0';
	return out.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	size_t len = vsnprintf(buf, size, fmt, args);

	if (len < size)
		return len;
	return size ? size - 1 : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
