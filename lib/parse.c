/* Numbers read from text, refusing what does not fit rather than cutting it. */
#include "lib/parse.h"
#include <asm/errno.h>

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

int parse_digits(const char **s, unsigned base, u64 *value)
{
	const char *p = *s;
	u64 result = 0;

	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] == 'x' || p[1] == 'X') &&
	    digit_value(p[2]) < 16) {
		p += 2;
		base = 16;
	}
	if (base == 0)
		base = 10;
	if (digit_value(*p) >= base)
		return -EINVAL;
	for (; digit_value(*p) < base; p++) {
		u64 next;

		if (__builtin_mul_overflow(result, (u64)base, &next) ||
		    __builtin_add_overflow(next, (u64)digit_value(*p), &result))
			return -ERANGE;
	}
	*s = p;
	*value = result;
	return 0;
}

int parse_u32(const char *s, unsigned base, u32 *value)
{
	u64 wide;
	int err = parse_digits(&s, base, &wide);

	if (err)
		return err;
	if (*s)
		return -EINVAL;
	if (wide > UINT32_MAX)
		return -ERANGE;
	*value = wide;
	return 0;
}

int parse_s32(const char *s, s32 *value)
{
	bool negative = *s == '-';
	u32 size;
	int err = parse_u32(s + (*s == '-' || *s == '+'), 10, &size);

	if (err)
		return err;
	if (size > (u32)INT32_MAX + negative)
		return -ERANGE;
	*value = (s32)(negative ? -size : size);
	return 0;
}

int parse_size(const char **s, u64 *bytes)
{
	const char *p = *s;
	unsigned shift = 0;
	u64 value;
	int err = parse_digits(&p, 0, &value);

	if (err)
		return err;
	switch (*p) {
	case 'k':
	case 'K':
		shift = 10;
		break;
	case 'm':
	case 'M':
		shift = 20;
		break;
	case 'g':
	case 'G':
		shift = 30;
		break;
	}
	if (shift) {
		p++;
		if (value >> (64 - shift))
			return -ERANGE;
	}
	*s = p;
	*bytes = value << shift;
	return 0;
}
